package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"hsts-check/audit"
	"hsts-check/internal/text"
)

// A Diff is what changed between two surveys.
type Diff struct {
	Old, New Side
	// Changes are in the order of the new survey; sites that are gone come
	// last, in the order of the old one.
	Changes []Change
	// Same counts the sites that are as they were. Each site of either survey
	// is in one change, or is counted here.
	Same int

	lost map[view]string // what each regression says
}

// A Side is one of the two surveys.
type Side struct {
	// Started and Finished are the times of the first and the last visit; zero
	// where no record has one.
	Started, Finished time.Time
	Groups            []Score // in list order
	Total             Score
}

// A Change is what changed of one site.
type Change struct {
	Kind ChangeKind
	// Old is nil for a new site, New for one that is gone.
	Old, New *audit.Result
	// What says it, and whatever else changed, as a sentence that is to begin
	// with the site's name: "gained HSTS: max-age 1y". It may hold what the
	// network sent; who shows it escapes it.
	What string
}

// A ChangeKind is the main thing that changed of a site.
type ChangeKind string

// The kinds of changes. Nothing is made up of a site that could not be judged:
// its policy is compared with nothing.
const (
	ChangeGained ChangeKind = "gained" // it was not covered, and is
	ChangeLost   ChangeKind = "lost"   // it was covered, and is not any more
	// An error or warning that is new, a shorter max-age, includeSubDomains or
	// preload gone, the header sent twice, or the site covered only in part.
	// Whatever became better besides, this is the kind.
	ChangeWeakened     ChangeKind = "weakened"
	ChangeStrengthened ChangeKind = "strengthened" // the opposite
	ChangeOther        ChangeKind = "other"        // it was not covered and is not, for another reason
	ChangeMoved        ChangeKind = "moved"        // it is listed at another host, or leads to one, and all else is the same
	ChangeUnknown      ChangeKind = "unknown"      // it was judged, and could not be
	ChangeAnswered     ChangeKind = "answered"     // it could not be judged, and was
	ChangeNew          ChangeKind = "new"          // only the new survey has it
	ChangeGone         ChangeKind = "gone"         // only the old survey has it
)

// ChangeKinds lists all kinds, in the order in which they are counted.
var ChangeKinds = []ChangeKind{
	ChangeGained, ChangeLost, ChangeWeakened, ChangeStrengthened, ChangeOther,
	ChangeMoved, ChangeUnknown, ChangeAnswered, ChangeNew, ChangeGone,
}

// Regression reports whether the site protects its users less than it did.
func (c Change) Regression() bool { return c.Kind == ChangeLost || c.Kind == ChangeWeakened }

// Result returns the site's newest result.
func (c Change) Result() audit.Result {
	if c.New == nil {
		return *c.Old
	}
	return *c.New
}

// Message is the whole sentence: "ANZ gained HSTS: max-age 1y". Like What it
// is not escaped.
func (c Change) Message() string { return c.site() + " " + c.What }

func (c Change) site() string {
	r := c.Result()
	return cmp.Or(strings.TrimSpace(r.Name), r.URL)
}

// Compare says what changed from one survey to another. Both have to be judged
// by the same rules.
//
// A site is found again by its ID, else by its URL, else by its group and name,
// where each survey has these once: so a bank is known whose log-in moved. Only
// results of one vantage are compared. Of several results of one site the last
// one counts, as [Merge] has it.
func Compare(before, after []audit.Result) Diff {
	before, after = Merge(before), Merge(after)
	d := Diff{Old: newSide(before), New: newSide(after), lost: make(map[view]string)}
	vantages := vantages(before, after)
	tell := func(kind ChangeKind, o, n *audit.Result, what string) {
		c := Change{Kind: kind, Old: o, New: n, What: what}
		if vantage := c.Result().Vantage; vantages > 1 && vantage != "" {
			c.What += " (seen from " + vantage + ")"
		}
		d.Changes = append(d.Changes, c)
		if c.Regression() {
			d.lost[view{n.ID, n.Vantage}] = c.What
		}
	}
	found := match(before, after)
	for i := range after {
		n := &after[i]
		if found[i] < 0 {
			tell(ChangeNew, nil, n, arrival(n))
			continue
		}
		o := &before[found[i]]
		if kind, what := news(o, n); kind != "" {
			tell(kind, o, n, what)
		} else {
			d.Same++
		}
	}
	again := make(map[int]bool, len(before))
	for _, i := range found {
		again[i] = true
	}
	for i := range before {
		if o := &before[i]; !again[i] {
			tell(ChangeGone, o, nil, departure(o))
		}
	}
	return d
}

// Merge returns the newest result of each site, by ID and vantage, in the place
// of the site's first; of two of one time the later one, and one that was
// cancelled only where there is no other. It leaves the results as they are.
func Merge(results []audit.Result) []audit.Result {
	merged := make([]audit.Result, 0, len(results))
	at := make(map[view]int, len(results))
	for _, r := range results {
		k := view{r.ID, r.Vantage}
		if i, ok := at[k]; ok {
			if supersedes(r, merged[i]) {
				merged[i] = r
			}
			continue
		}
		at[k] = len(merged)
		merged = append(merged, r)
	}
	return merged
}

