package lists

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"hsts-check/browser"
	"hsts-check/internal/host"
	"hsts-check/visit"
)

// Site reads one site as lists and the command line name it: a URL, or a host
// name, which means https, without quotes around it or a separator behind. The site's name is its host, as written; group and
// position are empty. The error quotes what is wrong, without any password in
// it, and names neither file nor line.
func Site(arg string) (visit.Site, error) {
	arg = strippedURL(arg)
	name, bare := arg, true
	if isName(arg) { // most rows of a long list; parse would say the same
		if err := checkHost(arg, arg); err != nil {
			return visit.Site{}, fmt.Errorf("%s: %w", quote(arg), err)
		}
	} else {
		var err error
		if name, bare, err = parse(arg); err != nil {
			return visit.Site{}, err
		}
	}
	if bare && !dotted(name) {
		return visit.Site{}, fmt.Errorf("%s is neither a URL nor a host name with a dot: where it is a host, write https://%s", quote(arg), name)
	}
	if bare {
		arg = "https://" + arg
	}
	return visit.Site{Name: name, URL: arg, Schemeless: bare}, nil
}

// parse reads a URL as browsers do and returns its host as it was written; bare
// says that it had no scheme.
func parse(arg string) (name string, bare bool, err error) {
	if err := cmp.Or(checkOneURL(arg), checkText(arg)); err != nil {
		return "", false, err
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
	case isRange(arg):
		return "", false, fmt.Errorf("%s is a range of addresses: write a host name", quote(arg))
	case isEmail(arg):
		return "", false, fmt.Errorf("%s is an e-mail address: write the host or URL of a site", quote(arg))
	case strings.ContainsFunc(arg, isBlank):
		return "", false, fmt.Errorf("%s is not a URL: it has a blank in it", quote(arg))
	case strings.Contains(authority, "@"):
		return "", false, fmt.Errorf("%s has a user name before the host: leave it out, lists and reports are passed on", quote(arg))
	case !isHTTP(scheme):
		return "", false, fmt.Errorf("%s has the scheme %s: write https or http", quote(arg), quote(scheme))
	case bare && isHTTP(word) && strings.Contains(authority, ":"):
		return "", false, fmt.Errorf("%s is not a URL: write // after the first colon", quote(arg))
	case bare && isHTTP(word) && strings.HasPrefix(arg[len(word):], "//"):
		return "", false, fmt.Errorf("%s is not a URL: write : behind %s", quote(arg), quote(word))
	case strings.Contains(authority, "%"): // an escape, which nobody means to write in a list
		return "", false, fmt.Errorf("%s: the host has \"%%\" in it", quote(arg))
	}
	name, port := splitPort(authority)
	err = cmp.Or(checkPort(port), checkHost(name, authority))
	switch {
	case err != nil && strings.Contains(arg, "@"): // it may quote a part of a password
		return "", false, fmt.Errorf("%s is not a URL", quote(arg))
	case err != nil:
		return "", false, fmt.Errorf("%s: %w", quote(arg), err)
	}
	if _, err := browser.ParseURL(listed); err != nil {
		return "", false, fmt.Errorf("%s is not a URL: %w", quote(arg), err)
	}
	return name, bare, nil
}

// splitPort parts an authority into its host, without brackets, and its port.
func splitPort(authority string) (host, port string) {
	host = authority
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		if a, err := netip.ParseAddr(authority); err != nil || !a.Is6() { // one without brackets
			host, port = authority[:i], authority[i+1:]
		}
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), port
}

func isHTTP(scheme string) bool {
	return strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")
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
func checkHost(name, full string) error {
	if name == "" {
		return errors.New("there is no host in it")
	}
	if isName(name) && !strings.Contains(strings.ToLower(name), "xn--") && (name == full || !host.IsIP(name)) {
		return checkName(name)
	}
	a, err := netip.ParseAddr(name)
	switch {
	case full[0] == '[' && (err != nil || !a.Is6()):
		return errors.New("the host is not an IPv6 address")
	case full[0] == '[':
		return nil
	case err == nil && a.Is6():
		return errors.New("put the IPv6 address in brackets")
	}
	ascii, err := host.ASCII(name)
	if err == nil && host.MalformedALabel(ascii) {
		err = errors.New("a label begins with xn-- and encodes nothing")
	}
	if err != nil && isASCII(name) {
		if err := checkName(name); err != nil { // which says it better
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("the host is not a valid name: %s", clip(err.Error()))
	}
	return checkName(ascii)
}

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
