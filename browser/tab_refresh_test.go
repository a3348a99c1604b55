package browser

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/hsts"
)

// TestRefreshes: what clients make of pages that lead on by themselves. That
// browsers would load some of them over and over again does not count.
func TestRefreshes(t *testing.T) {
	policy := &hsts.Policy{MaxAge: 300}
	longWay := func(u URL) Answer { return Answer{Status: 302, Location: u.Path + "x"} }
	tests := []struct {
		why, visit string
		client     Client
		answers    func(u URL) Answer
		asked      []string // the first requests
		n          int      // how many there are
	}{
		{"to its own http address, with a policy", "https://a.org/", RFC6797, func(URL) Answer {
			return Answer{Status: 200, Secure: true, Policy: policy, Refresh: "0;url=http://a.org/"}
		}, []string{"https://a.org/"}, 1},
		{"the same to Firefox", "https://a.org/", Firefox, func(URL) Answer {
			return Answer{Status: 200, Secure: true, Policy: policy, Refresh: "0;url=http://a.org/"}
		}, []string{"https://a.org/"}, 1},
		{"without one, which Chromium upgrades each time", "https://a.org/", Chromium, func(URL) Answer {
			return Answer{Status: 200, Secure: true, Refresh: "0;url=http://a.org/"}
		}, []string{"https://a.org/"}, 1},
		{"without one, which the RFC's client does not", "https://a.org/", RFC6797, func(u URL) Answer {
			return Answer{Status: 200, Refresh: "0;url=http://a.org/"}
		}, []string{"https://a.org/", "http://a.org/"}, 2},
		{"redirects behind a refresh are counted anew, and by the common bound", "http://a.org/", Chromium, func(u URL) Answer {
			if u == (URL{Scheme: "http", Host: "a.org", Path: "/"}) {
				return Answer{Status: 200, Refresh: "0;url=https://b.org/"}
			}
			return longWay(u)
		}, nil, 19 + 1 + 20}, // https://a.org/ and 18 more, http://a.org/, https://b.org/ and 19 more
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			u, err := ParseURL(tt.visit)
			if err != nil {
				t.Fatal(err)
			}
			tab := Open(tt.client, u, false, time.Now)
			var asked []string
			for request, any := tab.Next(); any; request, any = tab.Next() {
				asked = append(asked, request.URL.String())
				tab.Take(request.URL, tt.answers(request.URL))
			}
			if len(asked) != tt.n || !slices.Equal(asked[:len(tt.asked)], tt.asked) {
				t.Errorf("%d requests, want %d: %s", len(asked), tt.n, strings.Join(asked, " "))
			}
		})
	}
}
