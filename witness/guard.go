package witness

import (
	"context"
	"fmt"
	"net"
	"time"

	"hsts-check/browser"
	"hsts-check/visit"
)

// lookupPatience bounds the look-up of a host that is to be judged by its address.
const lookupPatience = 5 * time.Second

// forbids says why a URL must not be asked for, "" where it may: a page of the
// internet at large must not lead into a network that is no part of it. The first
// request is the user's own.
func (v *tabVisit) forbids(address string, main bool) string {
	if v.AllowPrivate || main && v.first() || !v.public() && !(v.Proxied && !v.first()) {
		return ""
	}
	u, err := browser.ParseURL(address)
	if err != nil || v.Named != nil && v.Named(u.Hostname(), u.EffectivePort()) {
		return ""
	}
	ctx, cancel := context.WithTimeout(v.tab, lookupPatience)
	defer cancel()
	addrs, _ := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	for _, addr := range addrs {
		if !visit.Public(addr) {
			return fmt.Sprintf("a public address leads to %s at %s, which is private: not followed", u.Hostname(), addr.Unmap())
		}
	}
	return ""
}

// forget leaves out what answered from a private network all the same, after a public
// address: a name server may tell the browser another address than this program.
func (b *Browser) forget(seen []visit.Exchange) {
	public := false
	for i := range seen {
		x := &seen[i]
		if x.Address == "" || visit.PublicAddress(x.Address) {
			public = public || x.Address != ""
			continue
		}
		u, err := browser.ParseURL(x.URL)
		if !public || b.AllowPrivate || err != nil || b.Named != nil && b.Named(u.Hostname(), u.EffectivePort()) {
			continue
		}
		x.Head, x.TLS = visit.Head{}, nil
		x.Error = &visit.Error{Kind: visit.KindRedirects, Message: fmt.Sprintf("a public address led to %s at %s, which is private: what came is left out", u.Hostname(), x.Address)}
	}
}

// first reports whether the main frame has had no answer yet.
func (r *record) first() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.hops {
		if h.response != nil && !h.internal() {
			return false
		}
	}
	return true
}
