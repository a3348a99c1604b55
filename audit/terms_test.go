package audit

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hsts-check/visit"
)

// onTerms is a visit on 1 March 2027, of a site of which the list says something.
func onTerms(terms Terms, page ...Exchange) Visit {
	v := visitOf(page...)
	v.CheckedAt = time.Date(2027, 3, 1, 23, 59, 59, 0, time.UTC)
	v.Site.Terms = &terms
	return v
}

func allow(what, until, reason string) Terms {
	return Terms{Allow: []Waiver{{What: what, Waived: Waived{Until: until, Reason: reason}}}}
}

func requires(bars ...string) (t Terms) {
	for _, b := range bars {
		t.Require = append(t.Require, visit.Requirement{Bar: b})
	}
	return t
}

func TestWaiverOfARule(t *testing.T) {
	const rule = "include-subdomains-absent"
	for _, tt := range []struct {
		why    string
		terms  Terms
		waived bool
	}{
		{"forever", allow(rule, "", ""), true},
		{"in capitals", allow("Include-SubDomains-absent", "", ""), true},
		{"on the last day", allow(rule, "2027-03-01", "legacy"), true},
		{"on the day after", allow(rule, "2027-02-28", "legacy"), false},
		{"till a day that is none", allow(rule, "soon", ""), false},
		{"another rule", allow("header-absent", "", ""), false},
		{"nothing", Terms{}, false},
	} {
		t.Run(tt.why, func(t *testing.T) {
			r := Judge(onTerms(tt.terms, got(a, year)), nil)
			i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Rule == rule })
			if i < 0 || (r.Findings[i].Waived != nil) != tt.waived || r.Verdict != Protected {
				t.Fatalf("%s %+v", r.Verdict, r.Findings)
			}
			if w := r.Findings[i].Waived; w != nil && *w != tt.terms.Allow[0].Waived {
				t.Errorf("waived %+v", w)
			}
			for _, failOn := range []string{"warning", rule} {
				if s := gate(t, "", failOn).Judge(r); len(s.Missing) > 0 == tt.waived || s.Unknown {
					t.Errorf("--fail-on %s: %+v", failOn, s)
				}
			}
			again := r.Rejudge(nil)
			if diff := cmp.Diff(r, again); diff != "" {
				t.Errorf("judged again: %s", diff)
			}
		})
	}
}

func TestWaiverOfABar(t *testing.T) {
	const bar = "max-age=31536000; includeSubDomains"
	for _, tt := range []struct {
		why   string
		terms Terms
		bar   string
		falls bool
	}{
		{"the bar itself", allow(bar, "", ""), bar, false},
		{"written otherwise", allow(`includeSubdomains;max-age="31536000"`, "", ""), bar, false},
		{"another policy", allow("max-age=31536000", "", ""), bar, true},
		{"a standard", allow("OWASP", "", ""), "owasp", false},
		{"the rule alone", allow("include-subdomains-absent", "", ""), "owasp", true},
		{"past its day", allow("owasp", "2027-02-28", ""), "owasp", true},
	} {
		t.Run(tt.why, func(t *testing.T) {
			r := Judge(onTerms(tt.terms, got(a, year)), nil)
			if s := gate(t, tt.bar, "").Judge(r); len(s.Missing) > 0 != tt.falls || s.Unknown {
				t.Errorf("%+v", s)
			}
		})
	}
	dead := Judge(onTerms(allow("owasp", "", ""), lost(a, visit.KindTimeout)), nil)
	if gate(t, "owasp", "").Judge(dead).Unknown {
		t.Error("of a site of which nothing is asked any more it is asked whether it was judged")
	}
	if !gate(t, "owasp", "error").Judge(dead).Unknown {
		t.Error("what else is asked of it is forgotten")
	}
}

func TestListRequires(t *testing.T) {
	for _, tt := range []struct {
		why   string
		terms Terms
		bar   string
		want  string // how what is missing begins
	}{
		{"a bar where the run has none", requires("owasp"), "", "misses owasp"},
		{"a lesser one in place of the run's", requires("max-age=1"), "owasp", ""},
		{"a greater one", requires("max-age=31536000; preload"), "max-age=1", "no preload"},
		{"two", requires("max-age=1", "owasp"), "", "misses owasp"},
		{"no other", Terms{}, "owasp", "misses owasp"},
		{"one that is none", requires("best"), "", "unknown"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			s := gate(t, tt.bar, "").Judge(Judge(onTerms(tt.terms, got(a, year)), nil))
			switch {
			case tt.want == "unknown" && s.Unknown && s.Missing == nil:
			case tt.want == "" && !s.Unknown && s.Missing == nil:
			case tt.want != "" && !s.Unknown && len(s.Missing) == 1 && strings.HasPrefix(s.Missing[0].Message, tt.want):
			default:
				t.Errorf("%+v", s)
			}
		})
	}
	dead := Judge(onTerms(requires("owasp"), lost(a, visit.KindTimeout)), nil)
	if !new(Gate).Judge(dead).Unknown {
		t.Error("a list's bar is not known to be met by a site that could not be judged")
	}
}

func TestEndedWaivers(t *testing.T) {
	terms := allow("header-absent", "2027-02-28", "")
	terms.Allow = append(terms.Allow, Waiver{What: "max-age-short", Waived: Waived{Until: "2027-03-01"}}, Waiver{What: "owasp"})
	r := Judge(onTerms(terms, got(a, year)), nil)
	if ended := r.Ended(); len(ended) != 1 || ended[0].What != "header-absent" {
		t.Errorf("%+v", ended)
	}
}

func TestCheckWaiver(t *testing.T) {
	for what, good := range map[string]bool{
		"max-age-short": true, "MAX-AGE-SHORT": true, "regression": true, "owasp": true, "max-age=1; preload": true, "vantages-differ": true,
		"max-age-shrt": false, "warning": false, "": false, "max-age=0": false, "max-age-short legacy": false,
	} {
		if err := CheckWaiver(what); (err == nil) != good {
			t.Errorf("%q: %v", what, err)
		}
	}
}

// TestTermsInARecord: they read back as they were, and those of nothing take no
// room.
func TestTermsInARecord(t *testing.T) {
	terms := allow("include-subdomains-absent", "2027-03-01", "legacy")
	terms.Require, terms.Note = requires("owasp").Require, "seen"
	r := Judge(onTerms(terms, got(a, year)), nil)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"require":["owasp"],"allow":[{"what":"include-subdomains-absent","until":"2027-03-01","reason":"legacy"}],"note":"seen"`,
		`"waived":{"until":"2027-03-01","reason":"legacy"}`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	var read Result
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Terms, read.Terms); diff != "" {
		t.Error(diff)
	}
	if text, _ := json.Marshal(Judge(visitOf(got(a, year)), nil)); strings.Contains(string(text), "allow") || strings.Contains(string(text), "waived") {
		t.Errorf("%s", text)
	}
}
