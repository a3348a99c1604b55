package audit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"slices"
)

// AllProbes are the probes that can be asked for.
var AllProbes = []Probe{ProbeHTTP, ProbeErrorPage, ProbeAddresses, ProbeApex, ProbeWWW}

// probes makes the exchanges that were asked for besides the page, of a site
// whose listed URL is u. None is followed. A host that gave no answer at all
// is left alone.
func (v *visitor) probes(ctx context.Context, u *url.URL) {
	if v.exchanges[0].Status == 0 {
		return
	}
	// They start from the listed host, not from where it has led.
	v.public = isPublicAddress(v.exchanges[0].Address)
	host, apex := u.Hostname(), registrable(hostOf(u))
	for _, p := range v.Probes {
		switch p {
		case ProbeHTTP:
			v.probe(ctx, p, root("http", host))
		case ProbeErrorPage:
			if page := v.secureURL(u); page != nil {
				path := fmt.Sprintf("/hsts-check-%x", rand.Uint64())
				v.probe(ctx, p, &url.URL{Scheme: page.Scheme, Host: page.Host, Path: path})
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

// root is the URL of a host's first page.
func root(scheme, host string) *url.URL {
	return &url.URL{Scheme: scheme, Host: bracketed(host), Path: "/"}
}

// probe makes one exchange, unless the same request was made before.
func (v *visitor) probe(ctx context.Context, p Probe, u *url.URL) {
	done := func(x Exchange) bool { return x.URL == u.String() && x.Probe != ProbeAddresses }
	if !slices.ContainsFunc(v.exchanges, done) {
		v.exchanges = append(v.exchanges, v.exchange(ctx, p, u, netip.Addr{}))
	}
}

// secureURL returns the first URL of the page's chain at which the host of the
// listed one was asked over https; nil if there is none.
func (v *visitor) secureURL(listed *url.URL) *url.URL {
	for i := range v.exchanges {
		x := &v.exchanges[i]
		if u, err := url.Parse(x.URL); err == nil && x.Probe == ProbePage && x.https() && hostOf(u) == hostOf(listed) {
			return u
		}
	}
	return nil
}

// probeAddresses asks each address of the listed host for the page, if it has
// several. Through a proxy that is the proxy's affair.
func (v *visitor) probeAddresses(ctx context.Context, listed *url.URL) {
	u := v.secureURL(listed)
	if u == nil || v.exchanges[0].Address == "" {
		return
	}
	to, port, direct := v.redirect(u.Hostname(), portOf(u))
	addrs, err := v.addresses(ctx, to, port, direct)
	if err != nil || len(addrs) < 2 {
		return
	}
	for _, addr := range addrs[:min(len(addrs), maxProbedAddresses)] {
		v.exchanges = append(v.exchanges, v.exchange(ctx, ProbeAddresses, u, addr))
	}
}
