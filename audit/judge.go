package audit

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"hsts-check/hsts"
	"hsts-check/preload"
)

// Judge says what a visit means. It is pure: the same visit and preload list
// always give the same result. Without a list, nothing is said of preloading.
//
// The verdict is what a browser would remember after following the listed URL:
// the page's exchanges are replayed, in order, into an empty store for each
// client. What other probes saw feeds findings only.
func Judge(v Visit, list *preload.List) Result {
	r := Result{
		Schema: Schema, ID: v.Site.ID(), Group: v.Site.Group, Name: v.Site.Name, URL: v.Site.URL,
		CheckedAt: v.CheckedAt, Exchanges: v.Exchanges,
	}
	if v.Site.Pos != (Position{}) {
		pos := v.Site.Pos
		r.Source = &pos
	}
	e := newEvidence(v, list)
	if len(e.page) == 0 {
		r.Verdict, r.Error = Unknown, v.Error
		if r.Error == nil {
			r.Error = &Error{KindInternal, "the record holds no exchange and no error"}
		}
		return r
	}
	r.Host = e.hosts[0]
	r.Verdict = e.verdict()
	r.Preloaded = e.preloaded
	if r.Verdict == Unknown {
		r.Error = e.unjudged(r.Host)
	}
	if x := e.answer(r.Host); x != nil {
		r.Header = x.STS
		r.Clients = &Clients{Chromium: note(hsts.Chromium, x), Firefox: note(hsts.Firefox, x)}
		r.Policy = x.policy()
	}
	r.Findings = e.findings()
	if r.Verdict != Unknown {
		r.Standards = e.standards()
	}
	return r
}

// findings asks all rules, in their order.
func (e *evidence) findings() []Finding {
	var all []Finding
	for i := range Rules {
		rule := &Rules[i]
		if rule.check == nil {
			continue
		}
		for _, f := range rule.check(e) {
			f.Rule, f.Message = rule.ID, printable(f.Message)
			if f.Severity == "" {
				f.Severity = rule.Severity
			}
			all = append(all, f)
		}
	}
	return all
}

// Evidence is a visit put in order for judging.
type evidence struct {
	visit Visit
	page  []Exchange // the page's redirect chain
	// hosts are those of the chain, in order, each once: the listed one first.
	hosts []string
	// stores hold what each client remembers after the page.
	stores [3]*hsts.Store // by client
	// headers are what hosts of the chain sent over https.
	headers []header
	// preloaded is the listed host's standing on the preload list, nil where it
	// has none; policy is that of its entry, "" where the list has none.
	preloaded *Preloaded
	policy    string
}

func newEvidence(v Visit, list *preload.List) *evidence {
	e := &evidence{visit: v}
	for _, x := range v.Exchanges {
		if x.Probe != ProbePage {
			continue
		}
		e.page = append(e.page, x)
		if host := x.host(); !slices.Contains(e.hosts, host) {
			e.hosts = append(e.hosts, host)
		}
	}
	for _, c := range hsts.Clients {
		e.stores[c] = e.remember(c, e.page)
	}
	e.headers = e.readHeaders()
	e.lookUp(list)
	return e
}

// remember replays exchanges into an empty store of a client, whose clock
// stands still: how long judging takes must not matter.
func (e *evidence) remember(c hsts.Client, exchanges []Exchange) *hsts.Store {
	s := &hsts.Store{Client: c, Now: func() time.Time { return e.visit.CheckedAt }}
	for i := range exchanges {
		learn(s, &exchanges[i])
	}
	return s
}

// learn has a store take in one exchange.
func learn(s *hsts.Store, x *Exchange) {
	if field, ok := x.field(s.Client); ok {
		s.Note(x.host(), []string{field}, x.secure())
	}
}

// verdict decides as the verdicts are defined: an unjudged listed host first,
// then from what is remembered to what was thrown away. Of a page that we broke
// off, half a chain says nothing: it is visited again, not judged.
func (e *evidence) verdict() Verdict {
	if e.brokenOff() || !e.judged(e.hosts[0]) && !e.noted(e.hosts[0]) {
		return Unknown
	}
	all, some := true, false
	for i, host := range e.hosts {
		leftOut := i > 0 && !e.judged(host)
		all = all && (leftOut || e.covered(host))
		some = some || e.noted(host)
	}
	switch {
	case all && some:
		return Protected
	case some:
		return Partial
	case e.disabled():
		return Disabled
	case slices.ContainsFunc(e.page, func(x Exchange) bool { return x.thrownAway() }):
		return Ignored
	}
	return Absent
}

// brokenOff tells whether the run ended before the chain did.
func (e *evidence) brokenOff() bool {
	last := e.page[len(e.page)-1]
	return last.Error != nil && last.Error.Kind == KindCancelled
}

// covered tells whether every client would go to host over https only.
func (e *evidence) covered(host string) bool {
	for _, s := range e.stores {
		if _, ok := s.Lookup(host); !ok {
			return false
		}
	}
	return true
}

// noted tells whether any client would.
func (e *evidence) noted(host string) bool {
	for _, s := range e.stores {
		if _, ok := s.Lookup(host); ok {
			return true
		}
	}
	return false
}

// judged tells whether a host's answers say anything about it. Its https
// answers decide where it was asked over https at all: a plain redirect does
// not show what a host sends over TLS. Without a header, of the listed host the
// last answer counts, so that a redirect to a page that was never seen makes
// no "no"; of a later host any does, so that leaving it out makes no "yes".
func (e *evidence) judged(host string) bool {
	listed := host == e.hosts[0]
	sent, told, overTLS := false, false, false
	for i := range e.page {
		x := &e.page[i]
		if x.host() != host || overTLS && !x.https() {
			continue
		}
		if x.https() && !overTLS {
			sent, told, overTLS = false, false, true
		}
		sent = sent || len(x.STS) > 0
		told = x.tells() || told && !listed
	}
	return sent || told && !(listed && e.endsBefore(host))
}

