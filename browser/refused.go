package browser

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"hsts-check/hsts"
	"hsts-check/internal/host"
)

// badPorts are those that browsers do not ask for
// (https://fetch.spec.whatwg.org/#port-blocking), in order.
var badPorts = []string{
	"0", "1", "7", "9", "11", "13", "15", "17", "19", "20", "21", "22", "23", "25", "37", "42", "43", "53", "69", "77",
	"79", "87", "95", "101", "102", "103", "104", "109", "110", "111", "113", "115", "117", "119", "123", "135", "137",
	"139", "143", "161", "179", "389", "427", "465", "512", "513", "514", "515", "526", "530", "531", "532", "540",
	"548", "554", "556", "563", "587", "601", "636", "989", "990", "993", "995", "1719", "1720", "1723", "2049",
	"3659", "4045", "4190", "5060", "5061", "6000", "6566", "6665", "6666", "6667", "6668", "6669", "6679", "6697",
	"10080",
}

// Refuses says why a client does not ask for a URL that parses, "" where it does.
// What both browsers refuse, no client asks for.
func (u URL) Refuses(c Client) string {
	name := u.Hostname()
	switch {
	case slices.Contains(badPorts, u.Port):
		return "browsers block port " + u.Port
	case host.Unvisitable(name):
		return "browsers look up no host of that name"
	case c == Firefox && host.HyphenEdged(name):
		return "Firefox trusts no certificate for a name with a hyphen at an end of a label"
	case c == Firefox && host.MalformedALabel(name):
		return "Firefox takes a label that begins with xn-- and encodes nothing for no name"
	}
	return ""
}

// underKnownSuffix reports whether a host is below a suffix of the Public
// Suffix List. Browsers upgrade no other to https by themselves, nor an IP
// address or a single label.
func underKnownSuffix(name string) bool {
	if hsts.IsIP(name) {
		return false
	}
	suffix, icann := publicsuffix.PublicSuffix(name)
	return suffix != name && (icann || strings.Contains(suffix, "."))
}
