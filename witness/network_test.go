package witness

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"hsts-check/visit"
)

// TestNetworkFlags: what is said of the network is said to Chromium, or refused.
func TestNetworkFlags(t *testing.T) {
	const direct = "--no-proxy-server"
	rules := func(rules string) []string { return []string{direct, "--host-resolver-rules=" + rules} }
	for _, tt := range []struct {
		why                       string
		resolve, connectTo, proxy string // several are separated by blanks
		bypass                    string
		family                    int
		flags                     []string
		refused                   string
	}{
		{why: "nothing", flags: []string{direct}},
		{why: "an address", resolve: "a.test:443:192.0.2.1", flags: rules("MAP a.test:443 192.0.2.1")},
		{why: "one of IPv6", resolve: "a.test:443:[2001:db8::1]", flags: rules("MAP a.test:443 [2001:db8::1]")},
		{why: "a host before all others", resolve: "*:443:192.0.2.9 a.test:443:192.0.2.1", flags: rules("MAP a.test:443 192.0.2.1,MAP *:443 192.0.2.9")},
		{why: "the last of a host counts", resolve: "a.test:443:192.0.2.1 a.test:443:192.0.2.2", flags: rules("MAP a.test:443 192.0.2.2")},
		{why: "withdrawn", resolve: "a.test:443:192.0.2.1 -a.test:443", flags: []string{direct}},
		{why: "two addresses", resolve: "a.test:443:192.0.2.1,192.0.2.2", refused: "--resolve gives a.test:443 2 addresses, and Chromium takes one"},
		{why: "another host", connectTo: "a.test:443:b.test:8443", flags: rules("MAP a.test:443 b.test:8443")},
		{why: "another host for all ports", connectTo: "a.test::b.test:", flags: rules("MAP a.test b.test")},
		{why: "one place for all", connectTo: ":443:127.0.0.1:8443 :80:127.0.0.1:8080", flags: rules("MAP *:443 127.0.0.1:8443,MAP *:80 127.0.0.1:8080")},
		{why: "another port of one host", connectTo: "a.test:443::8443", flags: rules("MAP a.test:443 a.test:8443")},
		{why: "another port of all", connectTo: ":443::8443", refused: "changes the port of every host"},
		{why: "where the other host is", connectTo: "a.test:443:b.test:8443", resolve: "b.test:8443:192.0.2.1", flags: rules("MAP a.test:443 192.0.2.1:8443,MAP b.test:8443 192.0.2.1")},
		{why: "leads nowhere", connectTo: "a.test:443::", flags: []string{direct}},
		{why: "a proxy", proxy: "proxy.test:3128", flags: []string{"--proxy-server=http=http://proxy.test:3128;https=http://proxy.test:3128", "--proxy-bypass-list=<-loopback>"}},
		{why: "curl's port", proxy: "http://proxy.test", flags: []string{"--proxy-server=http=http://proxy.test:1080;https=http://proxy.test:1080", "--proxy-bypass-list=<-loopback>"}},
		{why: "SOCKS", proxy: "socks5h://proxy.test", flags: []string{"--proxy-server=http=socks5://proxy.test:1080;https=socks5://proxy.test:1080", "--proxy-bypass-list=<-loopback>"}},
		{why: "not for all", proxy: "proxy.test:1", bypass: "a.test, .b.test,192.0.2.0/24", flags: []string{"--proxy-server=http=http://proxy.test:1;https=http://proxy.test:1", "--proxy-bypass-list=<-loopback>;a.test;.a.test;.b.test;192.0.2.0/24"}},
		{why: "a password", proxy: "http://u:p@proxy.test", refused: "the name and password of a proxy"},
		{why: "IPv4 alone", family: 4, refused: "-4 is not for Chromium"},
		{why: "IPv6 alone", family: 6, refused: "-6 is not for Chromium"},
	} {
		n := Network{Bypass: tt.bypass, Family: tt.family}
		for _, text := range strings.Fields(tt.resolve) {
			r, err := visit.ParseResolve(text)
			if err != nil {
				t.Fatal(err)
			}
			n.Resolve = append(n.Resolve, r)
		}
		for _, text := range strings.Fields(tt.connectTo) {
			c, err := visit.ParseConnectTo(text)
			if err != nil {
				t.Fatal(err)
			}
			n.ConnectTo = append(n.ConnectTo, c)
		}
		if tt.proxy != "" {
			u, err := visit.ParseProxy(tt.proxy)
			if err != nil {
				t.Fatal(err)
			}
			n.HTTP, n.HTTPS = u, u
		}
		flags, err := n.Flags()
		said := ""
		if err != nil {
			said = err.Error()
		}
		if tt.refused == "" && err != nil || !strings.Contains(said, tt.refused) || tt.refused == "" && !slices.Equal(flags, tt.flags) {
			t.Errorf("%s: %q, %v", tt.why, flags, err)
		}
	}
}

// TestNamed: hosts that the user has led somewhere are the user's own.
func TestNamed(t *testing.T) {
	n := Network{ConnectTo: []visit.ConnectTo{{FromPort: "80", ToHost: "x"}, {FromHost: "port.test", ToPort: "8443"}}}
	r, err := visit.ParseResolve("a.test:443:127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	n.Resolve = append(n.Resolve, r)
	for at, want := range map[[2]string]bool{{"A.test", "443"}: true, {"a.test", "8080"}: false, {"b.test", "80"}: true, {"port.test", "443"}: false} {
		if n.Named(at[0], at[1]) != want {
			t.Errorf("%q is named: %v", at, !want)
		}
	}
}

// TestThroughProxy: Chromium goes through the proxy that it is told of, by its own
// name or the one given with -A.
func TestThroughProxy(t *testing.T) {
	var agents sync.Map
	s := serve(t, func(r *request) string {
		for line := range strings.Lines(r.head) {
			if agent, ok := strings.CutPrefix(line, "User-Agent: "); ok {
				agents.Store(strings.TrimSpace(agent), true)
			}
		}
		return answer(200, yearField, "")
	})
	var tunnels sync.Map
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tunnels.Store(r.Host, true)
		server, err := net.Dial("tcp", s.address)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		go func() { io.Copy(server, client); server.Close() }()
		io.Copy(client, server)
		client.Close()
	}))
	t.Cleanup(proxy.Close)
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	flags, err := Network{HTTP: u, HTTPS: u}.Flags()
	if err != nil {
		t.Fatal(err)
	}
	b := s.start(t, Options{Network: flags, Proxied: true, UserAgent: "me/1.0"})
	if seen := look(t, b, "https://example.com/"); len(seen) != 1 || seen[0].Status != 200 || seen[0].STS == nil || seen[0].Address != "" {
		t.Errorf("%+v", seen)
	}
	if _, ok := tunnels.Load("example.com:443"); !ok {
		t.Error("the proxy was not asked")
	}
	if _, ok := agents.Load("me/1.0"); !ok {
		t.Error("the site was shown another User-Agent")
	}
}
