// Package audit visits sites and judges what it saw of them.
//
// It keeps facts and opinions apart: an [Auditor] makes a [Visit] of each
// [Site], and [Judge], which touches nothing, makes a [Result] of the visit.
// It prints nothing, opens no file and ends no program: a site that fails is a
// result like any other.
package audit

import (
	"context"
	"crypto/x509"
	"iter"
	"net/url"
	"sync"
	"time"

	"hsts-check/preload"
	"hsts-check/visit"
)

// What a visit is made of, from package visit.
type (
	Site      = visit.Site
	Position  = visit.Position
	Terms     = visit.Terms
	Waiver    = visit.Waiver
	Waived    = visit.Waived
	Visit     = visit.Visit
	Exchange  = visit.Exchange
	Head      = visit.Head
	Probe     = visit.Probe
	TLS       = visit.TLS
	Error     = visit.Error
	ErrorKind = visit.ErrorKind
	Resolve   = visit.Resolve
	ConnectTo = visit.ConnectTo
	Request   = visit.Request
)

// An Auditor visits sites and judges them. The zero value works: it sees the
// network as a browser on this machine does. Its fields must not be changed
// once it is in use; its methods may be called concurrently.
type Auditor struct {
	// Concurrency is how many visits are under way at once in a survey; 0
	// means [visit.DefaultConcurrency].
	Concurrency int
	// Timeout bounds one exchange from look-up to the end of the response's
	// head; 0 means [visit.DefaultTimeout].
	Timeout time.Duration
	// Rate is how many sites a survey starts a second, at most; 0 is no limit.
	Rate float64
	// Deadline is when a survey's visits end: a site that was not reached by
	// then gets a result of kind [visit.KindCancelled]. The zero time is no
	// limit.
	Deadline time.Time
	// Retries is how often an exchange is tried again after what may pass: a
	// timeout, a reset, a refusal (once), a status of 429 or 503.
	Retries int
	// UserAgent is sent as the User-Agent field; "" means
	// [visit.DefaultUserAgent].
	UserAgent string
	// Roots are the authorities to trust; nil means the platform's.
	Roots *x509.CertPool
	// Proxy names the proxy for a URL, nil for none; a nil Proxy means that
	// there is none for any. It is reached with CONNECT, or with SOCKS for the
	// schemes socks5 and socks5h.
	Proxy func(*url.URL) (*url.URL, error)
	// Family is 4 or 6 to use only addresses of that version of IP; 0 uses
	// both.
	Family int
	// Resolve and ConnectTo say where hosts are, in place of DNS.
	Resolve   []Resolve
	ConnectTo []ConnectTo
	// OpenFiles is how many files the program may have open at once; 0 is no
	// limit. [visit.MostVisits] says what Concurrency that leaves room for.
	OpenFiles int
	// AllowPrivate lets sites of the internet at large lead into networks that
	// are not part of it, which is otherwise refused.
	AllowPrivate bool
	// Probes are what is looked at besides the page.
	Probes []Probe
	// Request is what is added to the requests to listed hosts.
	Request Request
	// Preload is the list that tells which hosts are preloaded; nil for none.
	Preload *preload.List
	// Run and Vantage are written into each result.
	Run, Vantage string

	once sync.Once
	made *visit.Wire
}

// wire returns what makes the auditor's requests.
func (a *Auditor) wire() *visit.Wire {
	a.once.Do(func() {
		a.made = &visit.Wire{
			Concurrency: a.Concurrency, Timeout: a.Timeout, Rate: a.Rate, Deadline: a.Deadline, Retries: a.Retries,
			UserAgent: a.UserAgent, Roots: a.Roots, Proxy: a.Proxy, Family: a.Family,
			Resolve: a.Resolve, ConnectTo: a.ConnectTo, Probes: a.Probes,
			OpenFiles: a.OpenFiles, AllowPrivate: a.AllowPrivate, Request: a.Request,
		}
	})
	return a.made
}

// Visit looks at one site, as [visit.Wire.Visit] does.
func (a *Auditor) Visit(ctx context.Context, s Site) Visit { return a.wire().Visit(ctx, s) }

// Survey visits sites as [visit.Wire.Survey] does and yields the result of each,
// in the order of sites, while it runs.
func (a *Auditor) Survey(ctx context.Context, sites iter.Seq[Site]) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		for v := range a.wire().Survey(ctx, sites) {
			if !yield(a.result(v)) {
				return
			}
		}
	}
}

// result judges a visit and signs it with the run's names.
func (a *Auditor) result(v Visit) (r Result) {
	defer func() {
		if p := recover(); p != nil {
			r = Judge(Visit{Site: v.Site, CheckedAt: v.CheckedAt, Error: visit.Bug(p)}, nil)
		}
		r.Run, r.Vantage = a.Run, a.Vantage
	}()
	return Judge(v, a.Preload)
}
