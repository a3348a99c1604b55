package hsts

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxMeant is the longest field whose meaning is guessed, in bytes: whoever
// writes by hand stays below.
const maxMeant = 1024

// Meant guesses which policy a broken field stands for. It returns false where
// a careful person would not dare to: no number, or several that differ.
func Meant(field string) (Policy, bool) {
	if len(field) > maxMeant {
		return Policy{}, false
	}
	g := guess{text: toPlain(unescape.Replace(field))}
	for g.pos < len(g.text) {
		g.step()
	}
	if len(g.named) == 0 {
		g.named = g.bare
	}
	g.named = slices.Compact(g.named)
	if len(g.named) != 1 || g.doubt {
		return Policy{}, false
	}
	g.policy.MaxAge = g.named[0]
	return g.policy, true
}

// unescape undoes what is done to a text for URLs and HTML.
var unescape = strings.NewReplacer(
	"%20", " ", "%22", `"`, "%3B", ";", "%3b", ";", "%3D", "=", "%3d", "=",
	"&#59;", ";", "&#59", ";", "&semi;", ";", "&#34;", `"`, "&quot;", `"`, "&quot", `"`, "&amp;", "&",
)

// A guess is a policy half guessed.
type guess struct {
	text   string // in lower case and plain ASCII
	pos    int
	policy Policy
	// named are the values of max-age, bare what counts where there is none:
	// numbers that stand alone, or with a name that is like it.
	named, bare []uint64
	doubt       bool // max-age has a value, and it cannot be told
}

var (
	wordAt = regexp.MustCompile(`^[a-z]+(?:[-_]+[a-z]+)*`)
	nextAt = regexp.MustCompile(`^[ -]+([a-z]+(?:[-_]+[a-z]+)*)`)
	noAt   = regexp.MustCompile(`^[ =:"']*(?:false|off|no|0)\b`)
	gapAt  = regexp.MustCompile("^[ =:\"'`(<\\[{\\\\]*")
)

// step takes in the word or the number at pos, or skips a byte.
func (g *guess) step() {
	rest := g.text[g.pos:]
	if b := rest[0]; b >= '0' && b <= '9' {
		g.bareNumber()
		return
	}
	word := wordAt.FindString(rest)
	if word == "" {
		g.pos++
		return
	}
	g.pos += len(word)
	name := nearest(word)
	if next := nextAt.FindStringSubmatch(rest[len(word):]); next != nil {
		if whole := torn(word, next[1]); whole != "" {
			name = whole
			g.pos += len(next[0])
		}
	}
	switch behind := g.text[g.pos:]; {
	case name == "max-age":
		g.maxAge(behind)
	case nearestMaxAge(word):
		gap := gapAt.FindString(behind)
		if n, size, ok := parseCount(behind[len(gap):]); ok {
			g.bare = append(g.bare, n)
			g.pos += len(gap) + size
		}
	case name == "includeSubDomains":
		g.policy.IncludeSubDomains = g.policy.IncludeSubDomains || !noAt.MatchString(behind)
	case name == "preload":
		g.policy.Preload = g.policy.Preload || !noAt.MatchString(behind)
	}
}

// maxAge takes in the value that stands behind the name.
func (g *guess) maxAge(behind string) {
	gap := gapAt.FindString(behind)
	n, size, ok := parseCount(behind[len(gap):])
	switch {
	case ok:
		g.named = append(g.named, n)
		g.pos += len(gap) + size
	case len(gap) < len(behind) && !strings.HasPrefix(behind[len(gap):], ";"):
		g.doubt = true
	}
}

func (g *guess) bareNumber() {
	before := strings.TrimRight(g.text[:g.pos], " =:\"'")
	n, size, ok := parseCount(g.text[g.pos:])
	if ok && (before == "" || strings.HasSuffix(before, ";")) {
		g.bare = append(g.bare, n)
	}
	for g.pos += size; g.pos < len(g.text) && g.text[g.pos] >= '0' && g.text[g.pos] <= '9'; {
		g.pos++
	}
}

// count is a number as people write it: with a sign, thousands separators, an
// empty fraction, an exponent, a unit, or as a span of ISO 8601 (P1Y).
var count = regexp.MustCompile(`^\+?(p?t?)([0-9]{1,3}(?:[ ,._'][0-9]{3})+|[0-9]+)(?:\.0*)?(?:e\+?([0-9]))?( ?[a-z]+(?:[-_]?[a-z]+)*)?`)

// secondsPer holds the units of time. A single m is left out: it may be a month or a minute.
var secondsPer = map[string]uint64{
	"s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
	"min": 60, "mins": 60, "minute": 60, "minutes": 60,
	"h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
	"d": 86400, "day": 86400, "days": 86400,
	"w": 604800, "week": 604800, "weeks": 604800,
	"mo": 2592000, "month": 2592000, "months": 2592000,
	"y": 31536000, "yr": 31536000, "yrs": 31536000, "year": 31536000, "years": 31536000,
}

// parseCount reads the number of seconds that text, in lower case, begins
// with, and how many bytes it takes. It returns false for a number that has
// more to it than it knows.
func parseCount(text string) (n uint64, size int, ok bool) {
	m := count.FindStringSubmatch(text)
	if m == nil {
		return 0, 1, false
	}
	size = len(m[0])
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, m[2])
	if m[3] != "" {
		digits += strings.Repeat("0", int(m[3][0]-'0'))
	}
	unit := uint64(1)
	if word := strings.TrimPrefix(m[4], " "); secondsPer[word] > 0 {
		unit = secondsPer[word]
	} else if size -= len(m[4]); m[1] != "" || m[4] == word && word != "" && nearest(word) == "" {
		return 0, size, false // letters glued to the number that say nothing
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	ok = err == nil && n <= (1<<63)/unit
	if size < len(text) {
		next := text[size]
		ok = ok && next != '$' && next != '-' && (next < '0' || next > '9')
	}
	return n * unit, size, ok
}
