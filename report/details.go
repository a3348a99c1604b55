package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hsts-check/audit"
)

// detailLines are what the table shows of a site besides its row where it shows
// all: why it is unknown, each finding in full, the standards, what is waived,
// and the exchanges.
func detailLines(r audit.Result, opt Options, m margin) []string {
	var lines []string
	say := func(s string) { lines = append(lines, m.hung(visible(s, rowLimit))...) }
	if r.Verdict == audit.Unknown {
		say(whyUnknown(r))
	}
	for _, f := range r.Findings {
		if f.Waived == nil {
			say(fmt.Sprintf("%s: %s [%s]", f.Severity, f.Message, f.Rule))
		}
	}
	say(standardsLine(r))
	for _, f := range waived(r, opt) {
		say(waiverText(f))
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" })
	return append(lines, exchangeLines(r.Exchanges, m)...)
}

// standardsLine says which standards a result meets and which it misses; empty
// where none could be told.
func standardsLine(r audit.Result) string {
	var met, missed []string
	for _, s := range audit.Standards {
		switch yes, known := r.Standards[s.Name]; {
		case known && yes:
			met = append(met, s.Name)
		case known:
			missed = append(missed, s.Name)
		}
	}
	var said []string
	if len(met)+len(missed) > 0 {
		said = append(said, "standards met: "+cmp.Or(strings.Join(met, ", "), "none"))
	}
	if len(missed) > 0 {
		said = append(said, "missed: "+strings.Join(missed, ", "))
	}
	return strings.Join(said, "; ")
}
