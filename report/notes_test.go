package report

import (
	"strings"
	"testing"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/visit"
)

func TestNotes(t *testing.T) {
	finding := func(rule string, s audit.Severity, host, message string) audit.Finding {
		return audit.Finding{Rule: rule, Severity: s, Host: host, Message: message}
	}
	page := func(urls ...string) (chain []audit.Exchange) {
		for _, u := range urls {
			chain = append(chain, audit.Exchange{Probe: visit.ProbePage, URL: u})
		}
		return chain
	}
	tests := []struct {
		name   string
		result audit.Result
		want   string
	}{
		{"nothing to say", audit.Result{Verdict: audit.Protected, Host: "a.example"}, ""},
		{"why it is unknown", audit.Result{Verdict: audit.Unknown, Error: &audit.Error{Kind: visit.KindDNS, Message: "no such host"}}, "no such host"},
		{"errors before warnings, no info", audit.Result{Findings: []audit.Finding{
			finding("max-age-short", audit.SeverityWarning, "", "short"),
			finding("directive-empty", audit.SeverityInfo, "", "semicolon"),
			finding("header-syntax", audit.SeverityError, "", "syntax"),
		}}, "syntax; max-age under a year"},
		{"once", audit.Result{Findings: []audit.Finding{
			finding("a", audit.SeverityError, "", "same"), finding("b", audit.SeverityError, "", "same"),
		}}, "same"},
		{"an error that the finding begins with", audit.Result{Verdict: audit.Unknown, Error: &audit.Error{Message: "a loop"}, Findings: []audit.Finding{
			finding("chain-cut", audit.SeverityError, "", "a loop: mend it"),
		}}, "a loop: mend it"},
		{"not what the verdict says", audit.Result{Verdict: audit.Absent, Host: "a.example", Findings: []audit.Finding{
			finding("header-absent", audit.SeverityError, "a.example", "absent"),
		}}, ""},
		{"but of another host", audit.Result{Verdict: audit.Absent, Host: "a.example", Findings: []audit.Finding{
			finding("header-absent", audit.SeverityError, "b.example", "b.example sent none"),
		}}, "b.example sent none"},
		{"and where the verdict says something else", audit.Result{Verdict: audit.Partial, Host: "a.example", Findings: []audit.Finding{
			finding("header-absent", audit.SeverityError, "a.example", "a.example sent none"),
		}}, "sent none"},
		{"a warning of another host names it", audit.Result{Host: "a.example", Findings: []audit.Finding{
			finding("hop-unprotected", audit.SeverityWarning, "b.example", "b.example is open"),
		}}, "b.example: later host not covered"},
		{"a rule of a later version by its message", audit.Result{Findings: []audit.Finding{
			finding("of-tomorrow", audit.SeverityWarning, "", "it rains"),
		}}, "it rains"},
		{"not what the policy's columns say", audit.Result{Verdict: audit.Protected, Host: "a.example", Policy: &hsts.Policy{MaxAge: 1}, Findings: []audit.Finding{
			finding("include-subdomains-absent", audit.SeverityWarning, "a.example", "open"),
		}}, ""},
		{"a redirect to another host", audit.Result{Host: "a.example", Exchanges: page("http://a.example/", "https://b.example:8443/x")}, "redirects to b.example"},
		{"a redirect on the same host", audit.Result{Host: "a.example", Exchanges: page("http://a.example/", "https://A.example/x")}, ""},
		{"a probe is no redirect", audit.Result{Host: "a.example", Exchanges: append(page("https://a.example/"), audit.Exchange{Probe: visit.ProbeApex, URL: "https://b.example/"})}, ""},
		{"an exchange with a broken URL", audit.Result{Host: "a.example", Exchanges: page("https://%zz/")}, ""},
		{"a long message is cut", audit.Result{Error: &audit.Error{Message: strings.Repeat("x", 5000)}}, strings.Repeat("x", noteLimit-1) + "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := notes(tt.result); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
