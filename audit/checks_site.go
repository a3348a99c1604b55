package audit

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"hsts-check/hsts"
)

func checkAbsent(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts {
		if e.firstSecure(e.page, host) == nil || e.sendsOverTLS(host) || !e.judged(host) || e.covered(host) {
			continue
		}
		found = append(found, find(host, `sends no Strict-Transport-Security over https: a visit over http can be intercepted and kept there; send "max-age=31536000; includeSubDomains" on every https answer`))
	}
	return found
}

// sendsOverTLS tells whether a host of the chain sent any field over https.
func (e *evidence) sendsOverTLS(host string) bool {
	return slices.ContainsFunc(e.page, func(x Exchange) bool {
		return x.host() == host && x.https() && len(x.STS) > 0
	})
}

// checkCertificate looks at the chain, and at the listed host's addresses for
// what the chain has not shown.
func checkCertificate(e *evidence) []Finding {
	var found []Finding
	told := ""
	for i := range e.page {
		x := &e.page[i]
		if wrong := x.badCertificate(); wrong != "" {
			found = append(found, Finding{Host: x.host(), Message: x.host() + ": " + wrong + "; install a valid certificate"})
			if x.host() == e.hosts[0] {
				told = wrong
			}
		}
	}
	for _, s := range e.byAddress((*Exchange).badCertificate) {
		if s.says != "" && s.says != told {
			said := fmt.Sprintf("%s at %s: %s; install a valid certificate", e.hosts[0], strings.Join(s.addresses, ", "), s.says)
			found = append(found, Finding{Host: e.hosts[0], Message: said})
		}
	}
	return found
}

// badCertificate says what is wrong with the certificate and what was sent in
// vain, "" where nothing is or it could not be judged.
func (x *Exchange) badCertificate() string {
	if !x.untrusted() || x.TLS.Error.Kind == CertUnjudged {
		return ""
	}
	if len(x.STS) == 0 {
		return x.TLS.Error.Message
	}
	return x.TLS.Error.Message + "; a header was sent, " + quote(x.STS[0]) + ", but browsers ignore it"
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
		if to == nil || hostOf(to) == x.host() || e.teaches(hostOf(to), x.host()) {
			continue
		}
		return []Finding{find(x.host(), "redirects %s to %s at once: browsers never learn the policy of %s; redirect to https://%s first", x.URL, hostOf(to), subject(x.host()), x.host())}
	}
	return nil
}

// teaches tells whether what one host sends covers another, as a parent's
// policy can.
func (e *evidence) teaches(teacher, host string) bool {
	said := slices.DeleteFunc(slices.Clone(e.visit.Exchanges), func(x Exchange) bool { return x.host() != teacher })
	_, covered := e.remember(hsts.RFC6797, said).Lookup(host)
	return covered
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
		switch {
		case e.covered(host):
		case !e.judged(host):
			found = append(found, find(host, "is where the page leads, could not be judged and is left out of the verdict: %s", e.unjudged(host).Message))
		case e.firstSecure(e.page, host) == nil:
			found = append(found, find(host, "is where the page leads over plain http, and is not covered: who is on the way can read and change it; lead there over https and send the header there too"))
		default:
			found = append(found, find(host, "is where the page leads, and is not covered: a link to it over http can be intercepted; send the header there too"))
		}
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
	if page := e.answer(e.hosts[0]); page == nil || !page.canTeach() || !e.noted(e.hosts[0]) {
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
	sides := e.byAddress((*Exchange).saysToBrowsers)
	if len(sides) < 2 {
		return nil
	}
	var said []string
	for _, s := range sides {
		said = append(said, s.String())
	}
	return []Finding{find(e.hosts[0], "answers differently by address: %s; bring all servers to one configuration", strings.Join(said, "; "))}
}

// A side is the addresses of the listed host that say the same.
type side struct {
	says      string
	addresses []string
}

// byAddress puts together the addresses that say the same, in order of first
// appearance. An error page without the header says nothing.
func (e *evidence) byAddress(says func(*Exchange) string) []side {
	var sides []side
	for i := range e.visit.Exchanges {
		x := &e.visit.Exchanges[i]
		if x.Probe != ProbeAddresses || !x.proves() {
			continue
		}
		said := says(x)
		at := slices.IndexFunc(sides, func(s side) bool { return s.says == said })
		if at < 0 {
			at, sides = len(sides), append(sides, side{says: said})
		}
		sides[at].addresses = append(sides[at].addresses, addressOf(x))
	}
	return sides
}

func addressOf(x *Exchange) string {
	host, _, err := net.SplitHostPort(x.Address)
	if err != nil {
		return x.Address
	}
	return host
}

// What an answer can say to browsers besides a policy.
const (
	saysNothing = ""
	saysBadCert = "bad certificate"
)

// saysToBrowsers sums up what an answer makes a browser remember: the policy,
// or why it is none.
func (x *Exchange) saysToBrowsers() string {
	if x.untrusted() {
		return saysBadCert
	}
	if p := x.policy(); p != nil {
		return p.String()
	}
	return saysNothing
}

func (s side) String() string {
	send, have := "send", "have"
	if len(s.addresses) == 1 {
		send, have = "sends", "has"
	}
	who := strings.Join(s.addresses, ", ")
	switch s.says {
	case saysNothing:
		return who + " " + send + " no valid policy"
	case saysBadCert:
		return who + " " + have + " a bad certificate"
	}
	return fmt.Sprintf("%s %s %q", who, send, s.says)
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
	if x == nil || !x.proves() {
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
		if x.Probe != ProbeWWW || x.Status == 0 || !x.proves() {
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
