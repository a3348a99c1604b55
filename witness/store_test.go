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
	for _, tt := range []struct {
		url   string
		asked []string
	}{
		{"https://back.test/", []string{"https://back.test/", "https://back.test/home"}},
		{"http://back.test/", []string{"http://back.test/"}}, // now nothing is remembered
		{"https://bare.test/", []string{"https://bare.test/", "http://bare.test/home"}},
	} {
		var got []string
		for _, x := range look(t, b, tt.url) {
			got = append(got, x.URL)
		}
		if !slices.Equal(got, tt.asked) {
			t.Errorf("%s: asked for %q over the network, want %q", tt.url, got, tt.asked)
		}
	}
}
