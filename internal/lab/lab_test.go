package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func start(t *testing.T, hosts ...Host) *Lab {
	t.Helper()
	l, err := Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// dial connects as curl would with --connect-to of connectTo.
func dial(connectTo []string, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	for _, to := range connectTo {
		if rest, ok := strings.CutPrefix(to, bracket(host)+":"+port+":"); ok {
			return net.Dial("tcp", rest)
		}
		if rest, ok := strings.CutPrefix(to, ":"+port+":"); ok {
			return net.Dial("tcp", rest)
		}
	}
	return nil, errors.New("the test would leave the lab for " + addr)
}

// client trusts the lab and follows no redirect.
func client(l *Lab) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
				return dial(l.ConnectTo(), addr)
			},
			TLSClientConfig:   &tls.Config{RootCAs: l.CA},
			DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       20 * time.Second,
	}
}

func get(t *testing.T, l *Lab, url string) *http.Response {
	t.Helper()
	resp, err := client(l).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

// say sends head and returns everything that comes back.
func say(t *testing.T, c net.Conn, head string) string {
	t.Helper()
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, head); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("%v after %q", err, b)
	}
	return string(b)
}

func handshake(l *Lab, config *tls.Config) (*tls.Conn, error) {
	c := config.Clone()
	c.RootCAs = l.CA
	return tls.Dial("tcp", l.TLSAddr(), c)
}

