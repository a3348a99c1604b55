package lab

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// A TruthRow is one visit that real browsers made: what servers answer, what
// each browser asked them, and what it remembered in the end. Its form is that of
// visits2.jsonl among the test data.
type TruthRow struct {
	ID, Class, Why, Visit string
	Servers               []TruthServer
	Chromium, Firefox     TruthSeen
}

// A TruthServer is what listens at one port of one host.
type TruthServer struct {
	Scheme, Host string
	Port         int // 0: 80 or 443
	// State is "" or "ok", "refused", "silent", "reset", "expired", "wrong-host" or
	// "unknown-ca".
	State   string
	Answers []TruthAnswer
}

// A TruthAnswer is sent for a path, "*" being any, if the request has fields
// that contain what If says, by their names in small letters.
type TruthAnswer struct {
	Path  string
	If    map[string]string
	Raw   string  // each rune a byte
	Delay float64 `json:"delay_s"`
}

// A TruthSeen is what one browser did.
type TruthSeen struct {
	Requests []string
	Noted    map[string]TruthNoted
}

// A TruthNoted is what a browser remembers of one host.
type TruthNoted struct {
	Noted             bool
	IncludeSubDomains bool `json:"include_subdomains"`
}

// ReadTruth reads the rows of a file such as visits2.jsonl.
func ReadTruth(name string) ([]TruthRow, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rows []TruthRow
	for in := bufio.NewReader(f); ; {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			var row TruthRow
			if err := json.Unmarshal(line, &row); err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// Bytes returns what an answer sends.
func (a *TruthAnswer) Bytes() []byte { return latin1(a.Raw) }

// Wait is how long it waits before.
func (a *TruthAnswer) Wait() time.Duration {
	return time.Duration(a.Delay * float64(time.Second))
}

func latin1(s string) []byte {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

// Answers of servers that have no other.
var (
	truthNone  = TruthAnswer{Raw: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}
	truthPlain = TruthAnswer{Raw: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}
)

// At returns the server at a host and port, nil where nothing listens.
func (r *TruthRow) At(host, port string) *TruthServer {
	for i := range r.Servers {
		s := &r.Servers[i]
		if s.State != "refused" && strings.EqualFold(strings.TrimSuffix(s.Host, "."), strings.TrimSuffix(host, ".")) && s.port() == port {
			return s
		}
	}
	return nil
}

func (s *TruthServer) port() string {
	u := url.URL{Scheme: s.Scheme}
	switch {
	case s.Port != 0:
		_, port, _ := net.SplitHostPort((&net.TCPAddr{Port: s.Port}).String())
		return port
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// Answer returns what a server sends for a request: its target, and its fields
// by their names in small letters. TLS says how it was asked.
func (s *TruthServer) Answer(tls bool, target string, fields map[string]string) *TruthAnswer {
	if tls != (s.Scheme == "https") {
		return &truthPlain
	}
	for i := range s.Answers {
		if a := &s.Answers[i]; a.fits(target, fields) {
			return a
		}
	}
	return &truthNone
}

func (a *TruthAnswer) fits(target string, fields map[string]string) bool {
	if a.Path != "*" && a.Path != target {
		return false
	}
	for name, part := range a.If {
		if value, sent := fields[name]; !sent || !strings.Contains(value, part) {
			return false
		}
	}
	return true
}
