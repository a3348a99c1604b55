package visit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hsts-check/browser"
)

// attemptDelay is how long one address has a head start over the next
// (RFC 8305 section 5, Connection Attempt Delay).
const attemptDelay = 250 * time.Millisecond

// connect opens a connection for u, at the address given if it is valid. Where
// it leads to a proxy that is to be asked for u itself, that is returned too.
func (v *visitor) connect(ctx context.Context, u browser.URL, at netip.Addr, x *Exchange) (conn net.Conn, asked *url.URL, err error) {
	name := dialName(u)
	host, port, direct := v.redirect(name, u.EffectivePort())
	proxy, err := v.proxyFor(u)
	if err != nil {
		return nil, nil, err
	}
	if proxy != nil {
		if err := v.guardProxied(ctx, host, port, direct); err != nil {
			return nil, nil, err
		}
		target := net.JoinHostPort(host, port)
		if forwards(proxy, u) && target == net.JoinHostPort(name, u.EffectivePort()) {
			asked, target = proxy, ""
		}
		conn, err = v.connectThrough(ctx, proxy, target)
		return metered(conn, err), asked, err
	}
	addrs := []netip.Addr{at}
	if !at.IsValid() {
		if addrs, err = v.addresses(ctx, host, port, direct); err != nil {
			return nil, nil, err
		}
	}
	conn, x.Address, err = v.dialAny(ctx, addrs, port)
	return metered(conn, err), nil, err
}

// A meteredConn is one that gives no more than so many bytes, whatever is
// made of them: TLS, HTTP/2 and all.
type meteredConn struct {
	net.Conn
	left int
}

func metered(conn net.Conn, err error) net.Conn {
	if err != nil {
		return nil
	}
	return &meteredConn{conn, maxConnection}
}

var errTooMuch = fmt.Errorf("%w: more than %d KiB came, and no end of it", errHead, maxConnection>>10)

func (c *meteredConn) Read(b []byte) (int, error) {
	if c.left == 0 {
		return 0, errTooMuch
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

// dialName is the host of a URL as it is looked up: without brackets, and with
// the dot that may end it.
func dialName(u browser.URL) string { return strings.Trim(u.Host, "[]") }

// addresses returns where host is: by --resolve, as an IP address itself, or
// by DNS, each name looked up once a visit. After a public address, private
// ones are left out unless the user has named them: a public site must not
// send us into a private network.
func (v *visitor) addresses(ctx context.Context, host, port string, direct bool) ([]netip.Addr, error) {
	if addrs := v.override(host, port); len(addrs) > 0 {
		return addrs, nil
	}
	addrs, err := v.lookup(ctx, host)
	if err != nil || !direct {
		return addrs, err
	}
	if v.AllowPrivate || !v.public && !v.ledByProxy(host) {
		return addrs, nil
	}
	allowed := slices.DeleteFunc(slices.Clone(addrs), func(addr netip.Addr) bool { return !isPublic(addr) })
	if len(allowed) == 0 {
		return nil, leadsInside(host, addrs[0])
	}
	return allowed, nil
}

func leadsInside(host string, addr netip.Addr) error {
	return &Error{Kind: KindRedirects, Message: fmt.Sprintf("a public address leads to %s at %s, which is private: not followed", host, addr)}
}

// guardProxied refuses to send a proxy to a private address that the user has not
// named. What was reached by way of a proxy counts as public, as nobody knows
// where that went. The proxy chooses among a name's addresses, so that a single
// private one is reason enough; a name that cannot be looked up here is the
// proxy's to judge.
func (v *visitor) guardProxied(ctx context.Context, host, port string, direct bool) error {
	if !slices.Contains(v.proxied, host) {
		defer func() { v.proxied = append(v.proxied, host) }()
	}
	if !direct || v.AllowPrivate || len(v.override(host, port)) > 0 || !v.public && !v.ledByProxy(host) {
		return nil
	}
	addrs, _ := v.lookup(ctx, host)
	for _, addr := range addrs {
		if !isPublic(addr) {
			return leadsInside(host, addr)
		}
	}
	return nil
}

// ledByProxy reports whether another host than this one was reached by way of a
// proxy before.
func (v *visitor) ledByProxy(host string) bool {
	return slices.ContainsFunc(v.proxied, func(other string) bool { return other != host })
}

func (v *visitor) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addrs, ok := v.lookups[host]; ok {
		return addrs, nil
	}
	addrs := []netip.Addr{{}}
	var err error
	if addrs[0], err = netip.ParseAddr(host); err == nil {
		addrs = v.family(addrs)
	} else {
		network := map[int]string{0: "ip", 4: "ip4", 6: "ip6"}[v.Family]
		if addrs, err = resolve(ctx, network, host); err != nil {
			return nil, err
		}
		addrs = v.family(addrs)
	}
	if len(addrs) == 0 {
		return nil, &Error{Kind: KindUnreachable, Message: fmt.Sprintf("%s has no IPv%d address", host, v.Family)}
	}
	if v.lookups == nil {
		v.lookups = make(map[string][]netip.Addr)
	}
	v.lookups[host] = addrs
	return addrs, nil
}

// resolve looks a name up as [absolute] has it. What the hosts file says of it
// comes first: C libraries find no absolute name there.
func resolve(ctx context.Context, network, host string) ([]netip.Addr, error) {
	name := absolute(host)
	if name != host {
		if addrs, err := hostsFile.LookupNetIP(ctx, network, host); err == nil {
			return addrs, nil
		}
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, network, name)
	if err != nil {
		return nil, asGiven(err, host)
	}
	return addrs, nil
}

// hostsFile knows what the machine's hosts file says, and asks no server.
var hostsFile = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("only the hosts file is asked")
}}