// bytesOf returns all that GET path brings over TLS from host.
func bytesOf(t *testing.T, l *Lab, host, path string) string {
	t.Helper()
	c, err := handshake(l, &tls.Config{ServerName: host})
	if err != nil {
		t.Fatal(err)
	}
	return say(t, c, "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
}

func TestHostsAreFound(t *testing.T) {
	l := start(t,
		Sends("www.exact.test", "max-age=1"),
		Sends("*.wild.test", "max-age=2"),
		Sends("a.wild.test", "max-age=3"),
		Sends("*.b.wild.test", "max-age=4"),
		Sends("XN--Bcher-KVA.test.", "max-age=5"),
	)
	for url, want := range map[string]string{
		"https://www.exact.test/":     "max-age=1",
		"https://WWW.Exact.Test/":     "max-age=1",
		"https://www.exact.test./":    "max-age=1",
		"https://x.wild.test/":        "max-age=2",
		"https://y.x.wild.test/":      "max-age=2",
		"https://b.wild.test/":        "max-age=2",
		"https://a.wild.test/":        "max-age=3",
		"https://x.b.wild.test/":      "max-age=4",
		"https://xn--bcher-kva.test/": "max-age=5",
	} {
		if got := get(t, l, url).Header.Get("Strict-Transport-Security"); got != want {
			t.Errorf("%s sent %q, want %q", url, got, want)
		}
	}
}

func TestUnknownHostsAreRefusedCleanly(t *testing.T) {
	l := start(t, Sends("www.known.test"))
	_, err := handshake(l, &tls.Config{ServerName: "unknown.test"})
	if err == nil || !strings.Contains(err.Error(), "unrecognized name") {
		t.Errorf("TLS: %v, want the alert unrecognized_name", err)
	}
	if _, err := client(l).Get("http://unknown.test/"); !errors.Is(err, io.EOF) {
		t.Errorf("http: %v, want EOF", err)
	}
	c, err := handshake(l, &tls.Config{ServerName: "www.known.test"})
	if err != nil {
		t.Fatal(err)
	}
	if got := say(t, c, "GET / HTTP/1.1\r\nHost: unknown.test\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 421 ") {
		t.Errorf("a Host that is not the SNI got %q, want 421", got)
	}
	everything := start(t, Sends("*", "max-age=9"))
	if got := get(t, everything, "https://any.name.test/").Header.Get("Strict-Transport-Security"); got != "max-age=9" {
		t.Errorf("* sent %q", got)
	}
}

func TestIPLiteralsHaveACertificate(t *testing.T) {
	l := start(t, Sends("127.0.0.1", "max-age=1"), Sends("10.9.8.7", "max-age=2"), Sends("2001:db8::7", "max-age=3"))
	for host, want := range map[string]string{"127.0.0.1": "max-age=1", "10.9.8.7": "max-age=2", "[2001:db8::7]": "max-age=3"} {
		if got := get(t, l, "https://"+host+"/").Header.Get("Strict-Transport-Security"); got != want {
			t.Errorf("%s sent %q, want %q", host, got, want)
		}
		if got, want := get(t, l, "http://"+host+"/a").Header.Get("Location"), "https://"+host+"/a"; got != want {
			t.Errorf("http://%s redirects to %q, want %q", host, got, want)
		}
	}
}

func TestAddressesAnswerDifferently(t *testing.T) {
	if !CanListen("127.0.0.2") {
		t.Skip("this machine has no 127.0.0.2")
	}
	v6 := CanListen("::1")
	h := Sends("www.rr.test", "max-age=1")
	h.At = map[string]Host{"127.0.0.2": {Answer: STS("max-age=2"), Plain: &Answer{Status: 204}}}
	if v6 {
		h.At["::1"] = Host{Cert: CertExpired}
	}
	l := start(t, h)
	connectTo, resolve := l.RoundRobin()
	_, tlsPort, _ := net.SplitHostPort(l.TLSAddr())
	_, httpPort, _ := net.SplitHostPort(l.HTTPAddr())
	if want := []string{":443::" + tlsPort, ":80::" + httpPort}; !slices.Equal(connectTo, want) {
		t.Errorf("connect to %q, want %q", connectTo, want)
	}
	addrs := "127.0.0.1,127.0.0.2"
	if v6 {
		addrs += ",[::1]"
	}
	if want := []string{"*:" + tlsPort + ":" + addrs, "*:" + httpPort + ":" + addrs}; !slices.Equal(resolve, want) {
		t.Errorf("resolve %q, want %q", resolve, want)
	}

	at := func(addr, url string) (*http.Response, error) {
		c := client(l)
		c.Transport.(*http.Transport).DialContext = func(_ context.Context, _, dialed string) (net.Conn, error) {
			if strings.HasSuffix(dialed, ":443") {
				return net.Dial("tcp", net.JoinHostPort(addr, tlsPort))
			}
			return net.Dial("tcp", net.JoinHostPort(addr, httpPort))
		}
		return c.Get(url)
	}
	for addr, want := range map[string]string{"127.0.0.1": "max-age=1", "127.0.0.2": "max-age=2"} {
		resp, err := at(addr, "https://www.rr.test/")
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Header.Get("Strict-Transport-Security"); got != want {
			t.Errorf("%s sent %q, want %q", addr, got, want)
		}
	}
	for addr, want := range map[string]int{"127.0.0.1": 301, "127.0.0.2": 204} {
		if resp, err := at(addr, "http://www.rr.test/"); err != nil || resp.StatusCode != want {
			t.Errorf("http at %s: %v %v, want %d", addr, resp, err, want)
		}
	}
	if v6 {
		_, err := at("::1", "https://www.rr.test/")
		var invalid x509.CertificateInvalidError
		if !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
			t.Errorf("at ::1: %v, want an expired certificate", err)
		}
	}
	var seen []string
	for _, r := range l.Requests() {
		seen = append(seen, r.At+" "+r.URL)
	}
	for _, want := range []string{"127.0.0.2 https://www.rr.test/", "127.0.0.2 http://www.rr.test/"} {
		if !slices.Contains(seen, want) {
			t.Errorf("%q is not among the requests %q", want, seen)
		}
	}
}

func TestRefusedHostsAreRefused(t *testing.T) {
	l := start(t, Host{Name: "both.test", TLS: Refused, HTTP: Refused}, Host{Name: "plain.test", HTTP: Refused})
	for _, url := range []string{"https://both.test/", "http://both.test/", "http://plain.test/"} {
		if _, err := client(l).Get(url); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: %v, want a refusal", url, err)
		}
	}
	get(t, l, "https://plain.test/")
	if _, err := handshake(l, &tls.Config{ServerName: "both.test"}); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("dialled past ConnectTo: %v, want a reset", err)
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	l := start(t, Sends("www.seen.test"))
	head := "GET /a?b=c HTTP/1.1\r\nHost: www.seen.test:443\r\nx-odd:  1\r\n\r\n"
	c, err := handshake(l, &tls.Config{ServerName: "www.seen.test"})
	if err != nil {
		t.Fatal(err)
	}
	say(t, c, head)
	want := []Request{{URL: "https://www.seen.test/a?b=c", Head: head, At: "127.0.0.1"}}
	if got := l.Requests(); !slices.Equal(got, want) {
		t.Errorf("requests %q, want %q", got, want)
	}
	req, err := http.NewRequest("GET", "http://www.seen.test/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * keptRequests {
		l.note("http", req, "", c.RemoteAddr())
	}
	if n := len(l.Requests()); n < keptRequests/2 || n > keptRequests {
		t.Errorf("%d requests are kept of %d", n, 2*keptRequests+1)
	}
}

