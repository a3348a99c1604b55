package browser

import (
	"strconv"
	"strings"
	"time"
)

// ParseRefresh reads a Refresh field, or the content of a meta element that
// stands for one, by the shared declarative refresh steps
// (https://html.spec.whatwg.org/#shared-declarative-refresh-steps), as Firefox
// does. Chromium was measured to take the last quotation mark for the closing
// one, U+000B for a space, and a time of periods alone for none. Ok is false
// where it leads nowhere: it is broken, or it loads the same page again.
func ParseRefresh(content string) (delay time.Duration, ref string, ok bool) {
	rest := strings.TrimLeft(content, spaces)
	number := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	rest = rest[len(number):]
	if number == "" && !strings.HasPrefix(rest, ".") {
		return 0, "", false
	}
	seconds, err := strconv.ParseUint("0"+number, 10, 31)
	if err != nil { // 68 years and more
		return 0, "", false
	}
	rest = strings.TrimLeft(rest, "0123456789.")
	separated := strings.TrimLeft(rest, spaces)
	switch {
	case separated == "":
		return 0, "", false
	case separated[0] == ';' || separated[0] == ',':
		separated = strings.TrimLeft(separated[1:], spaces)
	case len(separated) == len(rest):
		return 0, "", false
	}
	ref = strings.Trim(refreshURL(separated), spaces)
	if ref == "" {
		return 0, "", false
	}
	return time.Duration(seconds) * time.Second, ref, true
}

// spaces are those of the Infra Standard, ASCII whitespace.
const spaces = "\t\n\f\r "

// refreshURL returns the URL of a refresh: what stands behind "url=", or all of
// it, without the quotation marks around it.
func refreshURL(s string) string {
	if len(s) >= 3 && strings.EqualFold(s[:3], "url") {
		rest := strings.TrimLeft(s[3:], spaces)
		value, assigned := strings.CutPrefix(rest, "=")
		if !assigned {
			return s
		}
		s = strings.TrimLeft(value, spaces)
	}
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		inner, _, _ := strings.Cut(s[1:], s[:1])
		return inner
	}
	return s
}
