package main

import (
	"errors"
	"fmt"
	"slices"
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

// gatingHelp describes the flags that register adds.
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

	asked          bool                 // of some site
	vantages       []string             // from where sites were seen
	short, unknown map[string]*unworthy // the sites that do not pass, by ID
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
	s := g.Judge(r)
	if !slices.Contains(g.vantages, r.Vantage) {
		g.vantages = append(g.vantages, r.Vantage)
	}
	g.asked = g.asked || g.Asks(r)
	switch {
	case len(s.Missing) > 0:
		g.short = g.noted(g.short, r, causes(s.Missing))
	case s.Unknown:
		g.unknown = g.noted(g.unknown, r, unknownReason(r))
	}
}

// compare takes in what changed.
func (g *gate) compare(d report.Diff) {
	for _, c := range d.Changes {
		r, what := c.Result(), c.What
		if g.fails(c) {
			what += " [regression]"
			g.short = g.noted(g.short, r, "")
		}
		if site := g.short[r.ID]; site != nil {
			site.say(what)
		}
	}
}

// fails reports whether a change is one that must not be.
func (g *gate) fails(c report.Change) bool {
	return g.Regressions && c.Regression() && c.Result().Waiver("regression") == nil
}

// tells reports whether the last lines say how a site changed.
func (g *gate) tells(c report.Change) bool { return g.short[c.Result().ID] != nil }
