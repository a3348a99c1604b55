package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hsts-check/audit"
	"hsts-check/internal/lab"
)

// preloadLab leads the command to hosts, and to a list of a few entries.
func preloadLab(t *testing.T, hosts ...lab.Host) (flags []string) {
	t.Helper()
	l, err := lab.Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	ca, list := filepath.Join(t.TempDir(), "ca.pem"), filepath.Join(t.TempDir(), "list.txt")
	const entries = ".listed.test bulk-1-year\n.bank public-suffix\n" // of today, as the file is
	for name, text := range map[string]string{ca: string(l.CAPEM()), list: entries} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return append(labFlags(l, ca), "--preload-list", list, "--retries", "0")
}

// runPreload runs the command and reads its JSON.
func runPreload(t *testing.T, flags []string, hosts ...string) (int, preloadDocument) {
	t.Helper()
	var out, said strings.Builder
	args := slices.Concat([]string{"preload", "-f", "json"}, flags, hosts)
	status := run(t.Context(), args, strings.NewReader(""), &out, &said)
	var d preloadDocument
	if err := json.Unmarshal([]byte(out.String()), &d); err != nil {
		t.Fatalf("status %d, %v: %s%s", status, err, out.String(), said.String())
	}
	if len(d.Hosts) != len(hosts) {
		t.Fatalf("%d hosts of %d", len(d.Hosts), len(hosts))
	}
	return status, d
}

// wanting lists what does not pass, "id code" each, a ? before what is not
// known.
func wanting(s standing) string {
	var all []string
	for _, r := range s.Requirements {
		text := strings.TrimSpace(r.ID + " " + r.Code)
		if r.RFC != "" {
			text += " rfc=" + string(r.RFC)
		}
		switch r.State {
		case audit.Fail:
			all = append(all, text)
		case audit.StateUnknown:
			all = append(all, "?"+text)
		}
	}
	return strings.Join(all, ", ")
}

const full = "max-age=31536000; includeSubDomains; preload"

// redirect is an answer that leads on and sends fields.
func redirect(to string, sts ...string) lab.Answer {
	a := lab.STS(sts...)
	a.Location = to
	return a
}

