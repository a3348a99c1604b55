package audit

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// getHTTP2 asks for u over a connection on which h2 was agreed. net/http does
// the framing: its header fields come as they were sent, so far as HTTP/2
// allows them at all (RFC 9113 section 8.2.1).
func (v *visitor) getHTTP2(ctx context.Context, conn net.Conn, u *url.URL, cookie string) (head, error) {
	transport := &http.Transport{
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxHead,
		DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			if conn == nil { // the server has refused the request on this one
				return nil, io.ErrUnexpectedEOF
			}
			c := conn
			conn = nil
			return c, nil
		},
	}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return head{}, err
	}
	req.Header = http.Header{"User-Agent": {v.userAgent()}, "Accept": {"*/*"}}
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return head{}, http2Error(err)
	}
	resp.Body.Close()
	h := head{proto: resp.Proto, status: resp.StatusCode}
	for _, name := range []string{stsName, "Location", "Content-Disposition", "Set-Cookie", "Retry-After"} {
		for _, value := range resp.Header.Values(name) {
			h.field(name, value, false)
		}
	}
	return h, h.contradiction()
}

// http2Error sorts the errors of net/http's h2, which have no types of their
// own, by their text.
func http2Error(err error) error {
	text := strings.TrimPrefix(err.Error(), "http2: ")
	switch {
	case strings.HasPrefix(text, "client conn"), strings.HasPrefix(text, "server sent GOAWAY"):
		return io.ErrUnexpectedEOF
	case kindOf(err) == KindInternal:
		return fmt.Errorf("%w: %s", errHead, text)
	}
	return err
}
