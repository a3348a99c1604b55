package audit

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"hsts-check/hsts"
	"hsts-check/visit"
)

// year is the policy of a healthy host in these tests.
const year = "max-age=31536000"

// Fields that one browser alone reads otherwise than the RFC.
const (
	firefoxOnly  = year + "; preload="            // Firefox takes an empty value
	chromiumOnly = year + "; x=\"\x01\""          // Chromium takes a control byte in quotes
	notFirefox   = "max-age=99999999999999999999" // 2^64 and more
)

// got is an exchange of the page that was answered with 200.
func got(url string, sts ...string) Exchange {
	return gotStatus(http.StatusOK, url, sts...)
}

func gotStatus(status int, url string, sts ...string) Exchange {
	x := Exchange{Probe: visit.ProbePage, URL: url, Address: "192.0.2.1:443", Head: Head{Proto: "HTTP/1.1", Status: status, STS: sts}}
	if strings.HasPrefix(url, "https:") {
		x.TLS = &TLS{Version: "TLS 1.3"}
	}
	return x
}

// moved is one that was answered with a redirect.
func moved(from, to string, sts ...string) Exchange {
	x := gotStatus(http.StatusMovedPermanently, from, sts...)
	x.Location = to
	return x
}

// lost is one that was not answered.
func lost(url string, kind ErrorKind) Exchange {
	return Exchange{Probe: visit.ProbePage, URL: url, Error: &Error{Kind: kind, Message: "lost by " + string(kind)}}
}

// badCert puts a certificate that did not verify before an exchange.
func badCert(x Exchange) Exchange {
	x.TLS = &TLS{Version: "TLS 1.3", Error: &Error{Kind: visit.CertExpired, Message: "the certificate expired on 2020-01-01"}}
	return x
}

// stuck is a redirect that was not followed.
func stuck(x Exchange) Exchange {
	x.Error = &Error{Kind: visit.KindRedirects, Message: "redirects in a loop, back to " + x.Location}
	return x
}

// spaced says that the first field's name has a blank before the colon.
func spaced(x Exchange) Exchange {
	x.STSBlank = []int{0}
	return x
}

// by says which probe made an exchange.
func by(p Probe, x Exchange) Exchange {
	x.Probe = p
	return x
}

// at says from which address it came.
func at(address string, x Exchange) Exchange {
	x.Probe, x.Address = visit.ProbeAddresses, address+":443"
	return x
}

// visitOf is a visit of the address that the client which does what it is told asks
// for first.
func visitOf(exchanges ...Exchange) Visit {
	v := Visit{CheckedAt: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), Exchanges: exchanges}
	for _, x := range exchanges {
		if x.MadeBy(hsts.RFC6797) {
			v.Site.URL = x.URL
			break
		}
	}
	return v
}

// tell writes what a result's record says of the listed host's header: each
// field of it, the policy, what the browsers note, and the error's kind; "-"
// for what is not in the record.
func tell(r Result) string {
	policy, chromium, firefox, kind := "-", "-", "-", "-"
	if r.Policy != nil {
		policy = r.Policy.String()
	}
	if r.Clients != nil {
		chromium, firefox = tellNoted(r.Clients.Chromium), tellNoted(r.Clients.Firefox)
	}
	if r.Error != nil {
		kind = string(r.Error.Kind)
	}
	return fmt.Sprintf("%d fields, policy %s, chromium %s, firefox %s, error %s", len(r.Header), policy, chromium, firefox, kind)
}

func tellNoted(n Noted) string {
	switch {
	case n.MaxAge == nil:
		return "ignores"
	case !n.Noted:
		return "forgets"
	case *n.IncludeSubDomains:
		return fmt.Sprint(*n.MaxAge, "+")
	}
	return fmt.Sprint(*n.MaxAge)
}

// What tell says of the usual headers.
const (
	noHeader = "0 fields, policy -, chromium -, firefox -, error -"
	yearSeen = "1 fields, policy max-age=31536000, chromium 31536000, firefox 31536000, error -"
	oneVoid  = "1 fields, policy -, chromium ignores, firefox ignores, error -"
	zeroSeen = "1 fields, policy max-age=0, chromium forgets, firefox forgets, error -"
	// parentSeen: what a parent said covers the listed host.
	parentSeen = "0 fields, policy max-age=31536000; includeSubDomains, chromium 31536000+, firefox 31536000+, error -"
	// notListed: a later host of the chain sent a header, the listed one none.
	notListed = "0 fields, policy -, chromium ignores, firefox ignores, error -"
)

