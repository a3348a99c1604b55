package lab

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// Bounds of one connection, so that no client and no fault keeps it forever.
const (
	lifetime = time.Minute
	linger   = time.Second // for the client to close too
	maxHead  = 64 << 10    // bytes of a request head
)

// garbage is what speaks on a port where something else than the protocol
// asked for listens.
const garbage = "SSH-2.0-OpenSSH_9.9\r\n"

func (l *Lab) accept(ln net.Listener, serve func(*conn)) {
	for {
		c, err := ln.Accept()
		if l.done.Err() != nil {
			if err == nil {
				c.Close()
			}
			return
		}
		if err != nil { // out of descriptors, or the client has gone already
			time.Sleep(5 * time.Millisecond)
			continue
		}
		l.work.Go(func() { l.serve(c.(*net.TCPConn), serve) })
	}
}

func (l *Lab) serve(tcp *net.TCPConn, serve func(*conn)) {
	c := &conn{TCPConn: tcp, end: time.Now().Add(lifetime)}
	c.SetDeadline(c.end)
	stop := context.AfterFunc(l.done, func() { c.Close() })
	defer stop()
	serve(c)
	// Closing with bytes unread would send a RST, which can overtake the answer.
	c.CloseWrite()
	c.wait(linger)
	c.Close()
}

// A conn is an accepted connection below TLS.
type conn struct {
	*net.TCPConn
	end   time.Time                       // of its lifetime
	write func([]byte) (n int, err error) // in place of TCPConn's, if not nil
}

func (c *conn) Write(b []byte) (int, error) {
	if c.write != nil {
		return c.write(b)
	}
	return c.TCPConn.Write(b)
}

// drip writes a byte a second.
func (c *conn) drip(b []byte) (int, error) {
	for i := range b {
		if _, err := c.TCPConn.Write(b[i : i+1]); err != nil {
			return i, err
		}
		if !c.wait(time.Second) {
			return i + 1, net.ErrClosed
		}
	}
	return len(b), nil
}

// pickWrong writes another protocol than http/1.1 into what picks that.
func (c *conn) pickWrong(b []byte) (int, error) {
	return c.TCPConn.Write(bytes.ReplaceAll(b, []byte("\x08http/1.1"), []byte("\x08http/9.9")))
}

// wait passes the time d, and reports whether the client is still there and
// the connection's lifetime not over. What the client sends meanwhile is lost.
func (c *conn) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	until := time.Now().Add(d)
	if until.After(c.end) {
		until = c.end
	}
	c.SetReadDeadline(until)
	_, err := io.Copy(io.Discard, c.TCPConn)
	return errors.Is(err, os.ErrDeadlineExceeded) && until.Before(c.end)
}

// reset closes with RST instead of FIN.
func (c *conn) reset() {
	c.SetLinger(0)
	c.Close()
}

// fail does what how says, if it is a fault that comes before any answer, and
// reports whether it was one. The connection is closed then.
func (c *conn) fail(how Conn) bool {
	switch how {
	case Silent:
		c.wait(lifetime)
	case Reset, Refused:
		c.reset()
	case Garbage:
		io.WriteString(c, garbage)
	default:
		return false
	}
	c.Close()
	return true
}

func (l *Lab) serveHTTP(c *conn) {
	req, head, err := readRequest(c)
	if err != nil {
		return
	}
	l.note("http", req, head, c.LocalAddr())
	name := canonical(req.Host)
	h, ok := l.find(name, c.LocalAddr())
	if !ok || c.fail(h.HTTP) {
		return
	}
	a := Answer{Location: "https://" + bracket(name) + req.URL.RequestURI()}
	if h.Plain != nil {
		a = *h.Plain
	}
	a.send(c, c)
}

