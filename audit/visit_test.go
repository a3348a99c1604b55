package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// short is the timeout where a test waits for it to pass.
const short = 150 * time.Millisecond

func TestConnectionFaults(t *testing.T) {
	tests := []struct {
		why     string
		how     lab.Conn
		kind    ErrorKind // of the exchange's error
		proto   string
		verdict Verdict
	}{
		{"healthy", lab.Answers, "", "HTTP/1.1", Protected},
		{"nobody listens", lab.Refused, visit.KindRefused, "", Unknown},
		{"silence", lab.Silent, visit.KindTimeout, "", Unknown},
		{"reset in the handshake", lab.Reset, visit.KindReset, "", Unknown},
		{"reset after the handshake", lab.ResetAfterHandshake, visit.KindReset, "", Unknown},
		{"no TLS spoken", lab.Garbage, visit.KindTLS, "", Unknown},
		{"TLS below 1.2, as browsers", lab.OldTLS, visit.KindTLS, "", Unknown},
		{"a client certificate demanded", lab.ClientCert, visit.KindTLS, "", Unknown},
		{"RSA key exchange only, as browsers still do", lab.RSAKeyExchange, "", "HTTP/1.1", Protected},
		{"P-521 only, which Chromium does not offer", lab.OnlyP521, visit.KindTLS, "", Unknown},
		{"h2 only", lab.OnlyH2, "", "HTTP/2.0", Protected},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			_, a := lead(t, lab.Host{Name: "a.test", Answer: lab.STS(year), TLS: tt.how})
			if tt.kind == visit.KindTimeout {
				a.Timeout = short
			}
			v := visitSite(t, a, "https://a.test/")
			x := v.Exchanges[0]
			if len(v.Exchanges) != 1 || kind(x.Error) != tt.kind || x.Proto != tt.proto || x.Address == "" {
				t.Errorf("exchanges %+v", v.Exchanges)
			}
			if r := Judge(v, nil); r.Verdict != tt.verdict || tt.kind != "" && kind(r.Error) != tt.kind {
				t.Errorf("verdict %s, error %v", r.Verdict, r.Error)
			}
		})
	}
}

func TestPlainConnectionFaults(t *testing.T) {
	for how, want := range map[lab.Conn]ErrorKind{
		lab.Answers: "", lab.Refused: visit.KindRefused, lab.Silent: visit.KindTimeout, lab.Reset: visit.KindReset, lab.Garbage: visit.KindProtocol,
	} {
		t.Run(fmt.Sprint(how), func(t *testing.T) {
			t.Parallel()
			_, a := lead(t, lab.Host{Name: "a.test", HTTP: how, Plain: &lab.Answer{}})
			if how == lab.Silent {
				a.Timeout = short
			}
			v := visitSite(t, a, "http://a.test/")
			if got := kind(v.Exchanges[0].Error); got != want {
				t.Errorf("kind %q, want %q", got, want)
			}
			if r := Judge(v, nil); (r.Verdict == Unknown) != (want != "") || kind(r.Error) != want {
				t.Errorf("verdict %s, error %v", r.Verdict, r.Error)
			}
		})
	}
}

func TestSlowAnswersTimeOut(t *testing.T) {
	whole := lab.STS(year)
	whole.Drip = 20 * time.Millisecond
	hung := lab.Answer{Delay: time.Minute}
	for why, host := range map[string]lab.Host{
		"silent after the handshake":     {Answer: hung},
		"silent after an h2 handshake":   {Answer: hung, TLS: lab.OnlyH2},
		"a byte now and then":            {Answer: whole},
		"interim answers and no end":     {Answer: lab.Answer{Raw: "HTTP/1.1 100 Continue\r\n\r\n", Endless: "HTTP/1.1 103 E\r\n\r\n", Drip: time.Millisecond}},
		"raw bytes where h2 is expected": {Answer: lab.Answer{Raw: "\x00", Drip: time.Minute}, TLS: lab.OnlyH2},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			host.Name = "a.test"
			_, a := lead(t, host)
			var r Result
			for a.Timeout = short; a.Timeout < 10*time.Second; a.Timeout *= 2 {
				if r = Judge(visitSite(t, a, "https://a.test/"), nil); r.Exchanges[0].TLS != nil {
					break // else the machine was too busy for a handshake
				}
			}
			if r.Verdict != Unknown || kind(r.Error) != visit.KindTimeout {
				t.Errorf("verdict %s, error %v", r.Verdict, r.Error)
			}
			if tls := r.Exchanges[0].TLS; tls == nil || tls.Version != "TLS 1.3" || tls.NotAfter == nil || tls.Error != nil {
				t.Errorf("of TLS it says %+v", tls)
			}
		})
	}
}