// endsBefore tells whether the chain ends at a redirect to host that was not
// followed, as in a loop.
func (e *evidence) endsBefore(host string) bool {
	last := &e.page[len(e.page)-1]
	to := last.target()
	return last.Error != nil && to != nil && hostOf(to) == host
}

// disabled tells whether the listed host sent a valid max-age of 0.
func (e *evidence) disabled() bool {
	return slices.ContainsFunc(e.page, func(x Exchange) bool {
		p := x.policy()
		return x.host() == e.hosts[0] && p != nil && p.MaxAge == 0
	})
}

// answer returns the exchange that stands for what a host sends: the last one
// that could teach a browser, else the last that had a field, else nil.
func (e *evidence) answer(host string) *Exchange {
	var last *Exchange
	for i := range e.page {
		x := &e.page[i]
		if x.host() == host && len(x.STS) > 0 && (x.canTeach() || last == nil || !last.canTeach()) {
			last = x
		}
	}
	return last
}

// unjudged says why a host could not be judged: what its last failing exchange
// ran into, or else the last one of the chain.
func (e *evidence) unjudged(host string) *Error {
	if e.brokenOff() {
		return e.page[len(e.page)-1].Error
	}
	for _, x := range slices.Backward(e.page) {
		if x.host() != host {
			continue
		}
		switch {
		case x.untrusted():
			return &Error{KindTLS, x.TLS.Error.Message}
		case x.Error != nil:
			return x.Error
		case x.Status >= 400:
			return statusError(x.Status)
		}
	}
	if last := e.page[len(e.page)-1]; last.Error != nil {
		return last.Error
	}
	return &Error{KindInternal, "no exchange says why " + host + " was not judged"}
}

// statusError is the error of an answer without the header that is no page.
func statusError(status int) *Error {
	switch status {
	case 401, 403, 406, 429, 451:
		return &Error{KindBlocked, fmt.Sprintf("status %d without the header: the server may refuse this client; try another User-Agent (-A)", status)}
	}
	return &Error{KindStatus, fmt.Sprintf("status %d without the header: an error page proves nothing; check the URL", status)}
}

// host returns the exchange's host in lower case, without port and brackets.
// It is asked for so often that the URL, which we wrote ourselves, is not
// parsed for it.
func (x *Exchange) host() string {
	_, host, _ := strings.Cut(x.URL, "://")
	if i := strings.IndexAny(host, "/?#"); i >= 0 {
		host = host[:i]
	}
	host = host[strings.LastIndexByte(host, '@')+1:]
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host, _, _ = strings.Cut(inner, "]")
	} else {
		host, _, _ = strings.Cut(host, ":")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// hostOf returns the host of a URL in the form in which hosts are compared.
func hostOf(u *url.URL) string {
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
}

func (x *Exchange) https() bool { return strings.HasPrefix(x.URL, "https://") }

// untrusted: the certificate did not verify.
func (x *Exchange) untrusted() bool { return x.TLS != nil && x.TLS.Error != nil }

// secure: the answer came over TLS without any error.
func (x *Exchange) secure() bool { return x.Status != 0 && x.https() && !x.untrusted() }

// canTeach: a field of this answer could make a browser remember its host.
func (x *Exchange) canTeach() bool { return x.secure() && !hsts.IsIP(x.host()) }

// tells: the answer says whether its host sends the header. An error page
// without it does not, nor does a page behind a bad certificate, nor a redirect
// that cannot be followed.
func (x *Exchange) tells() bool {
	return len(x.STS) > 0 || x.Status != 0 && x.Status < 400 && x.Error == nil && !x.untrusted()
}

// field returns the one field of an answer that a client reads: the first
// whose name it takes for the header's.
func (x *Exchange) field(c hsts.Client) (string, bool) {
	for i, field := range x.STS {
		if c == hsts.Chromium || !slices.Contains(x.STSBlank, i) {
			return field, true
		}
	}
	return "", false
}

// proves: the answer shows how its host is kept, well or badly.
func (x *Exchange) proves() bool { return x.tells() || x.untrusted() }

// policy returns what the answer teaches by the RFC, nil for nothing.
func (x *Exchange) policy() *hsts.Policy {
	field, ok := x.field(hsts.RFC6797)
	if !ok || !x.canTeach() {
		return nil
	}
	return validPolicy(field)
}

// thrownAway: the answer has a header that browsers ignore.
func (x *Exchange) thrownAway() bool {
	return len(x.STS) > 0 && (x.policy() == nil || isLocalhost(x.host()))
}

func isLocalhost(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// validPolicy returns what a field means by the RFC, or nil.
func validPolicy(field string) *hsts.Policy {
	p, ok := hsts.Read(hsts.RFC6797, field)
	if !ok {
		return nil
	}
	return &p
}

// note returns what a client makes of an exchange's header.
func note(c hsts.Client, x *Exchange) Noted {
	field, ok := x.field(c)
	if !ok || !x.canTeach() || isLocalhost(x.host()) {
		return Noted{}
	}
	return Note(c, field)
}

// Note returns what a client makes of a field that a host sends over a secure
// connection.
func Note(c hsts.Client, field string) Noted {
	p, ok := hsts.Read(c, field)
	if !ok {
		return Noted{}
	}
	subdomains := p.IncludeSubDomains && p.MaxAge > 0
	return Noted{Noted: p.MaxAge > 0, MaxAge: &p.MaxAge, IncludeSubDomains: &subdomains}
}
