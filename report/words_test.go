package report

import (
	"strings"
	"testing"

	"hsts-check/audit"
)

func TestVerdictWords(t *testing.T) {
	words := map[audit.Verdict]string{
		audit.Protected: "YES!", audit.Partial: "partly", audit.Disabled: "off",
		audit.Ignored: "ignored", audit.Absent: "no", audit.Unknown: "?",
		"of a later version": "of a later version",
	}
	for _, v := range audit.Verdicts {
		if _, ok := words[v]; !ok {
			t.Errorf("no word expected of %s", v)
		}
	}
	for v, want := range words {
		if got := verdictWord(v); got != want {
			t.Errorf("%s: got %q, want %q", v, got, want)
		}
	}
}

// TestVerdictNamed: what a verdict is called in records and in tables.
func TestVerdictNamed(t *testing.T) {
	for _, v := range audit.Verdicts {
		for _, name := range []string{string(v), verdictWord(v), VerdictTyped(v)} {
			if got, ok := VerdictNamed(name); got != v || !ok {
				t.Errorf("%q is %q (%v), want %s", name, got, ok, v)
			}
		}
		if strings.ContainsAny(VerdictTyped(v), "!YES") {
			t.Errorf("%s is typed as %q", v, VerdictTyped(v))
		}
	}
	for name, want := range map[string]audit.Verdict{"Yes": audit.Protected, "PARTLY": audit.Partial, "": "", "!": "", "yes!!": "", "maybe": ""} {
		if got, ok := VerdictNamed(name); got != want || ok != (want != "") {
			t.Errorf("%q is %q (%v), want %q", name, got, ok, want)
		}
	}
}
