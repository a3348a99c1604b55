package visit

import (
	"hsts-check/browser"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

func TestParseResolve(t *testing.T) {
	addrs := func(list ...string) []netip.Addr {
		var all []netip.Addr
		for _, a := range list {
			all = append(all, netip.MustParseAddr(a))
		}
		return all
	}
	tests := []struct {
		why, in string
		want    Resolve
	}{
		{"an address", "a.test:443:127.0.0.1", Resolve{"a.test", "443", addrs("127.0.0.1")}},
		{"several", "a.test:443:127.0.0.1,::1", Resolve{"a.test", "443", addrs("127.0.0.1", "::1")}},
		{"brackets", "a.test:443:[::1],[127.0.0.1]", Resolve{"a.test", "443", addrs("::1", "127.0.0.1")}},
		{"IPv6 without brackets", "a.test:443:2001:db8::1", Resolve{"a.test", "443", addrs("2001:db8::1")}},
		{"empty addresses are skipped", "a.test:443:,127.0.0.1,,", Resolve{"a.test", "443", addrs("127.0.0.1")}},
		{"every host", "*:443:127.0.0.1", Resolve{"*", "443", addrs("127.0.0.1")}},
		{"a plus", "+a.test:443:127.0.0.1", Resolve{"a.test", "443", addrs("127.0.0.1")}},
		{"a minus", "-a.test:443", Resolve{"a.test", "443", nil}},
		{"a minus, addresses do not matter", "-a.test:443:127.0.0.1", Resolve{"a.test", "443", nil}},
		{"case", "A.Test:443:127.0.0.1", Resolve{"a.test", "443", addrs("127.0.0.1")}},
		{"zeros of a port", "a.test:0443:127.0.0.1", Resolve{"a.test", "443", addrs("127.0.0.1")}},
		{"IPv6 for IPv4", "[::1]:443:127.0.0.1", Resolve{"::1", "443", addrs("127.0.0.1")}},
	}
	for _, tt := range tests {
		if got, err := ParseResolve(tt.in); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %q: %+v, %v", tt.why, tt.in, got, err)
		}
	}
	for _, in := range []string{
		"", "-", "+", "a.test", "a.test:443", "a.test:443:", "a.test:443:,", "a.test::127.0.0.1", ":443:127.0.0.1",
		"a.test:0:127.0.0.1", "a.test:65536:127.0.0.1", "a.test:https:127.0.0.1", "a.test:443:b.test", "a.test:443:127.0.0.1]",
		"a.test:443:[127.0.0.1", "a.test:443:127.0.0.1 ", "-a.test", "-a.test:", "-:443", "[a.test]:443:127.0.0.1", "[::1]x:443:127.0.0.1", "[::1:443:127.0.0.1",
	} {
		if got, err := ParseResolve(in); err == nil || !strings.Contains(err.Error(), `"`+in+`"`) {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
}

func TestParseConnectTo(t *testing.T) {
	tests := []struct {
		why, in string
		want    ConnectTo
	}{
		{"all four", "a.test:443:b.test:8443", ConnectTo{"a.test", "443", "b.test", "8443"}},
		{"none", ":::", ConnectTo{}},
		{"any host", ":443:b.test:8443", ConnectTo{"", "443", "b.test", "8443"}},
		{"any port", "a.test::b.test:8443", ConnectTo{"a.test", "", "b.test", "8443"}},
		{"the same host", "a.test:443::8443", ConnectTo{"a.test", "443", "", "8443"}},
		{"the same port", "a.test:443:b.test:", ConnectTo{"a.test", "443", "b.test", ""}},
		{"the same port, without its colon", "a.test:443:b.test", ConnectTo{"a.test", "443", "b.test", ""}},
		{"IPv6", "[::1]:443:[::2]:8443", ConnectTo{"::1", "443", "::2", "8443"}},
		{"IPv6 without a port", "::[::2]", ConnectTo{"", "", "::2", ""}},
		{"case", "A.Test:443:b.test:443", ConnectTo{"a.test", "443", "b.test", "443"}},
		{"no wildcard", "*:443:b.test:443", ConnectTo{"*", "443", "b.test", "443"}},
	}
	for _, tt := range tests {
		if got, err := ParseConnectTo(tt.in); err != nil || got != tt.want {
			t.Errorf("%s: %q: %+v, %v", tt.why, tt.in, got, err)
		}
	}
	for _, in := range []string{
		"", ":", "a.test", "a.test:443", "a.test:443:", "a.test:x:b.test:443", "a.test:443:b.test:x", "a.test:443:b.test:65536", "a.test:0:b.test:443",
		"a.test:443:b.test:443:9", "a.test:443:::1:443", "::1:443:b.test:443", "[b.test]:443:c.test:443", "[::1]x:443:b.test:443", "a.test:443:[::1]443",
	} {
		if got, err := ParseConnectTo(in); err == nil || !strings.Contains(err.Error(), `"`+in+`"`) {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
}

// TestOverrides: where curl 7.88 connects when told the same.
func TestOverrides(t *testing.T) {
	const nowhere = "" // asks DNS
	tests := []struct {
		why       string
		connectTo []string
		resolve   []string
		family    int
		url, want string
	}{
		{"resolve", nil, []string{"a.test:443:127.0.0.1"}, 0, "https://a.test/", "127.0.0.1:443"},
		{"resolve, case does not matter", nil, []string{"A.TEST:443:127.0.0.1"}, 0, "https://a.Test/", "127.0.0.1:443"},
		{"resolve, another port", nil, []string{"a.test:80:127.0.0.1"}, 0, "https://a.test/", nowhere},
		{"resolve, another host", nil, []string{"b.test:443:127.0.0.1"}, 0, "https://a.test/", nowhere},
		{"resolve, not below it", nil, []string{"test:443:127.0.0.1"}, 0, "https://a.test/", nowhere},
		{"resolve, a trailing dot makes another host", nil, []string{"a.test:443:127.0.0.1"}, 0, "https://a.test./", nowhere},
		{"resolve, the last wins", nil, []string{"a.test:443:127.0.0.1", "a.test:443:127.0.0.2"}, 0, "https://a.test/", "127.0.0.2:443"},
		{"resolve, * is every host", nil, []string{"*:443:127.0.0.1"}, 0, "https://a.test/", "127.0.0.1:443"},
		{"resolve, the host's own goes before *", nil, []string{"a.test:443:127.0.0.2", "*:443:127.0.0.1"}, 0, "https://a.test/", "127.0.0.2:443"},
		{"resolve, the last * wins", nil, []string{"*:443:127.0.0.1", "*:443:127.0.0.2"}, 0, "https://a.test/", "127.0.0.2:443"},
		{"resolve, withdrawn", nil, []string{"a.test:443:127.0.0.1", "-a.test:443"}, 0, "https://a.test/", nowhere},
		{"resolve, withdrawn and said again", nil, []string{"a.test:443:127.0.0.1", "-a.test:443", "a.test:443:127.0.0.2"}, 0, "https://a.test/", "127.0.0.2:443"},
		{"resolve, withdrawn, * stays", nil, []string{"a.test:443:127.0.0.2", "*:443:127.0.0.1", "-a.test:443"}, 0, "https://a.test/", "127.0.0.1:443"},
		{"resolve, * withdrawn", nil, []string{"*:443:127.0.0.1", "-*:443"}, 0, "https://a.test/", nowhere},
		{"resolve, an IP address", nil, []string{"127.0.0.1:443:127.0.0.2"}, 0, "https://127.0.0.1/", "127.0.0.2:443"},
		{"resolve, -4", nil, []string{"a.test:443:::1,127.0.0.1"}, 4, "https://a.test/", "127.0.0.1:443"},
		{"resolve, -6", nil, []string{"a.test:443:127.0.0.1,::1"}, 6, "https://a.test/", "[::1]:443"},
		{"resolve, nothing for -4", nil, []string{"a.test:443:::1"}, 4, "https://a.test/", nowhere},
		{"resolve, nothing for -4 but in *", nil, []string{"a.test:443:::1", "*:443:127.0.0.1"}, 4, "https://a.test/", "127.0.0.1:443"},
		{"resolve, IPv4 in IPv6", nil, []string{"a.test:443:::ffff:127.0.0.1"}, 4, "https://a.test/", "127.0.0.1:443"},
		{"resolve, IDN", nil, []string{"bücher.test:443:127.0.0.1"}, 0, "https://xn--bcher-kva.test/", "127.0.0.1:443"},

		{"connect-to", []string{"a.test:443:127.0.0.1:8443"}, nil, 0, "https://a.test/", "127.0.0.1:8443"},
		{"connect-to, case does not matter", []string{"A.TEST:443:127.0.0.1:8443"}, nil, 0, "https://a.Test/", "127.0.0.1:8443"},
		{"connect-to, the first wins", []string{"a.test:443:127.0.0.1:8443", "a.test:443:127.0.0.2:8443"}, nil, 0, "https://a.test/", "127.0.0.1:8443"},
		{"connect-to, even one for all", []string{":443:127.0.0.1:8443", "a.test:443:127.0.0.2:8443"}, nil, 0, "https://a.test/", "127.0.0.1:8443"},
		{"connect-to, any host and port", []string{"::127.0.0.1:8443"}, nil, 0, "https://a.test:444/", "127.0.0.1:8443"},
		{"connect-to, the same port", []string{"a.test:443:127.0.0.1:"}, nil, 0, "https://a.test/", "127.0.0.1:443"},
		{"connect-to, the same host", []string{"a.test:443::8443"}, []string{"a.test:8443:127.0.0.3"}, 0, "https://a.test/", "127.0.0.3:8443"},
		{"connect-to, one that leads nowhere is passed over", []string{"a.test:443::", ":::", "a.test:443:127.0.0.2:8443"}, nil, 0, "https://a.test/", "127.0.0.2:8443"},
		{"connect-to, another port", []string{"a.test:80:127.0.0.1:8443"}, nil, 0, "https://a.test/", nowhere},
		{"connect-to, * is no wildcard", []string{"*:443:127.0.0.1:8443"}, nil, 0, "https://a.test/", nowhere},
		{"connect-to, a trailing dot makes another host", []string{"a.test:443:127.0.0.1:8443"}, nil, 0, "https://a.test./", nowhere},
		{"connect-to, IPv6", []string{"[::1]:443:127.0.0.2:8443"}, nil, 0, "https://[::1]/", "127.0.0.2:8443"},
		{"connect-to, IPv6 in full", []string{"[::1]:443:127.0.0.2:8443"}, nil, 0, "https://[0:0:0:0:0:0:0:1]/", "127.0.0.2:8443"},
		{"connect-to, once", []string{"a.test:443:b.test:443", "b.test:443:127.0.0.1:8443"}, nil, 0, "https://a.test/", nowhere},
		{"connect-to, IDN", []string{"bücher.test:443:127.0.0.1:8443"}, nil, 0, "https://xn--bcher-kva.test/", "127.0.0.1:8443"},

		{"both: resolve is asked for where connect-to leads", []string{"a.test:443:b.test:8443"}, []string{"b.test:8443:127.0.0.3"}, 0, "https://a.test/", "127.0.0.3:8443"},
		{"both: not for where it comes from", []string{"a.test:443:b.test:8443"}, []string{"a.test:443:127.0.0.3"}, 0, "https://a.test/", nowhere},
		{"both: * of the new port", []string{"a.test:443:b.test:8443"}, []string{"*:8443:127.0.0.3"}, 0, "https://a.test/", "127.0.0.3:8443"},
		{"both: not * of the old port", []string{"a.test:443:b.test:8443"}, []string{"*:443:127.0.0.3"}, 0, "https://a.test/", nowhere},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			v := (&Wire{ConnectTo: connections(t, tt.connectTo...), Resolve: resolves(t, tt.resolve...), Family: tt.family}).visitor(t.Context())
			u, err := browser.ParseURL(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			host, port, direct := v.redirect(dialName(u), u.EffectivePort())
			addrs, err := v.addresses(t.Context(), host, port, direct)
			got := nowhere
			if err == nil {
				got = net.JoinHostPort(addrs[0].String(), port)
			} else if kind(describe(err)) != KindDNS {
				t.Error(err)
			}
			if got != tt.want {
				t.Errorf("connects to %q, want %q", got, tt.want)
			}
		})
	}
}
