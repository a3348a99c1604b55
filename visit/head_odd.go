package visit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"

	"hsts-check/hsts"
)

// readOdd reads what [readReply] could not take for a plain head. Buf holds
// what has come so far, and err is why no more will, if that is so.
func readOdd(r io.Reader, buf []byte, err error) (reply, []byte, error) {
	chromium, firefox := &walker{client: hsts.Chromium}, &walker{client: hsts.Firefox}
	for {
		chromium.walk(buf, err)
		firefox.walk(buf, err)
		if chromium.done && firefox.done {
			break
		}
		buf, err = readMore(r, buf, firefoxHead)
	}
	// How a body begins does not count for the rfc6797 client, so its reading
	// comes first.
	result, end := readRFC6797(buf, chromium, firefox)
	if _, has := firefox.Field(hsts.Firefox); has && firefox.refusal == nil && !firefox.cut {
		var takes bool
		if takes, buf = firefox.awaitBody(r, buf, firefox.end, err); !takes {
			firefox.refuse(false, fmt.Errorf("%w: its body ends or fails before it begins", errHead))
		}
	}
	for _, w := range []*walker{chromium, firefox} {
		if w.refusal != nil {
			w.Head = Head{}
		}
		if !reflect.DeepEqual(w.Head, result.Head) {
			if result.otherwise == nil {
				result.otherwise = make(map[hsts.Client]Head)
			}
			result.otherwise[w.client] = w.Head
		}
		if lines := w.setCookies.all; !slices.Equal(lines, result.setCookies.all) {
			if result.setCookies.otherwise == nil {
				result.setCookies.otherwise = make(map[hsts.Client][]string)
			}
			result.setCookies.otherwise[w.client] = lines
		}
	}
	if result.Status == 0 && result.otherwise == nil {
		return reply{}, buf, result.refusal
	}
	result.rest = buf[end:]
	return result, buf, nil
}

// readRFC6797 reads the answer for the rfc6797 client, and returns where its
// head ends too. The client refuses what both browsers refuse, and what one of
// them refuses by HTTP's grammar. Of the status it takes Chromium's reading, of
// the lines, Firefox's: a CR inside of one makes it invalid and ends no line
// (RFC 9112 section 2.2).
func readRFC6797(buf []byte, chromium, firefox *walker) (result reply, end int) {
	status, lines := chromium, firefox
	if chromium.refusal != nil {
		status = firefox
	}
	if firefox.refusal != nil {
		lines = chromium
	}
	if status.refusal == nil && !chromium.grammar && !firefox.grammar && !firefox.switches {
		var f fields
		f.readFields(hsts.RFC6797, buf[lines.from:lines.end])
		f.Status = status.Status
		return f.reply, lines.end
	}
	result = lines.reply
	result.Head = Head{}
	result.refusal = reason(chromium, firefox)
	return result, lines.end
}

// reason returns what one of the browsers holds against the bytes themselves,
// and else what has gone wrong otherwise.
func reason(chromium, firefox *walker) error {
	for _, w := range []*walker{chromium, firefox} {
		if w.grammar && errors.Is(w.refusal, errHead) {
			return w.refusal
		}
	}
	switch {
	case firefox.switches: // which nobody asked for (RFC 9110 section 15.2.2)
		return fmt.Errorf("%w: it switches to another protocol", errHead)
	case chromium.refusal != nil:
		return chromium.refusal
	}
	return firefox.refusal
}

// A walker looks for the answer that one browser reads in what has come.
type walker struct {
	client  hsts.Client
	at      int  // where the next head is looked for
	interim int  // the status of the interim answer before it, 0 for none
	found   bool // its status line has been found
	from    int  // where that is
	scanned int  // up to where its end has been looked for, or its status line
	skipped int  // bytes that were skipped in search of status lines

	done bool
	// The answer's fields; where there is none, refusal says why, and grammar
	// whether that is for reasons of HTTP's grammar.
	fields
	grammar bool
	end     int  // where its head ends
	cut     bool // its head was cut short
	// switches says that the answer is a 101, which Firefox takes for the last.
	switches bool
}

func (w *walker) refuse(grammar bool, err error) {
	w.done, w.grammar, w.refusal = true, grammar, err
}

