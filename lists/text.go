package lists

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var errBinary = errors.New("a NUL byte: this is no list, or a text that was not saved as UTF-8")

// A textReader counts the lines and stops with errBinary at the first NUL byte.
type textReader struct {
	r    io.Reader
	line int   // of the next byte, counted from 0
	err  error // stays: bufio's Peek swallows an error once
}

func (t *textReader) Read(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	n, err := t.r.Read(p)
	if i := bytes.IndexByte(p[:n], 0); i >= 0 {
		n, err = i, errBinary
	}
	t.line += bytes.Count(p[:n], []byte("\n"))
	t.err = err
	return n, err
}

// checkText refuses what no list has: invalid UTF-8, and characters that move
// the cursor or break the line.
func checkText(s string) error {
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			return fmt.Errorf("the byte %#02x is not UTF-8: save the list as UTF-8", s[i])
		case r != '\t' && isControl(r):
			return fmt.Errorf("the control character %q: take it out", r)
		}
	}
	return nil
}

// isControl counts the line and paragraph separators in, which Unicode does not.
func isControl(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

func isBlank(r rune) bool {
	return r == ' ' || r == '\t' || r >= utf8.RuneSelf && unicode.Is(unicode.Zs, r)
}

// oneBlank makes each run of blanks one space: lists are aligned with as many
// as it takes, and names are compared across runs.
func oneBlank(s string) string {
	before := ' ' // blanks at the start count as a run
	for _, r := range s {
		if isBlank(r) && (r != ' ' || before == ' ') {
			return strings.Join(strings.FieldsFunc(s, isBlank), " ")
		}
		before = r
	}
	return strings.TrimSuffix(s, " ")
}

// shown is s as a record or message may show it.
func shown(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != '\t' && isControl(r) {
			return utf8.RuneError
		}
		return r // U+FFFD for an invalid byte
	}, s)
	return clip(redact(s))
}

// secret is what may be a user name and a password: the part of a word up to
// its last @, without the scheme. They must not reach a message or a report.
var secret = regexp.MustCompile(`(\w+://)?\S*@`)

func redact(s string) string { return secret.ReplaceAllString(s, "${1}…@") }

// quote keeps control characters for the reader to see, as escapes.
func quote(s string) string { return strconv.Quote(clip(redact(s))) }

// clip shortens what could be a line of 64 KiB.
func clip(s string) string {
	const most = 100 // characters
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
