package lab

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// A Host is one host of the lab. The zero value of every field but Name is
// the healthy case: a good certificate, TLS 1.2 and 1.3, a bare 200 over https
// for every path, and a redirect to https over plain http.
type Host struct {
	// Name is a host name in its ASCII form, an IP literal without brackets,
	// "*.example.test" for every name below example.test at any depth, or "*"
	// for every name. The longest match wins. Case and a trailing dot, here
	// and in requests, do not matter.
	Name string
	// Answer is what https answers for a path that is not in Paths.
	Answer Answer
	// Paths are what https answers for single paths, as they stand in the
	// request, without the query: "/login".
	Paths map[string]Answer
	Cert  Cert
	TLS   Conn // how connections to port 443 go
	HTTP  Conn // how connections to port 80 go: not those that need TLS
	// Plain is what plain http answers, for every path. Nil: a 301 to the same
	// host and path over https.
	Plain *Answer
	// Cookie, if not empty, is what https wants to be sent, as "id=1": who comes
	// without gets it, and a redirect back to the same page.
	Cookie string
	// Filtered: https answers 403 to whoever does not call itself a Chrome.
	Filtered bool
	// Flaky is how many TLS connections are reset before the host recovers.
	Flaky int
	// At is what the host is at single addresses, in place of all the above:
	// "127.0.0.2". Name, At and Flaky stay empty in there.
	At map[string]Host
}

// Sends returns a healthy host that sends each value in a
// Strict-Transport-Security line of its own; none for no value.
func Sends(name string, values ...string) Host {
	return Host{Name: name, Answer: STS(values...)}
}

// An Answer is one response. It is written byte for byte as described, the
// status line first, then Location, then Fields, then "Connection: close": the
// end of the connection ends the empty body.
type Answer struct {
	Status   int      // 0: 301 with a Location, else 200
	Location string   // verbatim
	Fields   []string // field lines, verbatim and in order, without the CRLF
	// Interim are the 1xx answers sent before. Of each, only Status, Location
	// and Fields count.
	Interim []Answer
	// Raw, if not empty, is sent in place of everything above. On an [OnlyH2]
	// host it follows the handshake, with no word of HTTP/2 added.
	Raw string
	// Endless, if not empty, follows over and over until the client leaves.
	Endless string
	Delay   time.Duration // before the first byte
	Drip    time.Duration // between any two bytes
}

// STS returns an answer with each value in a Strict-Transport-Security line of
// its own.
func STS(values ...string) Answer {
	var a Answer
	for _, v := range values {
		a.Fields = append(a.Fields, "Strict-Transport-Security: "+v)
	}
	return a
}

// A Conn says how a connection goes.
type Conn uint8

const (
	Answers Conn = iota
	// Refused: nothing listens. Only clients told [Lab.ConnectTo] meet a
	// refusal, others a reset. The host's name must not be a wildcard.
	Refused
	Silent  // never a word after the ClientHello or the request
	Reset   // RST after the ClientHello or the request
	Garbage // an SSH banner after the ClientHello or the request

	// For TLS only.
	ResetAfterHandshake // RST in place of an answer
	OldTLS              // TLS 1.0 and 1.1 only
	RSAKeyExchange      // TLS 1.2 with an RSA key and RSA key exchange only
	OnlyH2              // h2 only at ALPN: other offers get no_application_protocol, no offer a close
	OnlyP521            // key agreement over P-521 only
	ClientCert          // demands a client certificate
	ClientCertTLS12     // the same in TLS 1.2 and no later one
	DripHandshake       // the handshake, and all else, a byte a second
	FailHandshake       // an alert in the middle of the handshake
	WrongALPN           // picks a protocol that the client did not offer
)

// A Cert says what is wrong with a host's certificate.
type Cert uint8

// Where the server does not send its intermediate, the certificate's AIA field
// (RFC 5280 section 4.2.2.1) says where it is: at [AIAURL], at a URL whose
// host resets the connection, or nowhere.
const (
	CertGood Cert = iota
	CertExpired
	CertNotYetValid
	CertWrongHost
	CertUnknownCA // a whole chain of another authority
	CertSelfSigned
	CertNoIntermediate
	CertNoIntermediateDeadAIA
	CertNoIntermediateNoAIA
	CertLongChain // a good one, in a chain of 100 certificates
	CertHuge      // of a megabyte
)

