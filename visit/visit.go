package visit

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"hsts-check/browser"
	"hsts-check/hsts"
)

// Visit looks at one site: its page, as each client comes to it, and what the
// probes ask for. It always returns, at the latest when ctx ends or, with one
// fetch of a missing intermediate certificate under way, a timeout after the
// site's deadline; what failed stands in the exchanges.
func (w *Wire) Visit(ctx context.Context, s Site) Visit {
	u, fault := s.address()
	if fault != nil {
		return failed(s, fault)
	}
	leave, ok := w.turns.take(ctx, u.Hostname())
	if !ok {
		return failed(s, errNotBegun)
	}
	defer leave()
	return w.visitNow(ctx, s, u)
}

var errNotBegun = &Error{Kind: KindCancelled, Message: "the run ended before the visit began"}

// failed is the visit of a site that was not visited at all.
func failed(s Site, why *Error) Visit {
	return Visit{Site: s, CheckedAt: now(), Error: why}
}

// now is the time as records have it.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// visitNow visits a site whose URL is u. Its host's turn has come.
func (w *Wire) visitNow(ctx context.Context, s Site, u browser.URL) Visit {
	if ctx.Err() != nil {
		return failed(s, errNotBegun)
	}
	visit := Visit{Site: s, CheckedAt: now()}
	v := w.visitor(ctx)
	if w.refused != nil {
		return failed(s, &Error{Kind: KindInput, Message: w.refused.Error()})
	}
	v.listed = u
	v.page(ctx, u, s.Schemeless)
	if len(v.made) == 0 {
		return failed(s, &Error{Kind: KindUnreachable, Message: "no browser goes there: " + u.Refuses(hsts.Chromium)})
	}
	v.probes(ctx, u)
	visit.Exchanges = v.exchanges()
	return visit
}

// A visitor is one visit under way.
type visitor struct {
	*Wire
	run context.Context // of the survey; it outlives the visit
	// listed is the site's own URL, the zero one where there is none.
	listed  browser.URL
	secrets secrets // what was sent or may be, and must not stand in the record
	made    []made
	held    int // bytes of what was made that go into the record
	// lookups holds the addresses of the hosts looked up so far.
	lookups map[string][]netip.Addr
	// public: an exchange went to a public address, so neither redirects nor
	// certificates must lead into a private network.
	public bool
	// proxied are the hosts that were asked for by way of a proxy.
	proxied []string
	// ends is when the visit has taken all the time that a site may; waited is how
	// long it has waited for its turn at other hosts, which does not count.
	ends   time.Time
	waited time.Duration
}

// A made is an exchange with what the record leaves out of it.
type made struct {
	Exchange
	url        browser.URL
	cookie     string // the Cookie field that was sent
	setCookies cookieLines
	patience   time.Duration
}

// visitor begins a visit of a run.
func (w *Wire) visitor(run context.Context) *visitor {
	w.prepare()
	return &visitor{Wire: w, run: run, secrets: slices.Clone(w.kept), ends: time.Now().Add(w.siteDeadline())}
}

// exchanges returns what the record has of what was made.
func (v *visitor) exchanges() []Exchange {
	all := make([]Exchange, len(v.made))
	for i := range v.made {
		all[i] = v.made[i].Exchange
	}
	if len(v.secrets) > 0 {
		h := v.secrets.hider(v.listed)
		for i := range all {
			h.hide(&all[i])
		}
	}
	return all
}

// order is that in which clients are asked what they want next. Chromium and
// Firefox agree on most, and so share their requests in the order in which
// browsers make them.
var order = [...]hsts.Client{hsts.Chromium, hsts.Firefox, hsts.RFC6797}

