package visit

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// adds returns a Request with fields as -H has them.
func adds(t testing.TB, lines ...string) Request {
	t.Helper()
	var r Request
	for _, line := range lines {
		if err := r.AddField(line); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// requestsTo returns the fields of the lab's requests for URLs that begin so.
func requestsTo(l *lab.Lab, prefix string) (all []http.Header) {
	for _, r := range l.Requests() {
		if strings.HasPrefix(r.URL, prefix) {
			req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(r.Head)))
			if err != nil {
				panic(err)
			}
			all = append(all, req.Header)
		}
	}
	return all
}

func TestAddField(t *testing.T) {
	r := adds(t, "X-Foo: bar", "X-Empty;", "Accept:", "X-Two:1", "x-two: 2 ", "X-Blank:   ", "X-Colon: a:b;", "Cookie: a=b")
	want := http.Header{"X-Foo": {"bar"}, "X-Empty": {""}, "Accept": nil, "X-Two": {"1", "2"}, "X-Blank": nil, "X-Colon": {"a:b;"}, "Cookie": {"a=b"}}
	for name, values := range want {
		if got, ok := r.Header[name]; !ok || !slices.Equal(got, values) {
			t.Errorf("%s: %q, want %q", name, got, values)
		}
	}
	if len(r.Header) != len(want) {
		t.Errorf("fields %q", r.Header)
	}
	for line, says := range map[string]string{
		"X-Foo":                           "it has no colon",
		"":                                "it has no colon",
		"X-Foo; s3cret":                   "it has no colon",
		": s3cret":                        "is not a field name",
		"X Foo: s3cret":                   "is not a field name",
		"X-Foo s3cret: bar":               "is not a field name",
		"X-Foo : s3cret":                  "is not a field name",
		"X-F\u00f6\u00f6: s3cret":         "is not a field name",
		"X-Foo: s3cret\r\nX-Bar: s3cret":  "line break",
		"X-Foo: s3cret\nx":                "line break",
		"X-Foo: s3cret\x00":               "control character",
		"Host: s3cret.test":               "--connect-to or --resolve",
		"host:":                           "--connect-to or --resolve",
		"Connection: s3cret":              "about the connection",
		"Connection:":                     "about the connection",
		"TE: s3cret":                      "about the connection",
		"Transfer-Encoding: s3cret":       "about the connection",
		"Upgrade: s3cret":                 "about the connection",
		"Keep-Alive: s3cret":              "about the connection",
		"Content-Length: 1":               "no body",
		"proxy-authorization: Basic s3cr": "URL of --proxy",
	} {
		if err := new(Request).AddField(line); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "s3cr") {
			t.Errorf("%q: %v, want %q and no value", line, err, says)
		}
	}
}

// TestFieldsReachTheWire as curl has it, over both versions of HTTP.
func TestFieldsReachTheWire(t *testing.T) {
	l, w := lead(t, lab.Sends("a.test", year), lab.Host{Name: "h2.test", TLS: lab.OnlyH2, Answer: lab.STS(year)})
	w.Request = adds(t, "X-Foo: bar", "X-Empty;", "X-Two: 1", "X-Two: 2", "Accept: text/plain", "accept-language:", "User-Agent: me", "Cookie: c=1")
	w.Request.User = url.UserPassword("me", "p@ss:w\u00f6rd")
	for _, name := range []string{"a.test", "h2.test"} {
		v := visitSite(t, w, "https://"+name+"/")
		x := v.Exchanges[0]
		if x.Status != 200 || x.Error != nil {
			t.Fatalf("%s: %+v, %v", name, x, x.Error)
		}
		slices.Sort(x.Sent)
		if got := strings.ToLower(strings.Join(x.Sent, " ")); got != "accept authorization cookie user-agent x-empty x-foo x-two" {
			t.Errorf("%s: the record says that %s were sent", name, got)
		}
		h := requestsTo(l, "https://"+name)[0]
		for field, want := range map[string][]string{
			"X-Foo": {"bar"}, "X-Empty": {""}, "X-Two": {"1", "2"}, "Accept": {"text/plain"}, "Accept-Language": nil, "User-Agent": {"me"},
			"Cookie": {"c=1"}, "Authorization": {"Basic bWU6cEBzczp3w7ZyZA=="}, "Sec-Fetch-Mode": {"navigate"},
		} {
			if got := h.Values(field); !slices.Equal(got, want) {
				t.Errorf("%s: %s: %q, want %q", name, field, got, want)
			}
		}
	}
}

