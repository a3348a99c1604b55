package main

import (
	"errors"
	"slices"
	"time"

	"hsts-check/audit"
	"hsts-check/internal/text"
	"hsts-check/report"
)

// A delivery takes results to the outputs and through the gate.
type delivery struct {
	*program
	out   *outputs
	gate  *gate
	sites int
	// tally and meta are of all sites, and choice of those that documents show.
	tally  *report.Tally
	meta   report.Meta
	choice report.Choice
	// results are what the documents show, or all there are: where they are
	// compared with others, and where they were in memory before.
	results []audit.Result
	all     bool
	since   *report.Diff // what changed, without a baseline; nil where nothing was seen before
	verbose bool         // each visit is told
	resumed *resumed     // the file of --resume; nil without
	// preloaded: a site is on the preload list, so its age matters.
	preloaded bool
	ended     []string // what was told of waivers
}

// delivery makes the gate and all outputs ready, or says what stands in the
// way. What is there stays as it is until the outputs are opened.
func (p *program) delivery(what writing, by gating) (*delivery, error) {
	g, err := by.gate(p)
	if err != nil {
		return nil, err
	}
	out, err := what.outputs(p, g.Gate)
	if err != nil {
		return nil, err
	}
	return &delivery{
		program: p, out: out, gate: g, verbose: what.verbose,
		all: g.baseline != "", tally: new(report.Tally), choice: report.Choice{Only: out.only()},
	}, nil
}

// add takes in one result. It returns false when no output is left to write
// to.
func (d *delivery) add(r audit.Result) bool { return d.take(r, false) }

// take takes in a result, or one that is kept of a run that is resumed.
func (d *delivery) take(r audit.Result, kept bool) bool {
	d.sites++
	d.preloaded = d.preloaded || r.Preloaded != nil
	d.gate.add(r)
	d.remarkEnded(r)
	d.tally.Add(r)
	d.meta.Add(r)
	if d.all || d.out.documents() && d.choice.Takes(r.Verdict) {
		d.results = append(d.results, r)
	}
	return d.out.add(r, kept)
}

// finish writes the documents and what changed, since the baseline where there
// is one, and returns what the gate says.
func (d *delivery) finish() (int, error) {
	meta := d.meta
	meta.Program, meta.Version = "hsts-check", version()
	if d.preloads != nil {
		meta.PreloadList = d.preloads.Date()
		d.remarkAge(time.Now())
	}
	shown := d.results
	if d.all {
		d.tally, shown = report.Count(d.results), d.choice.Choose(d.results)
	}
	if d.gate.baseline == "" {
		err := d.write(shown, meta)
		return d.gate.status(), err
	}
	changes := report.Compare(d.gate.before, d.results)
	d.since = &changes
	err := errors.Join(d.write(shown, meta), unrelated(changes, d.gate.baseline, "this survey"))
	d.gate.compare(changes)
	for _, c := range changes.Changes {
		if !d.gate.tells(c) && !d.out.tellsChanges() {
			d.say("%s", line(c.Result(), c.What))
		}
	}
	return d.gate.status(), err
}

// close is the end of a run with an exit status, or an error that it tells: the
// gate speaks last.
func (d *delivery) close(status int, err error) int {
	if err != nil {
		status = exitFailed
	}
	if err != nil && !isPipe(err) {
		d.complain(err)
	}
	d.sum()
	d.gate.finish(d.program, d.tally.Total.Sites(), status)
	return status
}

// sum tells the numbers of a run that is longer than the screen, unless they are
// the report.
func (d *delivery) sum() {
	width, height := d.screen()
	if slices.Contains(d.out.errs, errPipe) {
		return // who reads it has seen enough
	}
	if d.tally.Total.Sites() <= height || d.out.sinks[0].format.Name == "summary" {
		return
	}
	const prefix = len("hsts-check: ")
	for _, l := range d.tally.Closing(max(width-prefix, 0)) {
		d.say("%s", l)
	}
}

// write writes the documents, and says where they do not show all.
func (d *delivery) write(shown []audit.Result, meta report.Meta) error {
	if n := d.choice.Left; n > 0 && d.out.documents() {
		d.say("documents count all sites, and leave %s out of what they show", text.Number(n))
		d.hint("write all of them with -f ndjson, or -o FILE.csv")
	}
	return d.out.finish(shown, d.since, d.tally, meta)
}
