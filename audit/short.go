package audit

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MostShort is how many characters a short text about a site has at most.
const MostShort = 60

// short gives a finding its short text: the cause, in a few words that begin
// with what was seen, without the advice and without the host, which
// [evidence.brief] puts in front where it is not the listed one.
func (f Finding) short(format string, args ...any) Finding {
	f.Short = fmt.Sprintf(format, args...)
	return f
}

// brief completes the short text of a finding: its host, where that is another
// one than the listed host, and no more than [MostShort] characters.
func (e *evidence) brief(f Finding) string {
	said := printable(f.Short)
	if f.Host == "" || f.Host == e.hosts[0] || strings.Contains(said, f.Host) {
		return clip(said, MostShort)
	}
	const least = 20 // characters of a host's name that are worth showing
	room := max(MostShort-utf8.RuneCountInString(": "+said), least)
	return clip(tail(f.Host, room)+": "+said, MostShort)
}

// clip cuts the end off a text of more than so many characters.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:most-1]), " ") + "…"
}

// tail cuts the beginning off a host's name of more than so many characters:
// its end says whose it is.
func tail(host string, most int) string {
	letters := []rune(host)
	if len(letters) <= most {
		return host
	}
	return "…" + string(letters[len(letters)-most+1:])
}

// clause returns what an advice says is wrong, without what it says to do: all
// that is before the first colon outside of quotes.
func clause(advice string) string {
	quote := byte(0)
	for i := range len(advice) {
		switch c := advice[i]; {
		case quote == '"' && i > 0 && advice[i-1] == '\\':
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '`'):
			quote = c
		case quote == 0 && c == ':' && strings.HasPrefix(advice[i:], ": "):
			return advice[:i]
		}
	}
	return advice
}

// neverTaught says that http leads from one host straight to another. The first
// is named where there is room.
func neverTaught(host, to string) string {
	said := "http goes straight to " + beside(to, host)
	if named := host + " is never taught: " + said; utf8.RuneCountInString(named) <= MostShort {
		return named
	}
	return said
}
