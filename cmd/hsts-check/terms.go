package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/lists"
)

// terms finds what is wrong with what lists say of their sites. It remembers
// what it has told: sites share what stands below their heading.
type terms map[lists.Fault]bool

// faulty returns a site for each bar and waiver with a site that is none, and
// was not told yet. As those that [lists.Stream] makes of lines that cannot be
// read, it has the fault, and the key and value as its name and URL.
func (told terms) faulty(s audit.Site) []audit.Site {
	if s.Terms == nil {
		return nil
	}
	var faulty []audit.Site
	check := func(key, value string, line int, err error) {
		if err == nil {
			return
		}
		f := lists.Fault{File: s.Pos.File, Line: line, Msg: err.Error()}
		if !told[f] {
			told[f] = true
			pos := audit.Position{File: s.Pos.File, Line: line}
			faulty = append(faulty, audit.Site{Group: s.Group, Name: key, URL: value, Pos: pos, Fault: f})
		}
	}
	for _, r := range s.Terms.Require {
		check("require", r.Bar, r.Line, checkBar(r.Bar))
	}
	for _, w := range s.Terms.Allow {
		check("allow", w.What, w.Line, checkWaiver(w.What))
	}
	return faulty
}

// faults returns what is wrong with what a whole list says of its sites.
func (told terms) faults(sites iter.Seq[audit.Site]) []lists.Fault {
	var all []lists.Fault
	for s := range sites {
		for _, bad := range told.faulty(s) {
			all = append(all, bad.Fault.(lists.Fault))
		}
	}
	return all
}

// stream yields sites, and behind each those of its faults.
func (told terms) stream(sites iter.Seq[audit.Site]) iter.Seq[audit.Site] {
	return func(yield func(audit.Site) bool) {
		for s := range sites {
			if !yield(s) {
				return
			}
			for _, bad := range told.faulty(s) {
				if !yield(bad) {
					return
				}
			}
		}
	}
}

const termsHint = "hsts-check rules lists the rules and standards; a policy is written as the header itself"

// checkBar says what is wrong with a bar of a list.
func checkBar(text string) error {
	_, err := audit.ParseBar(text)
	if err == nil || strings.Contains(text, "=") { // of a policy it says what is wrong
		return err
	}
	return suggest(err, text, standardNames())
}

// checkWaiver says what is wrong with what a list allows.
func checkWaiver(what string) error {
	err := audit.CheckWaiver(what)
	first, _, more := strings.Cut(what, " ")
	switch {
	case err == nil:
		return nil
	case more && audit.CheckWaiver(first) == nil:
		return fmt.Errorf("%w: put a comma behind %s, before the reason", err, first)
	case strings.Contains(what, "="):
		return checkBar(what)
	}
	return suggest(err, what, slices.Concat(ruleIDs(), []string{"regression"}, standardNames()))
}

// suggest adds to an error about a misspelt word the candidate that it is most
// like.
func suggest(err error, word string, candidates []string) error {
	if c := nearest(strings.ToLower(word), candidates); c != "" {
		return fmt.Errorf("%w: did you mean %s?", err, c)
	}
	return err
}

// remarkEnded reports the waivers that no longer hold for a site, each once:
// it may stand below a heading.
func (d *delivery) remarkEnded(r audit.Result) {
	for _, w := range r.Ended() {
		where := r.Name
		switch {
		case r.Source != nil && w.Line > 0:
			where = fmt.Sprintf("%s:%d", r.Source.File, w.Line)
		case r.Source != nil: // a record does not know
			where = r.Source.File
		}
		said := fmt.Sprintf("%s: the waiver of %s ended on %s: it counts again", where, w.What, w.Until)
		if !slices.Contains(d.ended, said) {
			d.ended = append(d.ended, said)
			d.say("%s", said)
		}
	}
}

// annotations writes what stands with a site as a list has it below the site.
func annotations(s audit.Site) string {
	if s.Terms == nil {
		return ""
	}
	var b strings.Builder
	for _, r := range s.Terms.Require {
		fmt.Fprintf(&b, "  require: %s\n", r.Bar)
	}
	for _, w := range s.Terms.Allow {
		fmt.Fprintf(&b, "  allow: %s", w.What)
		if w.Until != "" {
			fmt.Fprintf(&b, " until %s", w.Until)
		}
		if w.Reason != "" {
			fmt.Fprintf(&b, ", %s", w.Reason)
		}
		b.WriteString("\n")
	}
	if s.Terms.Note != "" {
		fmt.Fprintf(&b, "  note: %s\n", s.Terms.Note)
	}
	return b.String()
}
