package audit

import (
	"strings"
	"testing"

	"hsts-check/hsts"
	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// TestStandardIsTheRequirements: the standard hstspreload is met where each
// requirement is, missed where one is not, and not known else.
func TestStandardIsTheRequirements(t *testing.T) {
	plain, onWWW := by(visit.ProbeHTTP, moved(plainA, a)), by(visit.ProbeWWW, got(www, full))
	for _, exchanges := range [][]Exchange{
		{got(a, full), plain, onWWW},
		{got(a, full), plain},
		{got(a, full, full), plain, onWWW},
		{got(a, "max-age = 31536000; includeSubDomains; preload"), plain, onWWW},
		{got(a, year), plain},
		{moved(a, www, full), got(www), plain},
		{moved(a, www, full), badCert(got(www)), plain},
		{moved(a, www, full), lost(www, visit.KindTimeout), plain},
		{got(a, full), by(visit.ProbeHTTP, moved(plainA, a+"elsewhere")), onWWW},
		{got(a, full), by(visit.ProbeHTTP, moved(plainA, a+"elsewhere")), by(visit.ProbeApex, got(a+"elsewhere")), onWWW},
		{got(www, full), by(visit.ProbeApex, moved(a, a+"unseen", full)), plain},
	} {
		r := Judge(visitOf(exchanges...), nil)
		stands := Stands(r.Submission(visit.Registrable(r.Host)))
		meets, known := r.Standards["hstspreload"]
		if known != (stands != StateUnknown) || known && meets != (stands == Pass) {
			t.Errorf("%v: the standard says %v, known %v; the requirements %s", exchanges, meets, known, stands)
		}
	}
}

// TestStands: what fails outweighs what is not known, and nothing asked passes.
func TestStands(t *testing.T) {
	for text, want := range map[string]State{
		"": Pass, "pass": Pass, "pass unknown pass": StateUnknown, "unknown fail pass": Fail, "fail unknown": Fail,
	} {
		var all []Requirement
		for _, s := range strings.Fields(text) {
			all = append(all, Requirement{State: State(s)})
		}
		if got := Stands(all); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestReadListed holds the reading of the list's owners to the cases of
// https://github.com/chromium/hstspreload, header_test.go.
func TestReadListed(t *testing.T) {
	tests := []struct {
		field, fault        string
		maxAge              int64 // -1 for none
		subdomains, preload bool
	}{
		{"", "", -1, false, false},
		{"max-age=31536000; includeSubDomains; preload", "", 31536000, true, true},
		{"MAX-AGE=1;INCLUDESUBDOMAINS ; PreLoad", "", 1, true, true},
		{"max-age=0001", "", 1, false, false},
		{"max-age=1; max-age=2", "", 1, false, false},
		{"max-age=1; includeSubDomains=x; preload=1", "", 1, false, false},
		{"max-age=1; includeSubDomains, preload", "", 1, false, false},
		{"max-age", "header.parse.invalid.max_age.no_value", -1, false, false},
		{"max-age = 1", "header.parse.invalid.max_age.no_value", -1, false, false},
		{"max-age=1; max-age", "header.parse.invalid.max_age.no_value", 1, false, false},
		{"max-age= 1", "header.parse.max_age.non_digit_characters", -1, false, false},
		{"max-age=-1", "header.parse.max_age.non_digit_characters", -1, false, false},
		{"max-age=+1", "header.parse.max_age.non_digit_characters", -1, false, false},
		{`max-age="1"`, "header.parse.max_age.non_digit_characters", -1, false, false},
		{"max-age=", "header.parse.max_age.parse_int_error", -1, false, false},
		{"max-age=99999999999999999999", "header.parse.max_age.parse_int_error", -1, false, false},
		{"bogus; preload", "", -1, false, true},
	}
	for _, tt := range tests {
		r, maxAge := readListed(tt.field), int64(-1)
		if r.maxAge != nil {
			maxAge = int64(*r.maxAge)
		}
		if r.fault != tt.fault || maxAge != tt.maxAge || r.includeSubDomains != tt.subdomains || r.preload != tt.preload {
			t.Errorf("%q: %q, max-age %d, %v, %v", tt.field, r.fault, maxAge, r.includeSubDomains, r.preload)
		}
	}
}

// FuzzRequirements: whatever a site sends, a header qualifies only if the RFC
// reads a year, subdomains and preload in it, and the list's owners do too.
func FuzzRequirements(f *testing.F) {
	for _, field := range []string{full, year, `max-age="31536000"; includeSubDomains; preload`, full + ";" + full, "max-age = 31536000", "%s%!"} {
		f.Add(field)
	}
	f.Fuzz(func(t *testing.T, field string) {
		x := got(a, field)
		p, ok := hsts.Read(hsts.RFC6797, field)
		l := readListed(field)
		want := ok && p.MaxAge >= oneYear && p.IncludeSubDomains && p.Preload &&
			l.fault == "" && l.maxAge != nil && *l.maxAge >= oneYear && l.includeSubDomains && l.preload
		if readAnswer(&x, 0).preloadable() != want {
			t.Errorf("%q: %v", field, !want)
		}
		for _, q := range Judge(visitOf(x), nil).Submission("a.test") {
			if (q.RFC != "") && q.State != Fail || strings.Contains(q.Evidence, "%!") && !strings.Contains(field, "%!") || q.Evidence == "" {
				t.Errorf("%q: %+v", field, q)
			}
		}
	})
}

// TestNextStep: one step of the ramp at a time.
func TestNextStep(t *testing.T) {
	plain, onWWW := by(visit.ProbeHTTP, moved(plainA, a)), by(visit.ProbeWWW, got(www, full))
	tests := []struct {
		x    Exchange
		want string
	}{
		{got(a), "send max-age=300; includeSubDomains, once"},
		{got(a, "bogus"), "send max-age=300; includeSubDomains, once"},
		{got(a, "max-age=0; includeSubDomains"), "send max-age=300; includeSubDomains"},
		{got(a, "max-age=300; includeSubDomains"), "send max-age=604800; includeSubDomains"},
		{got(a, "max-age=604800; includeSubDomains"), "send max-age=2592000; includeSubDomains"},
		{got(a, "max-age=2592000; includeSubDomains"), "send max-age=31536000; includeSubDomains"},
		{got(a, "max-age=31536000; includeSubDomains"), "nothing: max-age has reached its full length"},
		{got(a, year), "add includeSubDomains to max-age=31536000"}, // never weaker than what is live
		{got(a, full), "nothing: the domain may be submitted"},
		{got(a, full, full), "fix what fails"},
		{badCert(got(a, full)), "fix the certificate"},
		{unchained(got(a, full)), "fix the certificate"},
		{gotStatus(403, a), ""},
		{lost(a, visit.KindTimeout), ""},
	}
	for _, tt := range tests {
		got := Judge(visitOf(tt.x, plain, onWWW), nil).NextStep("a.test")
		if !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%v: %q, want %q", tt.x.STS, got, tt.want)
		}
	}
	if got := Judge(visitOf(got(a, full)), nil).NextStep("a.test"); !strings.Contains(got, "look again") {
		t.Errorf("not known: %q", got)
	}
}

// TestFirstRedirect asks where http leads, once, and only on the same host.
func TestFirstRedirect(t *testing.T) {
	for target, want := range map[string]int{"https://a.test/x": 1, "https://a.test/": 0, "https://b.test/x": 0, "http://a.test/x": 0} {
		l, auditor := lead(t, lab.Host{Name: "a.test", Answer: lab.STS(full), Plain: &lab.Answer{Location: target}}, lab.Sends("b.test"))
		auditor.Probes = []Probe{visit.ProbeHTTP}
		r := Judge(visitSite(t, auditor, "https://a.test/"), nil)
		before := len(r.Exchanges)
		again := auditor.FirstRedirect(t.Context(), r)
		if n := requests(l)["https://a.test/x"]; n != want || len(again.Exchanges) != before+want || len(r.Exchanges) != before {
			t.Errorf("%s: asked %d times, %d exchanges after %d", target, n, len(again.Exchanges), before)
		}
	}
}
