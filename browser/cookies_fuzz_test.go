package browser

import (
	"strings"
	"testing"
)

// FuzzJar has servers set whatever they like. What is sent back can be written
// into a request and is bounded.
func FuzzJar(f *testing.F) {
	f.Add("a=1; Path=/w; Secure\nb=2", "a.example.org", "/w/x", true)
	f.Add("__Host-a=1; Secure; Path=/\n=a\n a\tb = c ; Domain=.example.org", "a.example.org", "/", true)
	f.Add("a=1; Max-Age=-5\na=1; Max-Age=+5; SameSite=None; Partitioned", "127.0.0.1", "/", false)
	f.Add("a=1; Expires=Thu, 01-Jan-70 00:00:00 GMT\nb=2; Expires=12/31/37 12:00", "a.test.", "/?q", true)
	f.Add("a=1; Domain=..\na=\xff; Domain=b\xc3\xbccher.test\na=1; Domain=%61", "xn--bcher-kva.test", "/", true)
	f.Add(strings.Repeat("a=1; Path=/w\n", 3)+strings.Repeat("x", 5000), "a.test", "/w", true)
	f.Fuzz(func(t *testing.T, fields, host, path string, secure bool) {
		u := URL{Scheme: "http", Host: host, Path: path}
		if secure {
			u.Scheme = "https"
		}
		for _, c := range []Client{RFC6797, Chromium, Firefox} {
			var j jar
			for range 2 {
				j.take(c, u, strings.Split(fields, "\n"), measured)
				size := 0
				for _, k := range j.cookies {
					size += k.size()
				}
				if size != j.size || size > maxCookies {
					t.Fatalf("%v: %d bytes of cookies, counted as %d", c, size, j.size)
				}
			}
			header := j.header(u, measured)
			if len(header) > maxCookies {
				t.Errorf("%v sends %d bytes", c, len(header))
			}
			if strings.ContainsAny(header, "\r\n\x00") {
				t.Errorf("%v sends %q", c, header)
			}
		}
	})
}

// FuzzParseRefresh says that a refresh leads to a part of what it was read from.
func FuzzParseRefresh(f *testing.F) {
	for _, content := range []string{"0;url=/x", " 5 , URL = '/x'y", ".5;/x", "99999999999999999999;/x", "0; ur=/x", "+0;/x"} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content string) {
		delay, ref, ok := ParseRefresh(content)
		if ok != (ref != "") || delay < 0 || !strings.Contains(content, ref) {
			t.Errorf("%q: %v, %q, %v", content, delay, ref, ok)
		}
	})
}
