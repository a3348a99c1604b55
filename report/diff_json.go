package report

import (
	"io"
	"time"

	"hsts-check/audit"
	"hsts-check/hsts"
)

// DiffSchema is the version of what [DiffJSON] writes. It rises when a field
// changes meaning.
const DiffSchema = 1

// diffDocument is what [DiffJSON] writes, except for its last member, changes.
type diffDocument struct {
	Schema int        `json:"schema"`
	Tool   tool       `json:"tool"`
	Old    diffSide   `json:"old"`
	New    diffSide   `json:"new"`
	Totals diffTotals `json:"totals"`
}

// diffSide is one survey: the times of its first and last visit, in UTC, and
// its verdicts counted.
type diffSide struct {
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	count
}

// diffTotals hold changes = the sum of all kinds, and regressions = lost +
// weakened. Same are the sites as they were.
type diffTotals struct {
	Changes      int `json:"changes"`
	Regressions  int `json:"regressions"`
	Same         int `json:"same"`
	Gained       int `json:"gained"`
	Lost         int `json:"lost"`
	Weakened     int `json:"weakened"`
	Strengthened int `json:"strengthened"`
	Other        int `json:"other"`
	Moved        int `json:"moved"`
	Unknown      int `json:"unknown"`
	Answered     int `json:"answered"`
	New          int `json:"new"`
	Gone         int `json:"gone"`
}

// diffChange is one change. Id, vantage, group, name, url and source are those
// of the newest record of the site.
type diffChange struct {
	Kind       ChangeKind      `json:"kind"`
	Regression bool            `json:"regression"`
	ID         string          `json:"id"`
	Vantage    string          `json:"vantage,omitempty"`
	Group      string          `json:"group"`
	Name       string          `json:"name"`
	URL        string          `json:"url"`
	Source     *audit.Position `json:"source,omitempty"`
	Message    string          `json:"message"`       // a sentence for people
	Old        *diffState      `json:"old,omitempty"` // absent for a new site
	New        *diffState      `json:"new,omitempty"` // absent for one that is gone
}

// diffState is what a site was in one survey.
type diffState struct {
	URL       string        `json:"url"`
	CheckedAt time.Time     `json:"checked_at,omitzero"`
	Verdict   audit.Verdict `json:"verdict"`
	// Policy is what covers the listed host, its own or a parent's; absent
	// where nothing does.
	Policy *hsts.Policy `json:"policy,omitempty"`
	Error  *audit.Error `json:"error,omitempty"` // why the verdict is unknown
}

// DiffJSON writes one object: schema, tool, the two surveys as old and new,
// totals, and changes, one a line.
func DiffJSON(w io.Writer, d Diff, meta Meta, _ Options) error {
	head := diffDocument{
		Schema: DiffSchema,
		Tool:   tool{Name: meta.Program, Version: meta.Version},
		Old:    d.Old.document(),
		New:    d.New.document(),
		Totals: d.totals(),
	}
	return writeObject(w, head, "changes", len(d.Changes), func(i int) any { return d.Changes[i].document() })
}

func (s Side) document() diffSide {
	return diffSide{Started: s.Started.UTC(), Finished: s.Finished.UTC(), count: counted(s.Total)}
}

func (d Diff) totals() diffTotals {
	return diffTotals{
		Changes:      len(d.Changes),
		Regressions:  d.Count(ChangeLost) + d.Count(ChangeWeakened),
		Same:         d.Same,
		Gained:       d.Count(ChangeGained),
		Lost:         d.Count(ChangeLost),
		Weakened:     d.Count(ChangeWeakened),
		Strengthened: d.Count(ChangeStrengthened),
		Other:        d.Count(ChangeOther),
		Moved:        d.Count(ChangeMoved),
		Unknown:      d.Count(ChangeUnknown),
		Answered:     d.Count(ChangeAnswered),
		New:          d.Count(ChangeNew),
		Gone:         d.Count(ChangeGone),
	}
}

func (c Change) document() diffChange {
	r := c.Result()
	return diffChange{
		Kind: c.Kind, Regression: c.Regression(),
		ID: r.ID, Vantage: r.Vantage, Group: r.Group, Name: r.Name, URL: r.URL, Source: r.Source,
		Message: c.Message(), Old: newDiffState(c.Old), New: newDiffState(c.New),
	}
}

func newDiffState(r *audit.Result) *diffState {
	if r == nil {
		return nil
	}
	s := &diffState{URL: r.URL, CheckedAt: r.CheckedAt.UTC(), Verdict: r.Verdict, Error: r.Error}
	if p, ok := r.Effective(); ok {
		s.Policy = &p
	}
	return s
}
