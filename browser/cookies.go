package browser

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"hsts-check/internal/host"
)

// Bounds of what one client keeps in one visit. What comes when a jar is full is
// not kept.
const (
	// maxCookies is a number of bytes, as [cookie.size] counts them. Servers
	// refuse requests with more than 8 to 16 KiB of fields.
	maxCookies = 16 << 10
	// maxCookieCount is how many both browsers keep of one site.
	maxCookieCount = 180
)

// Bounds of one cookie, in bytes (RFC 6265bis section 5.6): of its name and value
// together, over which it is refused, and of an attribute's value, over which the
// attribute is ignored.
const (
	maxCookiePair      = 4096
	maxCookieAttribute = 1024
)

// A jar holds the cookies of one client's visit. The zero value is empty.
//
// Cookies are as RFC 6265bis has them, but for what Chromium 156 and Firefox ESR
// 153 were measured to do otherwise. RFC 6797 says nothing of cookies: the client
// that is named for it takes them as Chromium does.
type jar struct {
	cookies []cookie // in the order in which they were made
	size    int
}

// A cookie is one that a client keeps.
type cookie struct {
	name, value string
	domain      string // the host that set it, or the one that its Domain names
	hostOnly    bool
	path        string
	secure      bool
	expires     time.Time
}

// size is at least what the cookie takes of a Cookie field, with "=" and "; ".
func (k *cookie) size() int {
	return len(k.name) + len(k.value) + len(k.domain) + len(k.path) + len("=; ")
}

func (k *cookie) expired(now time.Time) bool { return !k.expires.After(now) }

// take keeps what the Set-Cookie fields of an answer from u set.
func (j *jar) take(c Client, u URL, fields []string, now time.Time) {
	for _, field := range fields {
		if k, ok := parseCookie(c, u, field, now); ok {
			j.set(c, u, k, now)
		}
	}
}

// set keeps a cookie in place of an older one of its name, domain and path. One
// that has expired, or that finds no room, only removes that.
func (j *jar) set(c Client, u URL, k cookie, now time.Time) {
	if u.Scheme != "https" && slices.ContainsFunc(j.cookies, k.hides) {
		return
	}
	place := len(j.cookies)
	if i := slices.IndexFunc(j.cookies, k.replaces); i >= 0 {
		old := j.cookies[i]
		j.cookies = slices.Delete(j.cookies, i, i+1)
		j.size -= old.size()
		place = i
		if c != Firefox && old.value != k.value { // measured: a new value makes a new cookie
			place = len(j.cookies)
		}
	}
	if k.expired(now) || j.size+k.size() > maxCookies || len(j.cookies) == maxCookieCount {
		return
	}
	j.cookies = slices.Insert(j.cookies, place, k)
	j.size += k.size()
}

// replaces reports whether old is the same cookie, though perhaps not of the same
// value.
func (k *cookie) replaces(old cookie) bool {
	return old.name == k.name && old.domain == k.domain && old.hostOnly == k.hostOnly && old.path == k.path
}

// hides reports whether old is a secure cookie that k would be taken for. None
// that is set over http may do that: RFC 6265bis section 5.7, "leave secure
// cookies alone".
func (k *cookie) hides(old cookie) bool {
	return old.secure && old.name == k.name && pathMatches(k.path, old.path) &&
		(domainMatches(old.domain, k.domain) || domainMatches(k.domain, old.domain))
}

// header returns the Cookie field of a top-level navigation to u, "" for none:
// longer paths first, then older cookies (RFC 6265bis section 5.8.3).
func (j *jar) header(u URL, now time.Time) string {
	if len(j.cookies) == 0 {
		return ""
	}
	var sent []cookie
	for _, k := range j.cookies {
		if k.goesTo(u) && !k.expired(now) {
			sent = append(sent, k)
		}
	}
	slices.SortStableFunc(sent, func(a, b cookie) int { return len(b.path) - len(a.path) })
	var b strings.Builder
	for i, k := range sent {
		if i > 0 {
			b.WriteString("; ")
		}
		if k.name != "" {
			b.WriteString(k.name)
			b.WriteByte('=')
		}
		b.WriteString(k.value)
	}
	return b.String()
}

func (k *cookie) goesTo(u URL) bool {
	if k.secure && u.Scheme != "https" || k.hostOnly && u.Host != k.domain {
		return false
	}
	return domainMatches(u.Host, k.domain) && pathMatches(pathOf(u), k.path)
}

// domainMatches reports whether a host is domain or below it (RFC 6265bis section
// 5.1.3).
func domainMatches(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain)
}

// pathMatches reports whether a request's path is a cookie's or below it (RFC
// 6265bis section 5.1.4).
func pathMatches(path, cookiePath string) bool {
	rest, ok := strings.CutPrefix(path, cookiePath)
	return ok && (rest == "" || strings.HasSuffix(cookiePath, "/") || rest[0] == '/')
}

func pathOf(u URL) string {
	path, _, _ := strings.Cut(u.Path, "?")
	return path
}

// defaultPath is that of a cookie without a Path (RFC 6265bis section 5.1.4).
func defaultPath(u URL) string {
	path := pathOf(u)
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}

