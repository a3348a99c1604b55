package report

import (
	"strings"
	"testing"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/visit"
)

func TestNotes(t *testing.T) {
	const e, w, i = audit.SeverityError, audit.SeverityWarning, audit.SeverityInfo
	finding := func(rule string, s audit.Severity, short string) audit.Finding {
		return audit.Finding{Rule: rule, Severity: s, Host: "a.example", Message: "a.example: " + short + "; fix it", Short: short}
	}
	elsewhere := func(f audit.Finding) audit.Finding {
		f.Host = "b.example"
		return f
	}
	result := func(v audit.Verdict, all ...audit.Finding) audit.Result {
		return audit.Result{Verdict: v, Host: "a.example", Findings: all}
	}
	listed := func(r audit.Result) audit.Result {
		r.Preloaded = &audit.Preloaded{Entry: "example"}
		return r
	}
	unknown := func(kind audit.ErrorKind, message string) audit.Result {
		return audit.Result{Verdict: audit.Unknown, Host: "a.example", Error: &audit.Error{Kind: kind, Message: message}}
	}
	policy := func(r audit.Result) audit.Result {
		r.Policy = &hsts.Policy{MaxAge: 1}
		return r
	}
	waived := finding("header-absent", e, "no header")
	waived.Waived = &audit.Waived{Reason: "soon"}
	long := strings.Repeat("x", audit.MostShort-len(" (on the preload list)"))
	tests := []struct {
		name   string
		result audit.Result
		want   note
	}{
		{"nothing to say", result(audit.Protected), note{}},
		{"what the verdict says", result(audit.Absent, finding("header-absent", e, "no header")),
			note{text: "no header", rule: "header-absent", plain: true}},
		{"the reason, and not the worst", result(audit.Partial, finding("hop-unprotected", w, "b.example: no answer"), finding("max-age-zero", e, "max-age=0")),
			note{text: "b.example: no answer", rule: "hop-unprotected", full: "a.example: b.example: no answer; fix it (hop-unprotected)"}},
		{"the worst of a protected site", result(audit.Protected, finding("directive-empty", i, "a semicolon"), finding("error-page-bare", w, "error pages lack the header"), finding("addresses-differ", e, "they differ")),
			note{text: "they differ", rule: "addresses-differ", full: "a.example: they differ; fix it (addresses-differ)"}},
		{"not what is worth knowing alone", result(audit.Protected, finding("directive-empty", i, "a semicolon")), note{}},
		{"not what the policy's columns say", policy(result(audit.Protected, finding("include-subdomains-absent", w, "no includeSubDomains"))), note{}},
		{"but of another host", policy(result(audit.Protected, elsewhere(finding("include-subdomains-absent", w, "b.example: no includeSubDomains")))),
			note{text: "b.example: no includeSubDomains", rule: "include-subdomains-absent", full: "a.example: b.example: no includeSubDomains; fix it (include-subdomains-absent)"}},
		{"it is waived", result(audit.Absent, waived), note{text: "no header (waived)", rule: "header-absent", full: "waived, soon: a.example: no header; fix it (header-absent)"}},
		{"what is not waived comes first", result(audit.Protected, waived, finding("error-page-bare", w, "error pages lack the header")),
			note{text: "error pages lack the header", rule: "error-page-bare", full: "a.example: error pages lack the header; fix it (error-page-bare)"}},
		{"it is preloaded", listed(result(audit.Absent, finding("header-absent", e, "no header"))), note{text: "no header (on the preload list)", rule: "header-absent"}},
		{"which there is room for", listed(result(audit.Ignored, finding("header-syntax", e, long))),
			note{text: long + " (on the preload list)", rule: "header-syntax", full: "a.example: " + long + "; fix it (header-syntax)"}},
		{"and which there is not", listed(result(audit.Ignored, finding("header-syntax", e, long+"x"))),
			note{text: long + "x", rule: "header-syntax", full: "a.example: " + long + "x; fix it (header-syntax)"}},
		{"a protected site has a column for it", listed(result(audit.Protected)), note{}},
		{"why it is unknown", unknown(visit.KindTimeout, "no answer in time"), note{text: "no answer in time"}},
		{"in short", unknown(visit.KindBlocked, "status 403 without the header: try another"), note{text: "status 403 without the header", full: "status 403 without the header: try another"}},
		{"a record of an earlier version", result(audit.Absent, audit.Finding{Rule: "header-misnamed", Message: "it is misspelt"}),
			note{text: "header misspelled", rule: "header-misnamed", full: "it is misspelt (header-misnamed)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := noteOf(tt.result, nil); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestNoteOfWhatTheGateMisses(t *testing.T) {
	missing := []audit.Miss{{Code: "max-age-short", Short: "max-age is 5 min, under a year", Message: "max-age-short: it is short"}, {Short: "more"}}
	protected := audit.Result{Verdict: audit.Protected}
	if got := noteOf(protected, missing); got.text != "max-age is 5 min, under a year" || got.rule != "max-age-short" || got.full != "max-age-short: it is short" {
		t.Errorf("%+v", got)
	}
	absent := audit.Result{Verdict: audit.Absent, Findings: []audit.Finding{{Rule: "header-absent", Short: "no header"}}}
	if got := noteOf(absent, missing); got.text != "no header" {
		t.Errorf("a site without a header misses the gate by %q", got.text)
	}
}

func TestStandardsLine(t *testing.T) {
	for want, standards := range map[string]map[string]bool{
		"":                              nil,
		"standards met: rfc6797, owasp": {"owasp": true, "rfc6797": true},
		"standards met: rfc6797; missed: ssllabs, owasp": {"owasp": false, "rfc6797": true, "ssllabs": false},
		"standards met: none; missed: rfc6797":           {"rfc6797": false},
	} {
		if got := standardsLine(audit.Result{Standards: standards}); got != want {
			t.Errorf("%v: %q, want %q", standards, got, want)
		}
	}
}
