package audit

import (
	"regexp"
	"strings"
	"testing"

	"hsts-check/hsts"
)

func TestFixLine(t *testing.T) {
	for _, tt := range []struct{ name, server, rule, want string }{
		{"nginx", "nginx/1.26.3 (Ubuntu)", "header-absent", `nginx: add_header Strict-Transport-Security "max-age=300" always;`},
		{"a server that reads nginx's configuration", "openresty", "header-absent", `nginx: add_header Strict-Transport-Security "max-age=300" always;`},
		{"Apache", "Apache", "max-age-zero", `Apache: Header always set Strict-Transport-Security "max-age=300"`},
		{"IIS", "Microsoft-IIS/10.0", "header-syntax", `IIS: <hsts enabled="true" max-age="300" />  in <site>`},
		{"the host is named", "Apache/2.4.66", "http-no-redirect", "Apache: Redirect permanent / https://www.example.org/"},
		{"what the page sends", "nginx", "error-page-bare", `nginx: add_header Strict-Transport-Security "max-age=31536000" always;`},
		{"Tomcat is not Apache", "Apache-Coyote/1.1", "header-absent", ""},
		{"a server without a line", "cloudflare", "header-absent", ""},
		{"no Server field", "", "header-absent", ""},
		{"a rule without a line", "nginx", "max-age-short", ""},
		{"a rule of a later version", "nginx", "made-up", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const host = "www.example.org"
			r := Result{
				Host: host, Policy: &hsts.Policy{MaxAge: 31536000},
				Exchanges: []Exchange{
					{URL: "https://" + host + ":8443/", Head: Head{Status: 200, Server: tt.server}},
					{URL: "https://other.example.org/", Head: Head{Status: 200, Server: "Caddy"}},
					{URL: "https://" + host + "/", Error: &Error{Message: "no answer"}},
				},
			}
			if got := r.FixLine(Finding{Rule: tt.rule, Host: host}); got != tt.want {
				t.Errorf("got %q, not %q", got, tt.want)
			}
		})
	}
}

// TestHelpBeginsSmall: no configuration to copy begins with a policy that cannot
// be taken back within the hour.
func TestHelpBeginsSmall(t *testing.T) {
	long := regexp.MustCompile(`max-age="?[0-9]{4,}`)
	for _, r := range Rules {
		for line := range strings.Lines(r.Help) {
			if strings.Contains(line, "  ") && long.MatchString(line) {
				t.Errorf("%s: %s", r.ID, line)
			}
		}
	}
}
