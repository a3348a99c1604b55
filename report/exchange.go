package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/visit"
)

// probeWidth is what the longest name of a probe takes.
const probeWidth = len(visit.ProbeErrorPage)

// exchangeLines are the exchanges of a site for a terminal: for each what was
// asked for, and below that what came.
func exchangeLines(exchanges []audit.Exchange, m margin) []string {
	indent := strings.Repeat(" ", probeWidth+gap)
	m.width = max(m.width-len(indent), 1)
	var lines []string
	for _, x := range exchanges {
		head := fmt.Sprintf("%-*s", len(indent), visible(string(x.Probe), nameLimit))
		for _, s := range append([]string{visible(x.URL, urlLimit)}, exchangeFacts(x)...) {
			for _, l := range m.wrap(s) {
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
	if x.Clients != nil {
		facts = append(facts, "asked for by "+clientNames(x.Clients)+" alone")
	}
	if len(x.Sent) > 0 {
		facts = append(facts, "sent "+visible(strings.Join(x.Sent, ", "), urlLimit)+" of yours")
	}
	for i, field := range x.STS {
		colon := ": "
		if slices.Contains(x.STSBlank, i) {
			colon = " : "
		}
		facts = append(facts, "Strict-Transport-Security"+colon+visible(field, proseLimit))
	}
	for _, f := range [...]struct{ name, value string }{
		{"Location", x.Location}, {"Refresh", x.Refresh}, {"Clear-Site-Data", x.ClearSiteData}, {"Server", x.Server},
	} {
		if f.value != "" {
			facts = append(facts, f.name+": "+visible(f.value, urlLimit))
		}
	}
	return append(facts, readOtherwise(x)...)
}

func clientNames(clients []hsts.Client) string {
	var names []string
	for _, c := range clients {
		names = append(names, c.String())
	}
	return strings.Join(names, " and ")
}

// readOtherwise says which clients read something else in an answer, or none.
func readOtherwise(x audit.Exchange) []string {
	var facts []string
	for _, c := range hsts.Clients {
		h, other := x.Otherwise[c]
		switch {
		case !other:
		case h.Status == 0:
			facts = append(facts, c.String()+" reads no answer in it")
		default:
			facts = append(facts, fmt.Sprintf("%s reads status %d and %q", c, h.Status, h.STS))
		}
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
		if t.ClientCertificate != "" {
			said += ", client certificate " + t.ClientCertificate
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