// TestNoUserAgent: what is left out is not replaced, by HTTP/2 either.
func TestNoUserAgent(t *testing.T) {
	l, w := lead(t, lab.Sends("a.test", year), lab.Host{Name: "h2.test", TLS: lab.OnlyH2, Answer: lab.STS(year)})
	w.Request = adds(t, "User-Agent:", "Authorization: Bearer x", "Cookie:")
	w.Request.User = url.UserPassword("me", "secret")
	for _, name := range []string{"a.test", "h2.test"} {
		visitSite(t, w, "https://"+name+"/")
		h := requestsTo(l, "https://"+name)[0]
		if h.Get("User-Agent") != "" || !slices.Equal(h.Values("Authorization"), []string{"Bearer x"}) {
			t.Errorf("%s: %q", name, h)
		}
	}
}

func TestNoCookies(t *testing.T) {
	l, w := lead(t, lab.Host{Name: "a.test", Paths: map[string]lab.Answer{"/": {Location: "/x", Fields: []string{"Set-Cookie: a=1"}}}, Answer: lab.STS(year)})
	w.Request = adds(t, "Cookie:")
	visitSite(t, w, "https://a.test/")
	if got := requestsTo(l, "https://a.test/x"); len(got) == 0 || got[0].Get("Cookie") != "" {
		t.Errorf("requests %q", got)
	}
}

// TestScope: what is added goes to the listed host and its subdomains, over
// https with a good certificate, and nowhere else.
func TestScope(t *testing.T) {
	const listed = "www.a.test"
	to := func(url string) lab.Answer { return lab.Answer{Location: url} }
	plain := &lab.Answer{}
	for _, tt := range []struct {
		why  string
		url  string // listed
		at   lab.Answer
		next string // where the listed host leads
		adds bool   // to the request for that
	}{
		{"itself", "https://www.a.test/", to("https://www.a.test/x"), "https://www.a.test/x", true},
		{"itself with a dot", "https://www.a.test/", to("https://www.a.test./x"), "https://www.a.test/x", true},
		{"a subdomain", "https://www.a.test/", to("https://x.www.a.test/x"), "https://x.www.a.test/x", true},
		{"its parent", "https://www.a.test/", to("https://a.test/x"), "https://a.test/x", false},
		{"a sibling", "https://www.a.test/", to("https://b.a.test/x"), "https://b.a.test/x", false},
		{"one that ends alike", "https://www.a.test/", to("https://wwww.a.test/x"), "https://wwww.a.test/x", false},
		{"another site", "https://www.a.test/", to("https://other.test/x"), "https://other.test/x", false},
		{"plain http", "https://www.a.test/", to("http://www.a.test/x"), "http://www.a.test/x", false},
		{"a bad certificate", "https://www.a.test/", to("https://bad.www.a.test/x"), "https://bad.www.a.test/x", false},
	} {
		t.Run(tt.why, func(t *testing.T) {
			l, w := lead(t,
				lab.Host{Name: listed, Paths: map[string]lab.Answer{"/": tt.at}, Plain: plain},
				lab.Sends("a.test"), lab.Sends("b.a.test"), lab.Sends("x.www.a.test"), lab.Sends("wwww.a.test"), lab.Sends("other.test"),
				lab.Host{Name: "bad.www.a.test", Cert: lab.CertExpired})
			w.Request = adds(t, "X-Foo: bar", "Accept: text/x-mine", "Cookie: c=1")
			w.Request.User = url.UserPassword("me", "secret")
			w.Probes = AllProbes
			v := visitSite(t, w, tt.url)
			for _, h := range requestsTo(l, tt.url) {
				if h.Get("X-Foo") != "bar" || h.Get("Authorization") == "" || h.Get("Cookie") != "c=1" {
					t.Errorf("the listed host got %q", h)
				}
			}
			if got := requestsTo(l, tt.next); len(got) == 0 {
				t.Errorf("%s was not asked: %q", tt.next, l.Requests())
			} else if tt.adds != (got[0].Get("X-Foo") == "bar" && got[0].Get("Authorization") != "" && got[0].Get("Cookie") == "c=1" && got[0].Get("Accept") == "text/x-mine") {
				t.Errorf("%s got %q", tt.next, got[0])
			}
			within := regexpWithin(listed)
			for _, r := range l.Requests() {
				u, _ := url.Parse(r.URL)
				sent := strings.Contains(r.Head, "X-Foo") || strings.Contains(r.Head, "Authorization") || strings.Contains(r.Head, "Cookie") || strings.Contains(r.Head, "x-mine")
				if sent && (u.Scheme != "https" || !within(u.Hostname()) || strings.HasPrefix(u.Hostname(), "bad.")) {
					t.Errorf("%s got %q", r.URL, r.Head)
				}
			}
			for _, x := range v.Exchanges {
				if u, _ := url.Parse(x.URL); len(x.Sent) > 0 && (u.Scheme != "https" || !within(strings.TrimSuffix(u.Hostname(), ".")) || x.Untrusted()) {
					t.Errorf("the record says that %q were sent to %s", x.Sent, x.URL)
				}
			}
		})
	}
}