// absolute returns the form of a name in which a resolver takes it for the whole
// of a domain name (RFC 1034 section 3.1): no search domain of this machine is put
// behind it, so that the name of a dead site is asked of no company's own servers,
// and none of them can answer in its place. A single label stays relative.
func absolute(host string) string {
	if strings.Contains(host, ".") && !strings.HasSuffix(host, ".") {
		return host + "."
	}
	return host
}

// asGiven puts a name back into an error as it was before [absolute].
func asGiven(err error, host string) error {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		dns.Name = host
	}
	return err
}

// dialer leaves TCP's keep-alive off: no connection outlives its exchange.
var dialer = net.Dialer{KeepAlive: -1}

// dialAny connects to one of the addresses. Each next one is tried when the
// one before has failed or is slow (RFC 8305); the first to answer wins. It
// returns the address too, on failure the one tried first.
func (w *Wire) dialAny(ctx context.Context, addrs []netip.Addr, port string) (net.Conn, string, error) {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, "", &Error{Kind: KindInput, Message: fmt.Sprintf("%q is not a port", port)}
	}
	targets := interleave(addrs, uint16(n))
	if len(targets) == 1 {
		conn, err := dialer.DialContext(ctx, "tcp", targets[0])
		return conn, targets[0], err
	}
	return w.race(ctx, targets)
}

// interleave lists at most maxAddresses targets, the versions of IP in turn,
// so that one that does not work here cannot crowd out the other.
func interleave(addrs []netip.Addr, port uint16) []string {
	var first, second []netip.Addr
	for _, addr := range addrs {
		if addr.Is4() == addrs[0].Is4() {
			first = append(first, addr)
		} else {
			second = append(second, addr)
		}
	}
	var targets []string
	for i := 0; len(targets) < min(len(addrs), maxAddresses); i++ {
		for _, side := range [][]netip.Addr{first, second} {
			if i < len(side) && len(targets) < maxAddresses {
				targets = append(targets, netip.AddrPortFrom(side[i], port).String())
			}
		}
	}
	return targets
}

type dialled struct {
	conn   net.Conn
	target string
	err    error
}

func (w *Wire) race(ctx context.Context, targets []string) (net.Conn, string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan dialled, len(targets)) // so that losers never wait
	running, next := 0, 0
	var first error
	for next < len(targets) || running > 0 {
		if next < len(targets) && w.joinRace(running) {
			go func(target string, joined bool) {
				conn, err := dialer.DialContext(ctx, "tcp", target)
				if joined {
					w.leaveRace()
				}
				results <- dialled{conn, target, err}
			}(targets[next], running >= filesPerVisit)
			next++
			running++
		}
		var slow <-chan time.Time
		if next < len(targets) {
			slow = time.After(attemptDelay)
		}
		select {
		case r := <-results:
			running--
			if r.err == nil {
				go closeLosers(results, running)
				return r.conn, r.target, nil
			}
			if first == nil || r.target == targets[0] {
				first = r.err
			}
		case <-slow:
		}
	}
	return nil, targets[0], first
}

// joinRace reports whether one more connection may be opened beside so many. As
// many as a visit has files are its own.
func (w *Wire) joinRace(running int) bool {
	if running < filesPerVisit || w.races == nil {
		return true
	}
	select {
	case w.races <- struct{}{}:
		return true
	default:
		return false
	}
}

func (w *Wire) leaveRace() {
	if w.races != nil {
		<-w.races
	}
}

// closeLosers waits for the n attempts that were still under way, which the
// race's end has cancelled.
func closeLosers(results <-chan dialled, n int) {
	for range n {
		if r := <-results; r.err == nil {
			r.conn.Close()
		}
	}
}
