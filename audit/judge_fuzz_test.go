package audit

import (
	"encoding/json"
	"math/rand"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"hsts-check/hsts"
)

// What fuzzed visits are put together from: a few hosts that cover each other
// and a few answers, so that most chains mean something.
var (
	fuzzURLs = []string{
		a, plainA, a + "x", www, plainWWW, b, plainB, "https://x.www.a.test/", "https://A.test.:8443/y", "https://192.0.2.7/",
		"https://[2001:db8::7]/", "https://localhost/", "https://test/", "http://x.b.test/", "https://b.test./z", "https://xn--mnchen-3ya.test/",
	}
	fuzzStatus = []int{200, 301, 302, 200, 404, 403, 503, 0}
	fuzzFields = []string{
		year, withSub, full, "max-age=0", "max-age=0; includeSubDomains", "max-age=1", firefoxOnly, chromiumOnly, notFirefox,
		"bogus", "max-age=1, preload", "", "max-age=0; preload=", withSub + "; x=\"\x01\"", "max-age=1; x=\"\xff\"",
	}
	fuzzProbes = []Probe{ProbePage, ProbePage, ProbePage, ProbePage, ProbeHTTP, ProbeErrorPage, ProbeAddresses, ProbeApex, ProbeWWW}
)

// visitFrom makes a visit of four bytes an exchange: URL, status, fields, and
// what else is the matter. The page's exchanges lead from one to the next.
func visitFrom(in []byte) Visit {
	var exchanges []Exchange
	for ; len(in) >= 4 && len(exchanges) < 12; in = in[4:] {
		x := gotStatus(fuzzStatus[in[1]%8], fuzzURLs[in[0]%16], fuzzFieldsOf(in[2])...)
		if len(exchanges) > 0 {
			x.Probe = fuzzProbes[int(in[3]>>4)%len(fuzzProbes)]
		}
		if in[3]&6 == 6 && x.https() {
			x.TLS = &TLS{Error: &Error{CertWrongHost, "the certificate is for c.test, not for " + x.host()}}
		}
		if x.Status == 0 {
			x.STS, x.Error = nil, &Error{KindTimeout, "no answer in time"}
		}
		if redirects(x.Status) {
			x.Location = fuzzURLs[in[3]%16]
		}
		if in[3]&8 != 0 && len(x.STS) > 0 {
			x.STSBlank = []int{0}
		}
		exchanges = append(exchanges, x)
	}
	chain(exchanges)
	v := visitOf(exchanges...)
	v.Site.Group, v.Site.Name, v.Site.Pos = "g", "n", Position{"list.txt", 1}
	if len(exchanges) == 0 {
		v.Error = &Error{KindCancelled, "the run ended first"}
	}
	return v
}

// chain makes redirects of all page exchanges but the last, and one that is not
// followed of the last, if it is one.
func chain(exchanges []Exchange) {
	next := ""
	for i := len(exchanges) - 1; i >= 0; i-- {
		x := &exchanges[i]
		switch {
		case x.Probe != ProbePage:
			continue
		case next == "" && redirects(x.Status) && !x.untrusted():
			*x = stuck(*x)
		case next != "":
			x.Status, x.Location, x.Error = 302, next, nil
			if x.TLS != nil {
				x.TLS.Error = nil
			}
		}
		next = x.URL
	}
}

// fuzzFieldsOf returns none, one or two fields.
func fuzzFieldsOf(b byte) []string {
	first, second := int(b&15), int(b>>4)
	switch n := len(fuzzFields); {
	case first >= n:
		return nil
	case second < n && second > n/2:
		return []string{fuzzFields[first], fuzzFields[second]}
	default:
		return []string{fuzzFields[first]}
	}
}

// A reader is what one client has learnt of a page by the letter of RFC 6797:
// host to policy.
type reader map[string]hsts.Policy

// replay follows sections 8.1, 8.1.1 and 6.1.1.
func replay(c hsts.Client, page []Exchange) reader {
	known := reader{}
	for _, x := range page {
		fields := x.STS
		if c != hsts.Chromium {
			fields = fields[len(x.STSBlank):]
		}
		if len(fields) == 0 || !believed(x) {
			continue
		}
		switch p, heeded := hsts.Read(c, fields[0]); {
		case heeded && p.MaxAge == 0:
			delete(known, nameIn(x.URL))
		case heeded:
			known[nameIn(x.URL)] = p
		}
	}
	return known
}

