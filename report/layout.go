package report

import (
	"fmt"
	"strings"

	"hsts-check/audit"
	"hsts-check/hsts"
)

const (
	gap       = 2  // blanks between two columns
	leastSite = 12 // columns that names get everywhere
	mostSite  = 32 // and beside a URL: a longer name wraps
	wellURL   = 56 // columns that read well
	wellNotes = 60
	mostURL   = 72 // and where there is more room than that
)

// A layout says where the table has room for what. Names are never cut: a long
// one wraps.
type layout struct {
	subdomains string // heading of the column includeSubDomains
	standards  bool   // there is a column that counts the standards met
	// foldNotes, foldURL, foldPolicy: instead of in columns, these stand on
	// lines of their own below a row.
	foldNotes, foldURL, foldPolicy bool
	// minURL and minNotes are the columns that the two must get, if they need
	// as many, for the layout to be taken.
	minURL, minNotes int

	places           []string // headings of the columns, one a vantage point
	bare             bool     // URLs without https://, as a list may write them
	site, url, notes int      // widths of the columns that give way; 0 for any
}

// layouts are tried in this order; the last always fits.
var layouts = []layout{
	{subdomains: "includeSubDomains", standards: true, minURL: 48, minNotes: 40},
	{subdomains: "includeSubDomains", minURL: 40, minNotes: 30},
	{subdomains: "subdomains", minURL: 32, minNotes: 24},
	{subdomains: "includeSubDomains", foldNotes: true, minURL: 40},
	{subdomains: "subdomains", foldNotes: true, minURL: 30},
	{subdomains: "subs", foldNotes: true, minURL: 22},
	{subdomains: "subs", foldNotes: true, foldURL: true},
	{foldNotes: true, foldURL: true, foldPolicy: true},
}

// A row is a result's cells, escaped for a terminal.
type row struct {
	verdict audit.Verdict

	site, url, shown, maxAge, subdomains, preload, standards, policy, notes string

	verdicts []audit.Verdict // from each vantage point, where there are several
	seen     []string        // what is shown for them

	exchanges []audit.Exchange
	waived    []audit.Finding

	cells []string // of the columns, once there is a layout
}

func newRow(r audit.Result, places viewpoints) row {
	c := row{
		verdict: r.Verdict,
		site:    visible(r.Name, nameLimit),
		url:     visible(r.URL, urlLimit),
		shown:   visible(verdictWord(r.Verdict), nameLimit),
		notes:   notes(r),

		verdicts: places.seen[r.ID],
		seen:     places.words(r),

		exchanges: r.Exchanges,
	}
	if n := len(r.Standards); n > 0 {
		c.standards = fmt.Sprintf("%d of %d", standardsMet(r), n)
	}
	if p := r.Policy; p != nil {
		c.maxAge = hsts.Age(p.MaxAge)
		c.subdomains, c.preload = yesNo(p.IncludeSubDomains), yesNo(p.Preload)
		c.policy = p.String()
	}
	return c
}

// standardsMet counts the standards that a result is known to meet.
func standardsMet(r audit.Result) int {
	met := 0
	for _, yes := range r.Standards {
		if yes {
			met++
		}
	}
	return met
}

// fit lays the rows of all groups out in so many columns, so that the groups'
// tables line up with each other; 0 is no limit.
func fit(rows []row, places []string, width int) layout {
	most := func(cell func(row) int) int {
		n := 0
		for _, r := range rows {
			n = max(n, cell(r))
		}
		return n
	}
	maxURL := most(func(r row) int { return columns(r.url) })
	maxNotes := most(func(r row) int { return columns(r.notes) })
	verdict := max(columns("Header?"), most(func(r row) int { return columns(r.shown) }))
	maxAge := max(columns("max-age"), most(func(r row) int { return columns(r.maxAge) }))

	for i, name := range places {
		verdict += gap + max(columns(name), most(func(r row) int { return columns(r.seen[i]) }))
	}
	standards := most(func(r row) int { return columns(r.standards) })
	if width <= 0 {
		l := layouts[0]
		l.places = places
		l.standards = standards > 0
		l.url = max(columns("URL"), min(maxURL, mostURL))
		return l
	}
	for _, l := range layouts {
		l.places = places
		left := width - gap - verdict
		if l.standards && standards == 0 {
			continue
		}
		if l.standards {
			left -= gap + columns("Standards")
		}
		if !l.foldPolicy {
			left -= gap + maxAge + gap + columns(l.subdomains) + gap + columns("preload")
		}
		site := left
		if !l.foldURL {
			site = min(left, width/4, mostSite)
		}
		if site < leastSite && !l.foldPolicy {
			continue
		}
		site = max(site, leastSite)
		l.site = max(columns("Site"), most(func(r row) int { return longest(wrap(r.site, site)) }))
		if l.foldURL || l.share(left-l.site-gap, maxURL, maxNotes) {
			return l
		}
	}
	panic("unreachable: the last layout always fits")
}