func noHeaderBut(k ErrorKind) string {
	return strings.Replace(noHeader, "error -", "error "+string(k), 1)
}

// TestVerdicts has each verdict by each road that leads to it.
func TestVerdicts(t *testing.T) {
	const subSeen = "1 fields, policy max-age=31536000; includeSubDomains, chromium 31536000+, firefox 31536000+, error -"
	tests := []struct {
		verdict Verdict
		name    string
		page    []Exchange
		record  string
	}{
		{Protected, "the header is on the page", []Exchange{got(a, year)}, yearSeen},
		{Protected, "a second of protection is protection", []Exchange{got(a, "max-age=1")},
			"1 fields, policy max-age=1, chromium 1, firefox 1, error -"},
		{Protected, "the header is on the redirect and not on the page behind it", []Exchange{moved(a, a+"home", year), got(a + "home")}, yearSeen},
		{Protected, "the header is on the page behind the redirect alone", []Exchange{moved(a, a+"home"), got(a+"home", year)}, yearSeen},
		{Protected, "a broken field later leaves the policy", []Exchange{moved(a, a+"home", year), got(a+"home", "bogus")}, yearSeen},
		{Protected, "max-age=0 and then a policy", []Exchange{moved(a, a+"home", "max-age=0"), got(a+"home", year)}, yearSeen},
		{Protected, "every host of the chain", []Exchange{moved(a, b, year), got(b, year)}, yearSeen},
		{Protected, "http first, to the same host", []Exchange{moved(plainA, a), got(a, year)}, yearSeen},
		{Protected, "a parent seen later covers", []Exchange{moved(plainWWW, a), got(a, withSub)}, parentSeen},
		{Protected, "a parent seen earlier covers", []Exchange{moved(a, www, withSub), got(www)}, subSeen},
		{Protected, "a parent covers though the host says max-age=0", []Exchange{moved(a, www, withSub), got(www, "max-age=0")}, subSeen},
		{Protected, "the listed host is covered, if by an error page in the end",
			[]Exchange{moved(plainWWW, a), moved(a, www, withSub), gotStatus(403, www)}, parentSeen},
		{Protected, "two fields, equal", []Exchange{got(a, year, year)}, strings.Replace(yearSeen, "1 f", "2 f", 1)},
		{Protected, "two fields, the good one first", []Exchange{got(a, year, "bogus")}, strings.Replace(yearSeen, "1 f", "2 f", 1)},
		{Protected, "404 with the header", []Exchange{gotStatus(404, a, year)}, yearSeen},
		{Protected, "503 with the header", []Exchange{gotStatus(503, a, year)}, yearSeen},
		{Protected, "a redirect loop with the header", []Exchange{stuck(moved(a, a, year))}, yearSeen},
		{Protected, "capitals and a trailing dot are the same host", []Exchange{moved("https://a.test./", a+"home", year), got(a + "home")}, yearSeen},
		{Protected, "any port is the same host", []Exchange{moved("https://a.test:8443/", a, year), got(a)}, yearSeen},
		{Protected, "a later host that refuses is left out", []Exchange{moved(a, b, year), lost(b, visit.KindRefused)}, yearSeen},
		{Protected, "a later host that is slow, and that a policy covers", []Exchange{moved(a, www, withSub), lost(www, visit.KindTimeout)}, subSeen},
		{Protected, "a later host that refuses http is left out", []Exchange{moved(a, plainB, year), lost(plainB, visit.KindRefused)}, yearSeen},
		{Protected, "max-age of 2^63", []Exchange{got(a, "max-age=9223372036854775808")},
			"1 fields, policy max-age=9223372036854775808, chromium 31536000, firefox 3153600000, error -"},

		{Partial, "http://apex straight to https://www", []Exchange{moved(plainA, www), got(www, year)}, notListed},
		{Partial, "https://apex bare, www not", []Exchange{moved(a, www), got(www, year)}, notListed},
		{Partial, "includeSubDomains on www does not cover the apex", []Exchange{moved(a, www), got(www, withSub)}, notListed},
		{Partial, "a later host that shows an error page without the header", []Exchange{moved(a, b, year), gotStatus(403, b)}, yearSeen},
		{Partial, "a later host without header behind a bad certificate", []Exchange{moved(a, b, year), badCert(got(b))}, yearSeen},
		{Partial, "a later host that is slow may answer a browser", []Exchange{moved(a, b, year), lost(b, visit.KindTimeout)}, yearSeen},
		{Partial, "a later host that cannot be reached from here may answer a browser", []Exchange{moved(a, b, year), lost(b, visit.KindUnreachable)}, yearSeen},
		{Partial, "the record ends before the way does", []Exchange{moved(a, b, year)}, yearSeen},
		{Partial, "the listed host only", []Exchange{moved(a, b, year), got(b)}, yearSeen},
		{Partial, "a later host that redirects bare before its error page", []Exchange{moved(a, b, year), moved(b, b+"x"), gotStatus(403, b+"x")}, yearSeen},
		{Partial, "a later host over http", []Exchange{moved(a, plainB, year), got(plainB)}, yearSeen},
		{Partial, "a later host is an IP address", []Exchange{moved(a, "https://192.0.2.7/", year), got("https://192.0.2.7/", year)}, yearSeen},
		{Partial, "a later host with the header behind a bad certificate", []Exchange{moved(a, b, year), badCert(got(b, year))}, yearSeen},
		{Partial, "a later host says max-age=0", []Exchange{moved(a, b, year), got(b, "max-age=0")}, yearSeen},
		{Partial, "the policy is narrowed before the subdomain", []Exchange{moved(a, a+"x", withSub), moved(a+"x", www, year), got(www)}, yearSeen},
		{Partial, "the listed host says max-age=0, the later one a policy", []Exchange{moved(a, b, "max-age=0"), got(b, year)}, zeroSeen},
		{Partial, "Firefox alone accepts it", []Exchange{got(a, firefoxOnly)},
			"1 fields, policy -, chromium ignores, firefox 31536000, error -"},
		{Partial, "Chromium alone accepts it", []Exchange{got(a, chromiumOnly)},
			"1 fields, policy -, chromium 31536000, firefox ignores, error -"},
		{Partial, "Firefox alone ignores it", []Exchange{got(a, notFirefox)},
			"1 fields, policy max-age=18446744073709551615, chromium 31536000, firefox ignores, error -"},
		{Partial, "a blank before the colon: Chromium alone", []Exchange{spaced(got(a, year))},
			"1 fields, policy -, chromium 31536000, firefox ignores, error -"},
		{Partial, "a blank before the first colon of two", []Exchange{spaced(got(a, "bogus", year))},
			"2 fields, policy max-age=31536000, chromium ignores, firefox 31536000, error -"},
		{Partial, "Firefox alone forgets it again", []Exchange{moved(a, a+"x", year), got(a+"x", "max-age=0; preload=")}, "1 fields, policy max-age=31536000, chromium 31536000, firefox forgets, error -"},
		{Partial, "the listed host cannot be judged and one client is covered by a parent",
			[]Exchange{moved(plainWWW, a), moved(a, a+"x", year), moved(a+"x", www, withSub+"; preload="), gotStatus(403, www)},
			"0 fields, policy -, chromium ignores, firefox 31536000+, error -"},

		{Disabled, "max-age=0", []Exchange{got(a, "max-age=0")}, zeroSeen},
		{Disabled, "max-age=00 and includeSubDomains", []Exchange{got(a, "max-age=00; includeSubDomains")},
			"1 fields, policy max-age=0; includeSubDomains, chromium forgets, firefox forgets, error -"},
		{Disabled, "a policy and then max-age=0", []Exchange{moved(a, a+"x", year), got(a+"x", "max-age=0")}, zeroSeen},
		{Disabled, "max-age=0 and then a broken field", []Exchange{moved(a, a+"x", "max-age=0"), got(a+"x", "bogus")}, zeroSeen},
		{Disabled, "max-age=0 and then an error page", []Exchange{moved(a, a+"x", "max-age=0"), gotStatus(403, a+"x")}, zeroSeen},
		{Disabled, "max-age=0 first, a policy second in one answer", []Exchange{got(a, "max-age=0", year)}, strings.Replace(zeroSeen, "1 f", "2 f", 1)},
		{Disabled, "http first, then max-age=0", []Exchange{moved(plainA, a), got(a, "max-age=0")}, zeroSeen},
		{Disabled, "max-age=0, though a later host's header is thrown away", []Exchange{moved(a, b, "max-age=0"), badCert(got(b, year))}, zeroSeen},

		{Ignored, "broken syntax", []Exchange{got(a, year+", includeSubDomains")}, oneVoid},
		{Ignored, "no max-age", []Exchange{got(a, "includeSubDomains")}, oneVoid},
		{Ignored, "an empty field", []Exchange{got(a, "")}, oneVoid},
		{Ignored, "two fields, the bad one first", []Exchange{got(a, "bogus", year)}, strings.Replace(oneVoid, "1 f", "2 f", 1)},
		{Ignored, "a header behind a bad certificate", []Exchange{badCert(got(a, year))}, oneVoid},
		{Ignored, "max-age=0 behind a bad certificate", []Exchange{badCert(got(a, "max-age=0"))}, oneVoid},
		{Ignored, "a header on an error page behind a bad certificate", []Exchange{badCert(gotStatus(500, a, year))}, oneVoid},
		{Ignored, "a bad certificate after http", []Exchange{moved(plainA, a), badCert(got(a, year))}, oneVoid},
		{Ignored, "an IPv4 address", []Exchange{got("https://192.0.2.7/", year)}, oneVoid},
		{Ignored, "an IPv6 address", []Exchange{got("https://[2001:db8::7]/", year)}, oneVoid},
		{Ignored, "max-age=0 from an IP address", []Exchange{got("https://192.0.2.7/", "max-age=0")}, oneVoid},
		{Ignored, "localhost", []Exchange{got("https://localhost/", year)}, "1 fields, policy -, chromium ignores, firefox ignores, error -"},
		{Ignored, "a name below localhost", []Exchange{got("https://a.localhost/", year)}, "1 fields, policy -, chromium ignores, firefox ignores, error -"},
		{Ignored, "plain http, and no https", []Exchange{got(plainA, year)}, oneVoid},
		{Unknown, "a header over http, which leads to https, and that does not answer", []Exchange{moved(plainA, a, year), lost(a, visit.KindTimeout)}, "1 fields, policy -, chromium ignores, firefox ignores, error timeout"},
		{Ignored, "the header on the http redirect alone", []Exchange{moved(plainA, a, year), got(a)}, oneVoid},
		{Ignored, "a later host's header is broken", []Exchange{moved(a, b), got(b, "bogus")}, notListed},
		{Ignored, "a broken field and then an error page", []Exchange{moved(a, a+"x", "bogus"), gotStatus(403, a+"x")}, oneVoid},

		{Absent, "no header", []Exchange{got(a)}, noHeader},
		{Absent, "no header over http and no redirect", []Exchange{got(plainA)}, noHeader},
		{Unknown, "http leads to https, which does not answer", []Exchange{moved(plainA, a), lost(a, visit.KindRefused)}, noHeaderBut(visit.KindRefused)},
		{Absent, "http answers, https does not", []Exchange{lost(a, visit.KindRefused), got(plainA)}, noHeader},
		{Absent, "no header on any host", []Exchange{moved(a, b), got(b)}, noHeader},
		{Absent, "no header on an IP address", []Exchange{got("https://192.0.2.7/")}, noHeader},
		{Absent, "a bare redirect to a host that refuses", []Exchange{moved(a, b), lost(b, visit.KindRefused)}, noHeader},
		{Absent, "a bare redirect to another host's error page", []Exchange{moved(a, b), gotStatus(403, b)}, noHeader},
		{Absent, "a bare redirect to its own http, which refuses", []Exchange{moved(a, plainA), lost(plainA, visit.KindRefused)}, noHeader},
		{Absent, "a later host's max-age=0 is no header of the listed one", []Exchange{moved(a, b), got(b, "max-age=0")}, notListed},
		{Absent, "a redirect without Location is a page", []Exchange{gotStatus(302, a)}, noHeader},

		{Unknown, "404 without the header", []Exchange{gotStatus(404, a)}, noHeaderBut(visit.KindStatus)},
		{Unknown, "500 without the header", []Exchange{gotStatus(500, a)}, noHeaderBut(visit.KindStatus)},
		{Unknown, "a status of the server's own", []Exchange{gotStatus(999, a)}, noHeaderBut(visit.KindStatus)},
		{Unknown, "403 over http", []Exchange{gotStatus(403, plainA)}, noHeaderBut(visit.KindBlocked)},
		{Unknown, "a bad certificate without header", []Exchange{badCert(got(a))}, noHeaderBut(visit.KindTLS)},
		{Unknown, "a bad certificate and a redirect", []Exchange{badCert(moved(a, b))}, noHeaderBut(visit.KindTLS)},
		{Unknown, "a bad certificate and nothing behind it", []Exchange{badCert(lost(a, visit.KindReset))}, noHeaderBut(visit.KindTLS)},
		{Unknown, "a page behind a bare redirect is refused", []Exchange{moved(a, a+"login"), gotStatus(403, a+"login")}, noHeaderBut(visit.KindBlocked)},
		{Unknown, "broken off behind a redirect that had the header", []Exchange{moved(a, b, year), lost(b, visit.KindCancelled)}, strings.Replace(yearSeen, "error -", "error cancelled", 1)},
		{Unknown, "broken off behind a bare redirect", []Exchange{moved(a, b), lost(b, visit.KindCancelled)}, noHeaderBut(visit.KindCancelled)},
		{Unknown, "a page behind a bare redirect does not come", []Exchange{moved(a, a+"login"), lost(a+"login", visit.KindTimeout)}, noHeaderBut(visit.KindTimeout)},
		{Unknown, "a redirect loop without the header", []Exchange{stuck(moved(a, a))}, noHeaderBut(visit.KindRedirects)},
		{Unknown, "a loop of two pages", []Exchange{moved(a, a+"x"), stuck(moved(a+"x", a))}, noHeaderBut(visit.KindRedirects)},
		{Unknown, "a loop by way of another host", []Exchange{moved(a, b), stuck(moved(b, a))}, noHeaderBut(visit.KindRedirects)},
		{Unknown, "a redirect to what is no URL of the web", []Exchange{stuck(moved(a, "intent://a"))}, noHeaderBut(visit.KindRedirects)},
	}
	for _, kind := range []ErrorKind{visit.KindDNS, visit.KindRefused, visit.KindUnreachable, visit.KindTimeout, visit.KindReset, visit.KindTLS, visit.KindProtocol, visit.KindCancelled} {
		row := tests[0]
		row.verdict, row.name, row.page, row.record = Unknown, string(kind), []Exchange{lost(a, kind)}, noHeaderBut(kind)
		tests = append(tests, row)
	}
	for _, status := range []int{401, 403, 406, 429, 451} {
		row := tests[0]
		row.verdict, row.name, row.page, row.record = Unknown, fmt.Sprint(status), []Exchange{gotStatus(status, a)}, noHeaderBut(visit.KindBlocked)
		tests = append(tests, row)
	}
	for _, tt := range tests {
		t.Run(string(tt.verdict)+"/"+tt.name, func(t *testing.T) {
			r := Judge(visitOf(tt.page...), nil)
			if r.Verdict != tt.verdict {
				t.Errorf("verdict %s, want %s", r.Verdict, tt.verdict)
			}
			if record := tell(r); record != tt.record {
				t.Errorf("record: %s\n  want: %s", record, tt.record)
			}
		})
	}
}

