package visit

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"hsts-check/internal/host"
)

// A Resolve gives a host and port its addresses, without DNS, as curl's
// --resolve does. Like curl's, it knows nothing of a trailing dot: a.test and
// a.test. are two hosts.
type Resolve struct {
	Host  string // "*" stands for every host that has no entry of its own
	Port  string
	Addrs []netip.Addr // none: the entry withdraws earlier ones
}

// ParseResolve reads HOST:PORT:ADDR[,ADDR]... as curl does. The host may be *,
// addresses may stand in brackets, empty ones are skipped, a leading + (for
// curl, an entry that may time out) changes nothing, and -HOST:PORT, with
// addresses or without, withdraws what was said before.
func ParseResolve(s string) (Resolve, error) {
	entry, withdraw := strings.CutPrefix(s, "-")
	if !withdraw {
		entry = strings.TrimPrefix(entry, "+")
	}
	host, rest, ok := cutHost(entry)
	port, list, _ := strings.Cut(rest, ":")
	port, valid := canonicalPort(port)
	bad := fmt.Errorf("%q is not HOST:PORT:ADDR[,ADDR]", s)
	if !ok || host == "" || port == "" || !valid {
		return Resolve{}, bad
	}
	r := Resolve{Host: strings.ToLower(host), Port: port}
	if withdraw {
		return r, nil
	}
	for text := range strings.SplitSeq(list, ",") {
		if text == "" {
			continue
		}
		inner := text
		if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
			inner = text[1 : len(text)-1]
		}
		addr, err := netip.ParseAddr(inner)
		if err != nil {
			return Resolve{}, fmt.Errorf("%q in %q is not an IP address", text, s)
		}
		r.Addrs = append(r.Addrs, addr)
	}
	if r.Addrs == nil {
		return Resolve{}, bad
	}
	return r, nil
}

// A ConnectTo sends the connections for one host and port to another, as
// curl's --connect-to does: names, TLS and the Host field stay as they were.
// An empty FromHost or FromPort stands for any, an empty ToHost or ToPort for
// the same; * is no wildcard here.
type ConnectTo struct {
	FromHost, FromPort, ToHost, ToPort string
}

// ParseConnectTo reads HOST1:PORT1:HOST2:PORT2, any of which may be empty; as
// in curl, the last colon may then be missing.
func ParseConnectTo(s string) (ConnectTo, error) {
	from, rest, ok := cutHost(s)
	fromPort, rest, ok2 := strings.Cut(rest, ":")
	to, toPort, ok3 := cutHost(rest)
	fromPort, valid := canonicalPort(fromPort)
	toPort, valid2 := canonicalPort(toPort)
	if !ok || !ok2 || !ok3 && to == "" || !valid || !valid2 {
		return ConnectTo{}, fmt.Errorf("%q is not HOST1:PORT1:HOST2:PORT2", s)
	}
	return ConnectTo{strings.ToLower(from), fromPort, to, toPort}, nil
}

// cutHost cuts s behind a host, which may be an IPv6 address in brackets. Ok
// reports whether a colon follows it.
func cutHost(s string) (host, rest string, ok bool) {
	inner, found := strings.CutPrefix(s, "[")
	if !found {
		return strings.Cut(s, ":")
	}
	host, rest, _ = strings.Cut(inner, "]")
	if _, err := netip.ParseAddr(host); err != nil {
		return "", "", false
	}
	rest, ok = strings.CutPrefix(rest, ":")
	if !ok && rest != "" {
		return "", "", false
	}
	return host, rest, ok
}

// canonicalPort returns a port in the form in which it is compared; an empty
// one stays empty.
func canonicalPort(s string) (port string, ok bool) {
	if s == "" {
		return "", true
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return "", false
	}
	return strconv.FormatUint(n, 10), true
}

// redirect returns where to connect for host and port: the first entry that
// matches and leads anywhere decides, as in curl. Direct says that the host is
// still the one asked for.
func (w *Wire) redirect(host, port string) (toHost, toPort string, direct bool) {
	for _, c := range w.ConnectTo {
		if c.ToHost == "" && c.ToPort == "" {
			continue
		}
		if (c.FromHost == "" || sameHost(c.FromHost, host)) && (c.FromPort == "" || c.FromPort == port) {
			if c.ToHost != "" {
				host = c.ToHost
			}
			if c.ToPort != "" {
				port = c.ToPort
			}
			return host, port, c.ToHost == ""
		}
	}
	return host, port, true
}

// override returns the addresses that --resolve gives host and port, nil for
// none: the last entry of the host's own, else the last for every host. Like
// curl, one without an address of the family asked for is passed over.
func (w *Wire) override(host, port string) []netip.Addr {
	var own, any []netip.Addr
	for _, r := range w.Resolve {
		switch {
		case r.Port != port:
		case r.Host == "*":
			any = w.family(r.Addrs)
		case sameHost(r.Host, host):
			own = w.family(r.Addrs)
		}
	}
	if own != nil {
		return own
	}
	return any
}

// family returns those addresses that -4 and -6 leave.
func (w *Wire) family(addrs []netip.Addr) []netip.Addr {
	var left []netip.Addr
	for _, addr := range addrs {
		addr = addr.Unmap()
		if w.Family == 0 || w.Family == 4 && addr.Is4() || w.Family == 6 && addr.Is6() {
			left = append(left, addr)
		}
	}
	return left
}

// sameHost compares a host as given on the command line with one of a URL.
func sameHost(given, name string) bool {
	if ascii, err := host.ASCII(given); err == nil {
		given = strings.Trim(ascii, "[]")
	}
	return strings.EqualFold(given, name)
}