// TestPreloadRequirements: each failing alone, with the code of the list's
// owners.
func TestPreloadRequirements(t *testing.T) {
	tests := []struct {
		why    string
		host   lab.Host // a.test
		www    lab.Host // www.a.test
		want   string
		status int
	}{
		{"everything", lab.Host{Answer: lab.STS(full)}, lab.Host{}, "", 0},
		{"port 80 refuses", lab.Host{Answer: lab.STS(full), HTTP: lab.Refused}, lab.Host{}, "", 0},
		{"a redirect that has the header", lab.Host{Answer: redirect("https://www.a.test/", full)}, lab.Host{}, "", 0},
		{"http leads to another page, which has the header", lab.Host{Answer: lab.STS(full), Plain: &lab.Answer{Location: "https://a.test/x"}}, lab.Host{}, "", 0},
		{"three redirects", lab.Host{Answer: redirect("/1", full), HTTP: lab.Refused, Paths: map[string]lab.Answer{"/1": redirect("/2", full), "/2": redirect("/3", full), "/3": lab.STS()}}, lab.Host{}, "", 0},

		{"expired", lab.Host{Answer: lab.STS(full), Cert: lab.CertExpired}, lab.Host{},
			"certificate domain.tls.invalid_cert_chain, ?header, ?max-age, ?include-subdomains, ?preload, ?https-redirects", 1},
		{"the chain is not whole", lab.Host{Answer: lab.STS(full), Cert: lab.CertNoIntermediate}, lab.Host{}, "certificate domain.tls.invalid_cert_chain", 1},
		{"no header", lab.Host{}, lab.Host{}, "header response.no_header, max-age, include-subdomains, preload", 1},
		{"two headers", lab.Host{Answer: lab.STS(full, full)}, lab.Host{}, "header response.multiple_headers rfc=pass", 1},
		{"max-age is short", lab.Host{Answer: lab.STS("max-age=31535999; includeSubDomains; preload")}, lab.Host{}, "max-age header.preloadable.max_age.below_1_year", 1},
		{"max-age is zero", lab.Host{Answer: lab.STS("max-age=0; includeSubDomains; preload")}, lab.Host{}, "max-age header.preloadable.max_age.zero", 1},
		{"no includeSubDomains", lab.Host{Answer: lab.STS("max-age=31536000; preload")}, lab.Host{}, "include-subdomains header.preloadable.include_sub_domains.missing", 1},
		{"no preload", lab.Host{Answer: lab.STS("max-age=31536000; includeSubDomains")}, lab.Host{}, "preload header.preloadable.preload.missing", 1},
		{"a redirect without the header", lab.Host{Answer: redirect("/1", full), Paths: map[string]lab.Answer{"/1": redirect("/2"), "/2": lab.STS(full)}}, lab.Host{}, "https-redirects", 1},
		{"a redirect to http", lab.Host{Answer: redirect("http://www.a.test/", full)}, lab.Host{Plain: &lab.Answer{}}, "https-redirects redirects.insecure.initial", 1},
		{"a later redirect to http", lab.Host{Answer: redirect("https://www.a.test/", full)}, lab.Host{Answer: redirect("http://www.a.test/"), Plain: &lab.Answer{}}, "https-redirects redirects.insecure.subsequent", 1},
		{"four redirects", lab.Host{Answer: redirect("/1", full), HTTP: lab.Refused, Paths: map[string]lab.Answer{"/1": redirect("/2", full), "/2": redirect("/3", full), "/3": redirect("/4", full), "/4": lab.STS()}}, lab.Host{}, "https-redirects redirects.too_many", 1},
		{"three redirects behind http", lab.Host{Answer: redirect("/1", full), Paths: map[string]lab.Answer{"/1": redirect("/2", full), "/2": redirect("/3", full), "/3": lab.STS()}}, lab.Host{}, "http-redirect redirects.too_many", 1},
		{"a loop", lab.Host{Answer: redirect("/1", full), HTTP: lab.Refused, Paths: map[string]lab.Answer{"/1": redirect("/", full)}}, lab.Host{}, "https-redirects redirects.too_many", 1},
		{"a redirect to a bad certificate", lab.Host{Answer: redirect("https://bad.test/", full)}, lab.Host{}, "https-redirects redirects.follow_error", 1},
		{"http does not redirect", lab.Host{Answer: lab.STS(full), Plain: &lab.Answer{}}, lab.Host{}, "http-redirect redirects.http.no_redirect", 1},
		{"http redirects to www first", lab.Host{Answer: lab.STS(full), Plain: &lab.Answer{Location: "https://www.a.test/"}}, lab.Host{}, "http-redirect redirects.http.www_first", 1},
		{"http redirects to http", lab.Host{Answer: lab.STS(full), Plain: &lab.Answer{Location: "/x"}}, lab.Host{}, "http-redirect redirects.http.first_redirect.insecure", 1},
		{"http redirects to a page without the header", lab.Host{Answer: lab.STS(full), Plain: &lab.Answer{Location: "https://a.test/x"}, Paths: map[string]lab.Answer{"/x": {}}}, lab.Host{}, "http-redirect redirects.http.first_redirect.no_hsts", 1},
		{"http gives no answer", lab.Host{Answer: lab.STS(full), HTTP: lab.Reset}, lab.Host{}, "?http-redirect", 3},
		{"www has a bad certificate", lab.Host{Answer: lab.STS(full)}, lab.Host{Cert: lab.CertExpired}, "www domain.www.no_tls", 1},
		{"www does not send its chain", lab.Host{Answer: lab.STS(full)}, lab.Host{Cert: lab.CertNoIntermediate}, "www domain.www.no_tls", 1},
		{"www speaks no TLS", lab.Host{Answer: lab.STS(full)}, lab.Host{TLS: lab.Garbage}, "www domain.www.no_tls", 1},
		{"www refuses", lab.Host{Answer: lab.STS(full)}, lab.Host{TLS: lab.Refused}, "www", 1},
		{"www gives no answer", lab.Host{Answer: lab.STS(full)}, lab.Host{TLS: lab.Reset}, "?www", 3},
		{"the domain gives no answer", lab.Host{TLS: lab.Reset}, lab.Host{},
			"?certificate domain.tls.cannot_connect, ?header domain.tls.cannot_connect, ?max-age domain.tls.cannot_connect, ?include-subdomains domain.tls.cannot_connect, ?preload domain.tls.cannot_connect, ?https-redirects, ?http-redirect, ?www", 3},

		{"quotes: the RFC allows them", lab.Host{Answer: lab.STS(`max-age="31536000"; includeSubDomains; preload`)}, lab.Host{},
			"header header.parse.max_age.non_digit_characters rfc=pass, max-age header.preloadable.max_age.missing rfc=pass", 1},
		{"blanks around =: the RFC allows them", lab.Host{Answer: lab.STS("max-age = 31536000; includeSubDomains; preload")}, lab.Host{},
			"header header.parse.invalid.max_age.no_value rfc=pass, max-age header.preloadable.max_age.missing rfc=pass", 1},
		{"a blank behind =", lab.Host{Answer: lab.STS("max-age= 31536000; includeSubDomains; preload")}, lab.Host{},
			"header header.parse.max_age.non_digit_characters rfc=pass, max-age header.preloadable.max_age.missing rfc=pass", 1},
		{"max-age twice: the RFC voids it", lab.Host{Answer: lab.STS(full + "; max-age=31536000")}, lab.Host{}, "header rfc=fail", 1},
		{"no max-age", lab.Host{Answer: lab.STS("includeSubDomains; preload")}, lab.Host{}, "header, max-age header.preloadable.max_age.missing", 1},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			tt.host.Name, tt.www.Name = "a.test", "www.a.test"
			flags := preloadLab(t, tt.host, tt.www, lab.Host{Name: "bad.test", Cert: lab.CertExpired})
			status, d := runPreload(t, flags, "a.test")
			if got := wanting(d.Hosts[0].Submission); got != tt.want || status != tt.status {
				t.Errorf("status %d, %s\nwant   %d, %s", status, got, tt.status, tt.want)
			}
		})
	}
}