func TestContradictionsAreRejected(t *testing.T) {
	for why, hosts := range map[string][]Host{
		"there already":                      {Sends("a.test"), Sends("A.test.")},
		"no name":                            {{}},
		"no such fault":                      {{Name: "a.test", HTTP: OldTLS}},
		"wildcard cannot be refused":         {{Name: "*.a.test", TLS: Refused}},
		"does not begin with /":              {{Name: "a.test", Paths: map[string]Answer{"x": {}}}},
		"HTTP/2 cannot carry":                {{Name: "a.test", TLS: OnlyH2, Answer: STS("max-age=\x01")}},
		"200 is no interim status":           {{Name: "a.test", Plain: &Answer{Interim: []Answer{{Status: 200}}}}},
		"not a loopback address":             {{Name: "a.test", At: map[string]Host{"192.0.2.1": {}}}},
		"at 127.0.0.2: Name, At and Flaky":   {{Name: "a.test", At: map[string]Host{"127.0.0.2": {Name: "b.test"}}}},
		"at 127.0.0.2: one address cannot":   {{Name: "a.test", At: map[string]Host{"127.0.0.2": {TLS: Refused}}}},
		"at 127.0.0.2: path \"x\" does not ": {{Name: "a.test", At: map[string]Host{"127.0.0.2": {Paths: map[string]Answer{"x": {}}}}}},
	} {
		l, err := Start(hosts...)
		if err == nil {
			l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("got %v, want an error with %q", err, why)
		}
	}
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	l, err := Start(
		Host{Name: "silent.test", TLS: Silent, HTTP: Silent},
		Host{Name: "late.test", Answer: Answer{Delay: time.Hour}},
		Host{Name: "drip.test", Answer: Answer{Drip: time.Hour}},
		Host{Name: "endless.test", Answer: Answer{Endless: "x"}},
		Host{Name: "h2.test", TLS: OnlyH2, Answer: Answer{Delay: time.Hour}},
		Host{Name: "gone.test", TLS: Refused},
	)
	if err != nil {
		t.Fatal(err)
	}
	var open []net.Conn
	keep := func(c net.Conn, err error) net.Conn {
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
		return c
	}
	keep(net.Dial("tcp", l.TLSAddr())) // says nothing
	silent := tls.Client(keep(net.Dial("tcp", l.TLSAddr())), &tls.Config{ServerName: "silent.test"})
	ended := make(chan error, 1)
	go func() { ended <- silent.Handshake() }()
	io.WriteString(keep(net.Dial("tcp", l.HTTPAddr())), "GET / HTTP/1.1\r\nHost: silent.test\r\n\r\n")
	for _, host := range []string{"late.test", "drip.test", "endless.test"} {
		c, err := handshake(l, &tls.Config{ServerName: host})
		io.WriteString(keep(c, err), "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
	}
	h2 := client(l)
	h2.Transport.(*http.Transport).ForceAttemptHTTP2 = true
	go h2.Get("https://h2.test/")
	for len(l.Requests()) < 5 { // the silent handshake makes no request
		time.Sleep(time.Millisecond)
	}

	l.Close()
	l.Close()
	if err := <-ended; err == nil {
		t.Error("a handshake with a silent host succeeded")
	}
	for _, addr := range []string{l.TLSAddr(), l.HTTPAddr()} {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			t.Errorf("%s still listens", addr)
		}
	}
	for _, c := range open {
		c.Close()
	}
	h2.CloseIdleConnections()
	for wait := time.Millisecond; runtime.NumGoroutine() > before; wait *= 2 {
		if wait > 5*time.Second {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(wait)
	}
}
