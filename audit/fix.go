package audit

import (
	"slices"
	"strings"

	"hsts-check/browser"
)

// HelpSend ends the help of every rule that is fixed by sending the header. Its
// first step can be taken back within five minutes (hstspreload.org, deployment
// recommendations).
const HelpSend = `Begin with five minutes:

nginx:    add_header Strict-Transport-Security "max-age=300" always;
Apache:   Header always set Strict-Transport-Security "max-age=300"
Caddy:    header Strict-Transport-Security "max-age=300"
HAProxy:  http-response set-header Strict-Transport-Security "max-age=300"
IIS:      <hsts enabled="true" max-age="300" />  in <site>

Then raise max-age step by step: 604800 (a week), 2592000 (a month), 31536000 (a year). Keep each
step until nothing has broken for that long. Add includeSubDomains once every subdomain answers over
https, internal ones too.`

// HelpRedirect ends the help of every rule that is fixed by redirecting http to
// https on the same host.
const HelpRedirect = `nginx:    server { listen 80; server_name HOST; return 301 https://$host$request_uri; }
Apache:   Redirect permanent / https://HOST/
Caddy:    does so by itself
HAProxy:  http-request redirect scheme https code 301 unless { ssl_fc }
IIS:      <hsts enabled="true" redirectHttpToHttps="true" />  in <site>`

// HelpAlways ends the help of rules about answers that lack what others of the
// same host have. VALUE is what those send.
const HelpAlways = `nginx:    add_header Strict-Transport-Security "VALUE" always;
Apache:   Header always set Strict-Transport-Security "VALUE"`

// softwares are the servers that the help has lines for, by the product that a
// Server field begins with, in lower case (RFC 9110 section 10.2.4). Some read
// another one's configuration.
var softwares = map[string]string{
	"nginx": "nginx", "openresty": "nginx", "tengine": "nginx", "angie": "nginx", "freenginx": "nginx",
	"apache": "Apache", "litespeed": "Apache",
	"caddy":         "Caddy",
	"haproxy":       "HAProxy",
	"microsoft-iis": "IIS",
}

// FixLine returns the line of configuration that fixes a finding on the server
// that the finding's host says it is: "nginx: add_header ... always;". It is
// empty where the host does not say so, or the rule has no line for it.
func (r *Result) FixLine(f Finding) string {
	rule, known := RuleByID(f.Rule)
	software := r.software(f.Host)
	if !known || software == "" {
		return ""
	}
	for line := range strings.Lines(rule.Help) {
		if told, ok := strings.CutPrefix(line, software+":"); ok {
			return software + ": " + r.filled(strings.TrimSpace(told), f.Host)
		}
	}
	return ""
}

// filled puts what is known of a host in the place of what a line leaves open.
// The value is the program's own spelling: what a server sent stays out of what
// is copied into a configuration.
func (r *Result) filled(line, host string) string {
	if host == r.Host && r.Policy != nil {
		line = strings.ReplaceAll(line, "VALUE", r.Policy.String())
	}
	return strings.ReplaceAll(line, "HOST", host)
}

// software is what a host's last answer with a Server field says it is; "" for
// what the help has no line for.
func (r *Result) software(host string) string {
	for _, x := range slices.Backward(r.Exchanges) {
		if x.Server == "" {
			continue
		}
		if u, err := browser.ParseURL(x.URL); err != nil || u.Hostname() != host {
			continue
		}
		product, _, _ := strings.Cut(x.Server, " ")
		product, _, _ = strings.Cut(product, "/")
		return softwares[strings.ToLower(product)]
	}
	return ""
}
