package report

import (
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
