package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hsts-check/audit"
	"hsts-check/visit"
)

// annotated is a survey whose list has something to say of each of its sites.
func annotated(t *testing.T) ([]audit.Result, Options) {
	t.Helper()
	all := sites()
	weak, strong, down := &all[0], &all[1], &all[2]
	weak.Allow = []audit.Waiver{
		{What: "max-age-short", Waived: audit.Waived{Until: "2027-03-01", Reason: "legacy printer"}},
		{What: "max-age=31536000; includeSubDomains", Waived: audit.Waived{Reason: "till the printer goes"}},
	}
	weak.Findings[0].Waived = &weak.Allow[0].Waived
	weak.Note = "judged from a browser"
	strong.Note = "seen on 3 May"
	strong.Require = []visit.Requirement{{Bar: "max-age=63072000"}}
	down.Note = "judged from a browser"
	for i := range all {
		all[i].Vantage = ""
	}
	opt := gated(t)
	opt.Since = nil
	return all, opt
}

func TestTermsGolden(t *testing.T) {
	results, opt := annotated(t)
	opt.Width = 100
	golden(t, "table-terms", written(t, format(t, "table"), results, opt))
	opt.Verbose = true
	golden(t, "table-terms-verbose", written(t, format(t, "table"), results, opt))
	for _, name := range []string{"markdown", "csv", "junit", "github"} {
		golden(t, name+"-terms", written(t, format(t, name), results, opt))
	}
}

func TestSARIFSuppresses(t *testing.T) {
	results, opt := annotated(t)
	run := writtenSARIF(t, results, opt)
	want := map[string]string{
		"max-age-short": "legacy printer (until 2027-03-01)", "bar-missed": "till the printer goes",
	}
	for _, r := range run.Results {
		justification, listed := want[*r.RuleID]
		if !listed || r.Properties.Properties["name"] != "Weak" {
			if len(r.Suppressions) > 0 {
				t.Errorf("%s is suppressed", *r.RuleID)
			}
			continue
		}
		delete(want, *r.RuleID)
		if len(r.Suppressions) != 1 || *r.Suppressions[0].Kind != "external" || *r.Suppressions[0].Justification != justification {
			t.Errorf("%s: %+v", *r.RuleID, r.Suppressions)
		}
	}
	if len(want) > 0 {
		t.Errorf("not suppressed: %v", want)
	}
	// In a run, all results have suppressions or none has.
	for suppressions, results := range map[int][]audit.Result{len(run.Results): results, 0: sites()} {
		out := written(t, format(t, "sarif"), results, opt)
		if n := strings.Count(out, `"suppressions":`); n != suppressions {
			t.Errorf("%d results have suppressions, want %d", n, suppressions)
		}
	}
}

func TestHTMLShowsTerms(t *testing.T) {
	results, opt := annotated(t)
	doc := parsed(t, htmlOf(t, results, opt))
	rows := rowsOf(doc)
	for i, want := range [][]string{
		{"Weak [1]", "waived max-age under a year", "Waived", "waived until 2027-03-01, legacy printer: weak.test sends", "waived, till the printer goes: max-age under"},
		{"Strong [2]", "no finding"},
		{"Down [1]"},
	} {
		for _, w := range want {
			if text := textOf(rows[i]); !strings.Contains(text, w) {
				t.Errorf("no %q in %q", w, text)
			}
		}
	}
	text := textOf(withID(t, doc, "sites"))
	for _, want := range []string{"[1] judged from a browser", "[2] seen on 3 May"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("not once %q in %q", want, text)
		}
	}
	if slices.ContainsFunc(elements(doc, "article"), func(n *html.Node) bool { return attribute(n, "id") == "max-age-short" }) {
		t.Error("what is waived has a fix")
	}
}

// TestRemarksOnTheListsBars: what cannot be told is told by name, unless nobody
// asks for it any more.
func TestRemarksOnTheListsBars(t *testing.T) {
	r := sites()[1]
	r.Require = []visit.Requirement{{Bar: "of-tomorrow"}, {Bar: "hstspreload"}}
	r.Allow = []audit.Waiver{{What: "hstspreload"}}
	want := "whether it meets of-tomorrow cannot be told from what was looked at"
	if all := remarks(r, Options{}); len(all) != 1 || all[0].Rule != siteUnknown.ID || all[0].Message != want {
		t.Errorf("%+v", all)
	}
}

