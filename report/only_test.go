package report

import (
	"encoding/json"
	"strings"
	"testing"

	"hsts-check/audit"
)

// TestOnlySomeVerdictsAreShown: rows of others are not there, in any document
// that has rows, and the results stay as they are.
func TestOnlySomeVerdictsAreShown(t *testing.T) {
	results := survey()
	opt := Options{Only: []audit.Verdict{audit.Unknown, audit.Disabled}}
	for _, f := range Formats {
		if f.Document == nil || f.Name == "svg" { // it has totals alone
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			out := written(t, f, results, opt)
			for _, r := range results {
				switch {
				case opt.Shows(r) && !strings.Contains(out, r.Name):
					t.Errorf("%s, which is %s, is not there", r.Name, r.Verdict)
				case !opt.Shows(r) && strings.Contains(out, r.Host):
					t.Errorf("%s, which is %s, is there", r.Host, r.Verdict)
				}
			}
		})
	}
	if len(results) != len(survey()) || results[0].Name != "ASB" {
		t.Error("the results have changed")
	}
}

func TestOnlyChangesNoTotals(t *testing.T) {
	opt := Options{Only: []audit.Verdict{audit.Absent}}
	scores := func(out string) (lines []string) {
		for line := range strings.Lines(out) {
			if strings.Contains(line, "protected (") {
				lines = append(lines, line)
			}
		}
		return lines
	}
	for _, name := range []string{"table", "markdown"} {
		all, some := written(t, format(t, name), survey(), Options{}), written(t, format(t, name), survey(), opt)
		if a, b := strings.Join(scores(all), ""), strings.Join(scores(some), ""); a != b {
			t.Errorf("%s: the scores are\n%s, and of all rows\n%s", name, b, a)
		}
		if !strings.Contains(some, "Only absent shown: 14 of 35 sites") {
			t.Errorf("%s does not say that rows are missing", name)
		}
	}
	var document struct {
		Only    []audit.Verdict
		Totals  struct{ Sites int }
		Results []audit.Result
	}
	if err := json.Unmarshal([]byte(written(t, format(t, "json"), survey(), opt)), &document); err != nil {
		t.Fatal(err)
	}
	if document.Totals.Sites != 35 || len(document.Results) != 14 || len(document.Only) != 1 || document.Only[0] != audit.Absent {
		t.Errorf("the document has totals of %d sites, %d results, and says only %q", document.Totals.Sites, len(document.Results), document.Only)
	}
}
