package audit

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// cookies are what the redirects of one page have set. Sites that look whether
// their visitor has cookies redirect him for ever where they do not come back.
// The zero value holds none.
type cookies struct {
	jar  *cookiejar.Jar // nil until there is one
	size int            // bytes of the fields kept
}

// keep takes in the Set-Cookie fields of an answer from u (RFC 6265 section
// 5.3). Those beyond [maxCookies] and those that net/http refuses are left out.
func (c *cookies) keep(u *url.URL, fields []string) {
	var set []*http.Cookie
	for _, field := range fields {
		cookie, err := http.ParseSetCookie(field)
		if err != nil || c.size+len(field) > maxCookies {
			continue
		}
		c.size += len(field)
		set = append(set, cookie)
	}
	if set == nil {
		return
	}
	if c.jar == nil {
		c.jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // never fails
	}
	c.jar.SetCookies(u, set)
}

// header returns the Cookie field of a request for u, empty for none.
func (c *cookies) header(u *url.URL) string {
	if c.jar == nil {
		return ""
	}
	var pairs []string
	for _, cookie := range c.jar.Cookies(u) {
		pairs = append(pairs, cookie.String())
	}
	return strings.Join(pairs, "; ")
}
