package visit

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// TestOneHostForMany: however many sites lead to a host, no more than perHost
// connections to it are open at once, and each of them gets its answer.
func TestOneHostForMany(t *testing.T) {
	var open, most atomic.Int64
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := open.Add(1)
		defer open.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		time.Sleep(20 * time.Millisecond)
	}))
	defer hub.Close()
	const sites = 40
	_, w := lead(t, lab.Host{Name: "*.sites.test", Answer: lab.Answer{Location: "http://hub.test/"}})
	w.ConnectTo = append(connections(t, "hub.test::"+hub.Listener.Addr().String(), "hub.test.::"+hub.Listener.Addr().String()), w.ConnectTo...)
	w.Concurrency = sites
	list := func(yield func(Site) bool) {
		for i := range sites {
			if !yield(Site{URL: fmt.Sprintf("https://s%d.sites.test/", i)}) {
				return
			}
		}
	}
	for v := range w.Survey(t.Context(), list) {
		if last := v.Exchanges[len(v.Exchanges)-1]; last.Status != 200 || last.URL != "http://hub.test/" {
			t.Errorf("%s ends at %+v", v.Site.URL, last)
		}
	}
	if most.Load() != perHost {
		t.Errorf("%d connections at once, not %d", most.Load(), perHost)
	}
}

// TestTurnIsNotTheServers: the time that an exchange waits for its turn is neither
// counted as the server's nor taken from the site's.
func TestTurnIsNotTheServers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	v := (&Wire{Timeout: time.Second, ConnectTo: connections(t, "::"+server.Listener.Addr().String())}).visitor(t.Context())
	ends := v.ends
	for range perHost {
		leave, _ := v.destinations.take(t.Context(), "a.test")
		time.AfterFunc(1500*time.Millisecond, leave)
	}
	m := v.exchange(t.Context(), ProbePage, root("http", "a.test"), mode{}, 0)
	if m.Status != 200 || m.MS >= 1000 {
		t.Errorf("status %d after %d ms, error %v", m.Status, m.MS, m.Error)
	}
	if v.ends.Sub(ends) < time.Second {
		t.Errorf("the site has lost what it waited")
	}
}

// TestGuardBehindAProxy: what a proxy was asked for may lead to no private
// address that the user has not named, neither through the proxy nor past it.
func TestGuardBehindAProxy(t *testing.T) {
	proxy := &url.URL{Scheme: "http", Host: lab.DeadAddr(t)}
	tests := []struct {
		why, to string
		direct  bool // NO_PROXY
		public  bool // by an exchange without the proxy
		proxied []string
		allow   bool
		refused bool
	}{
		{why: "the listed host, by name", to: "private.dns.test"},
		{why: "the listed host, by address", to: "10.0.0.5"},
		{why: "the listed host, once more", to: "private.dns.test", proxied: []string{"private.dns.test"}},
		{why: "from elsewhere, by address", to: "10.0.0.5", proxied: []string{"public.dns.test"}, refused: true},
		{why: "from elsewhere, this machine", to: "127.0.0.1", proxied: []string{"public.dns.test"}, refused: true},
		{why: "from elsewhere, by name", to: "private.dns.test", proxied: []string{"public.dns.test"}, refused: true},
		{why: "from elsewhere, one address of several", to: "mixed.dns.test", proxied: []string{"public.dns.test"}, refused: true},
		{why: "from elsewhere, past the proxy", to: "127.0.0.1", direct: true, proxied: []string{"public.dns.test"}, refused: true},
		{why: "from elsewhere that was seen without the proxy", to: "10.0.0.5", public: true, refused: true},
		{why: "to the internet", to: "public.dns.test", proxied: []string{"a.test"}},
		{why: "a name that only the proxy knows", to: "nowhere.dns.test", proxied: []string{"a.test"}},
		{why: "named by --resolve", to: "resolved.test", proxied: []string{"a.test"}},
		{why: "allowed", to: "10.0.0.5", proxied: []string{"a.test"}, allow: true},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			w := &Wire{Timeout: short, AllowPrivate: tt.allow, Resolve: resolves(t, "resolved.test:443:127.0.0.1")}
			w.Proxy = func(*url.URL) (*url.URL, error) {
				if tt.direct {
					return nil, nil
				}
				return proxy, nil
			}
			v := w.visitor(t.Context())
			v.public, v.proxied = tt.public, tt.proxied
			m := v.exchange(t.Context(), ProbePage, root("https", tt.to), mode{}, 0)
			if refused := m.Error != nil && m.Error.Kind == KindRedirects && strings.Contains(m.Error.Message, "private: not followed"); refused != tt.refused {
				t.Errorf("refused %v: %v", refused, m.Error)
			}
			if !tt.refused && (m.Error == nil || !strings.HasPrefix(m.Error.Message, "proxy ")) {
				t.Errorf("the proxy was not asked: %v", m.Error)
			}
		})
	}
}

