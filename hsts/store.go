package hsts

import (
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"hsts-check/internal/host"
)

// A Store is what one client remembers: host to policy (RFC 6797 section 8.1,
// Known HSTS Hosts). The zero value is empty, reads by the RFC and keeps time
// by [time.Now]. It is not safe for concurrent use.
type Store struct {
	Client Client
	// Now tells the time, for expiry; nil means [time.Now].
	Now func() time.Time

	hosts map[string]entry
}

type entry struct {
	policy  Policy
	expires time.Time
}

// Note takes in the Strict-Transport-Security fields of one response from
// host. Secure says that it came over TLS without any error. Only the first
// field counts; nothing is learnt from an insecure response, from a host that
// is an IP address, or from a field that the client ignores. A max-age of 0
// makes the store forget host (section 6.1.1).
func (s *Store) Note(host string, fields []string, secure bool) {
	if !secure || len(fields) == 0 {
		return
	}
	if p, accepted := Read(s.Client, fields[0]); accepted {
		s.Set(host, p)
	}
}

// Set takes in a policy that the client has read in a secure response from
// host, as [Store.Note] does, and reports whether host is one that a policy can
// be held for: an IP address is not. A max-age of 0 forgets the host.
func (s *Store) Set(host string, p Policy) bool {
	host, ok := canonical(host)
	if !ok || IsIP(host) {
		return false
	}
	if p.MaxAge == 0 {
		delete(s.hosts, host)
		return true
	}
	if s.hosts == nil {
		s.hosts = make(map[string]entry)
	}
	s.hosts[host] = entry{p, s.now().Add(seconds(p.MaxAge))}
	return true
}

// Forget drops the policy of host itself; that of a parent goes on covering it.
func (s *Store) Forget(host string) {
	if host, ok := canonical(host); ok {
		delete(s.hosts, host)
	}
}

// Lookup returns the policy that covers host and whether one does: its own, or
// else that of its nearest parent with includeSubDomains (section 8.2). Hosts
// are compared without case, trailing dot or difference between the forms of
// an international name. localhost and what is under it is never covered, as
// browsers treat it, and Firefox knows no parent beyond host's own registrable
// domain.
func (s *Store) Lookup(host string) (Policy, bool) {
	p, _, ok := s.Find(host)
	return p, ok
}

// Find returns what [Store.Lookup] does and whose policy it is: host's own, or
// that of the parent which it names.
func (s *Store) Find(host string) (p Policy, owner string, ok bool) {
	host, ok = canonical(host)
	if !ok || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return Policy{}, "", false
	}
	now := s.now()
	for name, parent := host, false; ; parent = true {
		e, ok := s.hosts[name]
		if ok && now.Before(e.expires) && (!parent || e.policy.IncludeSubDomains && s.reaches(name, host)) {
			return e.policy, name, true
		}
		_, rest, more := strings.Cut(name, ".")
		if !more {
			return Policy{}, "", false
		}
		name = rest
	}
}

// reaches reports whether a policy of a parent can cover host. Firefox keeps what
// it knows apart by site: a public suffix, such as github.io, covers none of the
// sites below it (measured with Firefox ESR 153).
func (s *Store) reaches(parent, host string) bool {
	if s.Client != Firefox {
		return true
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	return err == nil && len(parent) >= len(site)
}

func (s *Store) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// seconds converts without overflow: what is longer than a Duration holds (292
// years) ends up as that.
func seconds(n uint64) time.Duration {
	const most = uint64(1<<63-1) / uint64(time.Second)
	return time.Duration(min(n, most)) * time.Second
}

// IsIP reports whether a host is an IP address, in brackets or not, and so can
// never be a Known HSTS Host (section 8.1.1). Like a browser it takes a name whose
// last label is a number, as in 127.1 or 0x7f000001, for an IPv4 address
// (https://url.spec.whatwg.org/#ends-in-a-number-checker).
func IsIP(name string) bool { return host.IsIP(name) }

// canonical returns the one form of a host name under which it is kept
// (section 10: lower case, A-labels, no trailing dot), and whether it has one.
func canonical(name string) (string, bool) {
	ascii, err := host.ASCII(name)
	if err != nil {
		return "", false
	}
	ascii = strings.TrimSuffix(ascii, ".")
	return ascii, ascii != ""
}
