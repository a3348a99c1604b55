package hsts

import (
	"slices"
	"strings"
)

// known are the directives that mean something to anyone.
var known = []string{"max-age", "includeSubDomains", "preload"}

// Slip returns the directive that an unknown one was probably meant to be:
// "max-age", "includeSubDomains" or "preload", as it is written right. It
// returns false for a name that is near to none of them, and for every fault
// but a [DirectiveUnknown].
func (f Fault) Slip() (meant string, ok bool) {
	if f.Kind != DirectiveUnknown {
		return "", false
	}
	meant = nearest(f.Directive)
	return meant, meant != ""
}

// nearest returns the known directive that name is or is a slip of, "" for
// none. Only letters count: maxage, max_age and maxAge are the same.
func nearest(name string) string {
	word := letters(name)
	if len(word) > 64 { // no slip of the hand makes it that long
		return ""
	}
	for _, directive := range known {
		right := letters(directive)
		// An editor that cuts a line off puts a "$" there.
		if cut := strings.HasSuffix(name, "$") && word != ""; cut && strings.HasPrefix(right, word) {
			return directive
		}
		if distance(word, right) <= 1+len(right)/5 {
			return directive
		}
	}
	switch {
	case strings.HasPrefix(word, "includesub"), strings.Contains(word, "subdomain"):
		return "includeSubDomains"
	case strings.HasPrefix(word, "preload"):
		return "preload"
	}
	return ""
}

// standsFor are names that are no slips of max-age and yet leave no doubt in a
// field without it.
var standsFor = []string{"age", "expire", "expires", "max", "maxtime", "seconds", "ttl"}

// nearestMaxAge reports whether name was meant for max-age in a field that has
// no other one.
func nearestMaxAge(name string) bool {
	return nearest(name) == "max-age" || slices.Contains(standsFor, letters(name))
}

// torn returns the directive that two words are one of only together, as in
// "max age" and "include SubDomains", "" for none.
func torn(first, second string) string {
	whole := nearest(first + second)
	right := letters(whole)
	together := distance(letters(first+second), right)
	if whole != "" && together < distance(letters(first), right) && together < distance(letters(second), right) {
		return whole
	}
	return ""
}

// letters returns the letters of an ASCII name in lower case.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// distance is how many bytes have to be put in, taken out or replaced to turn
// a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
