package audit

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// zoo is the truth about each host of [lab.Zoo]: its verdict, and the kind of
// error where that is unknown.
var zoo = map[string]string{
	"silent":          "unknown timeout",
	"refused":         "unknown refused",
	"reset":           "unknown reset",
	"reset-late":      "unknown reset",
	"ssh":             "unknown tls",
	"drip-handshake":  "unknown timeout",
	"alert":           "unknown tls",
	"wrong-alpn":      "unknown tls",
	"old-tls":         "unknown tls",
	"client-cert":     "unknown tls",
	"long-chain":      "protected",
	"huge-cert":       "unknown tls",
	"hung":            "unknown timeout",
	"drip":            "unknown timeout",
	"endless-head":    "unknown protocol",
	"many-fields":     "unknown protocol",
	"huge-field":      "unknown protocol",
	"huge-head":       "unknown protocol",
	"endless-interim": "unknown protocol",
	"nul":             "unknown protocol",
	"bare-cr":         "partial",
	"folded":          "protected",
	"bytes":           "protected",
	"stray-byte":      "partial",
	"two-lengths":     "unknown protocol",
	"http-0.9":        "unknown protocol",
	"http-1.0":        "protected",
	"endless-body":    "protected",
	"gzip-bomb":       "protected",
	"nasty-value":     "ignored",
	"many-policies":   "disabled",
	"h2":              "protected",
	"h2-raw":          "unknown protocol",
	"h2-silent":       "unknown timeout",
	"h2-goaway":       "unknown reset",
	"h2-status":       "unknown protocol",
	"h2-reset":        "unknown reset",
	"h2-continuation": "unknown protocol",
	"h2-pings":        "unknown timeout",
	"loop":            "unknown redirects",
	"long":            "unknown redirects",
	"other-case":      "unknown redirects",
	"other-port":      "unknown redirects",
	"file":            "unknown redirects",
	"javascript":      "unknown redirects",
	"data":            "unknown redirects",
	"user":            "absent",
	"homograph":       "absent",
	"crlf":            "protected",
	"two-targets":     "unknown protocol",
	"cookies":         "unknown redirects",
	"no-host":         "unknown redirects",
	"long-targets":    "unknown redirects",
	"huge-target":     "unknown redirects",
	"folded-for-long": "protected",
	"many-refreshes":  "protected",
	"h2-settings":     "unknown timeout",
	"h2-windows":      "unknown timeout",
	"h2-unknown":      "unknown timeout",
}

// TestZoo surveys all attackers at once, among healthy sites. Each gets what is
// true of it, nobody else loses anything, and nothing is left behind.
func TestZoo(t *testing.T) {
	open := openFiles(t)
	check := lab.CheckLeaks(t)
	hosts := append(lab.Zoo(), lab.Sends("*.healthy.test", year))
	l, err := lab.Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var sites []Site
	for i, h := range lab.Zoo() {
		sites = append(sites, Site{Name: strings.TrimSuffix(h.Name, ".zoo.test"), URL: "https://" + h.Name + "/"}, Site{URL: fmt.Sprintf("https://s%d.healthy.test/", i)})
	}
	a := &Auditor{Roots: l.CA, Timeout: 5 * time.Second, ConnectTo: connections(t, l.ConnectTo()...), Probes: []Probe{visit.ProbeHTTP}}
	results := slices.Collect(a.Survey(t.Context(), slices.Values(sites)))
	if len(results) != len(sites) {
		t.Fatalf("%d results of %d sites", len(results), len(sites))
	}
	for i, r := range results {
		if i%2 == 1 {
			if r.Verdict != Protected {
				t.Errorf("%s, a healthy site, is %s: %v", r.URL, r.Verdict, r.Error)
			}
			continue
		}
		got := string(r.Verdict)
		if r.Error != nil {
			got += " " + string(r.Error.Kind)
		}
		// A peer that speaks before it is asked may end the connection before
		// net/http sees what is wrong with it.
		if strings.HasPrefix(r.Name, "h2-") {
			got = strings.Replace(got, "unknown protocol", zoo[r.Name], 1)
			got = strings.Replace(got, "unknown reset", zoo[r.Name], 1)
		}
		if got != zoo[r.Name] {
			t.Errorf("%s: %s, want %s: %v", r.Name, got, zoo[r.Name], r.Error)
		}
	}
	if len(zoo) != len(lab.Zoo()) {
		t.Errorf("%d hosts are in the zoo, and the truth is known of %d", len(lab.Zoo()), len(zoo))
	}
	l.Close()
	check()
	if now := openFiles(t); now > open {
		t.Errorf("%d files are open, and %d before", now, open)
	}
}

// openFiles counts this process's descriptors, where that can be seen.
func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil && runtime.GOOS == "linux" {
		t.Fatal(err)
	}
	return len(files)
}
