package audit

import (
	"iter"
	"strconv"
	"strings"
	"time"

	"hsts-check/visit"
)

// contacts are what the domain answered over https to who came to it directly,
// and not by a redirect of its own. Error pages asked for by a probe do not
// count, and where http leads is asked apart.
func (c candidate) contacts() iter.Seq[*answer] {
	return func(yield func(*answer) bool) {
		var first *answer
		for _, x := range c.answers {
			switch {
			case !x.https() || x.host != c.domain || x.Probe == visit.ProbeErrorPage:
				continue
			case first == nil:
				first = x
			case x.Probe == visit.ProbePage && first.Probe == visit.ProbePage:
				continue
			case x.Probe == visit.ProbeApex && c.redirectsTo(x):
				continue
			}
			if !yield(x) {
				return
			}
		}
	}
}

// first is the first contact; nil if there is none.
func (c candidate) first() *answer {
	for x := range c.contacts() {
		return x
	}
	return nil
}

// each asks every contact: the first no decides, then a yes.
func (c candidate) each(ask func(*answer) claim) claim {
	var found *claim
	for x := range c.contacts() {
		a := ask(x)
		if a.reply == no {
			return a
		}
		if found == nil || found.reply == notKnown && a.reply == yes {
			found = &a
		}
	}
	if found == nil {
		return claim{says: "https://%s was not asked", about: []string{c.domain}}
	}
	return *found
}

func (c candidate) certificate() claim { return c.each((*answer).asksCertificate) }

func (x *answer) asksCertificate() claim {
	about := []string{x.host, x.because()}
	switch {
	case x.Untrusted() || x.incomplete():
		return claim{no, 0, "domain.tls.invalid_cert_chain", "%s%s", about}
	case x.Status == 0:
		return claim{notKnown, 0, "domain.tls.cannot_connect", "https://%s gave no answer%s", about}
	case x.TLS != nil && x.TLS.NotAfter != nil:
		return claim{yes, 0, "", "%s has one, valid until %s", []string{x.host, x.TLS.NotAfter.UTC().Format(time.DateOnly)}}
	}
	return claim{yes, 0, "", "%s has one", about[:1]}
}

// A reading is what the list's owners read in a field: directives by
// their first words, and nothing quoted.
type reading struct {
	maxAge                     *uint64
	includeSubDomains, preload bool
	// fault is the code of what makes them refuse it whole.
	fault string
}

// readListed reads a field as https://github.com/chromium/hstspreload does
// (header.go). What is only warned of there is passed over.
func readListed(field string) (l reading) {
	for part := range strings.SplitSeq(field, ";") {
		part = strings.ToLower(strings.TrimSpace(part))
		value, assigned := strings.CutPrefix(part, "max-age=")
		switch {
		case part == "preload":
			l.preload = true
		case part == "includesubdomains":
			l.includeSubDomains = true
		case assigned:
			l.takeMaxAge(value)
		case strings.HasPrefix(part, "max-age"):
			l.refuse("header.parse.invalid.max_age.no_value")
		}
	}
	return l
}

func (l *reading) takeMaxAge(value string) {
	n, err := strconv.ParseUint(value, 10, 64)
	switch {
	case strings.Trim(value, "0123456789") != "":
		l.refuse("header.parse.max_age.non_digit_characters")
	case err != nil:
		l.refuse("header.parse.max_age.parse_int_error")
	case l.maxAge == nil:
		l.maxAge = &n
	}
}

// refuse keeps the first fault.
func (l *reading) refuse(code string) {
	if l.fault == "" {
		l.fault = code
	}
}

// saysNothing returns why an answer says nothing of its host's header, and whether it
// does not.
func (x *answer) saysNothing() (claim, bool) {
	about := []string{x.host, x.because()}
	switch {
	case x.Untrusted():
		return claim{says: "%s%s: no header counts behind it", about: about}, true
	case x.Status == 0:
		return claim{notKnown, 0, "domain.tls.cannot_connect", "https://%s gave no answer%s", about}, true
	case !x.proves():
		return claim{notKnown, 0, "response.no_header", "%s answers with status %s and without the header, which does not tell", []string{x.host, strconv.Itoa(x.Status)}}, true
	}
	return claim{}, false
}

// both joins what the list's owners say, by the code of the fault they find,
// with what the RFC says.
func both(code string, rfc bool, says string, about ...string) claim {
	a := claim{answered(code == "" && rfc), notKnown, code, says, about}
	if rfc != (code == "") {
		a.rfc = answered(rfc)
	}
	return a
}

func (c candidate) header() claim { return c.each((*answer).asksHeader) }

