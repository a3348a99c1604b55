package lists

import (
	"strings"
	"testing"
)

func TestSite(t *testing.T) {
	label := strings.Repeat("a", 63)
	for _, test := range []struct{ why, arg, name, url string }{
		{"no scheme means https", "example.org", "example.org", "https://example.org"},
		{"", "example.org/login?a=b", "example.org", "https://example.org/login?a=b"},
		{"", "example.org?back=https://b.org", "example.org", "https://example.org?back=https://b.org"},
		{"", "example.org:8443", "example.org", "https://example.org:8443"},
		{"kept as listed", "HTTPS://Example.ORG/A#b", "Example.ORG", "HTTPS://Example.ORG/A#b"},
		{"", "http://example.org", "example.org", "http://example.org"},
		{"the root's dot", "example.org.", "example.org.", "https://example.org."},
		{"an empty port is the scheme's (RFC 3986 section 3.2.3)", "https://example.org:/", "example.org", "https://example.org:/"},
		{"", "https://example.org:65535/", "example.org", "https://example.org:65535/"},
		{"", "localhost", "localhost", "https://localhost"},
		{"", "localhost:8443/x", "localhost", "https://localhost:8443/x"},
		{"a single word with a scheme is a host", "https://intranet/", "intranet", "https://intranet/"},
		{"a whole TLD too", "https://ai.", "ai.", "https://ai."},
		{"", "192.0.2.1", "192.0.2.1", "https://192.0.2.1"},
		{"an IPv4 address in another spelling, as browsers take it", "https://127.1:8443/", "127.1", "https://127.1:8443/"},
		{"a bare percent sign", "https://example.org/sale-50%-off", "example.org", "https://example.org/sale-50%-off"},
		{"", "https://[2001:db8::1]:8443/", "2001:db8::1", "https://[2001:db8::1]:8443/"},
		{"", "[::1]", "::1", "https://[::1]"},
		{"IDN", "https://bücher.example/", "bücher.example", "https://bücher.example/"},
		{"", "例え.テスト", "例え.テスト", "https://例え.テスト"},
		{"its own dots", "例え。テスト", "例え。テスト", "https://例え。テスト"},
		{"right to left", "موقع.وزارة-الاتصالات.مصر", "موقع.وزارة-الاتصالات.مصر", "https://موقع.وزارة-الاتصالات.مصر"},
		{"macrons", "ngā-pēke.nz", "ngā-pēke.nz", "https://ngā-pēke.nz"},
		{"", "xn--bcher-kva.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example"},
		{"", "bücher_x.example", "bücher_x.example", "https://bücher_x.example"},
		{"underscores", "_dmarc.a_b.org", "_dmarc.a_b.org", "https://_dmarc.a_b.org"},
		{"hyphens anywhere", "r3---sn.-a-.org", "r3---sn.-a-.org", "https://r3---sn.-a-.org"},
		{"the longest label", label + ".org", label + ".org", "https://" + label + ".org"},
		{"an emoji, as DNS has it", "xn--i-7iq.ws", "xn--i-7iq.ws", "https://xn--i-7iq.ws"},
		{"a blank, quotes and separators around it", " “<https://a.org/>,”; ", "a.org", "https://a.org/"},
		{"", "`a.org`|", "a.org", "https://a.org"},
		{"hosts in a query", "https://a.org/?q=b.org,c.org;d.org", "a.org", "https://a.org/?q=b.org,c.org;d.org"},
		{"separators in a path", "https://a.org/0,1518,grad-123,00.html;x", "a.org", "https://a.org/0,1518,grad-123,00.html;x"},
		{"a URL in a path", "https://a.org/web/https://b.org/", "a.org", "https://a.org/web/https://b.org/"},
		{"an @ behind the host", "https://medium.com/@someone", "medium.com", "https://medium.com/@someone"},
	} {
		s, err := Site(test.arg)
		if err != nil || s.Name != test.name || s.URL != test.url {
			t.Errorf("%s: %q: %+v, %v", test.why, test.arg, s, err)
		}
		checkSite(t, s)
	}
}

