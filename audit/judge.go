package audit

import (
	"slices"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/preload"
	"hsts-check/visit"
)

// Judge says what a visit means. It is pure: the same visit and preload list
// always give the same result. Without a list, nothing is said of preloading.
//
// The verdict is what browsers would remember after following the listed URL:
// each client makes its way again over the page's exchanges, with an empty
// store. What other probes saw feeds findings only. What the list says with the
// site marks findings as waived on the day of the visit, and changes nothing else.
func Judge(v Visit, list *preload.List) Result {
	r := judge(v, list)
	r.waive()
	return r
}

func judge(v Visit, list *preload.List) Result {
	r := Result{
		Schema: Schema, ID: v.Site.ID(), Group: v.Site.Group, Name: v.Site.Name, URL: v.Site.URL,
		CheckedAt: v.CheckedAt, SeenBy: v.SeenBy, Exchanges: v.Exchanges,
	}
	if v.Site.Pos != (Position{}) {
		pos := v.Site.Pos
		r.Source = &pos
	}
	if v.Site.Terms != nil {
		r.Terms = *v.Site.Terms
	}
	e := newEvidence(v, list)
	if len(e.page) == 0 {
		r.Verdict, r.Error = Unknown, v.Error
		if r.Error == nil {
			r.Error = &Error{Kind: visit.KindInternal, Message: "the record holds no exchange and no error"}
		}
		r.Findings = unaskedFor(v.Site.URL)
		return r
	}
	r.Host = e.hosts[0]
	r.Verdict = e.verdict()
	r.Preloaded = e.preloaded
	if r.Verdict == Unknown {
		r.Error = e.andBrowser(e.unjudged(r.Host))
	}
	if a := e.answerOf(r.Host); a != nil {
		r.Header = a.STS
	}
	r.Clients = e.clients()
	r.Policy = e.standing()
	r.Findings = e.findings(r.Verdict)
	if r.Verdict != Unknown {
		r.Standards = e.standards()
	}
	return r
}

// findings asks all rules, in their order. Of a site that is partly protected,
// the one that is the reason comes first.
func (e *evidence) findings(v Verdict) []Finding {
	var all []Finding
	for i := range Rules {
		rule := &Rules[i]
		if rule.check == nil {
			continue
		}
		for _, f := range rule.check(e) {
			f.Rule, f.Message, f.Short = rule.ID, printable(f.Message), e.brief(f)
			if f.Severity == "" {
				f.Severity = rule.Severity
			}
			all = append(all, f)
		}
	}
	if i := e.reason(v, all); i > 0 {
		reason := all[i]
		all = slices.Insert(slices.Delete(all, i, i+1), 0, reason)
	}
	return all
}

// reason returns the index of the finding that makes a site partly protected,
// -1 for none.
func (e *evidence) reason(v Verdict, all []Finding) int {
	if v != Partial {
		return -1
	}
	for _, rule := range reasons[Partial] {
		i := slices.IndexFunc(all, func(f Finding) bool {
			return f.Rule == rule && (!e.covered(f.Host) || rule == "chain-cut" && f.Severity == SeverityError)
		})
		if i >= 0 {
			return i
		}
	}
	return slices.IndexFunc(all, func(f Finding) bool { return f.Severity != SeverityInfo && !e.covered(f.Host) })
}

// verdict decides as the verdicts are defined, by what browsers remember; the
// client that does only what it is told can make less of a site, never more. Of
// a page that we broke off, half a chain says nothing: it is visited again, not
// judged.
func (e *evidence) verdict() Verdict {
	if e.brokenOff() {
		return Unknown
	}
	all, some := true, false
	for _, c := range hsts.Clients {
		w := &e.ways[c]
		if w.met || c != hsts.RFC6797 {
			all = all && w.whole()
		}
		some = some || c != hsts.RFC6797 && slices.ContainsFunc(w.Chain(), func(host string) bool { return e.covers(c, host) })
	}
	switch {
	case all && some:
		return Protected
	case some:
		return Partial
	case !e.judged():
		return Unknown
	case e.disabled():
		return Disabled
	case slices.ContainsFunc(e.page, (*answer).thrownAway):
		return Ignored
	}
	return Absent
}

// brokenOff reports whether the run ended before the chain did.
func (e *evidence) brokenOff() bool {
	return slices.ContainsFunc(e.page, func(a *answer) bool { return a.Error != nil && a.Error.Kind == visit.KindCancelled })
}

// judged reports whether what browsers saw of the listed host says anything
// about it. Its https answers decide where there are any: a plain redirect does
// not show what a host sends over TLS. Without a header the last one counts, so
// that a redirect to a page that was never seen makes no "no". A host that
// answers over http alone is judged by that.
func (e *evidence) judged() bool {
	var secure, plain *answer
	for _, c := range browsers {
		for _, a := range e.ways[c].answers {
			switch {
			case a.host != e.hosts[0]:
			case a.https() && len(a.STS) > 0:
				return true
			case a.https() && a.Status != 0:
				secure = a
			case !a.https() && a.Status != 0 && !a.leadsToOwnHTTPS():
				plain = a
			}
		}
	}
	switch {
	case secure != nil:
		return secure.tells() && !e.endsBefore() || plain != nil && plain.number > secure.number && plain.tells()
	case plain != nil:
		return plain.tells() || e.httpsTried()
	}
	return false
}

