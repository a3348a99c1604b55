package audit

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hsts-check/internal/lab"
)

func TestFollow(t *testing.T) {
	const base = "https://a.test/dir/page?q=1"
	tests := []struct{ why, location, want string }{
		{"absolute", "https://b.test/x?y", "https://b.test/x?y"},
		{"without a path", "https://b.test", "https://b.test/"},
		{"another scheme", "http://a.test/", "http://a.test/"},
		{"the base's scheme", "//b.test/x", "https://b.test/x"},
		{"an absolute path", "/x", "https://a.test/x"},
		{"a relative path", "x", "https://a.test/dir/x"},
		{"dots", "../x/./y/../z", "https://a.test/x/z"},
		{"more dots than directories", "/../../x", "https://a.test/x"},
		{"a query", "?r=2", "https://a.test/dir/page?r=2"},
		{"an empty query", "?", "https://a.test/dir/page?"},
		{"a fragment", "#top", "https://a.test/dir/page?q=1"},
		{"nothing", "", "https://a.test/dir/page?q=1"},
		{"a fragment is dropped", "https://b.test/x#y?z", "https://b.test/x"},
		{"a user name is dropped", "https://me:pw@b.test/", "https://b.test/"},
		{"the last @ decides", "https://a.test@b.test/", "https://b.test/"},
		{"case", "HTTPS://B.Test/X", "https://b.test/X"},
		{"the scheme's own port", "https://b.test:443/", "https://b.test/"},
		{"http's own port", "http://b.test:80/", "http://b.test/"},
		{"each other's", "http://b.test:443/", "http://b.test:443/"},
		{"a port with zeros", "https://b.test:00443/", "https://b.test/"},
		{"a trailing dot", "https://b.test./", "https://b.test./"},
		{"blanks at the ends", " \t\x00\x1fhttps://b.test/ \r\n", "https://b.test/"},
		{"tabs and newlines within", "ht\ttps://b.te\r\nst/x\n/y", "https://b.test/x/y"},
		{"a blank in the path", "/a b", "https://a.test/a%20b"},
		{"a blank in the query", "/?a b", "https://a.test/?a%20b"},
		{"control characters", "/\x01\x7f?\x1bz", "https://a.test/%01%7F?%1Bz"},
		{"bytes beyond ASCII", "/ü?ü\xff", "https://a.test/%C3%BC?%C3%BC%FF"},
		{"backslashes", `\x\y`, "https://a.test/x/y"},
		{"a host behind backslashes", `\\b.test\x`, "https://b.test/x"},
		{"mixed slashes", `/\b.test/x`, "https://b.test/x"},
		{"a backslash before an @", `https://b.test\@a.test/`, "https://b.test/@a.test/"},
		{"backslashes in a query stay", `/x?\`, `https://a.test/x?\`},
		{"three slashes", "///b.test/x", "https://b.test/x"},
		{"and more", "https://///b.test/x", "https://b.test/x"},
		{"one slash and the same scheme", "https:/x", "https://a.test/x"},
		{"one slash and another scheme", "http:/b.test/x", "http://b.test/x"},
		{"none and the same scheme", "https:x", "https://a.test/dir/x"},
		{"none and another scheme", "http:b.test/x", "http://b.test/x"},
		{"a colon in a path", "/x:y", "https://a.test/x:y"},
		{"a URL in a query", "/login?to=http://b.test/", "https://a.test/login?to=http://b.test/"},
		{"bad escapes", "/100%/%zz", "https://a.test/100%25/%25zz"},
		{"good escapes", "/%2e%2F%C3", "https://a.test/%2e%2F%C3"},
		{"quotes and angle brackets", "/\"<>`", "https://a.test/%22%3C%3E%60"},
		{"IDN", "https://bücher.test/", "https://xn--bcher-kva.test/"},
		{"IDN, escaped", "https://b%C3%BCcher.test/", "https://xn--bcher-kva.test/"},
		{"IDN's dots", "https://bücher。test/", "https://xn--bcher-kva.test/"},
		{"IDN with ß, as all browsers do now", "https://faß.test/", "https://xn--fa-hia.test/"},
		{"a homograph is another name", "https://аpple.test/", "https://xn--pple-43d.test/"},
		{"full-width letters are not", "https://ｂ.test/", "https://b.test/"},
		{"IPv4", "https://127.0.0.1/", "https://127.0.0.1/"},
		{"IPv4, full-width", "https://１２７.0.0.1/", "https://127.0.0.1/"},
		{"IPv6", "https://[::1]:8443/", "https://[::1]:8443/"},
		{"IPv6 in full", "https://[0:0:0:0:0:0:0:1]/", "https://[::1]/"},

		{"a file", "file:///etc/passwd", "-"},
		{"a script", "javascript:alert(1)", "-"},
		{"a script with blanks", " java\nscript:alert(1)", "-"},
		{"data", "data:text/html,x", "-"},
		{"ftp", "ftp://b.test/", "-"},
		{"mail", "mailto:a@b.test", "-"},
		{"a scheme of their own", "bankapp://login", "-"},
		{"no host", "https://", "-"},
		{"no host but a port", "https://:443/", "-"},
		{"a port too high", "https://b.test:65536/", "-"},
		{"port 0", "https://b.test:0/", "-"},
		{"a port in words", "https://b.test:https/", "-"},
		{"a blank in the host", "https://b .test/", "-"},
		{"an escaped CRLF in the host", "https://b.test%0d%0aX/", "-"},
		{"the same, twice escaped", "https://b.test%250d%250aX/", "-"},
		{"brackets left open", "https://[::1/", "-"},
		{"no IPv6 in brackets", "https://[b.test]/", "-"},
		{"a zone", "https://[fe80::1%25eth0]/", "-"},
		{"IDN that is none", "https://b\u202eücher.test/", "-"},
		{"invalid UTF-8 in the host", "https://b\xff.test/", "-"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			from, _ := url.Parse(base)
			got, err := follow(from, tt.location)
			switch {
			case err != nil && tt.want != "-":
				t.Errorf("%q: %v, want %s", tt.location, err, tt.want)
			case err == nil && got.String() != tt.want:
				t.Errorf("%q: %s, want %s", tt.location, got, tt.want)
			case err != nil && !strings.HasPrefix(err.Error(), "redirects to "):
				t.Errorf("says %q", err)
			}
			if from.String() != base {
				t.Errorf("the base became %s", from)
			}
		})
	}
}