func TestAbsolute(t *testing.T) {
	for host, want := range map[string]string{"a.test": "a.test.", "a.test.": "a.test.", "intranet": "intranet", "localhost": "localhost"} {
		if got := absolute(host); got != want {
			t.Errorf("%q is looked up as %q, not %q", host, got, want)
		}
	}
	if err := asGiven(&net.DNSError{Name: "a.test.", Err: "x"}, "a.test"); !strings.Contains(err.Error(), "a.test:") {
		t.Error(err)
	}
}

// TestRacesLeaveFiles: beside what visits have of their own, races of addresses
// open no more connections than the system has files for.
func TestRacesLeaveFiles(t *testing.T) {
	w := &Wire{Concurrency: 10, OpenFiles: ownFiles + 10*filesPerVisit + 2}
	w.prepare()
	for i, want := range []bool{true, true, true, true, false} {
		if got := w.joinRace(i); got != want {
			t.Errorf("attempt %d beside %d: %v", i+1, i, got)
		}
	}
	w.leaveRace()
	if !w.joinRace(filesPerVisit) {
		t.Error("what an attempt has given back is not available again")
	}
	w = &Wire{Concurrency: MostVisits(64), OpenFiles: 64}
	w.prepare()
	if !w.joinRace(1) || w.joinRace(filesPerVisit) {
		t.Error("with few files, a visit has its own and no others")
	}
	if w = new(Wire); !w.joinRace(100) {
		t.Error("there is a limit where none was given")
	}
}

// TestShortOfFiles: that this machine has no more files is no fact about a site.
// The exchange is made again once others have ended, and told where it cannot be.
func TestShortOfFiles(t *testing.T) {
	for _, err := range []error{
		&net.OpError{Op: "dial", Err: os.NewSyscallError("socket", syscall.EMFILE)},
		&net.OpError{Op: "dial", Err: os.NewSyscallError("socket", syscall.ENOBUFS)},
		&net.DNSError{Err: "dial udp 127.0.0.53:53: socket: too many open files", Name: "a.test", IsTemporary: true},
	} {
		if e := describe(err); e.Kind != KindLocal || !strings.HasPrefix(e.Message, "this machine has no more files or memory for connections: ") {
			t.Errorf("%v is %s: %s", err, e.Kind, e.Message)
		}
	}
	if k := kindOf(&net.DNSError{Err: "no such host", IsNotFound: true}); k != KindDNS {
		t.Error("a host that does not exist is", k)
	}
}

// TestMeteredConnection: a connection gives so many bytes and then an error that
// says so, whatever the bytes are.
func TestMeteredConnection(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	go func() {
		defer theirs.Close()
		for {
			if _, err := theirs.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}()
	n, err := io.Copy(io.Discard, metered(ours, nil))
	if n != maxConnection || kindOf(err) != KindProtocol || !strings.Contains(err.Error(), "more than 1024 KiB") {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// TestProbesReadNoPage: nobody follows where a probe's page leads, so its body is
// not waited for.
func TestProbesReadNoPage(t *testing.T) {
	_, w := lead(t, lab.Host{Name: "a.test", Answer: lab.STS(year), Plain: &lab.Answer{Raw: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<meta http-equiv=refresh content='0;url=/in'>", Endless: " "}})
	w.Probes = []Probe{ProbeHTTP}
	v := visitSite(t, w, "https://a.test/")
	if x := v.Exchanges[1]; x.Probe != ProbeHTTP || x.Status != 200 || x.Refresh != "" {
		t.Errorf("the probe's page was read: %+v", x)
	}
}

// TestProbesShareTheBound: however many exchanges are made of a site, its record
// holds no more than the bound and one answer.
func TestProbesShareTheBound(t *testing.T) {
	long := lab.Answer{Fields: []string{"Strict-Transport-Security: " + strings.Repeat("x", maxHead-4<<10)}}
	l, w := lead(t, lab.Host{Name: "*", Answer: long, Plain: &long})
	w.Probes = []Probe{ProbeErrorPage, ProbeHTTP, ProbeApex, ProbeWWW}
	v := visitSite(t, w, "https://a.b.test/")
	if size := v.size(); size > maxFields+maxHead || len(v.Exchanges) != 2 {
		t.Errorf("%d exchanges of %d bytes", len(v.Exchanges), size)
	}
	if x := v.Exchanges[1]; x.Error == nil || x.Error.Kind != KindProtocol || !strings.Contains(x.Error.Message, "hold more than 320 KiB") {
		t.Errorf("the record does not say what is missing: %v", x.Error)
	}
	if n := len(l.Requests()); n != 2 {
		t.Errorf("%d requests were made", n)
	}
}