// page sends all clients to u and makes the requests that they ask for, each
// one once for all that ask for it.
func (v *visitor) page(ctx context.Context, u browser.URL, schemeless bool) {
	start := time.Now()
	var tabs [len(order)]tab
	for _, c := range order {
		tabs[c] = tab{Tab: browser.Open(c, u, schemeless, func() time.Time { return start }), client: c}
	}
	for {
		request, any := browser.Request{}, false
		for _, c := range order {
			if request, any = v.next(&tabs[c]); any {
				break
			}
		}
		if !any {
			v.tellCuts(tabs[:])
			return
		}
		v.keep(v.ask(ctx, request, patience(tabs[:], request)))
		if v.full() {
			for _, c := range order { // who asked for the last one is to be known
				v.next(&tabs[c])
			}
			return
		}
	}
}

// keep takes an exchange into the record. Of one that makes the record too long
// that is told.
func (v *visitor) keep(m made) {
	v.held += m.size()
	if v.full() {
		m.Error = tooMuch()
	}
	v.made = append(v.made, m)
}

// full reports whether no other exchange fits in the record.
func (v *visitor) full() bool { return v.held > maxFields }

// tellCuts says of each redirect that a client did not follow why not.
func (v *visitor) tellCuts(tabs []tab) {
	for _, t := range tabs {
		if cut := t.Cut(); cut != "" && len(t.used) > 0 {
			if m := &v.made[t.used[len(t.used)-1]]; m.Error == nil {
				m.Error = &Error{Kind: KindRedirects, Message: cut}
			}
		}
	}
}

// A tab is a client's, with what it has used of the exchanges made so far.
type tab struct {
	*browser.Tab
	client hsts.Client
	used   []int
}

// next gives a client all that was made and that it wants, and returns what it
// wants besides.
func (v *visitor) next(t *tab) (browser.Request, bool) {
	for {
		request, any := t.Next()
		if !any {
			return request, false
		}
		i := v.find(t, request)
		if i < 0 {
			return request, true
		}
		t.used = append(t.used, i)
		m := &v.made[i]
		m.Clients = append(m.Clients, t.client)
		slices.Sort(m.Clients)
		if len(m.Clients) == len(order) {
			m.Clients = nil // all
		}
		a := m.Answer(t.client, i)
		a.SetCookie = m.setCookies.readBy(t.client)
		t.Take(m.url, a)
	}
}

// find returns the exchange that is what a client wants and that it has not
// used yet, -1 for none. The exchanges of one URL are used in their order, so
// that the record tells which of them were a client's first.
func (v *visitor) find(t *tab, r browser.Request) int {
	after := -1
	for _, i := range t.used {
		if v.made[i].url == r.URL {
			after = max(after, i)
		}
	}
	for i := after + 1; i < len(v.made); i++ {
		if m := &v.made[i]; m.url == r.URL && m.cookie == r.Cookie && !m.cutShort(r) {
			return i
		}
	}
	return -1
}

// cutShort reports whether an exchange ended before a client's patience did.
func (m *made) cutShort(r browser.Request) bool {
	return m.Error != nil && m.Error.Kind == KindTimeout && m.patience > 0 && (r.Patience == 0 || r.Patience > m.patience)
}

// patience is how long all clients wait that want the same, 0 for as long as it
// takes.
func patience(tabs []tab, r browser.Request) time.Duration {
	most := r.Patience
	for _, t := range tabs {
		other, any := t.Next()
		if !any || other.URL != r.URL || other.Cookie != r.Cookie || most == 0 {
			continue
		}
		most = max(most, other.Patience)
		if other.Patience == 0 {
			most = 0
		}
	}
	return most
}

// ask makes one exchange of the page. An answer that came later than a client's
// patience lasts is asked for once more, so that a moment's delay of this
// machine or its network is not taken for the site's.
func (v *visitor) ask(ctx context.Context, r browser.Request, patience time.Duration) made {
	if r.URL.Scheme == "http" && v.silent(r.URL) {
		m := v.exchange(ctx, ProbePage, r.URL, mode{cookie: r.Cookie}, secondPatience)
		m.patience, m.Clients = 0, []hsts.Client{} // no client would learn more
		return m
	}
	m := v.exchange(ctx, ProbePage, r.URL, mode{cookie: r.Cookie}, patience)
	if r.Patience > 0 && m.Status != 0 && m.MS >= browser.LeastPatience.Milliseconds() {
		if again := v.exchange(ctx, ProbePage, r.URL, mode{cookie: r.Cookie}, patience); again.MS < m.MS && again.Status != 0 {
			m = again
		}
	}
	m.Clients = []hsts.Client{}
	return m
}