// believed: over https, without any error of the certificate, not from an IP
// address.
func believed(x Exchange) bool {
	_, notIP := netip.ParseAddr(nameIn(x.URL))
	return strings.HasPrefix(x.URL, "https:") && x.TLS.Error == nil && notIP != nil
}

// covers follows section 8.2.
func (known reader) covers(host string) bool {
	if _, itself := known[host]; itself {
		return host != "localhost"
	}
	for parent, p := range known {
		if p.IncludeSubDomains && strings.HasSuffix(host, "."+parent) {
			return true
		}
	}
	return false
}

func nameIn(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		panic(err)
	}
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
}

// couldJudge: see what the verdict unknown is for.
func couldJudge(page []Exchange, host string) bool {
	ofHost := slices.DeleteFunc(slices.Clone(page), func(x Exchange) bool { return nameIn(x.URL) != host })
	overTLS := slices.DeleteFunc(slices.Clone(ofHost), func(x Exchange) bool { return x.TLS == nil })
	if len(overTLS) > 0 {
		ofHost = overTLS
	}
	shows := func(x Exchange) bool {
		return x.Status != 0 && x.Status < 400 && x.Error == nil && (x.TLS == nil || x.TLS.Error == nil)
	}
	last := page[len(page)-1]
	switch {
	case slices.ContainsFunc(ofHost, func(x Exchange) bool { return len(x.STS) > 0 }):
		return true
	case host != nameIn(page[0].URL):
		return slices.ContainsFunc(ofHost, shows)
	case last.Error != nil && redirects(last.Status) && nameIn(last.Location) == host:
		return false
	}
	return shows(ofHost[len(ofHost)-1])
}

// byTheBook decides anew, from the page alone, in the words in which the
// verdicts are defined.
func byTheBook(page []Exchange) Verdict {
	rfc, chromium, firefox := replay(hsts.RFC6797, page), replay(hsts.Chromium, page), replay(hsts.Firefox, page)
	all := func(host string) bool { return rfc.covers(host) && chromium.covers(host) && firefox.covers(host) }
	any := func(host string) bool { return rfc.covers(host) || chromium.covers(host) || firefox.covers(host) }
	listed := nameIn(page[0].URL)
	every, some, off, thrown := true, false, false, false
	for _, x := range page {
		host := nameIn(x.URL)
		some = some || any(host)
		every = every && (all(host) || host != listed && !couldJudge(page, host))
		if len(x.STS) == 0 {
			continue
		}
		field, read := x.field(hsts.RFC6797)
		p, valid := hsts.Read(hsts.RFC6797, field)
		valid = valid && read && believed(x)
		off = off || valid && p.MaxAge == 0 && host == listed
		thrown = thrown || !valid || host == "localhost"
	}
	switch {
	case !couldJudge(page, listed) && !any(listed):
		return Unknown
	case every:
		return Protected
	case some:
		return Partial
	case off:
		return Disabled
	case thrown:
		return Ignored
	}
	return Absent
}

// checkJudge holds what Judge makes of a visit to all that is promised of it.
func checkJudge(t *testing.T, v Visit) {
	t.Helper()
	r := Judge(v, nil)
	if !reflect.DeepEqual(r, Judge(v, nil)) {
		t.Error("the same visit gives another result")
	}
	if (r.Verdict == Unknown) != (r.Error != nil) || r.Verdict == Unknown && r.Standards != nil || r.Error != nil && r.Error.Kind == KindInternal {
		t.Errorf("%s with error %v, standards %v", r.Verdict, r.Error, r.Standards)
	}
	for _, f := range r.Findings {
		checkMessage(t, f)
	}
	checkRejudged(t, r)
	page := slices.DeleteFunc(slices.Clone(v.Exchanges), func(x Exchange) bool { return x.Probe != ProbePage })
	if len(page) == 0 {
		return
	}
	if want := byTheBook(page); r.Verdict != want {
		t.Errorf("%s; by the book %s", r.Verdict, want)
	}
	v.Exchanges = page
	if alone := Judge(v, nil); alone.Verdict != r.Verdict || tell(alone) != tell(r) {
		t.Errorf("%s, %s; without its probes %s, %s", r.Verdict, tell(r), alone.Verdict, tell(alone))
	}
	checkTold(t, r, page)
}

