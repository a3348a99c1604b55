package visit

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"hsts-check/browser"
	"hsts-check/internal/lab"
)

func TestLookups(t *testing.T) {
	tests := []struct {
		why, host string
		family    int
		kind      ErrorKind
		says      string
	}{
		{"found", "lab.dns.test", 0, "", ""},
		{"an IP address needs no DNS", "127.0.0.1", 4, "", ""},
		{"no such host", "no.dns.test", 0, KindDNS, "no address found for no.dns.test"},
		{"DNS fails", "servfail.dns.test", 0, KindDNS, "the look-up of servfail.dns.test failed: server misbehaving"},
		{"DNS is silent", "silent.dns.test", 0, KindDNS, "the look-up of silent.dns.test got no answer in time"},
		{"-4 and IPv6 only", "six.dns.test", 4, KindDNS, "no address found for six.dns.test"},
		{"-4 and both", "both.dns.test", 4, "", ""},
		{"-4 and an IPv6 address", "::1", 4, KindUnreachable, "::1 has no IPv4 address"},
		{"-6 and IPv4 only", "lab.dns.test", 6, KindDNS, "no address found for lab.dns.test"},
		{"-6 and an IPv4 address", "127.0.0.1", 6, KindUnreachable, "127.0.0.1 has no IPv6 address"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			l, err := lab.Start(lab.Host{Name: "*", Plain: &lab.Answer{}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(l.Close)
			_, port, _ := net.SplitHostPort(l.HTTPAddr())
			a := &Wire{Family: tt.family, Timeout: 10 * time.Second}
			if tt.host == "silent.dns.test" {
				a.Timeout = short
			}
			x := visitSite(t, a, "http://"+net.JoinHostPort(tt.host, port)+"/").Exchanges[0]
			if kind(x.Error) != tt.kind || x.Error != nil && x.Error.Message != tt.says || (x.Address != "") != (tt.kind == "") {
				t.Errorf("exchange %+v, error %v", x, x.Error)
			}
		})
	}
}

// TestNothingToAsk: what no browser asks for is not asked for here either.
func TestNothingToAsk(t *testing.T) {
	for url, says := range map[string]string{
		"https://a..test/":     "no browser goes there: browsers look up no host of that name",
		"https://a.test:6000/": "no browser goes there: browsers block port 6000",
	} {
		if v := new(Wire).Visit(t.Context(), Site{URL: url}); len(v.Exchanges) > 0 || kind(v.Error) != KindUnreachable || v.Error.Message != says {
			t.Errorf("%s: %+v, error %v", url, v.Exchanges, v.Error)
		}
	}
}

// TestLookupOnce: each name is looked up once a visit, so that an answer that
// changes in between changes nothing.
func TestLookupOnce(t *testing.T) {
	l, a := lead(t, lab.Host{Name: "both.dns.test", Answer: lab.STS(year), Paths: map[string]lab.Answer{"/": {Location: "/x"}}})
	_, port, _ := net.SplitHostPort(l.TLSAddr())
	a.ConnectTo, a.Family, a.Probes = connections(t, ":443::"+port, ":80:"+l.HTTPAddr()), 4, []Probe{ProbeHTTP}
	before := zone.Questions("both.dns.test")
	if v := visitSite(t, a, "https://both.dns.test/"); len(v.Exchanges) != 3 || v.Exchanges[1].Status != 200 {
		t.Errorf("exchanges %+v", v.Exchanges)
	}
	if n := zone.Questions("both.dns.test") - before; n != 1 {
		t.Errorf("%d questions", n)
	}
}

// TestPublicToPrivate: once a site has shown a public address, it leads to
// private ones only where the user has named them.
func TestPublicToPrivate(t *testing.T) {
	tests := []struct {
		why, host string
		public    bool
		direct    bool
		want      string
	}{
		{"public stays public", "public.dns.test", true, true, "192.175.48.7"},
		{"private at first", "private.dns.test", false, true, "10.0.0.7 fd00::7"},
		{"public to private by name", "private.dns.test", true, true, "-"},
		{"public to private by address", "10.0.0.7", true, true, "-"},
		{"public to this machine", "127.0.0.1", true, true, "-"},
		{"public to this machine over IPv6", "::1", true, true, "-"},
		{"public to this machine, IPv4 in IPv6", "::ffff:127.0.0.1", true, true, "-"},
		{"public to the cloud's metadata", "169.254.169.254", true, true, "-"},
		{"of a mixed answer the public ones are left", "mixed.dns.test", true, true, "192.175.48.7"},
		{"a mixed answer at first", "mixed.dns.test", false, true, "10.0.0.7 127.0.0.1 192.175.48.7"},
		{"named by --connect-to", "private.dns.test", true, false, "10.0.0.7 fd00::7"},
		{"named by --resolve", "resolved.test", true, true, "127.0.0.1"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			v := (&Wire{Resolve: resolves(t, "resolved.test:443:127.0.0.1")}).visitor(t.Context())
			v.public = tt.public
			addrs, err := v.addresses(t.Context(), tt.host, "443", tt.direct)
			if err != nil {
				if kind(describe(err)) != KindRedirects || !strings.Contains(err.Error(), tt.host) || tt.want != "-" {
					t.Errorf("error %v", err)
				}
				return
			}
			slices.SortFunc(addrs, netip.Addr.Compare)
			var got []string
			for _, a := range addrs {
				got = append(got, a.String())
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("addresses %s, want %s", s, tt.want)
			}
		})
	}
	t.Run("an exchange tells", func(t *testing.T) {
		// The address is one of AS112: nothing is asked there, and what counts is
		// that it was dialled.
		v := (&Wire{Timeout: short}).visitor(t.Context())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		v.exchange(ctx, ProbePage, root("http", "192.175.48.7"), mode{}, 0)
		if !v.public {
			t.Error("the visit does not know that it was at a public address")
		}
	})
}

