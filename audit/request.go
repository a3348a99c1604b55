package audit

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// heads holds buffers for reading response heads.
var heads = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// try connects, asks for u once in mode m and reads the response's head. What
// it saw of address and TLS goes into x, whether it fails or not.
func (v *visitor) try(ctx context.Context, u *url.URL, m mode, x *Exchange) (head, error) {
	conn, proxy, err := v.connect(ctx, u, m.at, x)
	v.public = v.public || isPublicAddress(x.Address)
	if err != nil {
		return head{}, err
	}
	// Closing the connection beneath TLS leaves out close_notify: the answer's
	// head is complete by its own grammar, and it spares a write a site.
	defer conn.Close()
	defer interrupt(ctx, conn)()
	if proxy != nil {
		h, err := v.get(conn, u, proxy, m.cookie)
		return fromProxy(ctx, proxy, h, err)
	}
	if u.Scheme != "https" {
		return v.get(conn, u, nil, m.cookie)
	}
	secure := tls.Client(conn, v.tlsConfig(u.Hostname(), m))
	if err := secure.Handshake(); err != nil {
		return head{}, err
	}
	x.see(secure.ConnectionState(), m)
	if m.http2 {
		return fromSite(v.getHTTP2(ctx, secure, u, m.cookie))
	}
	return fromSite(v.get(secure, u, nil, m.cookie))
}

// fromSite refuses an answer that is a proxy's to give (RFC 9110 section
// 15.5.8), as Chromium does: what stands in it teaches nothing.
func fromSite(h head, err error) (head, error) {
	if err == nil && h.status == http.StatusProxyAuthRequired {
		err = fmt.Errorf("%w: it has status 407, which is for proxies", errHead)
	}
	return h, err
}

// interrupt makes what is under way on a connection fail when ctx ends, until
// stop is called.
func interrupt(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
}

// get sends a request for u, to a proxy if there is one, and reads the
// response's head. The body stays unread.
func (v *visitor) get(conn net.Conn, u, proxy *url.URL, cookie string) (head, error) {
	buf := heads.Get().(*[]byte)
	defer heads.Put(buf)
	b := append((*buf)[:0], "GET "...)
	if proxy != nil { // absolute-form, RFC 9112 section 3.2.2
		b = append(b, "http://"+u.Host...)
	}
	b = append(b, u.RequestURI()...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, u.Host...)
	b = append(b, "\r\nUser-Agent: "...)
	b = append(b, v.userAgent()...)
	b = append(b, "\r\nAccept: */*\r\n"...)
	if cookie != "" {
		b = append(b, "Cookie: "+cookie+"\r\n"...)
	}
	if auth := proxyAuthorization(proxy); auth != "" {
		b = append(b, "Proxy-Authorization: "+auth+"\r\n"...)
	}
	b = append(b, "Connection: close\r\n\r\n"...)
	if _, err := conn.Write(b); err != nil {
		return head{}, err
	}
	h, b, err := readHead(conn, b)
	*buf = b
	return h, err
}

// see records what a completed handshake showed.
func (x *Exchange) see(state tls.ConnectionState, m mode) {
	if x.TLS == nil {
		x.TLS = &TLS{}
	}
	x.TLS.Version = tls.VersionName(state.Version)
	x.TLS.ChainIncomplete = m.extra != nil
	if len(state.PeerCertificates) > 0 {
		notAfter := state.PeerCertificates[0].NotAfter.UTC()
		x.TLS.NotAfter = &notAfter
	}
}

// bracketed puts an IPv6 address of a URL into its brackets.
func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
