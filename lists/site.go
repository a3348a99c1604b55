package lists

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"hsts-check/visit"
)

// Site reads one site as lists and the command line name it: a URL, or a host
// name, which means https. The site's name is its host, as written; group and
// position are empty. The error quotes what is wrong, without any password in
// it, and names neither file nor line.
func Site(arg string) (visit.Site, error) {
	var u *url.URL
	var bare bool
	if isName(arg) { // most rows of a long list; parse would say the same
		u, bare = &url.URL{Host: arg}, true
	} else {
		var err error
		if u, bare, err = parse(arg); err != nil {
			return visit.Site{}, err
		}
	}
	host := u.Hostname()
	if err := cmp.Or(checkPort(u.Port()), checkHost(host, u.Host)); err != nil {
		return visit.Site{}, fmt.Errorf("%s: %w", quote(arg), err)
	}
	if bare && !dotted(host) {
		return visit.Site{}, fmt.Errorf("%s is neither a URL nor a host name with a dot: where it is a host, write https://%s", quote(arg), host)
	}
	if bare {
		arg = "https://" + arg
	}
	return visit.Site{Name: host, URL: arg, Schemeless: bare}, nil
}

// parse reads a URL; bare tells that it had no scheme.
func parse(arg string) (u *url.URL, bare bool, err error) {
	if err := checkText(arg); err != nil {
		return nil, false, err
	}
	scheme, rest, found := strings.Cut(arg, "://")
	listed := arg
	if bare = !found || strings.ContainsAny(scheme, "/?#"); bare {
		listed, scheme, rest = "https://"+arg, "https", arg
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	word, _, _ := strings.Cut(authority, ":")
	switch {
	case strings.ContainsFunc(arg, isBlank):
		return nil, false, fmt.Errorf("%s is not a URL: it has a blank in it", quote(arg))
	case strings.Contains(authority, "@"):
		return nil, false, fmt.Errorf("%s has a user name before the host: leave it out, lists and reports are passed on", quote(arg))
	case !isHTTP(scheme):
		return nil, false, fmt.Errorf("%s has the scheme %s: write https or http", quote(arg), quote(scheme))
	case bare && isHTTP(word):
		return nil, false, fmt.Errorf("%s is not a URL: write // behind the first colon", quote(arg))
	case strings.Contains(authority, "%"): // browsers take it for an escape, Go mostly does not
		return nil, false, fmt.Errorf("%s: the host has \"%%\" in it", quote(arg))
	}
	if u, err = url.Parse(listed); err != nil {
		return nil, false, fmt.Errorf("%s is not a URL%s", quote(arg), reason(err, authority))
	}
	return u, bare, nil
}

func isHTTP(scheme string) bool {
	return strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")
}

// reason is what url.Parse has to say, without the URL itself, and nothing
// where it may quote a part of a password.
func reason(err error, authority string) string {
	if a, err := netip.ParseAddr(authority); err == nil && a.Is6() {
		return ": put the IPv6 address in brackets"
	}
	var e *url.Error
	if !errors.As(err, &e) || strings.Contains(e.URL, "@") {
		return ""
	}
	return ": " + clip(e.Err.Error())
}

func checkPort(port string) error {
	if port == "" {
		return nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("the port is %s: ports are 1 to 65535", quote(port))
	}
	return nil
}

// dotted tells a host from a word that stands where a list has its URL.
func dotted(host string) bool {
	return strings.ContainsAny(strings.TrimSuffix(host, "."), ".:。．｡") || // dots: UTS #46 section 2.3
		strings.EqualFold(host, "localhost")
}

// checkHost says what is wrong with a host, given without its port and brackets
// and, in full, with them.
func checkHost(host, full string) error {
	if host == "" {
		return errors.New("there is no host in it")
	}
	if full[0] == '[' {
		if a, err := netip.ParseAddr(host); err != nil || !a.Is6() {
			return errors.New("the host is not an IPv6 address")
		}
		return nil
	}
	if !isASCII(host) || strings.Contains(strings.ToLower(host), "xn--") {
		ascii, err := profile.ToASCII(host)
		if err != nil {
			return fmt.Errorf("the host is not a valid name: %s", clip(err.Error()))
		}
		host = ascii
	}
	return checkName(host)
}

// profile is idna.Lookup as browsers use it: hyphens may stand anywhere, as in
// "r3---sn.example.org" (UTS #46 CheckHyphens=false, URL Standard section 3.3),
// and the ASCII characters are left to checkName, which allows underscores.
var profile = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))

// checkName says what is wrong with a host name or IPv4 address in ASCII. The
// lengths are those of RFC 1035 section 2.3.4; the 255 bytes there count the
// first length and the root.
func checkName(name string) error {
	name = strings.TrimSuffix(name, ".")
	if len(name) > 253 {
		return fmt.Errorf("the host has %d characters: 253 is the most", len(name))
	}
	var last string
	for last = range strings.SplitSeq(name, ".") {
		switch {
		case last == "":
			return errors.New("the host has nothing between two dots")
		case len(last) > 63:
			return fmt.Errorf("the host has a label of %d characters: 63 is the most", len(last))
		case !isName(last):
			return fmt.Errorf("the host has %q in it", strings.TrimFunc(last, inName)[:1])
		}
	}
	// A last label of digits makes it an address (URL Standard section 3.5).
	if strings.Trim(last, "0123456789") == "" {
		if _, err := netip.ParseAddr(name); err != nil {
			return errors.New("the host ends in a number and is not an IPv4 address")
		}
	}
	return nil
}

// isName reports whether s has only characters that a host name may have.
func isName(s string) bool {
	for i := range len(s) { // no byte of a longer character is in a name
		if !inName(rune(s[i])) {
			return false
		}
	}
	return s != ""
}

func inName(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.' || r == '_'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
