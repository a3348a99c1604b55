package audit

import (
	"slices"
	"strings"
	"time"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/preload"
	"hsts-check/visit"
)

// An answer is an exchange, read: each field of it once.
type answer struct {
	*Exchange
	number int
	url    browser.URL
	host   string
	by     [3]browser.Answer // what each client makes of it
	// field is the Strict-Transport-Security field that a reader of the RFC
	// takes, and faults what is wrong with it; policy is what it means, nil
	// where it is void, whether or not it can teach anybody.
	field  string
	faults []hsts.Fault
	policy *hsts.Policy
	// target is where it redirects to; leads says that there is anywhere.
	target browser.URL
	leads  bool
}

// readAnswer reads an exchange.
func readAnswer(x *Exchange, number int) *answer {
	a := &answer{Exchange: x, number: number}
	if u, err := browser.ParseURL(x.URL); err == nil {
		a.url, a.host = u, u.Hostname()
	}
	for _, c := range hsts.Clients {
		a.by[c] = x.Answer(c, number)
	}
	var ok bool
	if a.field, ok = x.Field(hsts.RFC6797); !ok && len(x.STS) > 0 {
		a.field = x.STS[0] // which Chromium alone reads
	}
	if len(x.STS) > 0 {
		var p hsts.Policy
		if p, a.faults = hsts.Parse(a.field); !fatal(a.faults) && ok {
			a.policy = &p
		}
	}
	if browser.IsRedirect(x.Status) && x.Location != "" {
		if to, err := a.url.Resolve(x.Location); err == nil {
			a.target, a.leads = to, true
		}
	}
	return a
}

// sends reports whether any client reads a field of the header in the answer.
func (a *answer) sends() bool {
	return slices.ContainsFunc(hsts.Clients, func(c hsts.Client) bool { h := a.ReadBy(c); return len(h.STS) > 0 })
}

func (a *answer) https() bool { return a.url.Scheme == "https" }

// secure: an answer came over TLS without any error.
func (a *answer) secure() bool { return a.Status != 0 && a.https() && !a.Untrusted() }

// canTeach: a field of this answer could make a client remember its host.
func (a *answer) canTeach() bool { return a.secure() && !hsts.IsIP(a.host) }

// teaches returns the policy that the answer teaches by the RFC, nil for none.
func (a *answer) teaches() *hsts.Policy {
	if !a.canTeach() {
		return nil
	}
	return a.policy
}

// tells: the answer says whether its host sends the header. An error page
// without it does not, nor does what came behind a bad certificate.
func (a *answer) tells() bool {
	return len(a.STS) > 0 || a.Status != 0 && a.Status < 400 && a.Error == nil && !a.Untrusted()
}

// proves: the answer shows how its host is kept, well or badly.
func (a *answer) proves() bool { return a.tells() || a.Untrusted() }

// thrownAway: the answer has a header that browsers ignore.
func (a *answer) thrownAway() bool {
	return len(a.STS) > 0 && (a.teaches() == nil || isLocalhost(a.host))
}

