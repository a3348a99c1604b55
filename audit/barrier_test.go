package audit

import (
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// TestBarriers: where a site refuses the visit, the message says what would be let in.
func TestBarriers(t *testing.T) {
	basic := []string{"WWW-Authenticate: Basic realm=x"}
	for _, tt := range []struct {
		why    string
		status int
		fields []string
		add    string // a field, as -H has it
		kind   ErrorKind
		says   string
	}{
		{"basic", 401, basic, "", visit.KindBlocked, "asks for a user and password: give them with -u USER:PASSWORD"},
		{"basic, and not taken", 401, basic, "Authorization: Basic bWU6cGFzcw==", visit.KindBlocked, "for the Authorization that was sent: check -u"},
		{"another scheme", 401, []string{"WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM"}, "", visit.KindBlocked, "asks for Negotiate, NTLM: send a token"},
		{"no scheme", 401, nil, "", visit.KindBlocked, "does not say how to log in"},
		{"Cloudflare", 403, []string{"cf-mitigated: challenge"}, "", visit.KindBlocked, "Cloudflare challenges the client"},
		{"Cloudflare, busy", 503, []string{"cf-mitigated: challenge"}, "", visit.KindStatus, "Cloudflare challenges the client"},
		{"refused", 403, nil, "", visit.KindBlocked, "try --browser, or another User-Agent (-A)"},
		{"406", 406, nil, "", visit.KindBlocked, "nothing fits the Accept that was sent: it was \"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\"; ask"},
		{"406 of another Accept", 406, nil, "Accept: text/x-mine", visit.KindBlocked, "nothing fits the Accept that was sent: it was \"text/x-mine\"; ask"},
		{"busy", 429, nil, "", visit.KindBlocked, "try again later, with a lower -c or --rate"},
		{"busy for a while", 429, []string{"Retry-After: 150"}, "", visit.KindBlocked, "return in 3 min: visit it then, with a lower -c"},
		{"closed for a while", 503, []string{"Retry-After: 90"}, "", visit.KindStatus, "return in 90 s: visit it then"},
		{"closed", 503, nil, "", visit.KindStatus, "an error page proves nothing"},
		{"closed until then", 503, []string{"Retry-After: " + time.Now().Add(50*time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")}, "", visit.KindStatus, "return in 50 h: visit it then"},
	} {
		_, a := lead(t, lab.Host{Name: "a.test", Answer: lab.Answer{Status: tt.status, Fields: tt.fields}})
		if tt.add != "" {
			if err := a.Request.AddField(tt.add); err != nil {
				t.Fatal(err)
			}
		}
		r := Judge(visitSite(t, a, "https://a.test/"), nil)
		if r.Verdict != Unknown || kind(r.Error) != tt.kind || !strings.Contains(r.Error.Message, tt.says) || strings.HasSuffix(r.Reason().Short, "…") {
			t.Errorf("%s: %s, %v, want %q", tt.why, r.Verdict, r.Error, tt.says)
		}
	}
}

// TestClientCertificateBarrier: servers that finish the handshake say it by a
// status.
func TestClientCertificateBarrier(t *testing.T) {
	v := Visit{Site: Site{URL: "https://a.test/"}, Exchanges: []Exchange{{
		Probe: visit.ProbePage, URL: "https://a.test/", Head: Head{Status: 400}, TLS: &TLS{ClientCertificate: visit.CertificateAsked},
	}}}
	if r := Judge(v, nil); kind(r.Error) != visit.KindStatus || !strings.Contains(r.Error.Message, "wants a client certificate: give one with -E") {
		t.Errorf("error %v", r.Error)
	}
	v.Exchanges[0].TLS.ClientCertificate = visit.CertificateSent
	if r := Judge(v, nil); !strings.Contains(r.Error.Message, "with the client certificate that was sent: the server may not take it") {
		t.Errorf("error %v", r.Error)
	}
}

func TestWaiting(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "1 s", 99 * time.Second: "99 s", 100 * time.Second: "2 min", time.Hour: "60 min", 100 * time.Minute: "2 h", 100 * time.Hour: "5 days",
	} {
		if got := waiting(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
