package visit

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"hsts-check/browser"
)

// getHTTP2 asks for u over a connection on which h2 was agreed. net/http does
// the framing: its header fields come as they were sent, so far as HTTP/2
// allows them at all (RFC 9113 section 8.2.1).
func (v *visitor) getHTTP2(ctx context.Context, conn net.Conn, u browser.URL, m mode, fields []field) (reply, error) {
	transport := &http.Transport{
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxHead,
		DisableCompression:     true,
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
	req := (&http.Request{Method: http.MethodGet, URL: standard(u), Host: authority(u), Header: make(http.Header)}).WithContext(ctx)
	req.Header["User-Agent"] = nil // net/http sends its own where there is none
	for _, f := range fields {
		req.Header.Add(f.name, f.value)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return reply{}, http2Error(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 100 || resp.StatusCode > 999 { // RFC 9110 section 15
		return reply{}, fmt.Errorf("%w: its status is %d", errHead, resp.StatusCode)
	}
	var lines strings.Builder
	fmt.Fprintf(&lines, "HTTP/1.1 %d \r\n", resp.StatusCode)
	for name, values := range resp.Header {
		if name == "Content-Length" { // the body does not follow in what is read here
			continue
		}
		for _, value := range values {
			fmt.Fprintf(&lines, "%s: %s\r\n", name, value)
		}
	}
	lines.WriteString("\r\n")
	r, _, err := readReply(strings.NewReader(lines.String()), nil)
	r.Proto, r.came = resp.Proto, time.Now()
	if err == nil && m.probe == ProbePage {
		r.lead(resp.Body)
	}
	return r, err
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
