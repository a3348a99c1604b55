package audit

import (
	"strings"
	"testing"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// TestCookies: as in a browser, cookies that the page's redirects set come back
// to whoever may have them, and with them the visit gets where it would not.
func TestCookies(t *testing.T) {
	sets := func(location string, cookies ...string) lab.Answer {
		a := lab.Answer{Status: 302, Location: location}
		for _, c := range cookies {
			a.Fields = append(a.Fields, "Set-Cookie: "+c)
		}
		return a
	}
	chain := func(first lab.Answer, rest ...lab.Host) []lab.Host {
		return append(rest, lab.Host{Name: "a.test", Paths: map[string]lab.Answer{"/": first}})
	}
	tests := []struct {
		why   string
		hosts []lab.Host
		sent  string // the Cookie fields of the requests, "-" for none
		says  string
	}{
		{"none", chain(sets("/x")), "- -", ""},
		{"to the same host", chain(sets("/x", "a=1; Path=/; HttpOnly", "b=2")), "- a=1; b=2", ""},
		{"a quoted one", chain(sets("/x", `a="1 2"`)), `- a="1 2"`, ""},
		{"not to another host", chain(sets("https://b.test/", "a=1"), lab.Host{Name: "b.test"}), "- -", ""},
		{"to another host of the domain", chain(sets("https://b.a.test/", "a=1; Domain=a.test"), lab.Host{Name: "b.a.test"}), "- a=1", ""},
		{"not of another domain", chain(sets("https://b.test/", "a=1; Domain=b.test"), lab.Host{Name: "b.test"}), "- -", ""},
		{"not of a public suffix", chain(sets("https://b.test/", "a=1; Domain=test"), lab.Host{Name: "b.test"}), "- -", ""},
		{"not to another path", chain(sets("/x", "a=1; Path=/y")), "- -", ""},
		{"secure ones not over http", chain(sets("http://a.test/x", "a=1; Secure", "b=2")), "- b=2 a=1; b=2", ""},
		{"not when it is over", chain(sets("/x", "a=1; Max-Age=0")), "- -", ""},
		{"not what is none", chain(sets("/x", "c\x01=d", "i=j")), "- i=j", ""},
		{"before a carriage return, which ends a line for Chromium alone", chain(sets("/x", "e=f\rg: h", "i=j")), "- e=f; i=j i=j", ""},
		{"without a name, which Firefox takes for one without a value", chain(sets("/x", "a", "=b", "i=j")), "- b; i=j a=; i=j", ""},
		{"not without end", chain(sets("/x", "a="+strings.Repeat("x", (16<<10)), "b=2")), "- b=2", ""},
		{"not of an answer that is no redirect", chain(lab.Answer{Status: 200, Location: "/x", Fields: []string{"Set-Cookie: a=1"}}), "-", ""},
		{"not behind a bad certificate", chain(sets("https://b.a.test/", "a=1; Domain=a.test"), lab.Host{Name: "b.a.test", Cert: lab.CertExpired}), "- -", ""},
		{"a page that wants its cookie back", []lab.Host{{Name: "a.test", Cookie: "id=1", Answer: lab.STS(year)}}, "- id=1", ""},
		{"the same over HTTP/2", []lab.Host{{Name: "a.test", Cookie: "id=1", Answer: lab.STS(year), TLS: lab.OnlyH2}}, "- id=1", ""},
		{"one that is never content", chain(sets("/", "a=1")), "-" + strings.Repeat(" a=1", 20), "redirects in a loop, back to https://a.test/"},
		{"one that forgets", chain(sets("/", "a=1; Max-Age=0")), "-" + strings.Repeat(" -", 20), "redirects in a loop, back to https://a.test/"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			l, a := lead(t, tt.hosts...)
			v := visitSite(t, a, "https://a.test/")
			var sent []string
			for _, r := range l.Requests() {
				sent = append(sent, cookieOf(r.Head))
			}
			if got := strings.Join(sent, " "); got != tt.sent {
				t.Errorf("sent %s, want %s", got, tt.sent)
			}
			last := v.Exchanges[len(v.Exchanges)-1]
			if (last.Error == nil) != (tt.says == "") || last.Error != nil && last.Error.Message != tt.says {
				t.Errorf("error %v, want %q", last.Error, tt.says)
			}
			if cookie := tt.hosts[0].Cookie; cookie != "" && Judge(v, nil).Verdict != Protected {
				t.Errorf("%+v", v.Exchanges)
			}
		})
	}
	t.Run("not in another visit nor in probes", func(t *testing.T) {
		l, a := lead(t, chain(sets("/x", "a=1; Path=/"))...)
		a.Probes = visit.AllProbes
		visitSite(t, a, "https://a.test/")
		visitSite(t, a, "https://a.test/")
		with := 0
		for _, r := range l.Requests() {
			if cookieOf(r.Head) != "-" {
				with++
			}
		}
		if with != 2 {
			t.Errorf("%d requests carry a cookie: %+v", with, l.Requests())
		}
	})
}

func cookieOf(head string) string {
	_, cookie, ok := strings.Cut(head, "\r\nCookie: ")
	if !ok {
		return "-"
	}
	cookie, _, _ = strings.Cut(cookie, "\r\n")
	return cookie
}
