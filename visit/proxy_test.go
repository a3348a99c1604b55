package visit

import (
	"fmt"
	"testing"
)

func TestParseProxy(t *testing.T) {
	tests := []struct{ why, in, want, port string }{
		{"no scheme", "127.0.0.1:3128", "http://127.0.0.1:3128", "3128"},
		{"a name, no scheme", "proxy.test:3128", "http://proxy.test:3128", "3128"},
		{"no port: curl's", "http://proxy.test", "http://proxy.test", "1080"},
		{"no scheme, no port", "proxy.test", "http://proxy.test", "1080"},
		{"https", "https://proxy.test", "https://proxy.test", "443"},
		{"socks5", "socks5://proxy.test", "socks5://proxy.test", "1080"},
		{"socks5h", "socks5h://proxy.test:9050", "socks5h://proxy.test:9050", "9050"},
		{"case", "HTTP://proxy.test", "http://proxy.test", "1080"},
		{"credentials", "me:p%40ss@proxy.test:3128", "http://me:p%40ss@proxy.test:3128", "3128"},
		{"IPv6", "[::1]:3128", "http://[::1]:3128", "3128"},
	}
	for _, tt := range tests {
		u, err := ParseProxy(tt.in)
		if err != nil || u.String() != tt.want || proxyPort(u) != tt.port {
			t.Errorf("%s: %q: %v, %v", tt.why, tt.in, u, err)
		}
	}
	for in, want := range map[string]string{
		"":                         `"" is not a proxy's URL`,
		"http://":                  `"http://" is not a proxy's URL`,
		"http://:3128":             `"http://:3128" is not a proxy's URL`,
		"::1":                      `"::1" is not a proxy's URL`,
		"http://proxy.test:":       "",
		"http://a b":               `"http://a b" is not a proxy's URL`,
		"socks4://proxy":           `"socks4://proxy": proxies are spoken to over http, https, socks5 or socks5h`,
		"me:p@ss@proxy.test:x":     `"proxy.test:x" is not a proxy's URL`,
		"http://me:p ss@p.test":    `"http://p.test" is not a proxy's URL`,
		"http://me:%zz@proxy.test": `"http://proxy.test" is not a proxy's URL`,
		"ftp://me:secret@p.test":   `"ftp://p.test": proxies are spoken to over http, https, socks5 or socks5h`,
		"ftp://proxy.test":         `"ftp://proxy.test": proxies are spoken to over http, https, socks5 or socks5h`,
	} {
		if u, err := ParseProxy(in); fmt.Sprint(err) != want && want != "" || want == "" && err != nil {
			t.Errorf("%q: %v, %v", in, u, err)
		}
	}
}
