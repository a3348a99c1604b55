package audit

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"hsts-check/hsts"
)

func checkAbsent(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts {
		if e.firstSecure(e.page, host) == nil || e.answer(host) != nil || !e.judged(host) || e.covered(host) {
			continue
		}
		found = append(found, find(host, `sends no Strict-Transport-Security: a visit over http can be intercepted and kept there; send "max-age=31536000; includeSubDomains" on every https answer`))
	}
	return found
}

func checkCertificate(e *evidence) []Finding {
	var found []Finding
	for _, x := range e.page {
		if !x.untrusted() || x.TLS.Error.Kind == CertUnjudged {
			continue
		}
		said := x.host() + ": " + x.TLS.Error.Message
		if len(x.STS) > 0 {
			said += "; a header was sent, " + quote(x.STS[0]) + ", but browsers ignore it"
		}
		found = append(found, Finding{Host: x.host(), Message: said + "; install a valid certificate"})
	}
	return found
}

func checkChain(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts {
		for _, x := range e.page {
			if x.host() != host || x.TLS == nil {
				continue
			}
			if x.TLS.ChainIncomplete {
				found = append(found, find(host, "does not send its intermediate certificate: Chromium fetches it, other clients fail; serve the full chain"))
				break
			}
			if x.untrusted() && x.TLS.Error.Kind == CertUnjudged {
				found = append(found, find(host, "was not judged: %s; serve the full chain", x.TLS.Error.Message))
				break
			}
		}
	}
	return found
}

func checkIP(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts {
		if hsts.IsIP(host) {
			found = append(found, find(host, "is an IP address: browsers never remember a policy for one; use a host name"))
		}
	}
	return found
}

func checkOverHTTP(e *evidence) []Finding {
	var found []Finding
	var told []string
	for i := range e.visit.Exchanges {
		x := &e.visit.Exchanges[i]
		if x.https() || len(x.STS) == 0 || slices.Contains(told, x.host()) {
			continue
		}
		told = append(told, x.host())
		found = append(found, find(x.host(), "sends the header over plain http, %s, where browsers ignore it; send it over https only", quote(x.STS[0])))
	}
	return found
}

func checkNoRedirect(e *evidence) []Finding {
	for _, x := range e.plain() {
		if !redirects(x.Status) || x.Location == "" {
			return []Finding{find(x.host(), "answers %s with status %d and not with a redirect: who comes over http stays there; redirect to https on the same host", x.URL, x.Status)}
		}
	}
	return nil
}

func checkRedirectsAway(e *evidence) []Finding {
	for _, x := range e.plain() {
		to := x.target()
		if to == nil || to.Hostname() == x.host() {
			continue
		}
		return []Finding{find(x.host(), "redirects %s to %s at once: browsers never learn the policy of %s; redirect to https://%s first", x.URL, to.Hostname(), subject(x.host()), x.host())}
	}
	return nil
}

// plain returns the listed host's answers over http.
func (e *evidence) plain() []*Exchange {
	var answers []*Exchange
	for i := range e.visit.Exchanges {
		if x := &e.visit.Exchanges[i]; !x.https() && x.Status != 0 && x.host() == e.hosts[0] {
			answers = append(answers, x)
		}
	}
	return answers
}

// target returns where an exchange redirects to, nil for nowhere that can be
// followed.
func (x *Exchange) target() *url.URL {
	if !redirects(x.Status) || x.Location == "" {
		return nil
	}
	base, err := url.Parse(x.URL)
	if err != nil {
		return nil
	}
	to, err := follow(base, x.Location)
	if err != nil {
		return nil
	}
	return to
}

func checkDowngrade(e *evidence) []Finding {
	var found []Finding
	for i := range e.page {
		x := &e.page[i]
		if to := x.target(); x.https() && to != nil && to.Scheme == "http" {
			found = append(found, find(x.host(), "redirects from https to %s: what TLS had protected is open again; redirect to https", to))
		}
	}
	return found
}

func checkHops(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts[1:] {
		asked := slices.ContainsFunc(e.page, func(x Exchange) bool { return x.host() == host && x.https() })
		if !asked || e.covered(host) {
			continue
		}
		said := "is where the page leads, and is not covered: a link to it over http can be intercepted; send the header there too"
		if !e.judged(host) {
			said = "is where the page leads, could not be judged and is left out of the verdict: " + e.unjudged(host).Message
		}
		found = append(found, find(host, "%s", said))
	}
	return found
}

