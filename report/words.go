package report

import (
	"strings"

	"hsts-check/audit"
)

// verdictWord is what a table shows of a verdict. A word of a later version is
// shown as it is.
func verdictWord(v audit.Verdict) string {
	switch v {
	case audit.Protected:
		return "YES!"
	case audit.Partial:
		return "partly"
	case audit.Disabled:
		return "off"
	case audit.Ignored:
		return "ignored"
	case audit.Absent:
		return "no"
	case audit.Unknown:
		return "?"
	}
	return string(v)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// VerdictNamed returns the verdict of that name, or the one for which tables
// have that word, in any case and with or without the exclamation mark; false
// if there is none.
func VerdictNamed(name string) (audit.Verdict, bool) {
	for _, v := range audit.Verdicts {
		if strings.EqualFold(name, string(v)) || strings.EqualFold(strings.TrimSuffix(name, "!"), VerdictTyped(v)) {
			return v, true
		}
	}
	return "", false
}

// VerdictTyped is the table's word for a verdict as it is typed: in lower case,
// and without the exclamation mark, which shells take for their own.
func VerdictTyped(v audit.Verdict) string {
	return strings.ToLower(strings.TrimSuffix(verdictWord(v), "!"))
}
