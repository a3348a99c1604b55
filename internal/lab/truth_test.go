package lab

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// truthRow has a server for everything that a row can ask for, at ports that are
// free.
func truthRow(t *testing.T) TruthRow {
	t.Helper()
	if !CanListen("127.20.0.2") {
		t.Skip("this machine has 127.0.0.1 alone")
	}
	freePort := func() int {
		_, p, _ := net.SplitHostPort(DeadAddr(t))
		n, err := strconv.Atoi(p)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	port := freePort()
	server := func(scheme, host, state string, answers ...TruthAnswer) TruthServer {
		return TruthServer{Scheme: scheme, Host: host, Port: port, State: state, Answers: answers}
	}
	fits := TruthAnswer{Path: "*", Raw: "any\r\n"}
	return TruthRow{ID: "t1", Servers: []TruthServer{
		server("https", "secure.example.org", "",
			TruthAnswer{Path: "/p?q", Raw: "exact"},
			TruthAnswer{Path: "/cookie", If: map[string]string{"cookie": "a="}, Raw: "with cookie"},
			TruthAnswer{Path: "/there", If: map[string]string{"x": ""}, Raw: "with x"},
			TruthAnswer{Path: "/late", Raw: "late", Delay: 0.05},
			TruthAnswer{Path: "/bytes", Raw: "\u00e9\u0000\u00ff"}),
		server("http", "Plain.example.org.", "ok", fits),
		{Scheme: "https", Host: "plain.example.org", Port: freePort()},
		server("https", "refused.example.org", "refused", fits),
		server("https", "silent.example.org", "silent", fits),
		server("http", "reset.example.org", "reset", fits),
		server("https", "expired.example.org", "expired", fits),
		server("https", "wrong.example.org", "wrong-host", fits),
		server("https", "unknown.example.org", "unknown-ca", fits),
		server("https", "127.19.0.1", "", fits),
	}}
}

// serveTruth serves a row and returns what connects to a host of it.
func serveTruth(t *testing.T, row TruthRow) (*TruthLab, func(host string) net.Conn) {
	t.Helper()
	leaks := CheckLeaks(t)
	l, err := ServeTruth([]TruthRow{row})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); leaks() })
	return l, func(host string) net.Conn {
		c, err := net.Dial("tcp", net.JoinHostPort(l.addresses[host], row.Servers[0].port()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
}

// exchange sends a request and returns all that comes.
func exchange(t *testing.T, c io.ReadWriter, request string) string {
	t.Helper()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// client does a handshake in TLS 1.2, in which an alert can be told from an answer
// by who only watches.
func (l *TruthLab) client(t *testing.T, c net.Conn, host string) (*tls.Conn, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(l.CAPEM()) {
		t.Fatal("no root")
	}
	conn := tls.Client(c, &tls.Config{RootCAs: roots, ServerName: host, MaxVersion: tls.VersionTLS12})
	return conn, conn.HandshakeContext(t.Context())
}

func TestTruthAnswers(t *testing.T) {
	l, dial := serveTruth(t, truthRow(t))
	const none = "HTTP/1.1 404 Not Found\r\n"
	const plain = "HTTP/1.1 400 Bad Request\r\n"
	for _, test := range []struct {
		name, url, fields, want string
	}{
		{"a path with its query", "https://secure.example.org/p?q", "", "exact"},
		{"a path without its query is another", "https://secure.example.org/p", "", none},
		{"a field's value holds what is asked", "https://secure.example.org/cookie", "Cookie: b=1; a=2\r\n", "with cookie"},
		{"a field's value does not", "https://secure.example.org/cookie", "Cookie: b=1\r\n", none},
		{"a field that only has to be there", "https://secure.example.org/there", "X:\r\n", "with x"},
		{"a field that is not there", "https://secure.example.org/there", "", none},
		{"bytes go out as they are", "https://secure.example.org/bytes", "", "\xe9\x00\xff"},
		{"any path", "http://plain.example.org/whatever", "", "any\r\n"},
		{"plain http to TLS", "http://secure.example.org/p?q", "", plain},
		{"an IP literal has a certificate", "https://127.19.0.1/", "", "any\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			scheme, rest, _ := strings.Cut(test.url, "://")
			host, path, _ := strings.Cut(rest, "/")
			var c io.ReadWriter = dial(host)
			if scheme == "https" {
				conn, err := l.client(t, c.(net.Conn), host)
				if err != nil {
					t.Fatal(err)
				}
				c = conn
			}
			got := exchange(t, c, "GET /"+path+" HTTP/1.1\r\nHost: "+strings.ToUpper(host)+"\r\n"+test.fields+"\r\n")
			if got != test.want && !(strings.HasPrefix(test.want, "HTTP/") && strings.HasPrefix(got, test.want)) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			hits := l.Hits()
			if last := hits[len(hits)-1]; last.URL != test.url || last.Host != host || last.At.IsZero() {
				t.Errorf("noted %+v, want %s", last, test.url)
			}
		})
	}
}

func TestTruthAnswersLate(t *testing.T) {
	l, dial := serveTruth(t, truthRow(t))
	c, err := l.client(t, dial("secure.example.org"), "secure.example.org")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if got := exchange(t, c, "GET /late HTTP/1.1\r\n\r\n"); got != "late" || time.Since(start) < 50*time.Millisecond {
		t.Errorf("%q after %v, want it after 50ms", got, time.Since(start))
	}
	l.Hits()[0].URL = "changed"
	if got := l.Hits()[0].URL; got != "https:///late" {
		t.Errorf("noted %q", got)
	}
}

func TestTruthCloseWaitsForNoClient(t *testing.T) {
	l, dial := serveTruth(t, truthRow(t))
	dial("silent.example.org")
	dial("secure.example.org")
	dial("plain.example.org")
	start := time.Now()
	l.Close()
	if took := time.Since(start); took > truthRequest/2 {
		t.Errorf("closed after %v", took)
	}
}

// A tapped connection keeps what is read from it.
type tapped struct {
	net.Conn
	read bytes.Buffer
}

func (c *tapped) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Write(b[:n])
	return n, err
}

func TestTruthEndsWithoutAnAlert(t *testing.T) {
	l, dial := serveTruth(t, truthRow(t))
	tap := &tapped{Conn: dial("secure.example.org")}
	c, err := l.client(t, tap, "secure.example.org")
	if err != nil {
		t.Fatal(err)
	}
	tap.read.Reset()
	exchange(t, c, "GET /p?q HTTP/1.1\r\n\r\n")
	// A record's type and its length (RFC 5246 section 6.2.1).
	record := tap.read.Bytes()
	if record[0] != 23 || len(record) != 5+int(record[3])<<8+int(record[4]) {
		t.Errorf("the server sends %x, want one record of application data", record)
	}
}

func TestTruthStates(t *testing.T) {
	row := truthRow(t)
	l, dial := serveTruth(t, row)
	t.Run("refused", func(t *testing.T) {
		_, err := net.Dial("tcp", net.JoinHostPort(l.addresses["refused.example.org"], row.Servers[0].port()))
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Error(err)
		}
	})
	t.Run("silent", func(t *testing.T) {
		c := dial("silent.example.org")
		io.WriteString(c, "GET / HTTP/1.1\r\n\r\n")
		c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if n, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(n, err)
		}
	})
	t.Run("reset", func(t *testing.T) {
		c := dial("reset.example.org")
		io.WriteString(c, "G")
		if n, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Error(n, err)
		}
	})
	t.Run("TLS to plain http", func(t *testing.T) {
		var record tls.RecordHeaderError
		if _, err := l.client(t, dial("plain.example.org"), "plain.example.org"); !errors.As(err, &record) && !errors.Is(err, syscall.ECONNRESET) {
			t.Error(err)
		}
	})
	for host, why := range map[string]string{
		"expired.example.org": "expired",
		"wrong.example.org":   "valid for",
		"unknown.example.org": "unknown authority",
	} {
		t.Run(host, func(t *testing.T) {
			if _, err := l.client(t, dial(host), host); err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%v, want one about %q", err, why)
			}
		})
	}
	if hits := l.Hits(); hits != nil {
		t.Errorf("noted %v, but no request came through", hits)
	}
}

