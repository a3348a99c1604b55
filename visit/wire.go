// Package visit makes the requests of a visit and records what came: facts, of
// which it forms no opinion. Package browser says what to ask for.
package visit

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"sync"
	"time"
)

// Defaults of a [Wire].
const (
	DefaultConcurrency = 64
	DefaultTimeout     = 10 * time.Second
	// DefaultUserAgent is honest in the form of crawlers: servers that tell
	// browsers from programs by "Mozilla/5.0" answer it as they answer a browser.
	DefaultUserAgent = "Mozilla/5.0 (compatible; hsts-check)"
)

// A Wire visits sites. The zero value works: it sees the network as a
// browser on this machine does. Its fields must not be changed once it is in
// use; its methods may be called concurrently.
type Wire struct {
	// Concurrency is how many visits are under way at once in a survey; 0
	// means DefaultConcurrency.
	Concurrency int
	// Timeout bounds one exchange from look-up to the end of the response's
	// head; 0 means DefaultTimeout.
	Timeout time.Duration
	// Rate is how many sites a survey starts a second, at most; 0 is no limit.
	Rate float64
	// Deadline is when a survey's visits end: a site that was not reached by
	// then gets a result of kind [KindCancelled]. The zero time is no limit.
	Deadline time.Time
	// Retries is how often an exchange is tried again after what may pass: a
	// timeout, a reset, a refusal (once), a status of 429 or 503.
	Retries int
	// UserAgent is sent as the User-Agent field; "" means DefaultUserAgent.
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
	// limit. [MostVisits] says what Concurrency that leaves room for.
	OpenFiles int
	// AllowPrivate lets sites of the internet at large lead into networks that
	// are not part of it, which is otherwise refused.
	AllowPrivate bool
	// Probes are what is looked at besides the page.
	Probes []Probe
	// Request is what is added to the requests to listed hosts.
	Request Request

	once    sync.Once
	tlsBase *tls.Config
	// adds says that Request adds anything, kept what is secret of it, refused why
	// it cannot be sent.
	adds    bool
	kept    secrets
	refused error
	// turns are those of visits, by listed host; destinations those of
	// connections, by the host for which they are made.
	turns, destinations turns
	issuers             issuers
	// scarce is held by an exchange that is made again after this machine ran
	// short, so that those are made one by one.
	scarce chan struct{}
	// races holds a token for each connection that a race of addresses may open
	// beside its first; nil for as many as it likes.
	races chan struct{}
}

// prepare makes what all visits share.
func (w *Wire) prepare() {
	w.once.Do(func() {
		w.tlsBase = tlsBase(w.Roots)
		w.adds = len(w.Request.Header) > 0 || w.Request.User != nil || w.Request.Jar != nil || w.Request.Certificate != nil
		w.kept, w.refused = w.Request.secrets(), w.Request.check()
		w.scarce = make(chan struct{}, 1)
		if w.OpenFiles > 0 {
			w.races = make(chan struct{}, max(0, w.OpenFiles-ownFiles-filesPerVisit*w.concurrency()))
		}
	})
}

// MostVisits is how many visits at once so many open files allow, at least one.
func MostVisits(files int) int { return max(1, (files-ownFiles)/filesPerVisit) }

func (w *Wire) timeout() time.Duration {
	if w.Timeout > 0 {
		return w.Timeout
	}
	return DefaultTimeout
}

// siteDeadline bounds all that is done for one site.
func (w *Wire) siteDeadline() time.Duration {
	return siteTimeouts * time.Duration(1+w.Retries) * w.timeout()
}

func (w *Wire) userAgent() string {
	if w.UserAgent != "" {
		return w.UserAgent
	}
	return DefaultUserAgent
}
