package witness

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hsts-check/hsts"
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
	o.CACert = l.CAPEM()
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

// TestVisit: what comes of requests of many kinds.
func TestVisit(t *testing.T) {
	overH2 := lab.Sends("h2.test", year, "max-age=0")
	overH2.TLS = lab.OnlyH2
	_, b := meet(t, Options{},
		lab.Sends("a.test", year, "max-age=0"), overH2,
		lab.Host{Name: "moved.test", Answer: lab.Answer{Location: "https://a.test/x"}},
		lab.Host{Name: "plain.example.org", TLS: lab.Reset, Plain: &lab.Answer{}},
		lab.Host{Name: "reset.test", TLS: lab.Reset},
		lab.Host{Name: "garbage.test", TLS: lab.Garbage},
		lab.Host{Name: "expired.test", Cert: lab.CertExpired},
		lab.Host{Name: "wrong.test", Cert: lab.CertWrongHost},
		lab.Host{Name: "loop.test", Answer: lab.Answer{Location: "/"}},
	)
	if !strings.HasPrefix(b.Version(), "Chromium 1") {
		t.Errorf("version %q", b.Version())
	}
	const both = "[max-age=31536000 max-age=0]"
	for url, want := range map[string][]string{
		"https://a.test/x":             {"https://a.test/x HTTP/1.1 200 " + both},
		"http://a.test/":               {"http://a.test/ HTTP/1.1 301 []", "https://a.test/ HTTP/1.1 200 " + both},
		"https://h2.test/":             {"https://h2.test/ HTTP/2.0 200 " + both},
		"http://moved.test/":           {"http://moved.test/ HTTP/1.1 301 []", "https://moved.test/ HTTP/1.1 301 []", "https://a.test/x HTTP/1.1 200 " + both},
		"http://plain.example.org/":    {"https://plain.example.org/ unreachable", "http://plain.example.org/ HTTP/1.1 200 []"},
		"https://reset.test/":          {"https://reset.test/ reset"},
		"https://garbage.test/":        {"https://garbage.test/ tls"},
		"https://expired.test/":        {"https://expired.test/ expired"},
		"https://wrong.test/":          {"https://wrong.test/ wrong-host"},
		"https://nobody.test/":         {"https://nobody.test/ tls"},
		"https://no-such-host.test:8/": {"https://no-such-host.test:8/ dns"},
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, x := range look(t, b, url) {
				if x.Probe != visit.ProbePage || !slices.Equal(x.Clients, []hsts.Client{hsts.Chromium}) {
					t.Errorf("%+v", x)
				}
				switch {
				case x.TLS != nil && x.TLS.Error != nil:
					got = append(got, x.URL+" "+string(x.TLS.Error.Kind))
				case x.Status == 0:
					got = append(got, x.URL+" "+string(x.Error.Kind))
				default:
					got = append(got, fmt.Sprintf("%s %s %d %v", x.URL, x.Proto, x.Status, x.STS))
				}
				if x.Status != 0 && (x.Address == "" || strings.HasPrefix(x.URL, "https:") != (x.TLS != nil)) {
					t.Errorf("at %q, TLS %+v", x.Address, x.TLS)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q\nwant %q", got, want)
			}
		})
	}
	seen := look(t, b, "https://loop.test/")
	if last := seen[len(seen)-1]; len(seen) != 20 || last.Error == nil || last.Error.Kind != visit.KindRedirects {
		t.Errorf("a loop: %d exchanges, the last of them %+v", len(seen), last)
	}
}

// said is what is of interest of an exchange: the path, the status, the fields.
func said(x visit.Exchange) string {
	_, path, _ := strings.Cut(strings.TrimPrefix(x.URL, "https://"), "/")
	return fmt.Sprintf("/%s %d %v", path, x.Status, x.STS)
}
