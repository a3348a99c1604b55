package browser

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"hsts-check/internal/host"
)

// maxCookies is how many bytes of cookies one client keeps in one visit, names,
// values and attributes together. Servers refuse requests with more than 8 to
// 16 KiB of fields; browsers themselves keep 180 cookies a site.
const maxCookies = 16 << 10

// Bounds of one cookie, in bytes (RFC 6265bis section 5.6): of its name and value
// together, over which it is refused, and of an attribute's value, over which the
// attribute is ignored.
const (
	maxCookiePair      = 4096
	maxCookieAttribute = 1024
)

// A jar holds the cookies of one client's visit, as RFC 6265bis has it and
// Chromium 156 and Firefox ESR 153 were seen to do. The zero value is empty.
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
	expires     time.Time // zero for the end of the session
}

func (c *cookie) size() int { return len(c.name) + len(c.value) + len(c.domain) + len(c.path) }

// take keeps what the Set-Cookie fields of an answer from u set.
func (j *jar) take(c Client, u URL, fields []string, now time.Time) {
	for _, field := range fields {
		if k, ok := parseCookie(c, u, field, now); ok {
			j.set(u, k, now)
		}
	}
}

// set keeps one cookie in place of an older one of its name, domain and path,
// whose place in the order it takes. One that has expired removes it.
func (j *jar) set(u URL, k cookie, now time.Time) {
	if u.Scheme != "https" && !k.secure && slices.ContainsFunc(j.cookies, k.shadows) {
		return // section 5.7, step 16: leave secure cookies alone
	}
	i := slices.IndexFunc(j.cookies, func(old cookie) bool {
		return old.name == k.name && old.domain == k.domain && old.hostOnly == k.hostOnly && old.path == k.path
	})
	if i >= 0 {
		j.size -= j.cookies[i].size()
	}
	expired := !k.expires.IsZero() && !k.expires.After(now)
	switch {
	case expired || j.size+k.size() > maxCookies:
		if i >= 0 {
			j.cookies = slices.Delete(j.cookies, i, i+1)
		}
		return
	case i >= 0:
		j.cookies[i] = k
	default:
		j.cookies = append(j.cookies, k)
	}
	j.size += k.size()
}

// shadows reports whether a cookie set over http would hide a secure one.
func (k *cookie) shadows(old cookie) bool {
	return old.secure && old.name == k.name && (domainMatches(old.domain, k.domain) || domainMatches(k.domain, old.domain)) &&
		pathMatches(k.path, old.path)
}

// header returns the Cookie field of a top-level navigation to u, "" for none
// (section 5.8.3: longer paths first, then older cookies).
func (j *jar) header(u URL, now time.Time) string {
	if len(j.cookies) == 0 {
		return ""
	}
	path, _, _ := strings.Cut(u.Path, "?")
	var sent []cookie
	for _, k := range j.cookies {
		name := u.Hostname()
		switch {
		case k.hostOnly && k.domain != name, !domainMatches(name, k.domain), !pathMatches(path, k.path):
		case k.secure && u.Scheme != "https", !k.expires.IsZero() && !k.expires.After(now):
		default:
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
			b.WriteString(k.name + "=")
		}
		b.WriteString(k.value)
	}
	return b.String()
}

// parseCookie reads one Set-Cookie field of an answer from u (RFC 6265bis
// sections 5.6 and 5.7). It returns false for one that the client refuses.
func parseCookie(c Client, u URL, field string, now time.Time) (cookie, bool) {
	if strings.ContainsFunc(field, isControl) {
		return cookie{}, false
	}
	pair, attributes, _ := strings.Cut(field, ";")
	name, value, hasName := strings.Cut(pair, "=")
	if !hasName {
		name, value = "", pair
	}
	name, value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
	switch {
	case name == "" && value == "", len(name)+len(value) > maxCookiePair:
		return cookie{}, false
	case hasName && name == "" && c == Firefox: // measured: it refuses "=a", and keeps "a"
		return cookie{}, false
	case name == "" && hasReservedPrefix(value):
		return cookie{}, false
	}
	k := cookie{name: name, value: value, domain: u.Hostname(), hostOnly: true, path: defaultPath(u)}
	a := parseAttributes(attributes, now)
	k.secure, k.expires = a.secure, a.expires
	if a.path != "" {
		k.path = a.path
	}
	if !k.within(a.domain) {
		return cookie{}, false
	}
	switch {
	case a.secure && u.Scheme != "https", a.noSite && !a.secure:
		return cookie{}, false
	case hasPrefix(name, "__Secure-") && !a.secure, hasPrefix(name, "__Host-") && (!a.secure || !k.hostOnly || a.path != "/"):
		return cookie{}, false
	case a.partitioned && !a.secure:
		return cookie{}, false
	}
	return k, true
}

// isControl reports whether a character makes browsers refuse a cookie: any
// control but a tab (section 5.6, step 1).
func isControl(r rune) bool { return r < 0x20 && r != '\t' || r == 0x7f }

