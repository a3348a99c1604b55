// Package hsts reads Strict-Transport-Security fields as RFC 6797 and as real
// browsers do, and keeps what a browser would remember of the hosts that sent
// them. It touches no network and knows no opinion about a policy.
package hsts

import "strconv"

// A Policy is what one valid Strict-Transport-Security field says
// (RFC 6797 section 6.1).
type Policy struct {
	// MaxAge is in seconds. Zero tells a browser to forget the host; values
	// of 2^64 and more are held as 2^64-1.
	MaxAge            uint64 `json:"max_age"`
	IncludeSubDomains bool   `json:"include_subdomains"`
	// Preload is the directive of the preload list's owners; RFC 6797 does not
	// know it and browsers skip it.
	Preload bool `json:"preload"`
}

// String writes the policy as a field value that [Parse] reads back to the
// same policy.
func (p Policy) String() string {
	s := "max-age=" + strconv.FormatUint(p.MaxAge, 10)
	if p.IncludeSubDomains {
		s += "; includeSubDomains"
	}
	if p.Preload {
		s += "; preload"
	}
	return s
}