// silent reports whether the host of u let a whole timeout pass over https.
func (v *visitor) silent(u browser.URL) bool {
	return slices.ContainsFunc(v.made, func(m made) bool {
		return m.url.Scheme == "https" && m.url.Host == u.Host && m.patience == 0 && m.Error != nil && m.Error.Kind == KindTimeout
	})
}

// exchange makes one request in a mode, and tries again after a failure that
// may pass. It waits for each answer as long as patience lasts, if that is not 0
// and shorter than the timeout.
func (v *visitor) exchange(ctx context.Context, p Probe, u browser.URL, m mode, patience time.Duration) made {
	x := v.exchangeNow(ctx, p, u, m, patience)
	if x.Error == nil || x.Error.Kind != KindLocal {
		return x
	}
	// This machine ran short. Others may end meanwhile; those that have to be made
	// again are made one by one.
	select {
	case v.scarce <- struct{}{}:
	case <-ctx.Done():
		return x
	}
	defer func() { <-v.scarce }()
	for try := 0; try < maxShortages && x.Error != nil && x.Error.Kind == KindLocal && v.pause(ctx, backoff(try)); try++ {
		x = v.exchangeNow(ctx, p, u, m, patience)
	}
	return x
}

func (v *visitor) exchangeNow(ctx context.Context, p Probe, u browser.URL, m mode, patience time.Duration) made {
	m.probe = p
	for try := 0; ; try++ {
		x := made{Exchange: Exchange{Probe: p, URL: u.String()}, url: u, cookie: m.cookie, patience: patience}
		start, waited := time.Now(), v.waited
		r, err := v.attempt(ctx, u, m, &x)
		start = start.Add(v.waited - waited)
		x.MS = time.Since(start).Milliseconds()
		var again bool
		var wait time.Duration
		if err == nil {
			x.MS = r.came.Sub(start).Milliseconds()
			x.Head, x.Otherwise, x.setCookies = r.Head, r.otherwise, r.setCookies
			if r.refusal != nil {
				x.Error = describe(r.refusal)
			}
			wait, again = r.busy(time.Now())
		} else {
			x.Error = describe(err)
			again = patience == 0 && transient(x.Error.Kind, err, try)
		}
		if try == v.Retries || !again || !v.pause(ctx, max(wait, backoff(try))) {
			return x
		}
	}
}

// busy reports whether an answer asks to come again, and when: 429 or 503, with
// or without Retry-After (RFC 9110 section 10.2.3, RFC 6585 section 4). One that
// has the header says all that is to be known.
func (r *reply) busy(now time.Time) (wait time.Duration, busy bool) {
	if r.Status != http.StatusTooManyRequests && r.Status != http.StatusServiceUnavailable || len(r.STS) > 0 {
		return 0, false
	}
	wait, _ = RetryAfter(r.retryAfter, now)
	return wait, true
}

// transient reports whether the failure of a try may pass. A refusal is tried
// again once: a server that restarts is back by then, or takes much longer.
func transient(k ErrorKind, err error, try int) bool {
	var dns *net.DNSError
	return k == KindTimeout || k == KindReset || k == KindRefused && try == 0 ||
		errors.As(err, &dns) && (dns.IsTimeout || dns.IsTemporary)
}

// backoff is how long to wait before another try, longer each time and never
// twice the same, so that many visits do not come back at once.
func backoff(try int) time.Duration {
	wait := time.Duration(1<<min(try, 4)) * 250 * time.Millisecond
	return wait/2 + rand.N(wait)
}