func TestTruthHostsFile(t *testing.T) {
	l, _ := serveTruth(t, truthRow(t))
	lines := strings.Split(strings.TrimSpace(string(l.HostsFile())), "\n")
	var names, addresses []string
	for _, line := range lines {
		address, name, _ := strings.Cut(line, " ")
		names, addresses = append(names, name), append(addresses, address)
		if !strings.HasPrefix(address, "127.") {
			t.Errorf("%q is not on loopback", line)
		}
	}
	slices.Sort(names)
	slices.Sort(addresses)
	want := []string{"expired.example.org", "localhost", "plain.example.org", "refused.example.org", "reset.example.org",
		"secure.example.org", "silent.example.org", "unknown.example.org", "wrong.example.org"}
	if !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
	if len(slices.Compact(addresses)) != len(want) {
		t.Errorf("addresses %q are not one a host", addresses)
	}
}

func TestServeTruthNamesTheRow(t *testing.T) {
	row := truthRow(t)
	row.Servers = append(row.Servers, row.Servers[0])
	if l, err := ServeTruth([]TruthRow{row}); err == nil || !strings.Contains(err.Error(), "row t1") {
		l.Close()
		t.Errorf("two servers at one port: %v, want an error that names the row", err)
	}
}

func TestTruthRefusesAnUnlistedPort(t *testing.T) {
	row := truthRow(t)
	if row.At("secure.example.org", "1") != nil || row.At("refused.example.org", row.Servers[0].port()) != nil {
		t.Error("a server where none listens")
	}
	if s := row.At("PLAIN.example.org", row.Servers[0].port()); s != &row.Servers[1] {
		t.Errorf("got %+v, want the server of the same host in other letters", s)
	}
	for scheme, port := range map[string]string{"http": "80", "https": "443"} {
		row := TruthRow{Servers: []TruthServer{{Scheme: scheme, Host: "h"}}}
		if row.At("h", port) == nil {
			t.Errorf("no server of %s at %s", scheme, port)
		}
	}
}

