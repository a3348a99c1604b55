package visit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"time"

	"hsts-check/hsts"
)

const stsName = "Strict-Transport-Security"

// errHead is wrapped by every error about bytes that are no response head.
var errHead = errors.New("not an HTTP response")

// A reply is a response's head as each client reads it, with what the wire
// itself needs of it.
type reply struct {
	Head                           // what the rfc6797 client reads
	otherwise map[hsts.Client]Head // what others read, nil where that is the same
	refusal   error                // why the rfc6797 client reads nothing where others do
	came      time.Time            // when the head was there

	setCookies                   []string
	retryAfter                   string // the last Retry-After field
	contentType, contentEncoding string
	length                       int64 // of the body, -1 where unknown
	chunked                      bool
	rest                         []byte // what came behind the head; valid until the buffer is used again
}

// readReply reads the head of a response from r into buf, which it may grow,
// skipping interim (1xx) answers, and returns buf for another use. It may read
// past the end of the head.
//
// Chromium and Firefox read most heads alike. Where they do not, each gets its
// own reading, as measured with Chromium 156 and Firefox ESR 153 (heads.jsonl of
// the test data); the rfc6797 client takes what both take, and of two different
// readings that of Firefox, which keeps closer to RFC 9112. The error says why
// nobody reads an answer.
func readReply(r io.Reader, buf []byte) (reply, []byte, error) {
	s := stream{r: r, buf: buf[:0]}
	chromium, firefox := reading{client: hsts.Chromium}, reading{client: hsts.Firefox}
	for closed := false; !closed && !(chromium.done && firefox.done); {
		var head []byte
		var err error
		if head, closed, err = s.next(); err != nil {
			return reply{}, s.buf, s.failure(err)
		}
		alike := !closed && !chromium.done && !firefox.done && isClean(head)
		chromium.take(head, closed)
		chromium.same = alike
		if alike {
			firefox.fields = chromium.fields
			firefox.finish(closed)
		} else {
			firefox.take(head, closed)
		}
	}
	if firefox.err == nil && firefox.chunked && len(firefox.STS) > 0 && !s.startsWithChunk() {
		firefox.err = fmt.Errorf("%w: its body does not begin with the size of a chunk", errHead)
		firefox.body = true
	}
	got, err := join(&chromium, &firefox)
	got.rest = s.buf[s.at:]
	return got, s.buf, err
}

// join makes one reply of two readings.
func join(chromium, firefox *reading) (reply, error) {
	main, refusal := firefox, error(nil)
	switch {
	case chromium.err != nil && firefox.err != nil:
		return reply{}, chromium.err
	case firefox.err != nil && firefox.body: // the head itself is in order
		main = chromium
	case firefox.err != nil:
		refusal = firefox.err
	case chromium.err != nil:
		refusal = chromium.err
	}
	read := main
	if refusal != nil && firefox.err != nil {
		read = chromium
	}
	got := reply{
		setCookies: read.setCookies, retryAfter: read.retryAfter, contentType: read.contentType,
		contentEncoding: read.contentEncoding, length: read.bodyLength(), chunked: read.chunked, refusal: refusal,
	}
	if refusal == nil {
		got.Head = main.Head
	}
	if chromium.err == nil && firefox.err == nil && chromium.same {
		return got, nil
	}
	for _, rd := range [...]*reading{chromium, firefox} {
		h := rd.Head
		if rd.err != nil {
			h = Head{}
		}
		h.Proto = got.Proto // of no consequence
		if !reflect.DeepEqual(h, got.Head) {
			if got.otherwise == nil {
				got.otherwise = make(map[hsts.Client]Head)
			}
			if rd.err == nil {
				h.Proto = rd.Proto
			}
			got.otherwise[rd.client] = h
		}
	}
	return got, nil
}

// A stream brings the heads of a response one by one.
type stream struct {
	r       io.Reader
	buf     []byte
	at      int // where the next head begins in buf, after stray bytes
	dropped int // bytes that earlier heads took
}

