package visit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/internal/lab"
)

// TestWhoAsks: a request that clients have in common is made once, and the record
// says which of them made it where they part.
func TestWhoAsks(t *testing.T) {
	const apex, www = "apex.example.org", "www.apex.example.org"
	sends := func(name string) lab.Host { return lab.Sends(name, year) }
	refuses := func(name string) lab.Host { return lab.Host{Name: name, TLS: lab.Refused, Plain: &lab.Answer{}} }
	tests := []struct {
		why   string
		site  Site
		hosts []lab.Host
		want  []string
	}{
		{"https: all alike", Site{URL: "https://a.test/"}, []lab.Host{sends("a.test")}, []string{"https://a.test/"}},
		{"http: browsers try https by themselves", Site{URL: "http://" + apex + "/"}, []lab.Host{sends(apex)},
			[]string{"https://" + apex + "/", "rfc6797 http://" + apex + "/"}},
		{"http, not below a known public suffix", Site{URL: "http://a.test/"}, []lab.Host{sends("a.test")}, []string{"http://a.test/", "https://a.test/"}},
		{"http on another port", Site{URL: "http://" + apex + ":8080/"}, []lab.Host{sends(apex)}, []string{"http://" + apex + ":8080/", "https://" + apex + "/"}},
		{"http leads to another host", Site{URL: "http://" + apex + "/"}, []lab.Host{
			{Name: apex, Answer: lab.Answer{Location: "https://" + www + "/"}, Plain: &lab.Answer{Location: "https://" + www + "/"}}, sends(www),
		}, []string{"chromium firefox https://" + apex + "/", "https://" + www + "/", "rfc6797 http://" + apex + "/"}},
		{"https is refused, and browsers fall back", Site{URL: "http://" + apex + "/"}, []lab.Host{refuses(apex)},
			[]string{"chromium firefox https://" + apex + "/", "http://" + apex + "/"}},
		{"https is refused, and no client falls back from where it was redirected", Site{URL: "https://" + apex + "/"}, []lab.Host{refuses(apex)}, []string{"https://" + apex + "/"}},
		{"no scheme: https, and browsers fall back", Site{URL: "https://a.test/", Schemeless: true}, []lab.Host{refuses("a.test")},
			[]string{"https://a.test/", "chromium firefox http://a.test/"}},
		{"no scheme, and https answers", Site{URL: "https://a.test/", Schemeless: true}, []lab.Host{sends("a.test")}, []string{"https://a.test/"}},
		{"403: Firefox falls back, Chromium does not", Site{URL: "http://" + apex + "/"}, []lab.Host{{Name: apex, Answer: lab.Answer{Status: 403}, Plain: &lab.Answer{}}},
			[]string{"chromium firefox https://" + apex + "/", "rfc6797 firefox http://" + apex + "/"}},
		{"a policy steers all", Site{URL: "https://a.test/"}, []lab.Host{
			{Name: "a.test", Answer: lab.Answer{Location: "http://a.test/in", Fields: lab.STS(year).Fields}, Paths: map[string]lab.Answer{"/in": {}}},
		}, []string{"https://a.test/", "https://a.test/in"}},
		{"one that Firefox alone reads steers Firefox", Site{URL: "https://a.test/"}, []lab.Host{
			{Name: "a.test", Answer: lab.Answer{Location: "http://a.test/in", Fields: lab.STS(year + "; preload=").Fields}, Paths: map[string]lab.Answer{"/in": {}}, Plain: &lab.Answer{}},
		}, []string{"https://a.test/", "rfc6797 chromium http://a.test/in", "firefox https://a.test/in"}},
		{"a name to which Firefox does not go", Site{URL: "https://-a.test/"}, []lab.Host{sends("-a.test")}, []string{"rfc6797 chromium https://-a.test/"}},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			l, w := lead(t, tt.hosts...)
			w.ConnectTo = append(connections(t, apex+":8080:"+l.HTTPAddr()), w.ConnectTo...)
			v := w.Visit(t.Context(), tt.site)
			var asked []string
			for _, x := range v.Exchanges {
				asked = append(asked, who(t, x.Clients)+x.URL)
			}
			slices.Sort(asked)
			slices.Sort(tt.want)
			if !slices.Equal(asked, tt.want) {
				t.Errorf("asked %q\n want %q", asked, tt.want)
			}
			for url, n := range requests(l) {
				if n > 1 {
					t.Errorf("%d requests for %s", n, url)
				}
			}
		})
	}
}

