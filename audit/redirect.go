package audit

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// maxRedirects is how many redirects of one page are followed. Browsers go to
// 20; a log-in page more than ten hops away is not one anybody reaches.
const maxRedirects = 10

// redirects tells whether a status with a Location leads elsewhere
// (RFC 9110 section 15.4; browsers take 300 for an answer).
func redirects(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// follow resolves a Location against the URL it came from, as browsers do:
// blanks at the ends, tabs and newlines are dropped, a backslash is a slash,
// bytes that have no place in a URL are escaped, and user names go unsent.
func follow(base *url.URL, location string) (*url.URL, error) {
	u, err := base.Parse(tidy(location))
	if err != nil {
		return nil, fmt.Errorf("redirects to %q, which is no URL", location)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("redirects to %q, which is neither http nor https", location)
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	if err := normalize(u); err != nil {
		return nil, fmt.Errorf("redirects to %q: %w", location, err)
	}
	return u, nil
}

// tidy makes of a Location what [url.Parse] can read
// (https://url.spec.whatwg.org/#url-parsing).
func tidy(location string) string {
	var b strings.Builder
	location = strings.Trim(location, " \t\r\n\f\v\x00")
	query := false
	for i := 0; i < len(location); i++ {
		c := location[i]
		switch {
		case c == '\t' || c == '\n' || c == '\r':
		case c == '\\' && !query:
			b.WriteByte('/')
		case c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '`',
			c == '%' && !hexPair(location[i+1:]):
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

// normalize puts the host of a URL into the form in which it is looked up and
// compared: A-labels, lower case, no default port.
func normalize(u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return errors.New("it names no host")
	}
	if unescaped, err := url.PathUnescape(host); err == nil {
		host = unescaped
	}
	ascii, err := asciiHost(host)
	if err != nil {
		return err
	}
	if strings.Contains(ascii, ":") {
		ascii = "[" + ascii + "]"
	}
	if port := u.Port(); port != "" && port != defaultPort(u.Scheme) {
		ascii += ":" + port
	}
	u.Host = ascii
	if u.Path == "" {
		u.Path = "/"
	}
	return nil
}

// asciiHost returns the form of a host name that is looked up in DNS. Names
// that IDNA refuses and DNS does not, such as those with an underscore, are
// kept.
func asciiHost(host string) (string, error) {
	ascii, err := idna.Lookup.ToASCII(host)
	if err == nil {
		return ascii, nil
	}
	for i := 0; i < len(host); i++ {
		if c := host[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"#%/<>?@\^|`, c) >= 0 {
			return "", fmt.Errorf("%q is not a host name", host)
		}
	}
	return strings.ToLower(host), nil
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
