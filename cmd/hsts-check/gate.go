package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"hsts-check/audit"
	"hsts-check/report"
)

// Gating holds the flags that decide the exit status.
type gating struct {
	require  []string
	failOn   []string
	baseline string
}

// gatingHelp tells of the flags that register adds.
const gatingHelp = `
Gate:
      --require BAR       exit 1 unless every site meets BAR: a standard or a
                          policy, 'max-age=31536000; ...'; repeatable
      --fail-on LIST      exit 1 on rule IDs, severities (and worse), regression
      --baseline FILE     tell what changed since saved NDJSON results
`

func (o *gating) register(f *pflag.FlagSet) {
	f.StringArrayVar(&o.require, "require", nil, "")
	f.StringArrayVar(&o.failOn, "fail-on", nil, "")
	f.StringVar(&o.baseline, "baseline", "", "")
}

// A gate decides by the results, and by nothing else, whether they are good
// enough.
type gate struct {
	audit.Gate
	// before are the results of --baseline, judged by today's rules.
	before   []audit.Result
	baseline string // the file they are from; empty without one

	short, unknown []string // a line for each site that does not pass
	sites          int
}

// gate makes what the flags describe, before the first visit.
func (o *gating) gate(p *program) (*gate, error) {
	g := &gate{baseline: o.baseline}
	for _, text := range o.require {
		bar, err := audit.ParseBar(text)
		if err != nil {
			return nil, withHint(fmt.Errorf("--require: %w", err), "%s", didYouMean(text, standardNames(), "a policy is written as the header itself; hsts-check rules lists the standards"))
		}
		g.Bars = append(g.Bars, bar)
	}
	for _, list := range o.failOn {
		for name := range strings.SplitSeq(list, ",") {
			if err := g.FailOn(name); err != nil {
				return nil, withHint(fmt.Errorf("--fail-on: %w", err), "%s", didYouMean(name, ruleNames(), "hsts-check rules lists the rules"))
			}
		}
	}
	if g.Regressions && g.baseline == "" {
		return nil, withHint(errors.New("--fail-on regression needs results to compare with"), "name them: --baseline FILE")
	}
	if g.baseline != "" {
		before, err := p.load(o.baseline)
		if err != nil {
			return nil, err
		}
		g.before = before
	}
	return g, nil
}

// add judges one result.
func (g *gate) add(r audit.Result) {
	g.sites++
	s := g.Judge(r)
	for _, missing := range s.Missing {
		g.short = append(g.short, line(r, missing))
	}
	if s.Unknown {
		reason := unknownReason(r)
		if r.Vantage != "" {
			reason += ", seen from " + r.Vantage
		}
		g.unknown = append(g.unknown, line(r, reason))
	}
}

// compare takes in what changed.
func (g *gate) compare(d report.Diff) {
	for _, c := range d.Changes {
		if g.fails(c) {
			g.short = append(g.short, line(c.Result(), c.What))
		}
	}
}

// fails tells whether a change is one that must not be.
func (g *gate) fails(c report.Change) bool {
	return g.Regressions && c.Regression() && c.Result().Waiver("regression") == nil
}

// unknownReason says why a site could not be held to the gate.
func unknownReason(r audit.Result) string {
	if r.Error != nil {
		return "could not be judged: " + r.Error.Message
	}
	for _, required := range r.Require {
		if err := checkBar(required.Bar); err != nil {
			return "could not be held to every bar of its list: " + err.Error()
		}
	}
	return "could not be held to every bar: look at more of it with --probe all"
}

// line names a site, what is to be said of it, and where it stands.
func line(r audit.Result, said string) string {
	if r.Source == nil {
		return fmt.Sprintf("%s: %s", r.Name, said)
	}
	return fmt.Sprintf("%s: %s (%s:%d)", r.Name, said, r.Source.File, r.Source.Line)
}

// finish tells which sites fall short and returns the exit status.
func (g *gate) finish(p *program) int {
	told := make(map[string]bool) // several vantage points may say the same
	for _, said := range append(g.short, g.unknown...) {
		if told[said] {
			continue
		}
		told[said] = true
		fmt.Fprintf(p.stderr, "hsts-check: %s\n", report.Visible(said))
	}
	switch {
	case len(g.short) > 0:
		return exitFellShort
	case len(g.unknown) > 0:
		return exitUnknown
	}
	return exitOK
}
