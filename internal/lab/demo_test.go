package lab

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func demoLab(t *testing.T) *Lab {
	t.Helper()
	var hosts []Host
	for _, s := range Demo() {
		hosts = append(hosts, s.Hosts...)
	}
	return start(t, hosts...)
}

// look says in a word or two what one GET of url shows.
func look(l *Lab, url string) string {
	resp, err := client(l).Get(url)
	if err != nil {
		for errors.Unwrap(err) != nil {
			err = errors.Unwrap(err)
		}
		why, _, _ := strings.Cut(err.Error(), ":")
		return why
	}
	resp.Body.Close()
	seen := []string{http.StatusText(resp.StatusCode)}
	if to := resp.Header.Get("Location"); to != "" {
		seen = append(seen, to)
	}
	return strings.Join(append(seen, resp.Header.Values("Strict-Transport-Security")...), " | ")
}

func TestDemoReplaysTheSurveyOf2013(t *testing.T) {
	l := demoLab(t)
	sent := map[string][]string{}
	for _, s := range Demo() {
		if s.Group == "Instructive faults" {
			continue
		}
		sent[s.Group] = append(sent[s.Group], s.Name+": "+look(l, s.URL))
	}
	want := map[string][]string{
		"New Zealand": {
			"ASB: OK | max-age=10886400", "ANZ: OK", "BankDirect: OK", "BNZ: OK", "HSBC: OK",
			"Kiwibank: OK", "Rabobank: OK", "SBS: OK", "TSB: OK", "Westpac: OK",
		},
		"Australia": {"ANZ: OK", "Bank of China: OK", "Bank of Melbourne: OK", "Bankwest: OK"},
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestDemoShowsEachTrap(t *testing.T) {
	l := demoLab(t)
	got := map[string]string{}
	for _, s := range Demo() {
		if s.Group == "Instructive faults" {
			got[s.URL] = look(l, s.URL)
		}
	}
	want := map[string]string{
		"https://switched-off.test/":    "OK | max-age=0",
		"https://two-fields.test/":      "OK | includeSubDomains | max-age=31536000",
		"https://comma.test/":           "OK | max-age=31536000, includeSubDomains",
		"https://expired.test/":         "x509",
		"https://unknown-ca.test/":      "x509",
		"http://over-http.test/":        "Moved Permanently | https://over-http.test/ | max-age=31536000",
		"http://apex.test/":             "Moved Permanently | https://www.apex.test/",
		"https://browsers-differ.test/": "OK | max-age=31536000; preload=",
		"https://no-intermediate.test/": "x509",
		"https://forbidden.test/":       "Forbidden",
		"https://reset.test/":           "connection reset by peer",
		"https://loop.test/":            "Found | https://loop.test/",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	for url, want := range map[string]string{
		"https://over-http.test/": "OK",
		"https://www.apex.test/":  "OK | max-age=31536000",
		"https://apex.test/":      "OK | max-age=31536000",
	} {
		if got := look(l, url); got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}
