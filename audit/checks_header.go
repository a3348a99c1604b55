package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/visit"
)

// A header is what one host of the chain sends over https, read.
type header struct {
	*answer
}

// readHeaders returns the header of each host of the chain that sent one over
// https: the one that its policy comes from, and besides those on other answers
// of the host that are void, or that the good one did not come with at first.
func (e *evidence) readHeaders() []header {
	var headers []header
	for _, host := range e.hosts {
		stands := e.answerOf(host)
		if stands != nil && stands.https() && len(stands.STS) > 0 {
			headers = append(headers, header{stands})
		}
		for _, a := range e.page {
			if a.host == host && a != stands && a.https() && len(a.STS) > 0 && a.policy == nil && !e.told(headers, a) {
				headers = append(headers, header{a})
			}
		}
	}
	return headers
}

// told reports whether the same field of the same host is there already.
func (e *evidence) told(headers []header, a *answer) bool {
	return slices.ContainsFunc(headers, func(h header) bool { return h.host == a.host && h.field == a.field })
}

func fatal(faults []hsts.Fault) bool {
	for _, f := range faults {
		if f.Fatal {
			return true
		}
	}
	return false
}

// fieldHost stands for the host in results of [JudgeField].
const fieldHost = "host.invalid"

// JudgeField says what a field means that some registrable domain sends over a
// secure connection. What depends on the site is left out of the result.
func JudgeField(field string) Result {
	u := browser.URL{Scheme: "https", Host: fieldHost, Path: "/"}
	r := Judge(Visit{
		Site:      Site{URL: u.String()},
		Exchanges: []Exchange{{Probe: visit.ProbePage, URL: u.String(), Head: Head{Status: 200, STS: []string{field}}, TLS: &TLS{}}},
	}, nil)
	for i := range r.Findings {
		r.Findings[i].Host = ""
	}
	return r
}

// subject is what a message calls a host.
func subject(host string) string {
	if host == fieldHost {
		return "the host"
	}
	return host
}

// find makes a finding about a host, which its message begins with.
func find(host, format string, args ...any) Finding {
	return Finding{Host: host, Message: subject(host) + " " + fmt.Sprintf(format, args...)}
}

// checkFault returns the check that tells faults of one kind.
func checkFault(kind hsts.FaultKind) func(*evidence) []Finding {
	return func(e *evidence) []Finding { return e.faults(kind, nil) }
}

// maxTold is how many faults of a kind are told of one header: a person fixes
// the first and looks again, and what a server sends must not flood a report.
const maxTold = 8

// faults makes findings of the faults of a kind, of all headers. Severity says
// how bad one is where that is not the rule's.
func (e *evidence) faults(kind hsts.FaultKind, severity func(hsts.Fault) Severity) []Finding {
	var found []Finding
	for _, h := range e.headers {
		told := 0
		for _, f := range h.faults {
			if f.Kind != kind || told == maxTold {
				continue
			}
			told++
			finding := h.finding(f)
			if severity != nil {
				finding.Severity = severity(f)
			}
			found = append(found, finding)
		}
	}
	return found
}

// finding says what is wrong with a header and what comes of it.
func (h header) finding(f hsts.Fault) Finding {
	advice := f.Advice(h.field)
	found := Finding{Host: h.host, Message: h.said() + ": " + advice, Short: clause(advice)}
	if f.Fatal {
		found.Message += "; " + h.fate()
	}
	found.Offset = &f.Offset
	return found
}

// said begins a message about what a header says.
func (h header) said() string {
	if h.host == fieldHost {
		return "this value"
	}
	return h.host + " sends " + quote(h.field)
}

// fate says what becomes of a header that is not valid. Once fixed, it is accepted for
// the first time, so what was meant by it is not where to begin.
func (h header) fate() string {
	for _, c := range browsers {
		if h.by[c].Policy != nil {
			return "by the RFC the whole header is void"
		}
	}
	said := "browsers ignore the whole header"
	if p, ok := hsts.Meant(h.field); ok && p.MaxAge > ramp[0] {
		said += fmt.Sprintf("; begin with max-age=%d", ramp[0])
	}
	return said
}