// TestDialAny: of several addresses, whichever answers.
func TestDialAny(t *testing.T) {
	if !lab.CanListen("127.0.0.2") {
		t.Skip("this machine has no loopback address but 127.0.0.1")
	}
	here := lab.Listen(t, "127.0.0.2:0")
	_, port, _ := net.SplitHostPort(here.Addr().String())
	hole := blackHole(t, "127.0.0.3")
	refused, listening := netip.MustParseAddr("127.0.0.4"), netip.MustParseAddr("127.0.0.2")
	tests := []struct {
		why   string
		addrs []netip.Addr
		want  string // the address told; with a bang where the dial fails
	}{
		{"one", []netip.Addr{listening}, "127.0.0.2"},
		{"one that is refused", []netip.Addr{refused}, "127.0.0.4!"},
		{"the first is refused", []netip.Addr{refused, listening}, "127.0.0.2"},
		{"the first five are", []netip.Addr{refused, refused, refused, refused, refused, listening}, "127.0.0.2"},
		{"a seventh is not tried", []netip.Addr{refused, refused, refused, refused, refused, refused, listening}, "127.0.0.4!"},
		{"the first is silent", []netip.Addr{hole, listening}, "127.0.0.2"},
		{"the first two are", []netip.Addr{hole, hole, listening}, "127.0.0.2"},
		{"the second is not waited for", []netip.Addr{listening, hole}, "127.0.0.2"},
		{"all are refused", []netip.Addr{refused, netip.MustParseAddr("127.0.0.5"), netip.MustParseAddr("127.0.0.6")}, "127.0.0.4!"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			check := lab.CheckLeaks(t)
			conn, address, err := new(Wire).dialAny(t.Context(), tt.addrs, port)
			got := strings.TrimSuffix(address, ":"+port)
			if err != nil {
				got += "!"
				if kind(describe(err)) != KindRefused || !strings.Contains(err.Error(), address) {
					t.Errorf("not the error of the first: %v", err)
				}
			} else {
				conn.Close()
			}
			if got != tt.want {
				t.Errorf("connected to %s, want %s: %v", got, tt.want, err)
			}
			check()
		})
	}
	t.Run("time passes", func(t *testing.T) {
		check := lab.CheckLeaks(t)
		ctx, cancel := context.WithTimeout(t.Context(), 2*short)
		defer cancel()
		if _, address, err := new(Wire).dialAny(ctx, []netip.Addr{hole, hole}, port); kindOf(err) != KindTimeout || address != "127.0.0.3:"+port {
			t.Errorf("%s: %v", address, err)
		}
		check()
	})
}

