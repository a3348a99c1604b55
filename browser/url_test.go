package browser

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	const base = "https://a.test/d/p?q=1"
	for _, c := range []struct{ why, ref, want string }{
		{"a path", "/n", "https://a.test/n"},
		{"a neighbour", "n", "https://a.test/d/n"},
		{"a query alone keeps the path", "?n", "https://a.test/d/p?n"},
		{"an empty query is sent", "/x?", "https://a.test/x?"},
		{"a fragment alone keeps all", "#n", base},
		{"an empty reference keeps all", "", base},
		{"a fragment is cut off", "https://b.test/n#/m", "https://b.test/n"},
		{"upper case", "HTTPS://B.TEST/N", "https://b.test/N"},
		{"no path", "https://b.test", "https://b.test/"},
		{"a query without a path", "https://b.test?n", "https://b.test/?n"},
		{"a user", "https://u@b.test/n", "https://b.test/n"},
		{"a user and a password", "https://u:p@b.test/n", "https://b.test/n"},
		{"the scheme's own port", "https://b.test:443/n", "https://b.test/n"},
		{"zeros before a port", "https://b.test:00443/n", "https://b.test/n"},
		{"the other scheme's port", "https://b.test:80/n", "https://b.test:80/n"},
		{"a colon and no port", "https://b.test:/n", "https://b.test/n"},
		{"another scheme", "http://a.test/n", "http://a.test/n"},
		{"the same scheme and one slash is a path", "https:/n", "https://a.test/n"},
		{"the same scheme and no slash is a neighbour", "https:n", "https://a.test/d/n"},
		{"another scheme and no slash is a host", "http:b.test/n", "http://b.test/n"},
		{"four slashes", "https:////b.test/n", "https://b.test/n"},
		{"a slash and a backslash", `https:/\b.test`, "https://b.test/"},
		{"backslashes", `\\b.test\n`, "https://b.test/n"},
		{"a backslash in a query stays", `/n?\m`, `https://a.test/n?\m`},
		{"a backslash ends the host", `https://b.test\@c.test/n`, "https://b.test/@c.test/n"},
		{"a colon in a relative path", "login.jsp;jsessionid=0000abc:-1", "https://a.test/d/login.jsp;jsessionid=0000abc:-1"},
		{"a colon first", ":x", "https://a.test/d/:x"},
		{"a space before the colon is no scheme", "https ://b.test/n", "https://a.test/d/https%20://b.test/n"},
		{"angle brackets", "<https://b.test/n>", "https://a.test/d/%3Chttps://b.test/n%3E"},
		{"space and tab around and a line break within", " \thttps://b.te\nst/n ", "https://b.test/n"},
		{"a bare percent sign", "/sale-50%-off", "https://a.test/sale-50%-off"},
		{"a percent sign at the end", "/n?x=%", "https://a.test/n?x=%"},
		{"an escaped slash", "/a%2fb%5cc", "https://a.test/a%2fb%5cc"},
		{"up, then an empty segment", "..//n", "https://a.test//n"},
		{"up above the root", "/..//n", "https://a.test//n"},
		{"up, escaped", "/x/%2e%2E/n", "https://a.test/n"},
		{"up, half escaped", "/x/.%2e", "https://a.test/"},
		{"here", "/n/.", "https://a.test/n/"},
		{"a segment that only begins with a dot", "/.well-known", "https://a.test/.well-known"},
		{"an absolute URL with dots", "https://b.test/x/../n", "https://b.test/n"},
		{"what a path encodes", "/ \"<>^`{}\x01\x7f|'[]~", "https://a.test/%20%22%3C%3E%5E%60%7B%7D%01%7F|'[]~"},
		{"what a query encodes", "/?\"<>'`{}|^ ", "https://a.test/?%22%3C%3E%27`{}|^"},
		{"UTF-8", "/ü?ü", "https://a.test/%C3%BC?%C3%BC"},
		{"bytes that are not UTF-8", "/\xc3\xbc\xfc?\xfc", "https://a.test/%C3%BC%FC?%FC"},
		{"a byte order mark is no blank", "\ufeff/n", "https://a.test/d/%EF%BB%BF/n"},
		{"an international host", "https://bücher.test/", "https://xn--bcher-kva.test/"},
		{"a capital sharp s", "https://STRAẞE.de/", "https://xn--strae-oqa.de/"},
		{"an ideographic full stop", "//b。test/", "https://b.test/"},
		{"an escaped letter in a host", "https://b.t%65st/n", "https://b.test/n"},
		{"an underscore beside an A-label", "https://a_b.bücher.test/", "https://a_b.xn--bcher-kva.test/"},
		{"an IPv4 address of two numbers", "https://127.1/n", "https://127.0.0.1/n"},
		{"an IPv6 address", "https://[::ffff:1.2.3.4]:8443/n", "https://[::ffff:102:304]:8443/n"},
		{"a trailing dot", "https://b.test./n", "https://b.test./n"},
	} {
		u, err := mustParse(t, base).Resolve(c.ref)
		if err != nil || u.String() != c.want {
			t.Errorf("%s: %q leads to %s, %v; want %s", c.why, c.ref, u, err, c.want)
		}
	}
}

