package hsts

import (
	"fmt"
	"regexp"
	"strings"
)

// A snag is where a field breaks the grammar.
type snag struct {
	scanner // its pos is the byte, its current the directive half read
	glyph   // what stands there; the zero glyph at the end
	// before is the text of the directive up to there, of the one before it if
	// that is blank, without blanks at its ends.
	before string
	rest   string // from pos on
}

func newSnag(field string) snag {
	s := snag{scanner: scanner{field: field}}
	start := 0
	for s.next() {
		start = s.current.start
	}
	s.before = strings.Trim(field[s.current.start:s.pos], " \t")
	if s.before == "" {
		s.before = strings.Trim(field[start:s.pos], " \t")
	}
	s.rest = field[s.pos:]
	if s.rest != "" {
		s.glyph = firstGlyph(s.rest)
	}
	return s
}

// adviseSyntax looks at the field as a whole first, then at the byte.
func adviseSyntax(field string) string {
	s := newSnag(field)
	for _, clue := range []func() string{s.joined, s.wrapped, s.headerName, s.placeholder, s.configuration} {
		if said := clue(); said != "" {
			return said
		}
	}
	if s.odd {
		return s.oddGlyph()
	}
	switch s.plain {
	case "", ";":
		return s.noValue()
	case `"`:
		return s.doubleQuote()
	case ",":
		return s.comma()
	case ":":
		return s.colon()
	case "=":
		return s.equals()
	case "(", ")", "[", "]", "{", "}", "<", ">":
		return s.bracket()
	case "/":
		return s.slash()
	case "?":
		return s.questionMark()
	case `\`:
		return s.advise("the backslash "+s.where()+" is out of place", "leave it out")
	case "@":
		return s.other()
	}
	return s.nextWord()
}

func (s snag) advise(wrong, todo string) string { return advice(s.field, wrong, todo) }

// where says what the byte follows.
func (s snag) where() string {
	if s.before == "" {
		return "at the beginning"
	}
	return "after " + showEnd(s.before)
}

// matchAt returns the match of re that the byte is in, "" for none.
func (s snag) matchAt(re *regexp.Regexp) string {
	for _, at := range re.FindAllStringIndex(s.field, -1) {
		if at[0] <= s.pos && s.pos < at[1] {
			return s.field[at[0]:at[1]]
		}
	}
	return ""
}

// word is what stands at the byte, up to the next blank or semicolon.
func (s snag) word() string {
	if i := strings.IndexAny(s.rest, " \t;,"); i > 0 {
		return s.rest[:i]
	}
	return s.rest
}

// joined reports several whole values in one, which is what a proxy makes of
// a header that is sent twice (RFC 9110 section 5.3).
func (s snag) joined() string {
	values := strings.Split(s.field, ",")
	if s.plain != "," && s.plain != `"` || len(values) < 2 {
		return ""
	}
	equal, alike := true, true
	var first Policy
	for i, v := range values {
		v = strings.Trim(v, "\" \t")
		if !strings.Contains(strings.ToLower(v), "max-age") {
			return ""
		}
		p, ok := Meant(v)
		if i == 0 {
			first = p
		}
		equal = equal && v == strings.Trim(values[0], "\" \t")
		alike = alike && ok && p == first
	}
	times, by := "twice", " a comma"
	if len(values) > 2 {
		times, by = fmt.Sprintf("%d times", len(values)), " commas"
	}
	by += ", as when a server and a proxy both add the header: "
	switch {
	case equal:
		return "the same value is sent " + times + ", joined by" + by + "send it once"
	case alike:
		return fmt.Sprintf("%d values that mean the same are joined by%ssend one of them", len(values), by)
	}
	return fmt.Sprintf("%d different values are joined by%ssend one of them", len(values), by)
}

func (s snag) wrapped() string { return wrapped(s.field) }

// behindQuote is what a configuration may have after a value.
var behindQuote = regexp.MustCompile(`(?i)^;?(?:always|env=\S*)?;?$`)

