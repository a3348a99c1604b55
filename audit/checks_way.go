package audit

import (
	"slices"
	"strings"

	"hsts-check/browser"
	"hsts-check/hsts"
)

// checkFirstBare asks whether the listed host's first answer over https lacks
// what a later one of the same host has.
func checkFirstBare(e *evidence) []Finding {
	host := e.hosts[0]
	first := firstSecure(e.page, host)
	if first == nil || len(first.STS) > 0 || first.Untrusted() {
		return nil
	}
	later := slices.IndexFunc(e.page, func(a *answer) bool { return a.host == host && a.teaches() != nil && a.teaches().MaxAge > 0 })
	if later < 0 {
		return nil
	}
	return []Finding{find(host, "answers %s with status %d and without the header, which %s then has: a client that goes no further is not protected; send it with every answer, redirects too",
		first.URL, first.Status, e.page[later].URL).
		short("first https answer lacks the header (status %d)", first.Status)}
}

// checkNeedsUpgrade asks whether browsers are protected only because they try
// https before they are told to.
func checkNeedsUpgrade(e *evidence) []Finding {
	w := &e.ways[hsts.RFC6797]
	for _, a := range w.answers {
		if a.https() || a.Status == 0 || e.covers(hsts.RFC6797, a.host) || !e.coveredInBrowsers(a.host) {
			continue
		}
		return []Finding{find(a.host, "is remembered only by browsers that try https by themselves, as Chromium and Firefox do today: http goes %s; redirect http to https://%s first", goesTo(a), a.host).
			short("%s is never taught: %s", a.host, goesShortly(a))}
	}
	return nil
}

func (e *evidence) coveredInBrowsers(host string) bool {
	return e.covers(hsts.Chromium, host) && e.covers(hsts.Firefox, host)
}

// goesTo says where an answer over http leads.
func goesTo(a *answer) string {
	switch {
	case !a.leads:
		return "nowhere else"
	case a.target.Hostname() == a.host:
		return "on to " + a.target.String()
	}
	return "straight to " + a.target.Hostname()
}

// goesShortly says the same in a short text.
func goesShortly(a *answer) string {
	switch {
	case !a.leads:
		return "http does not redirect"
	case a.target.Hostname() == a.host:
		return "http stays on http"
	}
	return "http goes straight to " + beside(a.target.Hostname(), a.host)
}

// beside is what a host is called beside another one: www alone, below it.
func beside(host, other string) string {
	if host == "www."+other {
		return "www"
	}
	return host
}

// checkNoHTTPS asks whether a host answers over http and not over https.
func checkNoHTTPS(e *evidence) []Finding {
	host := e.hosts[0]
	plain := false
	var why *Error
	for _, a := range e.page {
		switch {
		case a.host != host:
		case !a.https():
			plain = plain || a.Status != 0 && !a.leadsToOwnHTTPS()
		case a.by[hsts.Chromium].Met:
			return nil
		default:
			why = a.Error
		}
	}
	if !plain || why == nil {
		return nil
	}
	return []Finding{find(host, "answers over http and not over https (%s): anyone on the network path can read and change what it sends; serve it over https", why.Message).
		short("no https: %s", why.Message)}
}

// checkChainCut asks whether the chain went on beyond what a client has seen. Of
// several clients, it tells of one on which the verdict hangs, if there is any.
func checkChainCut(e *evidence) []Finding {
	var found []Finding
	for _, c := range []hsts.Client{hsts.Chromium, hsts.Firefox, hsts.RFC6797} {
		f, cut := e.cutOf(&e.ways[c])
		switch {
		case !cut:
		case f.Severity == SeverityError:
			return []Finding{f}
		case found == nil:
			found = []Finding{f}
		}
	}
	return found
}

