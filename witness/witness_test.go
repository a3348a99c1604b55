package witness

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

const year = "max-age=31536000"

// meet starts a lab, and a browser that finds every host there.
func meet(t *testing.T, o Options, hosts ...lab.Host) (*lab.Lab, *Browser) {
	t.Helper()
	l, err := lab.Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	o.Network = append(o.Network, "--no-proxy-server", "--host-resolver-rules=MAP *:443 "+l.TLSAddr()+",MAP *:80 "+l.HTTPAddr())
	return l, start(t, l, o)
}

// start starts a browser that trusts a lab.
func start(t *testing.T, l *lab.Lab, o Options) *Browser {
	t.Helper()
	o.Path = lab.Program(t, "chromium", "chromium-browser", "google-chrome")
	lab.Program(t, "certutil")
	o.CACert = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(o.CACert, l.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func look(t *testing.T, b *Browser, url string) []visit.Exchange {
	t.Helper()
	seen, err := b.Visit(t.Context(), url)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	for _, x := range seen {
		t.Logf("%s: %s %d %q %q %v %v %d ms %+v", x.URL, x.Proto, x.Status, x.STS, x.Location, x.Address, x.Error, x.MS, x.TLS)
	}
	return seen
}

func TestVisit(t *testing.T) {
	plain := lab.Sends("h2.test", year)
	plain.TLS = lab.OnlyH2
	_, b := meet(t, Options{}, lab.Sends("a.test", year, "max-age=0"), plain,
		lab.Host{Name: "r.test", Answer: lab.Answer{Location: "https://a.test/x"}},
		lab.Host{Name: "down.test", TLS: lab.Reset, HTTP: lab.Answers, Plain: &lab.Answer{}},
		lab.Host{Name: "bad.test", Cert: lab.CertExpired},
		lab.Host{Name: "f.test", Answer: lab.Answer{Status: 403}},
		lab.Host{Name: "u.test", Answer: lab.Answer{Status: 401, Fields: []string{"WWW-Authenticate: Basic realm=x"}}},
	)
	t.Log(b.Version())
	for _, u := range []string{"https://a.test/", "http://a.test/", "https://h2.test/", "http://r.test/", "http://down.test/", "https://bad.test/", "https://f.test/", "https://u.test/", "https://none.test/"} {
		look(t, b, u)
	}
}

// said is what is of interest of an exchange: the path, the status, the fields.
func said(x visit.Exchange) string {
	_, path, _ := strings.Cut(strings.TrimPrefix(x.URL, "https://"), "/")
	return fmt.Sprintf("/%s %d %v", path, x.Status, x.STS)
}
