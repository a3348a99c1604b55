package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
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
func ReadTruth(name string) ([]TruthRow, error) { return readLines[TruthRow](name) }

// readLines reads a file that has a JSON object on each line.
func readLines[T any](name string) ([]T, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var rows []T
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var row T
		if err := json.Unmarshal(line, &row); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
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
	truthBare  = TruthAnswer{Path: "*", Raw: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: no-store\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"}
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

// ReadHeads reads the rows of a file such as heads.jsonl, each an answer's head
// that browsers were shown, as visits: https://ID.test/ sends the head, any other
// path of the host a bare 200. What each browser asked for was not noted.
func ReadHeads(name string) ([]TruthRow, error) {
	rows, err := readLines[truthHead](name)
	var visits []TruthRow
	for _, h := range rows {
		host := h.ID + ".test"
		visits = append(visits, TruthRow{
			ID: h.ID, Class: h.Class, Why: h.Why, Visit: "https://" + host + "/",
			Servers:  []TruthServer{{Scheme: "https", Host: host, Answers: []TruthAnswer{{Path: "/", Raw: h.Raw}, truthBare}}},
			Chromium: TruthSeen{Noted: map[string]TruthNoted{host: h.Chromium}},
			Firefox:  TruthSeen{Noted: map[string]TruthNoted{host: h.Firefox}},
		})
	}
	return visits, err
}

// A truthHead is a line of heads.jsonl.
type truthHead struct {
	ID, Class, Why, Raw string
	Chromium, Firefox   TruthNoted
}
