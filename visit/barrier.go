package visit

import (
	"crypto/tls"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// takeBarrier keeps what an answer says of why it is none, and of who would get
// one.
func (f *fields) takeBarrier() {
	switch f.Status {
	case http.StatusUnauthorized:
		f.Authenticate = schemes(string(f.authenticates.joined()))
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if _, ok := RetryAfter(f.retryAfter, time.Time{}); ok {
			f.RetryAfter = f.retryAfter
		}
	}
}

// RetryAfter returns how long after now a Retry-After field asks to wait, and
// whether it can be read: seconds or a time (RFC 9110 section 10.2.3).
func RetryAfter(field string, now time.Time) (time.Duration, bool) {
	if n, err := strconv.ParseUint(field, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	at, err := http.ParseTime(field)
	if err != nil {
		return 0, false
	}
	return at.Sub(now), true
}

var quoted = regexp.MustCompile(`"(?:\\.|[^"\\])*"?`)

// schemes returns the first schemes of a WWW-Authenticate field (RFC 9110 section
// 11.6.1), each once.
func schemes(field string) []string {
	var found []string
	seen := make(map[string]bool)
	for part := range strings.SplitSeq(quoted.ReplaceAllString(field, "x"), ",") {
		name, rest, _ := strings.Cut(strings.Trim(part, " \t"), " ")
		if strings.HasPrefix(strings.TrimLeft(rest, " \t"), "=") || !httpguts.ValidHeaderFieldName(name) || len(name) > 32 || seen[strings.ToLower(name)] {
			continue // a parameter of the scheme before, or none at all
		}
		seen[strings.ToLower(name)] = true
		if found = append(found, name); len(found) == 4 {
			break
		}
	}
	return found
}

// Client certificates, as [TLS.ClientCertificate] has them.
const (
	CertificateAsked = "asked"
	CertificateSent  = "sent"
)

// A clientCertificate answers a server that asks for one, and keeps whether it
// has.
type clientCertificate struct {
	own   *tls.Certificate // nil for none
	may   bool             // it is for this host
	asked bool
}

func (c *clientCertificate) get(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	c.asked = true
	if c.own == nil || !c.may {
		return &tls.Certificate{}, nil
	}
	return c.own, nil
}

// state is what a record says of it.
func (c *clientCertificate) state() string {
	switch {
	case !c.asked:
		return ""
	case c.own == nil || !c.may:
		return CertificateAsked
	}
	return CertificateSent
}

// blame makes of an error one that tells of the certificate that was asked for,
// where that may be why. In TLS 1.3 a server tells only after the handshake that
// it goes no further (RFC 8446 section 4.4.2.4), and some tell nothing.
func (c *clientCertificate) blame(err error) error {
	if err == nil || !c.asked {
		return err
	}
	kind := kindOf(err)
	if kind != KindTLS && (kind != KindReset || c.state() == CertificateSent) {
		return err
	}
	return &Error{Kind: KindTLS, Message: c.told(message(kind, err))}
}

// told says what is wrong where that was why.
func (c *clientCertificate) told(why string) string {
	switch {
	case c.own == nil:
		return "the server wants a client certificate: see -E and --key"
	case !c.may:
		return "the server wants a client certificate: that of -E is for the listed host and its subdomains alone; list this host too"
	}
	return "the client certificate was refused: " + strings.TrimPrefix(why, "TLS handshake failed: ")
}
