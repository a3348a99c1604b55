package audit

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/visit"
)

func checkAbsent(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts {
		first := firstSecure(e.page, host)
		if first == nil || e.sendsOverTLS(host) || !e.tells(host) || e.covered(host) || host == e.hosts[0] && e.verdict() == Unknown {
			continue
		}
		found = append(found, find(host, "sends no Strict-Transport-Security over https: %s; %s", e.risk(host, "a visit over http can be intercepted and kept on http"), rampStart).
			short("no header"))
	}
	return found
}

// rampStart is the advice that opens the ramp (hstspreload.org, deployment
// recommendations).
const rampStart = `send "max-age=300" on every https answer first, then raise it step by step while nothing breaks`

// sendsOverTLS reports whether a host of the chain sent any field over https.
func (e *evidence) sendsOverTLS(host string) bool {
	return slices.ContainsFunc(e.page, func(a *answer) bool { return a.host == host && a.https() && a.sends() })
}

// tells reports whether any https answer of a host says if it sends the header.
func (e *evidence) tells(host string) bool {
	return slices.ContainsFunc(e.page, func(a *answer) bool { return a.host == host && a.https() && a.tells() })
}

// checkCertificate looks at the chain, and at the listed host's addresses for
// what the chain has not shown.
func checkCertificate(e *evidence) []Finding {
	var found []Finding
	told := ""
	for _, a := range e.page {
		wrong := a.badCertificate()
		if wrong == "" {
			continue
		}
		said := Finding{Host: a.host, Message: a.host + ": " + wrong + "; install a valid certificate"}.short("%s", a.TLS.Error.Message)
		if slices.Contains(found, said) {
			continue
		}
		found = append(found, said)
		if a.host == e.hosts[0] {
			told = wrong
		}
	}
	for _, s := range e.byAddress((*answer).badCertificate) {
		if s.says != "" && s.says != told {
			said := fmt.Sprintf("%s at %s: %s; install a valid certificate", e.hosts[0], strings.Join(s.addresses, ", "), s.says)
			found = append(found, Finding{Host: e.hosts[0], Message: said}.short("bad certificate at %s", s.addresses[0]))
		}
	}
	return found
}

// badCertificate says what is wrong with the certificate and what was sent in
// vain, "" where nothing is or it could not be judged.
func (a *answer) badCertificate() string {
	if !a.Untrusted() || a.TLS.Error.Kind == visit.CertUnjudged {
		return ""
	}
	if len(a.STS) == 0 {
		return a.TLS.Error.Message
	}
	return a.TLS.Error.Message + "; a header was sent, " + quote(a.STS[0]) + ", but browsers ignore it"
}

func checkChain(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts {
		for _, a := range e.page {
			if a.host != host || a.TLS == nil {
				continue
			}
			if a.TLS.ChainIncomplete {
				found = append(found, find(host, "does not send its intermediate certificate: Chromium fetches it, other clients fail; serve the full chain").
					short("intermediate certificate missing"))
				break
			}
			if a.Untrusted() && a.TLS.Error.Kind == visit.CertUnjudged {
				found = append(found, find(host, "was not judged: %s; serve the full chain", a.TLS.Error.Message).
					short("intermediate certificate missing and not available"))
				break
			}
		}
	}
	return found
}

// checkExpiring looks at certificates that are valid and end soon: within 14
// days, or within a tenth of the time that those are given which are renewed
// by machines (90 days and less) where the certificate says so.
func checkExpiring(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts {
		i := slices.IndexFunc(e.page, func(a *answer) bool { return a.host == host && a.TLS != nil && a.TLS.NotAfter != nil })
		if i < 0 || e.page[i].Untrusted() {
			continue
		}
		t := e.page[i].TLS
		left := t.NotAfter.Sub(e.visit.CheckedAt)
		soon := 14 * 24 * time.Hour
		if t.NotBefore != nil {
			soon = min(soon, t.NotAfter.Sub(*t.NotBefore)/10)
		}
		if left > 0 && left < soon {
			found = append(found, find(host, "has a certificate that ends on %s, %s from the visit: after that, browsers refuse the site; renew it", t.NotAfter.UTC().Format(time.DateOnly), days(left)).
				short("certificate ends in %s", days(left)))
		}
	}
	return found
}

