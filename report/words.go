package report

import "hsts-check/audit"

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
