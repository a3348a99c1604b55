package audit

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// A trap is a site of the lab, and what a survey has to say of it: the verdict
// and all rules that fire, in their order.
type trap struct {
	name    string
	url     string
	hosts   []lab.Host
	verdict Verdict
	rules   string
}

// redirecting is a healthy host that sends its visitors on.
func redirecting(name, to string, sts ...string) lab.Host {
	h := lab.Sends(name, sts...)
	h.Answer.Location = to
	return h
}

func withCert(c lab.Cert, h lab.Host) lab.Host { h.Cert = c; return h }

func withTLS(c lab.Conn, h lab.Host) lab.Host { h.TLS = c; return h }

func withPlain(p lab.Answer, h lab.Host) lab.Host { h.Plain = &p; return h }

// lines is a host whose answer has these field lines.
func lines(name string, fields ...string) lab.Host {
	return lab.Host{Name: name, Answer: lab.Answer{Fields: fields}}
}

// one is a trap that is a field's value alone.
func one(name, host, field string, verdict Verdict, rules string) trap {
	return trap{name, "https://" + host + "/", []lab.Host{lab.Sends(host, field)}, verdict, rules}
}

var traps = []trap{
	{"the header is on the final host alone", "https://start.test/",
		[]lab.Host{redirecting("start.test", "https://final.test/"), lab.Sends("final.test", withSub)},
		Partial, "header-absent"},
	{"http://apex leads to https://www: the apex is never taught", "http://apex.test/",
		[]lab.Host{withPlain(lab.Answer{Location: "https://www.apex.test/"}, lab.Sends("apex.test", withSub)), lab.Sends("www.apex.test", withSub)},
		Partial, "http-redirects-away"},
	{"includeSubDomains on www does not cover the apex", "https://below.test/",
		[]lab.Host{redirecting("below.test", "https://www.below.test/"), lab.Sends("www.below.test", withSub)},
		Partial, "header-absent"},

	one("max-age last", "last.test", "includeSubDomains; max-age=31536000", Protected, ""),
	one("any case", "case.test", "MAX-AGE=31536000; INCLUDESUBDOMAINS", Protected, ""),
	one("quoted", "quoted.test", `max-age="31536000"; includeSubDomains`, Protected, "max-age-quoted"),
	one("a leading zero", "zeros.test", "max-age=031536000; includeSubDomains", Protected, ""),
	one("2^64 and more, which Firefox ignores", "huge.test", "max-age=18446744073709551616; includeSubDomains", Partial, "clients-differ max-age-excessive"),
	one("less than 2^64", "large.test", "max-age=18446744073709551615; includeSubDomains", Protected, "max-age-excessive"),

	{"two fields, equal", "https://equal.test/", []lab.Host{lab.Sends("equal.test", withSub, withSub)}, Protected, "field-repeated"},
	{"two fields that differ", "https://differ.test/", []lab.Host{lab.Sends("differ.test", withSub, "max-age=0")}, Protected, "field-repeated"},
	{"two fields that differ, max-age=0 first", "https://zero-first.test/", []lab.Host{lab.Sends("zero-first.test", "max-age=0", withSub)}, Disabled, "max-age-zero field-repeated"},
	{"two fields, the good one first", "https://good-first.test/", []lab.Host{lab.Sends("good-first.test", withSub, "includeSubDomains")}, Protected, "field-repeated"},
	{"two fields, the bad one first", "https://bad-first.test/", []lab.Host{lab.Sends("bad-first.test", "includeSubDomains", withSub)}, Ignored, "max-age-absent field-repeated"},

	{"the field over http alone", "https://plain.test/",
		[]lab.Host{withPlain(lab.Answer{Location: "https://plain.test/", Fields: lab.STS(withSub).Fields}, lab.Sends("plain.test"))},
		Absent, "header-absent header-over-http"},
	{"the field on the http redirect of the page alone", "http://plain-first.test/",
		[]lab.Host{withPlain(lab.Answer{Location: "https://plain-first.test/", Fields: lab.STS(withSub).Fields}, lab.Sends("plain-first.test"))},
		Ignored, "header-absent header-over-http"},
	{"no https at all", "http://no-https.test/",
		[]lab.Host{withPlain(lab.Answer{Fields: lab.STS(withSub).Fields}, withTLS(lab.Refused, lab.Sends("no-https.test")))},
		Ignored, "header-over-http http-no-redirect"},

	{"behind an expired certificate", "https://expired.test/", []lab.Host{withCert(lab.CertExpired, lab.Sends("expired.test", withSub))}, Ignored, "certificate-invalid"},
	{"behind a certificate of tomorrow", "https://tomorrow.test/", []lab.Host{withCert(lab.CertNotYetValid, lab.Sends("tomorrow.test", withSub))}, Ignored, "certificate-invalid"},
	{"behind another host's certificate", "https://wrong-host.test/", []lab.Host{withCert(lab.CertWrongHost, lab.Sends("wrong-host.test", withSub))}, Ignored, "certificate-invalid"},
	{"behind a certificate of an unknown authority", "https://unknown-ca.test/", []lab.Host{withCert(lab.CertUnknownCA, lab.Sends("unknown-ca.test", withSub))}, Ignored, "certificate-invalid"},
	{"behind a self-signed certificate", "https://self-signed.test/", []lab.Host{withCert(lab.CertSelfSigned, lab.Sends("self-signed.test", withSub))}, Ignored, "certificate-invalid"},
	{"max-age=0 behind a bad certificate switches nothing off", "https://expired-zero.test/", []lab.Host{withCert(lab.CertExpired, lab.Sends("expired-zero.test", "max-age=0"))}, Ignored, "certificate-invalid"},
	{"a bad certificate and no header", "https://expired-bare.test/", []lab.Host{withCert(lab.CertExpired, lab.Sends("expired-bare.test"))}, Unknown, "certificate-invalid"},
	{"a redirect behind a bad certificate is not followed", "https://expired-on.test/",
		[]lab.Host{withCert(lab.CertExpired, redirecting("expired-on.test", "https://never.test/")), lab.Sends("never.test", withSub)}, Unknown, "certificate-invalid"},

	{"an IPv4 literal", "https://192.0.2.7/", []lab.Host{lab.Sends("192.0.2.7", withSub)}, Ignored, "host-is-ip"},
	{"an IPv6 literal", "https://[2001:db8::7]/", []lab.Host{lab.Sends("2001:db8::7", withSub)}, Ignored, "host-is-ip"},
	{"a port other than 443", "https://port.test:8443/", []lab.Host{lab.Sends("port.test", withSub)}, Protected, ""},
	{"localhost", "https://localhost/", []lab.Host{lab.Sends("localhost", withSub)}, Ignored, "clients-differ"},

	{"max-age=0 after a policy", "https://again.test/",
		[]lab.Host{{Name: "again.test", Answer: redirecting("", "/off", withSub).Answer, Paths: map[string]lab.Answer{"/off": lab.STS("max-age=0")}}},
		Disabled, "max-age-zero"},
	{"a policy after max-age=0", "https://back.test/",
		[]lab.Host{{Name: "back.test", Answer: redirecting("", "/on", "max-age=0").Answer, Paths: map[string]lab.Answer{"/on": lab.STS(withSub)}}},
		Protected, ""},

	{"the intermediate is missing and AIA supplies it", "https://no-intermediate.test/",
		[]lab.Host{withCert(lab.CertNoIntermediate, lab.Sends("no-intermediate.test", withSub))}, Protected, "chain-incomplete"},
	{"the intermediate is missing and AIA does not answer", "https://dead-intermediate.test/",
		[]lab.Host{withCert(lab.CertNoIntermediateDeadAIA, lab.Sends("dead-intermediate.test", withSub))}, Unknown, "chain-incomplete"},
	{"the intermediate is missing and there is no AIA", "https://lost-intermediate.test/",
		[]lab.Host{withCert(lab.CertNoIntermediateNoAIA, lab.Sends("lost-intermediate.test", withSub))}, Ignored, "certificate-invalid"},
	{"RSA key exchange only", "https://rsa.test/", []lab.Host{withTLS(lab.RSAKeyExchange, lab.Sends("rsa.test", withSub))}, Protected, ""},
	{"TLS 1.1 only, which browsers refuse", "https://old.test/", []lab.Host{withTLS(lab.OldTLS, lab.Sends("old.test", withSub))}, Unknown, ""},
	{"HTTP/2 only", "https://h2.test/", []lab.Host{withTLS(lab.OnlyH2, lab.Sends("h2.test", withSub))}, Protected, ""},

	one("preload on a subdomain", "login.preload.test", full, Protected, "preload-unqualified"),
	one("preload on the registrable domain", "preload.test", full, Protected, "preload-consent"),
	{"the field's name in capitals", "https://upper.test/", []lab.Host{lines("upper.test", "STRICT-TRANSPORT-SECURITY: "+withSub)}, Protected, ""},
	{"the field's name in small letters", "https://lower.test/", []lab.Host{lines("lower.test", "strict-transport-security:"+withSub)}, Protected, ""},
	{"a blank before the colon, which Chromium alone reads", "https://blank.test/", []lab.Host{lines("blank.test", "Strict-Transport-Security : "+withSub)}, Partial, "clients-differ"},
	{"the value on two lines", "https://folded.test/", []lab.Host{lines("folded.test", "Strict-Transport-Security: max-age=31536000;\r\n includeSubDomains")}, Protected, ""},
	{"a NUL byte anywhere: Chromium refuses the whole answer", "https://nul.test/", []lab.Host{lines("nul.test", "X: \x00", "Strict-Transport-Security: "+withSub)}, Unknown, ""},
	{"two Content-Dispositions: browsers refuse the whole answer", "https://split.test/",
		[]lab.Host{lines("split.test", "Content-Disposition: inline", "Content-Disposition: attachment", "Strict-Transport-Security: "+withSub)}, Unknown, ""},
	{"a change of protocol that nobody asked for: Chromium refuses it, Firefox does not", "https://switching.test/",
		[]lab.Host{{Name: "switching.test", Answer: lab.Answer{Raw: "HTTP/1.1 101 Switching Protocols\r\nStrict-Transport-Security: " + withSub + "\r\n\r\n"}}}, Partial, "clients-differ"},
	{"a carriage return in the value, which Chromium alone takes for its end", "https://cr.test/",
		[]lab.Host{lines("cr.test", "Strict-Transport-Security: max-age=31536000\r; includeSubDomains")}, Partial, "clients-differ header-syntax"},
	{"the field behind a carriage return, where Chromium alone sees it", "https://cr-before.test/",
		[]lab.Host{lines("cr-before.test", "X: y\rstrict-transport-security: "+withSub)}, Partial, "clients-differ"},
	{"a carriage return elsewhere", "https://cr-else.test/", []lab.Host{lines("cr-else.test", "X: y\rz", "Strict-Transport-Security: "+withSub)}, Protected, ""},
	{"a carriage return too many at the end, which Firefox takes for a part of the value", "https://cr-end.test/",
		[]lab.Host{lines("cr-end.test", "Strict-Transport-Security: "+withSub+"\r")}, Partial, "clients-differ header-syntax"},
	{"another field's name", "https://other.test/", []lab.Host{lines("other.test", "X-Strict-Transport-Security: "+withSub, "Public-Key-Pins: "+withSub)}, Absent, "header-absent header-misnamed"},
	{"a 103 with the field and a 200 without", "https://hints.test/",
		[]lab.Host{{Name: "hints.test", Answer: lab.Answer{Interim: []lab.Answer{{Status: http.StatusEarlyHints, Fields: lab.STS(withSub).Fields}}}}}, Absent, "header-absent"},
	{"a trailing dot", "https://dot.test./", []lab.Host{lab.Sends("dot.test", withSub)}, Protected, ""},
	{"an IDN host", "https://münchen.test/", []lab.Host{lab.Sends("xn--mnchen-3ya.test", withSub)}, Protected, ""},

	{"404 with the header", "https://gone.test/x", []lab.Host{{Name: "gone.test", Answer: lab.Answer{Status: 404, Fields: lab.STS(withSub).Fields}}}, Protected, "error-status"},
	{"403 without", "https://blocked.test/", []lab.Host{{Name: "blocked.test", Answer: lab.Answer{Status: 403}}}, Unknown, ""},
	{"a bare redirect to a page that is refused", "https://refused.test/",
		[]lab.Host{{Name: "refused.test", Answer: lab.Answer{Location: "/login"}, Paths: map[string]lab.Answer{"/login": {Status: 403}}}}, Unknown, ""},
	{"a challenge on another host is a hop", "https://challenged.test/",
		[]lab.Host{redirecting("challenged.test", "https://challenge.test/?x", withSub), {Name: "challenge.test", Answer: lab.Answer{Status: 403}}}, Partial, "hop-unprotected"},
	{"a redirect loop without the header", "https://loop.test/", []lab.Host{redirecting("loop.test", "https://loop.test/")}, Unknown, "chain-cut"},
	{"a loop by way of another host", "https://there.test/",
		[]lab.Host{redirecting("there.test", "https://back-again.test/"), redirecting("back-again.test", "https://there.test/")}, Unknown, "header-absent hop-unprotected chain-cut"},
	{"a redirect loop with the header", "https://loop-sends.test/", []lab.Host{redirecting("loop-sends.test", "https://loop-sends.test/", withSub)}, Protected, "chain-cut"},
	{"a later host that is not there", "https://leads.test/", []lab.Host{redirecting("leads.test", "https://gone-for-good.test/", withSub)}, Protected, "chain-cut"},
	{"https leads to its own http, which leads back", "https://round.test/",
		[]lab.Host{redirecting("round.test", "http://round.test/")}, Unknown, "https-downgrade chain-cut"},
	{"the policy steers: its own http is asked over https", "https://steered.test/",
		[]lab.Host{{Name: "steered.test", Answer: redirecting("", "http://steered.test/in", withSub).Answer, Paths: map[string]lab.Answer{"/in": {}}}}, Protected, ""},
	{"the first answer has no header, and the page behind it does", "https://late.test/",
		[]lab.Host{{Name: "late.test", Answer: lab.Answer{Location: "/home"}, Paths: map[string]lab.Answer{"/home": lab.STS(withSub)}}}, Protected, "first-answer-bare"},
	{"Clear-Site-Data takes the policy along in Firefox", "https://cleared.test/",
		[]lab.Host{lines("cleared.test", "Strict-Transport-Security: "+withSub, `Clear-Site-Data: "cookies", "cache"`)}, Partial, "policy-cleared"},
	{"Clear-Site-Data of cookies alone takes nothing along", "https://kept.test/",
		[]lab.Host{lines("kept.test", "Strict-Transport-Security: "+withSub, `Clear-Site-Data: "cookies"`)}, Protected, ""},
	{"a redirect to a port that browsers block", "https://blocks.test/", []lab.Host{redirecting("blocks.test", "https://blocks.test:6000/", withSub)}, Protected, "browser-refuses chain-cut"},
	{"a host name to which Firefox does not go", "https://-edge.test/", []lab.Host{lab.Sends("-edge.test", withSub)}, Partial, "browser-refuses"},

	// These stand below a known public suffix, so browsers try https by themselves.
	{"http://apex leads to https://www, and browsers go to https://apex first", "http://parts.example.org/",
		[]lab.Host{
			{Name: "parts.example.org", Answer: redirecting("", "https://www.parts.example.org/", withSub).Answer, Plain: &lab.Answer{Location: "https://www.parts.example.org/"}},
			lab.Sends("www.parts.example.org", withSub),
		},
		Partial, "needs-upgrade http-redirects-away"},
	{"http leads to https on the same host: all clients meet there", "http://meets.example.org/", []lab.Host{lab.Sends("meets.example.org", withSub)}, Protected, ""},
	{"http does not redirect, and browsers go to https first", "http://stays.example.org/",
		[]lab.Host{withPlain(lab.Answer{}, lab.Sends("stays.example.org", withSub))}, Partial, "needs-upgrade http-no-redirect"},
	{"https is refused, and http answers", "http://plain.example.org/",
		[]lab.Host{withPlain(lab.Answer{}, withTLS(lab.Refused, lab.Sends("plain.example.org")))}, Absent, "no-https http-no-redirect"},
	{"the same of an address that says https", "https://plain-too.example.org/",
		[]lab.Host{withPlain(lab.Answer{}, withTLS(lab.Refused, lab.Sends("plain-too.example.org")))}, Unknown, ""},
	{"https is refused, and http answers with an error", "http://refuses.example.org/",
		[]lab.Host{withPlain(lab.Answer{Status: 403}, withTLS(lab.Refused, lab.Sends("refuses.example.org")))}, Absent, "no-https"},
	{"neither answers", "http://dead.example.org/", []lab.Host{{Name: "dead.example.org", TLS: lab.Refused, HTTP: lab.Refused}}, Unknown, ""},
	{"https on a later hop that http leads to is refused", "https://hops.example.org/",
		[]lab.Host{redirecting("hops.example.org", "http://hop.example.org/", withSub), withPlain(lab.Answer{}, withTLS(lab.Refused, lab.Sends("hop.example.org")))},
		Partial, "hop-unprotected https-downgrade"},
	{"https leads to http", "https://down.test/",
		[]lab.Host{withPlain(lab.Answer{Status: 200}, redirecting("down.test", "http://down.test/"))}, Absent, "header-absent http-no-redirect https-downgrade"},
	{"a host that does not exist", "https://nowhere.test/", nil, Unknown, ""},
}