// check tells what in h contradicts itself, so that no fault that a test asks
// for is quietly left out.
func (h Host) check() error {
	if h.TLS > WrongALPN || h.HTTP > Garbage || h.Cert > CertHuge {
		return errors.New("no such fault")
	}
	if (h.TLS == Refused || h.HTTP == Refused) && strings.HasPrefix(h.Name, "*") {
		return errors.New("a wildcard cannot be refused")
	}
	answers := slices.Collect(maps.Values(h.Paths))
	answers = append(answers, h.Answer)
	for _, a := range answers {
		if h.TLS == OnlyH2 && a.Raw == "" && !a.fitsH2() {
			return errors.New("HTTP/2 cannot carry this answer")
		}
	}
	if h.Plain != nil {
		answers = append(answers, *h.Plain)
	}
	for _, a := range answers {
		for _, i := range a.Interim {
			if i.Status < 100 || i.Status > 199 || i.Status == http.StatusSwitchingProtocols {
				return fmt.Errorf("%d is no interim status", i.Status)
			}
		}
	}
	for path := range h.Paths {
		if !strings.HasPrefix(path, "/") {
			return fmt.Errorf("path %q does not begin with /", path)
		}
	}
	return h.checkAt()
}

func (h Host) checkAt() error {
	for at, other := range h.At {
		if a, err := netip.ParseAddr(at); err != nil || !a.IsLoopback() || a.String() != at {
			return fmt.Errorf("%q is not a loopback address in its usual form", at)
		}
		if other.Name != "" || other.At != nil || other.Flaky != 0 {
			return fmt.Errorf("at %s: Name, At and Flaky must be empty", at)
		}
		if other.TLS == Refused || other.HTTP == Refused {
			return fmt.Errorf("at %s: one address cannot be refused: name one where the lab does not listen", at)
		}
		if err := other.check(); err != nil {
			return fmt.Errorf("at %s: %w", at, err)
		}
	}
	return nil
}

// fitsH2 reports whether net/http's HTTP/2 server would send a as it stands.
func (a Answer) fitsH2() bool {
	lines := slices.Clone(a.Fields)
	for _, i := range a.Interim {
		lines = append(lines, i.Fields...)
	}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(strings.TrimSpace(value)) {
			return false
		}
	}
	return a.Drip == 0 && a.status() >= 200 && a.status() <= 999 && httpguts.ValidHeaderFieldValue(a.Location)
}

func (h Host) answer(req *http.Request) Answer {
	if h.Filtered && !strings.Contains(req.Header.Get("User-Agent"), "Chrome/") {
		return Answer{Status: http.StatusForbidden}
	}
	if h.Cookie != "" && !slices.Contains(strings.Split(req.Header.Get("Cookie"), "; "), h.Cookie) {
		return Answer{Status: http.StatusFound, Location: req.URL.RequestURI(), Fields: []string{"Set-Cookie: " + h.Cookie + "; Secure"}}
	}
	if a, ok := h.Paths[req.URL.EscapedPath()]; ok {
		return a
	}
	return h.Answer
}

func (a Answer) status() int {
	switch {
	case a.Status != 0:
		return a.Status
	case a.Location != "":
		return http.StatusMovedPermanently
	}
	return http.StatusOK
}

// head returns everything of a up to its body, interim answers included.
func (a Answer) head() []byte {
	if a.Raw != "" {
		return []byte(a.Raw)
	}
	var b []byte
	for _, i := range a.Interim {
		b = append(i.lines(b), "\r\n"...)
	}
	return append(a.lines(b), "Connection: close\r\n\r\n"...)
}

func (a Answer) lines(b []byte) []byte {
	b = fmt.Appendf(b, "HTTP/1.1 %03d %s\r\n", a.status(), http.StatusText(a.status()))
	if a.Location != "" {
		b = append(b, "Location: "+a.Location+"\r\n"...)
	}
	for _, line := range a.Fields {
		b = append(b, line+"\r\n"...)
	}
	return b
}
