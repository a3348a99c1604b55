package lists

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/visit"
)

// TestNameHoldsAnotherHost: no line is visited under the name of another site.
func TestNameHoldsAnotherHost(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"online.asb.test, hsbc.test", `two hosts on one line, "online.asb.test" and "hsbc.test": give each a line`},
		{"online.asb.test hsbc.test", `two hosts on one line, "online.asb.test" and "hsbc.test": give each a line`},
		{"online.asb.test,hsbc.test", `two hosts on one line, "online.asb.test" and "hsbc.test": give each a line`},
		{"online.asb.test;hsbc.test", `two hosts on one line, "online.asb.test" and "hsbc.test": give each a line`},
		{"online.asb.test|hsbc.test|", `two hosts on one line, "online.asb.test" and "hsbc.test": give each a line`},
		{"online.asb.test\thsbc.test", `two hosts on one line, "online.asb.test" and "hsbc.test": give each a line`},
		{"online.asb.test | hsbc.test", `two hosts on one line, "online.asb.test" and "hsbc.test": give each a line`},
		{"- online.asb.test - hsbc.test", `two hosts on one line, "online.asb.test" and "hsbc.test": give each a line`},
		{"1. \"online.asb.test\" <hsbc.test>", `two hosts on one line, "online.asb.test" and "hsbc.test": give each a line`},
		{"asb.test/login hsbc.test", `two hosts on one line, "asb.test" and "hsbc.test": give each a line`},
		{"asb.test:8443 hsbc.test", `two hosts on one line, "asb.test" and "hsbc.test": give each a line`},
		{"ASB (asb.test) https://hsbc.test/", `two hosts on one line, "asb.test" and "hsbc.test": give each a line`},
		{"ASB=asb.test https://hsbc.test/", `two hosts on one line, "asb.test" and "hsbc.test": give each a line`},
		{"ＡＳＢ．test https://hsbc.test/", `two hosts on one line, "ＡＳＢ．test" and "hsbc.test": give each a line`},
		{"bücher.example a.example", `two hosts on one line, "bücher.example" and "a.example": give each a line`},
		{"例え。みんな a.example", `two hosts on one line, "例え。みんな" and "a.example": give each a line`},
		{"HSBC.CO.NZ https://www.hsbc.com/", `two hosts on one line, "HSBC.CO.NZ" and "www.hsbc.com": give each a line`},
		{"www.Asb.Example1 https://hsbc.test", `two hosts on one line, "www.Asb.Example1" and "hsbc.test": give each a line`},
		{"printer.floor2 mail.floor2", `two hosts on one line, "printer.floor2" and "mail.floor2": give each a line`},
		{"localhost a.test", `two hosts on one line, "localhost" and "a.test": give each a line`},
		{"the one and the same domain: a.test www.a.test", `two hosts on one line, "a.test" and "www.a.test": give each a line`},
		{"www.a.test https://a.test/", `two hosts on one line, "www.a.test" and "a.test": give each a line`},
		{"www.a.test https://online.a.test/", `two hosts on one line, "www.a.test" and "online.a.test": give each a line`},
		{"192.0.2.7 a.test", `"a.test" follows the address "192.0.2.7": write the host alone; --resolve leads it there`},
		{"192.0.2.7 a.test b.test", `"b.test" follows the address "192.0.2.7": write the host alone; --resolve leads it there`},
		{"2001:db8::7 a.test", `"a.test" follows the address "2001:db8::7": write the host alone; --resolve leads it there`},
		{"192.0.2.0/24 a.test", `"a.test" follows the address "192.0.2.0": write the host alone; --resolve leads it there`},
		{"192.0.2.0/24", `"192.0.2.0/24" is a range of addresses: write a host name`},
		{"ASB 2001:db8::/32", `"2001:db8::/32" is a range of addresses: write a host name`},
		{"ASB help@asb.test", `"…@asb.test" is an e-mail address: write the host or URL of a site`},
		{"help@asb.test https://asb.test/", `"…@asb.test" is an e-mail address: leave it out of the name`},
		{"https://a.test/ b.test", `two URLs on one line, "https://a.test/" and "b.test": give each a line`},
		{"https://a.test/,b.test", `"https://a.test/" and "b.test" are two sites: write each alone`},
		{"ASB https://a.test/|https://b.test/", `"https://a.test/" and "https://b.test/" are two sites: write each alone`},
		{"https://a.test/,ASB", `"ASB" follows the URL "https://a.test/": write the name first`},
		{"ASB,https://a.test/login,NZ", `"ASB,https://a.test/login,NZ" has another field behind its URL: write a name, a blank and a URL`},
		{"https://a.test/ ASB Bank", `"ASB Bank" follows the URL "https://a.test/": write the name first, and %20 for a blank in a URL`},
		{"a.test, ASB", `"ASB" follows the URL "a.test": write the name first, and %20 for a blank in a URL`},
		{"https://a.test/my page", `"page" follows the URL "https://a.test/my": write the name first, and %20 for a blank in a URL`},
		{"New Zealand]", `the heading "New Zealand]" is not opened: put a [ before it`},
		{"ASB http:/a.test", `"http:/a.test" is not a URL: write // after the first colon`},
		{"ASB https//a.test", `"https//a.test" is not a URL: write : behind "https"`},
	} {
		_, faults := Parse(strings.NewReader("[A]\n"+test.line), "list.txt")
		if len(faults) != 1 || faults[0].Msg != test.want {
			t.Errorf("%s:\n got %v\nwant %s", test.line, faults, test.want)
		}
	}
}

