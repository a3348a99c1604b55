package host

import "slices"

// A newerRange is a run of code points of which Unicode 17 says otherwise for
// host names than the tables of golang.org/x/net/idna do.
type newerRange struct {
	first, last rune
	change      change
	// to is what first is mapped to, and the others alike, or the stand-in of
	// those that are kept.
	to rune
}

// A change is what becomes of a code point.
type change byte

const (
	kept change = iota
	mapped
	dropped
)

// Stand-ins: an old character for each kind of new one, alike to the rules on
// labels (bidi class, joining type, combining or not).
const (
	letter        = '\u4E00' // CJK ideograph one: L
	symbol        = '\u2603' // snowman: ON
	rightToLeft   = '\u05D0' // Hebrew alef: R
	arabicNumber  = '\u0660' // Arabic-Indic digit zero: AN
	dualJoining   = '\u0628' // Arabic beh: AL, joins on both sides
	rightJoining  = '\u0627' // Arabic alef: AL, joins on the right
	mark          = '\u0334' // combining tilde overlay: NSM
	spacingMark   = '\u0903' // Devanagari visarga: Mc, L
	virama        = '\u094D' // Devanagari virama: NSM
	spacingVirama = '\u1B44' // Balinese adeg adeg: Mc, L
)

// findNewer returns the range of newer that a code point is in.
func findNewer(r rune) (newerRange, bool) {
	i, ok := slices.BinarySearchFunc(newer, r, func(n newerRange, r rune) int {
		switch {
		case n.last < r:
			return -1
		case n.first > r:
			return 1
		}
		return 0
	})
	if !ok {
		return newerRange{}, false
	}
	return newer[i], true
}

func isKept(r rune) bool {
	n, ok := findNewer(r)
	return ok && n.change == kept
}

