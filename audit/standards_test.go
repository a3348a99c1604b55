package audit

import (
	"encoding/json"
	"strings"
	"testing"

	"hsts-check/visit"
)

// met writes what a result says of each standard, in the order of [Standards]:
// + met, - missed, ? not known.
func met(r Result) string {
	var b strings.Builder
	for _, s := range Standards {
		switch yes, known := r.Standards[s.Name]; {
		case !known:
			b.WriteByte('?')
		case yes:
			b.WriteByte('+')
		default:
			b.WriteByte('-')
		}
	}
	return b.String()
}

// TestStandards: met, missed, or not known, and never missed for want of
// looking.
func TestStandards(t *testing.T) {
	// What the preload list wants besides the header.
	plain, onWWW := by(visit.ProbeHTTP, moved(plainA, a)), by(visit.ProbeWWW, got(www, full))
	tests := []struct {
		why   string
		want  string // rfc6797 ssllabs observatory internetnl bod-18-01 owasp hstspreload
		visit []Exchange
	}{
		{"everything", "+++++++", []Exchange{got(a, full), plain, onWWW}},
		{"everything, seen on the way from http", "+++++++", []Exchange{moved(plainA, a), got(a, full), onWWW}},
		{"everything, on an error page", "+++++++", []Exchange{gotStatus(404, a, full), plain, onWWW}},
		{"a year and no subdomains", "+++++--", []Exchange{got(a, year), plain, onWWW}},
		{"a year and subdomains", "++++++-", []Exchange{got(a, withSub), plain, onWWW}},
		{"a second less than a year", "+++----", []Exchange{got(a, "max-age=31535999; includeSubDomains; preload"), plain, onWWW}},
		{"half a year", "+++----", []Exchange{got(a, "max-age=15552000")}},
		{"a second less", "+------", []Exchange{got(a, "max-age=15551999")}},
		{"switched off", "-------", []Exchange{got(a, "max-age=0")}},
		{"no header", "-------", []Exchange{got(a)}},
		{"broken", "-------", []Exchange{got(a, "bogus")}},
		{"one browser alone accepts it", "-------", []Exchange{got(a, firefoxOnly)}},
		{"behind a bad certificate", "-------", []Exchange{badCert(got(a, full)), plain, onWWW}},
		{"an IP address", "-------", []Exchange{got("https://192.0.2.7/", full)}},
		{"localhost", "-------", []Exchange{got("https://localhost/", full)}},
		{"a public suffix", "++++++-", []Exchange{got("https://co.nz/", full)}},

		{"a subdomain, and the registrable domain not looked at", "++++++?", []Exchange{got(www, full)}},
		{"a subdomain without header", "------?", []Exchange{got(www)}},
		{"a subdomain, and the registrable domain does not answer", "++++++?", []Exchange{got(www, full), by(visit.ProbeApex, lost(a, visit.KindTimeout))}},
		{"a subdomain, and the registrable domain shows an error page", "++++++?", []Exchange{got(www, full), by(visit.ProbeApex, gotStatus(403, a))}},
		{"a subdomain, and the registrable domain sends nothing", "++++++-", []Exchange{got(www, full), by(visit.ProbeApex, got(a))}},
		{"a subdomain, and http on the registrable domain not looked at", "++++++?", []Exchange{got(www, full), by(visit.ProbeHTTP, moved(plainWWW, www)), by(visit.ProbeApex, got(a, full))}},
		{"a subdomain of a domain that has everything", "------+", []Exchange{got("https://x.a.test/"), by(visit.ProbeApex, got(a, full)), plain, onWWW}},

		{"no probe of http", "++++++?", []Exchange{got(a, full), onWWW}},
		{"port 80 refuses", "+++++++", []Exchange{got(a, full), by(visit.ProbeHTTP, lost(plainA, visit.KindRefused)), onWWW}},
		{"port 80 does not answer", "++++++?", []Exchange{got(a, full), by(visit.ProbeHTTP, lost(plainA, visit.KindTimeout)), onWWW}},
		{"http does not redirect", "++++++-", []Exchange{got(a, full), by(visit.ProbeHTTP, got(plainA)), onWWW}},
		{"http redirects to www", "++++++-", []Exchange{got(a, full), by(visit.ProbeHTTP, moved(plainA, www)), onWWW}},
		{"http redirects to http", "++++++-", []Exchange{got(a, full), by(visit.ProbeHTTP, moved(plainA, plainA+"x")), onWWW}},

		{"www not looked at", "++++++?", []Exchange{got(a, full), plain}},
		{"www does not resolve", "+++++++", []Exchange{got(a, full), plain, by(visit.ProbeWWW, unresolved(www))}},
		{"www could not be looked up", "++++++?", []Exchange{got(a, full), plain, by(visit.ProbeWWW, lost(www, visit.KindDNS))}},
		{"www does not answer", "++++++?", []Exchange{got(a, full), plain, by(visit.ProbeWWW, lost(www, visit.KindTimeout))}},
		{"www refuses", "++++++-", []Exchange{got(a, full), plain, by(visit.ProbeWWW, lost(www, visit.KindRefused))}},
		{"www has no TLS that works", "++++++-", []Exchange{got(a, full), plain, by(visit.ProbeWWW, lost(www, visit.KindTLS))}},
		{"www has a bad certificate", "++++++-", []Exchange{got(a, full), plain, by(visit.ProbeWWW, badCert(got(www)))}},
		{"www shows an error page over https", "+++++++", []Exchange{got(a, full), plain, by(visit.ProbeWWW, gotStatus(404, www))}},

		{"the first contact has it, the page behind it not", "+++++++", []Exchange{moved(a, a+"x", full), got(a + "x"), plain, onWWW}},
		{"the first contact has it, a second redirect not", "++++++-", []Exchange{moved(a, a+"x", full), moved(a+"x", a+"y"), got(a+"y", full), plain, onWWW}},
		{"only the page behind the redirect has it", "+++-++-", []Exchange{moved(a, a+"x"), got(a+"x", full), plain, onWWW}},
		{"the first contact is weaker", "+++-++-", []Exchange{moved(a, a+"x", "max-age=300"), got(a+"x", full), plain, onWWW}},
		{"the first contact is stronger", "+--+---", []Exchange{moved(a, a+"x", withSub), got(a+"x", "max-age=300")}},
		{"the redirect to www has it", "+++++++", []Exchange{moved(a, www, full), got(www), plain}},
		{"the redirect to www has it not", "-------", []Exchange{moved(a, www), got(www, full), plain}},
		{"www leads back to http", "++++++-", []Exchange{moved(a, www, full), moved(www, plainWWW, full), got(plainWWW), plain}},
		{"a parent covers, the host itself sends nothing", "+-----?", []Exchange{moved(www, a), got(a, full)}},
		{"a parent covers and the listed host shows an error page in the end", "+??????",
			[]Exchange{moved(plainWWW, a), moved(a, www, full), gotStatus(403, www)}},
		{"http leads away, https never seen", "---?---", []Exchange{moved(plainA, www), got(www, full)}},
		{"http leads away, https seen by the probe", "---+---", []Exchange{moved(plainA, www), got(www, full), by(visit.ProbeApex, got(a, full))}},
		{"http leads away, https refused to the probe", "---?---", []Exchange{moved(plainA, www), got(www, full), by(visit.ProbeApex, gotStatus(403, a))}},

		{"two fields: the list takes one", "++++++-", []Exchange{got(a, full, full), plain, onWWW}},
		{"in quotes: the list takes none", "++++++-", []Exchange{got(a, `max-age="31536000"; includeSubDomains; preload`), plain, onWWW}},
		{"the intermediate is missing: the list takes whole chains", "++++++-", []Exchange{unchained(got(a, full)), plain, onWWW}},

		{"all addresses alike", "+++++++", []Exchange{got(a, full), plain, onWWW, at("192.0.2.1", got(a, full)), at("192.0.2.2", got(a, full))}},
		{"an address sends nothing", "+++-++-", []Exchange{got(a, full), plain, onWWW, at("192.0.2.1", got(a, full)), at("192.0.2.2", got(a))}},
		{"an address sends less", "+++-++-", []Exchange{got(a, full), plain, onWWW, at("192.0.2.1", got(a, full)), at("192.0.2.2", got(a, "max-age=300"))}},
		{"an address has a bad certificate", "+++-++-", []Exchange{got(a, full), plain, onWWW, at("192.0.2.1", got(a, full)), badCert(at("192.0.2.2", got(a)))}},
		{"an address shows an error page", "+++?+++", []Exchange{got(a, full), plain, onWWW, at("192.0.2.1", got(a, full)), at("192.0.2.2", gotStatus(403, a))}},
		{"an address does not answer", "+++++++", []Exchange{got(a, full), plain, onWWW, at("192.0.2.1", got(a, full)), at("192.0.2.2", lost(a, visit.KindTimeout))}},
		{"a bare error page elsewhere", "+++++++", []Exchange{got(a, full), plain, onWWW, by(visit.ProbeErrorPage, gotStatus(404, a+"x"))}},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			if got := met(Judge(visitOf(tt.visit...), nil)); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// unresolved is a name that does not exist.
func unresolved(url string) Exchange {
	x := lost(url, visit.KindDNS)
	x.Error.NoSuchHost = true
	return x
}

// TestUnknownMeetsAndMissesNothing: whatever was seen besides.
func TestUnknownMeetsAndMissesNothing(t *testing.T) {
	for _, x := range []Exchange{gotStatus(403, a), lost(a, visit.KindDNS), badCert(got(a)), lost("https://192.0.2.7/", visit.KindRefused), stuck(moved(a, a))} {
		r := Judge(visitOf(x, by(visit.ProbeHTTP, got(plainA)), by(visit.ProbeApex, got(a)), by(visit.ProbeWWW, badCert(got(www)))), nil)
		record, err := json.Marshal(r)
		if r.Verdict != Unknown || r.Standards != nil || err != nil || strings.Contains(string(record), `"standards"`) {
			t.Errorf("%s: %s, standards %v, %v", x.URL, r.Verdict, r.Standards, err)
		}
	}
}

func TestStandardsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Standards {
		if s.Name == "" || seen[s.Name] || s.Bar == "" || s.Source == "" || len(s.Read) != len("2026-11-22") || s.meets == nil {
			t.Errorf("%+v lacks something, or is there already", s)
		}
		seen[s.Name] = true
	}
	if len(Standards) != 7 {
		t.Errorf("%d standards: the column of results has seven", len(Standards))
	}
}