// TestName: what stands around names and URLs is no part of them, and a dot
// makes no host.
func TestName(t *testing.T) {
	for _, test := range []struct{ line, name, url string }{
		{"ASB, https://a.test/", "ASB", "https://a.test/"},
		{"ASB,https://a.test/", "ASB", "https://a.test/"},
		{"ASB;a.test", "ASB", "https://a.test"},
		{"ASB: https://a.test/", "ASB", "https://a.test/"},
		{"ASB:https://a.test/", "ASB", "https://a.test/"},
		{"ASB=https://a.test/", "ASB", "https://a.test/"},
		{"ASB - https://a.test/", "ASB", "https://a.test/"},
		{"ASB – https://a.test/", "ASB", "https://a.test/"},
		{"ASB | https://a.test/ |", "ASB", "https://a.test/"},
		{"- ASB https://a.test/", "ASB", "https://a.test/"},
		{"* a.test", "a.test", "https://a.test"},
		{"• a.test,", "a.test", "https://a.test"},
		{"1. https://a.test/", "a.test", "https://a.test/"},
		{"12) ASB https://a.test/", "ASB", "https://a.test/"},
		{"1,a.test", "a.test", "https://a.test"},
		{"https://a.test/,", "a.test", "https://a.test/"},
		{"https://a.test/login;", "a.test", "https://a.test/login"},
		{"<https://a.test/>", "a.test", "https://a.test/"},
		{`"ASB Bank" "https://a.test/",`, "ASB Bank", "https://a.test/"},
		{`"ASB", 'a.test'`, "ASB", "https://a.test"},
		{"“ASB” <a.test>;", "ASB", "https://a.test"},
		{"“A” and “B” https://a.test", "“A” and “B”", "https://a.test"},
		{"St.George https://ibanking.stgeorge.com.au/", "St.George", "https://ibanking.stgeorge.com.au/"},
		{"Bank of N.Z. https://www.bnz.co.nz/", "Bank of N.Z.", "https://www.bnz.co.nz/"},
		{"Booking.com https://www.booking.com/", "Booking.com", "https://www.booking.com/"},
		{"booking.com https://secure.booking.com/login", "booking.com", "https://secure.booking.com/login"},
		{"Booking.com booking.com", "Booking.com", "https://booking.com"},
		{"Amazon.co.uk Ltd https://www.amazon.co.uk", "Amazon.co.uk Ltd", "https://www.amazon.co.uk"},
		{"AT&T Inc. https://www.att.com/", "AT&T Inc.", "https://www.att.com/"},
		{"Banca d'Italia S.p.A. www.bancaditalia.it", "Banca d'Italia S.p.A.", "https://www.bancaditalia.it"},
		{"Mr.Green https://www.mrgreen.com/", "Mr.Green", "https://www.mrgreen.com/"},
		{"Node.js https://nodejs.org/", "Node.js", "https://nodejs.org/"},
		{"Web 2.0 https://a.test/", "Web 2.0", "https://a.test/"},
		{"Version 1.2.3 https://a.test/", "Version 1.2.3", "https://a.test/"},
		{"Bank (.nz) https://a.test/", "Bank (.nz)", "https://a.test/"},
		{"Foo Co.UK https://foo.com/", "Foo Co.UK", "https://foo.com/"},
		{"@asb https://a.test/", "@asb", "https://a.test/"},
		{"24:7 Bank https://a.test/", "24:7 Bank", "https://a.test/"},
		{"1822 https://a.test/", "1822", "https://a.test/"},
		{"- https://a.test/", "a.test", "https://a.test/"},
		{"bücher.example https://www.xn--bcher-kva.example/", "bücher.example", "https://www.xn--bcher-kva.example/"},
		{"A.TEST https://a.test./", "A.TEST", "https://a.test./"},
	} {
		sites, faults := Parse(strings.NewReader(test.line), "list.txt")
		if len(faults) > 0 {
			t.Errorf("%s: %v", test.line, faults)
			continue
		}
		if diff := cmp.Diff([]row{{1, "list", test.name, test.url}}, rowsOf(sites), cmp.AllowUnexported(row{})); diff != "" {
			t.Errorf("%s: %s", test.line, diff)
		}
	}
}

// TestLine: a site that is written as a line is read as the same site again.
func TestLine(t *testing.T) {
	for _, name := range []string{"ASB", "1. FC Köln", "- dash -", "ASB,", "#1 Bank", "[old] Bank", `"The" Bank:`, "Bank of N.Z.", "«A»"} {
		want := visit.Site{Name: name, URL: "https://a.test/"}
		sites, faults := Parse(strings.NewReader(Line(want)), "list.txt")
		if len(faults) > 0 || sites[0].Name != name || sites[0].URL != want.URL {
			t.Errorf("%q: %+v, %v", Line(want), sites, faults)
		}
	}
}
