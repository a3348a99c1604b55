package visit

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"hsts-check/hsts"
)

const stsName = "Strict-Transport-Security"

// A reply is a response's head as each client reads it, with what the wire
// itself needs of it.
type reply struct {
	// Head is what the rfc6797 client reads. Its Status is 0 where that client
	// refuses what came; refusal then says why.
	Head
	refusal error
	// otherwise holds what a browser reads where that is something else; nil
	// where all three read alike.
	otherwise map[hsts.Client]Head

	setCookies cookieLines
	// retryAfter is the last Retry-After field, as it was sent.
	retryAfter string
	// contentType is the last Content-Type field, contentEncoding all fields of
	// that name, joined by commas.
	contentType, contentEncoding string
	// chunked and length say how the body is framed. length is -1 where it is
	// not known from the head.
	chunked bool
	length  int64
	// came is when, which the caller sets.
	came time.Time
	// rest is what came behind the head. It is valid until the buffer is used
	// again.
	rest []byte
}

// errHead is wrapped by every error about bytes that are no response head.
var errHead = errors.New("not an HTTP response")

// readReply reads a response from r as far as its head goes, into buf, which
// it may grow and returns for another use. It skips interim (1xx) answers.
//
// Each of the three clients is given what it reads. Both browsers are lenient:
// lines may end in a bare LF, a line that begins with a blank continues the one
// before, lines without a colon are skipped, and a value may hold any byte but
// NUL. The rfc6797 client is as lenient as both of them are, and refuses what
// one of them refuses by HTTP's grammar (RFC 9112, RFC 9110 section 5.5). The
// error says why where no client reads an answer.
//
// Firefox alone judges an answer by how its body begins, see [fields.firefoxTakes].
// Where that matters, it is waited for.
func readReply(r io.Reader, buf []byte) (reply, []byte, error) {
	buf = buf[:0]
	scanned := 0
	for {
		if end := headEnd(buf, scanned); end >= 0 {
			var f fields
			if !f.readPlain(buf[:end]) {
				return readOdd(r, buf, nil)
			}
			if len(f.STS) > 0 {
				var takes bool
				if takes, buf = f.awaitBody(r, buf, end, nil); !takes {
					f.otherwise = map[hsts.Client]Head{hsts.Firefox: {}}
				}
			}
			f.rest = buf[end:]
			return f.reply, buf, nil
		}
		scanned = max(0, len(buf)-3)
		if len(buf) >= maxHead || len(buf) >= firefoxWindow && !plainStart(buf) {
			return readOdd(r, buf, nil)
		}
		var err error
		if buf, err = readMore(r, buf, maxHead); err != nil {
			return readOdd(r, buf, err)
		}
	}
}