func TestNoURL(t *testing.T) {
	for _, c := range []struct{ why, ref, want string }{
		{"nothing but slashes", "//", "it names no host"},
		{"three slashes", "///", "it names no host"},
		{"a user and no host", "https://u@/", "it names no host"},
		{"a script", "javascript:1", "it is neither http nor https"},
		{"a blank page", "about:blank", "it is neither http nor https"},
		{"a file", "file:///etc/passwd", "it is neither http nor https"},
		{"a port with a letter", "https://b.test:8443x/", "its port is not a number up to 65535"},
		{"a port that is too large", "https://b.test:65536/", "its port is not a number up to 65535"},
		{"a host that is not UTF-8", "https://b\xfccher.test/", "it is not a valid internationalized name"},
		{"a space in a host", "https://b c.test/", "no host name has ' '"},
		{"NUL in a host", "https://b.test\x00/", `no host name has '\x00'`},
		{"a number for the last label", "https://a.0/", "it ends in a number and is no IPv4 address"},
		{"an open bracket", "https://[::1/", "what stands in brackets is no IPv6 address"},
	} {
		u, err := mustParse(t, "https://a.test/").Resolve(c.ref)
		if err == nil || err.Error() != c.want || !u.IsZero() {
			t.Errorf("%s: %q leads to %q, %v; want the error %q", c.why, c.ref, u, err, c.want)
		}
	}
	for _, ref := range []string{"", "/n", "a.test", "//a.test/"} {
		if u, err := ParseURL(ref); err != errNotHTTP || !u.IsZero() {
			t.Errorf("%q alone is %q, %v; want %v", ref, u, err, errNotHTTP)
		}
	}
}

// TestBrowsersURLs holds Resolve and ParseURL to testdata/urls.jsonl: base (or
// null), reference, and what both Chromium 156 and Firefox ESR 153 make of it
// without user name, password and fragment; null where they make no http or
// https URL.
func TestBrowsersURLs(t *testing.T) {
	f, err := os.Open("testdata/urls.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c [3]string // null leaves a field empty
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		base, ref, want := c[0], c[1], c[2]
		got, err := ParseURL(ref)
		if base != "" {
			got, err = mustParse(t, base).Resolve(ref)
		}
		if got.String() != want {
			t.Errorf("%q from %q is %q, %v; browsers: %q", ref, base, got, err, want)
		}
		if err == nil {
			if again, err := ParseURL(got.String()); err != nil || again != got {
				t.Errorf("%q is read as %q, %v", got, again, err)
			}
		}
	}
}

// FuzzPlain says that the short way leads where the library leads.
func FuzzPlain(f *testing.F) {
	for _, ref := range []string{
		"https://a.test/", "http://a.test", "https://a.test/x/..", "https://a.test/%2e%2e/", "https://1.2.3/", "https://a.0x1/",
		"https://a.test//", "https://a.test/?a=.&b=/../", "/a", "//a", "/.", "/a/../b", "https://a.test?x", "https://a.test:1/", "/^",
		"/a\tb", "/a#b", "/a\\b", "/ü", "https://xn--a.test/", "https:///", "https://./", "/?'", "/a ", "/%2e", "https://a.test/a|b",
	} {
		f.Add(ref)
	}
	base := URL{Scheme: "http", Host: "h.test", Port: "81", Path: "/d/p?q"}
	f.Fuzz(func(t *testing.T, ref string) {
		long, longErr := read(parser.ParseRef(base.String(), escape(ref)))
		if short, err := base.Resolve(ref); short != long || (err == nil) != (longErr == nil) {
			t.Errorf("%q is %q, %v; the long way %q, %v", ref, short, err, long, longErr)
		}
		long, longErr = read(parser.Parse(escape(ref)))
		if short, err := ParseURL(ref); short != long || (err == nil) != (longErr == nil) {
			t.Errorf("%q alone is %q, %v; the long way %q, %v", ref, short, err, long, longErr)
		}
	})
}

func TestURLParts(t *testing.T) {
	for _, c := range []struct{ ref, hostname, port string }{
		{"https://a.test/", "a.test", "443"},
		{"http://a.test./", "a.test", "80"},
		{"http://a.test:443/", "a.test", "443"},
		{"https://[::1]:8443/", "::1", "8443"},
		{"https://127.1/", "127.0.0.1", "443"},
	} {
		if u := mustParse(t, c.ref); u.Hostname() != c.hostname || u.EffectivePort() != c.port {
			t.Errorf("%s: host %s, port %s; want %s and %s", c.ref, u.Hostname(), u.EffectivePort(), c.hostname, c.port)
		}
	}
	if zero := (URL{}); !zero.IsZero() || zero.String() != "" {
		t.Errorf("the zero URL is %q", zero)
	}
}

// TestPlainURLCostsNothing says that the common case allocates nothing.
func TestPlainURLCostsNothing(t *testing.T) {
	base := mustParse(t, "https://a.test/d/p?q=1")
	for _, ref := range []string{"https://www.example.org/login?next=/a.b", "https://www.example.org"} {
		if n := testing.AllocsPerRun(10, func() { ParseURL(ref) }); n != 0 {
			t.Errorf("%s: %v allocations", ref, n)
		}
	}
	if n := testing.AllocsPerRun(10, func() { base.Resolve("/en/index.html") }); n != 0 {
		t.Errorf("a path: %v allocations", n)
	}
}

func BenchmarkParseURL(b *testing.B) {
	for _, ref := range []string{"https://www.example.org/login", "https://www.example.org:8443/login", "https://bücher.example.org/"} {
		b.Run(strings.TrimPrefix(ref, "https://"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseURL(ref); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func mustParse(t *testing.T, ref string) URL {
	t.Helper()
	u, err := ParseURL(ref)
	if err != nil {
		t.Fatalf("%s: %v", ref, err)
	}
	return u
}