// TestPreloadHosts: which hosts may go on a list at all.
func TestPreloadHosts(t *testing.T) {
	flags := preloadLab(t, lab.Sends("*", full))
	tests := []struct{ why, host, entry, submission, removal string }{
		{"a domain", "a.test", "", "", "on-the-list server.remove.not_preloaded, no-preload header.removable.contains.preload"},
		{"capitals and a dot at the end", "A.Test.", "", "", "on-the-list server.remove.not_preloaded, no-preload header.removable.contains.preload"},
		{"a URL", "https://a.test/login", "", "", "on-the-list server.remove.not_preloaded, no-preload header.removable.contains.preload"},
		{"an international name", "bücher.test", "", "", "on-the-list server.remove.not_preloaded, no-preload header.removable.contains.preload"},
		{"on the list", "listed.test", "listed.test", "", "no-preload header.removable.contains.preload"},
		{"a subdomain", "x.a.test", "", "registrable-domain domain.is_subdomain", "on-the-list server.remove.not_preloaded, ?certificate, ?header, ?max-age, ?no-preload"},
		{"a subdomain of a listed one", "x.listed.test", "listed.test", "registrable-domain domain.is_subdomain", "on-the-list server.removable.subdomain, ?certificate, ?header, ?max-age, ?no-preload"},
		{"below a listed suffix", "a.bank", "bank", "", "on-the-list server.removable.preloaded_tld, no-preload header.removable.contains.preload"},
		{"a listed suffix", "bank", "bank", "registrable-domain domain.format.public_suffix", "?certificate, ?header, ?max-age, ?no-preload"},
		{"a public suffix", "co.nz", "", "registrable-domain domain.format.public_suffix", "on-the-list server.remove.not_preloaded, ?certificate, ?header, ?max-age, ?no-preload"},
		{"localhost", "localhost", "", "registrable-domain domain.format.public_suffix", "on-the-list server.remove.not_preloaded, ?certificate, ?header, ?max-age, ?no-preload"},
		{"an IPv4 address", "192.0.2.1", "", "registrable-domain domain.format.is_ip_address", "on-the-list server.remove.not_preloaded, ?certificate, ?header, ?max-age, ?no-preload"},
		{"an IPv6 address", "[2001:db8::1]", "", "registrable-domain domain.format.invalid_characters", "on-the-list server.remove.not_preloaded, ?certificate, ?header, ?max-age, ?no-preload"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			status, d := runPreload(t, flags, tt.host)
			r := d.Hosts[0]
			entry := ""
			if r.Preloaded != nil {
				entry = r.Preloaded.Entry
			}
			if entry != tt.entry || wanting(r.Submission) != tt.submission || wanting(r.Removal) != tt.removal {
				t.Errorf("entry %q, %s; %s", entry, wanting(r.Submission), wanting(r.Removal))
			}
			if want := map[bool]int{true: exitOK, false: exitFellShort}[tt.submission == ""]; status != want {
				t.Errorf("status %d, not %d", status, want)
			}
		})
	}
}

