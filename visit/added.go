package visit

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/publicsuffix"

	"hsts-check/browser"
)

// A Request is what the user adds to requests, to be let in or to be taken for
// somebody else. The zero value adds nothing.
//
// It is for the listed host and its subdomains in that host's own visit, and for
// no other host that a redirect or a probe leads to. What is secret in it (all
// but fields that browsers and proxies send of themselves, such as Accept) is
// sent over https with a good certificate alone, or within this machine to a
// listed http URL of localhost or a loopback address; the rest goes over http
// where the listed URL has that scheme. Records name the fields that were sent;
// where a server sends a secret of four bytes or more back, "***" stands in the
// record, and "hidden" in a host's name.
type Request struct {
	// Header holds fields to send, those of a name that a navigation has in place
	// of its own. A name without values takes that away. Cookie is sent beside
	// the cookies of the visit. A [Wire] with a field that [Request.AddField]
	// refuses visits nothing.
	Header http.Header
	// User is sent for Basic authentication (RFC 7617), unless Header has
	// Authorization.
	User *url.Userinfo
	// Jar has cookies to send beside those of the visit; it is told of none.
	Jar http.CookieJar
	// Certificate is shown to a host that asks for one.
	Certificate *tls.Certificate

	filed secrets // the values of cookies of files
}

// AddField takes a field as curl writes them: "Name: value" is sent, "Name:"
// takes away what would be sent of that name, and "Name;" is sent empty. The
// error does not quote the value.
func (r *Request) AddField(line string) error {
	name, value, ok := strings.Cut(line, ":")
	value = strings.Trim(value, " \t")
	empty := false
	if bare, found := strings.CutSuffix(strings.TrimRight(line, " \t"), ";"); found && !ok {
		name, empty, ok = bare, true, true
	}
	if !ok {
		return errors.New(`it has no colon: write "Name: value"`)
	}
	if err := checkField(name, value); err != nil {
		return err
	}
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	for other := range r.Header {
		if strings.EqualFold(other, name) {
			name = other
		}
	}
	values := r.Header[name]
	if value != "" || empty {
		values = append(values, value)
	}
	r.Header[name] = values
	return nil
}

// notForUsers are the fields that say how one connection goes, or whose it is,
// and why each is not the user's to send.
var notForUsers = map[string]string{
	"host":                "it names the site: lead the site elsewhere with --connect-to or --resolve",
	"proxy-authorization": "it is for the proxy: write user and password into the URL of --proxy",
	"content-length":      "requests have no body",
	"connection":          aboutConnection,
	"keep-alive":          aboutConnection,
	"proxy-connection":    aboutConnection,
	"te":                  aboutConnection,
	"trailer":             aboutConnection,
	"transfer-encoding":   aboutConnection,
	"upgrade":             aboutConnection,
	"http2-settings":      aboutConnection,
}

// RFC 9110 section 7.6.1.
const aboutConnection = "it is about the connection, which hsts-check keeps for itself"

// checkField says why a field cannot be sent, without its value.
func checkField(name, value string) error {
	why, refused := notForUsers[strings.ToLower(name)]
	switch {
	case refused:
		return fmt.Errorf("%s cannot be sent: %s", name, why)
	case !httpguts.ValidHeaderFieldName(name):
		return fmt.Errorf("%.40q is no field name: it takes letters, digits and hyphens", name)
	case !httpguts.ValidHeaderFieldValue(value):
		return fmt.Errorf("the value of %s holds a line break or another control character: write it on one line", name)
	}
	return nil
}

