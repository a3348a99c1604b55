package host

import (
	"strings"
	"testing"
)

func TestASCII(t *testing.T) {
	for _, c := range []struct{ why, name, want string }{
		{"canonical", "a-b.example.org", "a-b.example.org"},
		{"upper case", "WWW.Example.ORG", "www.example.org"},
		{"a trailing dot stays", "a.test.", "a.test."},
		{"empty labels stay", "a..test", "a..test"},
		{"an overlong label stays", strings.Repeat("a", 64) + ".test", strings.Repeat("a", 64) + ".test"},
		{"an underscore", "a_b.test", "a_b.test"},
		{"other characters of ASCII", "a~b.test", "a~b.test"},
		{"hyphens in the third and fourth place", "r3---sn.test", "r3---sn.test"},
		{"hyphens there beside another script", "ab--ü.test", "xn--ab---3ra.test"},
		{"hyphens at the edges", "-ü-.test", "xn-----xka.test"},
		{"percent-encoded ASCII", "%61%2eTEST", "a.test"},
		{"percent-encoded UTF-8", "b%C3%BCcher.test", "xn--bcher-kva.test"},

		{"sharp s is kept, not ss", "faß.de", "xn--fa-hia.de"},
		{"capital sharp s is lowered, not ss", "STRAẞE.de", "xn--strae-oqa.de"},
		{"final sigma is kept", "ς.gr", "xn--3xa.gr"},
		{"dotted capital I", "İ.test", "xn--i-9bb.test"},
		{"full width", "ＥＸＡＭＰＬＥ。ＴＥＳＴ", "example.test"},
		{"full width xn", "ｘn--bcher-kva.test", "xn--bcher-kva.test"},
		{"a soft hyphen goes", "b\u00adb.test", "bb.test"},
		{"normalized after the mapping", "A\u0308.test", "xn--4ca.test"},
		{"a joiner behind a virama", "\u0915\u094d\u200d.test", "xn--11b6iy14e.test"},
		{"a non-joiner between joining letters", "\u0628\u200c\u0628.test", "xn--ngba799q.test"},
		{"an underscore beside another script", "a_b.ü.test", "a_b.xn--tda.test"},
		{"unequal to, which ASCII alone would not be", "\u2260.test", "xn--1ch.test"},
		{"right to left", "\u05d01.test", "xn--1-zhc.test"},

		{"a letter of Unicode 16", "\U000105c0.test", "xn--4u8c.test"},
		{"its A-label", "xn--4u8c.test", "xn--4u8c.test"},
		{"its A-label beside another script", "ü.xn--4u8c.test", "xn--tda.xn--4u8c.test"},
		{"a letter of Unicode 17 beside one that is mapped", "Ü\U000323b0.test", "xn--tda89022b.test"},
		{"a letter of Unicode 17 beside one that composes", "a\u0308\U000323b0.test", "xn--4ca64122b.test"},
		{"a capital that is lowered since Unicode 16", "\u10a0.test", "xn--rkj.test"},
		{"an invisible character that is dropped since then", "a\u2062b.test", "ab.test"},

		{"an A-label of nothing, ASCII alone", "xn--a.test", "xn--a.test"},

		{"two numbers", "127.1", "127.0.0.1"},
		{"one number", "2130706433", "127.0.0.1"},
		{"the highest number", "4294967295", "255.255.255.255"},
		{"hexadecimal", "0x7F.1", "127.0.0.1"},
		{"octal", "0177.0.0.01", "127.0.0.1"},
		{"0x is nought", "0x", "0.0.0.0"},
		{"a number in full width", "１.２", "1.0.0.2"},
		{"a trailing dot goes from a number", "1.2.3.4.", "1.2.3.4"},
		{"a number is not the last label", "1.2.3.a", "1.2.3.a"},
		{"a letter behind the number", "a.1e1", "a.1e1"},
		{"no hexadecimal digit", "a.0x1g", "a.0x1g"},

		{"IPv6", "[2001:DB8:0:0::0001]", "[2001:db8::1]"},
		{"IPv4 in IPv6", "[::ffff:1.2.3.4]", "[::ffff:102:304]"},
		{"IPv4 behind other pieces", "[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:102:304]"},
		{"one zero is not shortened", "[1:0:2:3:4:5:6:7]", "[1:0:2:3:4:5:6:7]"},
	} {
		if got, err := ASCII(c.name); err != nil || got != c.want {
			t.Errorf("%s: %q is %q, %v; want %q", c.why, c.name, got, err, c.want)
		}
		if again, err := ASCII(c.want); err != nil || again != c.want {
			t.Errorf("%s: %q becomes %q, %v", c.why, c.want, again, err)
		}
	}
}

