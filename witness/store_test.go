package witness

import (
	"slices"
	"testing"

	"hsts-check/internal/lab"
)

// TestStoreOfASite: a policy steers the visit in which it is learned, and no other:
// each has a store of its own. What the browser then answers by itself is no
// exchange.
func TestStoreOfASite(t *testing.T) {
	back := lab.Host{Name: "back.test", Answer: lab.STS(year), Plain: &lab.Answer{}, Paths: map[string]lab.Answer{
		"/": {Location: "http://back.test/home", Fields: []string{"Strict-Transport-Security: " + year}},
	}}
	bare := back
	bare.Name, bare.Answer, bare.Paths = "bare.test", lab.Answer{}, map[string]lab.Answer{"/": {Location: "http://bare.test/home"}}
	_, b := meet(t, Options{}, back, bare)
	for range 2 { // the second time nothing is remembered
		for url, want := range map[string][]string{
			"https://back.test/":     {"https://back.test/", "https://back.test/home"},
			"http://back.test/":      {"http://back.test/"},
			"https://bare.test/":     {"https://bare.test/", "http://bare.test/home"},
			"https://back.test/home": {"https://back.test/home"},
		} {
			var got []string
			for _, x := range look(t, b, url) {
				got = append(got, x.URL)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: asked for %q over the network, want %q", url, got, want)
			}
		}
	}
}