// check says what of a request cannot be sent.
func (r *Request) check() error {
	for name, values := range r.Header {
		for _, value := range append([]string{""}, values...) {
			if err := checkField(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// harmless reports whether a field is one that browsers or proxies send of
// themselves and that lets nobody in: what stands in it is no secret.
func harmless(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "accept", "user-agent", "upgrade-insecure-requests", "cache-control", "pragma", "dnt", "priority",
		"save-data", "range", "origin", "referer", "forwarded", "x-real-ip", "x-requested-with", "via", "content-type":
		return true
	}
	return strings.HasPrefix(name, "accept-") || strings.HasPrefix(name, "sec-") ||
		strings.HasPrefix(name, "if-") || strings.HasPrefix(name, "x-forwarded-")
}

// A grant says what of a [Request] goes with one request.
type grant struct{ public, secret bool }

// grant decides for a request for u over a connection to address, which is empty
// by way of a proxy.
func (v *visitor) grant(u browser.URL, m mode, address string) grant {
	if !v.adds || m.unverified || !within(u.Hostname(), v.listed.Hostname()) {
		return grant{}
	}
	if u.Scheme == "https" {
		return grant{true, true}
	}
	asListed := v.listed.Scheme == "http"
	return grant{asListed, asListed && isLocal(u.Hostname()) && isLoopback(address)}
}

// within reports whether a host is the listed one or a subdomain of it. What is
// below a public suffix belongs to others; a single label that no registry knows
// is a company's own.
func within(host, listed string) bool {
	if host == listed {
		return true
	}
	suffix, managed := publicsuffix.PublicSuffix(listed)
	if listed == suffix && (managed || strings.Contains(listed, ".")) {
		return false
	}
	return strings.HasSuffix(host, "."+listed)
}

// isLocal reports whether a host is this machine by its name
// (https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy).
func isLocal(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && addr.IsLoopback()
}

// isLoopback reports the same of what was dialled, an address with a port.
func isLoopback(dialled string) bool {
	addr, err := netip.ParseAddrPort(dialled)
	return err == nil && addr.Addr().IsLoopback()
}

// fields returns those of a request for u, and the names of those that are the
// user's.
func (v *visitor) fields(u browser.URL, m mode, g grant) (all []field, added []string) {
	own := v.navigation(u)
	cookies := m.cookie
	if !g.public {
		return withCookies(own, cookies), nil
	}
	header := v.Request.Header
	names := slices.Sorted(maps.Keys(header))
	add := func(name string) {
		for _, value := range header[name] {
			all = append(all, field{name, value})
		}
		if len(header[name]) > 0 {
			added = append(added, name)
		}
	}
	for _, f := range own {
		i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, f.name) })
		if i < 0 {
			all = append(all, f)
			continue
		}
		add(names[i])
		names = slices.Delete(names, i, i+1)
	}
	authorization := v.Request.User != nil
	for _, name := range names {
		switch {
		case strings.EqualFold(name, "Authorization"):
			authorization = false
		case strings.EqualFold(name, "Cookie"):
			if len(header[name]) == 0 {
				cookies = ""
			}
			continue
		}
		if g.secret || harmless(name) {
			add(name)
		}
	}
	if !g.secret {
		return withCookies(all, cookies), added
	}
	if authorization {
		all, added = append(all, field{"Authorization", v.Request.basic()}), append(added, "Authorization")
	}
	if more := v.moreCookies(u, cookies); more != "" {
		if cookies != "" {
			cookies += "; "
		}
		cookies, added = cookies+more, append(added, "Cookie")
	}
	return withCookies(all, cookies), added
}

func withCookies(all []field, cookies string) []field {
	if cookies == "" {
		return all
	}
	return append(all, field{"Cookie", cookies})
}

// basic is what Authorization says of the user.
func (r *Request) basic() string { return proxyAuthorization(&url.URL{User: r.User}) }

// moreCookies returns the user's cookies for u, as they are sent behind those of
// the visit. One that the site has meanwhile set to another value is left out.
// Which clients ask together hangs on the visit's own: these are the same for
// all of them.
func (v *visitor) moreCookies(u browser.URL, own string) string {
	var more []string
	have := make(map[string]bool)
	for pair := range strings.SplitSeq(own, ";") {
		have[cookieName(pair)] = true
	}
	add := func(pair string) {
		if pair = strings.Trim(pair, " \t"); pair != "" && !have[cookieName(pair)] {
			more = append(more, pair)
			v.secrets.addCookie(pair)
		}
	}
	for name, values := range v.Request.Header {
		if strings.EqualFold(name, "Cookie") {
			for pair := range strings.SplitSeq(strings.Join(values, ";"), ";") {
				add(pair)
			}
		}
	}
	if v.Request.Jar != nil {
		path, _, _ := strings.Cut(u.Path, "?")
		for _, c := range v.Request.Jar.Cookies(&url.URL{Scheme: u.Scheme, Host: u.Hostname(), Path: path}) {
			add(c.Name + "=" + c.Value)
		}
	}
	return strings.Join(more, "; ")
}

func cookieName(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	return strings.Trim(name, " \t")
}
