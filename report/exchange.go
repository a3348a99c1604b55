package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hsts-check/audit"
)

// probeWidth is what the longest name of a probe takes.
const probeWidth = len(audit.ProbeErrorPage)

// exchangeLines are the exchanges of a site for a terminal of so many columns,
// 0 being no limit: for each what was asked for, and below that what came.
func exchangeLines(exchanges []audit.Exchange, width int) []string {
	indent := strings.Repeat(" ", probeWidth+gap)
	var lines []string
	for _, x := range exchanges {
		said := append([]string{visible(x.URL, urlLimit)}, exchangeFacts(x)...)
		head := fmt.Sprintf("%-*s", len(indent), visible(string(x.Probe), nameLimit))
		for _, s := range said {
			for _, l := range wrap(s, max(width-len(indent), min(width, 1))) {
				lines = append(lines, head+l)
				head = indent
			}
		}
	}
	return lines
}

// exchangeFacts says what came of an exchange, a line each: how it went, then
// the fields of its head that matter.
func exchangeFacts(x audit.Exchange) []string {
	facts := []string{exchangeOutcome(x)}
	for i, field := range x.STS {
		colon := ": "
		if slices.Contains(x.STSBlank, i) {
			colon = " : "
		}
		facts = append(facts, "Strict-Transport-Security"+colon+visible(field, proseLimit))
	}
	if x.Location != "" {
		facts = append(facts, "Location: "+visible(x.Location, urlLimit))
	}
	return facts
}

// exchangeOutcome is the answer's status or why there is none, from where, in
// what time, and over what connection.
func exchangeOutcome(x audit.Exchange) string {
	said, where, when := "failed", " at ", "after"
	if x.Status != 0 {
		said, where, when = strconv.Itoa(x.Status), " from ", "in"
	}
	if x.Address != "" {
		said += where + visible(x.Address, nameLimit)
	}
	said += fmt.Sprintf(" %s %d ms", when, x.MS)
	if x.Proto != "" {
		said += ", " + visible(x.Proto, nameLimit)
	}
	if t := x.TLS; t != nil {
		if t.Version != "" {
			said += ", " + visible(t.Version, nameLimit)
		}
		if t.NotAfter != nil {
			said += ", certificate until " + t.NotAfter.UTC().Format("2006-01-02")
		}
		if t.ChainIncomplete {
			said += ", without its intermediate"
		}
		said += errorText(", certificate refused", t.Error)
	}
	return said + errorText("", x.Error)
}

// errorText says what went wrong and its kind; nothing for nil.
func errorText(what string, e *audit.Error) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("%s: %s (%s)", what, visible(e.Message, proseLimit), visible(string(e.Kind), nameLimit))
}
