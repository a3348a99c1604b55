package audit

import (
	"slices"
	"strings"

	"hsts-check/browser"
	"hsts-check/hsts"
)

// A downgrade is a redirect from https to http, and who follows it over http.
type downgrade struct {
	host string
	to   browser.URL
	by   []hsts.Client
}

// checkDowngrade reports redirects to http, of each host's first one, that some
// clients really follow over http.
func checkDowngrade(e *evidence) []Finding {
	var all []downgrade
	for _, c := range [...]hsts.Client{hsts.Chromium, hsts.Firefox, hsts.RFC6797} {
		way := e.ways[c].answers
		for i, a := range way {
			if !a.https() || !a.leads || a.target.Scheme != "http" || !comesTo(a.target, way[i+1:]) {
				continue
			}
			at := slices.IndexFunc(all, func(d downgrade) bool { return d.host == a.host })
			if at < 0 {
				at, all = len(all), append(all, downgrade{host: a.host, to: a.target})
			}
			if d := &all[at]; d.to == a.target && !slices.Contains(d.by, c) {
				d.by = append(d.by, c)
			}
		}
	}
	var found []Finding
	for _, d := range all {
		found = append(found, find(d.host, "redirects from https to %s: %s there over http, and what TLS protected is exposed again; redirect to https", d.to, whoGoes(d.by)).
			short("redirects from https to http"))
	}
	return found
}

// comesTo reports whether a client that is sent to an http URL asks for it, at
// once or after it has tried https by itself.
func comesTo(target browser.URL, way []*answer) bool {
	secure := target
	secure.Scheme = "https"
	for _, a := range way {
		if a.url != secure {
			return a.url == target
		}
	}
	return false
}

// whoGoes is the beginning of a sentence about clients.
func whoGoes(clients []hsts.Client) string {
	var names []string
	for _, c := range clients {
		name := c.String()
		if c == hsts.RFC6797 {
			name = "a client that does not try https by itself"
		}
		names = append(names, name)
	}
	if len(names) == 1 {
		return names[0] + " goes"
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last] + " go"
}