// days says how long a certificate still lasts.
func days(left time.Duration) string {
	switch n := int(left / (24 * time.Hour)); n {
	case 0:
		return fmt.Sprintf("%d hours", int(left/time.Hour))
	case 1:
		return "1 day"
	default:
		return fmt.Sprintf("%d days", n)
	}
}

func checkIP(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts {
		if hsts.IsIP(host) {
			found = append(found, find(host, "is an IP address: browsers never remember a policy for one; use a host name").
				short("browsers never remember an IP address"))
		}
	}
	return found
}

func checkOverHTTP(e *evidence) []Finding {
	var found []Finding
	var told []string
	for _, a := range e.answers {
		if a.https() || len(a.STS) == 0 || slices.Contains(told, a.host) {
			continue
		}
		told = append(told, a.host)
		found = append(found, find(a.host, "sends the header over plain http, %s, where browsers ignore it; send it over https only", quote(a.STS[0])).
			short("header sent over plain http"))
	}
	return found
}

func checkNoRedirect(e *evidence) []Finding {
	for _, a := range e.plain() {
		if !browser.IsRedirect(a.Status) || a.Location == "" {
			return []Finding{find(a.host, "answers %s with status %d and not with a redirect: %s; redirect to https on the same host", a.URL, a.Status, e.stays(a.host)).
				short("http does not redirect to https")}
		}
	}
	return nil
}

// stays says which clients are left on http where it does not lead to https.
func (e *evidence) stays(host string) string {
	if e.noted(host) || e.closed(host) != "" {
		return "programs and older browsers, which do not try https by themselves, stay there"
	}
	return "a client that comes over http and does not try https by itself stays there"
}

func checkRedirectsAway(e *evidence) []Finding {
	for _, a := range e.plain() {
		to := a.target.Hostname()
		if !a.leads || to == a.host || e.covered(a.host) && e.teaches(to, a.host) {
			continue
		}
		return []Finding{find(a.host, "redirects %s to %s at once: a client that does not try https by itself never learns the policy of %s; redirect to https://%s first", a.URL, to, subject(a.host), a.host).
			short("%s", neverTaught(a.host, to))}
	}
	return nil
}

// teaches reports whether what one host sends covers another, as a parent's
// policy can.
func (e *evidence) teaches(teacher, host string) bool {
	said := slices.DeleteFunc(slices.Clone(e.answers), func(a *answer) bool { return a.host != teacher })
	_, covered := e.learned(said).Lookup(host)
	return covered
}

// plain returns the listed host's answers over http that prove something: one
// that was itself refused, or an error, does not.
func (e *evidence) plain() []*answer {
	var answers []*answer
	for _, a := range e.answers {
		if !a.https() && a.Status != 0 && a.Status < 400 && a.host == e.hosts[0] {
			answers = append(answers, a)
		}
	}
	return answers
}

// checkHops looks at the hosts behind the listed one.
func checkHops(e *evidence) []Finding {
	var found []Finding
	for _, host := range e.hosts[1:] {
		first := firstSecure(e.page, host)
		switch {
		case e.covered(host):
		case first == nil && !e.overHTTP(host):
			// It was never seen, which chain-cut tells of the last such host.
			if !slices.ContainsFunc(checkChainCut(e), func(f Finding) bool { return f.Host == host }) {
				found = append(found, find(host, "is where the page leads, and gave no answer: it is not covered; visit it again, or fix the redirect").
					short("no answer"))
			}
		case first == nil:
			found = append(found, find(host, "is where the page leads over plain http, and is not covered: %s; lead there over https and send the header there too", e.risk(host, "anyone on the network path can read and change it")).
				short("reached over plain http"))
		case !e.tells(host):
			found = append(found, find(host, "is where the page leads, and answers with status %d and without the header: it is not covered; send the header with every status", first.Status).
				short("status %d without the header", first.Status))
		default:
			found = append(found, find(host, "is where the page leads, and is not covered by its own header: %s; send the header there too", e.risk(host, "a link to it over http can be intercepted")).
				short("not covered by its own header"))
		}
	}
	return found
}

