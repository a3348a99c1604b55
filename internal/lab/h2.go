package lab

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"time"
)

// serveH2 has net/http serve a connection whose handshake settled on h2, and
// returns when it is closed.
func (l *Lab) serveH2(c *tls.Conn) {
	one := &oneConn{conn: make(chan net.Conn, 1), closed: make(chan struct{}), addr: c.LocalAddr()}
	one.conn <- c
	over := sync.OnceFunc(func() { close(one.closed) })
	server := http.Server{
		Handler:      http.HandlerFunc(l.handle),
		ReadTimeout:  lifetime,
		WriteTimeout: lifetime,
		ErrorLog:     log.New(io.Discard, "", 0),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				over()
			}
		},
	}
	server.Serve(one)
}

// A oneConn is a listener that accepts one connection and ends with it.
type oneConn struct {
	conn   chan net.Conn
	closed chan struct{}
	addr   net.Addr
}

func (o *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-o.conn:
		return c, nil
	case <-o.closed:
		return nil, net.ErrClosed
	}
}

func (o *oneConn) Close() error   { return nil }
func (o *oneConn) Addr() net.Addr { return o.addr }

func (l *Lab) handle(w http.ResponseWriter, req *http.Request) {
	at := req.Context().Value(http.LocalAddrContextKey).(net.Addr)
	head, _ := httputil.DumpRequest(req, false)
	l.note("https", req, string(head), at)
	a := l.answer(req, canonical(req.TLS.ServerName), at)
	select {
	case <-time.After(a.Delay):
	case <-req.Context().Done():
		return
	}
	for _, i := range a.Interim {
		i.writeHead(w)
		clear(w.Header())
	}
	a.writeHead(w)
	for a.Endless != "" {
		if _, err := io.WriteString(w, a.Endless); err != nil {
			return
		}
	}
}

func (a Answer) writeHead(w http.ResponseWriter) {
	if a.Location != "" {
		w.Header().Add("Location", a.Location)
	}
	for _, line := range a.Fields {
		name, value, _ := strings.Cut(line, ":")
		w.Header().Add(name, strings.TrimSpace(value))
	}
	w.WriteHeader(a.status())
}
