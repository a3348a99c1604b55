package audit

import (
	"fmt"
	"slices"
	"strings"
)

// A Gate decides whether results are good enough. The zero value asks for
// nothing.
type Gate struct {
	Bars []Bar
	// Rules are the rules that no site may break, by ID, and Severity, if not
	// empty, how bad a finding must not be, or worse.
	Rules    []string
	Severity Severity
	// Regressions: no site may be weaker than it was. That takes two surveys
	// to tell, so [Gate.Judge] does not.
	Regressions bool
}

// asks reports whether the gate asks for something besides bars.
func (g Gate) asks() bool { return len(g.Rules) > 0 || g.Severity != "" || g.Regressions }

// Asks reports whether the gate asks anything of a site.
func (g Gate) Asks(r Result) bool { return g.asks() || len(g.BarsFor(r)) > 0 }

// BarsFor returns the bars that a site is asked to meet: those of its list, or
// else the gate's. One that is none, as in a record of a later version, is not
// known to be met or missed.
func (g Gate) BarsFor(r Result) []Bar {
	if len(r.Require) == 0 {
		return g.Bars
	}
	bars := make([]Bar, len(r.Require))
	for i, required := range r.Require {
		bar, err := ParseBar(required.Bar)
		if err != nil {
			bar.name = required.Bar
		}
		bars[i] = bar
	}
	return bars
}

// FailOn adds to the gate what no site may have: a severity, which means it
// and worse, a rule's ID, or "regression".
func (g *Gate) FailOn(name string) error {
	name = strings.TrimSpace(name)
	severity := Severity(name)
	_, isRule := RuleByID(name)
	switch {
	case name == "regression":
		g.Regressions = true
	case slices.Contains(Severities, severity):
		if g.Severity == "" || g.Severity.AtLeast(severity) {
			g.Severity = severity
		}
	case isRule:
		g.Rules = append(g.Rules, name)
	default:
		return fmt.Errorf("%q is neither a severity, a rule, nor regression", name)
	}
	return nil
}

// Fails reports whether the gate lets no site through that has this finding.
func (g Gate) Fails(f Finding) bool {
	return f.Waived == nil && (slices.Contains(g.Rules, f.Rule) || g.Severity != "" && f.Severity.AtLeast(g.Severity))
}

// A Shortfall is why one site does not pass a gate.
type Shortfall struct {
	// Missing are the bars not met and the rules broken; none where the site
	// passes.
	Missing []Miss
	// Unknown: nothing is missing, but the site, or its standing by a bar,
	// could not be judged.
	Unknown bool
}

// A Miss is one bar that a site does not meet, or one rule that it breaks.
type Miss struct {
	// Code is the rule's ID, the standard's name or "regression"; empty for a
	// policy.
	Code string
	// Short is the cause in a few words, and Message says it in full, with the
	// rule's ID.
	Short, Message string
}

// Judge reports whether one site passes.
func (g Gate) Judge(r Result) Shortfall {
	var s Shortfall
	s.Unknown = r.Verdict == Unknown && g.asks()
	for _, bar := range g.BarsFor(r) {
		if r.Waiver(bar.String()) != nil {
			continue
		}
		missing, known := bar.Missing(r)
		s.Unknown = s.Unknown || !known
		if known && missing != "" {
			s.Missing = append(s.Missing, Miss{Code: bar.code(), Short: bar.cause(r, missing), Message: missing})
		}
	}
	for _, f := range r.Findings {
		if g.Fails(f) {
			s.Missing = append(s.Missing, Miss{Code: f.Rule, Short: f.Short, Message: f.Rule + ": " + f.Message})
		}
	}
	s.Unknown = s.Unknown && len(s.Missing) == 0
	return s
}
