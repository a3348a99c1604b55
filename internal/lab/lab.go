// Package lab is an internet in a process: real servers on loopback, TLS with
// a throw-away authority and plain http, that answer for any host name with
// any header and any fault. Tests, the demo and benchmarks visit it.
//
// One port stands for 443 of all hosts and one for 80. The TLS server finds
// the host by the name in the ClientHello (SNI), the http server by the
// request's Host. A host the lab does not know gets a TLS alert
// unrecognized_name, or a closed connection over http; an https request whose
// Host is another than the SNI gets 421. A client that sends no SNI, as one
// does that asks for an IP literal, gets a certificate for the lab's
// addresses and for every host that is named by an IP literal.
package lab

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A Lab is a running set of hosts.
type Lab struct {
	// CA holds the lab's root and nothing else.
	CA *x509.CertPool

	hosts       map[string]Host
	issuer      *issuer
	tlsAt       []net.Listener // one an address, all on the same port
	httpAt      []net.Listener // likewise
	refusedPort net.Conn       // holds a port that nobody listens on; nil if no host is refused

	done  context.Context // ends with the lab
	close context.CancelFunc
	work  sync.WaitGroup // accept loops and connections

	mu       sync.Mutex
	requests []Request
	resets   map[string]int // what hosts with Flaky have used up
}

// Start serves hosts until [Lab.Close]. It listens on 127.0.0.1 and on each
// address that a host's At names; see [CanListen].
func Start(hosts ...Host) (*Lab, error) {
	l := &Lab{CA: x509.NewCertPool(), resets: map[string]int{}}
	l.done, l.close = context.WithCancel(context.Background())
	if err := l.start(hosts); err != nil {
		l.Close()
		return nil, fmt.Errorf("lab: %w", err)
	}
	return l, nil
}

func (l *Lab) start(hosts []Host) error {
	addrs, ips, err := l.know(hosts)
	if err != nil {
		return err
	}
	if l.issuer, err = newIssuer(ips); err != nil {
		return err
	}
	l.CA.AddCert(l.issuer.trusted.root)
	l.hosts[aiaHost] = Host{Plain: &Answer{
		Raw: "HTTP/1.1 200 OK\r\nContent-Type: application/pkix-cert\r\nConnection: close\r\n\r\n" +
			string(l.issuer.trusted.intermediate.Raw),
	}}
	l.hosts[deadAIAHost] = Host{HTTP: Reset}
	if l.tlsAt, err = listen(addrs); err != nil {
		return err
	}
	if l.httpAt, err = listen(addrs); err != nil {
		return err
	}
	for _, at := range l.tlsAt {
		l.work.Go(func() { l.accept(at, l.serveTLS) })
	}
	for _, at := range l.httpAt {
		l.work.Go(func() { l.accept(at, l.serveHTTP) })
	}
	if slices.ContainsFunc(hosts, func(h Host) bool { return h.TLS == Refused || h.HTTP == Refused }) {
		// The local port of a connection is taken and not listened on.
		l.refusedPort, err = net.Dial("tcp", l.HTTPAddr())
	}
	return err
}

// know files hosts by name, and returns the addresses to listen on, 127.0.0.1
// first, and those that the certificate for IP literals is for.
func (l *Lab) know(hosts []Host) (addrs []string, ips []net.IP, err error) {
	l.hosts = make(map[string]Host, len(hosts)+2)
	at := map[string]bool{}
	for _, h := range hosts {
		h.Name = canonical(h.Name)
		if h.Name == "" {
			return nil, nil, errors.New("a host has no name")
		}
		if err := h.check(); err != nil {
			return nil, nil, fmt.Errorf("host %q: %w", h.Name, err)
		}
		if _, twice := l.hosts[h.Name]; twice || h.Name == aiaHost || h.Name == deadAIAHost {
			return nil, nil, fmt.Errorf("host %q: there already", h.Name)
		}
		l.hosts[h.Name] = h
		for addr := range h.At {
			at[addr] = true
		}
		if ip := net.ParseIP(h.Name); ip != nil {
			ips = append(ips, ip)
		}
	}
	delete(at, "127.0.0.1")
	addrs = append([]string{"127.0.0.1"}, slices.Sorted(maps.Keys(at))...)
	ips = append(ips, net.IPv6loopback)
	for _, a := range addrs {
		ips = append(ips, net.ParseIP(a))
	}
	return addrs, ips, nil
}

// listen opens the same free port at each of addrs.
func listen(addrs []string) ([]net.Listener, error) {
	for try := 1; ; try++ {
		all, err := listenOnce(addrs)
		if err == nil || try == 10 {
			return all, err
		}
	}
}

// listenOnce fails if the port that the first address gave is taken at
// another.
func listenOnce(addrs []string) ([]net.Listener, error) {
	var all []net.Listener
	port := "0"
	for _, a := range addrs {
		ln, err := net.Listen("tcp", net.JoinHostPort(a, port))
		if err != nil {
			for _, ln := range all {
				ln.Close()
			}
			return nil, err
		}
		all, port = append(all, ln), portOf(ln.Addr())
	}
	return all, nil
}

