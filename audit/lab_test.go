package audit

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"hsts-check/internal/lab"
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

func visit(t testing.TB, a *Auditor, url string) Visit {
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
		if x.Probe == ProbePage {
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

// checkLeaks returns a function that waits for the goroutines started since to
// end. The test must not be parallel.
func checkLeaks(t *testing.T) func() {
	before := runtime.NumGoroutine()
	return func() {
		t.Helper()
		for range 500 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		stacks := make([]byte, 1<<16)
		t.Errorf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
	}
}

// zone is the DNS of all tests here, so that none asks the machine's.
var zone = fakeDNS{addrs: map[string][]string{
	"lab.dns.test":     {"127.0.0.1"},
	"both.dns.test":    {"127.0.0.1", "::1"},
	"six.dns.test":     {"::1"},
	"public.dns.test":  {"203.0.113.7"},
	"private.dns.test": {"10.0.0.7", "fd00::7"},
	"mixed.dns.test":   {"10.0.0.7", "203.0.113.7", "127.0.0.1"},
}}

func TestMain(m *testing.M) {
	for i := range 1000 {
		addr := netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)})
		zone.addrs["many.dns.test"] = append(zone.addrs["many.dns.test"], addr.String())
	}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: zone.dial}
	os.Exit(m.Run())
}

// A fakeDNS knows some hosts. To servfail.dns.test it answers that it fails, to
// silent.dns.test nothing, and all other hosts do not exist.
type fakeDNS struct {
	addrs map[string][]string

	mu    sync.Mutex
	asked map[string]int // questions by name, for A and AAAA together
}

func (f *fakeDNS) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer ours.Close()
		for f.answer(ours) == nil {
		}
	}()
	return theirs, nil
}

// answer reads one question and answers it, with lengths before both as DNS
// has it over TCP.
func (f *fakeDNS) answer(c net.Conn) error {
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return err
	}
	in := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c, in); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(in); err != nil {
		return err
	}
	name := strings.TrimSuffix(m.Questions[0].Name.String(), ".")
	f.mu.Lock()
	if f.asked == nil {
		f.asked = map[string]int{}
	}
	f.asked[name]++
	f.mu.Unlock()
	if name == "silent.dns.test" {
		_, err := io.Copy(io.Discard, c)
		return err
	}
	f.fill(&m, name)
	out, err := m.Pack()
	if err == nil {
		_, err = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
	}
	return err
}

func (f *fakeDNS) fill(m *dnsmessage.Message, name string) {
	m.Response, m.RecursionAvailable = true, true
	m.Additionals = nil
	switch addrs, ok := f.addrs[name]; {
	case name == "servfail.dns.test":
		m.RCode = dnsmessage.RCodeServerFailure
	case !ok:
		m.RCode = dnsmessage.RCodeNameError
	default:
		for _, text := range addrs {
			addr := netip.MustParseAddr(text)
			h := dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: 60}
			switch {
			case addr.Is4() && m.Questions[0].Type == dnsmessage.TypeA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: addr.As4()}})
			case addr.Is6() && m.Questions[0].Type == dnsmessage.TypeAAAA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
			}
		}
	}
}

func (f *fakeDNS) questions(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[name]
}

func listen(t testing.TB, addr string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// deadAddr is where nobody listens: the near end of a connection.
func deadAddr(t testing.TB) string {
	t.Helper()
	c, err := net.Dial("tcp", listen(t, "127.0.0.1:0").Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.LocalAddr().String()
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