func checkRepeated(e *evidence) []Finding {
	return e.faults(hsts.DirectiveRepeated, func(f hsts.Fault) Severity {
		if f.Fatal {
			return SeverityError
		}
		return SeverityInfo
	})
}

func checkUnknown(e *evidence) []Finding {
	return e.faults(hsts.DirectiveUnknown, func(f hsts.Fault) Severity {
		if _, slip := f.Slip(); slip {
			return SeverityWarning
		}
		return SeverityInfo
	})
}

func checkClients(e *evidence) []Finding {
	found := e.unread()
	for _, h := range e.headers {
		if !h.canTeach() {
			continue
		}
		if isLocalhost(h.host) {
			if h.policy != nil || h.by[hsts.Chromium].Policy != nil {
				found = append(found, find(h.host, "sends a policy that is valid by the RFC, but browsers never apply one to localhost; use another name").
					short("browsers never apply a policy to localhost"))
			}
			continue
		}
		if len(h.STSBlank) > 0 && h.STSBlank[0] == 0 {
			found = append(found, find(h.host, "sends the field's name with a blank before the colon: Chromium reads the field, Firefox and the RFC do not; remove the blank").
				short("blank before the colon, which only Chromium reads"))
			continue
		}
		for _, c := range browsers {
			if f, differs := h.differs(c); differs {
				found = append(found, f)
			}
		}
	}
	return found
}

// unread reports answers with the header that one browser alone can read.
func (e *evidence) unread() []Finding {
	var found []Finding
	for _, a := range e.page {
		for _, c := range browsers {
			h := a.ReadBy(c)
			switch {
			case !a.https() || a.Untrusted() || !a.sends():
			case h.Status == 0:
				found = append(found, find(a.host, "answers %s in a way that %s cannot read and another browser can: its users get no policy; correct the server's HTTP", a.URL, c).
					short("%s cannot read the answer", c))
			case len(h.STS) == 0:
				found = append(found, find(a.host, "sends the header with %s in a way that %s does not see and another browser does: look for a line that ends in a carriage return alone", a.URL, c).
					short("%s does not see the header", c))
			}
		}
	}
	return found
}

// differs says how a browser departs from the RFC in reading an answer, and
// whether it does.
func (h header) differs(c hsts.Client) (f Finding, differs bool) {
	const agree = "; write it so that all agree"
	f.Host = h.host
	p := h.by[c].Policy
	switch read := h.ReadBy(c); {
	case read.Status == 0: // told apart
	case p != nil && h.policy == nil:
		f.Message = fmt.Sprintf("%s: %s accepts it (%s), though RFC 6797 forbids it", h.said(), c, p) + agree
		return f.short("%s accepts the header, though RFC 6797 forbids it", c), true
	case p == nil && h.policy != nil:
		f.Message = fmt.Sprintf("%s: %s ignores it, though RFC 6797 allows it", h.said(), c) + agree
		return f.short("%s ignores the header, though RFC 6797 allows it", c), true
	}
	return f, false
}

// policies makes findings of the policies that a browser could learn, where
// when holds.
func (e *evidence) policies(when func(header, hsts.Policy) bool, tell func(header, hsts.Policy) Finding) []Finding {
	var found []Finding
	for _, h := range e.headers {
		if h.policy != nil && h.canTeach() && when(h, *h.policy) {
			found = append(found, tell(h, *h.policy))
		}
	}
	return found
}

// afterwards says what is left of a host's protection once it is forgotten.
func (e *evidence) afterwards(host string) string {
	if closed := e.closed(host); closed != "" {
		return ", though " + closed
	}
	return " and its users are unprotected"
}

func checkZero(e *evidence) []Finding {
	return e.policies(
		func(_ header, p hsts.Policy) bool { return p.MaxAge == 0 },
		func(h header, _ hsts.Policy) Finding {
			return find(h.host, "sends max-age=0: browsers forget the host%s; to switch it on, "+rampStart, e.afterwards(h.host)).
				short("max-age=0")
		})
}

// ramp are the steps by which max-age is raised (hstspreload.org, deployment
// recommendations), in seconds.
var ramp = []uint64{300, 604800, 2592000, oneYear}