// walk goes on in what has come so far; err says why that is all.
func (w *walker) walk(buf []byte, err error) {
	for !w.done {
		end := w.nextHead(buf, err == io.EOF)
		switch {
		case w.done:
		case end >= 0:
			w.readHead(buf, end)
		case err == io.EOF && w.takesInterim():
			w.fields, w.end, w.cut, w.done = fields{}, len(buf), true, true
			w.Status = w.interim
		case err != nil:
			w.refuse(true, endError(buf[w.at:], err))
		case len(buf) >= firefoxHead: // no more is read, wherever the last head ended
			w.refuse(true, errLong(firefoxHead))
		default:
			return
		}
	}
}

// readHead reads the head that ends at end: it is the answer, or the next one is
// to be looked for behind it.
func (w *walker) readHead(buf []byte, end int) {
	w.fields, w.end = fields{}, end
	w.read(buf[w.at:w.from], buf[w.from:end])
	switch {
	case w.done:
	case w.Status == 101 && w.client == hsts.Firefox:
		w.switches, w.done = true, true
	case w.Status/100 == 1: // Chromium skips 101 like all others
		w.at, w.scanned, w.found, w.interim = end, end, false, w.Status
	default:
		w.done = true
		// 0 stands for no answer in a Head. Both browsers show the page.
		w.Status = cmp.Or(w.Status, 200)
	}
}

// takesInterim reports whether an interim answer that no other follows is one by
// itself, without its fields: Firefox shows an empty page.
func (w *walker) takesInterim() bool {
	return w.client == hsts.Firefox && w.interim != 0
}