func hasPrefix(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// hasReservedPrefix reports whether a nameless cookie's value would be taken by
// servers for a name with a prefix (section 5.7, step 22).
func hasReservedPrefix(value string) bool {
	return hasPrefix(value, "__Secure-") || hasPrefix(value, "__Host-")
}

// within narrows or widens a cookie to the domain that its attribute names, and
// reports whether the host may set one there: "" is none.
func (k *cookie) within(domain string) bool {
	if domain == "" {
		return true
	}
	ascii, err := host.ASCII(domain)
	suffix, _ := publicsuffix.PublicSuffix(ascii)
	switch {
	case err != nil:
		return false
	case ascii == k.domain && suffix == ascii, host.IsIP(k.domain) && ascii == k.domain:
		return true // stays with the host alone
	case suffix == ascii, host.IsIP(k.domain), !domainMatches(k.domain, ascii):
		return false
	}
	k.domain, k.hostOnly = ascii, false
	return true
}

// domainMatches reports whether a host is domain or below it (RFC 6265bis section
// 5.1.3).
func domainMatches(name, domain string) bool {
	return name == domain || strings.HasSuffix(name, "."+domain) && !host.IsIP(name)
}

// pathMatches reports whether a cookie's path goes for a request's (section
// 5.1.4).
func pathMatches(path, of string) bool {
	rest, ok := strings.CutPrefix(path, of)
	return ok && (rest == "" || strings.HasSuffix(of, "/") || rest[0] == '/')
}

// defaultPath is that of a cookie without a Path (section 5.1.4).
func defaultPath(u URL) string {
	path, _, _ := strings.Cut(u.Path, "?")
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}

// attributes are those of a cookie that matter, the last of each name.
type attributes struct {
	domain, path        string
	secure, partitioned bool
	noSite              bool // SameSite=None
	expires             time.Time
}

func parseAttributes(s string, now time.Time) (a attributes) {
	byAge := false // Max-Age goes before Expires
	for s != "" {
		var part string
		part, s, _ = strings.Cut(s, ";")
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
		if len(value) > maxCookieAttribute {
			continue
		}
		switch strings.ToLower(name) {
		case "domain":
			a.domain = strings.TrimPrefix(value, ".")
		case "path":
			a.path = ""
			if strings.HasPrefix(value, "/") {
				a.path = value
			}
		case "secure":
			a.secure = true
		case "partitioned":
			a.partitioned = true
		case "samesite":
			a.noSite = strings.EqualFold(value, "none")
		case "max-age":
			if end, ok := endOfAge(value, now); ok {
				a.expires, byAge = end, true
			}
		case "expires":
			if at, ok := parseCookieDate(value); ok && !byAge {
				a.expires = at
			}
		}
	}
	return a
}

// endOfAge returns when a cookie with that Max-Age ends (section 5.6.2): at once
// where it is 0 or less. One that is no number is ignored.
func endOfAge(value string, now time.Time) (time.Time, bool) {
	digits := strings.TrimPrefix(value, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return time.Time{}, false
	}
	const most = 400 * 24 * time.Hour // section 5.5: no cookie lasts longer
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case digits != value || n <= 0 && err == nil:
		return time.Unix(0, 0), true
	case err != nil || n > int64(most/time.Second):
		return now.Add(most), true
	}
	return now.Add(time.Duration(n) * time.Second), true
}

// parseCookieDate reads an Expires by the algorithm of RFC 6265bis section
// 5.1.1: the parts may come in any order.
func parseCookieDate(s string) (time.Time, bool) {
	var d cookieDate
	for _, token := range strings.FieldsFunc(s, isDateDelimiter) {
		d.take(token)
	}
	if d.year < 100 {
		d.year += 1900
		if d.year < 1970 {
			d.year += 100
		}
	}
	t := time.Date(d.year, d.month, d.day, d.hour, d.minute, d.second, 0, time.UTC)
	ok := d.seen == dateTime|dateDay|dateMonth|dateYear && d.day >= 1 && d.day <= 31 && d.year >= 1601 &&
		d.hour <= 23 && d.minute <= 59 && d.second <= 59 && t.Day() == d.day
	return t, ok
}

// A cookieDate is a date half read.
type cookieDate struct {
	seen                 int
	year, day            int
	month                time.Month
	hour, minute, second int
}

const (
	dateTime = 1 << iota
	dateDay
	dateMonth
	dateYear
)

func isDateDelimiter(r rune) bool {
	return r == '\t' || r >= 0x20 && r <= 0x2f || r >= 0x3b && r <= 0x40 || r >= 0x5b && r <= 0x60 || r >= 0x7b && r <= 0x7e
}

// take gives a token to the first part of the date that it can be and that is
// still missing.
func (d *cookieDate) take(token string) {
	n, rest := leadingNumber(token)
	digits := len(token) - len(rest)
	switch {
	case d.seen&dateTime == 0 && d.time(token):
		d.seen |= dateTime
	case d.seen&dateDay == 0 && (digits == 1 || digits == 2):
		d.day, d.seen = n, d.seen|dateDay
	case d.seen&dateMonth == 0 && monthOf(token) != 0:
		d.month, d.seen = monthOf(token), d.seen|dateMonth
	case d.seen&dateYear == 0 && digits >= 2 && digits <= 4:
		d.year, d.seen = n, d.seen|dateYear
	}
}

// time reads hours, minutes and seconds, of one or two digits each.
func (d *cookieDate) time(token string) bool {
	parts := strings.SplitN(token, ":", 3)
	if len(parts) < 3 {
		return false
	}
	var n [3]int
	for i, part := range parts {
		var rest string
		n[i], rest = leadingNumber(part)
		if digits := len(part) - len(rest); digits < 1 || digits > 2 || rest != "" && i < 2 {
			return false
		}
	}
	d.hour, d.minute, d.second = n[0], n[1], n[2]
	return true
}

// leadingNumber returns the number of at most six digits that a token begins
// with, and what follows it.
func leadingNumber(s string) (n int, rest string) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		if i < 6 {
			n = n*10 + int(s[i]-'0')
		}
		i++
	}
	return n, s[i:]
}

func monthOf(token string) time.Month {
	if len(token) < 3 {
		return 0
	}
	for m := time.January; m <= time.December; m++ {
		if strings.EqualFold(token[:3], m.String()[:3]) {
			return m
		}
	}
	return 0
}
