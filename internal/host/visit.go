package host

import "strings"

// Unvisitable reports whether browsers ask nothing of a host in its ASCII form
// although it stands in a URL that they accept: a name with characters other
// than letters, digits, hyphens, underscores and dots; one with an empty label
// ("b..test", ".b.test"); a label of more than 63 bytes or a name of more than
// 253, a trailing dot not counted, as DNS has it (RFC 1035 section 2.3.4); a
// last label that begins with a hyphen or an underscore, which stops Chromium
// alone. All of it was measured with Chromium 156 and Firefox 153 on Linux.
func Unvisitable(host string) bool {
	if IsIP(host) {
		return false
	}
	host = strings.TrimSuffix(host, ".")
	if len(host) > 253 {
		return true
	}
	last := ""
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return true
		}
		last = label
	}
	return last[0] == '-' || last[0] == '_'
}

// HyphenEdged reports whether a label of a host begins or ends with a hyphen.
// Chromium 156 visits such a host over https and remembers its policy. Firefox
// 153 does not: it takes no certificate to be for it, and on Linux finds no
// address where the name itself begins with the hyphen.
func HyphenEdged(host string) bool {
	return strings.HasPrefix(host, "-") || strings.HasSuffix(host, "-") ||
		strings.Contains(host, ".-") || strings.Contains(host, "-.")
}