func TestReadTruth(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rows.jsonl")
	write := func(data string) {
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"id":"v1","class":"c","why":"w","visit":"http://h/","servers":[{"scheme":"http","host":"h","port":81,"state":"ok","answers":[{"path":"*","if":{"a":"b"},"raw":"\u00e9","delay_s":1.5}]}],` +
		`"chromium":{"requests":["http://h/"],"noted":{"h":{"noted":true,"include_subdomains":true}}}}` + "\n\n" + `{"id":"v2"}`)
	rows, err := ReadTruth(file)
	if err != nil || len(rows) != 2 || rows[1].ID != "v2" {
		t.Fatalf("%+v, %v", rows, err)
	}
	a := &rows[0].Servers[0].Answers[0]
	if !bytes.Equal(a.Bytes(), []byte("\xe9")) || a.Wait() != 1500*time.Millisecond || a.If["a"] != "b" {
		t.Errorf("the answer is %+v", a)
	}
	if seen := rows[0].Chromium; seen.Requests[0] != "http://h/" || seen.Noted["h"] != (TruthNoted{true, true}) {
		t.Errorf("Chromium %+v", seen)
	}
	write("no JSON\n")
	if _, err := ReadTruth(file); err == nil {
		t.Error("no error for what is no JSON")
	}
	if _, err := ReadTruth(file + "x"); err == nil {
		t.Error("no error for no file")
	}
}

func TestReadHeads(t *testing.T) {
	file := filepath.Join(t.TempDir(), "heads.jsonl")
	if err := os.WriteFile(file, []byte(`{"id":"a1","class":"c","why":"w","raw":"head","chromium":{"noted":true},"firefox":{"noted":false}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	rows, err := ReadHeads(file)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	row := &rows[0]
	s := row.At("a1.test", "443")
	if row.Visit != "https://a1.test/" || s == nil || s.Answer(true, "/", nil).Raw != "head" || !strings.HasPrefix(s.Answer(true, "/x", nil).Raw, "HTTP/1.1 200 OK\r\n") {
		t.Errorf("the row is %+v", row)
	}
	if !row.Chromium.Noted["a1.test"].Noted || row.Firefox.Noted["a1.test"].Noted {
		t.Errorf("the browsers are %+v and %+v", row.Chromium, row.Firefox)
	}
	if _, err := ReadHeads(file + "x"); err == nil {
		t.Error("no error for no file")
	}
}
