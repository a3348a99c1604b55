package report

import (
	"io"
	"testing"
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