func TestRetries(t *testing.T) {
	tests := []struct {
		why            string
		flaky, retries int
		kind           ErrorKind
	}{
		{"recovers within the retries", 2, 2, ""},
		{"needs one more", 2, 1, visit.KindReset},
		{"none asked for", 1, 0, visit.KindReset},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			l, a := lead(t, lab.Host{Name: "a.test", Answer: lab.STS(year), Flaky: tt.flaky})
			a.Retries = tt.retries
			v := visitSite(t, a, "https://a.test/")
			if len(v.Exchanges) != 1 || kind(v.Exchanges[0].Error) != tt.kind {
				t.Errorf("exchanges %+v", v.Exchanges)
			}
			if n := requests(l)["https://a.test/"]; n == 1 != (tt.kind == "") || n > 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
	t.Run("what will not pass is not tried again", func(t *testing.T) {
		t.Parallel()
		_, a := lead(t, lab.Host{Name: "a.test", TLS: lab.OldTLS})
		a.Retries = 1 << 20
		if v := visitSite(t, a, "https://a.test/"); kind(v.Exchanges[0].Error) != visit.KindTLS {
			t.Errorf("exchanges %+v", v.Exchanges)
		}
	})
	t.Run("an end of the run is not waited out", func(t *testing.T) {
		t.Parallel()
		_, a := lead(t, lab.Host{Name: "a.test", TLS: lab.Reset})
		a.Retries = 1 << 20
		ctx, cancel := context.WithTimeout(t.Context(), short)
		defer cancel()
		if v := a.Visit(ctx, Site{URL: "https://a.test/"}); kind(v.Exchanges[0].Error) != visit.KindReset && kind(v.Exchanges[0].Error) != visit.KindTimeout {
			t.Errorf("exchanges %+v", v.Exchanges)
		}
	})
}

func TestOneRequestAPage(t *testing.T) {
	l, a := lead(t, lab.Sends("a.test", year))
	visitSite(t, a, "https://a.test/")
	if got := l.Requests(); len(got) != 1 {
		t.Errorf("requests %v", got)
	}
}

func TestInput(t *testing.T) {
	tests := []struct {
		why  string
		site Site
		want string
	}{
		{"a faulty row", Site{Fault: errors.New("a.txt:3: bad")}, "a.txt:3: bad"},
		{"no scheme", Site{URL: "a.test"}, `"a.test" cannot be visited: it is neither http nor https`},
		{"nothing", Site{}, `"" cannot be visited: it is neither http nor https`},
		{"another scheme", Site{URL: "ftp://a.test/"}, `"ftp://a.test/" cannot be visited: it is neither http nor https`},
		{"no host", Site{URL: "https://:8443/"}, `"https://:8443/" cannot be visited: it names no host`},
		{"no port", Site{URL: "https://a.test:65536/"}, `"https://a.test:65536/" cannot be visited: its port is not a number up to 65535`},
		{"no URL", Site{URL: "https://[a.test/"}, `"https://[a.test/" cannot be visited: what stands in brackets is no IPv6 address`},
		{"no host name", Site{URL: "https://a b.test/"}, `"https://a b.test/" cannot be visited: no host name has ' '`},
		{"a zone, which is local", Site{URL: "https://[fe80::1%25eth0]/"}, `"https://[fe80::1%25eth0]/" cannot be visited: what stands in brackets is no IPv6 address`},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			v := new(Auditor).Visit(t.Context(), tt.site)
			if kind(v.Error) != visit.KindInput || v.Error.Message != tt.want || v.Exchanges != nil || v.CheckedAt.IsZero() {
				t.Errorf("visit %+v, error %v", v, v.Error)
			}
			if r := Judge(v, nil); r.Verdict != Unknown || kind(r.Error) != visit.KindInput {
				t.Errorf("verdict %s, error %v", r.Verdict, r.Error)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	l, a := lead(t, lab.Sends("*", year), lab.Sends("::1", year), lab.Sends("127.0.0.1", year))
	a.UserAgent = "tester/1.0 (x)"
	a.ConnectTo = append(connections(t, ":8443:"+l.TLSAddr()), a.ConnectTo...)
	tests := []struct{ why, url, line, host string }{
		{"no path", "https://a.test", "/", "a.test"},
		{"a query without a path", "https://a.test?x=1", "/?x=1", "a.test"},
		{"a port", "https://a.test:8443/", "/", "a.test:8443"},
		{"the scheme's own port", "https://a.test:443/", "/", "a.test"},
		{"the same, written otherwise", "https://a.test:0443/", "/", "a.test"},
		{"an empty port", "https://a.test:/", "/", "a.test"},
		{"upper case", "HTTPS://A.Test/Login", "/Login", "a.test"},
		{"a trailing dot", "https://a.test./", "/", "a.test."},
		{"underscores", "https://a_b.test/", "/", "a_b.test"},
		{"IDN", "https://bücher.test/ü?ü=ü", "/%C3%BC?%C3%BC=%C3%BC", "xn--bcher-kva.test"},
		{"IDN with an underscore", "https://bücher_x.test/", "/", "xn--bcher_x-n2a.test"},
		{"IDN, escaped", "https://b%C3%BCcher.test/", "/", "xn--bcher-kva.test"},
		{"hyphens in odd places", "https://r3---sn.-a-.test/", "/", "r3---sn.-a-.test"},
		{"IPv4", "https://127.0.0.1/", "/", "127.0.0.1"},
		{"IPv6", "https://[::1]/", "/", "[::1]"},
		{"IPv6 and a port, in full", "https://[0:0::0:1]:8443/", "/", "[::1]:8443"},
		{"escapes stay", "https://a.test/%7Ea/%2f/b%20c", "/%7Ea/%2f/b%20c", "a.test"},
		{"blanks are escaped", "https://a.test/a b?c d", "/a%20b?c%20d", "a.test"},
		{"odd characters of paths stay", "https://a.test/a;b=c,d:e@f!$&'()*+", "/a;b=c,d:e@f!$&'()*+", "a.test"},
		{"slashes stay", "https://a.test//a//", "//a//", "a.test"},
		{"dots are resolved", "https://a.test/a/../b/./c", "/b/c", "a.test"},
		{"queries stay", "https://a.test/?a=b&c=%20+&&?/\\", `/?a=b&c=%20+&&?/\`, "a.test"},
		{"an empty query", "https://a.test/?", "/?", "a.test"},
		{"a fragment is not sent", "https://a.test/a#b?c", "/a", "a.test"},
		{"a user name is not sent", "https://me:secret@a.test/", "/", "a.test"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			before := len(l.Requests())
			x := visitSite(t, a, tt.url).Exchanges[0]
			got := l.Requests()[before:]
			want := "GET " + tt.line + " HTTP/1.1\r\nHost: " + tt.host + "\r\n" + navigation
			if len(got) != 1 || got[0].Head != want {
				t.Errorf("sent %+v\nwant %q", got, want)
			}
			if x.Error != nil || x.Status != 200 {
				t.Errorf("exchange %+v", x)
			}
			if !strings.HasSuffix(x.URL, tt.host+tt.line) || strings.ContainsAny(x.URL, "#@ ") && tt.why != "odd characters of paths stay" {
				t.Errorf("recorded as %q", x.URL)
			}
		})
	}
	t.Run("the default User-Agent", func(t *testing.T) {
		a := &Auditor{Roots: l.CA, ConnectTo: a.ConnectTo}
		visitSite(t, a, "https://a.test/")
		if got := l.Requests(); !strings.Contains(got[len(got)-1].Head, "\r\nUser-Agent: Mozilla/5.0 (compatible; hsts-check)\r\n") {
			t.Errorf("sent %q", got[len(got)-1].Head)
		}
	})
}

// navigation is what follows the Host field in a request over https.
const navigation = "Connection: keep-alive\r\n" +
	"Upgrade-Insecure-Requests: 1\r\n" +
	"User-Agent: tester/1.0 (x)\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
	"Accept-Language: en-US,en;q=0.9\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Sec-Fetch-Dest: document\r\n" +
	"Sec-Fetch-Mode: navigate\r\n" +
	"Sec-Fetch-Site: none\r\n" +
	"Sec-Fetch-User: ?1\r\n\r\n"

// TestPlainRequest: over http browsers leave out what https alone is worth, and a
// bare percent sign, which net/http's servers refuse, stays one.
func TestPlainRequest(t *testing.T) {
	server := lab.Listen(t, "127.0.0.1:0")
	heads := make(chan string, 1)
	go func() {
		c, err := server.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		buf := make([]byte, 4<<10)
		n, _ := c.Read(buf)
		heads <- string(buf[:n])
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\n\r\n")
	}()
	at := server.Addr().String()
	x := visitSite(t, &Auditor{UserAgent: "tester/1.0"}, "http://"+at+"/100%?50%").Exchanges[0]
	want := "GET /100%?50% HTTP/1.1\r\nHost: " + at + "\r\nConnection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\nUser-Agent: tester/1.0\r\n" +
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate\r\n\r\n"
	if got := <-heads; got != want || x.Status != 200 || !strings.HasSuffix(x.URL, "/100%?50%") {
		t.Errorf("sent %q\nwant %q; %+v", got, want, x)
	}
}

// TestNoScheme: a name without a scheme is asked over https, and a host that has
// http alone has no https, however its address was spelled; an address that says
// https is taken at its word.
func TestNoScheme(t *testing.T) {
	plain := lab.Host{Name: "a.test", TLS: lab.Refused, Plain: &lab.Answer{}}
	tests := []struct {
		why     string
		site    Site
		host    lab.Host
		verdict Verdict
		rules   string
	}{
		{"no scheme, https answers", Site{URL: "https://a.test/", Schemeless: true}, lab.Sends("a.test", withSub), Protected, ""},
		{"no scheme, https is refused", Site{URL: "https://a.test/", Schemeless: true}, plain, Absent, "no-https http-no-redirect"},
		{"https, which is refused", Site{URL: "https://a.test/"}, plain, Unknown, ""},
		{"no scheme, and nobody answers", Site{URL: "https://a.test/", Schemeless: true}, lab.Host{Name: "a.test", TLS: lab.Refused, HTTP: lab.Refused}, Unknown, ""},
		{"no scheme, and a bad certificate", Site{URL: "https://a.test/", Schemeless: true}, lab.Host{Name: "a.test", Cert: lab.CertExpired, Answer: lab.STS(withSub), Plain: &lab.Answer{}}, Ignored, "certificate-invalid http-no-redirect"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			_, a := lead(t, tt.host)
			r := Judge(a.Visit(t.Context(), tt.site), nil)
			if r.Verdict != tt.verdict || rulesOf(r) != tt.rules {
				t.Errorf("%s, rules %q; want %s, %q: %v", r.Verdict, rulesOf(r), tt.verdict, tt.rules, r.Error)
			}
		})
	}
}

// TestNobodyGoesThere: what no browser asks for is not visited.
func TestNobodyGoesThere(t *testing.T) {
	for _, url := range []string{"https://a.test:0/", "https://a.test:6000/", "http://a.test:25/"} {
		l, a := lead(t, lab.Sends("a.test", year))
		a.Probes = visit.AllProbes
		r := Judge(a.Visit(t.Context(), Site{URL: url}), nil)
		if r.Verdict != Unknown || kind(r.Error) != visit.KindUnreachable || rulesOf(r) != "browser-refuses" || len(l.Requests()) > 0 {
			t.Errorf("%s: %s, error %v, findings %+v, requests %v", url, r.Verdict, r.Error, r.Findings, l.Requests())
		}
	}
}

func TestHTTP2(t *testing.T) {
	answer := lab.STS("  "+year+" ; x=\"a  b\"", "max-age=0", "")
	answer.Interim = []lab.Answer{{Status: 103, Fields: []string{"Strict-Transport-Security: max-age=1"}}}
	l, a := lead(t,
		lab.Host{Name: "a.test", TLS: lab.OnlyH2, Answer: answer, Paths: map[string]lab.Answer{"/go": {Location: "/there?x"}}},
		lab.Host{Name: "expired.test", TLS: lab.OnlyH2, Answer: lab.STS(year), Cert: lab.CertExpired},
		lab.Host{Name: "endless.test", TLS: lab.OnlyH2, Answer: lab.Answer{Endless: "x"}},
		lab.Host{Name: "raw.test", TLS: lab.OnlyH2, Answer: lab.Answer{Raw: "HTTP/1.1 200 OK\r\nStrict-Transport-Security: " + year + "\r\n\r\n"}},
		lab.Host{Name: "closed.test", TLS: lab.OnlyH2, Answer: lab.Answer{Raw: settings}},
		lab.Host{Name: "goaway.test", TLS: lab.OnlyH2, Answer: lab.Answer{Raw: settings + "\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"}},
		lab.Host{Name: "refusing.test", TLS: lab.OnlyH2, Answer: lab.Answer{Raw: settings + "\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x07"}},
		lab.Host{Name: "headers.test", TLS: lab.OnlyH2, Answer: lab.Answer{
			Raw: settings + "\x00\x00\x01\x01\x00\x00\x00\x00\x01\x88", Endless: "\x00\x40\x00\x09\x00\x00\x00\x00\x01" + strings.Repeat("\x00\x01a\x01b\x82", 0x4000/6) + strings.Repeat("\x82", 0x4000%6),
		}},
	)
	a.UserAgent = "tester/1.0"
	v := visitSite(t, a, "https://a.test/go")
	x := v.Exchanges[1]
	if want := []string{year + ` ; x="a  b"`, "max-age=0", ""}; pageURLs(v) != "https://a.test/go https://a.test/there?x" || !slices.Equal(x.STS, want) || x.Proto != "HTTP/2.0" {
		t.Errorf("exchanges %+v", v.Exchanges)
	}
	for _, r := range l.Requests() {
		if !strings.Contains(r.Head, "User-Agent: tester/1.0\r\n") || !strings.HasPrefix(r.Head, "GET ") {
			t.Errorf("sent %q", r.Head)
		}
	}
	if x := visitSite(t, a, "https://endless.test/").Exchanges[0]; x.Error != nil || x.Status != 200 {
		t.Errorf("endless: exchange %+v", x)
	}
	for _, host := range []string{"raw", "closed", "goaway", "refusing", "headers"} {
		// These speak before they are asked, so it is up to chance whether the
		// connection ends before net/http sees what is wrong with it.
		x := visitSite(t, a, "https://"+host+".test/").Exchanges[0]
		if k := kind(x.Error); x.Status != 0 || k != visit.KindReset && k != visit.KindProtocol {
			t.Errorf("%s: exchange %+v", host, x)
		}
	}
	if r := Judge(visitSite(t, a, "https://expired.test/"), nil); r.Verdict != Ignored || certKind(r.Exchanges[0]) != visit.CertExpired || r.Exchanges[0].Proto != "HTTP/2.0" {
		t.Errorf("expired: verdict %s, exchanges %+v", r.Verdict, r.Exchanges)
	}
}

// settings is an empty SETTINGS frame (RFC 9113 section 6.5).
const settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"

func TestHeads(t *testing.T) {
	field := "Strict-Transport-Security: "
	tests := []struct {
		why    string
		answer lab.Answer
		sts    []string
		kind   ErrorKind
	}{
		{"bytes stay as they are", lab.STS("max-age=1;\x01\x1b[31m\xff\"|"), []string{"max-age=1;\x01\x1b[31m\xff\"|"}, ""},
		{"fields are kept apart, in order", lab.STS("a", "", "b"), []string{"a", "", "b"}, ""},
		{"the body is not read", lab.Answer{Fields: lab.STS("a").Fields, Endless: "x"}, []string{"a"}, ""},
		{"the body is no head", lab.Answer{Raw: "HTTP/1.1 200 OK\r\n\r\n" + field + "a\r\n\r\n"}, nil, ""},
		{"a byte at a time", lab.Answer{Fields: lab.STS("a").Fields, Drip: time.Nanosecond}, []string{"a"}, ""},
		{"early hints teach nothing", lab.Answer{Interim: []lab.Answer{{Status: 103, Fields: []string{field + "a"}}}}, nil, ""},
		{"just short of 256 KiB", lab.STS(strings.Repeat("a", 256<<10-100)), []string{strings.Repeat("a", 256<<10-100)}, ""},
		{"over 256 KiB", lab.STS(strings.Repeat("a", 256<<10)), nil, visit.KindProtocol},
		{"a head without end", lab.Answer{Raw: "HTTP/1.1 200 OK\r\n", Endless: "X: y\r\n"}, nil, visit.KindProtocol},
		{"a field without end", lab.Answer{Raw: "HTTP/1.1 200 OK\r\n" + field, Endless: "a"}, nil, visit.KindProtocol},
		{"interim answers without end", lab.Answer{Raw: "HTTP/1.1 100 C\r\n\r\n", Endless: "HTTP/1.1 103 E\r\n\r\n"}, nil, visit.KindProtocol},
		{"a head cut off", lab.Answer{Raw: "HTTP/1.1 200 OK\r\n" + field + year + "\r\n"}, nil, visit.KindReset},
		{"no answer", lab.Answer{Raw: "\r"}, nil, visit.KindProtocol},
		{"HTTP/0.9", lab.Answer{Raw: "<html>\n\n"}, nil, visit.KindProtocol},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			_, a := lead(t, lab.Host{Name: "a.test", Answer: tt.answer})
			x := visitSite(t, a, "https://a.test/").Exchanges[0]
			if kind(x.Error) != tt.kind || !slices.Equal(x.STS, tt.sts) {
				t.Errorf("error %v, fields %.200q", x.Error, x.STS)
			}
		})
	}
}

func TestHTTPProbe(t *testing.T) {
	l, a := lead(t,
		lab.Host{Name: "a.test", Answer: lab.STS(year), Plain: &lab.Answer{Location: "https://elsewhere.test/"}},
		lab.Host{Name: "dead.test", TLS: lab.Reset},
		lab.Host{Name: "deaf.test", HTTP: lab.Reset},
		lab.Host{Name: "::1"},
	)
	a.ConnectTo = append(connections(t, ":8443:"+l.TLSAddr(), ":8080:"+l.HTTPAddr()), a.ConnectTo...)
	a.Probes = []Probe{visit.ProbeHTTP}
	tests := []struct{ why, url, probe string }{
		{"of a page", "https://a.test/login?x", "http://a.test/"},
		{"of a page on a port", "https://a.test:8443/", "http://a.test/"},
		{"of a page over http", "http://a.test/login", "http://a.test/"},
		{"of a page over http on a port", "http://a.test:8080/", "http://a.test/"},
		{"of IPv6", "https://[::1]/", "http://[::1]/"},
		{"not of a page that gave no answer", "https://dead.test/", ""},
		{"not where it is the page", "http://a.test", ""},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			v := visitSite(t, a, tt.url)
			var probes []string
			for _, x := range v.Exchanges {
				if x.Probe == visit.ProbeHTTP {
					probes = append(probes, x.URL)
				}
			}
			if got := strings.Join(probes, " "); got != tt.probe {
				t.Errorf("probed %q, want %q", got, tt.probe)
			}
		})
	}
	if n := requests(l); n["http://a.test/"] != 6 || n["https://elsewhere.test/"] != 0 {
		t.Errorf("the probe was followed: %v", n)
	}
	v := visitSite(t, a, "https://deaf.test/")
	if x := v.Exchanges[1]; kind(x.Error) != visit.KindReset || Judge(v, nil).Verdict != Absent {
		t.Errorf("a probe that fails: %+v", v)
	}
}

func TestZeroAuditor(t *testing.T) {
	l, err := lab.Start(lab.Host{Name: "127.0.0.1", Plain: &lab.Answer{}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	v := visitSite(t, new(Auditor), "http://"+l.HTTPAddr()+"/")
	if x := v.Exchanges[0]; x.Status != 200 || x.Address != l.HTTPAddr() || len(v.Exchanges) != 1 {
		t.Errorf("exchanges %+v", v.Exchanges)
	}
}
