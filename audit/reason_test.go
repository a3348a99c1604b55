package audit

import (
	"strings"
	"testing"

	"hsts-check/hsts"
	"hsts-check/visit"
)

// TestReason: why a site has its verdict is what decides it, and not the worst
// of what else is wrong.
func TestReason(t *testing.T) {
	long := "https://" + strings.Repeat("very-", 12) + "long.example.org/"
	for _, tt := range []struct {
		why        string
		visit      []Exchange
		verdict    Verdict
		rule, says string
	}{
		{"http leads elsewhere", apex(moved(plainApex, wwwApex)), Partial, "needs-upgrade", "apex.example.org is never taught: http goes straight to www"},
		{"a later host decides, whatever the listed one lacks", []Exchange{moved(a, b, "max-age=1; max-agee=1"), got(b)}, Partial, "header-absent", "b.test: no header"},
		{"one browser departs", []Exchange{got(a, firefoxOnly)}, Partial, "clients-differ", "Firefox accepts the header, though RFC 6797 forbids it"},
		{"switched off, and sent twice", []Exchange{got(a, "max-age=0", year)}, Disabled, "max-age-zero", "max-age=0"},
		{"the certificate before the syntax", []Exchange{badCert(got(a, "max-age:1"))}, Ignored, "certificate-invalid", "the certificate expired on 2020-01-01"},
		{"a header over http alone", []Exchange{moved(plainA, a, year), got(a)}, Ignored, "header-over-http", "header sent over plain http"},
		{"no header", []Exchange{got(a)}, Absent, "header-absent", "no header"},
		{"a name that is nearly right", []Exchange{misnames(got(a), "HSTS")}, Absent, "header-misnamed", `header misspelled as "HSTS"`},
		{"no https", noHTTPS(lost(securePlain, visit.KindRefused)), Absent, "no-https", "no https: lost by refused"},
		{"a loop", loop(), Unknown, "chain-cut", "redirects in a loop, back to https://a.test/"},
		{"an error page", []Exchange{gotStatus(503, a)}, Unknown, "", "status 503 without the header"},
		{"no answer", []Exchange{lost(a, visit.KindTimeout)}, Unknown, "", "lost by timeout"},
		{"a host's name that takes all the room", []Exchange{moved(a, long, year), got(long)}, Partial, "header-absent",
			"…y-very-very-very-very-very-very-long.example.org: no header"},
	} {
		r := Judge(visitOf(tt.visit...), nil)
		if why := r.Reason(); r.Verdict != tt.verdict || why.Rule != tt.rule || why.Short != tt.says {
			t.Errorf("%s: %s, %s: %q\nwant %s, %s: %q", tt.why, r.Verdict, why.Rule, why.Short, tt.verdict, tt.rule, tt.says)
		}
	}
	if why := Judge(visitOf(got(a, year)), nil).Reason(); why != (Finding{}) {
		t.Errorf("a protected site has the reason %+v", why)
	}
}

func TestClause(t *testing.T) {
	for advice, want := range map[string]string{
		`the comma should be a semicolon: write "max-age=1"`: "the comma should be a semicolon",
		`the colon after "a: b" is wrong: write "="`:         `the colon after "a: b" is wrong`,
		"`\"x: y\"` is odd: leave it out":                    "`\"x: y\"` is odd",
		`"a\": b" is odd: leave it out`:                      `"a\": b" is odd`,
		"once is enough":                                     "once is enough",
		`"never closed: write it`:                            `"never closed: write it`,
	} {
		if got := clause(advice); got != want {
			t.Errorf("%q: %q, want %q", advice, got, want)
		}
	}
	_, faults := hsts.Parse("max-age=1, includeSubDomains")
	if got := clause(faults[0].Advice("max-age=1, includeSubDomains")); got != `the comma after "max-age=1" should be a semicolon` {
		t.Error(got)
	}
}
