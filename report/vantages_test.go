package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/visit"
)

// from returns one site's results, each as "vantage verdict header".
func from(t *testing.T, all ...string) []audit.Result {
	t.Helper()
	var results []audit.Result
	for _, s := range all {
		words := strings.SplitN(s, " ", 3)
		v := audit.Visit{Site: audit.Site{Group: "Banks", Name: "One", URL: "https://one.test/"}, CheckedAt: surveyed}
		x := audit.Exchange{Probe: visit.ProbePage, URL: "https://one.test/", Head: audit.Head{Status: 200}, TLS: &audit.TLS{Version: "TLS 1.3"}}
		switch words[1] {
		case "sends":
			x.STS = words[2:]
		case "refuses":
			x.Status = 403
		}
		v.Exchanges = []audit.Exchange{x}
		r := audit.Judge(v, nil)
		r.Vantage = words[0]
		results = append(results, r)
	}
	return results
}

func TestAcrossVantages(t *testing.T) {
	const year = "sends max-age=31536000"
	for _, tt := range []struct {
		name string
		of   []audit.Result
		want string // the finding's message; empty for none
		row  audit.Verdict
	}{
		{"the same everywhere", from(t, "akl "+year, "fra "+year), "", audit.Protected},
		{"spelt otherwise", from(t, "akl sends max-age=31536000;includeSubdomains", "fra sends includeSubDomains; max-age=31536000"), "", audit.Protected},
		{"weaker somewhere", from(t, "akl "+year, "fra sends max-age=300"), "max-age=31536000 seen from akl; max-age=300 seen from fra", audit.Protected},
		{"absent somewhere", from(t, "akl "+year, "fra sends", "syd "+year), "max-age=31536000 seen from akl, syd; no policy seen from fra", audit.Absent},
		{"off somewhere", from(t, "akl "+year, "fra sends max-age=0"), "max-age=31536000 seen from akl; no policy seen from fra", audit.Disabled},
		{"refused somewhere", from(t, "akl "+year, "fra refuses"), "", audit.Protected},
		{"refused first", from(t, "fra refuses", "akl "+year), "", audit.Protected},
		{"refused, and differs", from(t, "akl "+year, "fra refuses", "syd sends max-age=1"), "max-age=31536000 seen from akl; max-age=1 seen from syd; not judged from fra", audit.Protected},
		{"refused everywhere", from(t, "akl refuses", "fra refuses"), "", audit.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(tt.of[0].Findings)
			for _, r := range AcrossVantages(tt.of) {
				i := slices.IndexFunc(r.Findings, func(f audit.Finding) bool { return f.Rule == "vantages-differ" })
				got := ""
				if i >= 0 {
					got = r.Findings[i].Message
				}
				want := tt.want
				if r.Verdict == audit.Unknown {
					want = "" // it is not this place that differs
				}
				if got != want {
					t.Errorf("from %s: %q, not %q", r.Vantage, got, want)
				}
			}
			if len(tt.of[0].Findings) != before {
				t.Error("the results given were changed")
			}
			rows, _ := fold(tt.of)
			if len(rows) != 1 || rows[0].Verdict != tt.row {
				t.Errorf("folds to %d rows, the first of them %s, not to one that is %s", len(rows), rows[0].Verdict, tt.row)
			}
		})
	}
}

// TestMergeInAnyOrder merges what several passes made of a site: which file
// stands first does not matter, nor that one stands twice.
func TestMergeInAnyOrder(t *testing.T) {
	at := func(minute int, cancelled bool) audit.Result {
		r := audit.Result{ID: "1", CheckedAt: surveyed.Add(time.Duration(minute) * time.Minute), Policy: &hsts.Policy{MaxAge: uint64(minute)}}
		if cancelled {
			r.Exchanges = []audit.Exchange{{Probe: visit.ProbeHTTP, Error: &audit.Error{Kind: visit.KindCancelled}}}
		}
		return r
	}
	first, second, cut := at(1, false), at(2, false), at(3, true)
	for _, passes := range [][]audit.Result{
		{first, second, cut}, {cut, second, first}, {second, cut, first, second}, {first, cut, second},
	} {
		merged := Merge(passes)
		if len(merged) != 1 || merged[0].Policy.MaxAge != 2 {
			t.Errorf("merged to %d results, of minute %d", len(merged), merged[0].Policy.MaxAge)
		}
	}
	if merged := Merge([]audit.Result{cut}); len(merged) != 1 {
		t.Error("a result that was cancelled is lost where it is the only one")
	}
}
