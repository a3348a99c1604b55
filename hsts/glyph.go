package hsts

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A glyph is a character of a field as a person is told of it.
type glyph struct {
	name string // such as "U+00A0, a no-break space,": the subject of a sentence
	// plain is the ASCII that it was probably meant to be, "" for one that
	// cannot be seen. Unless odd is false, it stands for itself.
	plain string
	odd   bool // it is not ASCII, or a control character
	size  int  // bytes
}

// windows1252 are bytes 0x80 to 0x9F in the encoding that old editors save in;
// those above are the same code points there.
// Source: https://encoding.spec.whatwg.org/index-windows-1252.txt.
var windows1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

// firstGlyph reads the character that s, which is not empty, begins with. A
// byte that is not UTF-8 is taken for Windows-1252.
func firstGlyph(s string) glyph {
	r, size := utf8.DecodeRuneInString(s)
	if r < utf8.RuneSelf {
		return asciiGlyph(s[0])
	}
	code, encoding := fmt.Sprintf("U+%04X", r), ""
	if r == utf8.RuneError && size == 1 {
		r = rune(s[0])
		if r < 0xa0 {
			r = windows1252[r-0x80]
		}
		code, encoding = fmt.Sprintf("byte 0x%02X", s[0]), " in Windows-1252"
	}
	what, plain := lookAlike(r)
	if plain == "?" {
		encoding = ""
	}
	return glyph{name: code + ", " + what + encoding + ",", plain: plain, odd: true, size: size}
}

var controls = map[byte]string{
	0x00: "NUL", 0x08: "a backspace", '\t': "a tab", '\n': "a line feed", 0x0b: "a vertical tab",
	0x0c: "a form feed", '\r': "a carriage return", 0x1b: "an escape", 0x7f: "a delete",
}

func asciiGlyph(b byte) glyph {
	if b >= 0x20 && b != 0x7f {
		return glyph{name: show(string(b)), plain: string(b), size: 1}
	}
	what := controls[b]
	if what == "" {
		what = "a control character"
	}
	return glyph{name: fmt.Sprintf("byte 0x%02X, %s,", b, what), odd: true, size: 1}
}

// lookAlikes are the characters that word processors, web pages and keyboards
// of other scripts put in place of the plain ones of a header.
var lookAlikes = []struct{ runes, what, plain string }{
	{"“”„‟", "a curly double quote", `"`},
	{"‘’‚‛", "a curly single quote", "'"},
	{"«»‹›", "an angle quote", `"`},
	{"″", "a double prime", `"`},
	{"′´", "a prime", "'"},
	{"\u00a0", "a no-break space", " "},
	{"\u202f", "a narrow no-break space", " "},
	{"\u3000", "a full-width space", " "},
	{"\u200b", "a zero-width space", ""},
	{"\ufeff", "a byte order mark", ""},
	{"\u00ad", "a soft hyphen", ""},
	{"‐", "a typographic hyphen", "-"},
	{"\u2011", "a no-break hyphen", "-"},
	{"–", "an en dash", "-"},
	{"—", "an em dash", "-"},
	{"−", "a minus sign", "-"},
	{"\u037e", "a Greek question mark", ";"},
	{"、", "an ideographic comma", ","},
	{"…", "an ellipsis", "..."},
	{"¹²³", "a superscript digit", "?"},
	{"�", "the mark of a character that was lost", ""},
}

// lookAlike says what a character above ASCII is and which plain one it was
// probably meant to be. The plain one is "?" where it looks like none.
func lookAlike(r rune) (what, plain string) {
	for _, l := range lookAlikes {
		if strings.ContainsRune(l.runes, r) {
			return l.what, l.plain
		}
	}
	switch {
	case r >= 0xff01 && r <= 0xff5e: // the full-width forms of ASCII, in its order
		plain = string(r - 0xff01 + '!')
		return "a full-width " + quote(plain), plain
	case unicode.Is(unicode.Zs, r):
		return "a space that is not plain", " "
	case unicode.Is(unicode.Pd, r):
		return "a dash", "-"
	case unicode.Is(unicode.Cf, r):
		return "an invisible character", ""
	case unicode.IsControl(r):
		return "a control character", ""
	case unicode.IsNumber(r):
		return "a digit of another kind", "?"
	}
	for _, script := range []string{"Cyrillic", "Greek"} {
		if unicode.Is(unicode.Scripts[script], r) {
			return "a " + script + " letter", "?"
		}
	}
	return "which is not ASCII", "?"
}

// toPlain returns s with each character as the ASCII that it was probably meant
// to be, in lower case.
func toPlain(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		g := firstGlyph(s)
		b.WriteString(g.plain)
		s = s[g.size:]
	}
	return strings.ToLower(b.String())
}

// maxShown is how many bytes of a field are shown at most.
const maxShown = 60

// show quotes s, cut short if it is long. It escapes what cannot be printed.
func show(s string) string {
	if len(s) > maxShown {
		cut := maxShown
		for cut > maxShown-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return quote(s)
}

// showEnd is show for a text whose end matters.
func showEnd(s string) string {
	const most = maxShown / 2
	if len(s) > most {
		cut := len(s) - most
		for cut < len(s)-1 && !utf8.RuneStart(s[cut]) {
			cut++
		}
		s = "…" + s[cut:]
	}
	return quote(s)
}

// quote is %q, but a text that has double quotes itself is put in backquotes.
func quote(s string) string {
	quoted := strconv.Quote(s)
	if strings.ContainsAny(s, `"\`) && !strings.Contains(s, "`") &&
		len(quoted) == len(s)+2+strings.Count(s, `"`)+strings.Count(s, `\`) {
		return "`" + s + "`"
	}
	return quoted
}