// TestJudgeWithoutExchanges has visits that never began.
func TestJudgeWithoutExchanges(t *testing.T) {
	for _, kind := range []ErrorKind{visit.KindInput, visit.KindCancelled, visit.KindInternal} {
		v := visitOf()
		v.Site = Site{Group: "g", Name: "n", URL: "x y", Pos: Position{File: "list.txt", Line: 3}}
		v.Error = &Error{Kind: kind, Message: "why"}
		want := Result{
			Schema: Schema, ID: v.Site.ID(), Group: "g", Name: "n", URL: "x y", Source: &Position{File: "list.txt", Line: 3},
			CheckedAt: v.CheckedAt, Verdict: Unknown, Error: v.Error,
		}
		if r := Judge(v, nil); !reflect.DeepEqual(r, want) {
			t.Errorf("%s: %+v\nwant %+v", kind, r, want)
		}
	}
	if r := Judge(Visit{}, nil); r.Verdict != Unknown || r.Error == nil || r.Error.Kind != visit.KindInternal {
		t.Errorf("a record that holds nothing at all: %s, %v", r.Verdict, r.Error)
	}
}

// TestJudgeKeepsItsOwnTime: how long judging takes changes no verdict, so old
// records can be judged again.
func TestJudgeKeepsItsOwnTime(t *testing.T) {
	e := newEvidence(visitOf(got("https://a.test/", "max-age=1")), nil)
	for _, c := range hsts.Clients {
		if !e.covers(c, "a.test") {
			t.Errorf("%v has forgotten a policy of one second", c)
		}
	}
	if now := e.clock(); !now.Equal(e.visit.CheckedAt) {
		t.Errorf("judges at %s, visited at %s", now, e.visit.CheckedAt)
	}
}