func checkShort(e *evidence) []Finding {
	return e.policies(
		func(_ header, p hsts.Policy) bool { return p.MaxAge > 0 && p.MaxAge < oneYear },
		func(h header, p hsts.Policy) Finding {
			if days, ok := inDays(p.MaxAge); ok {
				return find(h.host, "sends max-age=%d (%s), and max-age counts seconds: if days were meant, raise it step by step to %d", p.MaxAge, hsts.Age(p.MaxAge), days).
					short("max-age counts seconds, and %d looks like days", p.MaxAge)
			}
			next := ramp[slices.IndexFunc(ramp, func(step uint64) bool { return step > p.MaxAge })]
			return find(h.host, "sends max-age=%d (%s): protection ends that long after a visit; raise it to %d (%s), %s",
				p.MaxAge, hsts.Age(p.MaxAge), next, hsts.Age(next), goal(next)).
				short("max-age is %s, under a year", hsts.Age(p.MaxAge))
		})
}

// inDays reports whether a max-age looks like a number of days, and returns that
// many in seconds: a year or half a year in days, or a count of months of 30.
func inDays(maxAge uint64) (seconds uint64, ok bool) {
	switch maxAge {
	case 30, 60, 90, 120, 180, 182, 183, 360, 364, 365, 366, 730, 731:
		return maxAge * 86400, true
	}
	return 0, false
}

// inMilliseconds reports whether a max-age looks like a number of milliseconds,
// and returns it in seconds: a thousand times what makes a count of whole days,
// up to ten years.
func inMilliseconds(maxAge uint64) (seconds uint64, ok bool) {
	seconds = maxAge / 1000
	return seconds, maxAge%1000 == 0 && seconds >= 86400 && seconds%86400 == 0 && seconds <= tenYears
}

// goal says how far a step of the ramp is from its end.
func goal(step uint64) string {
	if step == oneYear {
		return "which the authorities ask for"
	}
	return fmt.Sprintf("and in the end to %d (%s)", uint64(oneYear), hsts.Age(oneYear))
}

const tenYears = 10 * oneYear

func checkExcessive(e *evidence) []Finding {
	return e.policies(
		func(_ header, p hsts.Policy) bool { return p.MaxAge > tenYears },
		func(h header, p hsts.Policy) Finding {
			chromium, _ := hsts.Read(hsts.Chromium, h.field)
			keeps := fmt.Sprintf("Chromium keeps %s", hsts.Age(chromium.MaxAge))
			if firefox, accepted := hsts.Read(hsts.Firefox, h.field); accepted {
				keeps += ", Firefox " + hsts.Age(firefox.MaxAge)
			} else {
				keeps += ", Firefox ignores it"
			}
			said := fmt.Sprintf("sends max-age=%d (%s): %s", p.MaxAge, hsts.Age(p.MaxAge), keeps)
			if seconds, ok := inMilliseconds(p.MaxAge); ok {
				said += fmt.Sprintf("; it looks like milliseconds, but max-age counts seconds: %d (%s)", seconds, hsts.Age(seconds))
			}
			if date, ok := unixTime(p.MaxAge); ok {
				said += "; it looks like the Unix time of " + date + ", but max-age counts from the visit"
			}
			return find(h.host, "%s; %d is enough", said, 2*uint64(oneYear)).
				short("max-age is %s, more than browsers keep", hsts.Age(p.MaxAge))
		})
}

// unixTime reports whether a max-age is the time of a day between 2010 and 2050.
func unixTime(seconds uint64) (date string, ok bool) {
	if seconds < 1262304000 || seconds >= 2524608000 {
		return "", false
	}
	return time.Unix(int64(seconds), 0).UTC().Format(time.DateOnly), true
}

func checkFieldRepeated(e *evidence) []Finding {
	var found []Finding
	for _, h := range e.headers {
		n := len(h.STS)
		if n < 2 {
			continue
		}
		other := ""
		for _, field := range h.STS[1:] {
			if !sameMeaning(field, h.field) {
				other = field
				break
			}
		}
		if other == "" {
			found = append(found, find(h.host, "sends the header %d times with one meaning: only the first counts; send it once", n).
				short("header sent %d times", n))
			continue
		}
		f := find(h.host, "sends the header %d times, first %s and later %s: only the first counts, and the other may be the intended one; send it once", n, quote(h.field), quote(other)).
			short("header sent %d times, and the values differ", n)
		f.Severity = SeverityError
		found = append(found, f)
	}
	return found
}

