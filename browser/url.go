package browser

import (
	"encoding/hex"
	"errors"
	"strings"

	whatwgerrors "github.com/nlnwa/whatwg-url/errors"
	whatwg "github.com/nlnwa/whatwg-url/url"

	"hsts-check/internal/host"
)

// A URL is an http or https address in the form in which clients ask for it
// and compare it, as the URL Standard parses and serializes it
// (https://url.spec.whatwg.org). User names and fragments are left out. The
// zero value is no URL.
type URL struct {
	Scheme string // "http" or "https"
	// Host is in its ASCII form and lower case; an IPv6 address stands in
	// brackets. A trailing dot is kept.
	Host string
	Port string // "" for the scheme's own
	// Path is the path with the query, as it is sent: "/login?next=%2F".
	Path string
}

// ParseURL parses an absolute http or https URL as a browser does. The error
// says what is wrong and does not quote ref.
func ParseURL(ref string) (URL, error) {
	if u, ok := parsePlain(ref); ok {
		return u, nil
	}
	return read(parser.Parse(escape(ref)))
}

// Resolve parses ref, which an answer from u gave as its Location or refresh,
// as a browser does.
func (u URL) Resolve(ref string) (URL, error) {
	if to, ok := parsePlain(ref); ok {
		return to, nil
	}
	if strings.HasPrefix(ref, "/") && plainPath(ref) {
		u.Path = ref
		return u, nil
	}
	return read(parser.ParseRef(u.String(), escape(ref)))
}

// String returns u as it is written: "https://example.org:8443/p?q".
func (u URL) String() string {
	if u.IsZero() {
		return ""
	}
	if u.Port != "" {
		return u.Scheme + "://" + u.Host + ":" + u.Port + u.Path
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// tooLong reports whether a URL is longer than [MaxURL].
func (u URL) tooLong() bool { return len(u.Host)+len(u.Path) > MaxURL }

// Hostname returns the host as it is compared: without brackets and without a
// trailing dot.
func (u URL) Hostname() string {
	name := strings.TrimSuffix(u.Host, ".")
	return strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
}

// EffectivePort returns the port that is dialled.
func (u URL) EffectivePort() string {
	switch {
	case u.Port != "":
		return u.Port
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// IsZero reports whether u is no URL.
func (u URL) IsZero() bool { return u == URL{} }

// parser is the URL Standard's but for the host, which [host.ASCII] parses. Two
// things in the library (github.com/nlnwa/whatwg-url v0.6.2) are not as they
// should be:
//
//   - Its host parser sets UseSTD3ASCIIRules, which the standard does not, and
//     makes up for that only in names that are ASCII, so that
//     "a_b.xn--bcher-kva.test" is refused; and it maps by the tables of
//     golang.org/x/net/idna, whose faults package host tells of. Its state
//     machine stays: the host goes through it as hexadecimal digits behind a
//     letter, which no host parser changes.
//   - Its path percent-encode set lacks U+005E (^), which the standard has had
//     since 2024 and both browsers encode.
//
// Chromium alone encodes U+007C (|) in a path; the standard and Firefox do not.
var parser = whatwg.NewParser(
	whatwg.WithPathPercentEncodeSet(whatwg.PathPercentEncodeSet.Set('^')),
	whatwg.WithPreParseHostFunc(func(_ *whatwg.Url, name string) string {
		if name == "" {
			return "" // for the library to refuse
		}
		return "h" + hex.EncodeToString([]byte(name))
	}),
)

// read takes over what the library has parsed.
func read(parsed *whatwg.Url, err error) (URL, error) {
	if err != nil {
		return URL{}, reason(err)
	}
	scheme := parsed.Scheme()
	if scheme != "http" && scheme != "https" {
		return URL{}, errNotHTTP
	}
	given, err := hex.DecodeString(strings.TrimPrefix(parsed.Hostname(), "h"))
	if err != nil {
		return URL{}, errNoURL
	}
	name, err := host.ASCII(string(given))
	if err != nil {
		return URL{}, err
	}
	return URL{Scheme: scheme, Host: name, Port: parsed.Port(), Path: parsed.Pathname() + query(parsed)}, nil
}

// query returns the query with its question mark, which [whatwg.Url.Search]
// leaves out of an empty query although it is sent.
func query(parsed *whatwg.Url) string {
	href := parsed.Href(true)
	if i := strings.IndexByte(href, '?'); i >= 0 {
		return href[i:]
	}
	return ""
}

var (
	errNotHTTP = errors.New("it is neither http nor https")
	errNoHost  = errors.New("it names no host")
	errPort    = errors.New("its port is not a number up to 65535")
	errNoURL   = errors.New("it is not a valid URL")
)

// reason says in our words why the library took a URL for none.
func reason(err error) error {
	switch whatwgerrors.Type(err) {
	case whatwgerrors.MissingSchemeNonRelativeURL:
		return errNotHTTP
	case whatwgerrors.HostMissing, whatwgerrors.InvalidCredentials: // a user at no host
		return errNoHost
	case whatwgerrors.PortInvalid, whatwgerrors.PortOutOfRange:
		return errPort
	}
	return errNoURL
}

// escape percent-encodes every byte that is not ASCII. Browsers read a Location
// so: bytes that are not UTF-8 keep their values in a path and a query, and
// make a host invalid. For UTF-8 it is what the URL Standard does anyway.
func escape(ref string) string {
	if !strings.ContainsFunc(ref, func(r rune) bool { return r > '~' }) {
		return ref
	}
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(ref); i++ {
		if c := ref[i]; c < 0x80 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&0xf]})
		}
	}
	return b.String()
}

// parsePlain parses what is certain to be its own serialization, perhaps but
// for the path "/", so that the common case costs nothing.
func parsePlain(ref string) (URL, bool) {
	scheme, rest, ok := strings.Cut(ref, "://")
	if !ok || scheme != "https" && scheme != "http" {
		return URL{}, false
	}
	end := 0
	for end < len(rest) && plainInHost(rest[end]) {
		end++
	}
	name, path := rest[:end], rest[end:]
	if path == "" {
		path = "/"
	}
	if name == "" || host.IsIP(name) || !plainPath(path) {
		return URL{}, false
	}
	return URL{Scheme: scheme, Host: name, Path: path}, true
}

func plainInHost(b byte) bool {
	return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' || b == '.' || b == '-'
}

// plainPath reports whether a path with its query is certain to be left as it
// is: it begins with one slash, no segment begins with a dot, and there is
// nothing that is encoded, decoded or cut off.
func plainPath(path string) bool {
	if path[0] != '/' || strings.HasPrefix(path, "//") || strings.Contains(path, "/.") {
		return false
	}
	for i := 0; i < len(path); i++ {
		if b := path[i]; !plainInHost(b) && (b < 'A' || b > 'Z') && strings.IndexByte("/_~!$&()*+,;=:@?", b) < 0 {
			return false
		}
	}
	return true
}
