package host

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// profile is the URL Standard's "domain to ASCII" with beStrict false
// (https://url.spec.whatwg.org/#concept-domain-to-ascii), as far as
// golang.org/x/net/idna has it; see domainToASCII for the rest.
var profile = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.CheckJoiners(true),
	idna.BidiRule(),
	idna.CheckHyphens(false),
	idna.StrictDomainName(false),
	idna.VerifyDNSLength(false),
)

// mapOnly maps as profile does and checks nothing else.
var mapOnly = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.ValidateLabels(false),
	idna.StrictDomainName(false),
)

// acePrefix begins an A-label (RFC 5890 section 2.3.2.1).
const acePrefix = "xn--"

var errIDNA = errors.New("it is not a valid internationalized name")

// domainToASCII maps and encodes a name of which some characters are not ASCII.
// It makes good for three faults of golang.org/x/net/idna v0.62.0:
//
//   - Built by a Go before 1.27, the package has the tables of Unicode 15.0 and
//     the algorithm of UTS #46 of that time. Chromium 156 and Firefox 153 both
//     have Unicode 17: U+1E9E becomes U+00DF and no longer "ss", Georgian and
//     other capitals are lowered that were refused, invisible characters such
//     as U+2062 are dropped that were refused, and some ten thousand characters
//     exist that did not. The table newer has all that differs. Left undone is
//     the normalization of new characters, which asks for newer tables of NFC:
//     the order of new combining marks, and the few new letters that compose.
//   - Profile.ToASCII decides whether a name is a bidi domain name by its
//     characters before they are mapped. U+2135 ALEF SYMBOL, which is written
//     from left to right, becomes U+05D0, which is not, and "a\u2135b" gets
//     through. Hence the name is mapped first.
//   - It takes the label "xn--" for an empty one and decodes labels behind
//     "xn--" that are not ASCII, both of which UTS #46 refuses.
func domainToASCII(name string) (string, error) {
	mapped, err := mapName(name)
	if err != nil {
		return "", errIDNA
	}
	if mapped == "" {
		return "", errors.New("it names no host")
	}
	standIn := strings.Map(func(r rune) rune {
		if n, ok := findNewer(r); ok && n.change == kept {
			return n.to
		}
		return r
	}, decodeNewer(mapped))
	ascii, err := profile.ToASCII(standIn)
	if err != nil || slices.ContainsFunc(strings.Split(mapped, "."), undecodable) {
		return "", errIDNA
	}
	if mapped == standIn {
		return ascii, nil
	}
	if ascii, err = idna.Punycode.ToASCII(mapped); err != nil {
		return "", errIDNA
	}
	return ascii, nil
}

// undecodable reports whether a label begins as an A-label and cannot be one.
func undecodable(label string) bool {
	encoded, ok := strings.CutPrefix(label, acePrefix)
	return ok && (encoded == "" || !isASCII(encoded))
}

// mapName maps every character as UTS #46 does and normalizes the whole. It
// goes by single characters so that nothing is decoded.
func mapName(name string) (string, error) {
	var b strings.Builder
	for _, r := range name {
		n, ok := findNewer(r)
		switch {
		case !ok:
			to, err := mapOnly.ToUnicode(string(r))
			if err != nil {
				return "", err
			}
			b.WriteString(to)
		case n.change == kept:
			b.WriteRune(r)
		case n.change == mapped:
			b.WriteRune(n.to + r - n.first)
		}
	}
	return norm.NFC.String(b.String()), nil
}

// decodeNewer decodes those A-labels that hold a new character, which the
// library would refuse.
func decodeNewer(name string) string {
	if !strings.Contains(name, acePrefix) {
		return name
	}
	labels := strings.Split(name, ".")
	for i, label := range labels {
		if u, err := idna.Punycode.ToUnicode(label); err == nil && strings.ContainsFunc(u, isKept) {
			labels[i] = u
		}
	}
	return strings.Join(labels, ".")
}

// MalformedALabel reports whether a host in its ASCII form has a label that
// begins as an A-label does and encodes nothing that UTS #46 lets be encoded
// so. Chromium looks such a host up, to Firefox its URL is none.
func MalformedALabel(host string) bool {
	if !strings.Contains(host, acePrefix) {
		return false
	}
	ascii, err := domainToASCII(host)
	return err != nil || ascii != host
}
