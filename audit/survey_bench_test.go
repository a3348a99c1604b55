package audit

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net/http"
	"testing"

	"golang.org/x/sync/errgroup"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// BenchmarkSurvey surveys sites of the lab, a site an operation. Beside it,
// BenchmarkRawLimit does what no survey can do without: dial, verified
// handshake, GET, head, close. The lab's own CPU is in both.
func BenchmarkSurvey(b *testing.B) {
	l := benchLab(b)
	a := &Auditor{Concurrency: benchConcurrency, Roots: l.CA}
	for _, entry := range l.ConnectTo() {
		to, err := visit.ParseConnectTo(entry)
		if err != nil {
			b.Fatal(err)
		}
		a.ConnectTo = append(a.ConnectTo, to)
	}
	sites := func(yield func(Site) bool) {
		for i := range b.N {
			if !yield(Site{URL: fmt.Sprintf("https://s%d.bench.test/", i)}) {
				return
			}
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for r := range a.Survey(b.Context(), sites) {
		if r.Verdict != Protected {
			b.Fatal(r.Verdict, r.Error)
		}
	}
}

func BenchmarkRawLimit(b *testing.B) {
	l := benchLab(b)
	var visits errgroup.Group
	visits.SetLimit(benchConcurrency)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		visits.Go(func() error {
			name := fmt.Sprintf("s%d.bench.test", i)
			conn, err := tls.Dial("tcp", l.TLSAddr(), &tls.Config{ServerName: name, RootCAs: l.CA, CurvePreferences: []tls.CurveID{tls.X25519}})
			if err != nil {
				return err
			}
			defer conn.NetConn().Close()
			fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", name)
			_, err = http.ReadResponse(bufio.NewReader(conn), nil)
			return err
		})
	}
	if err := visits.Wait(); err != nil {
		b.Fatal(err)
	}
}

const benchConcurrency = 64

func benchLab(b *testing.B) *lab.Lab {
	b.Helper()
	l, err := lab.Start(lab.Sends("*.bench.test", "max-age=63072000; includeSubDomains"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(l.Close)
	return l
}
