package audit

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

func TestRedirects(t *testing.T) {
	const too, loop, bad = "redirects more than 20 times", "redirects in a loop, back to ", "redirects to "
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
		{"to itself, as often as clients follow", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("/")}},
			times(21, "https://a.test/"), loop + "https://a.test/", Unknown},
		{"to itself in another case", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("HTTPS://A.TEST")}},
			times(21, "https://a.test/"), loop + "https://a.test/", Unknown},
		{"to itself with the port", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("https://a.test:443/")}},
			times(21, "https://a.test/"), loop + "https://a.test/", Unknown},
		{"to itself with a fragment", "https://a.test/#1", []lab.Host{{Name: "a.test", Answer: to("#2")}},
			times(21, "https://a.test/"), loop + "https://a.test/", Unknown},
		{"to itself with a user name", "https://x@a.test/", []lab.Host{{Name: "a.test", Answer: to("https://y:z@a.test/")}},
			times(21, "https://a.test/"), loop + "https://a.test/", Unknown},
		{"in a loop of two, protected all the same", "https://a.test/", []lab.Host{
			{Name: "a.test", Answer: lab.Answer{Location: "https://b.test/", Fields: lab.STS(year).Fields}},
			{Name: "b.test", Answer: lab.Answer{Location: "https://a.test/", Fields: lab.STS(year).Fields}},
		}, times(10, "https://a.test/ https://b.test/") + " https://a.test/", loop + "https://b.test/", Protected},
		{"19 times", "https://a.test/0", []lab.Host{{Name: "a.test", Paths: steps(19)}}, visited(19), "", Absent},
		{"20 times, and Chromium stops before", "https://a.test/0", []lab.Host{{Name: "a.test", Paths: steps(20)}}, visited(20), "", Absent},
		{"21 times", "https://a.test/0", []lab.Host{{Name: "a.test", Paths: steps(21)}}, visited(20), too, Unknown},
		{"to a file", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("file:///etc/passwd")}},
			"https://a.test/", bad + `"file:///etc/passwd": it is neither http nor https`, Unknown},
		{"to a script", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("javascript:alert(1)")}},
			"https://a.test/", bad + `"javascript:alert(1)": it is neither http nor https`, Unknown},
		{"to data", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("data:,x")}},
			"https://a.test/", bad + `"data:,x": it is neither http nor https`, Unknown},
		{"to a port that is none", "https://a.test/", []lab.Host{{Name: "a.test", Answer: to("https://b.test:99999/")}},
			"https://a.test/", bad + `"https://b.test:99999/": its port is not a number up to 65535`, Unknown},
		{"to no URL, with a header", "https://a.test/", []lab.Host{
			{Name: "a.test", Answer: lab.Answer{Location: "https://[", Fields: lab.STS(year).Fields}},
		}, "https://a.test/", bad + `"https://[": what stands in brackets is no IPv6 address`, Protected},
		{"to a carriage return, which ends the field in Chromium and is nothing in a URL", "https://a.test/", []lab.Host{
			{Name: "a.test", Answer: to("/x\rHost: b.test"), Paths: map[string]lab.Answer{"/x": {}, "/xHost:%20b.test": {}}},
		}, "https://a.test/ https://a.test/x https://a.test/xHost:%20b.test", "", Absent},
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
			v := visitSite(t, a, tt.url)
			last := v.Exchanges[len(v.Exchanges)-1]
			if got := pageURLs(v); got != tt.chain {
				t.Errorf("visited %s, want %s", got, tt.chain)
			}
			if (last.Error == nil) != (tt.says == "") || last.Error != nil && last.Error.Message != tt.says {
				t.Errorf("error %v, want %q", last.Error, tt.says)
			}
			if last.Error != nil && last.Status != 0 && last.Error.Kind != visit.KindRedirects {
				t.Errorf("kind %s", last.Error.Kind)
			}
			if r := Judge(v, nil); r.Verdict != tt.verdict {
				t.Errorf("verdict %s, error %v", r.Verdict, r.Error)
			}
			for url, n := range requests(l) {
				if n > strings.Count(tt.chain+" ", url+" ") {
					t.Errorf("%d requests for %s", n, url)
				}
			}
		})
	}
}

// times is a chain of the same n times.
func times(n int, urls string) string {
	return strings.TrimSuffix(strings.Repeat(urls+" ", n), " ")
}

// steps are paths that redirect n times, from /0 to /1 and so on.
func steps(n int) map[string]lab.Answer {
	paths := map[string]lab.Answer{}
	for i := range n {
		paths[fmt.Sprintf("/%d", i)] = lab.Answer{Status: http.StatusFound, Location: fmt.Sprintf("/%d", i+1)}
	}
	return paths
}

// visited is the chain that n of them make.
func visited(n int) string {
	var urls []string
	for i := range n + 1 {
		urls = append(urls, fmt.Sprintf("https://a.test/%d", i))
	}
	return strings.Join(urls, " ")
}