// TestLosersAreClosed: of addresses that all answer, late ones too.
func TestLosersAreClosed(t *testing.T) {
	results := make(chan dialled, 2)
	ours, theirs := net.Pipe()
	results <- dialled{err: context.Canceled}
	results <- dialled{conn: ours}
	closeLosers(results, 2)
	if _, err := theirs.Read(make([]byte, 1)); err == nil {
		t.Error("left open")
	}
}

func TestInterleave(t *testing.T) {
	addrs := func(list string) []netip.Addr {
		var all []netip.Addr
		for a := range strings.FieldsSeq(list) {
			all = append(all, netip.MustParseAddr(a))
		}
		return all
	}
	for in, want := range map[string]string{
		"1.0.0.1":                     "1.0.0.1:443",
		"1.0.0.1 1.0.0.2":             "1.0.0.1:443 1.0.0.2:443",
		"::1 ::2 1.0.0.1":             "[::1]:443 1.0.0.1:443 [::2]:443",
		"1.0.0.1 1.0.0.2 1.0.0.3 ::1": "1.0.0.1:443 [::1]:443 1.0.0.2:443 1.0.0.3:443",
		"::1 ::2 ::3 ::4 ::5 ::6 ::7 1.0.0.1 1.0.0.2": "[::1]:443 1.0.0.1:443 [::2]:443 1.0.0.2:443 [::3]:443 [::4]:443",
	} {
		if got := strings.Join(interleave(addrs(in), 443), " "); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// TestManyAddresses: a name with a thousand of them costs no more than six.
func TestManyAddresses(t *testing.T) {
	_, port, _ := net.SplitHostPort(lab.DeadAddr(t))
	x := visitSite(t, &Wire{Timeout: 10 * time.Second}, "http://many.dns.test:"+port+"/").Exchanges[0]
	if kind(x.Error) != KindRefused && kind(x.Error) != KindUnreachable {
		t.Errorf("exchange %+v, error %v", x, x.Error)
	}
}

// blackHole has all that is dialled at an address get no answer while the test
// runs. The test must not be parallel.
func blackHole(t *testing.T, addr string) netip.Addr {
	t.Helper()
	dialer.ControlContext = func(ctx context.Context, _, target string, _ syscall.RawConn) error {
		if !strings.HasPrefix(target, addr+":") {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}
	t.Cleanup(func() { dialer.ControlContext = nil })
	return netip.MustParseAddr(addr)
}

// TestSilentHost: http is not waited for as long as https was, where that let a
// whole timeout pass.
func TestSilentHost(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // whose connections nobody takes
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const host = "a.example.org"
	v := (&Wire{Timeout: time.Minute, ConnectTo: connections(t, "::"+l.Addr().String())}).visitor(t.Context())
	v.made = []made{{url: root("https", host), Exchange: Exchange{Error: &Error{Kind: KindTimeout}}}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	m := v.ask(ctx, browser.Request{URL: root("http", host)}, 0)
	if m.Error == nil || m.Error.Kind != KindTimeout || ctx.Err() != nil {
		t.Error(m.Error, ctx.Err())
	}
	if m.cutShort(browser.Request{URL: root("http", host)}) {
		t.Error("it would be asked for again")
	}
}
