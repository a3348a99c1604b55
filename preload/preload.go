// Package preload reports whether browsers know a host from Chromium's HSTS
// preload list, the one that Firefox, Safari and Edge build theirs from. A
// snapshot of the list is part of the package, a fresher one can be parsed.
// The list shrinks as well as grows: an answer is worth as much as its list is
// fresh, so say its date with it.
package preload

import (
	"fmt"
	"net/netip"
	"strings"

	"hsts-check/internal/host"
)

// A List is one version of the preload list. The zero value has no entries.
// Any number of goroutines may read it.
type List struct {
	date  string
	known map[string]mark
	size  int // of the entries that are force-https
}

// mark is what the list says of a name.
type mark struct {
	policy string
	subs   bool // include_subdomains
	// force is false for what the list has for certificate pins only, or as an
	// exception: it preloads nothing, but hides a wider entry as others do.
	force bool
}

// An Entry is one name of the list.
type Entry struct {
	Name              string
	IncludeSubDomains bool
	// Policy is the one under which the entry was added and is kept, such as
	// "bulk-18-weeks"; empty where the list carries none, as the snapshot. The
	// comment at the top of Chromium's transport_security_state_static.json
	// explains them.
	Policy string
}

// Lookup returns the entry that decides about host, and whether host is
// preloaded by it. The most specific entry decides, the host's own or else
// that of its nearest listed parent, up to a top-level domain: a parent covers
// the host if its entry includes subdomains. So an entry without them hides a
// wider one, and so does an entry that is not force-https, which preloads
// nothing itself (ReadEntry and GetStaticSTSState in Chromium's
// net/http/transport_security_state.cc; chart.apis.google.com was such an entry
// once, under apis.google.com). chromium/hstspreload looks on behind an entry
// without subdomains, the browser does not.
//
// The entry is zero where none decides. Case, a trailing dot and the form of an
// international name make no difference; what is not a host name is not on the
// list. There is no rule for IP addresses and localhost in Chromium, nor here:
// 1.0.0.1 is on the list, and http://1.0.0.1/ becomes https in Chromium 156.
//
// A host in its usual form, lower-case ASCII, costs no allocation.
func (l *List) Lookup(host string) (Entry, bool) {
	host, ok := canonical(host)
	for name := host; ok; _, name, ok = strings.Cut(name, ".") {
		if m, found := l.known[name]; found {
			return Entry{name, m.subs, m.policy}, m.force && (m.subs || name == host)
		}
	}
	return Entry{}, false
}

// Date is the day that the list is of, in the form "2006-01-02". It is empty
// where neither the list itself nor who had it parsed named one.
func (l *List) Date() string { return l.date }

// Len is the number of entries, without those that preload nothing.
func (l *List) Len() int { return l.size }

// CheckSize returns an error if the list has fewer than half as many entries
// as the snapshot, and so is more likely to be a part of a list than all of it.
// Do not let such a list replace another unasked.
func (l *List) CheckSize() error {
	if l.size < snapshotLen/2 {
		return fmt.Errorf("the list has %d entries where that of %s has %d: it looks like a part of one", l.size, SnapshotDate, snapshotLen)
	}
	return nil
}

// canonical returns the form in which the list would have host, and whether
// there is one.
func canonical(given string) (string, bool) {
	if name := strings.TrimSuffix(given, "."); isName(name) && (!mayBeIPv4(name) || isIPv4(name)) {
		return name, true
	}
	ascii, err := host.ASCII(given)
	name := strings.TrimSuffix(ascii, ".")
	return name, err == nil && isName(name)
}

// mayBeIPv4 reports whether a name's last label begins with a digit, which may make
// an IPv4 address of it, as 1.0x1 is one; isIPv4, whether it is written as one is.
func mayBeIPv4(name string) bool { return name[strings.LastIndexByte(name, '.')+1] <= '9' }

func isIPv4(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}

// isName reports whether s is a host name as Chromium's list has them and its
// look-up takes them (CheckHostnames in the list's generator,
// IsCanonicalizedHostCompliant in net/base/url_util.cc). The lengths are those
// of RFC 1035 section 2.3.4; the 255 bytes there count the first length and the
// root.
func isName(s string) bool {
	start := 0 // of the label
	for i := range len(s) {
		switch b := s[i]; {
		case b == '.':
			if i == start || i-start > 63 {
				return false
			}
			start = i + 1
		case !isAlphanumeric(b) && b != '-' && b != '_':
			return false
		}
	}
	return start < len(s) && len(s)-start <= 63 && len(s) <= 253 && isAlphanumeric(s[start])
}

func isAlphanumeric(b byte) bool { return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' }