// overHTTP reports whether a host of the page answered over http.
func (e *evidence) overHTTP(host string) bool {
	return slices.ContainsFunc(e.page, func(a *answer) bool { return a.host == host && !a.https() && a.Status != 0 })
}

func checkErrorStatus(e *evidence) []Finding {
	for _, h := range e.headers {
		if h.host == e.hosts[0] && h.Status >= 400 {
			return []Finding{find(h.host, "sends the header with status %d: it counts all the same; check that the listed URL is the page that was meant", h.Status).
				short("header sent with status %d", h.Status)}
		}
	}
	return nil
}

// refusedStatus reports whether a status says that the request itself was not
// wanted, so that the answer shows nothing of how the host's pages are sent.
func refusedStatus(status int) bool {
	return status == 403 || status == 405 || status == 429 || status >= 500
}

func checkErrorPage(e *evidence) []Finding {
	if page := e.answerOf(e.hosts[0]); page == nil || !page.canTeach() || !e.noted(e.hosts[0]) {
		return nil
	}
	for _, a := range e.answers {
		if a.Probe == visit.ProbeErrorPage && a.secure() && a.Status >= 400 && !refusedStatus(a.Status) && len(a.STS) == 0 {
			return []Finding{find(a.host, `sends the header with the page and not with status %d: a user who meets an error page first is not protected; in nginx, end the add_header line with "always"`, a.Status).
				short("error pages lack the header")}
		}
	}
	return nil
}

// checkAddresses compares what the addresses of the listed host send, those
// that answered.
func checkAddresses(e *evidence) []Finding {
	sides := e.byAddress((*answer).saysToBrowsers)
	if len(sides) < 2 {
		return nil
	}
	var said []string
	for _, s := range sides {
		said = append(said, s.String())
	}
	return []Finding{find(e.hosts[0], "answers differently by address: %s; bring all servers to one configuration", strings.Join(said, "; ")).
		short("answers differ: %s and %s", sides[0].addresses[0], sides[1].addresses[0])}
}

// A side is the addresses of the listed host that say the same.
type side struct {
	says      string
	addresses []string
}

// byAddress puts together the addresses that say the same, in order of first
// appearance. An error page without the header says nothing.
func (e *evidence) byAddress(says func(*answer) string) []side {
	var sides []side
	for _, a := range e.answers {
		if a.Probe != visit.ProbeAddresses || !a.proves() {
			continue
		}
		said := says(a)
		at := slices.IndexFunc(sides, func(s side) bool { return s.says == said })
		if at < 0 {
			at, sides = len(sides), append(sides, side{says: said})
		}
		sides[at].addresses = append(sides[at].addresses, addressOf(a.Exchange))
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
func (a *answer) saysToBrowsers() string {
	if a.Untrusted() {
		return saysBadCert
	}
	if p := a.teaches(); p != nil {
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
	apex := visit.Registrable(host)
	if apex == "" || apex == host {
		return nil
	}
	a := firstSecure(e.answers, apex)
	if a == nil || !a.proves() {
		return nil
	}
	if _, covered := e.learned(e.answers).Lookup("any." + apex); covered {
		return nil
	}
	return []Finding{find(apex, "does not cover its subdomains: %s; once every subdomain answers over https, send the header with includeSubDomains on https://%s", e.risk("any."+apex, "an attacker can send users to a made-up one over http and plant cookies for "+host), apex).
		short("subdomains are not covered")}
}

// checkWWW asks the same of www below the registrable domain, for itself.
func checkWWW(e *evidence) []Finding {
	for _, a := range e.answers {
		if a.Probe != visit.ProbeWWW || a.Status == 0 || !a.proves() {
			continue
		}
		if _, covered := e.learned(e.answers).Lookup(a.host); !covered {
			return []Finding{find(a.host, "answers over https and is not covered: %s; send the header there too", e.risk(a.host, "a visit over http can be intercepted")).
				short("not covered")}
		}
	}
	return nil
}
