package audit

import (
	"encoding/json"
	"math/rand"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/visit"
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
	fuzzProbes = []Probe{visit.ProbePage, visit.ProbePage, visit.ProbePage, visit.ProbePage, visit.ProbeHTTP, visit.ProbeErrorPage, visit.ProbeAddresses, visit.ProbeApex, visit.ProbeWWW}
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
		if in[3]&6 == 6 && strings.HasPrefix(x.URL, "https:") {
			x.TLS = &TLS{Error: &Error{Kind: visit.CertWrongHost, Message: "the certificate is for c.test, not for " + nameIn(x.URL)}}
		}
		if x.Status == 0 {
			x.STS, x.Error = nil, &Error{Kind: visit.KindTimeout, Message: "no answer in time"}
		}
		if browser.IsRedirect(x.Status) {
			x.Location = fuzzURLs[in[3]%16]
		}
		if in[3]&8 != 0 && len(x.STS) > 0 {
			x.STSBlank = []int{0}
		}
		exchanges = append(exchanges, x)
	}
	chain(exchanges)
	v := visitOf(exchanges...)
	v.Site.Group, v.Site.Name, v.Site.Pos = "g", "n", Position{File: "list.txt", Line: 1}
	if len(exchanges) == 0 {
		v.Error = &Error{Kind: visit.KindCancelled, Message: "the run ended first"}
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
		case x.Probe != visit.ProbePage:
			continue
		case next == "" && browser.IsRedirect(x.Status) && !x.Untrusted():
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

func nameIn(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		panic(err)
	}
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
}

// checkJudge holds what Judge makes of a visit to all that is promised of it.
func checkJudge(t *testing.T, v Visit) {
	t.Helper()
	r := Judge(v, nil)
	if !reflect.DeepEqual(r, Judge(v, nil)) {
		t.Error("the same visit gives another result")
	}
	if (r.Verdict == Unknown) != (r.Error != nil) || r.Verdict == Unknown && r.Standards != nil || r.Error != nil && r.Error.Kind == visit.KindInternal {
		t.Errorf("%s with error %v, standards %v", r.Verdict, r.Error, r.Standards)
	}
	for _, f := range r.Findings {
		checkMessage(t, f)
	}
	checkRejudged(t, r)
	page := slices.DeleteFunc(slices.Clone(v.Exchanges), func(x Exchange) bool { return x.Probe != visit.ProbePage })
	if len(page) == 0 {
		return
	}
	checkVerdict(t, r, page)
	v.Exchanges = page
	if alone := Judge(v, nil); alone.Verdict != r.Verdict || tell(alone) != tell(r) {
		t.Errorf("%s, %s; without its probes %s, %s", r.Verdict, tell(r), alone.Verdict, tell(alone))
	}
	checkTold(t, r)
}

// checkVerdict holds a verdict to the words in which verdicts are defined, as far
// as the record tells of them.
func checkVerdict(t *testing.T, r Result, page []Exchange) {
	t.Helper()
	holds := func(n Noted) bool { return n.Noted }
	all, any := false, false
	if c := r.Clients; c != nil {
		all, any = holds(c.Chromium) && holds(c.Firefox), holds(c.Chromium) || holds(c.Firefox)
	}
	sent := func(x Exchange) bool { return len(x.STS) > 0 }
	off := func(x Exchange) bool {
		return len(x.STS) > 0 && slices.ContainsFunc(x.STS, func(f string) bool { p, ok := hsts.Read(hsts.RFC6797, f); return ok && p.MaxAge == 0 })
	}
	switch {
	case r.Verdict == Protected && !all:
		t.Error("protected, and a browser holds no policy for the listed host")
	case (r.Verdict == Disabled || r.Verdict == Ignored || r.Verdict == Absent) && any:
		t.Errorf("%s, and a browser holds a policy for the listed host", r.Verdict)
	case r.Verdict == Unknown != (r.Error != nil):
		t.Errorf("%s, and the error is %v", r.Verdict, r.Error)
	case r.Verdict == Disabled && !slices.ContainsFunc(page, off):
		t.Error("disabled, and no max-age=0 was sent")
	case r.Verdict == Ignored && !slices.ContainsFunc(page, sent):
		t.Error("ignored, and nothing was sent")
	case r.Verdict == Absent && slices.ContainsFunc(page, func(x Exchange) bool {
		return sent(x) && strings.HasPrefix(x.URL, "https:") && !off(x) && x.TLS.Error != nil
	}):
		t.Error("absent, and a header was sent in vain")
	case r.Verdict == Partial && (len(r.Findings) == 0 || r.Findings[0].Rule != "chain-cut" && newEvidence(r.Visit(), nil).covered(r.Findings[0].Host)):
		t.Errorf("partial, and the first finding is no reason: %+v", r.Findings)
	}
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
func checkTold(t *testing.T, r Result) {
	t.Helper()
	if r.Verdict == Unknown || r.Verdict == Protected {
		return
	}
	e := newEvidence(r.Visit(), nil)
	for _, host := range e.hosts {
		if e.covered(host) {
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

// TestJudgeByTheBook holds Judge to its promises on some thousands of chains.
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
