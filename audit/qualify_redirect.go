package audit

import (
	"fmt"
	"slices"

	"golang.org/x/net/publicsuffix"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/visit"
)

// mostHops is how many redirects in a row the list's owners follow
// (https://github.com/chromium/hstspreload, redirects.go).
const mostHops = 3

// at returns what was answered at a URL, nil if it was not asked.
func (c candidate) at(u browser.URL) *answer {
	for _, x := range c.answers {
		if x.url == u {
			return x
		}
	}
	return nil
}

// plain returns the answer of the domain to plain http, or else the failure to
// get one; nil if it was not asked.
func (c candidate) plain() (found *answer) {
	for _, x := range c.answers {
		if x.https() || x.host != c.domain {
			continue
		}
		if x.Status != 0 || x.Error != nil && x.Error.Kind == visit.KindRefused {
			return x
		}
		if found == nil {
			found = x
		}
	}
	return found
}

// redirectsTo reports whether http leads to x first.
func (c candidate) redirectsTo(x *answer) bool {
	http := c.plain()
	if http == nil {
		return false
	}
	return http.leads && http.target == x.url
}

// httpRedirect looks at http://DOMAIN. A port that refuses is as good as a
// redirect.
func (c candidate) httpRedirect() claim {
	x := c.plain()
	switch {
	case x == nil:
		return claim{says: "http://%s was not asked", about: []string{c.domain}}
	case x.Status == 0 && x.Error != nil && x.Error.Kind == visit.KindRefused:
		return claim{yes, 0, "", "port 80 of %s refuses connections", []string{c.domain}}
	case x.Status == 0:
		return claim{says: "http://%s gave no answer%s", about: []string{c.domain, x.because()}}
	}
	to := x.target
	switch {
	case !x.leads:
		return claim{no, 0, "redirects.http.no_redirect", "http://%s answers with status %s and no redirect", []string{c.domain, fmt.Sprint(x.Status)}}
	case to.Scheme == "https" && to.Hostname() == c.domain:
		return c.firstRedirect(to)
	case to.Hostname() == "www."+c.domain:
		return claim{no, 0, "redirects.http.www_first", "http://%s redirects to %s before https://%[1]s", []string{c.domain, to.String()}}
	}
	return claim{no, 0, "redirects.http.first_redirect.insecure", "http://%s redirects to %s, not to https://%[1]s", []string{c.domain, to.String()}}
}

// firstRedirect looks at where http leads first: what the domain answers there
// has to qualify like its front page. That one is asked apart.
func (c candidate) firstRedirect(to browser.URL) claim {
	x := c.at(to)
	about := []string{c.domain, to.String()}
	switch {
	case x == nil:
		return claim{says: "http://%s redirects to %s, which was not asked", about: about}
	case x == c.first():
	case x.Status == 0 && x.Untrusted():
		return claim{no, 0, "redirects.http.first_redirect.invalid", "http://%s redirects to %s, which has no valid certificate", about}
	case x.Status == 0:
		return claim{notKnown, 0, "redirects.http.first_redirect.invalid", "http://%s redirects to %s, which gave no answer", about}
	case !x.proves():
		return claim{notKnown, 0, "redirects.http.first_redirect.no_hsts", "http://%s redirects to %s, an error page without the header", about}
	case !x.preloadable():
		return claim{no, 0, "redirects.http.first_redirect.no_hsts", "http://%s redirects to %s, where the header is missing or falls short", about}
	}
	if c.goesOn(x, mostHops-1) {
		return claim{no, 0, "redirects.too_many", "http://%s redirects more than three times", about[:1:1]}
	}
	return claim{yes, 0, "", "http://%s redirects to %s", about}
}

// www looks at https://www.DOMAIN. A name that does not resolve need not
// answer.
func (c candidate) www() claim {
	host := "www." + c.domain
	if suffix, _ := publicsuffix.PublicSuffix(c.domain); suffix == "appspot.com" {
		return claim{yes, 0, "", "below %s it is not asked for", []string{suffix}}
	}
	found := claim{says: "https://%s was not asked", about: []string{host}}
	for _, x := range c.answers {
		if x.host != host || !x.https() {
			continue
		}
		about := []string{host, x.because()}
		switch {
		case x.Untrusted() || x.incomplete():
			return claim{no, 0, "domain.www.no_tls", "%s%s", about}
		case x.Status != 0:
			return claim{yes, 0, "", "https://%s answers", about[:1]}
		case x.Error == nil:
		case x.Error.NoSuchHost:
			return claim{yes, 0, "", "%s does not exist", about[:1]}
		case x.Error.Kind == visit.KindTLS:
			return claim{no, 0, "domain.www.no_tls", "%s%s", about}
		case x.Error.Kind == visit.KindRefused:
			// The owners' check lets this pass, their rules do not.
			return claim{no, 0, "", "%s exists, and its port 443 refuses connections", about[:1]}
		}
		found = claim{says: "https://%s gave no answer%s", about: about}
	}
	return found
}