// endError is the error of a connection that ended before the head did.
func endError(got []byte, err error) error {
	if start, _ := chromiumStart(got); start < 0 && len(got) > 0 {
		return errStart(got)
	}
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func errLong(most int) error {
	return fmt.Errorf("%w: no end of the head within %d KiB", errHead, most>>10)
}

func errStart(got []byte) error {
	return fmt.Errorf("%w: it begins with %q", errHead, got[:min(len(got), chromiumSlop+4)])
}

// nextHead returns the end of the head that is looked for at w.at, or -1 where
// more has to come. Ended says that nothing will.
func (w *walker) nextHead(buf []byte, ended bool) int {
	if !w.found && !w.findStart(buf, ended) {
		return -1
	}
	end := headEnd(buf, w.scanned)
	w.scanned = max(w.from, len(buf)-3)
	if w.tooLong(len(buf), end) {
		w.refuse(true, errLong(w.most()))
	} else if end < 0 && ended && w.client == hsts.Firefox {
		w.cut = true // it takes what there is
		return len(buf)
	}
	return end
}

// findStart looks for the status line.
func (w *walker) findStart(buf []byte, ended bool) bool {
	b := buf[w.at:]
	var start int
	var enough bool
	switch {
	case w.client == hsts.Chromium:
		start, enough = chromiumStart(b)
	case w.interim != 0:
		start, enough = firefoxSearch(b, max(0, w.scanned-w.at), w.skipped)
		w.scanned = max(w.at, len(buf)-len("HTTP/1"))
	default:
		start, enough = firefoxStart(b, false)
	}
	if start < 0 {
		if enough || ended && len(b) > 0 && !w.takesInterim() {
			w.refuse(true, errStart(b))
		}
		return false
	}
	w.found, w.from, w.scanned = true, w.at+start, w.at+start
	w.skipped += start
	return true
}

// most is how long a head may be: Chromium counts each for itself, Firefox all
// of an answer together.
func (w *walker) most() int {
	if w.client == hsts.Chromium {
		return maxHead
	}
	return firefoxHead
}

// tooLong reports whether a head is, which ends at end or, where that is
// negative, not within the bytes that have come.
func (w *walker) tooLong(have, end int) bool {
	counted := 0
	if w.client == hsts.Chromium {
		counted = w.at
	}
	if end >= 0 {
		return end-counted > w.most()
	}
	return have-counted >= w.most()
}

// read reads one head, and refuses it as the browser does. Before is what stood
// before it.
func (w *walker) read(before, head []byte) {
	w.readFields(w.client, head)
	line, _ := cutLine(w.client, head)
	if w.client == hsts.Chromium {
		w.readChromium(line, before, head)
	} else {
		w.readFirefox(line)
	}
}

// readFields collects the fields of a head as a client reads its lines. What it
// makes of the status line is for others.
func (f *fields) readFields(c hsts.Client, head []byte) {
	line, rest := cutLine(c, head)
	version := chromiumVersion(line)
	f.http11 = version >= 11
	f.Proto = "HTTP/1.0"
	if f.http11 {
		f.Proto = "HTTP/1.1"
	}
	for {
		line, rest = cutLine(c, rest)
		if len(line) == 0 {
			break
		}
		name, value, colon := bytes.Cut(line, []byte(":"))
		value, rest = unfold(c, value, rest)
		if !colon || len(name) == 0 {
			continue
		}
		f.takeAs(c, name, value)
	}
	f.length = -1
	for value := range f.lengths.all {
		f.length = parseLength(elements(value)[0])
		break
	}
	f.chunked = f.http11 && f.chromiumChunked()
	f.finish()
}

// takeAs takes in a field as a client does whose name is as it was sent, blanks
// and all. Behind a name, Chromium skips blanks; the others then have no such
// field, and the header is marked to say so.
func (f *fields) takeAs(c hsts.Client, name, value []byte) {
	f.nul = f.nul || bytes.IndexByte(value, 0) >= 0 && isToken(name)
	trimmed := trimRightBlanks(name)
	spaced := len(trimmed) < len(name)
	switch {
	case blank(name[0]):
		f.Misnamed = f.near.add(f.Misnamed, name)
	case c == hsts.Chromium, !spaced, is(trimmed, stsLower):
		f.take(trimmed, value, spaced)
	}
}

// cutLine cuts the first line off. Chromium ends lines at each CR and skips
// empty ones; the others end them at LF and drop one CR before it.
func cutLine(c hsts.Client, b []byte) (line, rest []byte) {
	if c == hsts.Chromium {
		end := bytes.IndexAny(b, "\r\n")
		if end < 0 {
			return b, nil
		}
		return b[:end], bytes.TrimLeft(b[end:], "\r\n")
	}
	line, rest, _ = bytes.Cut(b, []byte("\n"))
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, rest
}

// unfold joins a value with the lines that continue it, and returns what is
// left of rest. Firefox leaves their blanks as they are; for the others a fold
// is one space (RFC 9112 section 5.2).
func unfold(c hsts.Client, value, rest []byte) (joined, left []byte) {
	folded := false
	for len(rest) > 0 && blank(rest[0]) {
		if !folded {
			value, folded = bytes.Clone(value), true
		}
		var line []byte
		line, rest = cutLine(c, rest)
		if c != hsts.Firefox {
			value, line = append(value, ' '), bytes.TrimLeft(line, " \t")
		}
		value = append(value, line...)
	}
	return value, rest
}

// elements splits a list at the commas that stand outside of quotes, as
// Chromium does. Empty elements count.
func elements(value []byte) (all [][]byte) {
	from, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch {
		case value[i] == '"':
			quoted = !quoted
		case value[i] == '\\' && quoted:
			i++
		case value[i] == ',' && !quoted:
			all = append(all, trimBlanks(value[from:i]))
			from = i + 1
		}
	}
	return append(all, trimBlanks(value[from:]))
}

// isToken reports whether a name is a token (RFC 9110 section 5.6.2).
func isToken(name []byte) bool {
	for _, b := range name {
		if b <= ' ' || b >= 0x7f || bytes.IndexByte([]byte(`()<>@,;:\"/[]?={}`), b) >= 0 {
			return false
		}
	}
	return len(name) > 0
}

// awaitBody reads on until it is known whether Firefox tells of the answer at
// all, whose head ends at end; err says why nothing more will come, if that is
// so. An answer whose body is late is not withheld for that.
func (f *fields) awaitBody(r io.Reader, buf []byte, end int, err error) (takes bool, _ []byte) {
	for {
		body := buf[end:min(len(buf), end+maxFirstChunk)]
		takes, known := f.firefoxTakes(body, err == io.EOF)
		switch {
		case known:
			return takes, buf
		case err != nil:
			return errors.Is(err, os.ErrDeadlineExceeded), buf
		case len(body) == maxFirstChunk:
			return true, buf
		}
		buf, err = readMore(r, buf, end+maxFirstChunk)
	}
}