// auditorOf audits the lab with some probes.
func auditorOf(t *testing.T, l *lab.Lab, probes ...Probe) *Auditor {
	t.Helper()
	a := &Auditor{Roots: l.CA, Timeout: 5 * time.Second, Probes: probes}
	connectTo(t, a, append([]string{":8443:" + l.TLSAddr()}, l.ConnectTo()...))
	return a
}

func connectTo(t *testing.T, a *Auditor, entries []string) {
	t.Helper()
	for _, entry := range entries {
		c, err := visit.ParseConnectTo(entry)
		if err != nil {
			t.Fatal(err)
		}
		a.ConnectTo = append(a.ConnectTo, c)
	}
}

func startLab(t *testing.T, hosts ...lab.Host) *lab.Lab {
	t.Helper()
	l, err := lab.Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// rulesOf lists the rules that fired, each once, in their order.
func rulesOf(r Result) string {
	var ids []string
	for _, f := range r.Findings {
		ids = append(ids, f.Rule)
	}
	return strings.Join(slices.Compact(ids), " ")
}

// TestTraps has one survey of all that peers fall into.
func TestTraps(t *testing.T) {
	var hosts []lab.Host
	var sites []Site
	for _, tt := range traps {
		hosts = append(hosts, tt.hosts...)
		sites = append(sites, Site{Name: tt.name, URL: tt.url})
	}
	l := startLab(t, hosts...)
	results := slices.Collect(auditorOf(t, l, visit.ProbeHTTP).Survey(context.Background(), slices.Values(sites)))
	if len(results) != len(traps) {
		t.Fatalf("%d results of %d sites", len(results), len(traps))
	}
	for i, tt := range traps {
		t.Run(tt.name, func(t *testing.T) {
			r := results[i]
			if r.Name != tt.name || r.Verdict != tt.verdict || rulesOf(r) != tt.rules {
				t.Errorf("%q: %s, rules %q; want %s, %q", r.Name, r.Verdict, rulesOf(r), tt.verdict, tt.rules)
			}
			checkRejudged(t, r)
			if t.Failed() {
				dump(t, r.Visit())
				t.Log(r.Findings, r.Error)
			}
		})
	}
	for _, request := range l.Requests() {
		if strings.HasPrefix(request.URL, "https://never.test/") {
			t.Error("followed a redirect that came behind a bad certificate")
		}
	}
}

var randomPath = regexp.MustCompile(`/hsts-check-[0-9a-f]+$`)

// requested lists what was asked for and where, in order.
func requested(l *lab.Lab) []string {
	var asked []string
	for _, r := range l.Requests() {
		asked = append(asked, randomPath.ReplaceAllString(r.URL, "/RANDOM")+" at "+r.At)
	}
	return asked
}

// TestProbes has each probe find what it is for, with one request a thing.
func TestProbes(t *testing.T) {
	bareErrors := lab.Host{Name: "www.a.test", Answer: lab.Answer{Status: 404}, Paths: map[string]lab.Answer{"/login": lab.STS(withSub)}}
	tests := []struct {
		name, url string
		hosts     []lab.Host
		probes    []Probe
		verdict   Verdict
		rules     string
		asked     []string
	}{
		{"error-page: nginx without always", "https://www.a.test/login", []lab.Host{bareErrors}, []Probe{visit.ProbeErrorPage},
			Protected, "error-page-bare", []string{"https://www.a.test/login", "https://www.a.test/RANDOM"}},
		{"error-page: with the header", "https://a.test/login", []lab.Host{{Name: "a.test", Answer: lab.Answer{Status: 404, Fields: lab.STS(withSub).Fields},
			Paths: map[string]lab.Answer{"/login": lab.STS(withSub)}}}, []Probe{visit.ProbeErrorPage},
			Protected, "", []string{"https://a.test/login", "https://a.test/RANDOM"}},
		{"error-page: of a site that is listed by http", "http://www.a.test/login", []lab.Host{bareErrors}, []Probe{visit.ProbeErrorPage},
			Protected, "error-page-bare", []string{"http://www.a.test/login", "https://www.a.test/login", "https://www.a.test/RANDOM"}},
		{"error-page: a name with a trailing dot", "http://a.test./", []lab.Host{lab.Sends("a.test", withSub)}, []Probe{visit.ProbeErrorPage},
			Protected, "", []string{"http://a.test/", "https://a.test/", "https://a.test/RANDOM"}},
		{"http: the same request is not made twice", "http://a.test/", []lab.Host{lab.Sends("a.test", withSub)}, []Probe{visit.ProbeHTTP},
			Protected, "", []string{"http://a.test/", "https://a.test/"}},
		{"http: not followed", "https://a.test/login", []lab.Host{withPlain(lab.Answer{Location: "https://www.a.test/"}, lab.Sends("a.test", withSub))}, []Probe{visit.ProbeHTTP},
			Protected, "http-redirects-away", []string{"https://a.test/login", "http://a.test/"}},
		{"http: a port is left out", "https://a.test:8443/", []lab.Host{lab.Sends("a.test", withSub)}, []Probe{visit.ProbeHTTP},
			Protected, "", []string{"https://a.test/", "http://a.test/"}},
		{"apex: without header, and not followed", "https://www.a.test/", []lab.Host{lab.Sends("www.a.test", withSub), redirecting("a.test", "https://elsewhere.test/")}, []Probe{visit.ProbeApex},
			Protected, "apex-unprotected", []string{"https://www.a.test/", "https://a.test/"}},
		{"apex: covers", "https://login.www.a.test/", []lab.Host{lab.Sends("login.www.a.test", withSub), lab.Sends("a.test", withSub)}, []Probe{visit.ProbeApex},
			Protected, "", []string{"https://login.www.a.test/", "https://a.test/"}},
		{"apex: below a public suffix of two labels", "https://www.a.co.nz/", []lab.Host{lab.Sends("www.a.co.nz", withSub), lab.Sends("a.co.nz")}, []Probe{visit.ProbeApex},
			Protected, "apex-unprotected", []string{"https://www.a.co.nz/", "https://a.co.nz/"}},
		{"apex: the page itself", "https://a.test/", []lab.Host{lab.Sends("a.test", withSub)}, []Probe{visit.ProbeApex},
			Protected, "", []string{"https://a.test/"}},
		{"apex: an IP address has none", "https://192.0.2.7/", []lab.Host{lab.Sends("192.0.2.7", withSub)}, []Probe{visit.ProbeApex, visit.ProbeWWW},
			Ignored, "host-is-ip", []string{"https://192.0.2.7/"}},
		{"www: answers and is not covered", "https://a.test/", []lab.Host{lab.Sends("a.test", year), lab.Sends("www.a.test")}, []Probe{visit.ProbeWWW},
			Protected, "include-subdomains-absent www-unprotected", []string{"https://a.test/", "https://www.a.test/"}},
		{"www: covered by the apex", "https://a.test/", []lab.Host{lab.Sends("a.test", withSub), lab.Sends("www.a.test")}, []Probe{visit.ProbeWWW},
			Protected, "", []string{"https://a.test/", "https://www.a.test/"}},
		{"www: is not there", "https://a.test/", []lab.Host{lab.Sends("a.test", year)}, []Probe{visit.ProbeWWW},
			Protected, "include-subdomains-absent", []string{"https://a.test/"}},
		{"addresses: there is one", "https://a.test/", []lab.Host{lab.Sends("a.test", withSub)}, []Probe{visit.ProbeAddresses},
			Protected, "", []string{"https://a.test/"}},
		{"all", "https://a.test/login", []lab.Host{lab.Sends("a.test", full), lab.Sends("www.a.test")}, visit.AllProbes,
			Protected, "preload-consent", []string{"https://a.test/login", "http://a.test/", "https://a.test/RANDOM", "https://a.test/", "https://www.a.test/"}},
		{"none of a site that gave no answer", "https://a.test/", []lab.Host{withTLS(lab.Reset, lab.Sends("a.test")), lab.Sends("www.a.test")}, visit.AllProbes,
			Unknown, "", nil},
		{"behind a bad certificate too", "https://a.test/", []lab.Host{withCert(lab.CertExpired, lab.Sends("a.test", withSub)), lab.Sends("www.a.test")}, []Probe{visit.ProbeHTTP, visit.ProbeWWW},
			Ignored, "certificate-invalid www-unprotected", []string{"https://a.test/", "http://a.test/", "https://www.a.test/"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := startLab(t, tt.hosts...)
			sites := slices.Values([]Site{{URL: tt.url}})
			for r := range auditorOf(t, l, tt.probes...).Survey(context.Background(), sites) {
				if r.Verdict != tt.verdict || rulesOf(r) != tt.rules {
					t.Errorf("%s, rules %q; want %s, %q", r.Verdict, rulesOf(r), tt.verdict, tt.rules)
				}
			}
			var want []string
			for _, url := range tt.asked {
				want = append(want, url+" at 127.0.0.1")
			}
			if asked := requested(l); !slices.Equal(asked, want) {
				t.Errorf("asked for %q\n   want %q", asked, want)
			}
		})
	}
}

// TestProbeAddresses visits each address of a round-robin name by itself.
func TestProbeAddresses(t *testing.T) {
	for _, addr := range []string{"127.0.0.2", "127.0.0.3"} {
		if !lab.CanListen(addr) {
			t.Skipf("this machine does not let a test listen on %s", addr)
		}
	}
	sends := lab.Host{Answer: lab.STS(withSub)}
	tests := []struct {
		name    string
		at3     lab.Host
		verdict Verdict
		rules   string
		says    string
	}{
		{"one sends nothing", lab.Host{}, Protected, "addresses-differ",
			`127.0.0.1, 127.0.0.2 send "max-age=31536000; includeSubDomains"; 127.0.0.3 sends no valid policy`},
		{"one sends another policy", lab.Host{Answer: lab.STS(year)}, Protected, "addresses-differ",
			`127.0.0.1, 127.0.0.2 send "max-age=31536000; includeSubDomains"; 127.0.0.3 sends "max-age=31536000"`},
		{"one has an expired certificate", lab.Host{Answer: lab.STS(withSub), Cert: lab.CertExpired}, Protected, "certificate-invalid addresses-differ",
			`127.0.0.1, 127.0.0.2 send "max-age=31536000; includeSubDomains"; 127.0.0.3 has a bad certificate`},
		{"all alike", sends, Protected, "", ""},
		{"one does not answer", lab.Host{TLS: lab.Reset}, Protected, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := startLab(t, lab.Host{Name: "a.test", Answer: lab.STS(withSub), At: map[string]lab.Host{"127.0.0.2": sends, "127.0.0.3": tt.at3}})
			a := &Auditor{Roots: l.CA, Timeout: 5 * time.Second, Probes: []Probe{visit.ProbeAddresses}}
			to, resolve := l.RoundRobin()
			connectTo(t, a, to)
			for _, entry := range resolve {
				r, err := visit.ParseResolve(entry)
				if err != nil {
					t.Fatal(err)
				}
				a.Resolve = append(a.Resolve, r)
			}
			for r := range a.Survey(context.Background(), slices.Values([]Site{{URL: "https://a.test/login"}})) {
				if r.Verdict != tt.verdict || rulesOf(r) != tt.rules {
					t.Errorf("%s, rules %q; want %s, %q", r.Verdict, rulesOf(r), tt.verdict, tt.rules)
				}
				if found := of("addresses-differ", r); tt.says != "" && (len(found) != 1 || !strings.Contains(found[0].Message, tt.says)) {
					t.Errorf("%+v\ndoes not say %s", found, tt.says)
				}
			}
			want := []string{"https://a.test/login at 127.0.0.1", "https://a.test/login at 127.0.0.1", "https://a.test/login at 127.0.0.2", "https://a.test/login at 127.0.0.3"}
			if tt.at3.TLS == lab.Reset {
				want = want[:3]
			}
			if asked := requested(l); !slices.Equal(asked, want) {
				t.Errorf("asked for %q\n   want %q", asked, want)
			}
		})
	}
}
