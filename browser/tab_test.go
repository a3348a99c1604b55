package browser_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hsts-check/browser"
	"hsts-check/hsts"
)

// A script is what the servers of a test do: a request's URL, and what comes.
type script map[string]browser.Answer

var (
	page    = browser.Answer{Status: 200, Met: true}
	policy  = &hsts.Policy{MaxAge: 1000, IncludeSubDomains: true}
	noted   = browser.Answer{Status: 200, Met: true, Secure: true, Policy: policy}
	silence = browser.Answer{Took: 10 * time.Second}
)

func to(location string) browser.Answer {
	return browser.Answer{Status: 302, Met: true, Location: location}
}

func notedTo(location string) browser.Answer {
	a := noted
	a.Status, a.Location = 302, location
	return a
}

func slowly(a browser.Answer, took time.Duration) browser.Answer {
	a.Took = took
	return a
}

// drive makes a client's way through a script, and returns what it asked for;
// what is not in the script gives no answer.
func drive(t *testing.T, c browser.Client, address string, servers script) (*browser.Tab, []string) {
	t.Helper()
	full, schemeless := address, !strings.Contains(address, "://")
	if schemeless {
		full = "https://" + address
	}
	u, err := browser.ParseURL(full)
	if err != nil {
		t.Fatal(err)
	}
	tab := browser.Open(c, u, schemeless, func() time.Time { return time.Unix(1e9, 0) })
	var asked []string
	for r, more := tab.Next(); more; r, more = tab.Next() {
		if again, _ := tab.Next(); again != r {
			t.Fatalf("Next has changed something: %v, then %v", r, again)
		}
		asked = append(asked, r.URL.String())
		tab.Take(r.URL, servers[r.URL.String()])
	}
	return tab, asked
}

func TestTab(t *testing.T) {
	const (
		https, http = "https://a.example.org/", "http://a.example.org/"
		other       = "http://b.a.example.org/"
	)
	tests := []struct {
		why     string
		c       browser.Client
		address string
		servers script
		asked   string // joined by blanks
		end     browser.End
		covered string // of a.example.org and b.a.example.org, those that are
	}{
		{"https, and no further", browser.RFC6797, https, script{https: noted}, https, browser.Arrived, "a b"},
		{"an answer that is not secure teaches nothing", browser.Chromium, https, script{https: {Status: 200, Met: true, Policy: policy}}, https, browser.Arrived, ""},
		{"the RFC asks what it is told", browser.RFC6797, http, script{http: page, https: noted}, http, browser.Arrived, ""},
		{"browsers ask https first", browser.Chromium, http, script{http: page, https: noted}, https, browser.Arrived, "a b"},
		{"a policy steers later hops", browser.RFC6797, https, script{https: notedTo(other), "https://b.a.example.org/": page}, https + " https://b.a.example.org/", browser.Arrived, "a b"},
		{"without one they go where they are sent", browser.RFC6797, https, script{https: to(other), other: page}, https + " " + other, browser.Arrived, ""},
		{"refused: back to http", browser.Chromium, http, script{http: page}, https + " " + http, browser.Arrived, ""},
		{"listed as https, refused: no way back", browser.Firefox, https, script{http: page}, https, browser.Failed, ""},
		{"no scheme: https, then http", browser.Firefox, "a.example.org", script{http: page}, https + " " + http, browser.Arrived, ""},
		{"no scheme is https to the RFC", browser.RFC6797, "a.example.org", script{http: page}, https, browser.Failed, ""},
		{"Firefox falls back on 403, Chromium does not", browser.Firefox, http, script{http: page, https: {Status: 403, Met: true}}, https + " " + http, browser.Arrived, ""},
		{"", browser.Chromium, http, script{http: page, https: {Status: 403, Met: true}}, https, browser.Arrived, ""},
		{"Chromium waits for three seconds", browser.Chromium, http, script{http: page, https: slowly(noted, 2900*time.Millisecond)}, https, browser.Arrived, "a b"},
		{"", browser.Chromium, http, script{http: page, https: slowly(noted, 3*time.Second)}, https + " " + http, browser.Arrived, ""},
		{"Firefox asks http meanwhile, and takes it", browser.Firefox, http + "in", script{http: page, http + "in": page, https + "in": slowly(noted, 3*time.Second)},
			https + "in " + http + " " + http + "in", browser.Arrived, ""},
		{"Firefox asks http meanwhile, which is silent", browser.Firefox, http, script{http: silence, https: slowly(noted, 3*time.Second)}, https + " " + http, browser.Arrived, "a b"},
		{"neither answers: http is asked once", browser.Firefox, http, script{http: silence, https: silence}, https + " " + http, browser.Failed, ""},
		{"Firefox asks http meanwhile, which is silent, and https says 403", browser.Firefox, http, script{http: silence, https: slowly(browser.Answer{Status: 403, Met: true}, 3*time.Second)}, https + " " + http, browser.Arrived, ""},
		{"neither answers, and the page is another than the background's", browser.Firefox, http + "in", script{https + "in": silence, http + "in": page},
			https + "in " + http + " " + http + "in", browser.Arrived, ""},
		{"a blocked port", browser.Chromium, https, script{https: notedTo("https://a.example.org:6000/")}, https, browser.Refused, "a b"},
		{"what is no URL", browser.RFC6797, https, script{https: notedTo("https://:1/")}, https, browser.Refused, "a b"},
		{"a refresh leads on", browser.Firefox, https, script{https: {Status: 200, Met: true, Secure: true, Refresh: "0; url=/in"}, https + "in": noted}, https + " " + https + "in", browser.Arrived, "a b"},
		{"a refresh that takes long does not", browser.Firefox, https, script{https: {Status: 200, Met: true, Secure: true, Refresh: "6; url=/in"}}, https, browser.Arrived, ""},
		{"Clear-Site-Data is Firefox's", browser.Firefox, https, script{https: {Status: 200, Met: true, Secure: true, Policy: policy, ClearsSiteData: true}}, https, browser.Arrived, ""},
		{"", browser.Chromium, https, script{https: {Status: 200, Met: true, Secure: true, Policy: policy, ClearsSiteData: true}}, https, browser.Arrived, "a b"},
	}
	why := ""
	for _, tt := range tests {
		if tt.why != "" {
			why = tt.why
		}
		t.Run(fmt.Sprint(why, ", ", tt.c), func(t *testing.T) {
			tab, asked := drive(t, tt.c, tt.address, tt.servers)
			if diff := cmp.Diff(strings.Fields(tt.asked), asked); diff != "" {
				t.Error("asked for:", diff)
			}
			if end, _ := tab.End(); end != tt.end {
				t.Errorf("ended as %d, want %d", end, tt.end)
			}
			var covered []string
			for _, host := range []string{"a", "b.a"} {
				if _, _, ok := tab.Known(host + ".example.org"); ok {
					covered = append(covered, host[:1])
				}
			}
			if got := strings.Join(covered, " "); got != tt.covered {
				t.Errorf("covered: %q, want %q", got, tt.covered)
			}
		})
	}
}

