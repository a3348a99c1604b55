package report

import (
	"testing"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/visit"
)

// sites is a survey of three sites: one weak, one strong, one down.
func sites() []audit.Result {
	weak := site("Sites", "Weak", "https://weak.test/", "weak.test", 1)
	sends(&weak, audit.Protected, "max-age=300", hsts.Policy{MaxAge: 300})
	weak.Findings = []audit.Finding{{Rule: "max-age-short", Severity: audit.SeverityWarning, Message: "weak.test sends max-age=300 ]]> [[ATTACHMENT|x]]", Host: "weak.test"}}
	strong := site("Sites", "Strong", "https://strong.test/", "strong.test", 2)
	sends(&strong, audit.Protected, "max-age=31536000; includeSubDomains", hsts.Policy{MaxAge: 31536000, IncludeSubDomains: true})
	down := site("Sites", "Down", "https://down.test/", "down.test", 3)
	down.Verdict, down.Error = audit.Unknown, &audit.Error{Kind: visit.KindRefused, Message: "connection refused"}
	results := []audit.Result{weak, strong, down}
	for i := range results {
		results[i].Source = &audit.Position{File: "sites.txt", Line: i + 1}
		results[i].Vantage = ""
	}
	return results
}

// gated asks for a year and all subdomains, and no regression; Weak was
// stronger before.
func gated(t *testing.T) Options {
	t.Helper()
	bar, err := audit.ParseBar("max-age=31536000; includeSubDomains")
	if err != nil {
		t.Fatal(err)
	}
	before := sites()
	sends(&before[0], audit.Protected, "max-age=600", hsts.Policy{MaxAge: 600})
	since := Compare(before, sites())
	return Options{Gate: audit.Gate{Bars: []audit.Bar{bar}, Regressions: true}, Since: &since}
}

func TestOwnRulesAreNoOthers(t *testing.T) {
	for _, own := range ownRules {
		if _, ok := audit.RuleByID(own.ID); ok {
			t.Errorf("%s is a rule of the audit", own.ID)
		}
		if ruleOf(own.ID).Title != own.Title || own.Title == "" || own.Help == "" || own.Source == "" || own.Severity == "" {
			t.Errorf("%s is not complete", own.ID)
		}
	}
}

func TestRemarks(t *testing.T) {
	bar, err := audit.ParseBar("hstspreload")
	if err != nil {
		t.Fatal(err)
	}
	preload := Options{Gate: audit.Gate{Bars: []audit.Bar{bar}}}
	all := sites()
	passing := all[1]
	passing.Standards = map[string]bool{"hstspreload": true}
	failing := all[1]
	failing.Standards = map[string]bool{"hstspreload": false}
	tests := []struct {
		why  string
		r    audit.Result
		opt  Options
		want []string
	}{
		{"findings alone, without a gate", all[0], Options{}, []string{"max-age-short"}},
		{"nothing to say", all[1], Options{}, nil},
		{"an unknown site, whether or not a gate asks", all[2], Options{}, []string{"site-unknown"}},
		{"once, however many bars there are", all[2], preload, []string{"site-unknown"}},
		{"a bar and a regression before the findings", all[0], gated(t), []string{"bar-missed", "regression", "max-age-short"}},
		{"a standard that is met", passing, preload, nil},
		{"a standard that is missed", failing, preload, []string{"bar-missed"}},
		{"a standard that cannot be told", all[1], preload, []string{"site-unknown"}},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			var got []string
			for _, f := range remarks(tt.r, tt.opt) {
				got = append(got, f.Rule)
				if f.Message == "" {
					t.Errorf("%s says nothing", f.Rule)
				}
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			}
		})
	}
}
