package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAnswersAreSentVerbatim(t *testing.T) {
	const end = "Connection: close\r\n\r\n"
	for why, test := range map[string]struct {
		answer Answer
		want   string
	}{
		"nothing asked for":      {Answer{}, "HTTP/1.1 200 OK\r\n" + end},
		"status alone":           {Answer{Status: 404}, "HTTP/1.1 404 Not Found\r\n" + end},
		"a status without words": {Answer{Status: 799}, "HTTP/1.1 799 \r\n" + end},
		"a location redirects":   {Answer{Location: "//x.test/\x01"}, "HTTP/1.1 301 Moved Permanently\r\nLocation: //x.test/\x01\r\n" + end},
		"status and location":    {Answer{Status: 201, Location: "/a"}, "HTTP/1.1 201 Created\r\nLocation: /a\r\n" + end},
		"lines in order, any case, any byte, folded": {
			Answer{Fields: []string{"B: 1", "sTRICT-transport-security :max-age=\x00\xff", "B: 2\r\n  folded", "no colon"}},
			"HTTP/1.1 200 OK\r\nB: 1\r\nsTRICT-transport-security :max-age=\x00\xff\r\nB: 2\r\n  folded\r\nno colon\r\n" + end,
		},
		"early hints": {
			Answer{Interim: []Answer{{Status: 103, Fields: []string{"A: 1"}}, {Status: 102}}, Fields: []string{"A: 2"}},
			"HTTP/1.1 103 Early Hints\r\nA: 1\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nA: 2\r\n" + end,
		},
		"raw":                   {Answer{Raw: "\x00not http", Status: 500, Fields: []string{"A: 1"}}, "\x00not http"},
		"a byte at a time":      {Answer{Raw: "slow", Drip: time.Millisecond}, "slow"},
		"a value in two fields": {STS("max-age=1", "max-age=2"), "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\nStrict-Transport-Security: max-age=2\r\n" + end},
	} {
		t.Run(why, func(t *testing.T) {
			l := start(t, Host{Name: "www.a.test", Answer: test.answer, Plain: &test.answer})
			if got := bytesOf(t, l, "www.a.test", "/"); got != test.want {
				t.Errorf("https sent %q, want %q", got, test.want)
			}
			c, err := net.Dial("tcp", l.HTTPAddr())
			if err != nil {
				t.Fatal(err)
			}
			if got := say(t, c, "GET / HTTP/1.1\r\nHost: www.a.test\r\n\r\n"); got != test.want {
				t.Errorf("http sent %q, want %q", got, test.want)
			}
		})
	}
}

func TestPathsAnswerDifferently(t *testing.T) {
	l := start(t, Host{
		Name:   "www.paths.test",
		Answer: Answer{Status: 404},
		Paths:  map[string]Answer{"/": STS("max-age=1"), "/old": {Location: "/"}},
	})
	for path, want := range map[string]int{"/": 200, "/?q=1": 200, "/old": 301, "/old/": 404, "/lost": 404} {
		if got := get(t, l, "https://www.paths.test"+path).StatusCode; got != want {
			t.Errorf("%s got %d, want %d", path, got, want)
		}
	}
}

func TestPlainHTTPRedirectsToTheSamePlace(t *testing.T) {
	l := start(t, Sends("www.plain.test", "max-age=1"))
	resp := get(t, l, "http://www.plain.test/a?b=c")
	if got := resp.Header.Get("Location"); resp.StatusCode != 301 || got != "https://www.plain.test/a?b=c" {
		t.Errorf("%d to %q", resp.StatusCode, got)
	}
	if got := resp.Header.Values("Strict-Transport-Security"); got != nil {
		t.Errorf("http sent %q", got)
	}
}

// hangs reports whether a read from c comes to nothing.
func hangs(c net.Conn) bool {
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	n, err := c.Read(make([]byte, 1))
	return n == 0 && errors.Is(err, os.ErrDeadlineExceeded)
}

