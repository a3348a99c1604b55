package audit

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/visit"
)

// TestPreloadedIsAnAnswerOfItsOwn: the list changes no verdict, and a site on it
// that sends nothing is absent and preloaded.
func TestPreloadedIsAnAnswerOfItsOwn(t *testing.T) {
	tests := []struct {
		name      string
		visit     []Exchange
		verdict   Verdict
		preloaded *Preloaded
	}{
		{"sends nothing", []Exchange{got("https://listed.test/")}, Absent, &Preloaded{"listed.test", true, "2026-11-02"}},
		{"by its parent", []Exchange{got("https://www.listed.test/", year)}, Protected, &Preloaded{"listed.test", true, "2026-11-02"}},
		{"by its TLD", []Exchange{got("https://anz.bank/")}, Absent, &Preloaded{"bank", true, "2026-11-02"}},
		{"not judged", []Exchange{lost("https://listed.test/", visit.KindTimeout)}, Unknown, &Preloaded{"listed.test", true, "2026-11-02"}},
		{"not listed", []Exchange{got(a, year)}, Protected, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Judge(visitOf(tt.visit...), listed)
			if diff := cmp.Diff(tt.preloaded, r.Preloaded); diff != "" || r.Verdict != tt.verdict {
				t.Errorf("%s, preloaded (want -, got +):\n%s", r.Verdict, diff)
			}
			if without := Judge(visitOf(tt.visit...), nil); without.Preloaded != nil || without.Verdict != r.Verdict {
				t.Errorf("without a list: %s, preloaded %v", without.Verdict, without.Preloaded)
			}
		})
	}
}

func TestStandardsThatTakePreloading(t *testing.T) {
	tests := []struct {
		name, url        string
		observatory, bod bool
	}{
		{"by a parent", "https://www.listed.test/", true, true},
		{"the entry itself", "https://listed.test/", true, false},
		{"not listed", a, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			met := Judge(visitOf(got(tt.url)), listed).Standards
			if met["observatory"] != tt.observatory || met["bod-18-01"] != tt.bod || met["owasp"] {
				t.Errorf("%v", met)
			}
		})
	}
}
