package report

import (
	"slices"

	"hsts-check/audit"
	"hsts-check/visit"
)

// A Tally counts what a document says of all sites, while results stream by: it
// takes memory for groups and not for sites, so that a bound on what is shown
// bounds nothing that is counted. The zero value has counted nothing.
//
// Added one by one, each result is a site of its own. Of sites that were seen
// from several vantage points [Count] makes a tally.
type Tally struct {
	Groups []Score // in the order in which they first appear
	Total  Score

	at     map[string]int // indexes of Groups, by name
	ages   [ageBands]int
	rules  map[string]int          // sites on which each fired
	kinds  map[visit.ErrorKind]int // why sites could not be judged
	met    map[string]int          // sites that meet each standard
	missed map[string]int
}

// Apart names the group that is counted as all others and not compared with them:
// the faults of the demo, which are no country.
const Apart = "Instructive faults"

// Count returns the tally of results. A site that was seen from several vantage
// points counts once, by the worst verdict of those that judged it.
func Count(results []audit.Result) *Tally {
	rows, _ := fold(results)
	t := new(Tally)
	for i := range rows {
		t.Add(rows[i])
	}
	return t
}

// Add counts one more site.
func (t *Tally) Add(r audit.Result) {
	if t.at == nil {
		t.at, t.rules = make(map[string]int), make(map[string]int)
		t.met, t.missed = make(map[string]int), make(map[string]int)
		t.kinds = make(map[visit.ErrorKind]int)
	}
	g, ok := t.at[r.Group]
	if !ok {
		g = len(t.Groups)
		t.at[r.Group] = g
		t.Groups = append(t.Groups, Score{Group: r.Group, apart: r.Group == Apart})
	}
	t.Groups[g].Add(r.Verdict)
	t.Total.Add(r.Verdict)
	if r.Verdict == audit.Unknown {
		t.kinds[kindOf(r)]++
	}
	if r.Preloaded != nil {
		t.Groups[g].Preloaded++
		t.Total.Preloaded++
	}
	if r.Policy != nil {
		t.ages[ageBand(r.Policy.MaxAge)]++
	}
	for i, f := range r.Findings {
		counted := func(earlier audit.Finding) bool { return earlier.Rule == f.Rule && earlier.Waived == nil }
		if f.Waived == nil && !slices.ContainsFunc(r.Findings[:i], counted) {
			t.rules[f.Rule]++
		}
	}
	for name, met := range r.Standards {
		if met {
			t.met[name]++
		} else {
			t.missed[name]++
		}
	}
}

// wanted returns how many of the sites have one of the verdicts; no verdict
// means any.
func (t *Tally) wanted(only []audit.Verdict) int {
	if len(only) == 0 {
		return t.Total.Sites()
	}
	n := 0
	for _, v := range only {
		n += t.Total.Count(v)
	}
	return n
}
