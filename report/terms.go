package report

import (
	"fmt"
	"slices"
	"strconv"

	"hsts-check/audit"
)

// waived returns the findings and the bars missed that the list lets pass for a
// site.
func waived(r audit.Result, opt Options) []audit.Finding {
	if len(r.Allow) == 0 {
		return nil
	}
	return slices.DeleteFunc(remarks(r, opt), func(f audit.Finding) bool { return f.Waived == nil })
}

// waiverText says of something that is let pass till when, why, and what it is.
// It is not escaped.
func waiverText(f audit.Finding) string {
	said := "waived"
	if f.Waived.Until != "" {
		said += " until " + f.Waived.Until
	}
	if f.Waived.Reason != "" {
		said += ", " + f.Waived.Reason
	}
	return fmt.Sprintf("%s: %s (%s)", said, f.Message, f.Rule)
}

// Footnotes numbers the notes that a list has on its sites, in the order of the
// results; sites with the same note share its number.
type footnotes map[string]int

func newFootnotes(results []audit.Result) footnotes {
	numbers := make(footnotes)
	for i := range results {
		if note := results[i].Note; note != "" && numbers[note] == 0 {
			numbers[note] = len(numbers) + 1
		}
	}
	return numbers
}

// number is that of a note in brackets.
func (n footnotes) number(note string) string { return "[" + strconv.Itoa(n[note]) + "]" }

// mark is what stands behind the name of a site with the note.
func (n footnotes) mark(note string) string {
	if note == "" {
		return ""
	}
	return " " + n.number(note)
}

// of returns the notes on some of the results, each once, in order.
func (n footnotes) of(results []audit.Result) []string {
	var notes []string
	for i := range results {
		if note := results[i].Note; note != "" {
			notes = append(notes, note)
		}
	}
	slices.SortStableFunc(notes, func(a, b string) int { return n[a] - n[b] })
	return slices.Compact(notes)
}
