package audit

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// ParseProxy reads a proxy's URL as curl does: without a scheme it is http. It
// knows http, https, socks5 and socks5h; the last two alike leave names to
// the proxy.
func ParseProxy(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		u, err = url.Parse("http://" + s)
	}
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is not a proxy's URL", s)
	}
	if proxyPort(u) == "" {
		return nil, fmt.Errorf("%q: proxies are spoken to over http, https, socks5 or socks5h", s)
	}
	return u, nil
}

// proxyPort returns a proxy's port, by default the one curl takes, or "" where
// the scheme is not known.
func proxyPort(u *url.URL) string {
	port, known := map[string]string{"http": "1080", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	if known && u.Port() != "" {
		return u.Port()
	}
	return port
}

// connectThrough opens a connection to target by way of a proxy. Its failures
// name the proxy, so that no site is blamed for them.
func (v *visitor) connectThrough(ctx context.Context, p *url.URL, target string) (net.Conn, error) {
	var conn net.Conn
	var err error
	address := net.JoinHostPort(p.Hostname(), proxyPort(p))
	switch p.Scheme {
	case "socks5", "socks5h":
		conn, err = v.socks(ctx, p, address, target)
	default:
		conn, err = v.tunnel(ctx, p, address, target)
	}
	if err != nil && ctx.Err() == nil {
		e := describe(err)
		err = &Error{e.Kind, "proxy " + address + ": " + e.Message}
	}
	return conn, err
}

func (v *visitor) socks(ctx context.Context, p *url.URL, address, target string) (net.Conn, error) {
	var auth *proxy.Auth
	if p.User != nil {
		password, _ := p.User.Password()
		auth = &proxy.Auth{User: p.User.Username(), Password: password}
	}
	d, err := proxy.SOCKS5(v.network(), address, auth, &dialer)
	if err != nil {
		return nil, err
	}
	return d.(proxy.ContextDialer).DialContext(ctx, "tcp", target)
}

// network is the name under which the standard library knows -4 and -6.
func (a *Auditor) network() string {
	return map[int]string{0: "tcp", 4: "tcp4", 6: "tcp6"}[a.Family]
}

// tunnel asks an HTTP proxy for a connection (RFC 9110 section 9.3.6).
func (v *visitor) tunnel(ctx context.Context, p *url.URL, address, target string) (net.Conn, error) {
	conn, err := dialer.DialContext(ctx, v.network(), address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if p.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: p.Hostname(), RootCAs: v.Roots, MinVersion: tls.VersionTLS12})
	}
	if err := v.askForTunnel(conn, p, target); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func (v *visitor) askForTunnel(conn net.Conn, p *url.URL, target string) error {
	w := bufio.NewWriter(conn)
	fmt.Fprintf(w, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n", target, target, v.userAgent())
	if p.User != nil {
		password, _ := p.User.Password()
		credentials := base64.StdEncoding.EncodeToString([]byte(p.User.Username() + ":" + password))
		fmt.Fprintf(w, "Proxy-Authorization: Basic %s\r\n", credentials)
	}
	w.WriteString("\r\n")
	if err := w.Flush(); err != nil {
		return err
	}
	h, _, err := readHead(conn, make([]byte, 0, 1<<10))
	if err == nil && h.status/100 != 2 {
		err = &Error{KindUnreachable, fmt.Sprintf("it answers CONNECT %s with status %d", target, h.status)}
	}
	return err
}