// checkRejudged: a record judged again from its exchanges says the same.
func checkRejudged(t *testing.T, r Result) {
	t.Helper()
	record, err := json.Marshal(r)
	var again Result
	if err == nil {
		err = json.Unmarshal(record, &again)
	}
	if err != nil {
		t.Fatal(err)
	}
	rejudged := again.Rejudge(nil)
	for _, x := range r.Exchanges {
		if slices.ContainsFunc(x.STS, func(field string) bool { return !utf8.ValidString(field) }) {
			// The record holds another text in their place, and messages speak of it.
			rejudged.Findings, r.Findings = nil, nil
			rejudged.Header, r.Header = nil, nil
			rejudged.Exchanges, r.Exchanges = nil, nil
			break
		}
	}
	want, _ := json.Marshal(r)
	if got, _ := json.Marshal(rejudged); string(got) != string(want) {
		t.Errorf("judged again: %s\n        first: %s", got, want)
	}
}

// checkTold: whatever keeps a judged site from being protected is told.
func checkTold(t *testing.T, r Result, page []Exchange) {
	t.Helper()
	if r.Verdict == Unknown || r.Verdict == Protected {
		return
	}
	rfc, chromium, firefox := replay(hsts.RFC6797, page), replay(hsts.Chromium, page), replay(hsts.Firefox, page)
	for _, x := range page {
		host := nameIn(x.URL)
		if rfc.covers(host) && chromium.covers(host) && firefox.covers(host) {
			continue
		}
		// What a parent sends wrong is told of the parent.
		tells := func(f Finding) bool { return f.Host == host || strings.HasSuffix(host, "."+f.Host) }
		if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return tells(f) && f.Severity != SeverityInfo }) {
			t.Errorf("%s, and no finding tells of %s", r.Verdict, host)
		}
	}
}

func dump(t *testing.T, v Visit) {
	if t.Failed() {
		for _, x := range v.Exchanges {
			line, _ := json.Marshal(x)
			t.Logf("%s", line)
		}
	}
}

// TestJudgeByTheBook holds Judge to the book on some thousands of chains.
func TestJudgeByTheBook(t *testing.T) {
	source := rand.New(rand.NewSource(6797))
	seen := map[Verdict]int{}
	for range 3000 {
		in := make([]byte, 4*source.Intn(6))
		source.Read(in)
		v := visitFrom(in)
		checkJudge(t, v)
		if dump(t, v); t.Failed() {
			return
		}
		seen[Judge(v, nil).Verdict]++
	}
	for _, verdict := range Verdicts {
		if seen[verdict] < 20 {
			t.Errorf("only %d chains are %s", seen[verdict], verdict)
		}
	}
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{1, 1, 15, 0, 3, 1, 1, 0, 0, 4, 15, 0})
	f.Add([]byte{3, 0, 0, 0, 0, 0, 2, 0x70, 0, 4, 15, 0x50})
	f.Fuzz(func(t *testing.T, in []byte) {
		v := visitFrom(in)
		checkJudge(t, v)
		dump(t, v)
	})
}

// FuzzRejudge: a saved record can hold anything. Judging it ends, with a
// verdict.
func FuzzRejudge(f *testing.F) {
	for _, in := range [][]byte{nil, {1, 1, 15, 0, 3, 1, 1, 0, 0, 4, 15, 0}, {5, 1, 0x80, 6, 9, 0, 0, 0x70, 3, 5, 9, 0x80}} {
		record, err := json.Marshal(Judge(visitFrom(in), nil))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(record)
	}
	f.Add([]byte(`{"exchanges":[{"probe":"page","url":":","status":-1,"sts":[""],"sts_blank":[-1,7],"tls":{"error":{}}}]}`))
	f.Fuzz(func(t *testing.T, record []byte) {
		var r Result
		if json.Unmarshal(record, &r) != nil {
			return
		}
		if again := r.Rejudge(nil); !slices.Contains(Verdicts, again.Verdict) {
			t.Errorf("verdict %q", again.Verdict)
		}
	})
}
