package visit

import (
	"net/netip"
	"slices"
)

// A block is one of IANA's special-purpose registries, or of the few networks
// that they leave out.
type block struct {
	prefix netip.Prefix
	public bool // "Globally Reachable" is True
}

// blocks are those of the registries
// https://www.iana.org/assignments/iana-ipv4-special-registry and
// https://www.iana.org/assignments/iana-ipv6-special-registry, as of 2025-10-09.
// N/A counts as not reachable. Those inside of another one stand before it.
// Networks whose addresses hold one of IPv4 are in [embedded].
var blocks = []block{
	private("0.0.0.0/8"),       // this network, RFC 791 section 3.2
	private("10.0.0.0/8"),      // RFC 1918
	private("100.64.0.0/10"),   // carriers' translators, RFC 6598
	private("127.0.0.0/8"),     // loopback, RFC 1122 section 3.2.1.3
	private("169.254.0.0/16"),  // link-local, RFC 3927
	private("172.16.0.0/12"),   // RFC 1918
	public("192.0.0.9/32"),     // Port Control Protocol, RFC 7723
	public("192.0.0.10/32"),    // TURN, RFC 8155
	private("192.0.0.0/24"),    // protocol assignments, RFC 6890 section 2.1
	private("192.0.2.0/24"),    // documentation, RFC 5737
	private("192.88.99.0/24"),  // 6to4 relays, once, RFC 7526
	private("192.168.0.0/16"),  // RFC 1918
	private("198.18.0.0/15"),   // benchmarks, RFC 2544
	private("198.51.100.0/24"), // documentation, RFC 5737
	private("203.0.113.0/24"),  // documentation, RFC 5737
	private("224.0.0.0/4"),     // multicast, RFC 5771; in a registry of its own
	private("240.0.0.0/4"),     // reserved, RFC 1112 section 4, and broadcast

	private("::/128"),         // unspecified, RFC 4291
	private("::1/128"),        // loopback, RFC 4291
	private("100::/64"),       // discarded, RFC 6666
	private("100:0:0:1::/64"), // dummies, RFC 9780
	public("2001:1::1/128"),   // Port Control Protocol, RFC 7723
	public("2001:1::2/128"),   // TURN, RFC 8155
	public("2001:1::3/128"),   // service registration, RFC 9665
	public("2001:3::/32"),     // multicast tunnels, RFC 7450
	public("2001:4:112::/48"), // AS112, RFC 7535
	public("2001:20::/28"),    // ORCHIDv2, RFC 7343
	public("2001:30::/28"),    // drones, RFC 9374
	private("2001::/23"),      // protocol assignments, RFC 2928
	private("2001:db8::/32"),  // documentation, RFC 3849
	private("3fff::/20"),      // documentation, RFC 9637
	private("5f00::/16"),      // segment routing, RFC 9602
	private("fc00::/7"),       // unique local, RFC 4193
	private("fe80::/10"),      // link-local, RFC 4291
	private("fec0::/10"),      // site-local, once, RFC 3879; in no registry any more
	private("ff00::/8"),       // multicast, RFC 4291
}

func private(prefix string) block { return block{prefix: netip.MustParsePrefix(prefix)} }
func public(prefix string) block  { return block{netip.MustParsePrefix(prefix), true} }

// isPublic reports whether an address is one of the internet at large. One of
// IPv6 that leads to one of IPv4 is what that is.
func isPublic(addr netip.Addr) bool {
	addr = addr.WithZone("").Unmap()
	if inner, ok := embedded(addr); ok {
		return !slices.ContainsFunc(inner, func(a netip.Addr) bool { return !isPublic(a) })
	}
	i := slices.IndexFunc(blocks, func(b block) bool { return b.prefix.Contains(addr) })
	return addr.IsValid() && (i < 0 || blocks[i].public)
}

// Public reports whether an address is one of the internet at large.
func Public(addr netip.Addr) bool { return isPublic(addr) }

// PublicAddress reports the same of what was dialled, an address with a port.
func PublicAddress(dialled string) bool {
	addr, err := netip.ParseAddrPort(dialled)
	return err == nil && isPublic(addr.Addr())
}

var (
	compatible = netip.MustParsePrefix("::/96")          // RFC 4291 section 2.5.5.1
	translated = netip.MustParsePrefix("64:ff9b::/96")   // RFC 6052 section 2.1
	localNAT   = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215; with a suffix of 96 bits, as is usual
	teredo     = netip.MustParsePrefix("2001::/32")      // RFC 4380 section 4: server and client
	sixToFour  = netip.MustParsePrefix("2002::/16")      // RFC 3056 section 2
)

// embedded returns the addresses of IPv4 to which one of IPv6 leads, and whether
// it is of a kind that has any.
func embedded(addr netip.Addr) (inner []netip.Addr, ok bool) {
	b := addr.As16()
	at := func(i int) netip.Addr { return netip.AddrFrom4([4]byte(b[i : i+4])) }
	switch {
	case addr.Is4(), addr == netip.IPv6Unspecified(), addr.IsLoopback():
		return nil, false
	case compatible.Contains(addr), translated.Contains(addr):
		return []netip.Addr{at(12)}, true
	case localNAT.Contains(addr):
		if [6]byte(b[6:12]) != [6]byte{} { // another suffix: nobody can tell what it is
			return []netip.Addr{netip.IPv4Unspecified()}, true
		}
		return []netip.Addr{at(12)}, true
	case sixToFour.Contains(addr):
		return []netip.Addr{at(2)}, true
	case teredo.Contains(addr):
		return []netip.Addr{at(4), netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})}, true
	}
	return nil, false
}