// CanListen reports whether the machine lets a lab listen on addr. Linux has
// all of 127.0.0.0/8; other systems have 127.0.0.1 alone, and some no ::1.
func CanListen(addr string) bool {
	ln, err := net.Listen("tcp", net.JoinHostPort(addr, "0"))
	if err != nil {
		return false
	}
	ln.Close()
	return true
}

// Close ends all connections and waits for what served them. A second call
// does nothing.
func (l *Lab) Close() {
	l.close()
	for _, ln := range slices.Concat(l.tlsAt, l.httpAt) {
		ln.Close()
	}
	if l.refusedPort != nil {
		l.refusedPort.Close()
	}
	l.work.Wait()
}

// TLSAddr is where 443 of every host is, "127.0.0.1:PORT".
func (l *Lab) TLSAddr() string { return l.tlsAt[0].Addr().String() }

// HTTPAddr is where 80 of every host is, "127.0.0.1:PORT".
func (l *Lab) HTTPAddr() string { return l.httpAt[0].Addr().String() }

// CAPEM is the lab's root in PEM, for --cacert.
func (l *Lab) CAPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.issuer.trusted.root.Raw})
}

// ConnectTo returns the values of curl's --connect-to, in order, that lead to
// the lab's 127.0.0.1 whatever host is asked for on port 443 or 80, and for
// [Refused] hosts to a port that nobody listens on.
func (l *Lab) ConnectTo() []string {
	return append(l.refused(), ":443:"+l.TLSAddr(), ":80:"+l.HTTPAddr())
}

// RoundRobin returns the values of --connect-to and --resolve that make every
// host have each address that the lab listens on.
func (l *Lab) RoundRobin() (connectTo, resolve []string) {
	var addrs []string
	for _, ln := range l.tlsAt {
		addrs = append(addrs, bracket(ln.Addr().(*net.TCPAddr).IP.String()))
	}
	all := strings.Join(addrs, ",")
	tlsPort, httpPort := portOf(l.tlsAt[0].Addr()), portOf(l.httpAt[0].Addr())
	return append(l.refused(), ":443::"+tlsPort, ":80::"+httpPort),
		[]string{"*:" + tlsPort + ":" + all, "*:" + httpPort + ":" + all}
}

func (l *Lab) refused() []string {
	var to []string
	for _, name := range slices.Sorted(maps.Keys(l.hosts)) {
		if l.hosts[name].TLS == Refused {
			to = append(to, bracket(name)+":443:"+l.refusedPort.LocalAddr().String())
		}
		if l.hosts[name].HTTP == Refused {
			to = append(to, bracket(name)+":80:"+l.refusedPort.LocalAddr().String())
		}
	}
	return to
}

// A Request is one request as it came in. Those of which no whole head came
// are not among them.
type Request struct {
	URL  string // "https://www.example.test/login?x=1", without a port
	Head string // as sent; over HTTP/2, as HTTP/1.1 would have sent it
	At   string // the lab's address that it came to, "127.0.0.1"
}

// keptRequests bounds the log of a long benchmark.
const keptRequests = 4096

// Requests returns the requests so far, in the order in which they came: of
// very many, the newest 2,048 or more.
func (l *Lab) Requests() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests)
}

func (l *Lab) note(scheme string, req *http.Request, head string, at net.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.requests) == keptRequests {
		l.requests = slices.Clone(l.requests[keptRequests/2:])
	}
	url := scheme + "://" + bracket(canonical(req.Host)) + req.URL.RequestURI()
	l.requests = append(l.requests, Request{URL: url, Head: head, At: ipOf(at)})
}

// find returns what the host called name is at the lab's address at. False: no
// such host.
func (l *Lab) find(name string, at net.Addr) (Host, bool) {
	h, ok := l.hosts[name]
	for parent, more := name, true; !ok && more; {
		if _, parent, more = strings.Cut(parent, "."); more {
			h, ok = l.hosts["*."+parent]
		} else {
			h, ok = l.hosts["*"]
		}
	}
	if other, ok := h.At[ipOf(at)]; ok {
		h = other
	}
	return h, ok
}

// flakes reports whether the host, which is h, still has a connection to
// spoil, and counts it.
func (l *Lab) flakes(name string, h Host) bool {
	if h.Flaky == 0 {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.resets[name]++
	return l.resets[name] <= h.Flaky
}

// canonical returns a host as hosts are filed: lower case, without port,
// brackets and trailing dot.
func canonical(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// bracket returns a host as a URL writes it.
func bracket(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

func ipOf(a net.Addr) string { return a.(*net.TCPAddr).IP.String() }

func portOf(a net.Addr) string { _, port, _ := net.SplitHostPort(a.String()); return port }
