package visit

import (
	"net"
	"os"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

const (
	year  = "max-age=31536000"
	short = 300 * time.Millisecond
)

// lead starts a lab and returns a Wire that finds every host there.
func lead(t testing.TB, hosts ...lab.Host) (*lab.Lab, *Wire) {
	t.Helper()
	l, err := lab.Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, &Wire{Roots: l.CA, Timeout: 30 * time.Second, ConnectTo: connections(t, l.ConnectTo()...)}
}

func connections(t testing.TB, entries ...string) []ConnectTo {
	t.Helper()
	var all []ConnectTo
	for _, entry := range entries {
		c, err := ParseConnectTo(entry)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

func resolves(t testing.TB, entries ...string) []Resolve {
	t.Helper()
	var all []Resolve
	for _, entry := range entries {
		r, err := ParseResolve(entry)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func visitSite(t testing.TB, w *Wire, url string) Visit {
	t.Helper()
	v := w.Visit(t.Context(), Site{URL: url})
	if v.Error != nil {
		t.Fatalf("%s was not visited: %v", url, v.Error)
	}
	return v
}

// kind is an error's kind, empty for none.
func kind(e *Error) ErrorKind {
	if e == nil {
		return ""
	}
	return e.Kind
}

// zone is the DNS of all tests here, so that none asks the machine's.
var zone = lab.NewDNS()

func TestMain(m *testing.M) {
	net.DefaultResolver = zone.Resolver()
	os.Exit(m.Run())
}