// pause waits. It returns false, at once, where the visit would have ended by
// then, and when the run ends meanwhile.
func (v *visitor) pause(ctx context.Context, wait time.Duration) bool {
	if time.Until(v.ends) < wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// A mode is how a request is made: at first as a browser would, then with what
// a failed attempt has shown to be needed.
type mode struct {
	probe      Probe      // what the request is made for
	at         netip.Addr // where to connect; not valid: to any address
	http2      bool       // the server refuses HTTP/1.1
	allGroups  bool       // the server wants a key exchange we do not offer first
	extra      *intermediates
	unverified bool // the certificate is bad: look at the head all the same
	cookie     string
}

// attempt makes one request within the exchange's timeout, changing its mode
// as far as the server calls for it.
func (v *visitor) attempt(ctx context.Context, u browser.URL, m mode, x *made) (reply, error) {
	left := v.timeout()
	if x.patience > 0 {
		left = min(left, x.patience)
	}
	for {
		leave, ok := v.inTurn(ctx, u.Hostname())
		if !ok {
			return reply{}, ctx.Err()
		}
		begun := time.Now()
		limited, cancel := context.WithTimeout(ctx, min(left, time.Until(v.ends)))
		r, err := v.try(limited, u, m, &x.Exchange)
		leave()
		again := err != nil && v.again(limited, &m, &err, &x.Exchange)
		cancel()
		if !again {
			return r, err
		}
		left -= time.Since(begun)
	}
}

// inTurn waits until a connection may be made for host: no more than perHost are
// open at once for one host, whoever leads there. The time does not count, neither
// for the exchange nor for the site: it is not the server's.
func (v *visitor) inTurn(ctx context.Context, host string) (leave func(), ok bool) {
	begun := time.Now()
	leave, ok = v.destinations.take(ctx, host)
	waited := time.Since(begun)
	v.waited += waited
	v.ends = v.ends.Add(waited)
	return leave, ok
}

// again changes the mode as far as a failure calls for it, and reports whether
// to try again. Where not, it leaves in err what is to be told.
func (v *visitor) again(ctx context.Context, m *mode, err *error, x *Exchange) bool {
	if e := (*Error)(nil); errors.As(*err, &e) {
		*err = e
		return false
	}
	var dns *net.DNSError
	if ctx.Err() != nil && !errors.As(*err, &dns) {
		*err = ctx.Err()
		return false
	}
	return v.adapt(ctx, m, *err, x)
}

// adapt changes the mode after a failed attempt and reports whether another one
// may succeed. Each change is made once, so attempts come to an end.
func (v *visitor) adapt(ctx context.Context, m *mode, err error, x *Exchange) bool {
	switch {
	case !m.http2 && refusesHTTP1(err):
		m.http2 = true
	case !m.allGroups && refusesGroups(err):
		m.allGroups = true
	case !m.unverified:
		return v.adaptToCertificate(ctx, m, err, x)
	default:
		return false
	}
	return true
}

// adaptToCertificate looks for the missing intermediate of a certificate that
// did not verify, and else turns verification off, marking the exchange.
func (v *visitor) adaptToCertificate(ctx context.Context, m *mode, err error, x *Exchange) bool {
	bad := describeCert(err, time.Now())
	if bad == nil {
		return false
	}
	if bad.Kind == CertUnknownAuthority && m.extra == nil {
		extra, fetchErr := v.completeChain(ctx, err)
		if extra != nil {
			m.extra = extra
			return true
		}
		if fetchErr != nil {
			bad = &Error{Kind: CertUnjudged, Message: "the server does not send its intermediate certificate, and " + fetchErr.Error()}
		}
	}
	x.TLS = &TLS{Error: bad}
	m.extra, m.unverified, m.cookie = nil, bad.Kind != CertUnjudged, ""
	return m.unverified
}