func TestSiteFaults(t *testing.T) {
	label := strings.Repeat("a", 63)
	for _, test := range []struct{ arg, want string }{
		{"", `"": there is no host in it`},
		{"https://", `"https://": there is no host in it`},
		{"https:///login", `"https:///login": there is no host in it`},
		{"//example.org/", `"//example.org/": there is no host in it`},
		{"https://:443/", `"https://:443/": there is no host in it`},
		{"https://?a", `"https://?a": there is no host in it`},
		{"://a.org", `"://a.org" has the scheme "": write https or http`},
		{"ftp://a.org", `"ftp://a.org" has the scheme "ftp": write https or http`},
		{"htps://a.org", `"htps://a.org" has the scheme "htps": write https or http`},
		{"file:///etc/passwd", `"file:///etc/passwd" has the scheme "file": write https or http`},
		{"javascript://a.org/%0aalert(1)", `"javascript://a.org/%0aalert(1)" has the scheme "javascript": write https or http`},
		{"https:/a.org", `"https:/a.org" is not a URL: write // after the first colon`},
		{"https:a.org", `"https:a.org" is not a URL: write // after the first colon`},
		{"mailto:me@a.org", `"…@a.org" is an e-mail address: write the host or URL of a site`},
		{"me@a.org", `"…@a.org" is an e-mail address: write the host or URL of a site`},
		{"https://me:secret@a.org/", `"https://…@a.org/" has a user name before the host: leave it out, lists and reports are passed on`},
		{"ftp://me:secret@a.org/", `"ftp://…@a.org/" has a user name before the host: leave it out, lists and reports are passed on`},
		{"https://me:sec/ret@a.org/", `"https://…@a.org/" is not a URL`},
		{"https://me%zz:secret@a.org/", `"https://…@a.org/" has a user name before the host: leave it out, lists and reports are passed on`},
		{"https://a.org:0/", `"https://a.org:0/": the port is "0": ports are 1 to 65535`},
		{"https://a.org:65536/", `"https://a.org:65536/": the port is "65536": ports are 1 to 65535`},
		{"https://a.org:https/", `"https://a.org:https/": the port is "https": ports are 1 to 65535`},
		{"a.org:443:443", `"a.org:443:443": the host has ":" in it`},
		{"a.org:-1", `"a.org:-1": the port is "-1": ports are 1 to 65535`},
		{"::1", `"::1": put the IPv6 address in brackets`},
		{"https://2001:db8::1/", `"https://2001:db8::1/": put the IPv6 address in brackets`},
		{"https://[2001:db8::1/", `"https://[2001:db8::1/": the host is not an IPv6 address`},
		{"https://[2001:db8::zz]/", `"https://[2001:db8::zz]/": the host is not an IPv6 address`},
		{"https://[192.0.2.1]/", `"https://[192.0.2.1]/": the host is not an IPv6 address`},
		{"https://[fe80::1%25eth0]/", `"https://[fe80::1%25eth0]/": the host has "%" in it`},
		{"256.1.1.1", `"256.1.1.1": the host ends in a number and is not an IPv4 address`},
		{"1.2.3", `"1.2.3": the host ends in a number and is not an IPv4 address`},
		{"2.0", `"2.0": the host ends in a number and is not an IPv4 address`},
		{"a..org", `"a..org": the host has nothing between two dots`},
		{".org", `".org": the host has nothing between two dots`},
		{"a.org..", `"a.org..": the host has nothing between two dots`},
		{"https://./", `"https://./": the host has nothing between two dots`},
		{"<a>.org", `"<a>.org": the host has "<" in it`},
		{`{"schema":1}`, `"{\"schema\":1}": the port is "1}": ports are 1 to 65535`},
		{"a.org)", `"a.org)": the host has ")" in it`},
		{`a.org\login`, `"a.org\\login": the host has "\\" in it`},
		{"*.a.org", `"*.a.org": the host has "*" in it`},
		{"https://a%zz.org/", `"https://a%zz.org/": the host has "%" in it`},
		{"https://a%20b.org/", `"https://a%20b.org/": the host has "%" in it`},
		{"xn--a.org", `"xn--a.org": the host is not a valid name: a label begins with xn-- and encodes nothing`},
		{"a\u0301\u200db.org", `"á\u200db.org": the host is not a valid name: it is not a valid internationalized name`},
		{"אa.org", `"אa.org": the host is not a valid name: it is not a valid internationalized name`},
		{label + "a.org", `"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.org": the host has a label of 64 characters: 63 is the most`},
		{strings.Repeat("a.", 127) + "org", `"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.…": the host has 257 characters: 253 is the most`},
		{"a.org/a b", `"a.org/a b" is not a URL: it has a blank in it`},
		{"a.org b", `"a.org b" is not a URL: it has a blank in it`},
		{"a.org, b.org", `"a.org" and "b.org" are two sites: write each alone`},
		{"https://a.org\nhttps://b.org", `"https://a.org" and "https://b.org" are two sites: write each alone`},
		{"https//a.org/x", `"https//a.org/x" is not a URL: write : behind "https"`},
		{"192.0.2.0/24", `"192.0.2.0/24" is a range of addresses: write a host name`},
		{"2001:db8::/32", `"2001:db8::/32" is a range of addresses: write a host name`},
		{"a.org,b.org", `"a.org" and "b.org" are two sites: write each alone`},
		{"a.org,b", `"a.org,b": the host has "," in it`},
		{"https://a.org/,https://b.org/", `"https://a.org/" and "https://b.org/" are two sites: write each alone`},
		{"https://a.org/x;b.org/y", `"https://a.org/x" and "b.org/y" are two sites: write each alone`},
		{"https://a.org/?x=1|http://b.org", `"https://a.org/?x=1" and "http://b.org" are two sites: write each alone`},
		{"https://me:sec;https://b@a.org/", `"https://…@a.org/" is more than one site: write each alone`},
		{"a.org\n", `the control character '\n': take it out`},
		{"a.org/\x1b[31m", `the control character '\x1b': take it out`},
		{"a.org/\xff", `the byte 0xff is not UTF-8: save the list as UTF-8`},
		{"retired.", `"retired." is neither a URL nor a host name with a dot: where it is a host, write https://retired.`},
		{"Bar", `"Bar" is neither a URL nor a host name with a dot: where it is a host, write https://Bar`},
		{"https://xn--a.org/", `"https://xn--a.org/": the host is not a valid name: a label begins with xn-- and encodes nothing`},
		{"https://%41.org/", `"https://%41.org/": the host has "%" in it`},
		{"banks-nz", `"banks-nz" is neither a URL nor a host name with a dot: where it is a host, write https://banks-nz`},
	} {
		_, err := Site(test.arg)
		if err == nil || err.Error() != test.want {
			t.Errorf("%q:\n got %v\nwant %v", test.arg, err, test.want)
		}
	}
}
