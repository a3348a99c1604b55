package audit

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkJudgeHosts judges a record that leads through many hosts, each with a
// policy: no more of it is judged than a visit can have made.
func BenchmarkJudgeHosts(b *testing.B) {
	for _, n := range []int{1000, 16000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v := leadingThrough(n)
			for b.Loop() {
				Judge(v, nil)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/host")
		})
	}
}

// TestTooManyExchanges: of a record that is longer than any visit, what stands
// behind is not judged, and that the way was not seen to its end is told.
func TestTooManyExchanges(t *testing.T) {
	v := leadingThrough(mostExchanges + 10)
	last := &v.Exchanges[len(v.Exchanges)-1]
	last.Status, last.Location, last.STS = 200, "", nil
	r := Judge(v, nil)
	if rules := rulesOf(r); !strings.Contains(rules, "chain-cut") || strings.Contains(rules, "header-absent") {
		t.Errorf("%s, %.200s", r.Verdict, rules)
	}
}

// leadingThrough is a visit of so many hosts, one redirect after the other.
func leadingThrough(hosts int) Visit {
	v := Visit{Site: Site{Name: "long", URL: "https://h0.example.org/"}, CheckedAt: time.Unix(1e9, 0)}
	for i := range hosts {
		x := got(fmt.Sprintf("https://h%d.example.org/", i), year)
		x.Status, x.Location = 302, fmt.Sprintf("https://h%d.example.org/", i+1)
		v.Exchanges = append(v.Exchanges, x)
	}
	return v
}
