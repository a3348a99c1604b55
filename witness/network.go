package witness

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"hsts-check/visit"
)

// A Network says where hosts are and by which way, as the flags of the program
// have it. The zero value is what the machine says, without a proxy.
type Network struct {
	// HTTP and HTTPS are the proxies for URLs of each scheme; nil for none. Bypass
	// names the hosts that are reached without, as NO_PROXY does.
	HTTP, HTTPS *url.URL
	Bypass      string
	Family      int // 4 or 6 for that version of IP alone
	Resolve     []visit.Resolve
	ConnectTo   []visit.ConnectTo
}

// Proxied reports whether there is a proxy.
func (n Network) Proxied() bool { return n.HTTP != nil || n.HTTPS != nil }

// Named reports whether the user has said where a host and port is.
func (n Network) Named(host, port string) bool {
	matches := func(h, p string) bool {
		return (h == "" || h == "*" || strings.EqualFold(h, host)) && (p == "" || p == port)
	}
	return slices.ContainsFunc(n.Resolve, func(r visit.Resolve) bool { return r.Addrs != nil && matches(r.Host, r.Port) }) ||
		slices.ContainsFunc(n.ConnectTo, func(c visit.ConnectTo) bool { return c.ToHost != "" && matches(c.FromHost, c.FromPort) })
}

// Flags are those of Chromium's command line that say the same, or why there are
// none.
func (n Network) Flags() ([]string, error) {
	if n.Family != 0 {
		return nil, fmt.Errorf("-%d is not for Chromium, which takes addresses of both kinds", n.Family)
	}
	rules, err := n.rules()
	if err != nil {
		return nil, err
	}
	flags, err := n.proxies()
	if err == nil && len(rules) > 0 {
		flags = append(flags, "--host-resolver-rules="+strings.Join(rules, ","))
	}
	return flags, err
}

// proxies keep Chromium from asking the desktop for one.
func (n Network) proxies() ([]string, error) {
	var servers []string
	for _, p := range []struct {
		scheme string
		url    *url.URL
	}{{"http", n.HTTP}, {"https", n.HTTPS}} {
		switch {
		case p.url == nil:
		case p.url.User != nil:
			return nil, errors.New("the name and password of a proxy cannot be given to Chromium")
		default:
			server := url.URL{Scheme: strings.TrimSuffix(p.url.Scheme, "h"), Host: visit.ProxyAddress(p.url)}
			servers = append(servers, p.scheme+"="+server.String())
		}
	}
	if servers == nil {
		return []string{"--no-proxy-server"}, nil
	}
	// By itself Chromium asks loopback without a proxy, whatever is said.
	bypass := []string{"<-loopback>"}
	for name := range strings.SplitSeq(n.Bypass, ",") {
		switch name = strings.TrimSpace(name); {
		case name == "":
		case name == "*", strings.HasPrefix(name, "."), strings.HasPrefix(name, "*."), strings.Contains(name, "/"), net.ParseIP(name) != nil:
			bypass = append(bypass, name)
		default:
			bypass = append(bypass, name, "."+name)
		}
	}
	return []string{"--proxy-server=" + strings.Join(servers, ";"), "--proxy-bypass-list=" + strings.Join(bypass, ";")}, nil
}

// rules are those of --host-resolver-rules, of which the first that matches counts.
func (n Network) rules() (rules []string, err error) {
	for _, c := range n.ConnectTo {
		switch {
		case c.ToHost == "" && c.ToPort == "":
			continue
		case c.ToHost == "" && c.FromHost == "":
			return nil, fmt.Errorf("--connect-to :%s::%s changes the port of every host, which Chromium cannot", c.FromPort, c.ToPort)
		}
		host, port := cmp.Or(c.ToHost, c.FromHost), cmp.Or(c.ToPort, c.FromPort)
		if addrs := n.resolved(host, port); addrs != nil {
			if host, err = one(addrs, host, port); err != nil {
				return nil, err
			}
		}
		rules = append(rules, rule(cmp.Or(c.FromHost, "*"), c.FromPort, host, c.ToPort))
	}
	var wild []string
	var seen [][2]string
	for _, r := range slices.Backward(n.Resolve) { // the last of a host counts
		if key := [2]string{strings.ToLower(r.Host), r.Port}; !slices.Contains(seen, key) {
			seen = append(seen, key)
		} else {
			continue
		}
		if r.Addrs == nil {
			continue
		}
		to, err := one(r.Addrs, r.Host, r.Port)
		if err != nil {
			return nil, err
		}
		if r.Host == "*" {
			wild = append(wild, rule("*", r.Port, to, ""))
		} else {
			rules = append(rules, rule(r.Host, r.Port, to, ""))
		}
	}
	return append(rules, wild...), nil
}

// resolved are the addresses that --resolve gives a host and port; nil for none.
func (n Network) resolved(host, port string) []netip.Addr {
	for _, name := range []string{host, "*"} {
		for _, r := range slices.Backward(n.Resolve) {
			if r.Port == port && strings.EqualFold(r.Host, name) {
				if r.Addrs == nil {
					break
				}
				return r.Addrs
			}
		}
	}
	return nil
}

func one(addrs []netip.Addr, host, port string) (string, error) {
	if len(addrs) > 1 {
		return "", fmt.Errorf("--resolve gives %s:%s %d addresses, and Chromium takes one", host, port, len(addrs))
	}
	return addrs[0].String(), nil
}

// rule maps a host, and a port if one is given, to another. An empty port to is the
// same.
func rule(from, fromPort, to, toPort string) string {
	if fromPort != "" {
		from += ":" + fromPort
	}
	if strings.Contains(to, ":") {
		to = "[" + to + "]"
	}
	if toPort != "" {
		to += ":" + toPort
	}
	return "MAP " + from + " " + to
}
