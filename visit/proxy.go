package visit

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/proxy"

	"hsts-check/browser"
)

// ParseProxy reads a proxy's URL as curl does: without a scheme it is http. It
// knows http, https, socks5 and socks5h; the last two alike leave names to
// the proxy.
func ParseProxy(s string) (*url.URL, error) {
	full := s
	if !strings.Contains(s, "://") {
		full = "http://" + s
	}
	u, err := url.Parse(full)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is not a proxy's URL", withoutUser(s))
	}
	if proxyPort(u) == "" {
		return nil, fmt.Errorf("%q: %s", withoutUser(s), proxySchemes)
	}
	return u, nil
}

// withoutUser takes name and password out of what may be a URL.
func withoutUser(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	scheme, _, found := strings.Cut(s[:at], "://")
	if !found {
		return s[at+1:]
	}
	return scheme + "://" + s[at+1:]
}

const proxySchemes = "proxies are spoken to over http, https, socks5 or socks5h"

// proxyPort returns a proxy's port, by default the one curl takes, or "" where
// the scheme is not known.
func proxyPort(u *url.URL) string {
	port, known := map[string]string{"http": "1080", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	if known && u.Port() != "" {
		return u.Port()
	}
	return port
}

// ProxyAddress returns where a proxy is, with its port: by default the one curl
// takes.
func ProxyAddress(u *url.URL) string { return net.JoinHostPort(u.Hostname(), proxyPort(u)) }

// proxyFor returns the proxy for a URL, nil for none.
func (w *Wire) proxyFor(u browser.URL) (*url.URL, error) {
	if w.Proxy == nil {
		return nil, nil
	}
	p, err := w.Proxy(standard(u))
	if err != nil {
		return nil, &Error{Kind: KindInternal, Message: err.Error()}
	}
	return p, nil
}

// forwards reports whether a proxy is asked for u itself and not for a tunnel, as
// curl does with http URLs: many allow no tunnels but to port 443.
func forwards(p *url.URL, u browser.URL) bool {
	return u.Scheme == "http" && (p.Scheme == "http" || p.Scheme == "https")
}

// proxyAuthorization returns what a proxy wants to be sent with each request,
// empty for nothing or no proxy.
func proxyAuthorization(p *url.URL) string {
	if p == nil || p.User == nil {
		return ""
	}
	password, _ := p.User.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(p.User.Username()+":"+password))
}

// connectThrough opens a connection to target by way of a proxy, or to the
// proxy itself where target is empty. Its failures name the proxy, so that no
// site is blamed for them.
func (v *visitor) connectThrough(ctx context.Context, p *url.URL, target string) (net.Conn, error) {
	var conn net.Conn
	var err error
	address := ProxyAddress(p)
	switch p.Scheme {
	case "http", "https":
		conn, err = v.tunnel(ctx, p, address, target)
	case "socks5", "socks5h":
		conn, err = v.socks(ctx, p, address, target)
	default:
		return nil, &Error{Kind: KindInput, Message: "proxy " + p.Redacted() + ": " + proxySchemes}
	}
	return conn, blame(ctx, p, err)
}

// blame makes of an error one that names the proxy.
func blame(ctx context.Context, p *url.URL, err error) error {
	if err == nil || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	e := describe(err)
	return &Error{Kind: e.Kind, Message: "proxy " + ProxyAddress(p) + ": " + e.Message}
}

// fromProxy refuses an answer that came by way of a proxy where it
// may be the proxy's own word for a site that it did not reach (RFC 9110
// sections 15.5.8, 15.6.3 to 15.6.5).
func fromProxy(ctx context.Context, p *url.URL, r reply, err error) (reply, error) {
	if err == nil {
		switch r.Status {
		case http.StatusProxyAuthRequired, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			err = &Error{Kind: KindUnreachable, Message: fmt.Sprintf("it answers with status %d", r.Status)}
		}
	}
	return r, blame(ctx, p, err)
}

func (v *visitor) socks(ctx context.Context, p *url.URL, address, target string) (net.Conn, error) {
	var auth *proxy.Auth
	if p.User != nil {
		password, _ := p.User.Password()
		auth = &proxy.Auth{User: p.User.Username(), Password: password}
	}
	d, err := proxy.SOCKS5("tcp", address, auth, proxyDialer{v.Wire})
	if err != nil {
		return nil, err
	}
	conn, err := d.(proxy.ContextDialer).DialContext(ctx, "tcp", target)
	if err != nil && kindOf(err) == KindInternal {
		// The library puts the proxy's refusals in words and gives no type.
		err = &Error{Kind: KindUnreachable, Message: strings.TrimPrefix(lastPart(err), "unknown error ")}
	}
	return conn, err
}

// A proxyDialer connects to proxies themselves; --resolve holds for them, as in
// curl, and --connect-to does not.
type proxyDialer struct{ *Wire }

func (d proxyDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

func (d proxyDialer) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if addrs := d.override(host, port); len(addrs) > 0 {
		conn, _, err := d.dialAny(ctx, addrs, port)
		return conn, err
	}
	network := map[int]string{0: "tcp", 4: "tcp4", 6: "tcp6"}[d.Family]
	return dialer.DialContext(ctx, network, address)
}

// tunnel connects to an HTTP proxy and asks it for a connection to target, if
// that is not empty (RFC 9110 section 9.3.6).
func (v *visitor) tunnel(ctx context.Context, p *url.URL, address, target string) (net.Conn, error) {
	conn, err := proxyDialer{v.Wire}.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer interrupt(ctx, conn)()
	if p.Scheme == "https" {
		secure := tls.Client(conn, &tls.Config{ServerName: p.Hostname(), RootCAs: v.Roots, MinVersion: tls.VersionTLS12})
		conn, err = secure, secure.HandshakeContext(ctx)
	}
	if err == nil && target != "" {
		err = v.askForTunnel(conn, p, target)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func (v *visitor) askForTunnel(conn net.Conn, p *url.URL, target string) error {
	w := bufio.NewWriter(conn)
	fmt.Fprintf(w, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n", target, target, v.userAgent())
	if auth := proxyAuthorization(p); auth != "" {
		fmt.Fprintf(w, "Proxy-Authorization: %s\r\n", auth)
	}
	w.WriteString("\r\n")
	if err := w.Flush(); err != nil {
		return err
	}
	r, _, err := readReply(conn, make([]byte, 0, 1<<10))
	if err == nil && r.Status/100 != 2 {
		err = &Error{Kind: KindUnreachable, Message: fmt.Sprintf("it answers CONNECT %s with status %d", target, r.Status)}
	}
	return err
}