// FuzzFollow: whatever a server sends, what is asked for next is one request
// line and one Host, and reads the same from the record.
func FuzzFollow(f *testing.F) {
	for _, seed := range []string{
		"https://b.test/x?y#z", "//b.test", "/a b", `\\b.test\x`, "https:x", "?", "#", "http:///b.test:080",
		"https://b%C3%BCcher.test/%zz", "https://me:pw@[::1]:443/", "https://b.test%250d%250a/", "javascript:x", "https://xn--0/", "https://ａ。b/",
		"https://[::ffff:1.2.3.4]/", "https:a:b", "/\r\nX: y", "//:@", "https://0x7f.1/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, location string) {
		base := &url.URL{Scheme: "https", Host: "a.test", Path: "/dir/page", RawQuery: "q"}
		u, err := follow(base, location)
		if err != nil {
			return
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
			t.Fatalf("%q: %q", location, u)
		}
		line := u.RequestURI()
		if !strings.HasPrefix(line, "/") || strings.ContainsFunc(line+u.Host, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Fatalf("%q: asks for %q at %q", location, line, u.Host)
		}
		if port := u.Port(); port == defaultPort(u.Scheme) || strings.HasPrefix(port, "0") {
			t.Fatalf("%q: port %q", location, port)
		}
		x := Exchange{URL: u.String()}
		if x.host() != strings.TrimSuffix(u.Hostname(), ".") {
			t.Fatalf("%q: host %q, from the record %q", location, u.Hostname(), x.host())
		}
		again, err := follow(base, u.String())
		if err != nil || again.String() != u.String() {
			t.Fatalf("%q: %q becomes %q, %v", location, u, again, err)
		}
	})
}