func TestPlainHTTPFaults(t *testing.T) {
	l := start(t,
		Host{Name: "silent.test", HTTP: Silent},
		Host{Name: "reset.test", HTTP: Reset},
		Host{Name: "garbage.test", HTTP: Garbage},
	)
	c, err := net.Dial("tcp", l.HTTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: silent.test\r\n\r\n")
	if !hangs(c) {
		t.Error("the silent host spoke")
	}
	if _, err := client(l).Get("http://reset.test/"); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reset: %v", err)
	}
	if _, err := client(l).Get("http://garbage.test/"); err == nil || !strings.Contains(err.Error(), "malformed HTTP") {
		t.Errorf("garbage: %v", err)
	}
}

func TestTLSFaults(t *testing.T) {
	rsa := []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
	for _, test := range []struct {
		why    string
		how    Conn
		client *tls.Config
		want   string // of the error; empty: the visit succeeds
	}{
		{"healthy", Answers, &tls.Config{}, ""},
		{"healthy, TLS 1.2", Answers, &tls.Config{MaxVersion: tls.VersionTLS12}, ""},
		{"healthy, TLS 1.1", Answers, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "protocol version not supported"},
		{"healthy, h2 offered alone", Answers, &tls.Config{NextProtos: []string{"h2"}}, "no application protocol"},
		{"reset", Reset, &tls.Config{}, "connection reset by peer"},
		{"reset after the handshake", ResetAfterHandshake, &tls.Config{}, "connection reset by peer"},
		{"garbage", Garbage, &tls.Config{}, "first record does not look like a TLS handshake"},
		{"old TLS", OldTLS, &tls.Config{}, "protocol version not supported"},
		{"old TLS, TLS 1.0 offered", OldTLS, &tls.Config{MinVersion: tls.VersionTLS10}, ""},
		{"RSA key exchange", RSAKeyExchange, &tls.Config{}, "handshake failure"},
		{"RSA key exchange, offered", RSAKeyExchange, &tls.Config{CipherSuites: rsa}, ""},
		{"h2 only", OnlyH2, &tls.Config{NextProtos: []string{"http/1.1"}}, "no application protocol"},
		{"h2 only, nothing offered", OnlyH2, &tls.Config{}, "EOF"},
		{"P-521", OnlyP521, &tls.Config{CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP521}}, ""},
		{"P-521, not offered", OnlyP521, &tls.Config{CurvePreferences: []tls.CurveID{tls.X25519}}, "handshake failure"},
		{"client certificate", ClientCert, &tls.Config{}, "certificate required"},
		{"client certificate, TLS 1.2", ClientCert, &tls.Config{MaxVersion: tls.VersionTLS12}, "handshake failure"},
	} {
		t.Run(test.why, func(t *testing.T) {
			l := start(t, Host{Name: "www.a.test", TLS: test.how})
			test.client.ServerName = "www.a.test"
			c, err := handshake(l, test.client)
			var got []byte
			if err == nil {
				defer c.Close()
				io.WriteString(c, "GET / HTTP/1.1\r\nHost: www.a.test\r\n\r\n")
				if got, err = io.ReadAll(c); err == nil && len(got) == 0 {
					err = io.EOF
				}
			}
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want == "" && !strings.HasPrefix(string(got), "HTTP/1.1 200 OK\r\n"):
				t.Errorf("got %q", got)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %q and %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestSilentTLSSaysNothing(t *testing.T) {
	l := start(t, Host{Name: "silent.test", TLS: Silent})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	d := tls.Dialer{Config: &tls.Config{ServerName: "silent.test"}}
	if _, err := d.DialContext(ctx, "tcp", l.TLSAddr()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want silence", err)
	}
}

func TestFlakyHostsRecover(t *testing.T) {
	l := start(t, Host{Name: "*.flaky.test", Flaky: 2})
	for _, name := range []string{"a.flaky.test", "b.flaky.test"} {
		for visit, want := range []error{syscall.ECONNRESET, syscall.ECONNRESET, nil, nil} {
			c, err := handshake(l, &tls.Config{ServerName: name})
			if err == nil {
				c.Close()
			}
			if !errors.Is(err, want) {
				t.Errorf("%s, visit %d: %v, want %v", name, visit+1, err, want)
			}
		}
	}
}

func TestDelayAndEndlessBodies(t *testing.T) {
	l := start(t,
		Host{Name: "late.test", Answer: Answer{Delay: 20 * time.Millisecond}},
		Host{Name: "never.test", Answer: Answer{Delay: time.Hour}},
		Host{Name: "body.test", Answer: Answer{Endless: "abc"}},
		Host{Name: "head.test", Answer: Answer{Raw: "HTTP/1.1 200 OK\r\n", Endless: "A: 1\r\n"}},
		Host{Name: "drip.test", Answer: Answer{Raw: "HTTP/1.1 200 OK\r\nA: ", Endless: "b", Drip: time.Millisecond}},
	)
	get(t, l, "https://late.test/")
	for host, want := range map[string]string{
		"body.test": "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + strings.Repeat("abc", 50_000),
		"head.test": "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: 1\r\n", 50_000),
		"drip.test": "HTTP/1.1 200 OK\r\nA: bbbbbbbb",
	} {
		c, err := handshake(l, &tls.Config{ServerName: host})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
		got := make([]byte, len(want))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
			t.Errorf("%s: %v, and other bytes than asked for: %v", host, err, string(got) != want)
		}
		c.Close()
	}
	c, err := handshake(l, &tls.Config{ServerName: "never.test"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: never.test\r\n\r\n")
	if !hangs(c) {
		t.Error("an hour's delay was none")
	}
}

func TestH2HostsAnswerAlike(t *testing.T) {
	two := STS("max-age=1", "max-age=2")
	two.Interim = []Answer{{Status: 103, Fields: []string{"A: 1"}}}
	l := start(t, Host{
		Name:   "www.h2.test",
		TLS:    OnlyH2,
		Answer: two,
		Paths: map[string]Answer{
			"/old":     {Location: "/"},
			"/late":    {Status: 404, Delay: 20 * time.Millisecond},
			"/endless": {Endless: "abc"},
		},
	})
	c := client(l)
	c.Transport.(*http.Transport).ForceAttemptHTTP2 = true
	var hints []int
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		if h.Get("A") == "1" {
			hints = append(hints, code)
		}
		return nil
	}}
	visit := func(path string) *http.Response {
		req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "GET", "https://www.h2.test"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	resp := visit("/")
	resp.Body.Close()
	if got := strings.Join(resp.Header.Values("Strict-Transport-Security"), "|"); resp.Proto != "HTTP/2.0" || got != "max-age=1|max-age=2" || resp.Header.Get("A") != "" {
		t.Errorf("%s %v", resp.Proto, resp.Header)
	}
	if len(hints) != 1 || hints[0] != 103 {
		t.Errorf("interim answers %v, want 103", hints)
	}
	for path, want := range map[string]int{"/old": 301, "/late": 404} {
		resp := visit(path)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s got %d, want %d", path, resp.StatusCode, want)
		}
	}
	resp = visit("/endless")
	if _, err := io.ReadFull(resp.Body, make([]byte, 100_000)); err != nil {
		t.Errorf("endless: %v", err)
	}
	resp.Body.Close()
	if got := l.Requests()[0]; got.URL != "https://www.h2.test/" || !strings.HasPrefix(got.Head, "GET / HTTP/2.0\r\nHost: www.h2.test\r\n") {
		t.Errorf("the first request is %q", got)
	}
}

func TestH2HostsCanSendRawFrames(t *testing.T) {
	goAway := "\x00\x00\x08\x07\x00\x00\x00\x00\x00" + strings.Repeat("\x00", 8)
	l := start(t, Host{Name: "www.h2.test", TLS: OnlyH2, Answer: Answer{Raw: goAway}})
	c, err := handshake(l, &tls.Config{ServerName: "www.h2.test", NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := say(t, c, ""); got != goAway {
		t.Errorf("got %q, want %q", got, goAway)
	}
}

func BenchmarkVisit(b *testing.B) {
	l, err := Start(Sends("*.bench.test", "max-age=31536000"))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	config := &tls.Config{RootCAs: l.CA, ServerName: "www.bench.test"}
	for b.Loop() {
		c, err := tls.Dial("tcp", l.TLSAddr(), config)
		if err != nil {
			b.Fatal(err)
		}
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: www.bench.test\r\n\r\n")
		if _, err := io.Copy(io.Discard, c); err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}