// cutOf says where one client's way left the chain, and whether it did.
func (e *evidence) cutOf(w *way) (f Finding, cut bool) {
	if len(w.answers) == 0 || w.end == browser.Arrived {
		return f, false
	}
	last := w.answers[len(w.answers)-1]
	switch {
	case w.end == browser.UnderWay && last.leads:
		f = find(last.target.Hostname(), "is where %s redirects to, and was not visited, so it was not judged; visit it again", last.URL).
			short("not visited")
		f.Severity = decides(w.unfinished())
	case w.end == browser.UnderWay:
		return f, false
	case w.end == browser.Failed && (w.client == hsts.RFC6797 || last.Error == nil || !e.lost(w, last)):
		return f, false
	case w.end == browser.Failed:
		f = find(last.host, "is where the page leads, and gave no answer (%s): what it sends was not judged; visit it again, or fix the redirect", last.Error.Message).
			short("no answer: %s", last.Error.Message)
		f.Severity = decides(w.slow())
	default:
		f = find(last.host, "%s: what follows was not judged; fix the redirect", w.Cut()).
			short("%s", w.Cut())
		f.Severity = decides(!e.noted(e.hosts[0]))
	}
	return f, true
}

// lost reports whether a way ends at a page that another one has led to and that
// gave no answer, where no other finding and no error says so.
func (e *evidence) lost(w *way, last *answer) bool {
	listed := last.host == e.hosts[0] && e.verdict() == Unknown
	return w.led() && !listed && !last.Untrusted() && !last.sends()
}

// led reports whether the way's last answer is one that another has led to.
func (w *way) led() bool {
	n := len(w.answers)
	return n > 1 && w.answers[n-2].Status != 0
}

// decides is the severity of what decides a verdict, or does not.
func decides(b bool) Severity {
	if b {
		return SeverityError
	}
	return SeverityWarning
}

// checkCleared asks whether Clear-Site-Data made Firefox forget a policy.
func checkCleared(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts {
		i := slices.IndexFunc(e.ways[hsts.Firefox].answers, func(a *answer) bool {
			return a.host == host && a.by[hsts.Firefox].Secure && a.by[hsts.Firefox].ClearsSiteData
		})
		if i < 0 || e.covers(hsts.Firefox, host) || !e.covers(hsts.Chromium, host) {
			continue
		}
		a := e.ways[hsts.Firefox].answers[i]
		found = append(found, find(host, "sends Clear-Site-Data: %s with %s: Firefox forgets the policy of the host with its cache; leave out \"cache\" and \"*\"",
			quote(a.ReadBy(hsts.Firefox).ClearSiteData), a.URL).
			short("Clear-Site-Data makes Firefox forget the policy"))
	}
	return found
}

// checkBrowserRefuses asks whether the page leads to, or is, a URL that browsers
// do not ask for.
func checkBrowserRefuses(e *evidence) []Finding {
	for _, c := range browsers {
		w := &e.ways[c]
		if w.end != browser.Refused || w.beyond.IsZero() {
			continue
		}
		return []Finding{find(w.beyond.Hostname(), "is asked for at %s, where not every browser goes: %s; use another port or name", w.beyond, w.beyond.Refuses(c)).
			short("%s", w.beyond.Refuses(c))}
	}
	return nil
}

// unaskedFor reports a listed URL that no browser asks for.
func unaskedFor(listed string) []Finding {
	u, err := browser.ParseURL(listed)
	if err != nil || u.Refuses(hsts.Chromium) == "" {
		return nil
	}
	f := find(u.Hostname(), "is listed as %s, where no browser goes: %s; use another port or name", u, u.Refuses(hsts.Chromium)).short("%s", clip(u.Refuses(hsts.Chromium), MostShort))
	f.Rule, f.Severity, f.Message = "browser-refuses", SeverityError, printable(f.Message)
	return []Finding{f}
}

// checkMisnamed asks whether a field was meant to be the header.
func checkMisnamed(e *evidence) []Finding {
	var found []Finding
	var told []string
	for _, a := range e.answers {
		if len(a.Misnamed) == 0 || !a.https() || slices.Contains(told, a.host) {
			continue
		}
		told = append(told, a.host)
		found = append(found, find(a.host, "sends %s, which no browser reads; the field's name is Strict-Transport-Security", strings.Join(quoted(a.Misnamed), " and ")).
			short("header misspelled as %s", quote(a.Misnamed[0])))
	}
	return found
}

func quoted(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = quote(name)
	}
	return all
}