// A view is a site as seen from one place.
type view struct{ id, vantage string }

// Earlier returns those of the results that [Merge] keeps which stand beside
// one of an earlier run, and before them the newest of those earlier ones: what
// changed is what [Compare] makes of the two. Results whose run has the same
// name are of one run, and so are those of one time.
func Earlier(results []audit.Result) (before, after []audit.Result) {
	newest := make(map[view]audit.Result)
	for _, r := range Merge(results) {
		newest[view{r.ID, r.Vantage}] = r
	}
	before = Merge(slices.DeleteFunc(slices.Clone(results), func(r audit.Result) bool {
		n := newest[view{r.ID, r.Vantage}]
		return r.CheckedAt.Equal(n.CheckedAt) || r.Run != "" && r.Run == n.Run || r.Cancelled()
	}))
	for _, r := range before {
		after = append(after, newest[view{r.ID, r.Vantage}])
	}
	return before, after
}

// supersedes reports whether a result takes the place of one of the same site
// that stood before it.
func supersedes(r, earlier audit.Result) bool {
	if a, b := r.Cancelled(), earlier.Cancelled(); a != b {
		return b
	}
	return !r.CheckedAt.Before(earlier.CheckedAt)
}

// match returns for each site of the new survey its index in the old one, -1
// for none.
func match(before, after []audit.Result) []int {
	type key struct{ vantage, first, second string }
	found := slices.Repeat([]int{-1}, len(after))
	taken := make([]bool, len(before))
	pass := func(keyOf func(*audit.Result) key, usable func(key) bool) {
		left := make(map[key][]int)
		for i := range before {
			if k := keyOf(&before[i]); !taken[i] && usable(k) {
				left[k] = append(left[k], i)
			}
		}
		for i := range after {
			k := keyOf(&after[i])
			if candidates := left[k]; found[i] < 0 && len(candidates) > 0 {
				found[i], left[k] = candidates[0], candidates[1:]
				taken[candidates[0]] = true
			}
		}
	}
	always := func(key) bool { return true }
	pass(func(r *audit.Result) key { return key{r.Vantage, r.ID, ""} }, always)
	pass(func(r *audit.Result) key { return key{r.Vantage, r.URL, ""} }, always)

	named := func(r *audit.Result) key { return key{r.Vantage, r.Group, r.Name} }
	uses := func(results []audit.Result) map[key]int {
		n := make(map[key]int, len(results))
		for i := range results {
			n[named(&results[i])]++
		}
		return n
	}
	old, now := uses(before), uses(after)
	pass(named, func(k key) bool { return old[k] == 1 && now[k] == 1 })
	return found
}

func vantages(surveys ...[]audit.Result) int {
	seen := make(map[string]bool)
	for _, results := range surveys {
		for i := range results {
			seen[results[i].Vantage] = true
		}
	}
	return len(seen)
}

func newSide(results []audit.Result) Side {
	var s Side
	s.Groups, s.Total = Scores(results)
	for i := range results {
		at := results[i].CheckedAt
		if at.IsZero() {
			continue
		}
		if s.Started.IsZero() || at.Before(s.Started) {
			s.Started = at
		}
		if at.After(s.Finished) {
			s.Finished = at
		}
	}
	return s
}

// Count returns how many sites changed in that way.
func (d Diff) Count(kind ChangeKind) int {
	n := 0
	for _, c := range d.Changes {
		if c.Kind == kind {
			n++
		}
	}
	return n
}

// Common returns how many sites both surveys have. With none, there was
// nothing to compare.
func (d Diff) Common() int {
	return d.Same + len(d.Changes) - d.Count(ChangeNew) - d.Count(ChangeGone)
}

// Summary counts the changes in one line: "3 changes: 1 gained, 2 lost; 22
// sites as they were", or "no change in 34 sites".
func (d Diff) Summary() string {
	if len(d.Changes) == 0 {
		return "no change in " + text.Plural(d.Same, "site")
	}
	var parts []string
	for _, kind := range ChangeKinds {
		if n := d.Count(kind); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind.counted()))
		}
	}
	said := text.Plural(len(d.Changes), "change") + ": " + strings.Join(parts, ", ")
	switch d.Same {
	case 0:
		return said
	case 1:
		return said + "; 1 site as it was"
	}
	return said + fmt.Sprintf("; %d sites as they were", d.Same)
}

// counted is the kind as it stands behind a number.
func (k ChangeKind) counted() string {
	switch k {
	case ChangeOther:
		return "still unprotected"
	case ChangeUnknown:
		return "not judged any more"
	case ChangeAnswered:
		return "judged again"
	}
	return string(k)
}
