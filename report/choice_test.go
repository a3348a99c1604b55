package report

import (
	"strings"
	"testing"

	"hsts-check/audit"
)

// TestDocumentsSayWhatTheyLeaveOut: each document that is given fewer results
// than were counted says so in its own data, and counts all.
func TestDocumentsSayWhatTheyLeaveOut(t *testing.T) {
	results := many(300)
	for i := range results {
		results[i].Group = "Early"
		if i >= 200 {
			results[i].Group = "Late"
		}
	}
	says := map[string][]string{
		"table":       {"Late: ", "200 more sites are counted and not shown"},
		"markdown":    {"## Late: ", "200 more sites are counted and not shown"},
		"json":        {`"omitted":200,`, `"sites":300,`, `{"group":"Late","sites":100,`},
		"html":        {"100 of 300 sites are below", "Late"},
		"svg":         {"Late"}, // it shows no site
		"sarif":       {`"sites": 300,`, `"sitesShown": 100`},
		"junit":       {`<property name="sites" value="200">`, `<testsuite name="Late" tests="0"`, `<property name="sites" value="100">`},
		"openmetrics": {"hsts_sites_omitted 200", `hsts_sites{group="Late",verdict="protected"}`},
		"github":      {"::notice title=hsts-check::200 more sites are counted and not shown"},
	}
	for _, f := range Formats {
		if f.Document == nil {
			continue
		}
		text := written(t, f, results[:100], Options{Tally: Count(results)})
		if says[f.Name] == nil {
			t.Errorf("nothing says what %s leaves out", f.Name)
		}
		for _, want := range says[f.Name] {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%.500s", f.Name, want, text)
			}
		}
	}
}

// TestChoiceTakesWholeSites: of a site that was seen from several places, a
// document that shows one of its verdicts has all of its results.
func TestChoiceTakesWholeSites(t *testing.T) {
	results := []audit.Result{
		{ID: "a", Vantage: "akl", Verdict: audit.Protected},
		{ID: "b", Vantage: "akl", Verdict: audit.Protected},
		{ID: "a", Vantage: "fra", Verdict: audit.Absent},
	}
	c := Choice{Only: []audit.Verdict{audit.Absent}}
	if got := c.Choose(results); len(got) != 2 || got[0].ID != "a" || got[1].ID != "a" || c.Left != 0 {
		t.Errorf("chosen are %+v", got)
	}
}
