package audit

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A Resolve gives a host and port its addresses, without DNS, as curl's
// --resolve does.
type Resolve struct {
	Host  string // "*" stands for every host that has no entry of its own
	Port  string
	Addrs []netip.Addr // none: the entry withdraws earlier ones
}

// ParseResolve reads HOST:PORT:ADDR[,ADDR]... as curl does. The host may be *,
// an IPv6 address stands in brackets, a leading + (for curl, an entry that may
// time out) changes nothing, and -HOST:PORT withdraws what was said before.
func ParseResolve(s string) (Resolve, error) {
	entry, withdraw := strings.CutPrefix(s, "-")
	if !withdraw {
		entry = strings.TrimPrefix(entry, "+")
	}
	host, rest, ok := cutHost(entry)
	port, list, more := strings.Cut(rest, ":")
	if !ok || host == "" || more == withdraw || !validPort(port) {
		return Resolve{}, fmt.Errorf("%q is not HOST:PORT:ADDR[,ADDR]", s)
	}
	r := Resolve{Host: strings.ToLower(host), Port: port}
	if withdraw {
		return r, nil
	}
	for text := range strings.SplitSeq(list, ",") {
		addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
		if err != nil {
			return Resolve{}, fmt.Errorf("%q in %q is not an IP address", text, s)
		}
		r.Addrs = append(r.Addrs, addr)
	}
	return r, nil
}

// A ConnectTo sends the connections for one host and port to another, as
// curl's --connect-to does: names, TLS and the Host field stay as they were.
// An empty FromHost or FromPort stands for any, an empty ToHost or ToPort for
// the same.
type ConnectTo struct {
	FromHost, FromPort, ToHost, ToPort string
}

// ParseConnectTo reads HOST1:PORT1:HOST2:PORT2, any of which may be empty.
func ParseConnectTo(s string) (ConnectTo, error) {
	bad := fmt.Errorf("%q is not HOST1:PORT1:HOST2:PORT2", s)
	from, rest, ok := cutHost(s)
	fromPort, rest, ok2 := strings.Cut(rest, ":")
	to, toPort, ok3 := cutHost(rest)
	if !ok || !ok2 || !ok3 || fromPort != "" && !validPort(fromPort) || toPort != "" && !validPort(toPort) {
		return ConnectTo{}, bad
	}
	return ConnectTo{strings.ToLower(from), fromPort, to, toPort}, nil
}

// cutHost cuts s behind a host, which may be an IPv6 address in brackets.
func cutHost(s string) (host, rest string, ok bool) {
	if inner, found := strings.CutPrefix(s, "["); found {
		host, rest, ok = strings.Cut(inner, "]:")
		if _, err := netip.ParseAddr(host); err != nil {
			return "", "", false
		}
		return host, rest, ok
	}
	return strings.Cut(s, ":")
}

func validPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// redirect returns where to connect for host and port: the first entry that
// matches decides, as in curl. Direct says that none did.
func (a *Auditor) redirect(host, port string) (toHost, toPort string, direct bool) {
	for _, c := range a.ConnectTo {
		if (c.FromHost == "" || sameHost(c.FromHost, host)) && (c.FromPort == "" || c.FromPort == port) {
			if c.ToHost != "" {
				host = c.ToHost
			}
			if c.ToPort != "" {
				port = c.ToPort
			}
			return host, port, false
		}
	}
	return host, port, true
}

// override returns the addresses that --resolve gives host and port, nil for
// none: the last entry of the host's own, else the last for every host. Like
// curl, one without an address of the family asked for is passed over.
func (a *Auditor) override(host, port string) []netip.Addr {
	var own, any []netip.Addr
	for _, r := range a.Resolve {
		switch {
		case r.Port != port:
		case r.Host == "*":
			any = a.family(r.Addrs)
		case sameHost(r.Host, host):
			own = a.family(r.Addrs)
		}
	}
	if own != nil {
		return own
	}
	return any
}

// family returns those addresses that -4 and -6 leave.
func (a *Auditor) family(addrs []netip.Addr) []netip.Addr {
	var left []netip.Addr
	for _, addr := range addrs {
		addr = addr.Unmap()
		if a.Family == 0 || a.Family == 4 && addr.Is4() || a.Family == 6 && addr.Is6() {
			left = append(left, addr)
		}
	}
	return left
}

// sameHost compares a host as given on the command line with one of a URL.
func sameHost(given, host string) bool {
	if ascii, err := asciiHost(given); err == nil {
		given = ascii
	}
	return strings.EqualFold(strings.TrimSuffix(given, "."), strings.TrimSuffix(host, "."))
}
