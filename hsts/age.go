package hsts

import (
	"strconv"
	"strings"
)

var units = []struct {
	one, many string
	seconds   uint64
}{{"year", "years", 365 * 86400}, {"day", "days", 86400}, {"hour", "hours", 3600}, {"min", "min", 60}, {"s", "s", 1}}

// Age writes a max-age in seconds for people: in one unit where it divides
// evenly ("1 year", which has 365 days, "126 days", "5 min", "0"), else in two
// ("182 days 12 hours", "1 year 1 s"). What those do not hold exactly is rounded
// down behind a tilde ("~317 years"); beyond a thousand years nobody counts
// ("over 1000 years").
func Age(seconds uint64) string {
	const year = 365 * 86400
	if seconds == 0 {
		return "0"
	}
	if seconds > 1000*year {
		return "over 1000 years"
	}
	said := func(n uint64, one, many string) string {
		if n == 1 {
			return "1 " + one
		}
		return strconv.FormatUint(n, 10) + " " + many
	}
	for _, u := range units {
		// Four digits of a small unit are no easier to read than seconds.
		if seconds%u.seconds == 0 && (seconds/u.seconds < 1000 || u.seconds == year) {
			return said(seconds/u.seconds, u.one, u.many)
		}
	}
	var parts []string
	rest, most := seconds, 2
	for _, u := range units {
		if n := rest / u.seconds; n > 0 && len(parts) < most {
			parts = append(parts, said(n, u.one, u.many))
			rest %= u.seconds
			if u.seconds == year && n >= 10 && rest > 0 {
				most = 1
			}
		}
	}
	if rest > 0 {
		return "~" + strings.Join(parts, " ")
	}
	return strings.Join(parts, " ")
}
