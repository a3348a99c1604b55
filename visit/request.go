package visit

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

	"hsts-check/browser"
)

// heads holds buffers for reading response heads.
var heads = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// try connects, asks for u once in mode m and reads the response's head. What
// it saw of address and TLS goes into x, whether it fails or not.
func (v *visitor) try(ctx context.Context, u browser.URL, m mode, x *Exchange) (reply, error) {
	x.Sent, x.Accept = nil, ""
	conn, proxy, err := v.connect(ctx, u, m.at, x)
	v.public = v.public || PublicAddress(x.Address)
	if err != nil {
		return reply{}, err
	}
	// Closing the connection beneath TLS leaves out close_notify: the answer's
	// head is complete by its own grammar, and it spares a write a site.
	defer conn.Close()
	defer interrupt(ctx, conn)()
	g := v.grant(u, m, x.Address)
	fields, added := v.fields(u, m, g)
	var r reply
	switch {
	case proxy != nil:
		x.Sent = added
		r, err = v.get(conn, u, proxy, m, fields)
		r, err = fromProxy(ctx, proxy, r, err)
	case u.Scheme != "https":
		x.Sent = added
		r, err = v.get(conn, u, nil, m, fields)
	default:
		own := clientCertificate{own: v.Request.Certificate, may: g.logins}
		config := v.tlsConfig(u.Hostname(), m)
		config.GetClientCertificate = own.get
		secure := tls.Client(conn, config)
		if err := secure.Handshake(); err != nil {
			return reply{}, own.blame(err)
		}
		x.see(secure.ConnectionState(), m)
		x.TLS.ClientCertificate, x.Sent = own.state(), added
		if m.http2 {
			r, err = v.getHTTP2(ctx, secure, u, m, fields)
		} else {
			r, err = v.get(secure, u, nil, m, fields)
		}
		r, err = fromSite(r, own.blame(err))
	}
	if r.Status == http.StatusNotAcceptable {
		x.Accept = accepts(fields)
	}
	return r, err
}

// accepts returns what a request asks for.
func accepts(sent []field) string {
	for _, f := range sent {
		if strings.EqualFold(f.name, "Accept") {
			return f.value
		}
	}
	return ""
}

// fromSite refuses an answer that is a proxy's to give (RFC 9110 section
// 15.5.8), as browsers do: what stands in it teaches nothing.
func fromSite(r reply, err error) (reply, error) {
	if err == nil && r.Status == http.StatusProxyAuthRequired {
		err = fmt.Errorf("%w: it has status 407, which is for proxies", errHead)
	}
	return r, err
}

// interrupt makes what is under way on a connection fail when ctx ends, until
// stop is called.
func interrupt(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
}

// A field is one of a request.
type field struct{ name, value string }

// navigation returns the fields of a request as browsers send them when their
// user opens a page (https://fetch.spec.whatwg.org, fetch metadata included), but
// for User-Agent, which says who asks. They are those on which Chromium 156 and
// Firefox ESR 153 agree, as measured; over http both leave out Sec-Fetch and the
// newer encodings.
func (v *visitor) navigation(u browser.URL) []field {
	common := [...]field{
		{"Upgrade-Insecure-Requests", "1"},
		{"User-Agent", v.userAgent()},
		{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
		{"Accept-Language", "en-US,en;q=0.9"},
	}
	if u.Scheme != "https" {
		return append(common[:], field{"Accept-Encoding", "gzip, deflate"})
	}
	return append(common[:],
		field{"Accept-Encoding", "gzip, deflate, br, zstd"},
		field{"Sec-Fetch-Dest", "document"},
		field{"Sec-Fetch-Mode", "navigate"},
		field{"Sec-Fetch-Site", "none"},
		field{"Sec-Fetch-User", "?1"},
	)
}

// get sends a request for u, to a proxy if there is one, and reads the
// response's head, and its body as far as a page may lead on by it.
func (v *visitor) get(conn net.Conn, u browser.URL, proxy *url.URL, m mode, fields []field) (reply, error) {
	buf := heads.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= maxKeptBuffer {
			heads.Put(buf)
		}
	}()
	b := append((*buf)[:0], "GET "...)
	if proxy != nil { // absolute-form, RFC 9112 section 3.2.2
		b = append(b, "http://"+authority(u)...)
	}
	b = append(b, u.Path...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, authority(u)...)
	b = append(b, "\r\nConnection: keep-alive\r\n"...)
	for _, f := range fields {
		b = append(b, f.name...)
		b = append(b, ": "...)
		b = append(b, f.value...)
		b = append(b, "\r\n"...)
	}
	if auth := proxyAuthorization(proxy); auth != "" {
		b = append(b, "Proxy-Authorization: "+auth+"\r\n"...)
	}
	b = append(b, "\r\n"...)
	if _, err := conn.Write(b); err != nil {
		return reply{}, err
	}
	r, b, err := readReply(conn, b)
	*buf = b
	r.came = time.Now()
	if err == nil && m.probe == ProbePage {
		r.lead(conn)
	}
	r.rest = nil // in the buffer, which is another's now
	return r, err
}

// authority is what the Host field says of a URL: its host, and its port where
// that is not the scheme's own (RFC 9110 section 7.2).
func authority(u browser.URL) string {
	if u.Port == "" {
		return u.Host
	}
	return u.Host + ":" + u.Port
}

// see records what a completed handshake showed.
func (x *Exchange) see(state tls.ConnectionState, m mode) {
	if x.TLS == nil {
		x.TLS = &TLS{}
	}
	x.TLS.Version = tls.VersionName(state.Version)
	x.TLS.ChainIncomplete = m.extra != nil
	if len(state.PeerCertificates) > 0 {
		leaf := state.PeerCertificates[0]
		begin, end := leaf.NotBefore.UTC(), leaf.NotAfter.UTC()
		x.TLS.NotBefore, x.TLS.NotAfter = &begin, &end
	}
}