// asksHeader asks for one valid field. One without max-age is not valid, which
// the list's owners say of its max-age.
func (x *answer) asksHeader() claim {
	if a, nothing := x.saysNothing(); nothing {
		return a
	}
	rfc := x.teaches() != nil
	switch {
	case len(x.STS) == 0 && x.leads:
		return claim{no, 0, "response.no_header", "%s redirects to %s without it", []string{x.URL, x.target.String()}}
	case len(x.STS) == 0:
		return claim{no, 0, "response.no_header", "%s sends none", []string{x.host}}
	case len(x.STSBlank) > 0: // an HTTP client that is strict reads no answer at all
		return both("domain.tls.cannot_connect", rfc, "%s sends the header's name with a blank behind it", x.host)
	case len(x.STS) > 1:
		return both("response.multiple_headers", rfc, "%s sends %s fields, and the list takes one", x.host, strconv.Itoa(len(x.STS)))
	}
	l := readListed(x.STS[0])
	if l.fault == "" && l.maxAge == nil && !rfc {
		return claim{no, 0, "", "%s sends %s, which is not valid", []string{x.host, quote(x.STS[0])}}
	}
	says := "%s sends %s"
	if l.fault != "" {
		says = "%s sends %s, a max-age that the list's owners cannot read"
	}
	return both(l.fault, rfc, says, x.host, quote(x.STS[0]))
}

func (c candidate) maxAge() claim            { return c.each((*answer).asksMaxAge) }
func (c candidate) includeSubDomains() claim { return c.each((*answer).asksSubDomains) }
func (c candidate) preload() claim           { return c.each((*answer).asksPreload) }

func (x *answer) asksMaxAge() claim {
	return x.asksDirective("max-age", func(l reading) string {
		switch {
		case l.maxAge == nil:
			return "header.preloadable.max_age.missing"
		case *l.maxAge == 0:
			return "header.preloadable.max_age.zero"
		case *l.maxAge < oneYear:
			return "header.preloadable.max_age.below_1_year"
		}
		return ""
	})
}

func (x *answer) asksSubDomains() claim {
	return x.asksDirective("includeSubDomains", func(l reading) string {
		if !l.includeSubDomains {
			return "header.preloadable.include_sub_domains.missing"
		}
		return ""
	})
}

func (x *answer) asksPreload() claim {
	return x.asksDirective("preload", func(l reading) string {
		if !l.preload {
			return "header.preloadable.preload.missing"
		}
		return ""
	})
}

// asksDirective asks one thing of a header by both readings of it. The list's
// owners ask nothing more of what is not one field, and the RFC nothing of one
// that is void: that is told of the header.
func (x *answer) asksDirective(name string, fault func(reading) string) claim {
	a, nothing := x.saysNothing()
	if nothing {
		return a
	}
	p := x.teaches()
	if len(x.STS) == 0 || len(x.STS) > 1 && p == nil {
		return claim{no, 0, "", "%s sends no valid header", []string{x.host}}
	}
	var code, rfc string
	if p != nil {
		rfc = fault(reading{maxAge: &p.MaxAge, includeSubDomains: p.IncludeSubDomains, preload: p.Preload})
	}
	if len(x.STS) == 1 {
		code = fault(readListed(x.STS[0]))
	} else if rfc != "" {
		return claim{no, 0, "", "%s sends %s", []string{x.host, quote(x.STS[0])}}
	}
	if p == nil {
		rfc = code
	}
	says := "%s sends it"
	switch {
	case name == "max-age" && p != nil:
		says = "%s sends max-age=" + strconv.FormatUint(p.MaxAge, 10)
	case code != "" || rfc != "":
		says = "%s does not send it"
	}
	return both(code, rfc == "", says, x.host)
}

// preloadable reports whether the list's owners and the RFC take an answer.
func (x *answer) preloadable() bool {
	return and(x.asksCertificate().reply, x.asksHeader().reply, x.asksMaxAge().reply,
		x.asksSubDomains().reply, x.asksPreload().reply) == yes
}

// anyMaxAge is all that removal asks of max-age.
func (c candidate) anyMaxAge() claim {
	return c.each(func(x *answer) claim {
		return x.asksDirective("max-age", func(l reading) string {
			if l.maxAge == nil {
				return "header.removable.missing.max_age"
			}
			return ""
		})
	})
}

func (c candidate) noPreload() claim {
	return c.each(func(x *answer) claim {
		a, nothing := x.saysNothing()
		p := x.teaches()
		switch {
		case nothing:
			return a
		case len(x.STS) == 1 && readListed(x.STS[0]).preload:
			return claim{no, 0, "header.removable.contains.preload", "%s sends preload", []string{x.host}}
		case len(x.STS) == 0 || p == nil && readListed(x.STS[0]).maxAge == nil:
			return claim{no, 0, "", "%s sends no valid header", []string{x.host}}
		case p != nil && p.Preload:
			return claim{no, 0, "", "%s sends preload", []string{x.host}}
		}
		return claim{yes, 0, "", "%s does not send it", []string{x.host}}
	})
}