// next returns the next head, its empty line included, from its status line on.
// Closed says that the connection ended before the head did.
func (s *stream) next() (head []byte, closed bool, err error) {
	s.dropped += s.at
	s.buf = s.buf[:copy(s.buf, s.buf[s.at:])]
	s.at = 0
	scanned := -1
	for {
		if scanned < 0 {
			if at := statusLine(s.buf); at >= 0 {
				scanned = at
			} else if len(s.buf) >= slop+len("HTTP") {
				return nil, false, fmt.Errorf("%w: it begins with %q", errHead, s.buf[:min(len(s.buf), 16)])
			}
		}
		if scanned >= 0 {
			if end := headEnd(s.buf, scanned); end >= 0 {
				s.at = end
				return s.buf[max(0, statusLine(s.buf)):end], false, nil
			}
			scanned = max(scanned, len(s.buf)-3)
		}
		if err := s.read(); err == io.EOF && scanned >= 0 && len(s.buf) > 0 {
			s.at = len(s.buf)
			return s.buf[max(0, statusLine(s.buf)):], true, nil
		} else if err != nil {
			return nil, false, err
		}
	}
}

// read reads more of the response.
func (s *stream) read() error {
	if len(s.buf)+s.dropped >= maxHead {
		return fmt.Errorf("%w: no end of the head within %d KiB", errHead, maxHead>>10)
	}
	if len(s.buf) == cap(s.buf) {
		s.buf = append(s.buf, 0)[:len(s.buf)]
	}
	n, err := s.r.Read(s.buf[len(s.buf):min(cap(s.buf), maxHead-s.dropped)])
	s.buf = s.buf[:len(s.buf)+n]
	if n > 0 {
		return nil
	}
	return err
}

// failure is the error of a response without a head.
func (s *stream) failure(err error) error {
	if err != io.EOF {
		return err
	}
	if len(s.buf) > 0 {
		return fmt.Errorf("%w: it begins with %q", errHead, s.buf[:min(len(s.buf), 16)])
	}
	return io.ErrUnexpectedEOF
}

