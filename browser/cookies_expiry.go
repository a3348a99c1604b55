package browser

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longestCookie is how long a cookie lasts at the most (RFC 6265bis section 5.5),
// and so one that lasts as long as the session: no visit takes as long.
const longestCookie = 400 * 24 * time.Hour

// end returns when the cookie expires. Max-Age goes before Expires, unless it is
// no number.
func (a *attributes) end(c Client, now time.Time) time.Time {
	if end, ok := endOfAge(c, a.maxAge, now); ok {
		return end
	}
	parse := parseDateChromium
	if c == Firefox {
		parse = parseDateFirefox
	}
	if end, ok := parse(a.expires); ok {
		return end
	}
	return now.Add(longestCookie)
}

// endOfAge returns when a cookie of that Max-Age ends, at once for one of 0 or
// less. To Firefox all that begins with a minus is less, and a plus begins no
// number; Chromium takes either for a sign (measured).
func endOfAge(c Client, age string, now time.Time) (time.Time, bool) {
	digits, negative := strings.CutPrefix(age, "-")
	if c == Firefox && negative {
		return now, true
	}
	if c != Firefox && !negative {
		digits = strings.TrimPrefix(age, "+")
	}
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseUint(digits, 10, 63)
	switch {
	case negative:
		return now, true
	case err != nil || seconds > uint64(longestCookie/time.Second):
		return now.Add(longestCookie), true
	}
	return now.Add(time.Duration(seconds) * time.Second), true
}

// parseDateChromium reads an Expires as Chromium was measured to: by the
// algorithm of RFC 6265bis section 5.1.1, where parts may come in any order, but
// with years of one to five digits and of any century, and with nothing behind
// the digits of a part.
func parseDateChromium(s string) (time.Time, bool) {
	day, year, month := -1, -1, time.Month(0)
	var clock []int
	for token := range strings.FieldsFuncSeq(s, isDateDelimiter) {
		switch {
		case !isDigit(token[0]):
			if month == 0 {
				month = monthOf(token)
			}
		case strings.Contains(token, ":"):
			if clock == nil {
				clock = parseClock(token)
			}
		case day < 0 && len(token) <= 2:
			day = number(token)
		case year < 0 && len(token) <= 5:
			year = number(token)
		}
	}
	if day < 0 || year < 0 || month == 0 || clock == nil || clock[0] > 23 || clock[1] > 59 || clock[2] > 59 {
		return time.Time{}, false
	}
	end := time.Date(fullYear(year), month, day, clock[0], clock[1], clock[2], 0, time.UTC)
	return end, end.Day() == day
}

// isDateDelimiter reports whether a character parts the tokens of a date (RFC
// 6265bis section 5.1.1).
func isDateDelimiter(r rune) bool {
	return r == '\t' || ' ' <= r && r <= '/' || ';' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
}

// parseClock reads "hours:minutes:seconds", and returns nil for anything else.
func parseClock(token string) (clock []int) {
	for part := range strings.SplitSeq(token, ":") {
		n := number(part)
		if n < 0 {
			return nil
		}
		clock = append(clock, n)
	}
	if len(clock) != 3 {
		return nil
	}
	return clock
}

// number reads digits, and returns -1 for anything else.
func number(s string) int {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}

// fullYear adds the century to a year below 100.
func fullYear(year int) int {
	switch {
	case year < 70:
		return 2000 + year
	case year < 100:
		return 1900 + year
	}
	return year
}

// monthOf returns the month whose name's first three letters s begins with, 0 for
// none.
func monthOf(s string) time.Month {
	for m := time.January; m <= time.December; m++ {
		if name := m.String()[:3]; len(s) >= 3 && lower(s[:3]) == lower(name) {
			return m
		}
	}
	return 0
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// parseDateFirefox reads an Expires as Firefox was measured to, which is how
// PR_ParseTimeString of NSPR reads dates: also without a time of day, with days
// and hours that no calendar has, and in forms such as "12/31/99". What moves the
// end by some hours only, zones and "pm", is left out.
func parseDateFirefox(s string) (time.Time, bool) {
	d := looseDate{day: -1, year: -1}
	for i := d.skip(s, 0); i < len(s); i = d.skip(s, i) {
		switch {
		case isDigit(s[i]):
			i += d.takeNumber(s[i:])
		case s[i] == '+' || s[i] == '-': // a zone
			i++
		case d.month == 0:
			d.month = monthOf(s[i:])
		}
		for i < len(s) && strings.IndexByte(blanks+",-+/()[]", s[i]) < 0 {
			i++
		}
	}
	if d.month == 0 || d.day < 0 || d.year < 0 {
		return time.Time{}, false
	}
	return time.Date(d.year, d.month, d.day, d.clock[0], d.clock[1], d.clock[2], 0, time.UTC), true
}

// A looseDate is a date of which parts are known.
type looseDate struct {
	day, year int // -1 for unknown
	month     time.Month
	clock     [3]int
	timed     bool
}

// skip returns where the next token of s begins, from i on. A hyphen begins one,
// a zone, unless it stands between the parts of a date.
func (d *looseDate) skip(s string, i int) int {
	for ; i < len(s); i++ {
		hyphen := s[i] == '-' && (i+1 == len(s) || !isDigit(s[i+1]) || i > 0 && isLetter(s[i-1]) && d.year < 0)
		if !hyphen && strings.IndexByte(blanks+",/()[]", s[i]) < 0 {
			break
		}
	}
	return i
}

var (
	looseClock = regexp.MustCompile(`^(\d{1,2}):(\d{1,2}):?(\d{0,2})`)
	numeric    = regexp.MustCompile(`^(\d{1,2})[/-](\d{1,2})[/-](\d{1,2}|\d{4,5})(?:[^0-9A-Za-z]|$)`)
)

// takeNumber takes in the number that s begins with, and returns how much of s
// that is.
func (d *looseDate) takeNumber(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "0123456789"))
	value, next := number(s[:n]), s[n:]+"  "
	switch {
	case next[0] == ':':
		if m := looseClock.FindStringSubmatch(s); m != nil && !d.timed {
			d.clock, d.timed = [3]int{number(m[1]), number(m[2]), max(number(m[3]), 0)}, true
		}
	case (next[0] == '/' || next[0] == '-') && isDigit(next[1]):
		if m := numeric.FindStringSubmatch(s); m != nil && d.month == 0 && d.takeNumeric(number(m[1]), number(m[2]), number(m[3])) {
			return len(m[1]) + len(m[2]) + len(m[3]) + len("//")
		}
	case isLetter(next[0]):
	case n == 4 || n == 5:
		if d.year < 0 {
			d.year = value
		}
	case n <= 2 && d.day < 0 && value < 32:
		d.day = value
	case n == 2 && d.year < 0:
		d.year = fullYear(value)
	}
	return n
}

// takeNumeric takes in a date of numbers alone: year, month and day, or else the
// month first if it can be. It reports whether that is one.
func (d *looseDate) takeNumeric(a, b, c int) bool {
	year, month, day := c, a, b
	switch {
	case a > 31 || a == 0:
		year, month, day = a, b, c
	case a > 12:
		month, day = b, a
	}
	if month > 12 || day > 31 {
		return false
	}
	d.year, d.month, d.day = fullYear(year), time.Month(month), day
	return true
}
