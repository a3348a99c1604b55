package report

import (
	"cmp"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
)

// An htmlGroup is a group's table. The heading is empty for sites without a
// group that stand alone.
type htmlGroup struct {
	Heading, Score string
	Sites, Shown   int
	Preload        bool     // there is a column of the preload list
	Places         []string // headings of the vantage points' columns
	// Rows makes each row when the page has come to it: not all of a page that
	// may turn out to be too long.
	Rows iter.Seq[htmlRow]
	// Footnotes are the list's notes on these sites.
	Footnotes iter.Seq[string]
}

// htmlGroups returns the tables and how many rows are in them all. A group of
// which nothing is shown has no table.
func htmlGroups(results []audit.Result, places viewpoints, t *Tally, show func(audit.Result) bool, opt Options, d detail) (groups []htmlGroup, shown int) {
	members := make(map[string][]audit.Result, len(t.Groups))
	var all []audit.Result
	for i := range results {
		if shown < d.rows && show(results[i]) {
			all = append(all, results[i])
			shown++
		}
	}
	for _, r := range all {
		members[r.Group] = append(members[r.Group], r)
	}
	numbers := newFootnotes(all)
	for _, s := range t.Groups {
		sites := members[s.Group]
		if len(sites) == 0 {
			continue
		}
		g := htmlGroup{Score: s.String(), Sites: s.Sites(), Shown: len(sites), Preload: t.Total.Preloaded > 0, Places: places.headings()}
		if len(t.Groups) > 1 || strings.TrimSpace(s.Group) != "" {
			g.Heading = visible(groupName(s.Group), d.name)
		}
		g.Rows = func(yield func(htmlRow) bool) {
			for _, r := range sites {
				row := newHTMLRow(r, waived(r, opt), d)
				row.Mark = strings.TrimSpace(numbers.mark(r.Note))
				row.Seen = htmlSeen(r, places)
				row.Columns = 5 + len(row.Seen)
				if t.Total.Preloaded > 0 {
					row.Columns++
					row.Preloaded = preloadWord(r)
				}
				if !yield(row) {
					return
				}
			}
		}
		g.Footnotes = func(yield func(string) bool) {
			for _, note := range numbers.of(sites) {
				if !yield(numbers.number(note) + " " + visible(note, d.text)) {
					return
				}
			}
		}
		groups = append(groups, g)
	}
	return groups, shown
}

// An htmlRow is one site. What does not fit a cell stands in what it opens to.
type htmlRow struct {
	Class, Verdict string
	Name           string
	Mark           string // the number of the note on it; empty without one
	Link           string // the URL, if it is a web address
	URL            string // without https://
	Policy         string
	MaxAge         string // in seconds, to sort by; empty without a policy
	Preloaded      string // empty where there is no such column
	Seen           []seenFrom
	Columns        int
	Worst          htmlFinding
	MoreFindings   int // besides the worst

	Opens     bool
	Whole     string // the URL, where URL is not all of it
	Error     string
	Header    []string
	Findings  []htmlFinding
	Waived    []string
	Exchanges []htmlExchange
	Left      string // what of these is left out
}

// A seenFrom is what one vantage point makes of a site.
type seenFrom struct{ Place, Class, Word string }

func htmlSeen(r audit.Result, places viewpoints) []seenFrom {
	var seen []seenFrom
	names := places.headings()
	for i, word := range places.words(r) {
		seen = append(seen, seenFrom{names[i], verdictClass(places.seen[r.ID][i]), word})
	}
	return seen
}

type htmlFinding struct {
	Severity string
	Title    string
	Message  string
	Fix      string // the ID of a rule that the page explains
	Line     string // of configuration that fixes it, where the server is known
}

func newHTMLRow(r audit.Result, waived []audit.Finding, d detail) htmlRow {
	row := htmlRow{
		Class: verdictClass(r.Verdict), Verdict: visible(verdictWord(r.Verdict), d.name),
		Name: visible(siteName(r), d.name), Link: webAddress(r.URL, d.url),
		Worst: worst(r, d), MoreFindings: max(len(r.Findings)-1, 0), Opens: d.opened,
	}
	if row.Worst.Severity == notJudged {
		row.MoreFindings = len(r.Findings)
	}
	row.setPolicy(r)
	const shown = 80 // characters of a URL in a cell
	row.URL = shorten(visible(strings.TrimPrefix(r.URL, "https://"), d.url), min(shown, d.url))
	if !d.opened {
		return row
	}
	if whole := visible(r.URL, d.url); strings.TrimPrefix(whole, "https://") != row.URL {
		row.Whole = whole
	}
	if r.Error != nil {
		row.Error = visible(r.Error.Message, d.text)
	}
	for _, h := range r.Header {
		row.Header = append(row.Header, visible(h, d.text))
	}
	for _, f := range r.Findings {
		if f.Waived == nil {
			shown := newHTMLFinding(f, d)
			shown.Line = visible(r.FixLine(f), d.text)
			row.Findings = append(row.Findings, shown)
		}
	}
	for _, f := range waived {
		row.Waived = append(row.Waived, visible(waiverText(f), d.text))
	}
	for _, x := range r.Exchanges {
		row.Exchanges = append(row.Exchanges, newHTMLExchange(x, d))
	}
	row.keep(d.each)
	return row
}