// startsWithChunk reports whether the body begins with a line that is the size
// of a chunk, as RFC 9112 section 7.1 has it.
func (s *stream) startsWithChunk() bool {
	for {
		line, _, whole := bytes.Cut(s.buf[s.at:], []byte("\n"))
		if whole || len(line) > 64 {
			size, _, _ := bytes.Cut(line, []byte(";"))
			size = bytes.Trim(size, " \t\r")
			_, err := strconv.ParseUint(string(size), 16, 32)
			return err == nil
		}
		if s.read() != nil {
			return false
		}
	}
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

// slop is how many stray bytes browsers skip in search of a status line.
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

// isClean reports whether a head is one that all clients cut into lines in the
// same way, with a status line that all read alike.
func isClean(b []byte) bool {
	const plain = "HTTP/1.1 200"
	if len(b) < len(plain)+2 || string(b[:7]) != "HTTP/1." || b[7] != '0' && b[7] != '1' || b[8] != ' ' ||
		b[9] < '2' || b[9] > '9' || !isDigit(b[10]) || !isDigit(b[11]) || b[12] != ' ' && b[12] != '\r' && b[12] != '\n' {
		return false
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return false
	}
	for rest := b; ; {
		i := bytes.IndexByte(rest, '\r')
		if i < 0 {
			return true
		}
		if i+1 == len(rest) || rest[i+1] != '\n' {
			return false
		}
		rest = rest[i+2:]
	}
}

// A reading is what one browser reads of a response.
type reading struct {
	client hsts.Client
	done   bool
	err    error // why it reads nothing
	body   bool  // err is about the body alone
	same   bool  // the other browser reads the same fields
	fields
}

// fields are those of a head that matter.
type fields struct {
	Head
	setCookies                   []string
	cookieBytes                  int
	retryAfter                   string
	contentType, contentEncoding string
	chunked                      bool
	// The Location field, the Content-Length, and the Content-Disposition, whole
	// and by its elements.
	location, length, disposition, dispositions single
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

// bodyLength returns the Content-Length, -1 where it is none or does not count.
func (f *fields) bodyLength() int64 {
	n, err := strconv.ParseUint(f.length.value, 10, 62)
	if err != nil || f.chunked {
		return -1
	}
	return int64(n)
}

// take reads one head, unless an earlier one was the last. Closed says that the
// connection ended before the head did.
func (r *reading) take(head []byte, closed bool) {
	if r.done {
		return
	}
	r.fields = fields{}
	r.err = r.parse(head, closed)
	r.finish(closed)
}

// finish decides whether the fields read are those of the answer.
func (r *reading) finish(closed bool) {
	interim := r.err == nil && r.Status/100 == 1 && (r.client == hsts.Chromium || r.Status != 101)
	switch {
	case interim && closed:
		r.err = io.ErrUnexpectedEOF
	case interim:
		return
	case r.err == nil:
		r.err = r.contradiction()
	}
	r.done = true
}

// parse reads the lines of a head as the browser cuts them.
func (r *reading) parse(head []byte, closed bool) error {
	if r.client == hsts.Chromium {
		switch {
		case closed:
			return io.ErrUnexpectedEOF
		case bytes.IndexByte(head, 0) >= 0:
			return fmt.Errorf("%w: it holds a NUL byte", errHead)
		case !isClean(head): // a carriage return ends a line by itself, and empty lines are none
			lines := bytes.FieldsFunc(head, func(r rune) bool { return r == '\r' || r == '\n' })
			head = bytes.Join(lines, []byte("\n"))
		}
	}
	line, rest, _ := bytes.Cut(head, []byte("\n"))
	parseStatus := chromiumStatus
	if r.client == hsts.Firefox {
		parseStatus = firefoxStatus
	}
	var err error
	if r.Proto, r.Status, err = parseStatus(string(trimCR(line))); err != nil {
		return err
	}
	return r.parseLines(rest)
}

// parseLines reads the field lines of a head. It is lenient where browsers are:
// a line that begins with a blank continues the one before, lines without a
// colon are skipped, and a field's value may hold any byte.
func (r *reading) parseLines(rest []byte) error {
	var line []byte
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		line = trimCR(line)
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 || blank(line[0]) {
			continue
		}
		trimmed := bytes.TrimRight(name, " \t")
		if r.client == hsts.Firefox && bytes.IndexByte(value, 0) >= 0 && bytes.IndexByte(name, 0) < 0 {
			return fmt.Errorf("%w: a field holds a NUL byte", errHead)
		}
		known := nameOf(trimmed)
		if known == "" {
			continue
		}
		value, rest = unfold(value, rest)
		r.field(known, strings.Trim(string(value), " \t"), len(trimmed) < len(name))
	}
	return nil
}

// wanted are the fields that are of use besides the header.
var wanted = [...]string{
	"location", "set-cookie", "content-length", "content-type", "content-encoding", "transfer-encoding", "content-disposition",
	"clear-site-data", "refresh", "retry-after",
}

// nameOf returns a field's name in small letters, "" for one that is of no use, so
// that those cost nothing.
func nameOf(name []byte) string {
	if len(name) == len(stsName) && bytes.EqualFold(name, []byte(stsName)) {
		return stsName
	}
	for _, w := range wanted {
		if len(name) == len(w) && bytes.EqualFold(name, []byte(w)) {
			return w
		}
	}
	if nearlySTS(name) {
		return string(name)
	}
	return ""
}

// field takes in one field. Spaced says that blanks stood before its colon: then
// it is none but in Chromium.
func (r *reading) field(name, value string, spaced bool) {
	if spaced && r.client == hsts.Firefox && name != stsName {
		return
	}
	switch name {
	case stsName:
		if spaced {
			r.STSBlank = append(r.STSBlank, len(r.STS))
		}
		r.STS = append(r.STS, value)
		r.Misnamed = nil
	case "location":
		r.location.add(value)
		if r.Location == "" {
			r.Location = value
		}
	case "content-length":
		for length := range elements(value) {
			r.length.add(length)
		}
	case "content-disposition":
		r.disposition.add(value)
		for disposition := range elements(value) {
			r.dispositions.add(disposition)
		}
	case "transfer-encoding":
		for coding := range elements(value) {
			r.chunked = r.chunked || strings.EqualFold(coding, "chunked")
		}
	case "set-cookie":
		if r.cookieBytes += len(value); r.cookieBytes <= maxSetCookie {
			r.setCookies = append(r.setCookies, value)
		}
	case "retry-after":
		r.retryAfter = value
	case "refresh":
		if r.Refresh == "" {
			r.Refresh = value
		}
	case "content-type":
		r.contentType = value
	case "content-encoding":
		r.contentEncoding = value
	case "clear-site-data":
		if r.ClearSiteData != "" {
			value = r.ClearSiteData + ", " + value
		}
		r.ClearSiteData = value
	default:
		if len(r.STS) == 0 && len(r.Misnamed) < maxMisnamed && isMisnamed(name) {
			r.Misnamed = append(r.Misnamed, name)
		}
	}
}

// contradiction says what of a head the browser refuses; nil for nothing.
func (r *reading) contradiction() error {
	http11 := r.Proto == "HTTP/1.1"
	disposition := r.disposition
	if r.client == hsts.Chromium {
		disposition = r.dispositions
	}
	switch {
	case r.Status == 101:
		return fmt.Errorf("%w: it switches to another protocol", errHead)
	case r.location.torn:
		return fmt.Errorf("%w: it has two different Location fields", errHead)
	case disposition.torn:
		return fmt.Errorf("%w: it has two different Content-Disposition fields", errHead)
	case r.length.torn && !(r.client == hsts.Chromium && r.chunked && http11):
		return fmt.Errorf("%w: it has two different Content-Length fields", errHead)
	}
	return nil
}

// chromiumStatus reads a status line as Chromium does: a missing number is 200,
// and what follows it does not matter.
func chromiumStatus(line string) (proto string, status int, err error) {
	version, rest, _ := strings.Cut(line[len("HTTP"):], " ")
	proto = "HTTP/1.0"
	if isVersion11(version) {
		proto = "HTTP/1.1"
	}
	rest = strings.TrimLeft(rest, " ")
	digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	if digits == "" {
		return proto, 200, nil
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > 999 {
		n = 999 // of no class that matters
	}
	return proto, max(n, leastStatus), nil
}

// leastStatus stands for a status of 0, which would say that there is no answer.
const leastStatus = 1

// isVersion11 reports whether Chromium takes what follows "HTTP" for version 1.1
// or later.
func isVersion11(s string) bool {
	major, minor, ok := strings.Cut(s, ".")
	if !ok || len(major) < 2 || major[0] != '/' || !isDigit(major[1]) || minor == "" || !isDigit(minor[0]) {
		return false
	}
	return major[1] > '1' || major[1] == '1' && minor[0] >= '1'
}

// firefoxStatus reads a status line as Firefox does: the version has to be there,
// in capitals, and the number has three digits at the most and a blank behind it.
func firefoxStatus(line string) (proto string, status int, err error) {
	if !strings.HasPrefix(line, "HTTP/1.") && !strings.HasPrefix(line, "HTTP/2") && !strings.HasPrefix(line, "HTTP/3") {
		return "", 0, fmt.Errorf("%w: it begins with %q", errHead, line[:min(len(line), 16)])
	}
	proto = "HTTP/1.1"
	if strings.HasPrefix(line, "HTTP/1.0") {
		proto = "HTTP/1.0"
	}
	_, rest, found := strings.Cut(line, " ")
	if !found {
		return proto, 200, nil
	}
	rest = strings.TrimLeft(rest, " \t\r")
	digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	behind := rest[len(digits):]
	if digits == "" || len(digits) > 3 || behind != "" && strings.IndexByte(" \t\r", behind[0]) < 0 {
		return "", 0, fmt.Errorf("%w: its status is %q", errHead, rest[:min(len(rest), 16)])
	}
	status, err = strconv.Atoi(digits)
	return proto, max(status, leastStatus), err
}

// elements splits a list at the commas that stand outside of quotes. Empty
// elements count: Chromium holds them against those that are not.
func elements(value string) iter.Seq[string] {
	return func(yield func(string) bool) {
		from, quoted := 0, false
		for i := 0; i < len(value); i++ {
			switch {
			case value[i] == '"':
				quoted = !quoted
			case value[i] == '\\' && quoted:
				i++
			case value[i] == ',' && !quoted:
				if !yield(strings.Trim(value[from:i], " \t")) {
					return
				}
				from = i + 1
			}
		}
		yield(strings.Trim(value[from:], " \t"))
	}
}

// unfold joins a value with the lines that continue it, a space for each fold
// (RFC 9112 section 5.2), and returns what is left of rest.
func unfold(value, rest []byte) (joined, left []byte) {
	for len(rest) > 0 && blank(rest[0]) {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		joined := append(bytes.Clone(value), ' ')
		value = append(joined, bytes.TrimLeft(trimCR(line), " \t")...)
	}
	return value, rest
}

// trimCR drops one carriage return: a second one is a part of the line.
func trimCR(line []byte) []byte { return bytes.TrimSuffix(line, []byte("\r")) }

func blank(b byte) bool { return b == ' ' || b == '\t' }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
