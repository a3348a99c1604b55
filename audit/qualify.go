package audit

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"hsts-check/hsts"
	"hsts-check/internal/host"
	"hsts-check/preload"
	"hsts-check/visit"
)

// A Requirement is one thing that the owners of the preload list ask of a
// domain, and how the domain stands to it.
type Requirement struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// State is the stricter of two answers where RFC 6797 and the list's
	// owners read a header differently.
	State State `json:"state"`
	// RFC is then the answer by RFC 6797, and the owners' the opposite; empty
	// where both agree.
	RFC State `json:"rfc,omitempty"`
	// Code is the error that the owners' own check reports, one of
	// https://github.com/chromium/hstspreload; empty where it reports none.
	Code     string `json:"code,omitempty"`
	Evidence string `json:"evidence"`
}

// A State is how a requirement stands.
type State string

// What could not be seen is neither passed nor failed.
const (
	Pass         State = "pass"
	Fail         State = "fail"
	StateUnknown State = "unknown"
)

var states = map[reply]State{yes: Pass, no: Fail, notKnown: StateUnknown}

// A requirement is asked of a candidate.
type requirement struct {
	id, title string
	ask       func(candidate) claim
}

// submission is what the list's owners ask for before they add a domain
// (https://hstspreload.org/#submission-requirements). The standard hstspreload
// asks the same.
var submission = []requirement{
	{"registrable-domain", "a registrable domain", candidate.isRegistrable},
	{"certificate", "a valid certificate with its whole chain", candidate.certificate},
	{"header", "one header, and valid", candidate.header},
	{"max-age", "max-age of a year, 31536000", candidate.maxAge},
	{"include-subdomains", "includeSubDomains", candidate.includeSubDomains},
	{"preload", "preload", candidate.preload},
	{"https-redirects", "further redirects keep the header and https", candidate.httpsRedirects},
	{"http-redirect", "http leads to https on the same host first", candidate.httpRedirect},
	{"www", "www over https, if it exists", candidate.www},
}

// removal is what they ask for before they take one off
// (https://hstspreload.org/removal/), besides that it is on the list.
var removal = []requirement{
	{"certificate", "a valid certificate with its whole chain", candidate.certificate},
	{"header", "one header, and valid", candidate.header},
	{"max-age", "any max-age", candidate.anyMaxAge},
	{"no-preload", "a header without preload", candidate.noPreload},
}

// Submission tells how host stands to what the owners of the preload list ask
// for submission. All but the first requirement are asked of its registrable
// domain; for a host that has none there is only the first. What the result did
// not look at is unknown.
func (r Result) Submission(host string) []Requirement {
	c := candidate{newEvidence(r.Visit(), nil), host, visit.Registrable(host)}
	if c.domain == "" {
		return c.asked(submission[:1])
	}
	return c.asked(submission)
}

// Removal tells how host stands to what they ask for removal. A nil list makes
// it unknown whether host is on it.
func (r Result) Removal(host string, list *preload.List) []Requirement {
	onList := requirement{"on-the-list", "an entry of its own", func(c candidate) claim { return c.onList(list) }}
	c := candidate{newEvidence(r.Visit(), nil), host, host}
	return c.asked(append([]requirement{onList}, removal...))
}

// Stands sums up requirements: Fail if any fails, else unknown if any is, else
// Pass.
func Stands(requirements []Requirement) State {
	stands := Pass
	for _, r := range requirements {
		switch {
		case r.State == Fail:
			return Fail
		case r.State == StateUnknown:
			stands = StateUnknown
		}
	}
	return stands
}

// meetsPreload asks all requirements of the listed host's registrable domain.
func meetsPreload(e *evidence) reply {
	domain := visit.Registrable(e.hosts[0])
	if domain == "" {
		return no
	}
	c, result := candidate{e, domain, domain}, yes
	for _, r := range submission {
		if result = and(result, r.ask(c).reply); result == no {
			return no
		}
	}
	return result
}

// FirstRedirect adds to the visit of a registrable domain what the list's
// owners look at besides: where http leads first, if that has not been asked.
// It judges the result again. Bounds are those of [Auditor.Visit].
func (a *Auditor) FirstRedirect(ctx context.Context, r Result) Result {
	c := candidate{newEvidence(r.Visit(), nil), r.Host, r.Host}
	plain := c.plain()
	if plain == nil || !plain.leads {
		return r
	}
	to := plain.target
	if to.Scheme != "https" || to.Hostname() != r.Host {
		return r
	}
	r.Exchanges = a.wire().Probe(ctx, r.Exchanges, visit.ProbeApex, to, visit.PublicAddress(plain.Address))
	return r.Rejudge(a.Preload)
}

// A candidate is a host that may go on the list, or off it, and what was seen
// of the domain that is asked.
type candidate struct {
	*evidence
	host, domain string
}

// A claim is how a candidate stands to one requirement. Its words are put
// together only where somebody reads them: says is a format of strings, about
// what it is filled with.
type claim struct {
	reply reply
	rfc   reply // notKnown where it is no other
	code  string
	says  string
	about []string
}