// wrapped reports quotes around the whole value; "" means that there are none.
func wrapped(field string) string {
	field = strings.Trim(field, " \t")
	if field == "" {
		return ""
	}
	opening := firstGlyph(field)
	what := map[string]string{`"`: "double quotes", "'": "single quotes", "`": "backquotes"}[opening.plain]
	if what == "" {
		return ""
	}
	if opening.odd {
		what = "typographic quotes (" + strings.TrimSuffix(opening.name, ",") + ")"
	}
	inside, behind, closed := cutQuote(field[opening.size:])
	behind = strings.Trim(behind, " \t")
	if !closed || !strings.Contains(inside, "=") || !behindQuote.MatchString(behind) {
		return ""
	}
	wrong := "the whole value is in " + what + ", which belong in the server's configuration only: send it without them"
	if behind = strings.Trim(behind, ";"); behind != "" {
		wrong += " and without " + show(behind)
	}
	return wrong
}

// cutQuote cuts s at its first quotation mark of any kind.
func cutQuote(s string) (inside, behind string, found bool) {
	for i := 0; i < len(s); {
		g := firstGlyph(s[i:])
		if strings.Contains("\"'`", g.plain) && g.plain != "" {
			return s[:i], s[i+g.size:], true
		}
		i += g.size
	}
	return s, "", false
}

var headerNameAt = regexp.MustCompile(`(?i)^\W*(?:strict-transport-security|hsts)\b["']?\s*[:=]?`)

// headerName reports the field's own name in its value.
func (s snag) headerName() string {
	name := headerNameAt.FindString(s.field)
	switch {
	case name != "":
		return s.advise("the value begins with the header's own name, "+show(strings.TrimSpace(name)), "leave it out")
	case s.pos == 0 && s.plain == ":":
		return s.advise("a colon precedes the value", "leave it out")
	}
	return ""
}

var placeholderIn = regexp.MustCompile(`[$%#@]?\{[^;,]*\}?|\$\([^;,]*\)?|<[%?]=?[^;,]*|<no value>`)

// placeholder reports a template that nobody filled in. A single brace is not
// one of its own: see [snag.bracket].
func (s snag) placeholder() string {
	if !strings.ContainsAny(s.field, "{(<") {
		return ""
	}
	for _, at := range placeholderIn.FindAllStringIndex(s.field, -1) {
		found := s.field[at[0]:at[1]]
		if at[0] <= s.pos && s.pos < at[1] && !strings.HasPrefix(found, "{") || strings.HasPrefix(found, "{{") && at[0] == s.pos {
			return s.advise(show(strings.TrimSpace(found))+neverFilled, writeSeconds)
		}
	}
	return ""
}

var commandName = regexp.MustCompile(`(?i)^(?:(?:add|more|proxy|ssl|server|fastcgi|uwsgi|http2?|client|limit|access|error)_[a-z0-9_]+` +
	`|(?:request|set)?header|setenv(?:if)?|http-response|rewrite)$`)

// isHeaderName reports whether a name is that of another header, such as are set
// beside this one.
func isHeaderName(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"x-", "content-security-policy", "referrer-policy", "permissions-policy",
		"feature-policy", "expect-ct", "public-key-pins", "cache-control", "set-cookie", "access-control-", "cross-origin-"} {
		if strings.HasPrefix(name, prefix) && len(name) > 2 {
			return true
		}
	}
	return false
}

// configuration reports what a missing quote has let into the value.
func (s snag) configuration() string {
	name := s.current.name
	line, _, _ := strings.Cut(s.field[s.current.start:], ";")
	switch {
	case s.current.hasValue || strings.HasSuffix(s.before, ";"):
	case s.current.start == 0 && commandName.MatchString(name):
		return s.advise("the value is a whole line of a server's configuration", "send only what is in its quotes")
	case commandName.MatchString(name):
		return show(line) + " is a line of a server's configuration: close the quote before it"
	case isHeaderName(name):
		return show(line) + " is a header of its own: set it on a line of its own"
	}
	return ""
}
