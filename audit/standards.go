package audit

import (
	"hsts-check/hsts"
	"hsts-check/visit"
)

// A Standard is a named bar that an authority has set.
type Standard struct {
	Name string
	// Bar says in a few words what is asked for.
	Bar    string
	Source string
	// Read is the day on which the source was read.
	Read string

	asks  hsts.Policy // of the site's policy; what it asks besides is left out
	meets func(*evidence) reply
}

// Thresholds, in seconds.
const (
	halfYear = 15552000 // six months of 30 days: SSL Labs and MDN HTTP Observatory
	oneYear  = 31536000 // 365 days: hstspreload.org, Internet.nl, OMB M-15-13, OWASP
)

// Standards are all bars. What cannot be told from what was looked at is
// neither met nor missed.
var Standards = []Standard{
	{"rfc6797", "a browser notes a policy with max-age > 0", "RFC 6797 section 8.1", "2026-11-22", hsts.Policy{MaxAge: 1}, meetsRFC},
	{"ssllabs", "max-age >= 15552000", "SSL Labs server rating guide, grade A+", "2026-11-22", hsts.Policy{MaxAge: halfYear}, meetsMaxAge(halfYear)},
	{"observatory", "max-age >= 15552000, or preloaded", "MDN HTTP Observatory, strict-transport-security", "2026-11-22", hsts.Policy{MaxAge: halfYear}, meetsObservatory},
	{"internetnl", "max-age >= 31536000 on the first contact, on every address seen", "Internet.nl, https_hsts", "2026-11-22", hsts.Policy{MaxAge: oneYear}, meetsInternetNL},
	{"bod-18-01", "max-age >= 31536000, or a preloaded parent", "OMB M-15-13; DHS BOD 18-01", "2026-11-22", hsts.Policy{MaxAge: oneYear}, meetsBOD},
	{"owasp", "max-age >= 31536000 and includeSubDomains", "OWASP HTTP Strict Transport Security cheat sheet", "2026-11-22", hsts.Policy{MaxAge: oneYear, IncludeSubDomains: true}, meetsOWASP},
	{"hstspreload", "submission requirements of the preload list", "hstspreload.org", "2026-11-22", hsts.Policy{MaxAge: oneYear, IncludeSubDomains: true, Preload: true}, meetsPreload},
}

// A reply is yes, no, or not known.
type reply int

const (
	notKnown reply = iota
	no
	yes
)

func answered(b bool) reply {
	if b {
		return yes
	}
	return no
}

// then asks for more of what is a yes already.
func then(first reply, more bool) reply {
	if first != yes {
		return first
	}
	return answered(more)
}

// and is no if any is, else not known if any is, else yes.
func and(replies ...reply) reply {
	result := yes
	for _, a := range replies {
		switch {
		case a == no:
			return no
		case a == notKnown:
			result = notKnown
		}
	}
	return result
}

// standards evaluates all bars; those not known are left out.
func (e *evidence) standards() map[string]bool {
	met := make(map[string]bool, len(Standards))
	for _, s := range Standards {
		if a := s.meets(e); a != notKnown {
			met[s.Name] = a == yes
		}
	}
	if len(met) == 0 {
		return nil
	}
	return met
}

// effective returns the policy that covers the listed host; not known where
// the host was neither judged nor covered.
func (e *evidence) effective() (hsts.Policy, reply) {
	switch p := e.held(); {
	case p != nil:
		return *p, yes
	case !e.judged():
		return hsts.Policy{}, notKnown
	}
	return hsts.Policy{}, no
}

func meetsRFC(e *evidence) reply {
	_, a := e.effective()
	return a
}

// own returns the policy that the listed host itself sends: authorities read
// its own header, whatever a parent covers.
func (e *evidence) own() (hsts.Policy, reply) {
	_, a := e.effective()
	own := e.answerOf(e.hosts[0])
	switch {
	case a != yes:
		return hsts.Policy{}, a
	case own == nil && !e.judged():
		return hsts.Policy{}, notKnown
	case own == nil || own.teaches() == nil:
		return hsts.Policy{}, no
	}
	return *own.teaches(), yes
}

func meetsMaxAge(seconds uint64) func(*evidence) reply {
	return func(e *evidence) reply {
		p, a := e.own()
		return then(a, p.MaxAge >= seconds)
	}
}

func meetsObservatory(e *evidence) reply {
	if e.preloaded != nil {
		return yes
	}
	return meetsMaxAge(halfYear)(e)
}

func meetsBOD(e *evidence) reply {
	if e.preloaded != nil && e.preloaded.Entry != e.hosts[0] {
		return yes
	}
	return meetsMaxAge(oneYear)(e)
}

func meetsOWASP(e *evidence) reply {
	p, a := e.own()
	return then(a, p.MaxAge >= oneYear && p.IncludeSubDomains)
}

// meetsInternetNL looks at the listed host's first answer over https, before
// any redirect is followed, and at the same from each of its addresses.
func meetsInternetNL(e *evidence) reply {
	first := firstSecure(e.answers, e.hosts[0])
	if first == nil {
		return notKnown
	}
	result := first.keepsAYear()
	for _, a := range e.answers {
		if a.Probe == visit.ProbeAddresses && a.Status != 0 {
			result = and(result, a.keepsAYear())
		}
	}
	return result
}

// keepsAYear asks whether an answer by itself makes a browser remember the
// host for a year. An error page without the header cannot tell.
func (a *answer) keepsAYear() reply {
	if !a.proves() {
		return notKnown
	}
	p := a.teaches()
	return answered(p != nil && p.MaxAge >= oneYear && !isLocalhost(a.host))
}