func isLocalhost(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// evidence is a visit put in order for judging.
type evidence struct {
	visit   Visit
	all     []*answer // all that was asked, by number
	answers []*answer // those that count
	page    []*answer // those of the page
	aside   []*answer // those of the page beside which others are judged
	// hosts are those that clients met, the listed one first.
	hosts []string
	ways  [3]way // by client
	// headers are what hosts of the chain sent over https, read.
	headers []header
	list    *preload.List // nil for none
	// preloaded is the listed host's standing on the preload list, nil where it
	// has none; policy is that of its entry, "" where the list has none.
	preloaded *Preloaded
	policy    string
}

// A way is what became of one client.
type way struct {
	*browser.Tab
	client  hsts.Client
	answers []*answer // those that it took, in order
	met     bool      // any host answered it
	end     browser.End
	beyond  browser.URL // where it would have gone on to
}

// mostExchanges is how many exchanges of a record are judged. No visit makes more:
// three clients of 64 requests each, and the probes. In a record that has more,
// the way is one that was not seen to its end, so that judging takes no longer
// than reading.
const mostExchanges = 256

func newEvidence(v Visit, list *preload.List) *evidence {
	e := &evidence{visit: v, list: list}
	for i := range v.Exchanges[:min(len(v.Exchanges), mostExchanges)] {
		a := readAnswer(&v.Exchanges[i], i)
		e.all = append(e.all, a)
		if isAside(a.Probe) {
			e.aside = append(e.aside, a)
			continue
		}
		e.answers = append(e.answers, a)
		if a.Probe == visit.ProbePage {
			e.page = append(e.page, a)
		}
	}
	if len(e.page) == 0 {
		return e
	}
	listed, err := browser.ParseURL(v.Site.URL)
	if err != nil {
		listed = e.page[0].url
	}
	for _, c := range hsts.Clients {
		e.ways[c] = e.replay(c, listed)
		for _, host := range e.ways[c].Chain() {
			if !slices.Contains(e.hosts, host) {
				e.hosts = append(e.hosts, host)
			}
		}
	}
	e.headers = e.readHeaders()
	e.lookUp()
	return e
}

// replay has a client make its way again over what was seen. Its clock stands
// still: how long judging takes must not matter. Where the record does not have
// what the client would have asked for next, it takes what the record says the
// client did.
func (e *evidence) replay(c hsts.Client, listed browser.URL) way {
	w := way{client: c, Tab: browser.Open(c, listed, false, e.clock)}
	var left []*answer
	for _, a := range e.page {
		if e.witnessed() || a.MadeBy(c) {
			left = append(left, a)
		}
	}
	for len(left) > 0 {
		i := 0
		if request, any := w.Next(); any {
			i = max(0, slices.IndexFunc(left, func(a *answer) bool { return a.url == request.URL }))
		}
		a := left[i]
		left = slices.Delete(left, i, i+1)
		w.answers = append(w.answers, a)
		w.met = w.met || a.by[c].Met
		w.Take(a.url, a.by[c])
	}
	w.end, w.beyond = w.End()
	return w
}

func (e *evidence) clock() time.Time { return e.visit.CheckedAt }

// covers reports whether a client would go to host over https only.
func (e *evidence) covers(c hsts.Client, host string) bool {
	_, _, ok := e.ways[c].Known(host)
	return ok
}

// closed says why a client goes to host over https whatever the host itself
// sends, to be put behind a statement of what it leaves open; "" where nothing
// makes it. A policy that was learned on the way, such as a parent's, does, and so
// does the preload list in browsers.
func (e *evidence) closed(host string) string {
	if e.covered(host) {
		return "another host's policy covers it"
	}
	if e.list != nil {
		if entry, ok := e.list.Lookup(host); ok {
			return "browsers go there over https all the same, as " + entry.Name + " is on the preload list"
		}
	}
	return ""
}

// risk is what a host is open to, or why it is not.
func (e *evidence) risk(host, open string) string {
	if closed := e.closed(host); closed != "" {
		return closed
	}
	return open
}

// covered reports whether every client would.
func (e *evidence) covered(host string) bool {
	return !slices.ContainsFunc(hsts.Clients, func(c hsts.Client) bool { return !e.covers(c, host) })
}

// noted reports whether any browser would.
func (e *evidence) noted(host string) bool {
	return slices.ContainsFunc(browsers, func(c hsts.Client) bool { return e.covers(c, host) })
}

// browsers are the clients that people have.
var browsers = []hsts.Client{hsts.Chromium, hsts.Firefox}

// whole reports whether a client that met anybody has every host of its chain
// covered, and has seen the chain to its end. A host that gave no answer is in
// no chain: a browser gets none from it either. One that was only slow is, as a
// browser may have more patience.
func (w *way) whole() bool {
	for _, host := range w.Chain() {
		if _, _, ok := w.Known(host); !ok {
			return false
		}
	}
	return !w.slow() && !w.unfinished()
}

// unfinished reports whether the record ends before the way does, for another
// reason than that a client of its time would have followed no further.
func (w *way) unfinished() bool {
	if w.end != browser.UnderWay || len(w.answers) == 0 {
		return false
	}
	last := w.answers[len(w.answers)-1]
	if !last.leads {
		return false
	}
	return last.Error == nil || last.Error.Kind != visit.KindRedirects
}

// slow reports whether the way ends at a host that may yet answer a browser,
// and that no policy covers.
func (w *way) slow() bool {
	if w.end != browser.Failed {
		return false
	}
	last := w.answers[len(w.answers)-1]
	if last.Error == nil || !passing(last.Error) {
		return false
	}
	_, _, covered := w.Known(last.host)
	return !covered
}

// passing reports whether an error may be ours alone, or of the moment.
func passing(e *Error) bool {
	return e.Kind == visit.KindTimeout || e.Kind == visit.KindUnreachable
}

// learned returns what a client that keeps to the RFC would remember of some
// answers, made in this order.
func (e *evidence) learned(answers []*answer) *hsts.Store {
	s := &hsts.Store{Client: hsts.RFC6797, Now: e.clock}
	for _, a := range answers {
		if p := a.by[hsts.RFC6797].Policy; p != nil {
			s.Set(a.host, *p)
		}
	}
	return s
}

// firstSecure returns the first of some answers that a host gave over https;
// nil for none.
func firstSecure(answers []*answer, host string) *answer {
	for _, a := range answers {
		if a.host == host && a.https() && a.Status != 0 {
			return a
		}
	}
	return nil
}

// answerOf returns the answer that stands for what a host sends: the one from
// which a client holds its policy, else the last that could teach, else the last
// that had a field, else nil.
func (e *evidence) answerOf(host string) *answer {
	for _, c := range hsts.Clients {
		if _, by, ok := e.ways[c].Known(host); ok && e.all[by].host == host {
			return e.all[by]
		}
	}
	for _, c := range hsts.Clients {
		if by, ok := e.ways[c].Forgot(host); ok {
			return e.all[by]
		}
	}
	var last *answer
	for _, a := range e.page {
		if a.host == host && len(a.STS) > 0 && (a.canTeach() || last == nil || !last.canTeach()) {
			last = a
		}
	}
	return last
}
