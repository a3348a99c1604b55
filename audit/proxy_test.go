package audit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// through has an Auditor of a lab reach it by way of a proxy alone.
func through(t *testing.T, p *testProxy, hosts ...lab.Host) (*lab.Lab, *Auditor) {
	t.Helper()
	l, a := lead(t, hosts...)
	a.ConnectTo = nil
	if p.scheme == "https" {
		ca := newTestCA(t, nil)
		a.Roots = l.CA.Clone()
		a.Roots.AddCert(ca.root)
		names, ips := []string{"other.test"}, []net.IP(nil)
		if !p.stolen {
			ips = []net.IP{net.IPv4(127, 0, 0, 1)}
		}
		p.pair = ca.leaf(t, names, ips, ca.intermediate)
	}
	p.start(t, l)
	u, err := visit.ParseProxy(p.url())
	if err != nil {
		t.Fatal(err)
	}
	a.Proxy = func(*url.URL) (*url.URL, error) { return u, nil }
	return l, a
}

func TestProxies(t *testing.T) {
	for _, tt := range []struct {
		why string
		p   *testProxy
	}{
		{"http", &testProxy{scheme: "http"}},
		{"http with credentials", &testProxy{scheme: "http", user: "me", password: "p@ss:word"}},
		{"https", &testProxy{scheme: "https"}},
		{"socks5", &testProxy{scheme: "socks5"}},
		{"socks5h", &testProxy{scheme: "socks5h"}},
		{"socks5 with credentials", &testProxy{scheme: "socks5", user: "me", password: "p@ss:word"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			host := strings.ReplaceAll(tt.why, " ", "-") + ".proxied.test"
			l, a := through(t, tt.p,
				lab.Host{Name: host, Answer: lab.Answer{Location: "https://h2." + host + "/"}},
				lab.Host{Name: "h2." + host, TLS: lab.OnlyH2, Cert: lab.CertNoIntermediate, Answer: lab.STS(year)})
			a.Probes = []Probe{visit.ProbeHTTP}
			v := visitSite(t, a, "https://"+host+"/")
			if len(v.Exchanges) != 3 || v.Exchanges[1].Status != 200 || v.Exchanges[2].Status != 301 || !v.Exchanges[1].TLS.ChainIncomplete {
				t.Errorf("exchanges %+v", v.Exchanges)
			}
			for _, x := range v.Exchanges {
				if x.Address != "" || x.Error != nil {
					t.Errorf("exchange %+v, error %v", x, x.Error)
				}
			}
			targets := []string{host + ":443", "h2." + host + ":443", "aia.lab.test:80", host + ":80"}
			for _, target := range targets {
				if !slices.Contains(tt.p.targets(), target) {
					t.Errorf("the proxy was not asked for %s: %q", target, tt.p.targets())
				}
			}
			// Where a site leads elsewhere, that is looked up, lest it be private.
			if zone.Questions(host) > 0 || zone.Questions("h2."+host) == 0 {
				t.Errorf("looked up here: %d times %s, %d times h2.%s", zone.Questions(host), host, zone.Questions("h2."+host), host)
			}
			if n := len(l.Requests()); n != 4 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestProxyForSome(t *testing.T) {
	p := &testProxy{scheme: "http"}
	l, a := through(t, p, lab.Sends("*.test", year))
	proxy := a.Proxy
	a.ConnectTo = connections(t, "direct.test:443:"+l.TLSAddr(), "moved.test:443:there.test:443")
	a.Proxy = func(u *url.URL) (*url.URL, error) {
		if u.Host == "direct.test" {
			return nil, nil
		}
		return proxy(u)
	}
	if x := visitSite(t, a, "https://direct.test/").Exchanges[0]; x.Address != l.TLSAddr() || x.Status != 200 || p.targets() != nil {
		t.Errorf("direct: %+v, proxy asked for %q", x, p.targets())
	}
	if x := visitSite(t, a, "https://moved.test/").Exchanges[0]; x.Address != "" || x.Status != 200 || !slices.Equal(p.targets(), []string{"there.test:443"}) {
		t.Errorf("--connect-to: %+v, proxy asked for %q", x, p.targets())
	}
	a = &Auditor{Proxy: func(*url.URL) (*url.URL, error) { return nil, errors.New("no proxy to be had") }}
	if x := visitSite(t, a, "https://a.test/").Exchanges[0]; kind(x.Error) != visit.KindInternal || x.Error.Message != "no proxy to be had" {
		t.Errorf("no proxy: %+v, error %v", x, x.Error)
	}
	a = &Auditor{Proxy: func(*url.URL) (*url.URL, error) { return url.Parse("socks4://me:secret@127.0.0.1:1080") }}
	if x := visitSite(t, a, "https://a.test/").Exchanges[0]; kind(x.Error) != visit.KindInput || x.Error.Message != "proxy socks4://me:xxxxx@127.0.0.1:1080: "+"proxies are spoken to over http, https, socks5 or socks5h" {
		t.Errorf("no such scheme: %+v, error %v", x, x.Error)
	}
}

// TestForwarded: an HTTP proxy is asked for http URLs themselves, since few
// allow tunnels to port 80; --connect-to asks for a tunnel, as in curl.
func TestForwarded(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		p := &testProxy{scheme: scheme, user: "me", password: "p@ss:word"}
		l, a := through(t, p,
			lab.Host{Name: "a.test", Plain: &lab.Answer{Status: 302, Location: "http://b.a.test:80/x?y", Fields: []string{"Set-Cookie: a=1; Domain=a.test"}}},
			lab.Host{Name: "b.a.test", Plain: &lab.Answer{}})
		v := visitSite(t, a, "http://a.test?q=1")
		const fields = " HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (compatible; hsts-check)\r\n"
		if got := l.Requests(); pageURLs(v) != "http://a.test/?q=1 http://b.a.test/x?y" || len(got) != 2 ||
			!strings.HasPrefix(got[0].Head, fmt.Sprintf("GET /?q=1"+fields, "a.test")) || !strings.HasPrefix(got[1].Head, fmt.Sprintf("GET /x?y"+fields, "b.a.test")) || cookieOf(got[1].Head) != "a=1" {
			t.Errorf("%s: visited %s, requests %q", scheme, pageURLs(v), got)
		}
		a = &Auditor{Roots: a.Roots, Proxy: a.Proxy, ConnectTo: connections(t, "a.test:80:there.test:80")}
		if x := visitSite(t, a, "http://a.test/").Exchanges[0]; x.Error == nil || !strings.HasSuffix(x.Error.Message, "it answers CONNECT there.test:80 with status 403") {
			t.Errorf("%s, moved: error %v", scheme, x.Error)
		}
	}
	for _, tt := range []struct {
		p    *testProxy
		kind ErrorKind
		says string
	}{
		{&testProxy{scheme: "http", user: "me", password: "x", mute: true}, visit.KindUnreachable, "it answers with status 407"},
		{&testProxy{scheme: "http", refuse: "502 Bad Gateway"}, visit.KindUnreachable, "it answers with status 502"},
		{&testProxy{scheme: "http", refuse: "503 Service Unavailable"}, visit.KindUnreachable, "it answers with status 503"},
		{&testProxy{scheme: "http", refuse: "504 Gateway Timeout"}, visit.KindUnreachable, "it answers with status 504"},
		{&testProxy{scheme: "http", hangUp: true}, visit.KindReset, "the connection ended before the answer did"},
		{&testProxy{scheme: "http", silent: true}, visit.KindTimeout, "no answer in time"},
		{&testProxy{scheme: "https", stolen: true}, visit.KindTLS, "TLS handshake failed: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"},
	} {
		_, a := through(t, tt.p, lab.Sends("a.test", year))
		a.Timeout = short
		if x := visitSite(t, a, "http://a.test/").Exchanges[0]; kind(x.Error) != tt.kind || x.Error.Message != "proxy "+tt.p.at+": "+tt.says || x.TLS != nil {
			t.Errorf("%s: %s: %v", tt.says, kind(x.Error), x.Error)
		}
	}
}

// TestResolveOfProxies: as curl, --resolve says where proxies are too, and
// --connect-to does not.
func TestResolveOfProxies(t *testing.T) {
	for _, scheme := range []string{"http", "socks5"} {
		p := &testProxy{scheme: scheme}
		_, a := through(t, p, lab.Sends("a.test", year))
		_, port, _ := net.SplitHostPort(p.at)
		a.Resolve = resolves(t, "proxy.test:"+port+":127.0.0.1", "a.test:443:127.0.0.9")
		a.ConnectTo = connections(t, "proxy.test::nowhere.test:")
		a.Proxy = func(*url.URL) (*url.URL, error) { return &url.URL{Scheme: scheme, Host: "proxy.test:" + port}, nil }
		if x := visitSite(t, a, "https://a.test/").Exchanges[0]; x.Status != 200 || !slices.Equal(p.targets(), []string{"a.test:443"}) {
			t.Errorf("%s: %+v, error %v, asked for %q", scheme, x, x.Error, p.targets())
		}
	}
}

// TestProxyFailures: each names the proxy, so that no site is blamed.
func TestProxyFailures(t *testing.T) {
	const says = "it answers CONNECT a.test:443 with status "
	dead := lab.DeadAddr(t)
	tests := []struct {
		why  string
		p    *testProxy
		at   string // in place of the proxy's address
		kind ErrorKind
		says string // behind "proxy ADDRESS: "
	}{
		{"no credentials", &testProxy{scheme: "http", refuse: "407 Proxy Authentication Required"}, "", visit.KindUnreachable, says + "407"},
		{"forbidden", &testProxy{scheme: "http", refuse: "403 Forbidden"}, "", visit.KindUnreachable, says + "403"},
		{"a bad gateway", &testProxy{scheme: "http", refuse: "502 Bad Gateway"}, "", visit.KindUnreachable, says + "502"},
		{"a redirect", &testProxy{scheme: "http", refuse: "302 Found"}, "", visit.KindUnreachable, says + "302"},
		{"hangs up", &testProxy{scheme: "http", hangUp: true}, "", visit.KindReset, "the connection ended before the answer did"},
		{"silent", &testProxy{scheme: "http", silent: true}, "", visit.KindTimeout, "no answer in time"},
		{"no proxy", &testProxy{scheme: "http", says: "SSH-2.0-"}, "", visit.KindProtocol, `not an HTTP response: it begins with "SSH-2.0-"`},
		{"dead", &testProxy{scheme: "http"}, dead, visit.KindRefused, "connection refused"},
		{"https, but the proxy speaks http", &testProxy{scheme: "http"}, "https", visit.KindTLS, "the server does not speak TLS"},
		{"https, and its certificate is another's", &testProxy{scheme: "https", stolen: true}, "", visit.KindTLS, "TLS handshake failed: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"},
		{"socks5, hangs up", &testProxy{scheme: "socks5", hangUp: true}, "", visit.KindReset, "the connection ended before the answer did"},
		{"socks5, silent", &testProxy{scheme: "socks5", silent: true}, "", visit.KindTimeout, "no answer in time"},
		{"socks5, dead", &testProxy{scheme: "socks5"}, dead, visit.KindRefused, "connection refused"},
		{"socks5, no credentials", &testProxy{scheme: "socks5", user: "me", password: "x", mute: true}, "", visit.KindUnreachable, "no acceptable authentication methods"},
		{"socks5, wrong credentials", &testProxy{scheme: "socks5", user: "me", password: "x", wrong: true}, "", visit.KindUnreachable, "username/password authentication failed"},
		{"socks5, host unreachable", &testProxy{scheme: "socks5", reply: 4}, "", visit.KindUnreachable, "host unreachable"},
		{"socks5, refused", &testProxy{scheme: "socks5", reply: 5}, "", visit.KindUnreachable, "connection refused"},
		{"socks5, not allowed", &testProxy{scheme: "socks5", reply: 2}, "", visit.KindUnreachable, "connection not allowed by ruleset"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			_, a := through(t, tt.p, lab.Sends("a.test", year))
			address := tt.p.at
			if tt.at != "" {
				proxy := &url.URL{Scheme: tt.p.scheme, Host: tt.at}
				if tt.at == "https" {
					proxy = &url.URL{Scheme: tt.at, Host: address}
				}
				address = proxy.Host
				a.Proxy = func(*url.URL) (*url.URL, error) { return proxy, nil }
			}
			if tt.p.silent {
				a.Timeout = short
			}
			v := visitSite(t, a, "https://a.test/")
			x := v.Exchanges[0]
			if want := "proxy " + address + ": " + tt.says; kind(x.Error) != tt.kind || x.Error.Message != want {
				t.Errorf("%s: %v\nwant %s", kind(x.Error), x.Error, want)
			}
			if x.TLS != nil || Judge(v, nil).Verdict != Unknown {
				t.Errorf("TLS %+v, verdict %s", x.TLS, Judge(v, nil).Verdict)
			}
		})
	}
	t.Run("the run ends", func(t *testing.T) {
		t.Parallel()
		_, a := through(t, &testProxy{scheme: "http", silent: true}, lab.Sends("a.test", year))
		ctx, cancel := context.WithTimeout(t.Context(), short)
		defer cancel()
		stopped, stop := context.WithCancel(t.Context())
		context.AfterFunc(ctx, stop)
		if x := a.Visit(stopped, Site{URL: "https://a.test/"}).Exchanges[0]; kind(x.Error) != visit.KindCancelled {
			t.Errorf("exchange %+v, error %v", x, x.Error)
		}
	})
}

// A testProxy leads whatever is asked for to a lab.
type testProxy struct {
	scheme         string
	user, password string // to be asked for
	refuse         string // the status line's end
	says           string // in place of any answer
	hangUp, silent bool
	stolen         bool // its certificate is another's
	mute, wrong    bool // the client's URL has no or other credentials
	reply          byte // of SOCKS

	l    *lab.Lab
	pair tls.Certificate
	at   string
	mu   sync.Mutex
	seen []string
}

func (p *testProxy) url() string {
	u := url.URL{Scheme: p.scheme, Host: p.at}
	switch {
	case p.wrong:
		u.User = url.UserPassword(p.user, p.password+"?")
	case p.user != "" && !p.mute:
		u.User = url.UserPassword(p.user, p.password)
	}
	return u.String()
}

func (p *testProxy) targets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}

func (p *testProxy) start(t *testing.T, l *lab.Lab) {
	t.Helper()
	ln := lab.Listen(t, "127.0.0.1:0")
	p.l, p.at = l, ln.Addr().String()
	if p.scheme == "https" {
		ln = tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{p.pair}})
	}
	done, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(done, func() { c.Close() })
			go p.serve(c)
		}
	}()
}