// keep leaves out what is more than so many of each, and says so.
func (row *htmlRow) keep(most int) {
	var left []string
	note := func(n int, noun string) {
		if n > most {
			left = append(left, text.Plural(n-most, noun))
		}
	}
	note(len(row.Header), "field")
	note(len(row.Findings), "finding")
	note(len(row.Waived), "waiver")
	note(len(row.Exchanges), "exchange")
	row.Header = row.Header[:min(len(row.Header), most)]
	row.Findings = row.Findings[:min(len(row.Findings), most)]
	row.Waived = row.Waived[:min(len(row.Waived), most)]
	row.Exchanges = row.Exchanges[:min(len(row.Exchanges), most)]
	row.Left = strings.Join(left, ", ")
}

// setPolicy says what covers the listed host.
func (row *htmlRow) setPolicy(r audit.Result) {
	row.Policy = "no policy"
	if r.Verdict == audit.Unknown {
		row.Policy = "policy not known"
	}
	if p := r.Policy; p != nil {
		row.Policy, row.MaxAge = inWords(*p), fmt.Sprint(p.MaxAge)
	} else if covered(&r) {
		if p, ok := r.Effective(); ok {
			row.Policy, row.MaxAge = inWords(p)+" (from another answer)", fmt.Sprint(p.MaxAge)
		}
	}
}

// preloadWord says whether a site is on the preload list, and by which entry.
func preloadWord(r audit.Result) string {
	switch {
	case r.Preloaded != nil:
		return visible("preloaded"+asEntry(r), nameLimit)
	case r.Host == "":
		return "not known"
	}
	return "not preloaded"
}

// notJudged stands where a severity does, for why a site is unknown.
const notJudged = "not judged"

// worst is what the row says is wrong: why the site is unknown, else the first
// of its worst findings, of those that are not waived if there are any. It is
// empty where there is none.
func worst(r audit.Result, d detail) htmlFinding {
	if r.Verdict == audit.Unknown {
		reason := "no reason given"
		if r.Error != nil {
			reason = cmp.Or(r.Error.Message, string(r.Error.Kind))
		}
		return htmlFinding{Severity: notJudged, Title: visible(reason, min(d.text, 110))}
	}
	for _, severity := range audit.Severities {
		for _, f := range r.Findings {
			if f.Severity == severity && f.Waived == nil {
				return newHTMLFinding(f, d)
			}
		}
	}
	for _, f := range r.Findings { // all of them are waived
		shown := newHTMLFinding(f, d)
		shown.Severity = "waived"
		return shown
	}
	return htmlFinding{}
}

func newHTMLFinding(f audit.Finding, d detail) htmlFinding {
	shown := htmlFinding{
		Severity: visible(string(f.Severity), d.name), Title: visible(f.Rule, d.name), Message: visible(f.Message, d.text),
	}
	if rule, ok := audit.RuleByID(f.Rule); ok {
		shown.Title, shown.Fix = rule.Title, rule.ID
	}
	return shown
}

// An htmlExchange is one request and what came of it.
type htmlExchange struct {
	Probe, URL       string
	Status           int
	Location         string
	STS              []string
	Certificate, Err string
	Facts            string // address, protocol, TLS, time
}

func newHTMLExchange(x audit.Exchange, d detail) htmlExchange {
	shown := htmlExchange{
		Probe: visible(string(x.Probe), d.name), URL: visible(x.URL, d.url),
		Status: x.Status, Location: visible(x.Location, d.url),
	}
	for _, field := range x.STS[:min(len(x.STS), d.each)] {
		shown.STS = append(shown.STS, visible(field, d.text))
	}
	if x.TLS != nil && x.TLS.Error != nil {
		shown.Certificate = visible(x.TLS.Error.Message, d.text)
	}
	if x.Error != nil {
		shown.Err = visible(x.Error.Message, d.text)
	}
	if d.addresses {
		shown.Facts = facts(x)
	}
	return shown
}

// facts says how the answer came.
func facts(x audit.Exchange) string {
	said := []string{x.Address, x.Proto}
	if t := x.TLS; t != nil {
		said = append(said, t.Version)
		if t.NotAfter != nil {
			said = append(said, "certificate until "+t.NotAfter.UTC().Format("2006-01-02"))
		}
		if t.ChainIncomplete {
			said = append(said, "intermediate not sent")
		}
	}
	said = append(said, fmt.Sprintf("%d ms", x.MS))
	said = slices.DeleteFunc(said, func(s string) bool { return s == "" })
	return visible(strings.Join(said, " · "), noteLimit)
}

// webAddress returns a URL that may become a link: http or https, of at most
// so many bytes; empty for any other. The second # of a fragment is encoded, as
// no order to a CI system (see [order]) may stand in a page that is printed;
// fragments are not sent.
func webAddress(address string, most int) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || len(address) > most || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return strings.ReplaceAll(address, "##", "#%23")
}
