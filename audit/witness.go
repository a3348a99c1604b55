package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hsts-check/hsts"
	"hsts-check/preload"
	"hsts-check/visit"
)

// Witness adds what a real browser saw of a page to a visit of the program's own.
// The browser's name and version are for the record. Exchanges that nobody made
// change nothing.
//
// One of the two is judged. It is what the program saw, with its three clients,
// unless that says nothing of the site and what the browser saw does, or the
// browser was answered otherwise: it is browsers that are to be protected. The
// other's exchanges stay behind all others as facts, under a probe word of their own.
func Witness(v Visit, browser string, seen []Exchange) Visit {
	if len(seen) == 0 || v.Error != nil {
		return v
	}
	var page, probes []Exchange
	for _, x := range v.Exchanges {
		if x.Probe == visit.ProbePage {
			page = append(page, x)
		} else {
			probes = append(probes, x)
		}
	}
	v.SeenBy = &visit.SeenBy{Browser: browser}
	other := v
	other.Exchanges = slices.Concat(seen, probes, setAside(page, visit.ProbeProgram))
	v.Exchanges = slices.Concat(page, probes, setAside(seen, visit.ProbeBrowser))
	program, witness := newEvidence(v, nil), newEvidence(other, nil)
	if witness.verdict() != Unknown && (program.verdict() == Unknown || program.varies()) {
		return other
	}
	return v
}

// Witnessed is the result of the same visit once a real browser has seen the page
// too, see [Witness].
func (r Result) Witnessed(browser string, seen []Exchange, list *preload.List) Result {
	again := Judge(Witness(r.Visit(), browser, seen), list)
	again.Run, again.Vantage = r.Run, r.Vantage
	return again
}

// Unsure reports whether a real browser may see more of a site than the program
// did: where it was refused, or its handshake was, or it found no policy, or only
// part of one. Filters that know programs by their handshake often just hang up.
func (r Result) Unsure() bool {
	switch r.Verdict {
	case Absent, Partial:
		return true
	case Unknown:
		return r.Error != nil && slices.Contains(unsure, r.Error.Kind)
	}
	return false
}

var unsure = []ErrorKind{visit.KindBlocked, visit.KindStatus, visit.KindProtocol, visit.KindRedirects, visit.KindTLS, visit.KindReset}

// Visited reports whether the site was asked for at all, and is there.
func (r Result) Visited() bool {
	if len(r.Exchanges) == 0 {
		return false
	}
	return r.Error == nil || !slices.Contains([]ErrorKind{visit.KindDNS, visit.KindCancelled, visit.KindLocal, visit.KindInternal}, r.Error.Kind)
}

func setAside(exchanges []Exchange, p Probe) []Exchange {
	aside := slices.Clone(exchanges)
	for i := range aside {
		aside[i].Probe = p
	}
	return aside
}

// isAside reports whether an exchange of the page stands beside those that are
// judged.
func isAside(p Probe) bool { return p == visit.ProbeProgram || p == visit.ProbeBrowser }

// witnessed reports whether it is a real browser's exchanges that are judged. All
// three clients then make their way over them: what the others would have been
// answered is not known.
func (e *evidence) witnessed() bool {
	return slices.ContainsFunc(e.aside, func(a *answer) bool { return a.Probe == visit.ProbeProgram })
}

// browserName is what the browser is called that has seen the page too, without its
// version.
func (e *evidence) browserName() string {
	if e.visit.SeenBy == nil {
		return "a browser"
	}
	name, _, _ := strings.Cut(printable(e.visit.SeenBy.Browser), " ")
	return cmp.Or(name, "a browser")
}

// sides are what the program and the browser were answered by the listed host in
// the end; nil where one of them did not ask.
func (e *evidence) sides() (program, browser *answer) {
	program, browser = lastOf(e.page, e.hosts[0]), lastOf(e.aside, e.hosts[0])
	if e.witnessed() {
		program, browser = browser, program
	}
	return program, browser
}