// parseCookie reads one Set-Cookie field of an answer from u (RFC 6265bis
// sections 5.6 and 5.7). It returns false for one that the client refuses.
func parseCookie(c Client, u URL, field string, now time.Time) (cookie, bool) {
	if strings.ContainsFunc(field, isControl) || c != Firefox && hasInnerTab(field) {
		return cookie{}, false
	}
	pair, rest, _ := strings.Cut(field, ";")
	name, value, ok := parsePair(c, pair)
	if !ok || len(name)+len(value) > maxCookiePair {
		return cookie{}, false
	}
	a := parseAttributes(rest)
	k := cookie{name: name, value: value, path: a.path, secure: a.secure, expires: a.end(c, now)}
	if !strings.HasPrefix(k.path, "/") {
		k.path = defaultPath(u)
	}
	if c == Firefox {
		a.path = k.path // measured: to __Host- it is all one where the path comes from
	}
	return k, k.setDomain(c, u, a.domain) && a.secureEnough(u) && a.fitName(name)
}

// isControl reports whether a character makes browsers refuse a cookie, wherever
// it stands: any control but a tab.
func isControl(r rune) bool { return r < 0x20 && r != '\t' || r == 0x7f }

// blanks are what is cut off the ends of names and values.
const blanks = " \t"

// hasInnerTab reports whether there is a tab elsewhere than at the ends of a name
// or value. Chromium was measured to refuse a cookie for it, as the first draft
// of RFC 6265bis had it; Firefox keeps the tab.
func hasInnerTab(field string) bool {
	if strings.IndexByte(field, '\t') < 0 {
		return false
	}
	for part := range strings.SplitSeq(field, ";") {
		name, value, _ := strings.Cut(part, "=")
		if strings.Contains(strings.Trim(name, blanks), "\t") || strings.Contains(strings.Trim(value, blanks), "\t") {
			return true
		}
	}
	return false
}

// parsePair reads the name and value of a cookie. To Firefox "a" is a cookie of
// that name, with an empty value, and "=a" is none; to Chromium both are a cookie
// without a name (measured). Firefox sends bytes of a value that are not UTF-8 as
// U+FFFD (measured).
func parsePair(c Client, pair string) (name, value string, ok bool) {
	name, value, assigned := strings.Cut(pair, "=")
	name, value = strings.Trim(name, blanks), strings.Trim(value, blanks)
	if c == Firefox {
		return name, string([]rune(value)), name != ""
	}
	if !assigned {
		name, value = "", name
	}
	// A server would take what stands before a "=" in the value, or a prefix, for
	// the name.
	return name, value, name != "" || value != "" && !strings.Contains(value, "=") && !hasPrefix(value, anyPrefix...)
}

// anyPrefix are those of names that promise something of the cookie. The third
// also begins __Host-Http-.
var anyPrefix = []string{"__secure-", "__http-", "__host-"}

// hasPrefix reports whether a name begins with one of the prefixes in any case.
func hasPrefix(name string, prefixes ...string) bool {
	name = lower(name)
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// lower puts the letters of ASCII, and no others, into lower case.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// attributes are those of a cookie that matter here. Of several of one name the
// last stands, even if it is of no use (measured, both browsers).
type attributes struct {
	domain, path, maxAge, expires, sameSite string
	secure, httpOnly, partitioned           bool
}

func parseAttributes(s string) (a attributes) {
	for part := range strings.SplitSeq(s, ";") {
		name, value, _ := strings.Cut(part, "=")
		value = strings.Trim(value, blanks)
		if len(value) > maxCookieAttribute {
			continue
		}
		switch lower(strings.Trim(name, blanks)) {
		case "domain":
			a.domain = value
		case "path":
			a.path = value
		case "max-age":
			a.maxAge = value
		case "expires":
			a.expires = value
		case "samesite":
			a.sameSite = lower(value)
		case "secure":
			a.secure = true
		case "httponly":
			a.httpOnly = true
		case "partitioned":
			a.partitioned = true
		}
	}
	return a
}

// secureEnough reports whether a cookie that an answer from u sets has Secure
// where it must, and does not where it cannot.
func (a *attributes) secureEnough(u URL) bool {
	if a.secure {
		return u.Scheme == "https"
	}
	return a.sameSite != "none" && !a.partitioned
}

// fitName reports whether the attributes are what the prefix of a cookie's name
// promises.
func (a *attributes) fitName(name string) bool {
	switch {
	case hasPrefix(name, anyPrefix...) && !a.secure,
		hasPrefix(name, "__http-", "__host-http-") && !a.httpOnly:
		return false
	case hasPrefix(name, "__host-"):
		return a.path == "/" && (a.domain == "" || host.IsIP(a.domain))
	}
	return true
}

// setDomain sets where the cookie goes, which the attribute Domain says, and
// reports whether a host may set it there.
func (k *cookie) setDomain(c Client, u URL, domain string) bool {
	k.domain, k.hostOnly = u.Host, true
	if domain == "" {
		return true
	}
	domain = strings.TrimPrefix(domain, ".")
	if host.IsIP(u.Host) {
		return domain == u.Host // and no other spelling of the address (measured)
	}
	domain, ok := parseDomain(c, domain)
	switch {
	case !ok || !domainMatches(u.Host, domain):
		return false
	case isPublicSuffix(domain):
		return domain == u.Host // stays with the host alone
	}
	k.domain, k.hostOnly = domain, false
	return true
}

// parseDomain reads a Domain. Chromium maps one that is not ASCII as it maps a
// host, but decodes no percent-encoding; Firefox does neither (measured).
func parseDomain(c Client, domain string) (string, bool) {
	if c == Firefox {
		return lower(domain), domain != ""
	}
	ascii, err := host.ASCII(domain)
	return ascii, err == nil && !strings.Contains(domain, "%")
}

func isPublicSuffix(domain string) bool {
	domain = strings.TrimSuffix(domain, ".")
	suffix, _ := publicsuffix.PublicSuffix(domain)
	return suffix == domain
}
