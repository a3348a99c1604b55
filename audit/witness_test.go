package audit

import (
	"encoding/json"
	"strings"
	"testing"

	"hsts-check/hsts"
	"hsts-check/visit"
)

const chromium156 = "Chromium 156.0.8078.108"

// seen is an exchange that a real Chromium has made.
func seen(x Exchange) Exchange { return only(x, hsts.Chromium) }

func challenged(x Exchange) Exchange {
	x.Challenge = true
	return x
}

// TestWitness: which of two visits is judged, the program's or a browser's.
func TestWitness(t *testing.T) {
	for _, tt := range []struct {
		why           string
		program, seen []Exchange
		verdict       Verdict
		says          string // the error's or answers-vary's message holds it
		aside         Probe
	}{
		{"a filter lets the browser in", []Exchange{gotStatus(403, a)}, []Exchange{got(a, year)}, Protected,
			"the program got 403; Chromium got 200 with max-age=31536000", visit.ProbeProgram},
		{"and there is no header behind it", []Exchange{gotStatus(403, a)}, []Exchange{got(a)}, Absent, "got 200 without the header", visit.ProbeProgram},
		{"a script lets it in", []Exchange{gotStatus(429, a)}, []Exchange{gotStatus(429, a), got(a, year)}, Protected, "the program got 429", visit.ProbeProgram},
		{"neither is let in", []Exchange{gotStatus(403, a)}, []Exchange{gotStatus(403, a)}, Unknown,
			"status 403 without the header, and Chromium got 403: neither is let in", visit.ProbeBrowser},
		{"a challenge stops both", []Exchange{challenged(gotStatus(403, a))}, []Exchange{challenged(gotStatus(403, a))}, Unknown,
			"Cloudflare challenges the client, and Chromium got 403: nor does a browser without a person pass", visit.ProbeBrowser},
		{"an error page", []Exchange{gotStatus(503, a)}, []Exchange{gotStatus(503, a)}, Unknown, ", and Chromium got 503: ", visit.ProbeBrowser},
		{"neither gets an answer", []Exchange{lost(a, visit.KindTimeout)}, []Exchange{lost(a, visit.KindTimeout)}, Unknown,
			"lost by timeout; Chromium got no answer (lost by timeout)", visit.ProbeBrowser},
		{"the program alone got through", []Exchange{got(a)}, []Exchange{lost(a, visit.KindTimeout)}, Absent, "", visit.ProbeBrowser},
		{"the browser alone is sent the header", []Exchange{got(a)}, []Exchange{got(a, year)}, Protected, "got 200 with max-age", visit.ProbeProgram},
		{"both see the same", []Exchange{got(a)}, []Exchange{got(a)}, Absent, "", visit.ProbeBrowser},
		{"the program's own is judged with all three clients", apex(moved(plainApex, wwwApex)), []Exchange{got(secureApex, year), got(wwwApex, year)}, Partial, "", visit.ProbeBrowser},
		{"the browser was led on to another host", []Exchange{gotStatus(403, a)}, []Exchange{moved(a, b, year), got(b)}, Partial, "got 301 with max-age", visit.ProbeProgram},
	} {
		var page []Exchange
		for _, x := range tt.seen {
			page = append(page, seen(x))
		}
		v := visitOf(tt.program...)
		v = Witness(v, chromium156, page)
		r := Judge(v, nil)
		said := ""
		if r.Error != nil {
			said = r.Error.Message
		}
		for _, f := range r.Findings {
			if f.Rule == "answers-vary" {
				said = f.Message
			}
		}
		if r.Verdict != tt.verdict || !strings.Contains(said, tt.says) || tt.says == "" && said != "" {
			t.Errorf("%s: %s: %q", tt.why, r.Verdict, said)
		}
		if last := r.Exchanges[len(r.Exchanges)-1]; last.Probe != tt.aside || len(r.Exchanges) != len(tt.program)+len(page) {
			t.Errorf("%s: the last of %d exchanges is for %q", tt.why, len(r.Exchanges), last.Probe)
		}
		if r.SeenBy == nil || r.SeenBy.Browser != chromium156 {
			t.Errorf("%s: seen by %v", tt.why, r.SeenBy)
		}
		rejudges(t, tt.why, r)
	}
}

// rejudges: a record says the same when it is judged again.
func rejudges(t *testing.T, why string, r Result) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var again Result
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if rejudged, _ := json.Marshal(again.Rejudge(nil)); string(rejudged) != string(text) {
		t.Errorf("%s: judged again\n%s\nat first\n%s", why, rejudged, text)
	}
}

// TestWitnessOfNothing: a browser that brought nothing, and a site that was not
// visited, leave all as it was.
func TestWitnessOfNothing(t *testing.T) {
	v := Witness(visitOf(gotStatus(403, a)), chromium156, nil)
	if v.SeenBy != nil || len(v.Exchanges) != 1 {
		t.Errorf("%+v", v)
	}
	failed := Visit{Site: Site{URL: a}, Error: &Error{Kind: visit.KindInput, Message: "bad"}}
	if v := Witness(failed, chromium156, []Exchange{seen(got(a))}); v.SeenBy != nil || v.Exchanges != nil {
		t.Errorf("%+v", v)
	}
}
