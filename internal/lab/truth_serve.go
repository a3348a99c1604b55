package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"time"
)

// A TruthLab serves rows of measured visits on sockets, each host at an address
// of its own in 127.0.0.0/8 and at the ports that its URLs have, so that a port
// for which no server is listed refuses. Ports 80 and 443 take a privilege, which
// a process that [Alone] started has.
type TruthLab struct {
	issuer    *issuer
	addresses map[string]string // by host, in lower case and without a dot at the end
	listeners []net.Listener

	done  context.Context // ends with the lab
	close context.CancelFunc
	work  sync.WaitGroup

	mu   sync.Mutex
	hits []TruthHit
}

// A TruthHit is a request whose head came whole.
type TruthHit struct {
	Host string // the host whose server it reached, as [TruthServer] names it
	URL  string // with the host that the request names
	At   time.Time
}

// ServeTruth serves rows until [TruthLab.Close].
func ServeTruth(rows []TruthRow) (*TruthLab, error) {
	l := &TruthLab{addresses: make(map[string]string)}
	l.done, l.close = context.WithCancel(context.Background())
	if err := l.start(rows); err != nil {
		l.Close()
		return nil, fmt.Errorf("lab: %w", err)
	}
	return l, nil
}

func (l *TruthLab) start(rows []TruthRow) (err error) {
	var ips []net.IP
	for _, row := range rows {
		for _, s := range row.Servers {
			if ip := net.ParseIP(s.Host); ip != nil {
				ips = append(ips, ip)
			}
			l.place(s.Host)
		}
	}
	if l.issuer, err = newIssuer(ips); err != nil {
		return err
	}
	for _, row := range rows {
		for _, s := range row.Servers {
			if s.State == "refused" {
				continue
			}
			listener, err := net.Listen("tcp", net.JoinHostPort(l.addresses[canonical(s.Host)], s.port()))
			if err != nil {
				return fmt.Errorf("row %s: %w", row.ID, err)
			}
			l.listeners = append(l.listeners, listener)
			l.work.Go(func() { l.accept(listener, &s) })
		}
	}
	return nil
}

// place gives a host an address, for an IP literal its own.
func (l *TruthLab) place(host string) {
	host = canonical(host)
	if l.addresses[host] != "" {
		return
	}
	if net.ParseIP(host) != nil {
		l.addresses[host] = host
		return
	}
	// From 127.20.0.1 on, clear of the literals that rows have. Neither 0 nor 255
	// is the last number.
	n := len(l.addresses)
	l.addresses[host] = fmt.Sprintf("127.%d.%d.%d", 20+n/(250*250), n/250%250, n%250+1)
}

// HostsFile is what /etc/hosts has to say for a client to find the hosts.
func (l *TruthLab) HostsFile() []byte {
	lines := []string{"127.0.0.1 localhost\n"}
	for host, address := range l.addresses {
		if host != address && host != "localhost" {
			lines = append(lines, address+" "+host+"\n")
		}
	}
	slices.Sort(lines)
	return []byte(strings.Join(lines, ""))
}

// CAPEM is the lab's root in PEM.
func (l *TruthLab) CAPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.issuer.trusted.root.Raw})
}

// Hits returns the requests so far, in the order in which their heads ended.
func (l *TruthLab) Hits() []TruthHit {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.hits)
}

// Close ends all connections and waits for what served them.
func (l *TruthLab) Close() {
	l.close()
	for _, listener := range l.listeners {
		listener.Close()
	}
	l.work.Wait()
}

func (l *TruthLab) accept(listener net.Listener, s *TruthServer) {
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		l.work.Go(func() {
			stop := context.AfterFunc(l.done, func() { c.Close() })
			defer stop()
			defer c.Close()
			l.serve(c.(*net.TCPConn), s)
		})
	}
}

// Bounds of one connection, far above what a browser on the same machine needs.
const (
	truthSilence = 40 * time.Second // longer than any browser waits in a row
	truthRequest = 10 * time.Second // for the request's head
	truthGoodbye = time.Second      // for the client to close after the answer
)

func (l *TruthLab) serve(c *net.TCPConn, s *TruthServer) {
	if s.State == "silent" {
		l.wait(truthSilence)
		return
	}
	c.SetReadDeadline(time.Now().Add(truthRequest))
	in := bufio.NewReader(c)
	first, err := in.Peek(1)
	if err != nil {
		return
	}
	if s.State == "reset" {
		c.SetLinger(0) // so that closing sends RST
		return
	}
	secure := first[0] == 22 // a TLS handshake record (RFC 8446 section 5.1)
	if !secure {
		l.answer(c, in, c, s, false)
		return
	}
	if s.Scheme == "http" {
		c.Write(truthPlain.Bytes())
		return
	}
	conn := tls.Server(&peekedConn{TCPConn: c, in: in}, &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return l.certificate(s) },
	})
	if conn.HandshakeContext(l.done) == nil {
		l.answer(c, bufio.NewReader(conn), conn, s, true)
	}
}

// answer reads a request's head from in and writes the answer to it to out, both
// of which are on c.
func (l *TruthLab) answer(c *net.TCPConn, in *bufio.Reader, out io.Writer, s *TruthServer, secure bool) {
	target, fields, err := readTruthRequest(textproto.NewReader(in))
	if err != nil {
		return
	}
	url := map[bool]string{false: "http://", true: "https://"}[secure] + strings.ToLower(fields["host"]) + target
	l.note(TruthHit{Host: canonical(s.Host), URL: url, At: time.Now()})
	a := s.Answer(secure, target, fields)
	l.wait(a.Wait())
	if _, err := out.Write(a.Bytes()); err != nil {
		return
	}
	// The end of the connection is the end of the answer, without the alert that
	// TLS has for it: the rows were measured so.
	c.CloseWrite()
	c.SetReadDeadline(time.Now().Add(truthGoodbye))
	io.Copy(io.Discard, c)
}

func (l *TruthLab) wait(d time.Duration) {
	select {
	case <-l.done.Done():
	case <-time.After(d):
	}
}

func (l *TruthLab) note(h TruthHit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hits = append(l.hits, h)
}

// certificate is the one that a server in such a state shows.
func (l *TruthLab) certificate(s *TruthServer) (*tls.Certificate, error) {
	id := leafID{name: canonical(s.Host)}
	if net.ParseIP(id.name) != nil {
		id.name = "" // the certificate that is for all IP literals
	}
	switch s.State {
	case "expired":
		id.cert = CertExpired
	case "wrong-host":
		id.cert = CertWrongHost
	case "unknown-ca":
		id.cert = CertUnknownCA
	}
	return l.issuer.leaf(id)
}

// readTruthRequest reads the head of a request: its target, and its fields by
// their names in lower case, of several of one name the last.
func readTruthRequest(in *textproto.Reader) (target string, fields map[string]string, err error) {
	line, err := in.ReadLine()
	if err != nil {
		return "", nil, err
	}
	_, rest, _ := strings.Cut(line, " ")
	target, _, _ = strings.Cut(rest, " ")
	fields = make(map[string]string)
	for {
		line, err := in.ReadLine()
		if err != nil || line == "" {
			return target, fields, err
		}
		name, value, _ := strings.Cut(line, ":")
		fields[strings.ToLower(name)] = strings.TrimSpace(value)
	}
}

// A peekedConn is a connection of which a reader has taken the first bytes.
type peekedConn struct {
	*net.TCPConn
	in *bufio.Reader
}

func (c *peekedConn) Read(b []byte) (int, error) { return c.in.Read(b) }
