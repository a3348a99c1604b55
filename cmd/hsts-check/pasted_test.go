package main

import (
	"strings"
	"testing"
)

func TestPastedValues(t *testing.T) {
	const v = "max-age=31536000; includeSubDomains"
	for _, tt := range []struct{ why, text, want string }{
		{"a value", v, v},
		{"values, one a line, empty ones too", "max-age=1\n\nmax-age=2\n", "max-age=1||max-age=2"},
		{"a header line", "Strict-Transport-Security: " + v, v},
		{"in other letters, as HTTP/2 has it", "strict-transport-security:" + v + "\r\n", v},
		{"curl -sI", "HTTP/2 200 \r\ndate: x\r\nstrict-transport-security: " + v + "\r\nserver: nginx\r\n\r\n", v},
		{"curl -sIL, an answer after another", "HTTP/1.1 301 M\nLocation: /x\nStrict-Transport-Security: max-age=1\n\nHTTP/1.1 200 OK\nStrict-Transport-Security: max-age=2\n\n", "max-age=1|max-age=2"},
		{"curl -i: the page does not count", "HTTP/1.1 200 OK\nStrict-Transport-Security: max-age=1\n\nStrict-Transport-Security: max-age=2\n", "max-age=1"},
		{"curl -v", "< HTTP/2 200 \n< strict-transport-security: " + v + "\n< \n", v},
		{"two fields: the first", "HTTP/1.1 200 OK\nStrict-Transport-Security: max-age=1\nStrict-Transport-Security: max-age=2\n", "max-age=1"},
		{"nginx", `	add_header Strict-Transport-Security "` + v + `" always;`, v},
		{"nginx, single quotes", `add_header Strict-Transport-Security '` + v + `';`, v},
		{"nginx, no quotes", `add_header Strict-Transport-Security max-age=31536000 always;`, "max-age=31536000"},
		{"a block of nginx", "server {\n  listen 443 ssl;\n  add_header Strict-Transport-Security \"" + v + "\" always;\n}\n", v},
		{"Apache", `Header always set Strict-Transport-Security "` + v + `" env=HTTPS`, v},
		{"Apache, no quotes", `Header always set Strict-Transport-Security max-age=31536000 "expr=%{HTTPS} == 'on'"`, "max-age=31536000"},
		{"HAProxy", `http-response set-header Strict-Transport-Security "` + v + `" if { ssl_fc }`, v},
		{"HAProxy, escaped", `http-response set-header Strict-Transport-Security max-age=31536000;\ includeSubDomains`, v},
		{"HAProxy, old", `rspadd Strict-Transport-Security:\ max-age=31536000;\ includeSubDomains if { ssl_fc }`, v},
		{"Caddy", `header Strict-Transport-Security "` + v + `"`, v},
		{"Caddy, no quotes", `header Strict-Transport-Security max-age=31536000;`, "max-age=31536000"},
		{"IIS, its own element", `<hsts enabled="true" max-age="31536000" includeSubDomains="true" redirectHttpToHttps="true" />`, v},
		{"IIS, preload", `<hsts enabled="true" max-age="1" preload="true">`, "max-age=1; preload"},
		{"IIS, a header", `<add name="Strict-Transport-Security" value="` + v + `" />`, v},
		{"lighttpd", `setenv.add-response-header = ("Strict-Transport-Security" => "` + v + `")`, v},
		{"a program", `res.setHeader('Strict-Transport-Security', '` + v + `')`, v},
		{"JSON", `{"Strict-Transport-Security": "` + v + `"}`, v},
	} {
		values, err := pastedValues(tt.text)
		for i := range values {
			values[i] = strings.TrimSpace(values[i])
		}
		if got := strings.Join(values, "|"); err != nil || got != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.why, got, err, tt.want)
		}
	}
	for text, want := range map[string]string{
		"HTTP/1.1 200 OK\nServer: x\n\n":                              "no Strict-Transport-Security in this answer",
		"HTTP/1.1 301 M\nLocation: /\n\nHTTP/1.1 200 OK\nServer: x\n": "no Strict-Transport-Security in this answer, nor in the 1 before it",
		"https://www.example.org/":                                    "https://www.example.org/ is a site, not a header",
		"www.example.org":                                             "www.example.org is a site, not a header",
	} {
		if values, err := pastedValues(text); err == nil || err.Error() != want {
			t.Errorf("%q: %q, %v", text, values, err)
		}
	}
}

// FuzzPasted: whatever is pasted gives values or an error, and a value that is
// alone gives itself.
func FuzzPasted(f *testing.F) {
	for _, seed := range []string{"max-age=1", "HTTP/1.1 200 OK\nStrict-Transport-Security: max-age=1\n", `"Strict-Transport-Security"`, `Strict-Transport-Security`, `<hsts max-age="1">`, `<add name="x"/>`, "a\\ Strict-Transport-Security:\\ x", "< HTTP/2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := pastedValues(text)
		switch {
		case err != nil && len(values) > 0, err == nil && len(values) == 0 && !headerName.MatchString(text) && !strings.Contains(text, "<hsts "):
			t.Errorf("%q, %v", values, err)
		case err == nil && strings.Contains(text, "max-age=") && !strings.ContainsAny(text, "\n\r<:/"+"sS") && (len(values) != 1 || values[0] != text):
			t.Errorf("the value %q gives %q", text, values)
		}
	})
}