func TestVantagesDifferMayBeWaived(t *testing.T) {
	here, there := sites()[0], sites()[1]
	there.ID, there.Vantage = here.ID, "akl"
	here.Allow = []audit.Waiver{{What: "vantages-differ"}}
	compared := AcrossVantages([]audit.Result{here, there})
	last := func(r audit.Result) audit.Finding { return r.Findings[len(r.Findings)-1] }
	if f := last(compared[0]); f.Rule != "vantages-differ" || f.Waived == nil {
		t.Errorf("%+v", f)
	}
	if f := last(compared[1]); f.Rule != "vantages-differ" || f.Waived != nil {
		t.Errorf("%+v", f)
	}
}

func TestRegressionMayBeWaived(t *testing.T) {
	opt := gated(t)
	opt.Gate.Bars = nil
	weak := sites()[0]
	if read := readJUnit(t, written(t, format(t, "junit"), []audit.Result{weak}, opt)); read.Failures != 1 {
		t.Fatalf("%d failures", read.Failures)
	}
	weak.Allow = []audit.Waiver{{What: "regression"}}
	if read := readJUnit(t, written(t, format(t, "junit"), []audit.Result{weak}, opt)); read.Failures != 0 {
		t.Errorf("%d failures", read.Failures)
	}
}

func TestTermsKeepToTheSchema(t *testing.T) {
	results, opt := annotated(t)
	record := compiled(t, "record")
	for line := range strings.Lines(written(t, format(t, "ndjson"), results, opt)) {
		if err := invalid(t, record, line); err != nil {
			t.Errorf("%s\n%v", line, err)
		}
	}
	read, err := Read(strings.NewReader(written(t, format(t, "ndjson"), results, opt)))
	if err != nil || read[0].Allow[1] != results[0].Allow[1] || read[1].Require[0] != results[1].Require[0] || read[2].Note != results[2].Note {
		t.Errorf("%+v, %v", read, err)
	}
}

// TestHostileTerms: the list's author is believed no more than a server is.
func TestHostileTerms(t *testing.T) {
	for name, s := range nasty {
		t.Run(name, func(t *testing.T) {
			results := hostile(s)
			for i := range results {
				r := &results[i]
				r.Verdict, r.Note = audit.Absent, s
				r.Require = []visit.Requirement{{Bar: s}, {Bar: "owasp"}}
				r.Allow = []audit.Waiver{{What: s, Waived: audit.Waived{Until: s, Reason: s}}, {What: "owasp", Waived: audit.Waived{Reason: s}}}
				r.Standards = map[string]bool{"owasp": false}
				r.Findings = []audit.Finding{{Rule: s, Severity: audit.SeverityError, Message: s, Waived: &r.Allow[0].Waived}}
			}
			for _, f := range Formats {
				out := strings.ReplaceAll(written(t, f, results, Options{Width: 60, Verbose: true}), "@\u2060", "@")
				if bad := actors(strings.ReplaceAll(strings.ReplaceAll(out, "\r\n", "\n"), asset("page.css"), "")); bad != "" && f.Name != "svg" {
					t.Errorf("%s: %s", f.Name, bad)
				}
				if given := ordersIn(out); given != "" && f.Name != "github" {
					t.Errorf("%s orders %.200q", f.Name, given)
				}
				if len(out) > 1_000_000 && f.Name != "ndjson" && f.Name != "json" {
					t.Errorf("%s: %d bytes", f.Name, len(out))
				}
				if f.Name != "markdown" && len(s) < 1<<20 { // whose cells have marks, and whose record is too long
					readsBack(t, f.Name, s, out)
				}
			}
			testTermsRendered(t, s, written(t, format(t, "markdown"), results, Options{}))
		})
	}
}

// testTermsRendered: a note is a footnote of text alone.
func testTermsRendered(t *testing.T, s, out string) {
	t.Helper()
	testHostileMarkdown(t, out)
	if strings.Count(out, "\n[^1]: ") != 1 {
		t.Errorf("not one footnote that both tables share: %.1000q", out)
	}
}

func TestHTMLSizeIsBoundedWithTerms(t *testing.T) {
	for _, n := range []int{1, 30, 300} {
		results := adversarial(n)
		for i := range results {
			r := &results[i]
			r.Note = r.Name
			r.Allow = []audit.Waiver{{What: r.Name, Waived: audit.Waived{Reason: r.Name}}}
			for j := range r.Findings {
				r.Findings[j].Waived = &r.Allow[0].Waived
			}
		}
		htmlOf(t, results, Options{}) // which fails where it is too long
	}
}

func TestWaivedEncodes(t *testing.T) {
	text, err := json.Marshal(audit.Finding{Rule: "x", Waived: &audit.Waived{}})
	if err != nil || !strings.Contains(string(text), `"waived":{}`) {
		t.Errorf("%s, %v", text, err)
	}
}