// leadsToOwnHTTPS reports whether an answer over http only says that the host is
// to be asked over https: where that does not answer, the site is down, and not
// one without https.
func (a *answer) leadsToOwnHTTPS() bool {
	return !a.https() && a.leads && a.target.Scheme == "https" && a.target.Hostname() == a.host
}

// httpsTried reports whether a browser asked the listed host over https.
func (e *evidence) httpsTried() bool {
	return slices.ContainsFunc(e.page, func(a *answer) bool { return a.host == e.hosts[0] && a.https() && !a.Untrusted() })
}

// endsBefore reports whether both browsers' ways end at a page of the listed
// host that they did not get to see, as in a loop.
func (e *evidence) endsBefore() bool {
	for _, c := range browsers {
		w := &e.ways[c]
		overHTTP := w.end == browser.Failed && w.beyond.Scheme == "http"
		if w.end == browser.Arrived || overHTTP || w.beyond.Hostname() != e.hosts[0] {
			return false
		}
	}
	return true
}

// disabled reports whether the listed host sent a valid max-age of 0.
func (e *evidence) disabled() bool {
	return slices.ContainsFunc(e.page, func(a *answer) bool {
		p := a.teaches()
		return a.host == e.hosts[0] && p != nil && p.MaxAge == 0
	})
}

// clients returns what the stores hold of the listed host at the end; nil where
// no host of the chain sent a header over https.
func (e *evidence) clients() *Clients {
	if !slices.ContainsFunc(e.page, (*answer).sends) {
		return nil
	}
	return &Clients{RFC6797: e.noting(hsts.RFC6797), Chromium: e.noting(hsts.Chromium), Firefox: e.noting(hsts.Firefox)}
}

// noting returns what one client's store holds of the listed host.
func (e *evidence) noting(c hsts.Client) Noted {
	host := e.hosts[0]
	if p, by, ok := e.ways[c].Known(host); ok {
		n := noted(p)
		n.By = &by
		return n
	}
	if by, ok := e.ways[c].Forgot(host); ok {
		n := noted(hsts.Policy{})
		n.By = &by
		return n
	}
	return Noted{}
}

// held returns the policy that the first client which holds any holds for the
// listed host, as its header says it and not as the client caps it; nil where
// none does, or the header is void by the RFC.
func (e *evidence) held() *hsts.Policy {
	for _, c := range hsts.Clients {
		if _, by, ok := e.ways[c].Known(e.hosts[0]); ok && e.all[by].policy != nil {
			return e.all[by].policy
		}
	}
	return nil
}

// standing returns what is held for the listed host, or the policy of max-age 0
// that made clients forget it; nil where there is neither.
func (e *evidence) standing() *hsts.Policy {
	if p := e.held(); p != nil {
		return p
	}
	for _, c := range hsts.Clients {
		if by, ok := e.ways[c].Forgot(e.hosts[0]); ok && e.all[by].policy != nil {
			return e.all[by].policy
		}
	}
	return nil
}

// unjudged says why the listed host could not be judged: what its last failing
// exchange ran into, or else the last one of the chain.
func (e *evidence) unjudged(host string) *Error {
	for _, a := range e.page {
		if a.Error != nil && a.Error.Kind == visit.KindCancelled {
			return a.Error
		}
	}
	seen := e.ways[hsts.Chromium].answers
	if len(seen) == 0 {
		seen = e.page
	}
	for _, a := range slices.Backward(seen) {
		switch {
		case a.host != host:
		case a.Untrusted():
			return &Error{Kind: visit.KindTLS, Message: a.TLS.Error.Message}
		case a.Error != nil:
			return a.Error
		case a.Status >= 400:
			return statusError(a, e.visit.CheckedAt)
		}
	}
	for _, c := range browsers {
		if w := &e.ways[c]; w.end == browser.TooMany || w.end == browser.Refused {
			return &Error{Kind: visit.KindRedirects, Message: w.Cut()}
		}
	}
	for _, a := range slices.Backward(e.page) {
		if a.Error != nil {
			return a.Error
		}
	}
	return &Error{Kind: visit.KindInternal, Message: "no exchange says why " + host + " was not judged"}
}

// Note returns what a client makes of a field that a host sends over a secure
// connection.
func Note(c hsts.Client, field string) Noted {
	p, ok := hsts.Read(c, field)
	if !ok {
		return Noted{}
	}
	return noted(p)
}

func noted(p hsts.Policy) Noted {
	subdomains := p.IncludeSubDomains && p.MaxAge > 0
	return Noted{Noted: p.MaxAge > 0, MaxAge: &p.MaxAge, IncludeSubDomains: &subdomains}
}
