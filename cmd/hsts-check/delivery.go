package main

import (
	"errors"
	"time"

	"hsts-check/audit"
	"hsts-check/report"
)

// A delivery takes results to the outputs and through the gate.
type delivery struct {
	*program
	out   *outputs
	gate  *gate
	sites int
	// results are kept where something needs them all; of those beyond
	// mostShown, their number.
	results []audit.Result
	omitted int
	since   *report.Diff // what changed, without a baseline; nil where nothing was seen before
	verbose bool         // each visit is told
	// preloaded: a site is on the preload list, so its age matters.
	preloaded bool
	ended     []string // what was told of waivers
}

// mostShown is how many sites a document shows, so that a survey of millions
// does not end for want of memory. Nobody reads more.
const mostShown = 100_000

// delivery opens the gate and all outputs, or says what stands in the way.
func (p *program) delivery(what writing, by gating) (*delivery, error) {
	g, err := by.gate(p)
	if err != nil {
		return nil, err
	}
	out, err := what.open(p, g.Gate)
	if err != nil {
		return nil, err
	}
	return &delivery{program: p, out: out, gate: g, verbose: what.verbose}, nil
}

// add takes in one result. It returns false when no output is left to write
// to.
func (d *delivery) add(r audit.Result) bool { return d.take(r, false) }

// keep takes in a result of an earlier run that is resumed.
func (d *delivery) keep(r audit.Result) bool { return d.take(r, true) }

func (d *delivery) take(r audit.Result, kept bool) bool {
	d.sites++
	d.preloaded = d.preloaded || r.Preloaded != nil
	d.gate.add(r)
	d.remarkEnded(r)
	switch {
	case d.gate.baseline == "" && !d.out.documents():
	case d.gate.baseline == "" && len(d.results) == mostShown:
		d.omitted++
	default:
		d.results = append(d.results, r)
	}
	return d.out.add(r, kept)
}

// finish writes the documents and what changed, since the baseline where there
// is one, and returns
// what the gate says.
func (d *delivery) finish() (int, error) {
	meta := report.MetaOf(d.results)
	meta.Program, meta.Version, meta.Omitted = "hsts-check", version(), d.omitted
	if d.preloads != nil {
		meta.PreloadList = d.preloads.Date()
		d.remarkAge(time.Now())
	}
	if d.omitted > 0 {
		d.say("a document shows %d sites, and not the %d others", mostShown, d.omitted)
		d.hint("write all of them with -f ndjson, or -o FILE.csv")
	}
	if d.gate.baseline == "" {
		err := d.out.finish(d.results, d.since, meta)
		return d.gate.finish(d.program), err
	}
	changes := report.Compare(d.gate.before, d.results)
	err := errors.Join(d.out.finish(d.results, &changes, meta), unrelated(changes, d.gate.baseline, "this survey"))
	d.gate.compare(changes)
	for _, c := range changes.Changes {
		if !d.gate.fails(c) && !d.out.tellsChanges() { // else the gate tells it
			d.say("%s", line(c.Result(), c.What))
		}
	}
	return d.gate.finish(d.program), err
}
