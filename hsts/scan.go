package hsts

// A directive is one part of a field between semicolons.
type directive struct {
	name string
	// value is what stands behind "=", without the quotes and with its quoted
	// pairs untouched.
	value            string
	hasValue, quoted bool
	start, valueAt   int // offsets in the field
}

// A scanner cuts a field into directives by the grammar of RFC 6797 section
// 6.1 (after RFC 2616 section 2.2, with implied blanks), or by what a browser
// makes of it:
//
//	STS-d     = [ directive ] *( ";" [ directive ] )
//	directive = token [ "=" ( token | quoted-string ) ]
//
// Firefox takes an empty name or value for a directive; see [quotedByte] for
// what differs within quotes.
type scanner struct {
	client  Client
	field   string
	pos     int // when ok is false at the end: the byte that breaks the grammar
	current directive
	started bool
	ok      bool
}

// next moves to the next directive. It returns false at the end of the field
// and at the first byte that breaks the grammar; ok then tells which.
func (s *scanner) next() bool {
	if s.started {
		if s.pos == len(s.field) {
			return false
		}
		s.pos++ // the semicolon
	}
	s.started = true
	s.blanks()
	s.current = directive{start: s.pos}
	s.current.name = s.token()
	s.blanks()
	s.ok = s.value() && (s.pos == len(s.field) || s.field[s.pos] == ';')
	return s.ok
}

// value reads "=" and what stands behind it, if anything does.
func (s *scanner) value() bool {
	d := &s.current
	if s.pos == len(s.field) || s.field[s.pos] != '=' {
		return true
	}
	if d.name == "" && s.client != Firefox {
		return false
	}
	s.pos++
	s.blanks()
	d.hasValue, d.valueAt = true, s.pos
	if s.pos < len(s.field) && s.field[s.pos] == '"' {
		if !s.quoted() {
			return false
		}
	} else if d.value = s.token(); d.value == "" && s.client != Firefox {
		return false
	}
	s.blanks()
	return true
}

// quoted reads a quoted string. Where it never ends, pos is put back on its
// opening quote: that is what a person has to look at.
func (s *scanner) quoted() bool {
	open := s.pos
	for i := open + 1; i < len(s.field); i++ {
		switch b := s.field[i]; {
		case b == '"':
			s.current.value, s.current.quoted = s.field[open+1:i], true
			s.pos = i + 1
			return true
		case b == '\\':
			i++
			if i < len(s.field) && !pairByte(s.client, s.field[i]) {
				s.pos = i
				return false
			}
		case !quotedByte(s.client, b):
			s.pos = i
			return false
		}
	}
	s.pos = open
	return false
}

func (s *scanner) blanks() {
	for s.pos < len(s.field) && (s.field[s.pos] == ' ' || s.field[s.pos] == '\t') {
		s.pos++
	}
}

func (s *scanner) token() string {
	start := s.pos
	for s.pos < len(s.field) && tokenByte[s.field[s.pos]] {
		s.pos++
	}
	return s.field[start:s.pos]
}

// tokenByte: RFC 2616 section 2.2, any CHAR except CTLs or separators.
var tokenByte = func() (t [256]bool) {
	for b := 0x21; b < 0x7f; b++ {
		t[b] = true
	}
	for _, b := range []byte("()<>@,;:\\\"/[]?={}") {
		t[b] = false
	}
	return t
}()

// quotedByte reports whether a quoted string may hold b: RFC 2616 section 2.2,
// TEXT is any octet except CTLs, but including tabs. Chromium takes control
// bytes too, Firefox a carriage return, which it alone leaves in a field, and no
// byte above ASCII.
func quotedByte(c Client, b byte) bool {
	control := b < 0x20 && b != '\t' || b == 0x7f
	switch c {
	case Chromium:
		return true
	case Firefox:
		return (!control || b == '\r') && b < 0x80
	default:
		return !control
	}
}

// pairByte reports whether b may stand behind a backslash in a quoted string:
// RFC 2616 section 2.2, any CHAR, which is ASCII. Chromium takes any byte.
func pairByte(c Client, b byte) bool {
	return b < 0x80 || c == Chromium
}
