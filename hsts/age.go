package hsts

import (
	"fmt"
	"strconv"
	"strings"
)

var units = []struct {
	name    string
	seconds uint64
}{{"y", 365 * 86400}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}

// Age writes a max-age in seconds for people: in one unit where it
// divides evenly ("1y", a year of 365 days, "126d", "0"), else in two
// ("182d 12h", "1y 1s"). What those do not hold exactly is rounded down behind
// a tilde ("~317y"); beyond a thousand years nobody counts (">1000y").
func Age(seconds uint64) string {
	const year = 365 * 86400
	if seconds == 0 {
		return "0"
	}
	if seconds > 1000*year {
		return ">1000y"
	}
	for _, u := range units {
		// Four digits of a small unit are no easier to read than seconds.
		if seconds%u.seconds == 0 && (seconds/u.seconds < 1000 || u.name == "y") {
			return strconv.FormatUint(seconds/u.seconds, 10) + u.name
		}
	}
	var parts []string
	rest, most := seconds, 2
	for _, u := range units {
		if n := rest / u.seconds; n > 0 && len(parts) < most {
			parts = append(parts, fmt.Sprintf("%d%s", n, u.name))
			rest %= u.seconds
			if u.name == "y" && n >= 10 && rest > 0 {
				most = 1
			}
		}
	}
	if rest > 0 {
		return "~" + strings.Join(parts, " ")
	}
	return strings.Join(parts, " ")
}
