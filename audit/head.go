package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

const stsName = "Strict-Transport-Security"

// A head is what is wanted of a response's head.
type head struct {
	proto    string
	status   int
	sts      []string
	stsBlank []int
	// setCookies are the Set-Cookie fields of a redirect.
	setCookies []string
	// retryAfter is the last Retry-After field, as it was sent.
	retryAfter string
	// The Location field, the Content-Length, void where the body is chunked,
	// and the Content-Disposition.
	location, length, disposition single
	chunked                       bool
}

// A single is a field that must not come with two different values, an empty
// one among them: response splitting looks like that.
type single struct {
	value      string // the first, "" for none
	seen, torn bool
}

func (s *single) add(value string) {
	s.torn = s.torn || s.seen && value != s.value
	if !s.seen {
		s.value, s.seen = value, true
	}
}

// errHead is wrapped by every error about bytes that are no response head.
var errHead = errors.New("not an HTTP response")

// readHead reads the head of a response from r into buf, which it may grow,
// skipping interim (1xx) answers, and returns buf for another use. It may read
// past the end of the head; nothing behind it is kept.
//
// It is lenient where browsers are: lines may end in a bare LF, a line that
// begins with a blank continues the one before, lines without a colon are
// skipped, and a field's value may hold any byte. It is strict where they
// agree to be: two different Content-Length, Content-Disposition or Location
// fields are refused, as response splitting looks like that, and so is a change
// of protocol that nobody asked for. So is what not all of them read alike: a
// NUL byte, for which Chromium refuses the answer, and a carriage return inside
// a line that names the header, where Chromium alone ends the line (measured
// with Chromium 156).
func readHead(r io.Reader, buf []byte) (head, []byte, error) {
	buf = buf[:0]
	scanned, dropped := 0, 0
	for {
		if end := headEnd(buf, scanned); end >= 0 {
			h, err := parseHead(buf[:end])
			if err == nil && h.status == 101 {
				err = fmt.Errorf("%w: it switches to another protocol", errHead)
			}
			if err != nil || h.status >= 200 {
				return h, buf, err
			}
			dropped += end
			buf = buf[:copy(buf, buf[end:])]
			scanned = 0
			continue
		}
		scanned = max(0, len(buf)-3)
		if len(buf)+dropped >= maxHead {
			return head{}, buf, fmt.Errorf("%w: no end of the head within %d KiB", errHead, maxHead>>10)
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):min(cap(buf), maxHead-dropped)])
		buf = buf[:len(buf)+n]
		if n == 0 && err != nil {
			return head{}, buf, endError(buf, err)
		}
	}
}

// endError is the error of a connection that ended before the head did.
func endError(got []byte, err error) error {
	if len(got) > 0 && statusLine(got) < 0 {
		return fmt.Errorf("%w: it begins with %q", errHead, got[:min(len(got), 16)])
	}
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// headEnd returns the offset behind the empty line that ends a head, or -1.
// The search begins at from.
func headEnd(b []byte, from int) int {
	for i := from; ; {
		lf := bytes.IndexByte(b[i:], '\n')
		if lf < 0 {
			return -1
		}
		i += lf + 1
		next := i
		if next < len(b) && b[next] == '\r' { // a second one makes it a line
			next++
		}
		if next < len(b) && b[next] == '\n' {
			return next + 1
		}
	}
}

// parseHead reads a whole head, the empty line at its end included.
func parseHead(b []byte) (head, error) {
	if bytes.IndexByte(b, 0) >= 0 {
		return head{}, fmt.Errorf("%w: it holds a NUL byte", errHead)
	}
	line, rest, _ := bytes.Cut(b, []byte("\n"))
	torn := isTorn(line)
	h, err := parseStatusLine(trimCR(line))
	if err != nil {
		return h, err
	}
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		line = trimCR(line)
		torn = torn || isTorn(line)
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 || blank(line[0]) {
			continue
		}
		trimmed := bytes.TrimRight(name, " \t")
		if !h.wants(trimmed) {
			continue
		}
		value, rest = unfold(value, rest)
		h.field(string(trimmed), strings.Trim(string(value), " \t"), len(trimmed) < len(name))
	}
	if torn || slices.ContainsFunc(h.sts, func(value string) bool { return strings.Contains(value, "\r") }) {
		return h, fmt.Errorf("%w: a carriage return stands in a line of the header %s", errHead, stsName)
	}
	return h, h.contradiction()
}

