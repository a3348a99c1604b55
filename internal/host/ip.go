package host

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// endsInNumber reports whether the last label of a name, or the one before a
// trailing dot, is a number, so that the name can be nothing but an IPv4
// address (https://url.spec.whatwg.org/#ends-in-a-number-checker).
func endsInNumber(name string) bool {
	name = strings.TrimSuffix(name, ".")
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == "" || last[0] < '0' || last[0] > '9' {
		return false
	}
	if digits, ok := cutHexPrefix(last); ok {
		return strings.Trim(digits, "0123456789abcdefABCDEF") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// ipv4 reads an IPv4 address in any of the spellings of inet_aton: one to four
// numbers, decimal, octal or hexadecimal, of which the last fills what is left
// (https://url.spec.whatwg.org/#concept-ipv4-parser).
func ipv4(name string) (string, error) {
	parts := strings.Split(strings.TrimSuffix(name, "."), ".")
	if len(parts) > 4 {
		return "", errors.New("it ends in a number and is no IPv4 address")
	}
	var address uint64
	for i, part := range parts {
		bits := 8 // all but the last number fill one byte
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		n, err := ipv4Number(part)
		if err != nil || n >= 1<<bits {
			return "", errors.New("it ends in a number and is no IPv4 address")
		}
		address = address<<bits | n
	}
	return netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)}).String(), nil
}

// ipv4Number reads one number of an address
// (https://url.spec.whatwg.org/#ipv4-number-parser).
func ipv4Number(s string) (uint64, error) {
	base := 10
	if digits, ok := cutHexPrefix(s); ok {
		if digits == "" {
			return 0, nil
		}
		s, base = digits, 16
	} else if len(s) > 1 && s[0] == '0' {
		s, base = s[1:], 8
	}
	return strconv.ParseUint(s, base, 64)
}

func cutHexPrefix(s string) (digits string, ok bool) {
	if len(s) > 1 && s[0] == '0' && s[1]|0x20 == 'x' {
		return s[2:], true
	}
	return s, false
}

// ipv6 reads an IPv6 address in brackets and writes it canonically: as RFC
// 5952 does but for an IPv4 address inside it, which becomes hexadecimal
// (https://url.spec.whatwg.org/#concept-ipv6-serializer).
func ipv6(name string) (string, error) {
	inner, closed := strings.CutSuffix(name[1:], "]")
	a, err := netip.ParseAddr(inner)
	if !closed || err != nil || !a.Is6() || a.Zone() != "" {
		return "", errors.New("what stands in brackets is no IPv6 address")
	}
	if a.Is4In6() {
		b := a.As16()
		return fmt.Sprintf("[::ffff:%x:%x]", uint16(b[12])<<8|uint16(b[13]), uint16(b[14])<<8|uint16(b[15])), nil
	}
	return "[" + a.String() + "]", nil
}