// TestPreloadRemoval: what has to hold of a domain that is on the list.
func TestPreloadRemoval(t *testing.T) {
	tests := []struct {
		why  string
		host lab.Host
		want string
	}{
		{"a header without preload", lab.Host{Answer: lab.STS("max-age=300")}, ""},
		{"switched off", lab.Host{Answer: lab.STS("max-age=0")}, ""},
		{"preload", lab.Host{Answer: lab.STS(full)}, "no-preload header.removable.contains.preload"},
		{"no header", lab.Host{}, "header response.no_header, max-age, no-preload"},
		{"no max-age", lab.Host{Answer: lab.STS("includeSubDomains")}, "header, max-age header.removable.missing.max_age, no-preload"},
		{"two headers", lab.Host{Answer: lab.STS("max-age=300", "max-age=300")}, "header response.multiple_headers rfc=pass"},
		{"in quotes", lab.Host{Answer: lab.STS(`max-age="300"`)}, "header header.parse.max_age.non_digit_characters rfc=pass, max-age header.removable.missing.max_age rfc=pass"},
		{"a bad certificate", lab.Host{Answer: lab.STS("max-age=300"), Cert: lab.CertExpired}, "certificate domain.tls.invalid_cert_chain, ?header, ?max-age, ?no-preload"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			tt.host.Name = "listed.test"
			_, d := runPreload(t, preloadLab(t, tt.host, lab.Host{Name: "www.listed.test"}), "listed.test")
			if got := wanting(d.Hosts[0].Removal); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestPreloadStatus: one that falls short outweighs one that is not known.
func TestPreloadStatus(t *testing.T) {
	flags := preloadLab(t, lab.Sends("good.test", full), lab.Sends("www.good.test"), lab.Sends("weak.test", "max-age=300"),
		lab.Host{Name: "lost.test", TLS: lab.Reset})
	for want, hosts := range map[int][]string{
		exitOK:        {"good.test", "good.test"},
		exitFellShort: {"lost.test", "weak.test", "lost.test"},
		exitUnknown:   {"good.test", "lost.test", "good.test"},
	} {
		if got, _ := runPreload(t, flags, hosts...); got != want {
			t.Errorf("%q: status %d, not %d", hosts, got, want)
		}
	}
}