// TestTabFollows: each client follows as many redirects as it was measured to,
// its own upgrade included, and then falls back or gives up.
func TestTabFollows(t *testing.T) {
	servers := script{}
	for i := range 60 {
		for _, scheme := range []string{"http", "https"} {
			servers[fmt.Sprintf("%s://a.example.org/%d", scheme, i)] = to(fmt.Sprintf("/%d", i+1))
		}
	}
	for _, tt := range []struct {
		c       browser.Client
		address string
		first   int // requests of the first navigation
		then    int // of the one that begins again over http
	}{
		{browser.RFC6797, "https", 21, 0},
		{browser.Chromium, "https", 20, 0},
		{browser.Firefox, "https", 21, 0},
		{browser.RFC6797, "http", 21, 0},
		{browser.Chromium, "http", 19, 21},
		{browser.Firefox, "http", 20, 0},
	} {
		tab, asked := drive(t, tt.c, tt.address+"://a.example.org/0", servers)
		end, _ := tab.End()
		if len(asked) != tt.first+tt.then || end != browser.TooMany || tab.Cut() == "" {
			t.Errorf("%v, %s: %d requests, ended as %d (%q); want %d", tt.c, tt.address, len(asked), end, tab.Cut(), tt.first+tt.then)
		}
	}
}

// TestTabForgets: a max-age of 0 is told from a policy, by the answer that had it.
func TestTabForgets(t *testing.T) {
	const first, second = "https://a.example.org/", "https://a.example.org/2"
	a, b := notedTo(second), noted
	b.Policy, b.Number = &hsts.Policy{}, 1
	tab, _ := drive(t, browser.Chromium, first, script{first: a, second: b})
	if by, ok := tab.Forgot("a.example.org"); !ok || by != 1 {
		t.Error("a policy was not forgotten:", by, ok)
	}
	tab, _ = drive(t, browser.Chromium, first, script{first: a, second: noted})
	if _, ok := tab.Forgot("a.example.org"); ok {
		t.Error("a policy that was learned counts as forgotten")
	}
}

// BenchmarkTab makes the way of all three clients to a page that answers over
// https: what the clients add to a visit that needs none of them.
func BenchmarkTab(b *testing.B) {
	u, err := browser.ParseURL("https://online.example.org/login")
	if err != nil {
		b.Fatal(err)
	}
	now := func() time.Time { return time.Unix(1e9, 0) }
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range hsts.Clients {
			tab := browser.Open(c, u, false, now)
			r, _ := tab.Next()
			tab.Take(r.URL, noted)
			if _, more := tab.Next(); more {
				b.Fatal("it asks for more")
			}
		}
	}
}
