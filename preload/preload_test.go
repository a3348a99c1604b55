package preload

import (
	"fmt"
	"strings"
	"testing"
)

// The answers are those of Chromium 156.0.8078.79, which has the list of the
// snapshot: its net log says so under TRANSPORT_SECURITY_STATE_SHOULD_UPGRADE_TO_SSL.
// Where a fresher snapshot answers otherwise, put in what its browser answers.
func TestLookupSnapshot(t *testing.T) {
	for _, test := range []struct {
		name, host string
		want       bool
		entry      Entry
	}{
		{"own entry", "anz.co.nz", true, Entry{"anz.co.nz", true, ""}},
		{"subdomain of a listed parent", "digital.anz.co.nz", true, Entry{"anz.co.nz", true, ""}},
		{"deeper subdomain", "a.b.secure.bnz.co.nz", true, Entry{"bnz.co.nz", true, ""}},
		{"a name that only ends alike", "xanz.co.nz", false, Entry{}},
		{"parent of an entry", "co.nz", false, Entry{}},
		{"not listed", "online.asb.co.nz", false, Entry{}},
		{"top-level domain itself", "bank", true, Entry{"bank", true, ""}},
		{"under a top-level domain", "www.first.bank", true, Entry{"bank", true, ""}},
		{"own entry without subdomains", "www.figma.com", true, Entry{"www.figma.com", false, ""}},
		{"which hides figma.com", "x.www.figma.com", false, Entry{"www.figma.com", false, ""}},
		{"but not beside it", "x.figma.com", true, Entry{"figma.com", true, ""}},
		{"without subdomains, nothing wider", "repo.packagist.org", false, Entry{"packagist.org", false, ""}},
		{"wider and narrower entries", "x.bank.simple.com", true, Entry{"bank.simple.com", true, ""}},
		{"listed for pins only", "www.google.com", false, Entry{}},
		{"trailing dot", "digital.anz.co.nz.", true, Entry{"anz.co.nz", true, ""}},
		{"two trailing dots", "digital.anz.co.nz..", false, Entry{}},
		{"upper case", "Digital.ANZ.co.nz", true, Entry{"anz.co.nz", true, ""}},
		{"A-label", "xn--7xa.google.com", true, Entry{"xn--7xa.google.com", true, ""}},
		{"U-label", "φ.google.com", true, Entry{"xn--7xa.google.com", true, ""}},
		{"U-label in upper case", "Φ.Google.com", true, Entry{"xn--7xa.google.com", true, ""}},
		{"U-label with an ideographic full stop", "bücher。bank", true, Entry{"bank", true, ""}},
		{"top-level domain in another script", "www.アマゾン", true, Entry{"xn--cckwcxetd", true, ""}},
		{"U-label that is no name", "a\u0301\u200db.bank", false, Entry{}},
		{"hyphens third and fourth", "r3---sn.foo.app", true, Entry{"app", true, ""}},
		{"underscore first", "_dmarc.first.bank", true, Entry{"bank", true, ""}},
		{"hyphen first", "-x.bank", true, Entry{"bank", true, ""}},
		{"empty label", "x..bank", false, Entry{}},
		{"leading dot", ".bank", false, Entry{}},
		{"not a host name", "*.bank", false, Entry{}},
		{"a URL", "https://first.bank", false, Entry{}},
		{"invalid UTF-8", "\xff.bank", false, Entry{}},
		{"label of 63", strings.Repeat("x", 63) + ".bank", true, Entry{"bank", true, ""}},
		{"label of 64", strings.Repeat("x", 64) + ".bank", false, Entry{}},
		{"name of 253", "xx." + strings.Repeat("x.", 123) + "bank", true, Entry{"bank", true, ""}},
		{"name of 254", strings.Repeat("x.", 125) + "bank", false, Entry{}},
		{"last label of 64", strings.Repeat("x", 64), false, Entry{}},
		{"last label begins with a hyphen", "a.-bank", false, Entry{}},
		{"localhost", "localhost", false, Entry{}},
		{"under localhost", "foo.localhost", false, Entry{}},
		{"IPv4", "192.0.2.1", false, Entry{}},
		{"the one IPv4 address that is an entry", "1.0.0.1", true, Entry{"1.0.0.1", false, ""}},
		{"IPv6", "::1", false, Entry{}},
		{"IPv6 in brackets", "[2606:4700:4700::1001]", false, Entry{}},
		{"nothing", "", false, Entry{}},
		{"the root", ".", false, Entry{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			entry, ok := Snapshot().Lookup(test.host)
			if ok != test.want || entry != test.entry {
				t.Errorf("Lookup(%q) = %+v, %v, want %+v, %v", test.host, entry, ok, test.entry, test.want)
			}
		})
	}
}