func TestNoHost(t *testing.T) {
	for _, c := range []struct{ why, name string }{
		{"empty", ""},
		{"nothing but a soft hyphen", "\u00ad"},
		{"a space", "a b.test"},
		{"a quotation mark", `a"b.test`},
		{"an asterisk", "*.test"},
		{"a full-width asterisk", "\uff0a.test"},
		{"an encoded slash", "a%2fb.test"},
		{"an encoded percent sign", "a%25b.test"},
		{"half an escape", "a%2.test"},
		{"care of", "\u2100.test"},
		{"less than, not composed", "<\u0338.test"},
		{"not UTF-8", "b\xfccher.test"},
		{"an unassigned code point", "\U000e0080.test"},
		{"a combining mark first", "\u0300a.test"},
		{"a combining mark of Unicode 16 first", "\u0897a.test"},
		{"a joiner without a virama", "a\u200db.test"},
		{"right to left behind a letter", "a\u05d0.test"},
		{"right to left after the mapping", "a\u2135b.test"},
		{"right to left of Unicode 17 behind a letter", "a\U00010940.test"},
		{"right to left and another label in disorder", "1a.\u05d0"},
		{"an empty A-label beside another script", "xn--.ü"},
		{"an A-label of nothing beside another script", "xn--a.ü"},
		{"an A-label that is not ASCII", "xn--ü-.test"},
		{"an A-label of a capital beside another script", "ü.xn--7md.test"},

		{"five numbers", "1.2.3.4.0"},
		{"a number over 255", "1.256.1.1"},
		{"a last number that is too large", "1.16777216"},
		{"one number that is too large", "4294967296"},
		{"no octal digit", "09.1"},
		{"a sign", "+1.1"},
		{"an empty number", "1..2"},
		{"a name before a number", "a.1"},
		{"a name before a hexadecimal number", "a.0x1"},

		{"an open bracket", "[::1"},
		{"a zone", "[fe80::1%eth0]"},
		{"IPv4 in brackets", "[1.2.3.4]"},
		{"a leading zero in IPv4 in IPv6", "[::01.2.3.4]"},
		{"a bare IPv6 address", "::1"},
		{"empty brackets", "[]"},
	} {
		if got, err := ASCII(c.name); err == nil || got != "" {
			t.Errorf("%s: %q is %q, %v; want an error", c.why, c.name, got, err)
		}
	}
}

func TestMalformedALabel(t *testing.T) {
	for _, c := range []struct {
		why, host string
		want      bool
	}{
		{"an A-label", "xn--bcher-kva.test", false},
		{"an A-label of Unicode 16", "a.xn--4u8c", false},
		{"no A-label", "ab--cd.test", false},
		{"an empty one", "xn--.test", true},
		{"of ASCII", "xn--a-.test", true},
		{"no Punycode", "a.xn--a", true},
		{"of what would be mapped", "xn--a-yoc.test", true},
	} {
		if got := MalformedALabel(c.host); got != c.want {
			t.Errorf("%s: %s: %v, want %v", c.why, c.host, got, c.want)
		}
	}
}

func TestIsIP(t *testing.T) {
	for host, want := range map[string]bool{
		"1.2.3.4": true, "127.1": true, "0x7f000001": true, "a.0X": true, "1.2.3.4.": true, "::1": true, "[::1]": true,
		"a.test": false, "1.a": false, "": false, ".": false, "a.1e1": false, "a:b": false, "[x]": false,
	} {
		if got := IsIP(host); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}

func TestUnvisitable(t *testing.T) {
	label := strings.Repeat("b", 63) + "."
	for _, c := range []struct {
		why, host string
		want      bool
	}{
		{"a name", "a-b.test", false},
		{"a trailing dot", "a.test.", false},
		{"an underscore", "_a.b_.test", false},
		{"a hyphen at an edge", "-a.b-.test", false},
		{"a label of 63 bytes", label + "test", false},
		{"a name of 253 bytes", label + label + label + strings.Repeat("c", 61), false},
		{"a name of 253 bytes and a dot", label + label + label + strings.Repeat("c", 61) + ".", false},
		{"an IPv4 address", "127.0.0.1", false},
		{"an IPv6 address", "[::1]", false},
		{"an IPv6 address without brackets", "::1", false},
		{"a tilde", "a~b.test", true},
		{"a dollar sign", "a$b.test", true},
		{"an empty label", "b..test", true},
		{"an empty first label", ".b.test", true},
		{"two trailing dots", "b.test..", true},
		{"a dot", ".", true},
		{"a label of 64 bytes", "b" + label + "test", true},
		{"a name of 254 bytes", label + label + label + strings.Repeat("c", 62), true},
		{"a last label that begins with a hyphen", "a.-b", true},
		{"a last label that begins with an underscore", "a._b", true},
	} {
		if got := Unvisitable(c.host); got != c.want {
			t.Errorf("%s: %s: %v, want %v", c.why, c.host, got, c.want)
		}
	}
}

func TestHyphenEdged(t *testing.T) {
	for host, want := range map[string]bool{
		"-a.test": true, "a-.test": true, "b.-a.test": true, "a.b-": true, "a-b.test": false, "ab--cd.test": false,
	} {
		if got := HyphenEdged(host); got != want {
			t.Errorf("%s: %v, want %v", host, got, want)
		}
	}
}

// TestCanonicalCostsNothing says that the common case allocates nothing.
func TestCanonicalCostsNothing(t *testing.T) {
	if n := testing.AllocsPerRun(10, func() { ASCII("www.example-1.org") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