// who names clients, with a blank behind each.
func who(t *testing.T, clients []hsts.Client) (names string) {
	t.Helper()
	for _, c := range clients {
		name, err := c.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		names += string(name) + " "
	}
	return names
}

// requests counts the lab's requests by URL.
func requests(l *lab.Lab) map[string]int {
	n := map[string]int{}
	for _, r := range l.Requests() {
		n[r.URL]++
	}
	return n
}

// TestHowFarClientsFollow: a loop is asked for as often as each client follows it.
func TestHowFarClientsFollow(t *testing.T) {
	l, w := lead(t, lab.Host{Name: "a.test", Answer: lab.Answer{Location: "/"}})
	v := visitSite(t, w, "https://a.test/")
	made := map[hsts.Client]int{}
	for i := range v.Exchanges {
		for _, c := range hsts.Clients {
			if v.Exchanges[i].MadeBy(c) {
				made[c]++
			}
		}
	}
	if got := fmt.Sprint(made); got != fmt.Sprint(map[hsts.Client]int{hsts.Chromium: 20, hsts.Firefox: 21, hsts.RFC6797: 21}) {
		t.Errorf("requests by client: %s", got)
	}
	if n := len(l.Requests()); n != 21 {
		t.Errorf("%d requests", n)
	}
}

// TestFieldsOfASite: what all answers of a site say is bounded, and the record says
// who asked for the last of them.
func TestFieldsOfASite(t *testing.T) {
	const each = 100 << 10
	_, w := lead(t, lab.Host{Name: "a.test", Answer: lab.Answer{Location: "/", Fields: lab.STS(year + "; x=" + strings.Repeat("x", each)).Fields}})
	v := visitSite(t, w, "https://a.test/")
	last := v.Exchanges[len(v.Exchanges)-1]
	if n := len(v.Exchanges); n != 4 || kind(last.Error) != KindProtocol || last.Clients != nil && len(last.Clients) == 0 {
		t.Errorf("%d exchanges, the last one by %#v with error %v", n, last.Clients, last.Error)
	}
}

// TestLongURL: what is too long to be followed is cut in the record, with its
// length, and ends the way; one that is just not goes on.
func TestLongURL(t *testing.T) {
	long := func(n int) string { return "/" + strings.Repeat("x", n-1) }
	meta := func(url string) lab.Answer {
		body := "<meta http-equiv=refresh content='0;url=" + url + "'>"
		return lab.Answer{Raw: fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}
	}
	tests := []struct {
		why    string
		answer lab.Answer
		name   string // of what is cut
		length int
		asked  int
	}{
		{"a Location of 60 kB", lab.Answer{Location: long(60000)}, "location", 60000, 1},
		{"a Location of one byte too many", lab.Answer{Location: long(browser.MaxURL + 1)}, "", 0, 1},
		{"the longest Location", lab.Answer{Location: long(browser.MaxURL - len("a.test"))}, "", 0, 2},
		{"one that resolves to more", lab.Answer{Location: long(browser.MaxURL)}, "", 0, 1},
		{"a Refresh field of 60 kB", lab.Answer{Fields: []string{"Refresh: 0;url=" + long(60000)}}, "refresh", 60006, 1},
		{"a meta element of 60 kB", meta(long(60000)), "refresh", 60006, 1},
		{"a meta element that is followed", meta(long(1000)), "", 0, 2},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			_, w := lead(t, lab.Host{Name: "a.test", Paths: map[string]lab.Answer{"/": tt.answer}, Answer: lab.STS(year)})
			v := visitSite(t, w, "https://a.test/")
			first := v.Exchanges[0]
			if first.Cut[tt.name] != tt.length || len(v.Exchanges) != tt.asked {
				t.Errorf("cut %v, %d exchanges", first.Cut, len(v.Exchanges))
			}
			if told := kind(first.Error) == KindRedirects; told != (tt.asked == 1) {
				t.Errorf("error %v", first.Error)
			}
			if n := len(first.Location) + len(first.Refresh); n > maxValue {
				t.Errorf("%d bytes are kept", n)
			}
		})
	}
}
