package preload

import (
	"runtime"
	"strings"
	"testing"
)

// BenchmarkLoad loads the snapshot. B/op is all that is allocated, garbage
// included, and so more than it takes at any time; heap-B is what stays.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var l *List
	for b.Loop() {
		var err error
		if l, err = Parse(strings.NewReader(compact), ""); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc), "heap-B")
	runtime.KeepAlive(l)
}

func BenchmarkLookup(b *testing.B) {
	l := Snapshot()
	for _, bench := range []struct{ name, host string }{
		{"own entry", "anz.co.nz"},
		{"parent", "digital.anz.co.nz"},
		{"top-level domain", "www.first.bank"},
		{"not listed", "online.asb.co.nz"},
		{"not listed, deep", strings.Repeat("a.", 20) + "example.org"},
		{"upper case", "ONLINE.ASB.CO.NZ"},
		{"U-labels", "bücher.example"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Lookup(bench.host)
			}
		})
	}
}
