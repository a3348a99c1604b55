package visit

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

// chromiumSlop is how many stray bytes Chromium skips before a status line
// (net/http/http_util.cc, LocateStartOfStatusLine).
const chromiumSlop = 4

// chromiumStart returns where Chromium finds a status line in what has come,
// or -1; enough then says that it will find none in more.
func chromiumStart(b []byte) (at int, enough bool) {
	for i := range min(chromiumSlop, len(b)-4) + 1 {
		if is(b[i:i+4], "http") {
			return i, true
		}
	}
	return -1, len(b) >= chromiumSlop+4
}

// chromiumVersion returns the version in a status line as a number, 11 for
// 1.1, and 0 where there is none. Only the first digits count, and the dot may
// stand anywhere.
func chromiumVersion(line []byte) int {
	dot := bytes.IndexByte(line, '.')
	if len(line) < len("HTTP/1") || line[4] != '/' || dot < 0 || dot+1 == len(line) || !digit(line[5]) || !digit(line[dot+1]) {
		return 0
	}
	return int(line[5]-'0')*10 + int(line[dot+1]-'0')
}

// chromiumStatus returns the status in a status line: the digits behind the
// first space, 200 where there are none. What is too great is the greatest that
// there is.
func chromiumStatus(line []byte) int {
	_, status, _ := bytes.Cut(line, []byte(" "))
	status = bytes.TrimLeft(status, " ")
	n := 0
	for n < len(status) && digit(status[n]) {
		n++
	}
	if n == 0 {
		return 200
	}
	code, err := strconv.ParseInt(string(status[:n]), 10, 32)
	if err != nil {
		return math.MaxInt32
	}
	return int(code)
}

// readChromium sets the status, and refuses what Chromium does: any NUL, and
// fields that came twice with different values, which looks like response
// splitting (net/http/http_stream_parser.cc).
func (w *walker) readChromium(line, before, head []byte) {
	w.Status = chromiumStatus(line)
	switch {
	case bytes.IndexByte(before, 0) >= 0, bytes.IndexByte(head, 0) >= 0:
		w.refuse(true, fmt.Errorf("%w: it holds a NUL byte", errHead))
	case !w.chunked && w.lengths.differ(elements):
		w.refuse(true, fmt.Errorf("%w: it has two different Content-Length fields", errHead))
	case w.dispositions.differ(elements):
		w.refuse(false, fmt.Errorf("%w: it has two different Content-Disposition fields", errHead))
	case w.locations.differ(whole):
		w.refuse(false, fmt.Errorf("%w: it has two different Location fields", errHead))
	}
}

// chromiumChunked reports whether one of the transfer codings is chunked.
func (f *fields) chromiumChunked() bool {
	for value := range f.codings.all {
		for _, coding := range elements(value) {
			if is(coding, "chunked") {
				return true
			}
		}
	}
	return false
}

// differ reports whether not all elements of the values are the same, where
// split cuts a value into its elements.
func (v *values) differ(split func([]byte) [][]byte) bool {
	var first []byte
	seen := false
	for value := range v.all {
		for _, element := range split(value) {
			if !seen {
				first, seen = element, true
			} else if !bytes.Equal(first, element) {
				return true
			}
		}
	}
	return false
}

// whole takes a value for its only element.
func whole(value []byte) [][]byte { return [][]byte{value} }
