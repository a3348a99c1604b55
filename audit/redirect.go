package audit

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// redirects tells whether a status with a Location leads elsewhere
// (RFC 9110 section 15.4; browsers take 300 for an answer).
func redirects(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// follow resolves a Location against the URL it came from.
func follow(base *url.URL, location string) (*url.URL, error) {
	u, err := resolve(base, location)
	if err != nil {
		return nil, fmt.Errorf("redirects to %.200q: %w", location, err)
	}
	return u, nil
}

// resolve reads what stands for a URL, relative to base, as browsers do:
// blanks at the ends, tabs and newlines are dropped, a backslash is a slash,
// bytes that have no place in a URL are escaped, and user names go unsent. The
// URL is in the form in which it is asked for and compared.
func resolve(base *url.URL, ref string) (*url.URL, error) {
	u, err := base.Parse(slashes(base, tidy(ref)))
	if err != nil {
		return nil, errors.New("it is no URL")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("it is neither http nor https")
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	return u, normalize(u)
}

// slashes gives a host the two slashes before it: browsers take any number of
// them, none and one only where the scheme is another than base's
// (https://url.spec.whatwg.org/#special-authority-ignore-slashes-state).
func slashes(base *url.URL, ref string) string {
	scheme, rest, ok := strings.Cut(ref, ":")
	scheme = strings.ToLower(scheme)
	switch known := ok && (scheme == "http" || scheme == "https"); {
	case known && (scheme != base.Scheme || strings.HasPrefix(rest, "//")):
		return scheme + "://" + strings.TrimLeft(rest, "/")
	case known:
		return rest
	case strings.HasPrefix(ref, "//"):
		return "//" + strings.TrimLeft(ref, "/")
	}
	return ref
}

// tidy makes of a reference what [url.Parse] can read
// (https://url.spec.whatwg.org/#url-parsing).
func tidy(ref string) string {
	var b strings.Builder
	ref = strings.TrimFunc(ref, func(r rune) bool { return r <= ' ' })
	query := false
	for i := 0; i < len(ref); i++ {
		c := ref[i]
		switch {
		case c == '\t' || c == '\n' || c == '\r':
		case c == '\\' && !query:
			b.WriteByte('/')
		case c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '`',
			c == '%' && !hexPair(ref[i+1:]):
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			query = query || c == '?' || c == '#'
			b.WriteByte(c)
		}
	}
	return b.String()
}

func hexPair(s string) bool {
	const digits = "0123456789abcdefABCDEF"
	return len(s) >= 2 && strings.IndexByte(digits, s[0]) >= 0 && strings.IndexByte(digits, s[1]) >= 0
}

// normalize puts the host and port of a URL into the form in which they are
// looked up and compared: A-labels, lower case, no default port.
func normalize(u *url.URL) error {
	if u.Hostname() == "" {
		return errors.New("it names no host")
	}
	host, err := asciiHost(u.Hostname())
	if err != nil {
		return err
	}
	host = bracketed(host)
	port, ok := canonicalPort(u.Port())
	if !ok {
		return fmt.Errorf("%q is not a port", u.Port())
	}
	if port != "" && port != defaultPort(u.Scheme) {
		host += ":" + port
	}
	u.Host = host
	if u.Path == "" {
		u.Path = "/"
	}
	return nil
}

// lookupNames maps as browsers do, which allow hyphens anywhere, as in
// "r3---sn.example.org" (UTS #46 CheckHyphens=false, URL Standard section 3.3),
// and underscores.
var lookupNames = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))

// asciiHost returns the form of a host that is looked up: a name's A-labels, an
// IP address in its usual form. ASCII names that IDNA refuses are left to DNS.
func asciiHost(host string) (string, error) {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Zone() == "" {
		return addr.String(), nil
	}
	ascii, err := lookupNames.ToASCII(host)
	if err != nil || !utf8.ValidString(host) { // which ToASCII lets pass
		ascii = strings.ToLower(host)
	}
	if ascii == "" {
		return "", fmt.Errorf("%.200q is not a host name", host)
	}
	for i := range len(ascii) {
		if c := ascii[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"#%/:<>?@[\\]^`{|}", c) >= 0 {
			return "", fmt.Errorf("%.200q is not a host name", host)
		}
	}
	return ascii, nil
}

// portOf returns a URL's port, explicit or not.
func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return defaultPort(u.Scheme)
}

func defaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}