func (l *Lab) serveTLS(c *conn) {
	var sni string
	var h Host
	server := tls.Server(c, &tls.Config{
		SessionTicketsDisabled: true,
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			var ok bool
			sni = canonical(hello.ServerName)
			h, ok = l.find(sni, c.LocalAddr())
			if sni == "" {
				h, _ = l.find(ipOf(c.LocalAddr()), c.LocalAddr())
				ok = true // the Host will tell who is meant
			}
			if !ok {
				return &tls.Config{}, nil // crypto/tls says unrecognized_name where there is no certificate
			}
			how := h.TLS
			if l.flakes(sni, h) {
				how = Reset
			}
			if c.fail(how) {
				return nil, errors.New("as asked for")
			}
			switch how {
			case DripHandshake:
				c.write = c.drip
			case WrongALPN:
				c.write = c.pickWrong
			}
			return l.config(sni, h, hello.SupportedProtos)
		},
	})
	if server.Handshake() != nil {
		return
	}
	switch {
	case h.TLS == ResetAfterHandshake:
		readRequest(server) // else a client would fail to write as often as to read
		c.reset()
	case h.TLS != OnlyH2:
		l.serveHTTPS(c, server, sni)
		server.CloseWrite()
	case server.ConnectionState().NegotiatedProtocol != "h2": // the client does no ALPN
	case h.Answer.Raw != "":
		h.Answer.send(server, c)
		server.CloseWrite()
	default:
		l.serveH2(server)
	}
}

func (l *Lab) serveHTTPS(c *conn, server *tls.Conn, sni string) {
	req, head, err := readRequest(server)
	if err != nil {
		return
	}
	l.note("https", req, head, c.LocalAddr())
	l.answer(req, sni, c.LocalAddr()).send(server, c)
}

// answer returns what https answers to req on a connection opened for sni.
func (l *Lab) answer(req *http.Request, sni string, at net.Addr) Answer {
	name := canonical(req.Host)
	h, ok := l.find(name, at)
	if !ok || sni != "" && sni != name {
		return Answer{Status: http.StatusMisdirectedRequest}
	}
	return h.answer(req)
}

// config is how TLS goes with h, asked for as sni by a client that offers
// protos.
func (l *Lab) config(sni string, h Host, protos []string) (*tls.Config, error) {
	cert, err := l.issuer.leaf(leafID{sni, h.Cert, h.TLS == RSAKeyExchange})
	if err != nil {
		return nil, err
	}
	c := &tls.Config{
		Certificates:           []tls.Certificate{*cert},
		NextProtos:             []string{"http/1.1"},
		MinVersion:             tls.VersionTLS12,
		SessionTicketsDisabled: true,
	}
	switch h.TLS {
	case OldTLS:
		c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	case RSAKeyExchange:
		c.MaxVersion = tls.VersionTLS12
		c.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384}
	case OnlyH2:
		c.NextProtos = []string{"h2"}
		if !slices.Contains(protos, "h2") {
			// crypto/tls lets a client that offers http/1.1 pass a server of h2.
			c.NextProtos = []string{"not-http/1.1"}
		}
	case OnlyP521:
		c.CurvePreferences = []tls.CurveID{tls.CurveP521}
	case ClientCert:
		c.ClientAuth = tls.RequireAnyClientCert
	case ClientCertTLS12:
		c.MaxVersion, c.ClientAuth = tls.VersionTLS12, tls.RequireAnyClientCert
	case FailHandshake:
		c.Certificates[0].PrivateKey = brokenKey{l.issuer.key}
	case WrongALPN:
		c.MaxVersion = tls.VersionTLS12 // later ones pick it under encryption
	}
	return c, nil
}

// readRequest also returns the head as it was sent.
func readRequest(r io.Reader) (*http.Request, string, error) {
	var head bytes.Buffer
	req, err := http.ReadRequest(bufio.NewReader(io.TeeReader(io.LimitReader(r, maxHead), &head)))
	return req, head.String(), err
}

// send writes a to w, which runs over c.
func (a Answer) send(w io.Writer, c *conn) {
	if !c.wait(a.Delay) {
		return
	}
	if !a.write(a.head(), w, c) || a.Endless == "" {
		return
	}
	chunk := []byte(strings.Repeat(a.Endless, 1+16<<10/len(a.Endless)))
	for a.write(chunk, w, c) {
	}
}

// write reports whether there is a client to write more to.
func (a Answer) write(b []byte, w io.Writer, c *conn) bool {
	if a.Drip == 0 {
		_, err := w.Write(b)
		return err == nil
	}
	for i := range b {
		if _, err := w.Write(b[i : i+1]); err != nil || !c.wait(a.Drip) {
			return false
		}
	}
	return true
}