func (c candidate) asked(requirements []requirement) []Requirement {
	all := make([]Requirement, len(requirements))
	for i, r := range requirements {
		a := r.ask(c)
		all[i] = Requirement{ID: r.id, Title: r.title, State: states[a.reply], Code: a.code, Evidence: a.text()}
		if a.rfc != notKnown {
			all[i].RFC = states[a.rfc]
		}
	}
	return all
}

func (a claim) text() string {
	about := make([]any, len(a.about))
	for i, s := range a.about {
		about[i] = s
	}
	text := fmt.Sprintf(a.says, about...)
	switch a.rfc {
	case yes:
		text += "; by the RFC it is in order"
	case no:
		text += "; by the RFC the whole header is void, though the list takes it"
	}
	return printable(text)
}

func (c candidate) isRegistrable() claim {
	addr, err := netip.ParseAddr(c.host)
	domain := visit.Registrable(c.host)
	switch {
	case err == nil && addr.Is6():
		return claim{no, 0, "domain.format.invalid_characters", "%s is an IP address", []string{c.host}}
	case hsts.IsIP(c.host):
		return claim{no, 0, "domain.format.is_ip_address", "%s is an IP address", []string{c.host}}
	case domain == "":
		return claim{no, 0, "domain.format.public_suffix", "%s is a public suffix: its owner has to write to the list's", []string{c.host}}
	case domain != c.host:
		return claim{no, 0, "domain.is_subdomain", "%s is a subdomain: the list takes %s, with all below it", []string{c.host, domain}}
	case strings.Contains(c.host, "_"):
		return claim{no, 0, "domain.format.invalid_characters", "%s has an underscore in it", []string{c.host}}
	}
	return claim{yes, 0, "", "%s is one", []string{c.host}}
}

// onList looks for an entry of the host's own. Whether it waits to be added is
// known to the list's owners alone.
func (c candidate) onList(list *preload.List) claim {
	if list == nil {
		return claim{says: "no list was read"}
	}
	entry, listed := list.Lookup(c.host)
	switch {
	case listed && entry.Name == c.host:
		return claim{yes, 0, "", "%s is on the list of %s", []string{c.host, list.Date()}}
	case listed && !strings.Contains(entry.Name, "."):
		return claim{no, 0, "server.removable.preloaded_tld", "all of %s is on the list", []string{entry.Name}}
	case listed:
		return claim{no, 0, "server.removable.subdomain", "%s is on the list by its parent %s", []string{c.host, entry.Name}}
	}
	return claim{no, 0, "server.remove.not_preloaded", "%s is not on the list of %s", []string{c.host, list.Date()}}
}

// NextStep says what to do next with host, by the result of its registrable
// domain, on the way to what the list's owners ask for (https://hstspreload.org,
// deployment recommendations); empty where nothing was seen of its header.
func (r Result) NextStep(host string) string {
	if r.Host == "" {
		return ""
	}
	c := candidate{newEvidence(r.Visit(), nil), r.Host, r.Host}
	cert, x := c.certificate(), c.first()
	switch {
	case cert.reply == no:
		return "fix the certificate: browsers ignore the header behind it, or some cannot check it"
	case x == nil || !x.proves():
		return ""
	case len(x.STS) == 0 && c.later(x) != nil:
		return fmt.Sprintf("send the header with the redirect of %s too: it answers with status %d without it, and %s has it", x.URL, x.Status, c.later(x).URL)
	case x.teaches() == nil:
		return "send max-age=300; includeSubDomains, once all subdomains answer over https"
	}
	p := *x.teaches()
	step := slices.IndexFunc(ramp, func(step uint64) bool { return step > p.MaxAge })
	owned := r.Preloaded != nil && r.Preloaded.Entry == r.Host
	switch {
	case owned && !p.Preload:
		return "the domain can be taken off the list at https://hstspreload.org/removal/; to stay, it has to send preload"
	case !p.IncludeSubDomains:
		return fmt.Sprintf("see that all subdomains answer over https, internal ones too, then add includeSubDomains to max-age=%d", p.MaxAge)
	case step == 0:
		return "send max-age=300; includeSubDomains"
	case step > 0:
		return fmt.Sprintf("where max-age=%d has done no harm for that long, send max-age=%d; includeSubDomains", p.MaxAge, ramp[step])
	case !p.Preload:
		return "nothing: max-age has reached its full length; preload would be consent to be put on the list"
	}
	switch stands := Stands(r.Submission(host)); {
	case stands == Fail:
		return "fix what fails above"
	case stands == StateUnknown:
		return "look again at what is not known above"
	case r.Preloaded != nil:
		return "keep it so: the list's owners look again each week"
	}
	return "nothing: the domain may be submitted at https://hstspreload.org"
}

// later returns the first answer of the domain behind another one that teaches
// a policy, nil for none.
func (c candidate) later(x *answer) *answer {
	for _, a := range c.page {
		if a.host == c.domain && a != x && a.teaches() != nil {
			return a
		}
	}
	return nil
}

// RegistrableDomain returns a host in the form in which it is looked up, and
// its registrable domain, empty where it has none: an IP address, a public
// suffix.
func RegistrableDomain(name string) (ascii, domain string, err error) {
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.String(), "", nil
	}
	if ascii, err = host.ASCII(strings.TrimSuffix(name, ".")); err != nil {
		return "", "", err
	}
	return ascii, visit.Registrable(ascii), nil
}
