package report

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"hsts-check/audit"
	"hsts-check/hsts"
)

func htmlOf(t testing.TB, results []audit.Result, opt Options) string {
	t.Helper()
	out := written(t, format(t, "html"), results, opt)
	if most := 150_000 + 1000*len(results); len(out) >= most {
		t.Errorf("%d sites take %d bytes, want under %d", len(results), len(out), most)
	}
	return out
}

// parsed returns the document as a browser without scripts sees it.
func parsed(t testing.TB, page string) *html.Node {
	t.Helper()
	doc, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func elements(n *html.Node, name string) []*html.Node {
	var found []*html.Node
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && (name == "" || c.Data == name) {
			found = append(found, c)
		}
	}
	return found
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf returns what a reader sees, blanks in a row as one.
func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && c.Parent.Data != "script" && c.Parent.Data != "style" {
			b.WriteString(c.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// withID returns the element of that ID.
func withID(t testing.TB, n *html.Node, id string) *html.Node {
	t.Helper()
	for _, e := range elements(n, "") {
		if attribute(e, "id") == id {
			return e
		}
	}
	t.Fatalf("nothing has the ID %q", id)
	return nil
}

func rowsOf(n *html.Node) []*html.Node {
	var rows []*html.Node
	for _, table := range elements(n, "table") {
		if strings.HasPrefix(attribute(table, "class"), "sites") {
			rows = append(rows, elements(table, "tbody")...)
		}
	}
	return rows
}

func TestHTMLGolden(t *testing.T) {
	before, after := everyKind()
	since := Compare(before[:5], after[6:10])
	page := htmlOf(t, faults(), Options{Since: &since})
	for _, element := range []string{"style", "script"} {
		inside := regexp.MustCompile(`(?s)(<` + element + `>).*?(</` + element + `>)`)
		page = inside.ReplaceAllString(page, "$1…$2")
	}
	page = regexp.MustCompile(`sha256-.*?=&#39;`).ReplaceAllString(page, "sha256-…&#39;")
	golden(t, "html", page)
}

func TestHTMLReadsWithoutScript(t *testing.T) {
	results := append(survey(), banksToday()...)
	for i := range results {
		results[i].Vantage = "akl"
	}
	doc := parsed(t, htmlOf(t, results, Options{}))
	rows := rowsOf(doc)
	if len(rows) != len(results) {
		t.Fatalf("%d rows of %d sites", len(rows), len(results))
	}
	at := make(map[string]string)
	for _, row := range rows {
		at[textOf(elements(row, "th")[0])] += textOf(row) + "\n"
	}
	fixes := textOf(withID(t, doc, "fixes"))
	for _, r := range results {
		shown := at[r.Name]
		wants := []string{verdictWord(r.Verdict)}
		if r.Error != nil {
			wants = append(wants, r.Error.Message)
		}
		if r.Policy != nil {
			wants = append(wants, inWords(*r.Policy))
		}
		for _, f := range r.Findings {
			wants = append(wants, visible(f.Message, noteLimit))
			rule, _ := audit.RuleByID(f.Rule)
			for _, b := range helpBlocks(rule.Help) {
				if want := strings.Join(strings.Fields(b.Text), " "); !strings.Contains(fixes, want) {
					t.Errorf("the fix of %s is not told: %q", f.Rule, want)
				}
			}
		}
		for _, x := range r.Exchanges {
			wants = append(wants, append(slices.Clone(x.STS), x.URL, x.Location, x.Address, fmt.Sprint(x.MS)+" ms")...)
			if x.Status > 0 {
				wants = append(wants, fmt.Sprintf("→ %d", x.Status))
			}
			if x.Error != nil {
				wants = append(wants, "Error: "+x.Error.Message)
			}
		}
		for _, want := range append(wants, r.Header...) {
			if want = visible(want, urlLimit); !strings.Contains(shown, want) {
				t.Errorf("%s does not show %q", r.Name, want)
			}
		}
	}
}

func TestHTMLTellsTheWholeResult(t *testing.T) {
	text := textOf(parsed(t, htmlOf(t, survey(), Options{})))
	groups, total := Scores(survey())
	wants := []string{Leader(groups), "Overall: " + total.String(), meta.footer()}
	for _, g := range groups {
		wants = append(wants, groupName(g.Group)+" "+g.String(), splitOf(g))
	}
	for _, want := range wants {
		if want = strings.Join(strings.Fields(want), " "); !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
}

func splitOf(s Score) string {
	return strings.ReplaceAll(inWordsOf(verdictParts(s, 100)), ", ", " ")
}

func TestHTMLStructure(t *testing.T) {
	doc := parsed(t, htmlOf(t, survey(), Options{}))
	ids := make(map[string]bool)
	for _, e := range elements(doc, "") {
		if id := attribute(e, "id"); id != "" {
			if ids[id] {
				t.Errorf("two elements have the ID %q", id)
			}
			ids[id] = true
		}
	}
	for _, a := range elements(doc, "a") {
		switch href := attribute(a, "href"); {
		case strings.HasPrefix(href, "#"):
			if !ids[href[1:]] {
				t.Errorf("%s leads nowhere", href)
			}
		case !strings.HasPrefix(href, "http://") && !strings.HasPrefix(href, "https://"):
			t.Errorf("a link to %q", href)
		case attribute(a, "rel") != "noopener noreferrer nofollow":
			t.Errorf("rel is %q", attribute(a, "rel"))
		}
	}
	for _, table := range elements(doc, "table") {
		if len(elements(table, "caption")) != 1 {
			t.Errorf("a table has no caption: %.100q", textOf(table))
		}
		for _, th := range elements(table, "th") {
			if s := attribute(th, "scope"); s != "col" && s != "row" {
				t.Errorf("the heading %q has scope %q", textOf(th), s)
			}
		}
	}
	level := 1
	for _, e := range elements(doc, "") {
		if len(e.Data) == 2 && e.Data[0] == 'h' && e.Data[1] >= '1' && e.Data[1] <= '6' {
			now := int(e.Data[1] - '0')
			if now > level+1 {
				t.Errorf("the heading %q is of level %d below one of level %d", textOf(e), now, level)
			}
			level = now
		}
	}
}

func TestHTMLTellsOfThePreloadListWhereRecordsDo(t *testing.T) {
	results := faults()
	for i := range results {
		results[i].Preloaded = nil
	}
	cells := func() (cells [][]string) {
		for _, table := range elements(parsed(t, htmlOf(t, results, Options{})), "table") {
			if !strings.HasPrefix(attribute(table, "class"), "sites") {
				continue
			}
			for _, row := range elements(table, "tr") {
				var texts []string
				for c := range row.ChildNodes() {
					if c.Data == "th" || c.Data == "td" {
						texts = append(texts, textOf(c))
					}
					if span := attribute(c, "colspan"); span != "" && span != fmt.Sprint(len(cells[0])) {
						t.Errorf("what a row opens to spans %s of %d columns", span, len(cells[0]))
					}
				}
				if len(texts) > 1 {
					cells = append(cells, texts)
				}
			}
		}
		return cells
	}
	for _, row := range cells() {
		if len(row) != 5 {
			t.Fatalf("%d columns without the list: %q", len(row), row)
		}
	}
	results[0].Preloaded = &audit.Preloaded{Entry: results[0].Host}
	results[1].Preloaded = &audit.Preloaded{Entry: "example"}
	for i, want := range map[int]string{0: "Preload list", 1: "preloaded", 2: "preloaded as example", 3: "not preloaded", len(results) - 1: "not known"} {
		if row := cells()[i]; len(row) != 6 || row[4] != want {
			t.Errorf("row %d is %q, want %q in the fifth column", i, row, want)
		}
	}
}

func TestHTMLChanges(t *testing.T) {
	if page := htmlOf(t, survey(), Options{}); strings.Contains(page, "What changed") {
		t.Error("a section of changes where nothing was compared")
	}
	before, after := everyKind()
	since := Compare(before, after)
	doc := parsed(t, htmlOf(t, after, Options{Since: &since}))
	text := textOf(withID(t, doc, "changes"))
	wants := append(since.standing(), since.Summary(), since.footer(Meta{}))
	for _, c := range since.Changes {
		words := verdictWords(c)
		for i, w := range words {
			switch w {
			case "":
				words[i] = "not listed"
			case "?":
				words[i] = "? unknown"
			}
		}
		wants = append(wants, strings.Join([]string{c.site(), words[0], words[1], c.What}, " "))
	}
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	same := Compare(after, after)
	if text := textOf(withID(t, parsed(t, htmlOf(t, after, Options{Since: &same})), "changes")); !strings.Contains(text, same.Summary()) {
		t.Errorf("no %q in %q", same.Summary(), text)
	}
}

func TestHTMLAges(t *testing.T) {
	const day, year = 86400, 365 * 86400
	tests := []struct {
		label   string
		seconds []uint64
	}{
		{"0: switched off", []uint64{0}},
		{"under a day", []uint64{1, day - 1}},
		{"under a month", []uint64{day, 30*day - 1}},
		{"under half a year", []uint64{30 * day, 180*day - 1}},
		{"under a year", []uint64{180 * day, year - 1}},
		{"under two years", []uint64{year, 2*year - 1}},
		{"two years or more", []uint64{2 * year, 1 << 63}},
	}
	for i, tt := range tests {
		results := []audit.Result{{Verdict: audit.Absent}}
		for _, s := range tt.seconds {
			results = append(results, audit.Result{Policy: &hsts.Policy{MaxAge: s}})
		}
		c := newAgeChart(Count(results))
		if c.Sites != len(tt.seconds) || c.Rows[i].Label != tt.label || c.Rows[i].Count != c.Sites || c.Rows[i].Share != "100.00%" {
			t.Errorf("%d is not %s: %+v", tt.seconds, tt.label, c)
		}
	}
}

func TestHTMLStandards(t *testing.T) {
	name := audit.Standards[1].Name
	rows := standardRows(Count([]audit.Result{
		{Standards: map[string]bool{name: true}}, {Standards: map[string]bool{name: true}},
		{Standards: map[string]bool{name: false}}, {Standards: map[string]bool{"nonesuch": true}}, {},
	}))
	if len(rows) != len(audit.Standards) {
		t.Fatalf("%d rows", len(rows))
	}
	if r := rows[1]; r.Name != name || r.Met != 2 || r.Missed != 1 || r.Unknown != 2 {
		t.Errorf("got %+v, want 2 met, 1 missed, 2 not known", r)
	}
	if r := rows[0]; r.Met != 0 || r.Missed != 0 || r.Unknown != 5 {
		t.Errorf("got %+v, want all not known", r)
	}
}

func TestHTMLHelp(t *testing.T) {
	got := helpBlocks("One\ntwo:\n\n    Name: value\n\nnginx:    a;\nApache:   b\n\nThree.")
	want := []helpBlock{{"One two:", false}, {"Name: value", true}, {"nginx:    a;\nApache:   b", true}, {"Three.", false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, r := range audit.Rules {
		for _, b := range helpBlocks(r.Help) {
			if laidOut := regexp.MustCompile(`(?m)^(nginx|Apache|HAProxy):`).MatchString(b.Text); laidOut && !b.Code {
				t.Errorf("%s: a configuration became prose: %q", r.ID, b.Text)
			}
		}
	}
}

// TestHTMLSaysHowOnce: however many rules ask for the header, the page has one
// snippet that sends it.
func TestHTMLSaysHowOnce(t *testing.T) {
	r := survey()[0]
	r.Findings = nil
	for _, rule := range audit.Rules {
		r.Findings = append(r.Findings, audit.Finding{Rule: rule.ID, Severity: rule.Severity, Message: "m", Host: r.Host})
	}
	page := htmlOf(t, []audit.Result{r}, Options{})
	for _, snippet := range []string{"max-age=300&#34; always;", "return 301"} {
		if n := strings.Count(page, snippet); n != 1 {
			t.Errorf("%s stands there %d times", snippet, n)
		}
	}
	if n := strings.Count(page, `<a href="#how-send">`); n < 5 {
		t.Errorf("%d rules lead to how to send the header", n)
	}
	r.Findings = r.Findings[1:2]
	if strings.Contains(htmlOf(t, []audit.Result{r}, Options{}), `id="how-send"`) {
		t.Error("it says how where no rule asks for it")
	}
}

func TestHTMLNamesTheLineThatMends(t *testing.T) {
	r := faults()[5]
	r.Findings = []audit.Finding{{Rule: "header-absent", Severity: audit.SeverityError, Message: "m", Host: r.Host}}
	r.Exchanges = []audit.Exchange{{URL: r.URL, Head: audit.Head{Server: "nginx/1.26.3"}}}
	if page := htmlOf(t, []audit.Result{r}, Options{}); !strings.Contains(page, `<code>nginx: add_header Strict-Transport-Security &#34;max-age=300&#34; always;</code>`) {
		t.Error("the row does not name nginx's line")
	}
}

func TestHTMLWorstFinding(t *testing.T) {
	finding := func(s audit.Severity, rule string) audit.Finding { return audit.Finding{Severity: s, Rule: rule} }
	tests := []struct {
		name string
		r    audit.Result
		want string
	}{
		{"the first of the worst", audit.Result{Findings: []audit.Finding{
			finding(audit.SeverityInfo, "a"), finding(audit.SeverityWarning, "b"), finding(audit.SeverityError, "c"), finding(audit.SeverityError, "d"),
		}}, "error c"},
		{"a rule by its title", audit.Result{Findings: []audit.Finding{finding(audit.SeverityError, "header-absent")}}, "error no header"},
		{"an unknown site by its error", audit.Result{
			Verdict: audit.Unknown, Error: &audit.Error{Message: "no such host"}, Findings: []audit.Finding{finding(audit.SeverityError, "c")},
		}, "not judged no such host"},
		{"an unknown site without one", audit.Result{Verdict: audit.Unknown}, "not judged no reason given"},
		{"nothing", audit.Result{Verdict: audit.Protected}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := worst(tt.r, details[0])
			if got := strings.TrimSpace(f.Severity + " " + f.Title); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestHTMLWithoutResults(t *testing.T) {
	var out bytes.Buffer
	if err := HTML(&out, nil, Meta{}, Options{}); err != nil {
		t.Fatal(err)
	}
	doc := parsed(t, out.String())
	if text := textOf(doc); !strings.Contains(text, "HSTS survey of 0 sites") || !strings.Contains(text, "No sites.") {
		t.Errorf("got %q", text)
	}
}
