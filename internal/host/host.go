// Package host knows the one form in which the program looks up and compares
// host names: that of browsers, as the URL Standard's host parser has it for
// http and https (https://url.spec.whatwg.org/#host-parsing).
package host

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// ASCII returns name as a browser asks for it: percent-decoded, mapped by
// UTS #46, in A-labels and lower case; an IPv4 address in dotted decimals
// however it was spelled, an IPv6 address canonical and in brackets. A trailing
// dot is kept, and so are empty and overlong labels, which a URL may have
// though nobody answers to them; see [Unvisitable].
//
// Chromium and Firefox differ in few hosts, and ASCII takes Chromium's side
// where it leads to a request. A name of ASCII characters alone is kept even if
// a label of it begins with "xn--" and encodes nothing (Firefox: no such URL;
// see [MalformedALabel]), and "0x" is 0.0.0.0 (Firefox refuses it). It takes
// Firefox's side where Chromium makes a URL that it never asks for: a space, an
// asterisk and a quotation mark, also as what another character is mapped to,
// and it refuses a leading zero in the IPv4 part of an IPv6 address, as the URL
// Standard does, since some read such a number as octal.
func ASCII(name string) (string, error) {
	if canonical(name) {
		return name, nil
	}
	if strings.HasPrefix(name, "[") {
		return ipv6(name)
	}
	name = percentDecode(name)
	if name == "" {
		return "", errors.New("it names no host")
	}
	if i := strings.IndexAny(name, forbidden); i >= 0 {
		return "", fmt.Errorf("no host name has %q", name[i])
	}
	ascii := lower(name)
	if !isASCII(name) {
		var err error
		if ascii, err = domainToASCII(name); err != nil {
			return "", err
		}
		if i := strings.IndexAny(ascii, forbidden); i >= 0 {
			return "", fmt.Errorf("no host name has %q", ascii[i])
		}
	}
	if endsInNumber(ascii) {
		return ipv4(ascii)
	}
	return ascii, nil
}

// IsIP reports whether a host is an IP address, in brackets or not, and so can
// never be a Known HSTS Host (RFC 6797 section 8.1.1). Like a browser it takes
// a name whose last label is a number, as in 127.1 or 0x7f000001, for an IPv4
// address (https://url.spec.whatwg.org/#ends-in-a-number-checker).
func IsIP(host string) bool {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.Contains(host, ":") {
		_, err := netip.ParseAddr(host)
		return err == nil
	}
	return endsInNumber(host)
}

// forbidden are the URL Standard's forbidden domain code points
// (https://url.spec.whatwg.org/#forbidden-domain-code-point), with the asterisk
// and the quotation mark, which browsers refuse besides or never ask for.
const forbidden = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f" +
	" #/:<>?@[\\]^|%\x7f" + `*"`

// canonical reports whether name is certain to be its own ASCII form, so that
// the common case costs nothing.
func canonical(name string) bool {
	for i := 0; i < len(name); i++ {
		switch b := name[i]; {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9', b == '.', b == '-', b == '_':
		default:
			return false
		}
	}
	return name != "" && !endsInNumber(name)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lower lowers the case of ASCII letters and of no other.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// percentDecode decodes what is well formed and leaves the rest as it is
// (https://url.spec.whatwg.org/#string-percent-decode).
func percentDecode(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			b.WriteByte(hexDigit(s[i+1])<<4 | hexDigit(s[i+2]))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isHex(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
}

// hexDigit is the value of a digit that isHex has let through.
func hexDigit(b byte) byte {
	if b <= '9' {
		return b - '0'
	}
	return b&0xf + 9
}
