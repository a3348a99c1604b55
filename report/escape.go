package report

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// How many characters of a value are shown. Names and URLs stay whole up to
// lengths that nobody can read; the record holds the rest.
const (
	nameLimit  = 200
	urlLimit   = 2000
	noteLimit  = 300
	rowLimit   = 1000  // all notes of a row
	proseLimit = 10000 // a line made of such parts
	// cellLimit is what a spreadsheet's cell holds: Excel and LibreOffice take
	// 32,767 UTF-16 units.
	cellLimit = 32767
)

// joining are the scripts whose spelling needs the invisible joiners U+200C
// and U+200D (RFC 5892 appendix A).
var joining = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Devanagari,
	unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya,
	unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam,
	unicode.Sinhala,
}

// visible returns s with everything written out that would act instead of
// show: control characters and line ends as \n or \x1b, bidirectional controls
// and other invisible characters as \u202e, bytes that are not UTF-8 as \xff.
// Of more than limit characters the end is cut off, with an ellipsis.
//
// So is what would be an order to a CI system that reads the log, see [order].
//
// It is the whole escaping for a terminal and the beginning of that for every
// other medium.
func visible(s string, limit int) string {
	ordering := mayOrder(s)
	if len(s) <= limit && !ordering && isPlain(s) {
		return s
	}
	var b strings.Builder
	before := rune(0)
	for i, n := 0, 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		shown := s[i : i+size]
		if !shows(r, size, before) || ordering && (r == '#' || r == ':') && order.MatchString(s[i:]) {
			shown = writtenOut(r, size, s[i])
		}
		n += utf8.RuneCountInString(shown)
		if n > limit || n == limit && i+size < len(s) {
			return b.String() + "…"
		}
		b.WriteString(shown)
		before = r
		i += size
	}
	return b.String()
}

// Visible is s as a message may show it on a terminal and in a log: everything
// that would act is written out, and no more than ten thousand characters are
// shown.
func Visible(s string) string { return visible(s, proseLimit) }

// An order is how CI systems are spoken to through what a step prints: GitHub's
// runner obeys ##[name] anywhere in a line and ::name:: at its start
// (https://github.com/actions/runner, ActionCommand.cs), Azure Pipelines
// ##vso[, TeamCity ##teamcity[. No group of an IPv6 address is taken for a
// name: those are of hexadecimal digits.
var order = regexp.MustCompile(`^(?:##[A-Za-z]*\[|::[A-Za-z-]*[G-Zg-z-])`)

// mayOrder is quick to tell that there is no order in s.
func mayOrder(s string) bool { return strings.Contains(s, "##") || strings.Contains(s, "::") }

// isPlain reports whether s is printable ASCII.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// shows reports whether a character appears as itself, and nothing else, after
// the one before.
func shows(r rune, size int, before rune) bool {
	switch {
	case r == utf8.RuneError && size == 1:
		return false
	case r == '\u200c' || r == '\u200d':
		return unicode.In(before, joining...)
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return false // blanks that count as letters: the Hangul fillers and their like
	}
	return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r)
}

func writtenOut(r rune, size int, first byte) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x80 || r == utf8.RuneError && size == 1:
		return fmt.Sprintf(`\x%02x`, first)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// markdownText escapes for a line or a table cell of GitHub Flavored Markdown:
// no markup, no entity, no further cell, and no link made of a bare address.
func markdownText(s string, limit int) string {
	// Marks such as ** do not work beside a blank.
	s = strings.TrimSpace(visible(s, limit))
	return markdownLinks.Replace(markdownEscapes.Replace(s))
}

// markdownParagraph escapes for a paragraph of its own, which begins neither a list
// nor anything else that is made of lines.
func markdownParagraph(s string, limit int) string {
	return markdownBlocks.ReplaceAllString(markdownText(s, limit), `$1\$2`)
}

// markdownBlocks is how a block begins, of those that [markdownText] lets stand.
var markdownBlocks = regexp.MustCompile(`^([0-9]{0,9})([-+=.)])`)

// markdownTarget escapes for the target of a link, which stays the same URL:
// only what is not printable is percent-encoded.
func markdownTarget(url string) string {
	var b strings.Builder
	for i, r := range url {
		size := 1
		if r != utf8.RuneError || strings.HasPrefix(url[i:], "\uFFFD") {
			size = utf8.RuneLen(r)
		}
		if r != ' ' && shows(r, size, 0) {
			b.WriteRune(r)
			continue
		}
		for _, c := range []byte(url[i : i+size]) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return markdownBrackets.Replace(markdownEscapes.Replace(b.String()))
}

var (
	markdownEscapes = strings.NewReplacer(
		`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `~`, `\~`, `#`, `\#`, `$`, `\$`,
		`[`, `\[`, `]`, `\]`, `|`, `\|`, `&`, `&amp;`, `<`, `&lt;`, `>`, `&gt;`,
	)
	// A word joiner, which nobody sees, keeps GitHub from taking @ for a mention or a
	// mail address: it looks for those in the text that comes out, so that no escape
	// helps.
	markdownLinks    = strings.NewReplacer(`://`, `\://`, `www.`, `www\.`, `@`, "@\u2060")
	markdownBrackets = strings.NewReplacer(`(`, `\(`, `)`, `\)`)
)

// csvText guards and quotes a cell. A spreadsheet takes a cell that begins
// with one of = + - @, a tab or a carriage return for a formula, in full-width
// form too (https://owasp.org/www-community/attacks/CSV_Injection); an
// apostrophe in front makes it text. Beyond what RFC 4180 asks for, cells with a
// semicolon or a bar are quoted, since LibreOffice's import splits there too.
func csvText(s string) string {
	const guarded = "=+-@\t\r\n＝＋－＠"
	first := strings.TrimLeft(s, " ")
	s = visible(s, cellLimit-1)
	if first != "" && strings.IndexAny(first, guarded) == 0 {
		s = "'" + s
	}
	if strings.ContainsAny(s, `,;"|`) || s != strings.TrimSpace(s) {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// jsonText escapes in encoded JSON what JSON itself lets stand and a terminal
// would act upon: DEL, the C1 controls and invisible format characters; and the
// bracket of an [order], since a record may be printed into a log. The values
// that a reader decodes stay the same.
func jsonText(encoded []byte) []byte {
	if bytes.Contains(encoded, []byte("##")) { // only ever inside a string
		encoded = jsonOrder.ReplaceAll(encoded, []byte(`$1\u005b`))
	}
	if !slices.ContainsFunc(encoded, func(c byte) bool { return c >= 0x7f }) {
		return encoded
	}
	out := make([]byte, 0, len(encoded)+64)
	for _, r := range string(encoded) {
		switch {
		case r < 0x7f || !unicode.In(r, unicode.Cc, unicode.Cf):
			out = utf8.AppendRune(out, r)
		case r < 0x10000:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
	}
	return out
}

var jsonOrder = regexp.MustCompile(`(##[A-Za-z]*)\[`)