// readMore reads from r behind what is in buf, up to most bytes in all. It
// fails only where nothing came.
func readMore(r io.Reader, buf []byte, most int) ([]byte, error) {
	if len(buf) == cap(buf) {
		buf = append(buf, 0)[:len(buf)]
	}
	n, err := r.Read(buf[len(buf):min(cap(buf), most)])
	if n > 0 {
		err = nil // it comes again
	}
	return buf[:len(buf)+n], err
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

// fields is what one pass over a head collects. Byte slices are parts of the
// buffer.
type fields struct {
	reply
	// The fields that browsers hold against each other.
	locations, lengths, dispositions, codings values
	// The fields whose lines are joined.
	refreshes, clears, encodings values
	authenticates                values // joined too
	server                       []byte // the first
	// nul says that a value holds one, coded that there is a Content-Encoding,
	// http11 that the client takes the version for 1.1 or later, and
	// firefoxChunked that Firefox takes the body for chunked.
	nul, coded, http11, firefoxChunked bool
	cookies                            int // bytes in setCookies
	near                               nearNames
}

// values are those of the lines of one field, in order.
type values struct {
	seen  bool
	first []byte
	more  [][]byte
}

func (v *values) add(value []byte) {
	if !v.seen {
		v.seen, v.first = true, value
		return
	}
	v.more = append(v.more, value)
}

// joined returns the values as one, separated by commas (RFC 9110 section 5.3).
func (v *values) joined() []byte {
	if v.more == nil {
		return v.first
	}
	return bytes.Join(slices.Insert(v.more, 0, v.first), []byte(", "))
}

// all yields the values.
func (v *values) all(yield func([]byte) bool) {
	if !v.seen || !yield(v.first) {
		return
	}
	for _, value := range v.more {
		if !yield(value) {
			return
		}
	}
}

// readPlain reads a head that all clients read alike, the empty line at its end
// included. It returns false for any other, having read some of it.
func (f *fields) readPlain(head []byte) bool {
	if !f.plainStatus(head) || bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	lf := bytes.IndexByte(head, '\n')
	ends := lf > 0 && head[lf-1] == '\r'
	returns := 0
	for rest := head[lf+1:]; ; {
		if ends {
			returns++
		}
		lf = bytes.IndexByte(rest, '\n')
		line := rest[:lf]
		if ends = lf > 0 && line[lf-1] == '\r'; ends {
			line = line[:lf-1]
		}
		if len(line) == 0 {
			break
		}
		rest = rest[lf+1:]
		colon := bytes.IndexByte(line, ':')
		if blank(line[0]) || colon > 0 && blank(line[colon-1]) {
			return false
		}
		if colon > 0 {
			f.take(line[:colon], line[colon+1:], false)
		}
	}
	if ends {
		returns++
	}
	return returns == bytes.Count(head, []byte{'\r'}) && f.plainFraming() && f.finish()
}

// plainStart reports whether b begins as plain heads do.
func plainStart(b []byte) bool {
	return len(b) >= len("HTTP/1.1") && string(b[:len("HTTP/1.")]) == "HTTP/1." && (b[7] == '1' || b[7] == '0')
}

// plainStatus reads a status line such as "HTTP/1.1 200 OK", whose status is
// that of a final answer.
func (f *fields) plainStatus(b []byte) bool {
	if len(b) < len("HTTP/1.1 200\n") || !plainStart(b) || b[8] != ' ' ||
		b[9] < '2' || b[9] > '9' || !digit(b[10]) || !digit(b[11]) || b[12] != ' ' && b[12] != '\r' && b[12] != '\n' {
		return false
	}
	f.Proto, f.http11 = "HTTP/1.1", b[7] == '1'
	if !f.http11 {
		f.Proto = "HTTP/1.0"
	}
	f.Status = int(b[9]-'0')*100 + int(b[10]-'0')*10 + int(b[11]-'0')
	return true
}

// plainFraming reports whether no field that clients are particular about came
// twice or with several values, and sets how the body is framed.
func (f *fields) plainFraming() bool {
	if f.locations.more != nil || f.lengths.more != nil || f.dispositions.more != nil || f.codings.more != nil ||
		bytes.IndexByte(f.lengths.first, ',') >= 0 || bytes.IndexByte(f.dispositions.first, ',') >= 0 {
		return false
	}
	f.length = parseLength(f.lengths.first)
	if f.codings.seen {
		f.chunked = f.http11 && is(f.codings.first, "chunked")
		f.firefoxChunked = f.chunked
		return f.chunked
	}
	return true
}

// finish settles what depends on the whole head. It returns true.
func (f *fields) finish() bool {
	f.Location = f.clip("location", f.locations.first, maxValue)
	f.Refresh = f.clip("refresh", f.refreshes.joined(), maxValue)
	f.ClearSiteData = f.clip("clear_site_data", f.clears.joined(), maxValue)
	f.Server = f.clip("server", f.server, maxServer)
	f.contentEncoding = string(f.encodings.joined())
	f.takeBarrier()
	if len(f.STS) > 0 {
		f.Misnamed = nil
		return true
	}
	f.Misnamed = f.near.sift(f.Misnamed)
	return true
}

// take takes in one field. The name has no blanks at its end; spaced says that
// some stood there.
func (f *fields) take(name, value []byte, spaced bool) {
	value = trimBlanks(value)
	switch len(name) {
	case len("Server"):
		if is(name, "server") && f.server == nil {
			f.server = value
		}
	case len("Refresh"):
		if is(name, "refresh") {
			f.refreshes.add(value)
		}
	case len("Location"):
		if is(name, "location") {
			f.locations.add(value)
		}
	case len("Set-Cookie"):
		if is(name, "set-cookie") && f.cookies+len(value) <= maxSetCookie {
			f.cookies += len(value)
			f.setCookies.all = append(f.setCookies.all, string(value))
		}
	case len("Retry-After"):
		if is(name, "retry-after") {
			f.retryAfter = string(value)
		}
	case len("Content-Type"):
		switch {
		case is(name, "content-type"):
			f.contentType = string(value)
		case is(name, "cf-mitigated"): // https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
			f.Challenge = is(value, "challenge")
		}
	case len("Content-Length"):
		if is(name, "content-length") {
			f.lengths.add(value)
		}
	case len("Clear-Site-Data"):
		if is(name, "clear-site-data") {
			f.clears.add(value)
		}
	case len("Content-Encoding"):
		switch {
		case is(name, "content-encoding"):
			f.coded = true
			f.encodings.add(value)
		case is(name, "www-authenticate"):
			f.authenticates.add(value)
		}
	case len("Transfer-Encoding"):
		if is(name, "transfer-encoding") {
			f.codings.add(value)
		}
	case len("Content-Disposition"):
		if is(name, "content-disposition") {
			f.dispositions.add(value)
		}
	case len(stsName):
		if is(name, stsLower) {
			f.takeSTS(value, spaced)
			return
		}
		fallthrough
	default:
		f.Misnamed = f.near.add(f.Misnamed, name)
	}
}

func (f *fields) takeSTS(value []byte, spaced bool) {
	if spaced {
		f.STSBlank = append(f.STSBlank, len(f.STS))
	}
	f.STS = append(f.STS, string(value))
}

// clip returns a value as the record has it, of so many bytes at most, and notes
// how long it was if that is less than all of it.
func (h *Head) clip(name string, value []byte, most int) string {
	if len(value) > most {
		if h.Cut == nil {
			h.Cut = make(map[string]int)
		}
		h.Cut[name], value = len(value), value[:most]
	}
	return string(value)
}

// parseLength reads a Content-Length (RFC 9110 section 8.6), -1 for none.
func parseLength(value []byte) int64 {
	for _, b := range value {
		if !digit(b) {
			return -1
		}
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// is reports whether a name is lower, but for the case of its ASCII letters.
func is(name []byte, lower string) bool {
	if len(name) != len(lower) {
		return false
	}
	for i, b := range name {
		if lowered(b) != lower[i] {
			return false
		}
	}
	return true
}

func lowered(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	return trimRightBlanks(b)
}

func trimRightBlanks(b []byte) []byte {
	for len(b) > 0 && blank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func blank(b byte) bool { return b == ' ' || b == '\t' }

func digit(b byte) bool { return b >= '0' && b <= '9' }