func checkErrorStatus(e *evidence) []Finding {
	for _, h := range e.headers {
		if h.host == e.hosts[0] && h.x.Status >= 400 {
			return []Finding{find(h.host, "sends the header with status %d: it counts all the same; check that the listed URL is the page that was meant", h.x.Status)}
		}
	}
	return nil
}

func checkErrorPage(e *evidence) []Finding {
	if !e.noted(e.hosts[0]) || e.answer(e.hosts[0]) == nil {
		return nil
	}
	for i := range e.visit.Exchanges {
		x := &e.visit.Exchanges[i]
		if x.Probe == ProbeErrorPage && x.secure() && x.Status >= 400 && len(x.STS) == 0 {
			return []Finding{find(x.host(), `sends the header with the page and not with status %d: who meets an error page first is not protected; in nginx end add_header in "always"`, x.Status)}
		}
	}
	return nil
}

// checkAddresses compares what the addresses of the listed host send, those
// that answered.
func checkAddresses(e *evidence) []Finding {
	byField := make(map[string][]string)
	var fields []string // in order of first appearance
	for i := range e.visit.Exchanges {
		x := &e.visit.Exchanges[i]
		if x.Probe != ProbeAddresses || x.Status == 0 || x.Status >= 400 && len(x.STS) == 0 {
			continue
		}
		field := x.saysToBrowsers()
		if _, ok := byField[field]; !ok {
			fields = append(fields, field)
		}
		byField[field] = append(byField[field], addressOf(x))
	}
	if len(fields) < 2 {
		return nil
	}
	var sides []string
	for _, field := range fields {
		sides = append(sides, side(byField[field], field))
	}
	return []Finding{find(e.hosts[0], "answers differently by address: %s; bring all servers to one configuration", strings.Join(sides, "; "))}
}

// saysToBrowsers sums up what an answer makes a browser remember: the policy,
// or "" for nothing.
func (x *Exchange) saysToBrowsers() string {
	field, ok := x.field(hsts.RFC6797)
	if p := validPolicy(field); ok && p != nil && x.canTeach() {
		return p.String()
	}
	return ""
}

func addressOf(x *Exchange) string {
	host := x.Address
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	return strings.Trim(host, "[]")
}

// side says what some addresses send.
func side(addresses []string, field string) string {
	verb, verbNot := "send", "send no valid policy"
	if len(addresses) == 1 {
		verb, verbNot = "sends", "sends no valid policy"
	}
	if field == "" {
		return strings.Join(addresses, ", ") + " " + verbNot
	}
	return fmt.Sprintf("%s %s %q", strings.Join(addresses, ", "), verb, field)
}

// checkApex asks whether the registrable domain covers its subdomains, where
// its own answer was seen.
func checkApex(e *evidence) []Finding {
	host := e.hosts[0]
	apex := registrable(host)
	if apex == "" || apex == host {
		return nil
	}
	x := e.firstSecure(e.visit.Exchanges, apex)
	if x == nil || x.Status >= 400 && len(x.STS) == 0 {
		return nil
	}
	if _, covered := e.everything().Lookup("any." + apex); covered {
		return nil
	}
	return []Finding{find(apex, "does not cover its subdomains: a made-up one can be asked for over http and plant cookies for %s; send the header with includeSubDomains on https://%s", host, apex)}
}

// checkWWW asks the same of www below the registrable domain, for itself.
func checkWWW(e *evidence) []Finding {
	for i := range e.visit.Exchanges {
		x := &e.visit.Exchanges[i]
		if x.Probe != ProbeWWW || x.Status == 0 || x.Status >= 400 && len(x.STS) == 0 {
			continue
		}
		if _, covered := e.everything().Lookup(x.host()); !covered {
			return []Finding{find(x.host(), "answers over https and is not covered: a visit over http can be intercepted; send the header there too")}
		}
	}
	return nil
}

// everything is what a browser would remember that had made all the probes'
// requests too.
func (e *evidence) everything() *hsts.Store {
	return e.remember(hsts.RFC6797, e.visit.Exchanges)
}
