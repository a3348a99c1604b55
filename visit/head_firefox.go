package visit

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

const (
	// firefoxHead is how many bytes the head of an answer may have in Firefox,
	// interim answers included (network.http.max_response_header_size).
	firefoxHead = 384 << 10
	// firefoxWindow is in how many bytes Firefox looks for the beginning of a
	// status line (nsHttpTransaction::ParseHead).
	firefoxWindow = 11
	// firefoxJunk is how many bytes it skips behind an interim answer in search
	// of the next one (MAX_INVALID_RESPONSE_BODY_SIZE in
	// netwerk/protocol/http/nsHttpTransaction.cpp).
	firefoxJunk = 128 << 10
	// maxFirstChunk is how many bytes of a body are read in search of its first
	// chunk: Firefox has no bound of its own, and no server's line is as long.
	maxFirstChunk = 16 << 10
)

// firefoxStart returns where Firefox finds a status line in what has come, or
// -1; enough then says that it will find none in more. HTTP/2, HTTP/3 and ICY
// it knows only behind blanks, and only where nothing was skipped before.
func firefoxStart(b []byte, skipped bool) (at int, enough bool) {
	window := b[:min(len(b), firefoxWindow)]
	first := !skipped
	for i := range window {
		rest := window[i:]
		if begins(rest, "http/1.") || first && (begins(rest, "http/2") || begins(rest, "http/3") || begins(rest, "icy ")) {
			return i, true
		}
		first = first && bytes.IndexByte([]byte(" \t\r\n"), window[i]) >= 0
	}
	return -1, len(b) >= firefoxWindow
}

// firefoxSearch is [firefoxStart] behind an interim answer, where whatever does
// not look like a status line is skipped. The bytes before scanned have been
// looked at.
func firefoxSearch(b []byte, scanned, skipped int) (at int, enough bool) {
	if at, _ := firefoxStart(b, skipped > 0); at >= 0 {
		return at, true
	}
	for i := scanned; i+len("HTTP/1.") <= len(b) && skipped+i <= firefoxJunk; i++ {
		if begins(b[i:], "http/1.") {
			return i, true
		}
	}
	return -1, skipped+len(b) >= firefoxJunk+len("HTTP/1.")
}

// begins reports whether b begins with lower, but for the case of letters.
func begins(b []byte, lower string) bool {
	return len(b) >= len(lower) && is(b[:len(lower)], lower)
}

// readFirefox sets the status, and refuses what Firefox does: a status line
// that it cannot read, a NUL in a value, and fields that came twice with
// different values. The commas in a Content-Length count, also where the body
// is chunked, and those in a Content-Disposition do not
// (netwerk/protocol/http/nsHttpResponseHead.cpp, nsHttpHeaderArray.cpp).
func (w *walker) readFirefox(line []byte) {
	status, ok := firefoxStatus(line)
	w.Status = status
	w.http11 = firefoxHTTP11(line)
	w.firefoxChunked = w.findChunked()
	switch {
	case !ok:
		w.refuse(true, fmt.Errorf("%w: its status line is %q", errHead, line[:min(len(line), 32)]))
	case w.nul:
		w.refuse(true, fmt.Errorf("%w: it holds a NUL byte", errHead))
	case w.lengths.differ(firefoxLengths):
		w.refuse(!w.chunked, fmt.Errorf("%w: it has two different Content-Length fields", errHead))
	case w.dispositions.differ(whole):
		w.refuse(false, fmt.Errorf("%w: it has two different Content-Disposition fields", errHead))
	case w.locations.differ(whole):
		w.refuse(false, fmt.Errorf("%w: it has two different Location fields", errHead))
	}
}

// firefoxLengths splits a Content-Length at its commas.
func firefoxLengths(value []byte) [][]byte {
	all := bytes.Split(value, []byte(","))
	for i, length := range all {
		all[i] = bytes.Trim(length, " \t\r\n\f")
	}
	return all
}