// newer is in order. It was measured: what Chromium 156 and Firefox 153, which
// agree, make of every code point, less what golang.org/x/net/idna v0.62.0
// makes of it with Unicode 15.0; the stand-in from how each behaves beside
// Hebrew and Arabic letters, joiners and viramas.
var newer = []newerRange{
	{0x4C0, 0x4C0, mapped, 0x4CF},
	{0x88F, 0x88F, kept, dualJoining},
	{0x897, 0x897, kept, mark},
	{0xC5C, 0xC5C, kept, letter},
	{0xCDC, 0xCDC, kept, letter},
	{0x10A0, 0x10C5, mapped, 0x2D00},
	{0x115F, 0x1160, dropped, 0},
	{0x17B4, 0x17B5, dropped, 0},
	{0x1806, 0x1806, kept, symbol},
	{0x180E, 0x180E, dropped, 0},
	{0x1ACF, 0x1ADD, kept, mark},
	{0x1AE0, 0x1AEB, kept, mark},
	{0x1B4E, 0x1B4F, kept, letter},
	{0x1B7F, 0x1B7F, kept, letter},
	{0x1C89, 0x1C89, mapped, 0x1C8A},
	{0x1C8A, 0x1C8A, kept, letter},
	{0x1E9E, 0x1E9E, mapped, 0xDF},
	{0x2061, 0x2063, dropped, 0},
	{0x206A, 0x206F, dropped, 0},
	{0x20C1, 0x20C1, kept, symbol},
	{0x2132, 0x2132, mapped, 0x214E},
	{0x2183, 0x2183, mapped, 0x2184},
	{0x2427, 0x2429, kept, symbol},
	{0x2B96, 0x2B96, kept, symbol},
	{0x3164, 0x3164, dropped, 0},
	{0x31E4, 0x31E5, kept, symbol},
	{0xA7CB, 0xA7CB, mapped, 0x264},
	{0xA7CC, 0xA7CC, mapped, 0xA7CD},
	{0xA7CD, 0xA7CD, kept, letter},
	{0xA7CE, 0xA7CE, mapped, 0xA7CF},
	{0xA7CF, 0xA7CF, kept, letter},
	{0xA7D2, 0xA7D2, mapped, 0xA7D3},
	{0xA7D4, 0xA7D4, mapped, 0xA7D5},
	{0xA7DA, 0xA7DA, mapped, 0xA7DB},
	{0xA7DB, 0xA7DB, kept, letter},
	{0xA7DC, 0xA7DC, mapped, 0x19B},
	{0xA7F1, 0xA7F1, mapped, 0x73},
	{0xFBC3, 0xFBD2, kept, symbol},
	{0xFD90, 0xFD91, kept, symbol},
	{0xFDC8, 0xFDCE, kept, symbol},
	{0xFFA0, 0xFFA0, dropped, 0},
	{0x105C0, 0x105F3, kept, letter},
	{0x10940, 0x10959, kept, rightToLeft},
	{0x10D40, 0x10D49, kept, arabicNumber},
	{0x10D4A, 0x10D4F, kept, rightToLeft},
	{0x10D50, 0x10D65, mapped, 0x10D70},
	{0x10D69, 0x10D6D, kept, mark},
	{0x10D6E, 0x10D6E, kept, symbol},
	{0x10D6F, 0x10D85, kept, rightToLeft},
	{0x10D8E, 0x10D8F, kept, rightToLeft},
	{0x10EC2, 0x10EC2, kept, rightJoining},
	{0x10EC3, 0x10EC4, kept, dualJoining},
	{0x10EC5, 0x10EC5, kept, rightToLeft},
	{0x10EC6, 0x10EC7, kept, dualJoining},
	{0x10ED0, 0x10ED8, kept, symbol},
	{0x10EFA, 0x10EFC, kept, mark},
	{0x11380, 0x11389, kept, letter},
	{0x1138B, 0x1138B, kept, letter},
	{0x1138E, 0x1138E, kept, letter},
	{0x11390, 0x113B5, kept, letter},
	{0x113B7, 0x113B7, kept, letter},
	{0x113B8, 0x113BA, kept, spacingMark},
	{0x113BB, 0x113C0, kept, mark},
	{0x113C2, 0x113C2, kept, spacingMark},
	{0x113C5, 0x113C5, kept, spacingMark},
	{0x113C7, 0x113CA, kept, spacingMark},
	{0x113CC, 0x113CD, kept, spacingMark},
	{0x113CE, 0x113CE, kept, virama},
	{0x113CF, 0x113CF, kept, spacingVirama},
	{0x113D0, 0x113D0, kept, virama},
	{0x113D1, 0x113D1, kept, letter},
	{0x113D2, 0x113D2, kept, mark},
	{0x113D3, 0x113D5, kept, letter},
	{0x113D7, 0x113D8, kept, letter},
	{0x113E1, 0x113E2, kept, mark},
	{0x116D0, 0x116E3, kept, letter},
	{0x11B60, 0x11B60, kept, mark},
	{0x11B61, 0x11B61, kept, spacingMark},
	{0x11B62, 0x11B64, kept, mark},
	{0x11B65, 0x11B65, kept, spacingMark},
	{0x11B66, 0x11B66, kept, mark},
	{0x11B67, 0x11B67, kept, spacingMark},
	{0x11BC0, 0x11BE1, kept, letter},
	{0x11BF0, 0x11BF9, kept, letter},
	{0x11DB0, 0x11DDB, kept, letter},
	{0x11DE0, 0x11DE9, kept, letter},
	{0x11F5A, 0x11F5A, kept, mark},
	{0x13460, 0x143FA, kept, letter},
	{0x16100, 0x1611D, kept, letter},
	{0x1611E, 0x16129, kept, mark},
	{0x1612A, 0x1612C, kept, spacingMark},
	{0x1612D, 0x1612E, kept, mark},
	{0x1612F, 0x1612F, kept, virama},
	{0x16130, 0x16139, kept, letter},
	{0x16D40, 0x16D79, kept, letter},
	{0x16EA0, 0x16EB8, mapped, 0x16EBB},
	{0x16EBB, 0x16ED3, kept, letter},
	{0x16FF2, 0x16FF6, kept, letter},
	{0x187F8, 0x187FF, kept, letter},
	{0x18CFF, 0x18CFF, kept, letter},
	{0x18D09, 0x18D1E, kept, letter},
	{0x18D80, 0x18DF2, kept, letter},
	{0x1CC00, 0x1CCD5, kept, symbol},
	{0x1CCD6, 0x1CCEF, mapped, 0x61},
	{0x1CCF0, 0x1CCF9, mapped, 0x30},
	{0x1CCFA, 0x1CCFC, kept, symbol},
	{0x1CD00, 0x1CEB3, kept, symbol},
	{0x1CEBA, 0x1CED0, kept, symbol},
	{0x1CEE0, 0x1CEF0, kept, symbol},
	{0x1D173, 0x1D17A, dropped, 0},
	{0x1E5D0, 0x1E5ED, kept, letter},
	{0x1E5EE, 0x1E5EF, kept, mark},
	{0x1E5F0, 0x1E5FA, kept, letter},
	{0x1E5FF, 0x1E5FF, kept, letter},
	{0x1E6C0, 0x1E6DE, kept, letter},
	{0x1E6E0, 0x1E6E2, kept, letter},
	{0x1E6E3, 0x1E6E3, kept, mark},
	{0x1E6E4, 0x1E6E5, kept, letter},
	{0x1E6E6, 0x1E6E6, kept, mark},
	{0x1E6E7, 0x1E6ED, kept, letter},
	{0x1E6EE, 0x1E6EF, kept, mark},
	{0x1E6F0, 0x1E6F4, kept, letter},
	{0x1E6F5, 0x1E6F5, kept, mark},
	{0x1E6FE, 0x1E6FF, kept, letter},
	{0x1F6D8, 0x1F6D8, kept, symbol},
	{0x1F777, 0x1F77A, kept, symbol},
	{0x1F8B2, 0x1F8BB, kept, symbol},
	{0x1F8C0, 0x1F8C1, kept, symbol},
	{0x1F8D0, 0x1F8D8, kept, symbol},
	{0x1FA54, 0x1FA57, kept, symbol},
	{0x1FA89, 0x1FA8A, kept, symbol},
	{0x1FA8E, 0x1FA8F, kept, symbol},
	{0x1FABE, 0x1FABE, kept, symbol},
	{0x1FAC6, 0x1FAC6, kept, symbol},
	{0x1FAC8, 0x1FAC8, kept, symbol},
	{0x1FACD, 0x1FACD, kept, symbol},
	{0x1FADC, 0x1FADC, kept, symbol},
	{0x1FADF, 0x1FADF, kept, symbol},
	{0x1FAE9, 0x1FAEA, kept, symbol},
	{0x1FAEF, 0x1FAEF, kept, symbol},
	{0x1FBCB, 0x1FBEF, kept, symbol},
	{0x1FBFA, 0x1FBFA, kept, symbol},
	{0x2B73A, 0x2B73F, kept, letter},
	{0x2CEA2, 0x2CEAD, kept, letter},
	{0x2EBF0, 0x2EE5D, kept, letter},
	{0x2F868, 0x2F868, mapped, 0x36FC},
	{0x2F874, 0x2F874, mapped, 0x5F53},
	{0x2F91F, 0x2F91F, mapped, 0x243AB},
	{0x2F95F, 0x2F95F, mapped, 0x7AEE},
	{0x2F9BF, 0x2F9BF, mapped, 0x45D7},
	{0x323B0, 0x33479, kept, letter},
}
