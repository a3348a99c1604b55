package visit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"hsts-check/browser"
)

// AllProbes are the probes that can be asked for.
var AllProbes = []Probe{ProbeHTTP, ProbeErrorPage, ProbeAddresses, ProbeApex, ProbeWWW}

// probes makes the exchanges that were asked for besides the page, of a site
// whose listed URL is u. None is followed. A host that gave no answer at all
// is left alone.
func (v *visitor) probes(ctx context.Context, u browser.URL) {
	if !v.answered(u.Hostname()) {
		return
	}
	// They start from the listed host, not from where it has led.
	v.public = PublicAddress(v.made[0].Address)
	v.proxied = slices.DeleteFunc(v.proxied, func(host string) bool { return host != dialName(u) })
	apex := Registrable(u.Hostname())
	for _, p := range v.Probes {
		switch p {
		case ProbeHTTP:
			v.probe(ctx, p, root("http", u.Host))
		case ProbeErrorPage:
			if page, ok := v.secureURL(u); ok {
				page.Path = fmt.Sprintf("/hsts-check-%x", rand.Uint64())
				v.probe(ctx, p, page)
			}
		case ProbeAddresses:
			v.probeAddresses(ctx, u)
		case ProbeApex:
			if apex != "" {
				v.probe(ctx, p, root("https", apex))
			}
		case ProbeWWW:
			if apex != "" {
				v.probe(ctx, p, root("https", "www."+apex))
			}
		}
	}
}

// answered reports whether a host has answered anything at all.
func (v *visitor) answered(host string) bool {
	return slices.ContainsFunc(v.made, func(m made) bool { return m.Status != 0 && m.url.Hostname() == host })
}

// root is the URL of a host's first page.
func root(scheme, host string) browser.URL {
	return browser.URL{Scheme: scheme, Host: host, Path: "/"}
}

// probe makes one exchange, unless the same request was made before.
func (v *visitor) probe(ctx context.Context, p Probe, u browser.URL) {
	done := func(m made) bool { return m.url == u && m.Probe != ProbeAddresses }
	if !v.full() && !slices.ContainsFunc(v.made, done) {
		v.keep(v.exchange(ctx, p, u, mode{}, 0))
	}
}

// secureURL returns the first URL of the page at which the host of the listed
// one was asked over https, and whether there is any.
func (v *visitor) secureURL(listed browser.URL) (browser.URL, bool) {
	for i := range v.made {
		if m := &v.made[i]; m.Probe == ProbePage && m.url.Scheme == "https" && m.url.Hostname() == listed.Hostname() {
			return m.url, true
		}
	}
	return browser.URL{}, false
}

// probeAddresses asks each address of the listed host for the page, if it has
// several. Through a proxy that is the proxy's affair.
func (v *visitor) probeAddresses(ctx context.Context, listed browser.URL) {
	u, ok := v.secureURL(listed)
	if !ok || v.made[0].Address == "" {
		return
	}
	to, port, direct := v.redirect(dialName(u), u.EffectivePort())
	addrs, err := v.addresses(ctx, to, port, direct)
	if err != nil || len(addrs) < 2 {
		return
	}
	for _, addr := range addrs[:min(len(addrs), maxProbedAddresses)] {
		if !v.full() {
			v.keep(v.exchange(ctx, ProbeAddresses, u, mode{at: addr}, 0))
		}
	}
}

// Probe adds one exchange to what was seen of a site, unless the same request
// was made before. Bounds are those of [Wire.Visit].
func (w *Wire) Probe(ctx context.Context, seen []Exchange, p Probe, u browser.URL, public bool) []Exchange {
	if slices.ContainsFunc(seen, func(x Exchange) bool { return x.URL == u.String() }) {
		return seen
	}
	leave, ok := w.turns.take(ctx, u.Hostname())
	if !ok {
		return seen
	}
	defer leave()
	v := w.visitor(ctx)
	v.public = public
	v.probe(ctx, p, u)
	return append(slices.Clone(seen), v.exchanges()...)
}