// because says what went wrong with an exchange, to be put behind its host.
func (x *answer) because() string {
	switch {
	case x.Untrusted():
		return ": " + x.TLS.Error.Message
	case x.Error != nil:
		return ": " + x.Error.Message
	case x.incomplete():
		return ": the server does not send its intermediate certificate"
	}
	return ""
}

// incomplete: the certificate verified with an intermediate that the server
// did not send. The list's owners do not fetch it.
func (x *answer) incomplete() bool { return x.TLS != nil && x.TLS.ChainIncomplete }

// behind are the answers of the page that x led to, nil where it was not
// followed.
func (c candidate) behind(x *answer) []*answer {
	if !x.leads {
		return nil
	}
	way := c.ways[hsts.RFC6797].answers
	i := slices.IndexFunc(way, func(a *answer) bool { return a.url == x.target })
	if i < 0 {
		return nil
	}
	way = way[i:]
	// The list's owners look no further than a redirect to http.
	if i := slices.IndexFunc(way, (*answer).leadsToHTTP); i >= 0 {
		way = way[:i+1]
	}
	return way
}

func (a *answer) leadsToHTTP() bool { return a.leads && a.target.Scheme == "http" }

// goesOn reports whether x leads through more redirects than most, or in a loop.
func (c candidate) goesOn(x *answer, most int) bool {
	behind := c.behind(x)
	if len(behind) == 0 {
		return false
	}
	n := 1
	for i := range behind {
		if behind[i].leads {
			n++
		}
	}
	return n > most || !behind[len(behind)-1].leadsToHTTP() && c.loops()
}

// httpsRedirects follows where the first contact leads: never to http, not too
// far, and with the header on each redirect of the domain's own.
func (c candidate) httpsRedirects() claim {
	for x := range c.contacts() {
		if to := x.target; x.leads && to.Scheme == "http" {
			return claim{no, 0, "redirects.insecure.initial", "%s redirects to %s", []string{x.URL, to.String()}}
		}
	}
	x := c.first()
	switch {
	case x == nil || x.Status == 0:
		return claim{says: "https://%s gave no answer", about: []string{c.domain}}
	case x.Untrusted():
		return claim{says: "%s%s: redirects behind it are not followed", about: []string{c.domain, x.because()}}
	case !x.leads && x.Error != nil:
		return claim{notKnown, 0, "redirects.follow_error", "%s%s", []string{x.URL, x.because()}}
	case !x.leads:
		return claim{yes, 0, "", "%s redirects no further", []string{x.URL}}
	}
	behind := c.behind(x)
	if c.goesOn(x, mostHops) {
		return claim{no, 0, "redirects.too_many", "%s redirects more than three times", []string{x.URL}}
	}
	if len(behind) == 0 {
		return claim{says: "%s redirects to %s, which was not followed", about: []string{x.URL, x.target.String()}}
	}
	for i := range behind {
		if a := behind[i].asksHop(c.domain); a.reply != yes {
			return a
		}
	}
	return claim{yes, 0, "", "%s leads to %s", []string{x.URL, behind[len(behind)-1].URL}}
}

// loops: the page's chain leads back to where it has been.
func (c candidate) loops() bool {
	way := c.ways[hsts.RFC6797].answers
	if len(way) == 0 {
		return false
	}
	last := way[len(way)-1]
	return last.leads && slices.ContainsFunc(way, func(x *answer) bool { return x.url == last.target })
}

// asksHop looks at an exchange that the domain's first answer has led to.
func (x *answer) asksHop(domain string) claim {
	to := x.target
	about := []string{x.URL, x.because()}
	switch {
	case x.Untrusted() || x.incomplete():
		return claim{no, 0, "redirects.follow_error", "%s is behind a redirect%s", about}
	case x.Status == 0 || x.Error != nil:
		return claim{notKnown, 0, "redirects.follow_error", "%s is behind a redirect%s", about}
	case x.leads && to.Scheme == "http":
		return claim{no, 0, "redirects.insecure.subsequent", "%s redirects to %s", []string{x.URL, to.String()}}
	case x.leads && x.host == domain && !x.preloadable():
		// The owners' rules ask for this, their check does not.
		return claim{no, 0, "", "%s redirects on, and the header there is missing or falls short", about[:1]}
	}
	return claim{reply: yes}
}
