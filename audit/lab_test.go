package audit

import (
	"fmt"
	"io"
	"iter"
	"log"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// lead starts a lab and returns an Auditor that finds every host there.
func lead(t testing.TB, hosts ...lab.Host) (*lab.Lab, *Auditor) {
	t.Helper()
	l, err := lab.Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, &Auditor{Roots: l.CA, Timeout: 30 * time.Second, ConnectTo: connections(t, l.ConnectTo()...)}
}

func connections(t testing.TB, entries ...string) []ConnectTo {
	t.Helper()
	var all []ConnectTo
	for _, entry := range entries {
		c, err := visit.ParseConnectTo(entry)
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
		r, err := visit.ParseResolve(entry)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func visitSite(t testing.TB, a *Auditor, url string) Visit {
	t.Helper()
	v := a.Visit(t.Context(), Site{URL: url})
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

// certKind is the kind of an exchange's certificate error, empty for none.
func certKind(x Exchange) ErrorKind {
	if x.TLS == nil {
		return ""
	}
	return kind(x.TLS.Error)
}

// pageURLs lists the URLs of a visit's page.
func pageURLs(v Visit) string {
	var urls []string
	for _, x := range v.Exchanges {
		if x.Probe == visit.ProbePage {
			urls = append(urls, x.URL)
		}
	}
	return strings.Join(urls, " ")
}

// requests counts the lab's requests by URL.
func requests(l *lab.Lab) map[string]int {
	n := map[string]int{}
	for _, r := range l.Requests() {
		n[r.URL]++
	}
	return n
}

// zone is the DNS of all tests here, so that none asks the machine's.
var zone = lab.NewDNS()

func TestMain(m *testing.M) {
	net.DefaultResolver = zone.Resolver()
	log.SetOutput(io.Discard) // net/http tells of odd frames there
	os.Exit(m.Run())
}

// numbered yields n sites, https://s000.test/ and so on.
func numbered(n int) iter.Seq[Site] {
	return func(yield func(Site) bool) {
		for i := range n {
			if !yield(Site{URL: fmt.Sprintf("https://s%03d.test/", i)}) {
				return
			}
		}
	}
}