// What the snapshot has no example of.
func TestLookup(t *testing.T) {
	l := parse(t, `
.wide.test
!exempt.wide.test
.listed.exempt.wide.test bulk-18-weeks
!alone.test
`)
	for _, test := range []struct {
		name, host string
		want       bool
		entry      Entry
	}{
		{"not force-https, and so not preloaded", "alone.test", false, Entry{"alone.test", false, ""}},
		{"nor covered by a wider entry", "exempt.wide.test", false, Entry{"exempt.wide.test", false, ""}},
		{"nor are its subdomains", "x.exempt.wide.test", false, Entry{"exempt.wide.test", false, ""}},
		{"which a narrower entry covers", "x.listed.exempt.wide.test", true, Entry{"listed.exempt.wide.test", true, "bulk-18-weeks"}},
		{"beside it", "x.wide.test", true, Entry{"wide.test", true, ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			entry, ok := l.Lookup(test.host)
			if ok != test.want || entry != test.entry {
				t.Errorf("Lookup(%q) = %+v, %v, want %+v, %v", test.host, entry, ok, test.entry, test.want)
			}
		})
	}
	if _, ok := new(List).Lookup("wide.test"); ok {
		t.Error("the zero value has an entry")
	}
}

// Chromium reads its trie from the top-level domain down, and what it meets
// last counts: the answers must be those of a walk up.
func TestLookupAgreesWithWalkDown(t *testing.T) {
	l := Snapshot()
	walkDown := func(host string) (covered bool) {
		for i := len(host); i >= 0; i-- {
			if i > 0 && host[i-1] != '.' {
				continue
			}
			if m, ok := l.known[host[i:]]; ok {
				covered = m.force && (m.subs || i == 0)
			}
		}
		return covered
	}
	for name := range l.known {
		for _, host := range []string{name, "x." + name, "y.x." + name, "x" + name, name[strings.IndexByte(name, '.')+1:]} {
			if _, got := l.Lookup(host); got != walkDown(host) {
				t.Errorf("Lookup(%q) = %v", host, got)
			}
		}
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	l := Snapshot()
	for _, host := range []string{"anz.co.nz", "digital.anz.co.nz.", "www.first.bank", "x.www.figma.com", "online.asb.co.nz", "192.0.2.1"} {
		if n := testing.AllocsPerRun(100, func() { l.Lookup(host) }); n > 0 {
			t.Errorf("Lookup(%q): %v allocations", host, n)
		}
	}
}

func TestCheckSize(t *testing.T) {
	for _, test := range []struct {
		size int
		want string
	}{
		{snapshotLen, ""},
		{snapshotLen / 2, ""},
		{snapshotLen/2 - 1, fmt.Sprintf("the list has %d entries where that of %s has %d: it looks like a part of one", snapshotLen/2-1, SnapshotDate, snapshotLen)},
	} {
		l := List{size: test.size}
		if err := l.CheckSize(); fmt.Sprint(err) != test.want && (err != nil || test.want != "") {
			t.Errorf("%d entries: %v, want %q", test.size, err, test.want)
		}
	}
}

func ExampleList_Lookup() {
	list := Snapshot()
	for _, host := range []string{"digital.anz.co.nz", "x.www.figma.com", "online.asb.co.nz"} {
		entry, ok := list.Lookup(host)
		fmt.Printf("%s: %v by %q\n", host, ok, entry.Name)
	}
	// Output:
	// digital.anz.co.nz: true by "anz.co.nz"
	// x.www.figma.com: false by "www.figma.com"
	// online.asb.co.nz: false by ""
}

// parse is Parse of a list that has to be right, without a date.
func parse(t *testing.T, list string) *List {
	t.Helper()
	l, err := Parse(strings.NewReader(list), "")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