func regexpWithin(listed string) func(string) bool {
	return func(host string) bool { return host == listed || strings.HasSuffix(host, "."+listed) }
}

// TestScopeOfPublicSuffixes: what is below one belongs to others.
func TestScopeOfPublicSuffixes(t *testing.T) {
	for _, tt := range []struct {
		host, listed string
		want         bool
	}{
		{"a.github.io", "github.io", false},
		{"github.io", "github.io", true},
		{"x.a.github.io", "a.github.io", true},
		{"evil.co.nz", "co.nz", false},
		{"wiki.intranet", "intranet", true},
		{"a.test", "", false}, // a request of no site
	} {
		if got := within(tt.host, tt.listed); got != tt.want {
			t.Errorf("%s within %s: %v", tt.host, tt.listed, got)
		}
	}
}

// TestPlainHTTP: of a site that is listed as http fields go over http too, and
// what lets people in where it does not leave this machine.
func TestPlainHTTP(t *testing.T) {
	hosts := []lab.Host{
		{Name: "a.test", Plain: &lab.Answer{}, TLS: lab.Refused}, {Name: "localhost", Plain: &lab.Answer{}, TLS: lab.Refused}, {Name: "127.0.0.1", Plain: &lab.Answer{}, TLS: lab.Refused},
	}
	for url, want := range map[string]string{"http://a.test/": "text/x-mine bar", "http://localhost/": "text/x-mine bar k3y Basic bWU6c2VjcmV0 c=1", "http://127.0.0.1/": "text/x-mine bar k3y Basic bWU6c2VjcmV0 c=1"} {
		l, w := lead(t, hosts...)
		w.Request = adds(t, "X-Foo: bar", "X-Api-Key: k3y", "Accept: text/x-mine", "Cookie: c=1")
		w.Request.User = urlUser("me", "secret")
		visitSite(t, w, url)
		if len(requestsTo(l, url)) == 0 {
			t.Fatalf("%s was not asked", url)
		}
		for _, h := range requestsTo(l, url) {
			if got := strings.TrimSpace(strings.Join([]string{h.Get("Accept"), h.Get("X-Foo"), h.Get("X-Api-Key"), h.Get("Authorization"), h.Get("Cookie")}, " ")); got != want {
				t.Errorf("%s got %q, want %q", url, got, want)
			}
		}
	}
	// A site of the list without a scheme is one of https.
	l, w := lead(t, hosts...)
	w.Request = adds(t, "X-Foo: bar", "Accept: text/x-mine")
	w.Visit(t.Context(), Site{URL: "https://localhost/", Schemeless: true})
	got := requestsTo(l, "http://localhost/")
	if len(got) == 0 || slices.ContainsFunc(got, func(h http.Header) bool { return h.Get("X-Foo") != "" || h.Get("Accept") == "text/x-mine" }) {
		t.Errorf("schemeless: %q", got)
	}
}

