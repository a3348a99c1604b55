package report

import (
	"slices"

	"hsts-check/audit"
)

// MostShown is how many sites a document shows, so that a survey of millions
// does not end for want of memory: nobody reads more.
const MostShown = 100_000

// A Choice picks the sites that a document shows from a survey that may have too
// many: of those with a verdict that is wanted the first [MostShown], and beyond
// them those that are not protected, until there are enough of these for the
// page of [HTML]. What it leaves out is still counted, by a [Tally].
type Choice struct {
	// Only, if not empty, are the verdicts that are wanted.
	Only []audit.Verdict
	// Left is how many sites were wanted and not taken.
	Left int

	taken int
	open  int // taken, and not protected
}

// Takes reports whether the document shows one more site, by its verdicts from
// all places that it was seen from.
func (c *Choice) Takes(verdicts ...audit.Verdict) bool {
	if len(c.Only) > 0 && !slices.ContainsFunc(verdicts, func(v audit.Verdict) bool { return slices.Contains(c.Only, v) }) {
		return false
	}
	open := slices.ContainsFunc(verdicts, func(v audit.Verdict) bool { return v != audit.Protected })
	if c.taken >= MostShown && !(open && c.open < mostRows) {
		c.Left++
		return false
	}
	c.taken++
	if open {
		c.open++
	}
	return true
}

// Choose returns all results of the sites that a document shows.
func (c *Choice) Choose(results []audit.Result) []audit.Result {
	chosen := make([]bool, len(results))
	for _, site := range bySite(results) {
		verdicts := make([]audit.Verdict, len(site))
		for i, at := range site {
			verdicts[i] = results[at].Verdict
		}
		if c.Takes(verdicts...) {
			for _, at := range site {
				chosen[at] = true
			}
		}
	}
	var shown []audit.Result
	for i, r := range results {
		if chosen[i] {
			shown = append(shown, r)
		}
	}
	return shown
}