func (p *testProxy) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	switch {
	case p.silent:
		io.Copy(io.Discard, c)
		return
	case p.hangUp:
		c.Read(make([]byte, 1<<10))
		return
	case strings.HasPrefix(p.scheme, "socks"):
		if target, err := p.socks(c, r); err == nil {
			p.pipe(c, r, target)
		}
		return
	}
	req, err := http.ReadRequest(r)
	if err != nil {
		io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		return
	}
	user, password, _ := (&http.Request{Header: http.Header{"Authorization": req.Header["Proxy-Authorization"]}}).BasicAuth()
	switch {
	case p.says != "":
		io.WriteString(c, p.says)
	case p.refuse != "":
		io.WriteString(c, "HTTP/1.1 "+p.refuse+"\r\nContent-Length: 0\r\n\r\n")
	case req.UserAgent() != visit.DefaultUserAgent || user != p.user || password != p.password:
		io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
	case req.Method == http.MethodGet && req.URL.Scheme == "http":
		req.Header.Del("Proxy-Authorization")
		var head bytes.Buffer
		req.Write(&head)
		p.pipe(c, &head, req.Host+":80")
	case req.Method != http.MethodConnect || req.Host != req.RequestURI || !strings.HasSuffix(req.Host, ":443"): // as squid does
		io.WriteString(c, "HTTP/1.1 403 Forbidden\r\n\r\n")
	default:
		io.WriteString(c, "HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n")
		p.pipe(c, r, req.RequestURI)
	}
}

