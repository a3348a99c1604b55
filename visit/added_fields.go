package visit

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"hsts-check/browser"
)

// fields returns those of a request for u, and the names of those that are the
// user's.
func (v *visitor) fields(u browser.URL, m mode, g grant) (all []field, added []string) {
	if !g.fields {
		return withCookies(v.navigation(u), m.cookie), nil
	}
	all, added = v.Request.merge(v.navigation(u), g.logins)
	cookies := m.cookie
	if values, named := v.Request.values("Cookie"); named && len(values) == 0 {
		cookies = ""
	}
	if !g.logins {
		return withCookies(all, cookies), added
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

// merge puts the user's fields in the place of a navigation's own and behind them,
// and returns the names of those. Cookie is not among them.
func (r *Request) merge(own []field, logins bool) (all []field, added []string) {
	names := slices.Sorted(maps.Keys(r.Header))
	add := func(name string) {
		for _, value := range r.Header[name] {
			all = append(all, field{name, value})
		}
		if len(r.Header[name]) > 0 {
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
	for _, name := range names {
		if (logins || !letsIn(name)) && !strings.EqualFold(name, "Cookie") {
			add(name)
		}
	}
	if _, named := r.values("Authorization"); logins && r.User != nil && !named {
		all, added = append(all, field{"Authorization", r.basic()}), append(added, "Authorization")
	}
	return all, added
}

// values returns what Header has of a name in any case, and whether it names it.
func (r *Request) values(name string) (values []string, named bool) {
	for other, more := range r.Header {
		if strings.EqualFold(other, name) {
			values, named = append(values, more...), true
		}
	}
	return values, named
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
	values, _ := v.Request.values("Cookie")
	for pair := range strings.SplitSeq(strings.Join(values, ";"), ";") {
		add(pair)
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
