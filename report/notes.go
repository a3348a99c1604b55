package report

import (
	"slices"
	"unicode/utf8"

	"hsts-check/audit"
)

// A note is what a row says in words: why the site has its verdict, or of a
// protected one what it misses of the gate, else what is worst. Its text is
// escaped as [visible] does, and empty where there is nothing to say.
type note struct {
	text  string
	rule  string // the ID of the rule that says so; empty for none
	plain bool   // the verdict and the policy say as much
	full  string // the whole message, not escaped; empty where it says no more
}

func noteOf(r audit.Result, missing []audit.Miss) note {
	f := r.Reason()
	switch {
	case r.Verdict == audit.Protected && len(missing) > 0:
		return missNote(missing[0])
	case r.Verdict == audit.Protected:
		f = worstOf(r)
	}
	n := note{text: visible(shortOf(f), audit.MostShort), rule: visible(f.Rule, nameLimit), plain: columnsSay(r, f)}
	switch {
	case n.plain:
	case f.Rule != "":
		n.full = f.Message + " (" + f.Rule + ")"
	case r.Error != nil && visible(r.Error.Message, rowLimit) != n.text:
		n.full = r.Error.Message
	}
	if f.Waived != nil {
		n.full = waiverText(f)
		n.add(" (waived)")
	}
	if r.Preloaded != nil && r.Verdict != audit.Protected {
		n.add(" (on the preload list)")
	}
	return n
}

// missNote is what a protected site misses of the gate.
func missNote(m audit.Miss) note {
	n := note{text: visible(m.Short, audit.MostShort), rule: m.Code}
	if n.text != m.Message {
		n.full = m.Message
	}
	return n
}

// add puts more behind the text where there is room for it.
func (n *note) add(more string) {
	if text := n.text + more; n.text != "" && utf8.RuneCountInString(text) <= audit.MostShort {
		n.text, n.plain = text, false
	}
}

// shortOf is a finding's short text. One of a record as an earlier version wrote
// it has none.
func shortOf(f audit.Finding) string {
	if f.Short != "" || f.Rule == "" {
		return f.Short
	}
	return ruleOf(f.Rule).Title
}

// worstOf returns the worst finding of a protected site that no column of its row
// says, of those that are not waived if there are any; those that are worth
// knowing alone are left out.
func worstOf(r audit.Result) audit.Finding {
	for _, waived := range []bool{false, true} {
		for _, severity := range []audit.Severity{audit.SeverityError, audit.SeverityWarning} {
			i := slices.IndexFunc(r.Findings, func(f audit.Finding) bool {
				return f.Severity == severity && (f.Waived != nil) == waived && !columnsSay(r, f)
			})
			if i >= 0 {
				return r.Findings[i]
			}
		}
	}
	return audit.Finding{}
}

// columnsSay reports whether the verdict and the policy show a finding without
// a word. One on a later host of the chain never shows.
func columnsSay(r audit.Result, f audit.Finding) bool {
	if f.Host != "" && f.Host != r.Host {
		return false
	}
	switch f.Rule {
	case "header-absent":
		return r.Verdict == audit.Absent
	case "max-age-zero":
		return r.Verdict == audit.Disabled
	case "include-subdomains-absent", "max-age-short":
		return r.Policy != nil
	}
	return false
}
