package visit

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"hsts-check/browser"
)

// letsIn reports whether a field is one by which people log in, by its name.
func letsIn(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"auth", "cookie", "credential", "jwt", "key", "pass", "secret", "session", "signature", "token"},
		func(part string) bool { return strings.Contains(name, part) })
}

// harmless reports whether a field is one that browsers or proxies send of
// themselves: what stands in it, such as a type or a host, is no secret, and would
// be missed where it is hidden.
func harmless(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "accept", "user-agent", "upgrade-insecure-requests", "cache-control", "pragma", "dnt", "priority",
		"save-data", "range", "origin", "x-requested-with", "content-type",
		"forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto":
		return true
	}
	return strings.HasPrefix(name, "accept-") || strings.HasPrefix(name, "sec-") || strings.HasPrefix(name, "if-")
}

// A grant says what of a [Request] goes with one request: fields at all, and
// what lets people in.
type grant struct{ fields, logins bool }

// grant decides for a request for u over a connection to address, which is empty
// by way of a proxy.
func (v *visitor) grant(u browser.URL, m mode, address string) grant {
	if !v.adds || m.unverified || !within(u.Hostname(), v.listed.Hostname()) {
		return grant{}
	}
	if u.Scheme == "https" {
		return grant{true, true}
	}
	asListed := v.listed.Scheme == "http"
	return grant{asListed, asListed && isLocal(u.Hostname()) && isLoopback(address)}
}

// within reports whether a host is the listed one or a subdomain of it. What is
// below a public suffix belongs to others; a single label that no registry knows
// is a company's own.
func within(host, listed string) bool {
	if host == listed {
		return true
	}
	suffix, managed := publicsuffix.PublicSuffix(listed)
	if listed == suffix && (managed || strings.Contains(listed, ".")) {
		return false
	}
	return strings.HasSuffix(host, "."+listed)
}

// isLocal reports whether a host is this machine by its name
// (https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy).
func isLocal(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && addr.IsLoopback()
}

// isLoopback reports the same of what was dialled, an address with a port.
func isLoopback(dialled string) bool {
	addr, err := netip.ParseAddrPort(dialled)
	return err == nil && addr.Addr().IsLoopback()
}
