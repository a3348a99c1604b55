package audit

import (
	"testing"

	"hsts-check/visit"
)

// BenchmarkJudge judges what most sites are: one page and one redirect of http.
func BenchmarkJudge(b *testing.B) {
	v := Visit{
		Site: Site{Group: "Bench", Name: "www.example.org", URL: "https://www.example.org/"},
		Exchanges: []Exchange{
			{Probe: visit.ProbePage, URL: "https://www.example.org/", Head: Head{Status: 200, STS: []string{"max-age=63072000; includeSubDomains; preload"}}, TLS: &TLS{}},
			{Probe: visit.ProbeHTTP, URL: "http://www.example.org/", Head: Head{Status: 301, Location: "https://www.example.org/"}},
		},
	}
	b.ReportAllocs()
	for b.Loop() {
		Judge(v, nil)
	}
}