// firefoxStatus reads the status in a status line: up to three digits behind
// the first space and any blanks, with nothing behind them or a blank. Where
// there is no space, the status is 200.
func firefoxStatus(line []byte) (status int, ok bool) {
	if !bytes.HasPrefix(line, []byte("HTTP")) && !begins(line, "icy ") {
		return 0, false // that would be HTTP/0.9, without a head
	}
	_, rest, found := bytes.Cut(line, []byte(" "))
	if !found {
		return 200, true
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	n := 0
	for n < len(rest) && digit(rest[n]) {
		status = status*10 + int(rest[n]-'0')
		if n++; n > 3 {
			return 0, false
		}
	}
	return status, n > 0 && (n == len(rest) || bytes.IndexByte([]byte(" \t\r\n"), rest[n]) >= 0)
}

// firefoxHTTP11 reports whether a status line's version is 1.1 or later.
func firefoxHTTP11(line []byte) bool {
	number := func(b []byte) uint64 {
		n := 0
		for n < len(b) && digit(b[n]) {
			n++
		}
		v, _ := strconv.ParseUint(string(b[:n]), 10, 32)
		return v
	}
	_, version, _ := bytes.Cut(line, []byte("/"))
	major := number(version)
	minor, dotted := bytes.CutPrefix(version, []byte("1."))
	return major == 2 || major == 3 || dotted && number(minor) >= 1
}

// findChunked reports whether the word stands in a Transfer-Encoding, between
// blanks or commas.
func (f *fields) findChunked() bool {
	for value := range f.codings.all {
		for coding := range bytes.FieldsFuncSeq(value, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' }) {
			if is(coding, "chunked") {
				return true
			}
		}
	}
	return false
}

// firefoxTakes reports whether Firefox tells of the answer, as far as that can
// be known from what of the body has come; ended says that nothing more will.
// It does so when the first byte of content is there or the body ends. Where
// the connection is closed before that, the answer is lost if it is a success,
// its version is 1.1 or later and its body should have gone on, and where a
// chunk's size is not a number, it is lost in any case (measured with Firefox ESR
// 153; nsHttpTransaction::Close, nsHttpChunkedDecoder::ParseChunkRemaining).
func (f *fields) firefoxTakes(body []byte, ended bool) (takes, known bool) {
	loses := f.http11 && f.Status/100 == 2
	switch {
	case f.Status == 204, f.Status == 205, f.Status == 304: // they have no body
		return true, true
	case f.firefoxChunked:
		takes, known = firstChunk(body)
		if !known && ended {
			return !loses, true
		}
		return takes, known
	case f.length > 0 && loses && !f.coded:
		return len(body) > 0, len(body) > 0 || ended
	}
	return true, true
}

// firstChunk reports whether a chunked body begins with a chunk of which one
// byte has come, or is empty and whole. It is false and known where the size is
// no number. Empty lines before it are skipped.
func firstChunk(body []byte) (good, known bool) {
	trailer := false
	for {
		line, rest, whole := bytes.Cut(body, []byte("\n"))
		if !whole {
			return false, false
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		body = rest
		switch {
		case trailer && len(line) == 0:
			return true, true
		case trailer, len(line) == 0:
			continue
		}
		size, ok := chunkSize(line)
		if !ok {
			return false, true
		}
		if size > 0 {
			return len(body) > 0, len(body) > 0
		}
		trailer = true
	}
}

// chunkSize reads the line before a chunk as C's strtoul does: blanks, a sign
// and "0x" may stand before the hexadecimal digits, and anything behind them.
// Only sizes of 32 bits are good.
func chunkSize(line []byte) (size uint64, ok bool) {
	line, _, _ = bytes.Cut(line, []byte(";"))
	line = bytes.TrimLeft(line, " \t\n\v\f\r")
	negative := bytes.HasPrefix(line, []byte("-"))
	if negative || bytes.HasPrefix(line, []byte("+")) {
		line = line[1:]
	}
	if begins(line, "0x") && len(line) > 2 && isHex(line[2]) {
		line = line[2:]
	}
	n := 0
	for n < len(line) && isHex(line[n]) {
		n++
	}
	size, err := strconv.ParseUint(string(line[:n]), 16, 64)
	return size, err == nil && size <= math.MaxUint32 && !(negative && size > 0)
}

func isHex(b byte) bool { return digit(b) || lowered(b) >= 'a' && lowered(b) <= 'f' }