// TestRecordSpeaksOfTheListedHost: the header of a later host is none of the
// listed host's.
func TestRecordSpeaksOfTheListedHost(t *testing.T) {
	r := Judge(visitOf(moved("https://A.test.:8443/", "https://b.test/", "max-age=300"), got("https://b.test/", year)), nil)
	if r.Host != "a.test" || len(r.Header) != 1 || r.Header[0] != "max-age=300" || r.Policy.MaxAge != 300 || *r.Clients.Firefox.MaxAge != 300 {
		t.Errorf("host %q, header %q, policy %v", r.Host, r.Header, r.Policy)
	}
}

// TestHeaderIsOfTheLastAnswerThatTeaches: what anybody else says is passed
// over for it.
func TestHeaderIsOfTheLastAnswerThatTeaches(t *testing.T) {
	r := Judge(visitOf(moved("http://a.test/", "https://a.test/", "over http"), moved("https://a.test/", "http://a.test/x", "max-age=300"), got("http://a.test/x", "over http again")), nil)
	if len(r.Header) != 1 || r.Header[0] != "max-age=300" || r.Policy == nil {
		t.Errorf("header %q, policy %v", r.Header, r.Policy)
	}
}

// TestHeaderIsWhatThePolicyComesFrom: fields, policy and the number of the exchange
// that made it so belong together.
func TestHeaderIsWhatThePolicyComesFrom(t *testing.T) {
	x := a + "x"
	tests := []struct {
		why    string
		page   []Exchange
		header string
		by     string // what made it so for rfc6797, chromium and firefox
	}{
		{"one answer", []Exchange{got(a, year)}, year, "0 0 0"},
		{"the later of two", []Exchange{moved(a, x, "max-age=1"), got(x, year)}, year, "1 1 1"},
		{"a broken field later", []Exchange{moved(a, x, year), got(x, "bogus")}, year, "0 0 0"},
		{"max-age=0 and a broken field later", []Exchange{moved(a, x, "max-age=0"), got(x, "bogus")}, "max-age=0", "0 0 0"},
		{"max-age=0 later", []Exchange{moved(a, x, year), got(x, "max-age=0")}, "max-age=0", "1 1 1"},
		{"max-age=0 later, in Firefox alone", []Exchange{moved(a, x, year), got(x, "max-age=0; preload=")}, year, "0 0 1"},
		{"Firefox alone clears it", []Exchange{clears(`"cache"`, got(a, year))}, year, "0 0 -"},
		{"a parent later", []Exchange{moved(plainWWW, a), got(a, withSub)}, "", "1 1 1"},
		{"none that counts", []Exchange{got(a, "bogus")}, "bogus", "- - -"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			r := Judge(visitOf(tt.page...), nil)
			var by []string
			for _, n := range []Noted{r.Clients.RFC6797, r.Clients.Chromium, r.Clients.Firefox} {
				if n.By == nil {
					by = append(by, "-")
				} else {
					by = append(by, fmt.Sprint(*n.By))
				}
			}
			if strings.Join(r.Header, "|") != tt.header || strings.Join(by, " ") != tt.by {
				t.Errorf("header %q by %q, want %q by %q", r.Header, by, tt.header, tt.by)
			}
		})
	}
}

// TestProbesChangeNoVerdict: a browser that follows the listed URL has seen
// none of what probes see.
func TestProbesChangeNoVerdict(t *testing.T) {
	probes := []Exchange{
		by(visit.ProbeHTTP, got(plainWWW, year)),
		by(visit.ProbeErrorPage, gotStatus(404, "https://www.a.test/x", "max-age=0")),
		at("192.0.2.2", got("https://www.a.test/", "bogus")),
		by(visit.ProbeApex, got("https://a.test/", withSub)),
		by(visit.ProbeWWW, lost("https://www.a.test/", visit.KindTimeout)),
	}
	for _, x := range []Exchange{got("https://www.a.test/"), got("https://www.a.test/", year), got("https://www.a.test/", "max-age=0"), gotStatus(404, "https://www.a.test/")} {
		alone, probed := Judge(visitOf(x), nil), Judge(visitOf(append([]Exchange{x}, probes...)...), nil)
		if alone.Verdict != probed.Verdict || tell(alone) != tell(probed) {
			t.Errorf("%s, %s; with probes %s, %s", alone.Verdict, tell(alone), probed.Verdict, tell(probed))
		}
	}
}
