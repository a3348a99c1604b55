package visit

import (
	"net/netip"
	"os"
	"strings"
	"testing"
)

// A registered block is one of testdata/special-purpose.txt.
type registered struct {
	netip.Prefix
	reachable bool
}

func registry(t *testing.T) (all []registered) {
	t.Helper()
	data, err := os.ReadFile("testdata/special-purpose.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if prefix, reachable, ok := strings.Cut(strings.TrimSpace(line), " "); ok && prefix != "#" {
			all = append(all, registered{netip.MustParsePrefix(prefix), reachable == "true"})
		}
	}
	return all
}

// TestRegistries: an address is what the most specific block of IANA's registries
// says of it, at both ends of each block and just outside of it.
func TestRegistries(t *testing.T) {
	all := registry(t)
	want := func(addr netip.Addr) bool {
		public, bits := true, -1
		for _, r := range all {
			if r.Contains(addr) && r.Bits() > bits {
				public, bits = r.reachable, r.Bits()
			}
		}
		return public
	}
	for _, r := range all {
		last := lastOf(r.Prefix)
		for _, addr := range []netip.Addr{r.Addr(), last, r.Addr().Prev(), last.Next()} {
			if _, inner := embedded(addr); inner || !addr.IsValid() || addr.Is4In6() || addr.IsMulticast() || addr == netip.MustParseAddr("fec0::") {
				continue // TestEmbedded, and what no registry of these has
			}
			if got := isPublic(addr); got != want(addr) {
				t.Errorf("%s, at an end of %s: public %v", addr, r.Prefix, got)
			}
		}
	}
}

func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}

func TestIsPublic(t *testing.T) {
	for _, s := range []string{"1.1.1.1", "172.15.255.255", "172.32.0.0", "100.128.0.1", "198.20.0.1", "2606:4700::1111", "192.175.48.1"} {
		if !isPublic(netip.MustParseAddr(s)) {
			t.Errorf("%s is public", s)
		}
	}
	for _, s := range []string{"127.0.0.1", "169.254.169.254", "224.0.0.1", "255.255.255.255", "fe80::1%eth0", "fec0::1", "ff02::1", "203.0.113.7", "2001:db8::1"} {
		if isPublic(netip.MustParseAddr(s)) {
			t.Errorf("%s is not public", s)
		}
	}
	if isPublic(netip.Addr{}) {
		t.Error("no address is public")
	}
	if PublicAddress("") || PublicAddress("127.0.0.1:443") || !PublicAddress("[2606:4700::1111]:443") {
		t.Error("of what was dialled")
	}
}

// TestEmbedded: an address of IPv6 that leads to one of IPv4 is what that is.
func TestEmbedded(t *testing.T) {
	for format, want := range map[string][2]string{
		"mapped":             {"::ffff:10.0.0.5", "::ffff:8.8.8.8"},
		"compatible":         {"::127.0.0.1", "::8.8.8.8"},
		"NAT64":              {"64:ff9b::169.254.169.254", "64:ff9b::8.8.8.8"},
		"NAT64, local":       {"64:ff9b:1::192.168.0.1", "64:ff9b:1::8.8.8.8"},
		"6to4":               {"2002:a00:5::1", "2002:808:808::1"},
		"Teredo, the client": {"2001:0:808:808::f5ff:fffa", "2001:0:808:808::f7f7:f7f7"},
		"Teredo, the server": {"2001:0:a00:5::f7f7:f7f7", "2001:0:808:808::f7f7:f7f7"},
	} {
		if isPublic(netip.MustParseAddr(want[0])) {
			t.Errorf("%s: %s is public", format, want[0])
		}
		if !isPublic(netip.MustParseAddr(want[1])) {
			t.Errorf("%s: %s is not public", format, want[1])
		}
	}
	if isPublic(netip.MustParseAddr("64:ff9b:1:808:8:800::1")) {
		t.Error("a local translator's address with a suffix of its own is public")
	}
}

// FuzzIsPublic: no spelling of a private address of IPv4 is public.
func FuzzIsPublic(f *testing.F) {
	for _, s := range []string{"10.0.0.5", "127.0.0.1", "8.8.8.8", "169.254.169.254", "0.0.0.0"} {
		a := netip.MustParseAddr(s).As4()
		f.Add(a[0], a[1], a[2], a[3])
	}
	f.Fuzz(func(t *testing.T, a, b, c, d byte) {
		v4 := netip.AddrFrom4([4]byte{a, b, c, d})
		want := isPublic(v4)
		if v4.IsPrivate() || v4.IsLoopback() || v4.IsLinkLocalUnicast() || v4.IsMulticast() || v4.IsUnspecified() {
			if want {
				t.Fatalf("%s is public", v4)
			}
		}
		for _, wrapped := range [][16]byte{
			v4.As16(),
			{0, 0x64, 0xff, 0x9b, 12: a, b, c, d},
			{0, 0x64, 0xff, 0x9b, 0, 1, 12: a, b, c, d},
			{0x20, 0x02, a, b, c, d, 15: 1},
			{0x20, 0x01, 0, 0, 8, 8, 8, 8, 12: ^a, ^b, ^c, ^d},
			{0x20, 0x01, 0, 0, a, b, c, d, 12: ^byte(8), ^byte(8), ^byte(8), ^byte(8)},
		} {
			if addr := netip.AddrFrom16(wrapped); isPublic(addr) != want {
				t.Errorf("%s: public %v, and %s is %v", addr, isPublic(addr), v4, want)
			}
		}
	})
}