// socks speaks SOCKS5 (RFC 1928, RFC 1929) up to the reply.
func (p *testProxy) socks(c net.Conn, r io.Reader) (target string, err error) {
	read := func(n int) []byte {
		b := make([]byte, n)
		if err == nil {
			_, err = io.ReadFull(r, b)
		}
		return b
	}
	methods := read(int(read(2)[1]))
	want := byte(0)
	if p.user != "" {
		want = 2
	}
	if !slices.Contains(methods, want) {
		c.Write([]byte{5, 0xff})
		return "", errors.New("no method")
	}
	c.Write([]byte{5, want})
	if want == 2 {
		user := string(read(int(read(2)[1])))
		password := string(read(int(read(1)[0])))
		if user != p.user || password != p.password {
			c.Write([]byte{1, 1})
			return "", errors.New("bad credentials")
		}
		c.Write([]byte{1, 0})
	}
	if head := read(4); head[3] != 3 {
		return "", errors.New("asked for an address, not a name")
	}
	host := string(read(int(read(1)[0])))
	port := binary.BigEndian.Uint16(read(2))
	c.Write([]byte{5, p.reply, 0, 1, 0, 0, 0, 0, 0, 0})
	if p.reply != 0 {
		err = errors.New("refused")
	}
	return fmt.Sprintf("%s:%d", host, port), err
}

func (p *testProxy) pipe(c net.Conn, r io.Reader, target string) {
	p.mu.Lock()
	p.seen = append(p.seen, target)
	p.mu.Unlock()
	to := p.l.TLSAddr()
	if strings.HasSuffix(target, ":80") {
		to = p.l.HTTPAddr()
	}
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer out.Close()
	go func() { io.Copy(out, r); out.(*net.TCPConn).CloseWrite() }()
	io.Copy(c, out)
}
