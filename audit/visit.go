package audit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"
)

// Visit looks at one site: its page with the redirects behind it, and what the
// probes ask for. It always returns, at the latest when ctx ends or, with one
// fetch of a missing intermediate certificate under way, a timeout after the
// site's deadline; what failed stands in the exchanges.
func (a *Auditor) Visit(ctx context.Context, s Site) Visit {
	visit := Visit{Site: s, CheckedAt: time.Now().UTC().Truncate(time.Second)}
	if s.Fault != nil {
		visit.Error = &Error{KindInput, s.Fault.Error()}
		return visit
	}
	u, err := resolve(new(url.URL), s.URL)
	if err != nil {
		visit.Error = &Error{KindInput, fmt.Sprintf("%.200q cannot be visited: %v", s.URL, err)}
		return visit
	}
	leave := a.turns.take(ctx, u.Hostname())
	defer leave()
	if ctx.Err() != nil {
		visit.Error = &Error{KindCancelled, "the run ended before the visit began"}
		return visit
	}
	v := visitor{Auditor: a, run: ctx}
	ctx, cancel := context.WithTimeout(ctx, a.siteDeadline())
	defer cancel()
	v.page(ctx, u)
	v.probes(ctx, u)
	visit.Exchanges = v.exchanges
	return visit
}

// A visitor is one visit under way.
type visitor struct {
	*Auditor
	run       context.Context // of the survey; it outlives the visit
	exchanges []Exchange
	// lookups holds the addresses of the hosts looked up so far.
	lookups map[string][]netip.Addr
	cookies cookies
	// public: an exchange went to a public address, so neither redirects nor
	// certificates must lead into a private network.
	public bool
}

// page visits u and follows where it redirects to, as a browser with the
// cookies that were set on the way. To be sent back to the same URL is a loop
// unless a cookie has changed.
func (v *visitor) page(ctx context.Context, u *url.URL) {
	type request struct{ url, cookie string }
	seen := map[request]bool{{u.String(), ""}: true}
	for hops := 0; ; hops++ {
		x := v.exchange(ctx, ProbePage, u, netip.Addr{})
		next, err := nextHop(u, x)
		var again request
		if next != nil {
			again = request{next.String(), v.cookies.header(next)}
		}
		switch {
		case err != nil:
			x.Error = &Error{KindRedirects, err.Error()}
		case next != nil && seen[again]:
			x.Error = &Error{KindRedirects, fmt.Sprintf("redirects in a loop, back to %.200s", next)}
		case next != nil && hops == maxRedirects:
			x.Error = &Error{KindRedirects, fmt.Sprintf("redirects more than %d times", maxRedirects)}
		}
		v.exchanges = append(v.exchanges, x)
		if next == nil || x.Error != nil {
			return
		}
		u = next
		seen[again] = true
	}
}

// nextHop returns where an exchange redirects to, nil for nowhere. What came
// behind a bad certificate leads nowhere: a browser would not have seen it.
func nextHop(u *url.URL, x Exchange) (*url.URL, error) {
	if !redirects(x.Status) || x.Location == "" || x.TLS != nil && x.TLS.Error != nil {
		return nil, nil
	}
	return follow(u, x.Location)
}

// exchange makes one request, at the address given if it is valid, and tries
// again after a failure that may pass. Requests for the page alone carry and
// keep cookies.
func (v *visitor) exchange(ctx context.Context, p Probe, u *url.URL, at netip.Addr) Exchange {
	for try := 0; ; try++ {
		x := Exchange{Probe: p, URL: u.String()}
		start := time.Now()
		m := mode{at: at}
		if p == ProbePage {
			m.cookie = v.cookies.header(u)
		}
		h, err := v.attempt(ctx, u, m, &x)
		x.MS = time.Since(start).Milliseconds()
		var again bool
		var wait time.Duration
		if err == nil {
			x.Proto, x.Status, x.Location = h.proto, h.status, h.location.value
			x.STS, x.STSBlank = h.sts, h.stsBlank
			wait, again = h.busy(time.Now())
			if p == ProbePage {
				v.cookies.keep(u, h.setCookies)
			}
		} else {
			x.Error = describe(err)
			again = transient(x.Error.Kind, err, try)
		}
		if try == v.Retries || !again || !pause(ctx, max(wait, backoff(try))) {
			return x
		}
	}
}

// busy tells whether an answer asks to come again, and when: 429 or 503, with
// or without Retry-After (RFC 9110 section 10.2.3, RFC 6585 section 4). One that
// has the header says all that is to be known.
func (h *head) busy(now time.Time) (wait time.Duration, busy bool) {
	if h.status != http.StatusTooManyRequests && h.status != http.StatusServiceUnavailable || len(h.sts) > 0 {
		return 0, false
	}
	if n, err := strconv.ParseUint(h.retryAfter, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	if at, err := http.ParseTime(h.retryAfter); err == nil {
		return at.Sub(now), true
	}
	return 0, true
}

// transient tells whether the failure of a try may pass. A refusal is tried
// again once: a server that restarts is back by then or will be long.
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
// then, and when it ends meanwhile.
func pause(ctx context.Context, wait time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
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
	at         netip.Addr // where to connect; not valid: to any address
	http2      bool       // the server refuses HTTP/1.1
	allGroups  bool       // the server wants a key exchange we do not offer first
	extra      *intermediates
	unverified bool // the certificate is bad: look at the head all the same
	cookie     string
}

// attempt makes one request within the exchange's timeout, changing its mode
// as far as the server calls for it.
func (v *visitor) attempt(ctx context.Context, u *url.URL, m mode, x *Exchange) (head, error) {
	ctx, cancel := context.WithTimeout(ctx, v.timeout())
	defer cancel()
	for {
		h, err := v.try(ctx, u, m, x)
		if err == nil {
			return h, nil
		}
		if e := (*Error)(nil); errors.As(err, &e) {
			return head{}, e
		}
		var dns *net.DNSError
		if ctx.Err() != nil && !errors.As(err, &dns) {
			return head{}, ctx.Err()
		}
		if again := v.adapt(ctx, &m, err, x); !again {
			return head{}, err
		}
	}
}

// adapt changes the mode after a failed attempt and tells whether another one
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
			bad = &Error{CertUnjudged, "the server does not send its intermediate certificate, and " + fetchErr.Error()}
		}
	}
	x.TLS = &TLS{Error: bad}
	m.extra, m.unverified, m.cookie = nil, bad.Kind != CertUnjudged, ""
	return m.unverified
}
