package visit

import (
	"golang.org/x/net/publicsuffix"

	"hsts-check/hsts"
)

// Registrable returns the registrable domain of a host, "" for one that has
// none: an IP address, a public suffix, a name without a dot.
func Registrable(host string) string {
	if hsts.IsIP(host) {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return domain
}