func TestRedirects(t *testing.T) {
	const too, loop, bad = "redirects more than 10 times", "redirects in a loop, back to ", "redirects to "
	to := func(location string) lab.Answer { return lab.Answer{Location: location} }
	tests := []struct {
		why     string
		url     string
		hosts   []lab.Host
		chain   string
		says    string // of the last exchange; empty for no error
		verdict Verdict
	}{
		{"to other hosts", "https://a.test/", []lab.Host{
			{Name: "a.test", Answer: lab.Answer{Location: "https://b.test/x", Fields: lab.STS(year).Fields}},
			{Name: "b.test", Answer: lab.Answer{Status: 307, Location: "//c.test", Fields: lab.STS(year).Fields}},
			{Name: "c.test", Answer: lab.STS(year)},
		}, "https://a.test/ https://b.test/x https://c.test/", "", Protected},
		{"the header on the last host only", "https://a.test/", []lab.Host{
			{Name: "a.test", Answer: to("https://b.test/")}, {Name: "b.test", Answer: lab.STS(year)},
		}, "https://a.test/ https://b.test/", "", Partial},
		{"from http to https", "http://a.test/x?y", []lab.Host{lab.Sends("a.test", year)},
			"http://a.test/x?y https://a.test/x?y", "", Protected},
		{"from http on the apex to www", "http://a.test/", []lab.Host{
			{Name: "a.test", Plain: &lab.Answer{Location: "https://www.a.test/"}}, lab.Sends("www.a.test", year),
		}, "http://a.test/ https://www.a.test/", "", Partial},
		{"from https down to http", "https://a.test/", []lab.Host{
			{Name: "a.test", Answer: to("http://a.test/x"), Plain: &lab.Answer{}},
		}, "https://a.test/ http://a.test/x", "", Absent},
		{"to itself", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("/")}},
			"https://a.test/", loop + "https://a.test/", Unknown},
		{"to itself in another case", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("HTTPS://A.TEST")}},
			"https://a.test/", loop + "https://a.test/", Unknown},
		{"to itself with the port", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("https://a.test:443/")}},
			"https://a.test/", loop + "https://a.test/", Unknown},
		{"to itself with a fragment", "https://a.test/#1", []lab.Host{{Name: "a.test", Answer: to("#2")}},
			"https://a.test/", loop + "https://a.test/", Unknown},
		{"to itself with a user name", "https://x@a.test/", []lab.Host{{Name: "a.test", Answer: to("https://y:z@a.test/")}},
			"https://a.test/", loop + "https://a.test/", Unknown},
		{"in a loop of two, protected all the same", "https://a.test/", []lab.Host{
			{Name: "a.test", Answer: lab.Answer{Location: "https://b.test/", Fields: lab.STS(year).Fields}},
			{Name: "b.test", Answer: lab.Answer{Location: "https://a.test/", Fields: lab.STS(year).Fields}},
		}, "https://a.test/ https://b.test/", loop + "https://a.test/", Protected},
		{"ten times", "https://a.test/0", []lab.Host{{Name: "a.test", Paths: steps(10)}}, visited(10), "", Absent},
		{"eleven times", "https://a.test/0", []lab.Host{{Name: "a.test", Paths: steps(11)}}, visited(10), too, Unknown},
		{"to a file", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("file:///etc/passwd")}},
			"https://a.test/", bad + `"file:///etc/passwd": it is neither http nor https`, Unknown},
		{"to a script", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("javascript:alert(1)")}},
			"https://a.test/", bad + `"javascript:alert(1)": it is neither http nor https`, Unknown},
		{"to data", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("data:,x")}},
			"https://a.test/", bad + `"data:,x": it is neither http nor https`, Unknown},
		{"to a port that is none", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("https://b.test:99999/")}},
			"https://a.test/", bad + `"https://b.test:99999/": "99999" is not a port`, Unknown},
		{"to no URL, with a header", "https://a.test/", []lab.Host{
			{Name: "a.test", Answer: lab.Answer{Location: "https://[", Fields: lab.STS(year).Fields}},
		}, "https://a.test/", bad + `"https://[": it is no URL`, Protected},
		{"to a line break", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("/x\rHost: b.test"), Paths: map[string]lab.Answer{"/xHost:%20b.test": {}}}},
			"https://a.test/ https://a.test/xHost:%20b.test", "", Absent},
		{"to IDN", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("https://bücher.test/ü")}, {Name: "xn--bcher-kva.test"}},
			"https://a.test/ https://xn--bcher-kva.test/%C3%BC", "", Absent},
		{"relative", "https://a.test/dir/page?q", []lab.Host{{Name: "a.test", Answer: to("../x"), Paths: map[string]lab.Answer{"/x": {}}}},
			"https://a.test/dir/page?q https://a.test/x", "", Absent},
		{"to a host that is dead", "https://a.test/", []lab.Host{
			{Name: "a.test", Answer: lab.Answer{Location: "https://b.test/", Fields: lab.STS(year).Fields}}, {Name: "b.test", TLS: lab.Reset},
		}, "https://a.test/ https://b.test/", "the connection ended before the answer did", Protected},
		{"not behind a bad certificate", "https://a.test/", []lab.Host{
			{Name: "a.test", Cert: lab.CertExpired, Answer: lab.Answer{Location: "https://b.test/", Fields: lab.STS(year).Fields}}, lab.Sends("b.test", year),
		}, "https://a.test/", "", Ignored},
		{"not from a bad certificate onwards", "https://a.test/", []lab.Host{
			{Name: "a.test", Answer: lab.Answer{Location: "https://b.test/", Fields: lab.STS(year).Fields}},
			{Name: "b.test", Cert: lab.CertWrongHost, Answer: lab.Answer{Location: "https://c.test/", Fields: lab.STS(year).Fields}},
			lab.Sends("c.test", year),
		}, "https://a.test/ https://b.test/", "", Partial},
		{"not without a Location", "https://a.test/", []lab.Host{{Name: "a.test", Answer: lab.Answer{Status: 302}}},
			"https://a.test/", "", Absent},
		{"not with an empty one", "https://a.test/", []lab.Host{{Name: "a.test", Answer: lab.Answer{Status: 302, Fields: []string{"Location: "}}}},
			"https://a.test/", "", Absent},
		{"not on a 200", "https://a.test/", []lab.Host{{Name: "a.test", Answer: lab.Answer{Status: 200, Location: "/x"}}},
			"https://a.test/", "", Absent},
		{"not on a 300, as browsers", "https://a.test/", []lab.Host{{Name: "a.test", Answer: lab.Answer{Status: 300, Location: "/x"}}},
			"https://a.test/", "", Absent},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			l, a := lead(t, tt.hosts...)
			v := visit(t, a, tt.url)
			last := v.Exchanges[len(v.Exchanges)-1]
			if got := pageURLs(v); got != tt.chain {
				t.Errorf("visited %s, want %s", got, tt.chain)
			}
			if (last.Error == nil) != (tt.says == "") || last.Error != nil && last.Error.Message != tt.says {
				t.Errorf("error %v, want %q", last.Error, tt.says)
			}
			if last.Error != nil && last.Status != 0 && last.Error.Kind != KindRedirects {
				t.Errorf("kind %s", last.Error.Kind)
			}
			if r := Judge(v, nil); r.Verdict != tt.verdict {
				t.Errorf("verdict %s, error %v", r.Verdict, r.Error)
			}
			for url, n := range requests(l) {
				if n > 1 {
					t.Errorf("%d requests for %s", n, url)
				}
			}
		})
	}
}

// steps are paths that redirect n times, from /0 to /1 and so on.
func steps(n int) map[string]lab.Answer {
	paths := map[string]lab.Answer{}
	for i := range n {
		paths["/"+string(rune('0'+i))] = lab.Answer{Status: http.StatusFound, Location: "/" + string(rune('1'+i))}
	}
	return paths
}

// visited is the chain that n of them make.
func visited(n int) string {
	var urls []string
	for i := range n + 1 {
		urls = append(urls, "https://a.test/"+string(rune('0'+i)))
	}
	return strings.Join(urls, " ")
}