// TestHarmless: the fields that proxies send behind a log-in are no such ones.
func TestHarmless(t *testing.T) {
	for name, want := range map[string]bool{
		"Accept": true, "accept-language": true, "User-Agent": true, "X-Forwarded-Proto": true, "If-None-Match": true, "Sec-Fetch-Site": true,
		"X-Forwarded-Access-Token": false, "Referer": false, "Authorization": false, "Cookie": false, "X-Api-Key": false, "X-Foo": false,
	} {
		if harmless(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestLetsIn(t *testing.T) {
	for name, want := range map[string]bool{
		"X-Foo": false, "Accept": false, "Referer": false, "User-Agent": false,
		"X-Forwarded-Access-Token": true, "Authorization": true, "cookie": true, "X-API-Key": true, "CF-Access-Client-Secret": true, "X-Vercel-Protection-Bypass": true,
	} {
		if letsIn(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

// TestPlainHTTPByProxy: a proxy is not this machine.
func TestPlainHTTPByProxy(t *testing.T) {
	var seen []http.Header
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, r.Header) }))
	defer proxy.Close()
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{Request: adds(t, "X-Foo: bar", "X-Token: bar"), Proxy: func(*url.URL) (*url.URL, error) { return u, nil }}
	w.Request.User = urlUser("me", "secret")
	w.Visit(t.Context(), Site{URL: "http://localhost/"})
	if len(seen) == 0 || slices.ContainsFunc(seen, func(h http.Header) bool {
		return h.Get("X-Foo") != "bar" || h.Get("X-Token") != "" || h.Get("Authorization") != ""
	}) {
		t.Errorf("the proxy got %q", seen)
	}
}

func urlUser(name, password string) *url.Userinfo { return url.UserPassword(name, password) }

// TestCookiesBesideTheVisits: the user's cookies open a gate, beside what the
// site sets, and all clients still ask together.
func TestCookiesBesideTheVisits(t *testing.T) {
	l, w := lead(t, lab.Host{Name: "a.test", Cookie: "id=1", Answer: lab.STS(year)})
	w.Request = adds(t, "Cookie: mine=2; id=old")
	v := visitSite(t, w, "https://a.test/")
	got := requestsTo(l, "https://a.test/")
	if len(got) != 2 || got[0].Get("Cookie") != "mine=2; id=old" || got[1].Get("Cookie") != "id=1; mine=2" {
		t.Errorf("requests %q", got)
	}
	for _, x := range v.Exchanges {
		if x.Clients != nil {
			t.Errorf("%s was asked for by %v alone", x.URL, x.Clients)
		}
	}
}

func TestCookieFile(t *testing.T) {
	const file = "# Netscape HTTP Cookie File\n\n" +
		".a.test\tTRUE\t/\tTRUE\t0\tall\tall-of-a\n" +
		"www.a.test\tFALSE\t/\tTRUE\t4102444800\twww\twww-only\r\n" +
		"#HttpOnly_www.a.test\tFALSE\t/in\tTRUE\t0\tpath\tunder-in\n" +
		"www.a.test\tFALSE\t/\tTRUE\t1\told\tlong-ago\n" +
		"b.test\tTRUE\t/\tTRUE\t0\tother\tof-b\n" +
		".test\tTRUE\t/\tTRUE\t0\ttld\tof-all\n" +
		"www.a.test\tFALSE\t/\tFALSE\t0\tempty\n"
	l, w := lead(t, lab.Host{Name: "www.a.test", Answer: lab.Answer{Location: "https://x.www.a.test/in/side"}, Paths: map[string]lab.Answer{"/in/": {Location: "https://www.a.test/"}}}, lab.Sends("x.www.a.test", year))
	if err := w.Request.AddCookieFile(strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	visitSite(t, w, "https://www.a.test/in/")
	for url, want := range map[string]string{
		"https://www.a.test/in/":       "path=under-in; all=all-of-a; www=www-only; empty=",
		"https://x.www.a.test/in/side": "all=all-of-a",
	} {
		got := requestsTo(l, url)
		if len(got) == 0 || sorted(got[0].Get("Cookie")) != sorted(want) {
			t.Errorf("%s got %q, want %q", url, got, want)
		}
	}
	for line, says := range map[string]string{
		"a.test TRUE / TRUE 0 id s3cret":            "1: it does not have seven fields",
		"\na.test\tTRUE\t/\tTRUE\tsoon\tid\ts3cret": "2: its fifth field",
		"a.test\tTRUE\ts3cret\tTRUE\t0\tid\ts3cret": "third",
		"a.test\tTRUE\t/\tTRUE\t0\ti d\ts3cret":     "cannot be sent",
		"a.test\tTRUE\t/\tTRUE\t0\tid\ts3cret\x00":  "cannot be sent",
		"a b.test\tTRUE\t/\tTRUE\t0\tid\ts3cret":    "not a host",
	} {
		if err := new(Request).AddCookieFile(strings.NewReader(line)); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v, want %q and no value", line, err, says)
		}
	}
}

func sorted(cookies string) string {
	all := strings.Split(cookies, "; ")
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// TestRequestOfALibrary: what would tear a request apart is not sent.
func TestRequestOfALibrary(t *testing.T) {
	l, w := lead(t, lab.Sends("a.test", year))
	w.Request.Header = http.Header{"X-Foo": {"a\r\nX-Bar: b"}}
	if v := w.Visit(t.Context(), Site{URL: "https://a.test/"}); kind(v.Error) != KindInput || len(l.Requests()) > 0 {
		t.Errorf("error %v, requests %q", v.Error, l.Requests())
	}
}

// clientCert makes a certificate for a client.
func clientCert(t testing.TB) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestClientCertificates in TLS 1.2 and 1.3, where the refusal comes after the
// handshake.
func TestClientCertificates(t *testing.T) {
	for _, how := range []lab.Conn{lab.ClientCert, lab.ClientCertTLS12} {
		l, w := lead(t, lab.Host{Name: "a.test", TLS: how, Answer: lab.STS(year)},
			lab.Host{Name: "b.test", Answer: lab.Answer{Location: "https://a.test/"}})
		x := visitSite(t, w, "https://a.test/").Exchanges[0]
		if kind(x.Error) != KindTLS || !strings.Contains(x.Error.Message, "wants a client certificate: see -E") || len(l.Requests()) > 0 {
			t.Errorf("%v, none: %+v, %v", how, x, x.Error)
		}
		w = &Wire{Roots: w.Roots, ConnectTo: w.ConnectTo, Request: Request{Certificate: clientCert(t)}}
		x = visitSite(t, w, "https://a.test/").Exchanges[0]
		if x.Error != nil || x.Status != 200 || x.TLS.ClientCertificate != CertificateSent {
			t.Errorf("%v, one: %+v, %v", how, x, x.Error)
		}
		v := visitSite(t, w, "https://b.test/")
		x = v.Exchanges[1]
		if kind(x.Error) != KindTLS || !strings.Contains(x.Error.Message, "for the listed host and its subdomains alone") {
			t.Errorf("%v, another site's: %+v, %v", how, x, x.Error)
		}
	}
}

// TestClientCertificateBlame: some servers close the connection and say nothing.
func TestClientCertificateBlame(t *testing.T) {
	for _, tt := range []struct {
		c    clientCertificate
		err  error
		want ErrorKind
		says string
	}{
		{clientCertificate{asked: true}, io.EOF, KindTLS, "see -E and --key"},
		{clientCertificate{asked: true}, context.DeadlineExceeded, KindTimeout, "in time"},
		{clientCertificate{}, io.EOF, KindReset, "ended"},
		{clientCertificate{asked: true, own: &tls.Certificate{}, may: true}, io.EOF, KindReset, "ended"},
		{clientCertificate{asked: true, own: &tls.Certificate{}, may: true}, errors.New("remote error: tls: unknown certificate"), KindTLS, "the client certificate was refused: remote error: tls: unknown certificate"},
	} {
		if got := describe(tt.c.blame(tt.err)); got.Kind != tt.want || !strings.Contains(got.Message, tt.says) {
			t.Errorf("%+v, %v: %v", tt.c, tt.err, got)
		}
	}
}

func TestBarriers(t *testing.T) {
	for _, tt := range []struct {
		why    string
		answer lab.Answer
		want   Head
	}{
		{"basic", lab.Answer{Status: 401, Fields: []string{`WWW-Authenticate: Basic realm="a, Digest b"`}}, Head{Authenticate: []string{"Basic"}}},
		{"several", lab.Answer{Status: 401, Fields: []string{`WWW-Authenticate: Negotiate, NTLM`, `WWW-Authenticate: Digest realm="x", nonce = "y", bAsic realm=z`}}, Head{Authenticate: []string{"Negotiate", "NTLM", "Digest", "bAsic"}}},
		{"none", lab.Answer{Status: 401}, Head{}},
		{"no challenge to log in", lab.Answer{Fields: []string{"WWW-Authenticate: Basic"}}, Head{}},
		{"Cloudflare", lab.Answer{Status: 403, Fields: []string{"cf-mitigated: challenge"}}, Head{Challenge: true}},
		{"busy", lab.Answer{Status: 429, Fields: []string{"Retry-After: 3600"}}, Head{RetryAfter: "3600"}},
		{"until", lab.Answer{Status: 503, Fields: []string{"Retry-After: Wed, 21 Oct 2099 07:28:00 GMT"}}, Head{RetryAfter: "Wed, 21 Oct 2099 07:28:00 GMT"}},
		{"nonsense", lab.Answer{Status: 503, Fields: []string{"Retry-After: soon"}}, Head{}},
	} {
		_, w := lead(t, lab.Host{Name: "a.test", Answer: tt.answer})
		x := visitSite(t, w, "https://a.test/").Exchanges[0]
		if !slices.Equal(x.Authenticate, tt.want.Authenticate) || x.RetryAfter != tt.want.RetryAfter || x.Challenge != tt.want.Challenge {
			t.Errorf("%s: %+v", tt.why, x.Head)
		}
	}
	_, w := lead(t, lab.Host{Name: "a.test", Answer: lab.Answer{Status: 406}})
	w.Request = adds(t, "accept: text/x-mine")
	if x := visitSite(t, w, "https://a.test/").Exchanges[0]; x.Accept != "text/x-mine" {
		t.Errorf("406: %+v", x)
	}
}