// sameMeaning reports whether two fields are alike, or valid with one policy.
func sameMeaning(a, b string) bool {
	p, ok := hsts.Read(hsts.RFC6797, a)
	q, ok2 := hsts.Read(hsts.RFC6797, b)
	return a == b || ok && ok2 && p == q
}

func checkSubdomainsOpen(e *evidence) []Finding {
	return e.policies(
		func(h header, p hsts.Policy) bool {
			covered := slices.ContainsFunc(hsts.Clients, func(c hsts.Client) bool { return e.covers(c, "any."+h.host) })
			return p.MaxAge > 0 && !p.IncludeSubDomains && !covered && !hsts.IsIP(h.host)
		},
		func(h header, _ hsts.Policy) Finding {
			return find(h.host, "sends no includeSubDomains: %s; add it once every subdomain answers over https", e.risk("any."+h.host, "an attacker can send users to a made-up subdomain over http and plant cookies")).
				short("no includeSubDomains")
		})
}

func checkPreloadUnqualified(e *evidence) []Finding {
	return e.policies(
		func(h header, p hsts.Policy) bool { return p.Preload && len(preloadWanting(h, p)) > 0 },
		func(h header, p hsts.Policy) Finding {
			return find(h.host, "sends preload, which has no effect: %s; fix that or leave preload out", strings.Join(preloadWanting(h, p), ", ")).
				short("preload has no effect: %s", preloadShort(h, p))
		})
}

// preloadWanting says what a header lacks for the preload list.
func preloadWanting(h header, p hsts.Policy) []string {
	domain := visit.Registrable(h.host)
	var wanting []string
	if p.MaxAge < oneYear {
		wanting = append(wanting, fmt.Sprintf("max-age is %s and %s is required", hsts.Age(p.MaxAge), hsts.Age(oneYear)))
	}
	if !p.IncludeSubDomains {
		wanting = append(wanting, "includeSubDomains is missing")
	}
	if domain != h.host {
		wanting = append(wanting, "preload counts on a registrable domain only"+unless(domain))
	}
	return wanting
}

// preloadShort says which of it weighs most.
func preloadShort(h header, p hsts.Policy) string {
	switch {
	case visit.Registrable(h.host) != h.host:
		return "not the registrable domain"
	case p.MaxAge < oneYear:
		return "max-age under a year"
	}
	return "no includeSubDomains"
}

func unless(domain string) string {
	if domain == "" {
		return ""
	}
	return ", here " + domain
}

func checkPreloadConsent(e *evidence) []Finding {
	return e.policies(
		func(h header, p hsts.Policy) bool { return p.Preload && visit.Registrable(h.host) == h.host },
		func(h header, _ hsts.Policy) Finding {
			return find(h.host, "sends preload: anyone may submit the domain to the list that browsers ship, and leaving it takes months; keep preload only if you mean it").
				short("anyone may submit the domain to the preload list")
		})
}

// quote shows a field's value in a message, the beginning and the end of a
// long one.
func quote(field string) string {
	const most = 120
	if len(field) > most {
		field = field[:most-20] + " … " + field[len(field)-17:]
	}
	return `"` + strings.ToValidUTF8(field, "\uFFFD") + `"`
}

// maxMessage is how long a message gets, in bytes. What makes one longer comes
// from the network.
const maxMessage = 400

// printable returns a message without what would act on a terminal, and
// without the middle of one that is too long.
func printable(message string) string {
	var b strings.Builder
	for _, r := range message {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			escaped := strconv.QuoteRune(r)
			b.WriteString(escaped[1 : len(escaped)-1])
		}
	}
	if b.Len() <= maxMessage {
		return b.String()
	}
	const dots, tail = " … ", maxMessage / 3
	message = b.String()
	head := message[:maxMessage-tail-len(dots)]
	return strings.ToValidUTF8(head, "") + dots + strings.ToValidUTF8(message[len(message)-tail:], "")
}