// contradiction tells what of a head browsers refuse; nil for nothing.
func (h *head) contradiction() error {
	switch {
	case h.location.torn:
		return fmt.Errorf("%w: it has two different Location fields", errHead)
	case h.disposition.torn:
		return fmt.Errorf("%w: it has two different Content-Disposition fields", errHead)
	case h.length.torn && !(h.chunked && h.proto == "HTTP/1.1"):
		return fmt.Errorf("%w: it has two different Content-Length fields", errHead)
	}
	return nil
}

// isTorn tells whether a carriage return stands inside a line that names the
// header.
func isTorn(line []byte) bool {
	return bytes.IndexByte(trimCR(line), '\r') >= 0 && bytes.Contains(bytes.ToLower(line), []byte("strict-transport-security"))
}

// wants tells whether a field is of use, so that the others cost nothing.
func (h *head) wants(name []byte) bool {
	switch len(name) {
	case len(stsName), len("Location"), len("Content-Length"), len("Transfer-Encoding"), len("Content-Disposition"), len("Retry-After"):
		return true
	case len("Set-Cookie"):
		return redirects(h.status)
	}
	return false
}

// field takes in one field. Spaced says that blanks stood before its colon.
func (h *head) field(name, value string, spaced bool) {
	switch {
	case strings.EqualFold(name, stsName):
		if spaced {
			h.stsBlank = append(h.stsBlank, len(h.sts))
		}
		h.sts = append(h.sts, value)
	case strings.EqualFold(name, "Location"):
		h.location.add(value)
	case strings.EqualFold(name, "Content-Length"):
		for _, length := range elements(value) {
			h.length.add(length)
		}
	case strings.EqualFold(name, "Content-Disposition"):
		for _, disposition := range elements(value) {
			h.disposition.add(disposition)
		}
	case strings.EqualFold(name, "Transfer-Encoding"):
		h.chunked = h.chunked || slices.ContainsFunc(elements(value), func(coding string) bool { return strings.EqualFold(coding, "chunked") })
	case strings.EqualFold(name, "Set-Cookie") && redirects(h.status):
		h.setCookies = append(h.setCookies, value)
	case strings.EqualFold(name, "Retry-After"):
		h.retryAfter = value
	}
}

// elements splits a list at the commas that stand outside of quotes. Empty
// elements count: Chromium holds them against those that are not.
func elements(value string) (all []string) {
	from, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch {
		case value[i] == '"':
			quoted = !quoted
		case value[i] == '\\' && quoted:
			i++
		case value[i] == ',' && !quoted:
			all = append(all, strings.Trim(value[from:i], " \t"))
			from = i + 1
		}
	}
	return append(all, strings.Trim(value[from:], " \t"))
}

// slop is how many stray bytes Chromium skips in search of a status line.
const slop = 4

// statusLine returns where a status line begins, -1 for nowhere.
func statusLine(b []byte) int {
	for i := range min(slop, len(b)-4) + 1 {
		if strings.EqualFold(string(b[i:i+4]), "HTTP") {
			return i
		}
	}
	return -1
}

// parseStatusLine reads "HTTP/1.1 200 OK" as browsers do: a missing status is
// 200, what follows it does not matter.
func parseStatusLine(line []byte) (head, error) {
	start := statusLine(line)
	if start < 0 {
		return head{}, fmt.Errorf("%w: it begins with %q", errHead, line[:min(len(line), 16)])
	}
	version, rest, _ := strings.Cut(string(line[start+4:]), " ")
	h := head{proto: "HTTP/1.0", status: 200}
	if version == "/1.1" {
		h.proto = "HTTP/1.1"
	}
	code, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	if code == "" {
		return h, nil
	}
	n, err := strconv.Atoi(code)
	if err != nil || n < 100 || n > 999 {
		return head{}, fmt.Errorf("%w: its status is %q", errHead, code[:min(len(code), 16)])
	}
	h.status = n
	return h, nil
}

// unfold joins a value with the lines that continue it, a space for each fold
// (RFC 9112 section 5.2), and returns what is left of rest.
func unfold(value, rest []byte) (joined, left []byte) {
	value = trimCR(value)
	for len(rest) > 0 && blank(rest[0]) {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		joined := append(bytes.Clone(value), ' ')
		value = append(joined, bytes.TrimLeft(trimCR(line), " \t")...)
	}
	return value, rest
}

func trimCR(line []byte) []byte { return bytes.TrimRight(line, "\r") }

func blank(b byte) bool { return b == ' ' || b == '\t' }
