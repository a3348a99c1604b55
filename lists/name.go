package lists

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"hsts-check/internal/host"
)

// privateTLDs are what hosts end in that are in no public DNS: RFC 6761, RFC
// 6762, RFC 7686, RFC 9476, ICANN's "internal", and the habits of networks.
var privateTLDs = []string{"test", "example", "invalid", "localhost", "local", "onion", "alt", "internal", "intranet", "private", "corp", "home", "lan"}

// otherHost finds in a site's name a host that is not the one visited, nor,
// unless that alone will do, one above it: "Booking.com" may name
// www.booking.com. It returns it as it is written, "" for none.
func otherHost(name, visited string, alone bool) string {
	if strings.EqualFold(name, "localhost") && !strings.EqualFold(visited, "localhost") {
		return name
	}
	visited = asciiHost(visited)
	for _, word := range hostsIn(name, visited) {
		if h := asciiHost(word); visited != h && (alone || !strings.HasSuffix(visited, "."+h)) {
			return word
		}
	}
	return ""
}

// mayHoldHost spares most names a closer look.
func mayHoldHost(name string) bool {
	if len(name) == len("localhost") {
		return true
	}
	for i := range len(name) {
		if b := name[i]; b == '.' || b == ':' || b >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// hostsIn finds the words of a text that are hosts: addresses, and names of two
// labels or more that begin with www, or end in a top-level domain or as the
// visited host does. "St.George", "N.Z." and "Node.js" are none.
func hostsIn(text, visited string) []string {
	var found []string
	for word := range strings.FieldsFuncSeq(text, isBlank) {
		if a, err := netip.ParseAddr(strings.Trim(word, `[](){}"',;`)); err == nil && a.Is6() {
			found = append(found, a.String())
			continue
		}
		for part := range strings.FieldsFuncSeq(word, func(r rune) bool { return !inHost(r) }) {
			if part = strings.Trim(part, ".-_。．｡"); isHost(part, visited) {
				found = append(found, part)
			}
		}
	}
	return found
}

// inHost reports whether a host in any script may have such a character, those
// included that cannot be seen and that browsers leave out (UTS #46).
func inHost(r rune) bool {
	if r < utf8.RuneSelf {
		return inName(r)
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("。．｡", r)
}

// isHost reports whether a word, made of a host's characters, is a host.
func isHost(word, visited string) bool {
	word = strings.TrimRight(word, ".")
	if !strings.ContainsAny(word, ".。．｡") {
		return false
	}
	h := asciiHost(word)
	i := strings.LastIndexByte(h, '.')
	if i < 0 || checkName(h) != nil {
		return false
	}
	last := h[i+1:]
	if strings.Trim(last, "0123456789") == "" {
		return true // an address: checkName
	}
	if strings.HasPrefix(h, "www.") || visited != "" && last == visited[strings.LastIndexByte(visited, '.')+1:] {
		return !isSuffix(h)
	}
	return !isCapitalized(word) && isTLD(last) && !isSuffix(h)
}

// isCapitalized reports whether the last label is written as a name and not as a
// host: .george and .bank are top-level domains, St.George is a bank.
func isCapitalized(word string) bool {
	last := word[strings.LastIndexByte(word, '.')+1:]
	return last[0] >= 'A' && last[0] <= 'Z' && last != strings.ToUpper(last)
}

// isTLD reports whether hosts end in such a label.
func isTLD(label string) bool {
	_, icann := publicsuffix.PublicSuffix("x." + label)
	return icann && !strings.Contains(label, ".") || slices.Contains(privateTLDs, label)
}

// isSuffix reports whether a name is one that domains are registered under,
// such as co.nz, where no site is.
func isSuffix(name string) bool {
	suffix, icann := publicsuffix.PublicSuffix(name)
	return icann && suffix == name
}

// asciiHost is a host as DNS has it, in lower case and without the root's dot,
// or as it is where it is no host.
func asciiHost(name string) string {
	name = strings.TrimSuffix(name, ".")
	if isName(name) {
		return strings.ToLower(name)
	}
	if a, err := netip.ParseAddr(name); err == nil {
		return a.String()
	}
	if ascii, err := host.ASCII(name); err == nil {
		return strings.TrimSuffix(ascii, ".")
	}
	return strings.ToLower(name)
}

// checkNoEmail refuses a name with an e-mail address: it holds a host, and
// reports are passed on.
func checkNoEmail(name string) error {
	for word := range strings.FieldsFuncSeq(name, isBlank) {
		if _, domain, found := strings.Cut(word, "@"); found && len(hostsIn(domain, "")) > 0 {
			return fmt.Errorf("%s is an e-mail address: leave it out of the name", quote(word))
		}
	}
	return nil
}

// isRange finds 192.0.2.0/24, which would be read as an address and a path.
func isRange(arg string) bool {
	if strings.Contains(arg, "://") {
		return false
	}
	_, err := netip.ParsePrefix(arg)
	return err == nil
}

// isEmail finds an address of a person, with or without mailto:.
func isEmail(arg string) bool {
	if len(arg) > len("mailto:") && strings.EqualFold(arg[:len("mailto:")], "mailto:") {
		return true
	}
	user, domain, found := strings.Cut(arg, "@")
	return found && user != "" && !strings.ContainsAny(user, ":/?#@") && !strings.ContainsAny(domain, "@/:?#") && domain != ""
}
