package report

import (
	"fmt"
	"io"
	"testing"

	"hsts-check/audit"
)

// BenchmarkFormats writes 10,000 results in each format.
func BenchmarkFormats(b *testing.B) {
	results := many(10_000)
	for _, f := range Formats {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := writeAll(io.Discard, f, results, Options{Width: 120}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRegressions writes, in the formats that CI reads, 50,000 sites of which
// each is weaker than before. Its time grows as their number does.
func BenchmarkRegressions(b *testing.B) {
	const sites = 50_000
	survey := func(field string) []audit.Result {
		pages := make([]seen, sites)
		for i := range pages {
			name := fmt.Sprintf("s%d.test", i)
			pages[i] = page("Sites", name, "https://"+name+"/", field)
		}
		return judged(today, pages...)
	}
	before, after := survey("max-age=31536000"), survey("max-age=86400")
	since := Compare(before, after)
	if n := since.Count(ChangeWeakened); n != sites {
		b.Fatalf("%d are weaker", n)
	}
	for _, name := range []string{"junit", "sarif", "github", "csv"} {
		b.Run(name, func(b *testing.B) {
			f, _ := Named(name)
			for b.Loop() {
				if err := writeAll(io.Discard, f, after, Options{Since: &since}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("compare", func(b *testing.B) {
		for b.Loop() {
			Compare(before, after)
		}
	})
}