// lastOf returns what Chromium was last answered by a host, over https where it
// was answered there at all, preferably with the header.
func lastOf(answers []*answer, host string) *answer {
	var last *answer
	weight := func(a *answer) int {
		switch {
		case a == nil:
			return 0
		case a.https() && a.canTeach() && len(a.STS) > 0:
			return 4
		case a.https() && a.Status != 0:
			return 3
		case a.Status != 0:
			return 2
		}
		return 1
	}
	for _, a := range answers {
		if a.host == host && a.MadeBy(hsts.Chromium) && weight(a) >= weight(last) {
			last = a
		}
	}
	return last
}

// varies reports whether the site answers the browser otherwise than the program,
// as far as its policy goes. One of them that got no answer by what may pass has
// not seen the site.
func (e *evidence) varies() bool {
	if len(e.aside) == 0 {
		return false
	}
	program, browser := e.sides()
	if program == nil || browser == nil || program.notSeen() || browser.notSeen() {
		return false
	}
	return program.policySaid() != browser.policySaid()
}

// notSeen reports whether an exchange brought nothing, by what may have been of
// the moment or of this machine.
func (a *answer) notSeen() bool {
	if a.Status != 0 || a.Untrusted() || a.Error == nil {
		return false
	}
	switch a.Error.Kind {
	case visit.KindReset, visit.KindTLS, visit.KindProtocol:
		return false
	}
	return true
}

// policySaid is what an answer says of a policy.
func (a *answer) policySaid() string {
	switch {
	case a.Untrusted():
		return "bad certificate"
	case a.Status == 0:
		return "no answer"
	case len(a.STS) > 0:
		return "header " + a.STS[0]
	case a.Status >= 400:
		return "refused"
	}
	return "no header"
}

// brought says what an answer brought: "403", "200 with max-age=31536000".
func (a *answer) brought() string {
	switch {
	case a.Untrusted():
		return "a bad certificate"
	case a.Status == 0 && a.Error != nil:
		return "no answer (" + a.Error.Message + ")"
	case a.Status == 0:
		return "no answer"
	case len(a.STS) > 0:
		return fmt.Sprintf("%d with %s", a.Status, printable(clip(a.STS[0], MostShort)))
	case a.Status >= 400:
		return fmt.Sprintf("%d", a.Status)
	}
	return fmt.Sprintf("%d without the header", a.Status)
}

// checkVary asks whether what the site sends depends on who asks.
func checkVary(e *evidence) []Finding {
	if !e.varies() {
		return nil
	}
	program, browser := e.sides()
	said := fmt.Sprintf("the program got %s; %s got %s", program.brought(), e.browserName(), browser.brought())
	return []Finding{find(e.hosts[0], "answers differently depending on who asks: %s; send the header with every answer, refusals too", said).
		short("the program got %s; %s got %s", program.brief(), e.browserName(), browser.brief())}
}

// brief says in a few words what an answer brought.
func (a *answer) brief() string {
	switch {
	case a.Untrusted():
		return "a bad certificate"
	case a.Status == 0:
		return "no answer"
	case len(a.STS) > 0:
		return fmt.Sprintf("%d with a header", a.Status)
	}
	return fmt.Sprint(a.Status)
}

// andBrowser adds to why the listed host could not be judged what a real browser
// was answered there, which could not be judged either.
func (e *evidence) andBrowser(why *Error) *Error {
	program, browser := e.sides()
	if program == nil || browser == nil || e.witnessed() {
		return why
	}
	said := *why
	if why.Kind != visit.KindBlocked && why.Kind != visit.KindStatus {
		said.Message = fmt.Sprintf("%s; %s got %s", why.Message, e.browserName(), browser.brought())
		return &said
	}
	cause, advice, _ := strings.Cut(why.Message, ": ")
	switch {
	case program.Challenge || browser.Challenge:
		advice = "nor does a browser without a person pass; ask the site's owner to let hsts-check in"
	case program.barrier(e.clock()) == "" && why.Kind == visit.KindBlocked:
		advice = "neither is let in; look there with a browser of your own, or ask the site's owner to let hsts-check in"
	}
	said.Message = fmt.Sprintf("%s, and %s got %s: %s", cause, e.browserName(), browser.brief(), advice)
	return &said
}