// share divides what is left between URLs and notes, and reports whether that
// is enough. Neither gets more than reads well, so that one outlier does not
// tear the rows apart.
func (l *layout) share(left, maxURL, maxNotes int) bool {
	least := 0
	if !l.foldNotes {
		least = gap + max(columns("Notes"), min(maxNotes, l.minNotes))
	}
	if left-least < max(columns("URL"), min(maxURL, l.minURL)) {
		return false
	}
	l.url = max(columns("URL"), min(maxURL, left-least, wellURL))
	if !l.foldNotes {
		l.notes = max(columns("Notes"), min(maxNotes, left-l.url-gap, wellNotes))
		left -= l.notes + gap
	}
	l.url = max(l.url, min(maxURL, left, mostURL))
	l.bare = maxURL > l.url && l.url < 40
	return true
}

// cells are a row's columns; lines of a cell that wraps are separated by \n.
func (l layout) cells(r row) []string {
	cells := []string{strings.Join(wrap(r.site, l.site), "\n")}
	if !l.foldURL {
		cells = append(cells, l.shorten(r.url))
	}
	cells = append(append(cells, r.shown), r.seen...)
	if !l.foldPolicy {
		cells = append(cells, r.maxAge, r.subdomains, r.preload)
	}
	if l.standards {
		cells = append(cells, r.standards)
	}
	if !l.foldNotes {
		cells = append(cells, strings.Join(wrap(r.notes, l.notes), "\n"))
	}
	return cells
}

// verdictColumn is the index of the verdict in a row's cells.
func (l layout) verdictColumn() int {
	if l.foldURL {
		return 1
	}
	return 2
}

func (l layout) headings() []string {
	return l.cells(row{
		site: "Site", url: "URL", shown: "Header?", seen: l.places, maxAge: "max-age",
		subdomains: l.subdomains, preload: "preload", standards: "Standards", notes: "Notes",
	})
}

// folded are the lines below a row. Where lines may be of any length, a URL
// that its column shortens stands there whole.
func (l layout) folded(r row, width int) []string {
	var lines []string
	if l.foldURL || width <= 0 && columns(r.url) > l.url {
		lines = append(lines, shorten(r.url, width))
	}
	if l.foldPolicy && r.policy != "" {
		lines = append(lines, wrap(r.policy, width)...)
	}
	if l.foldNotes && r.notes != "" {
		lines = append(lines, wrap(r.notes, width)...)
	}
	return lines
}

func (l layout) shorten(url string) string {
	if l.bare {
		url = strings.TrimPrefix(url, "https://")
	}
	return shorten(url, l.url)
}

// shorten cuts the middle out of a URL that is wider than so many columns; 0
// is no limit. Scheme and host stay whole where they fit, and the end of the
// host, which says whose it is, where they do not.
func shorten(url string, width int) string {
	if width <= 0 || columns(url) <= width {
		return url
	}
	start := 0
	if i := strings.Index(url, "://"); i >= 0 {
		start = i + len("://")
	}
	origin := url
	if i := strings.IndexAny(url[start:], "/?#"); i >= 0 {
		origin = url[:start+i]
	}
	const least = 6 // the ellipsis and what should be seen around it
	if head := columns(origin); head+least <= width {
		tail := last(url, min((width-1)/2, width-2-head))
		if i := strings.Index(tail, "/"); i > 0 && i < len(tail)-1 {
			tail = tail[i:] // whole segments read best
		}
		return first(url, width-1-columns(tail)) + "…" + tail
	}
	if origin != url && columns(origin) <= width-2 {
		return origin + "/…"
	}
	if origin != url && width > 2 {
		return shorten(origin, width-2) + "/…"
	}
	tail := (width - 1) * 2 / 3
	return first(url, width-1-tail) + "…" + last(url, tail)
}

// first returns the beginning of s that fits into so many columns.
func first(s string, width int) string {
	used := 0
	for i, r := range s {
		if used += columns(string(r)); used > width {
			return s[:i]
		}
	}
	return s
}

// last returns the end of s that fits into so many columns.
func last(s string, width int) string {
	over := columns(s) - width
	for i, r := range s {
		// What has no width belongs to the character that was cut off.
		if over <= 0 && columns(string(r)) > 0 {
			return s[i:]
		}
		over -= columns(string(r))
	}
	return ""
}

// wrap breaks s into lines of at most so many columns, between words where it
// can; 0 is no limit. There is always one line, and no mark is parted from its
// letter.
func wrap(s string, width int) []string {
	if width <= 0 || columns(s) <= width {
		return []string{s}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
		for columns(line) > width {
			head := first(line, width)
			if head == "" {
				break // one character is wider than the line
			}
			lines = append(lines, head)
			line = line[len(head):]
		}
	}
	return append(lines, line)
}

func longest(lines []string) int {
	n := 0
	for _, l := range lines {
		n = max(n, columns(l))
	}
	return n
}
