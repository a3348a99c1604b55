package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"hsts-check/audit"
)

const rulesUsage = `hsts-check rules [flags] [ID]

All rules and standards, or one of them explained with its fix.

  hsts-check rules                 what there is
  hsts-check rules header-absent   why, and how to mend it
`

const rulesHelp = `
Report:
  -f, --format NAME       table or json (default table)
`

// A ruleRecord is a rule as -f json writes it.
type ruleRecord struct {
	ID       string         `json:"id"`
	Severity audit.Severity `json:"severity"`
	Title    string         `json:"title"`
	Source   string         `json:"source"`
	Help     string         `json:"help"`
}

// A standardRecord is a standard as -f json writes it.
type standardRecord struct {
	Name   string `json:"name"`
	Bar    string `json:"bar"`
	Source string `json:"source"`
	Read   string `json:"read"`
}

// rules lists the rules and standards, or explains one.
func (p *program) rules(_ context.Context, args []string) (int, error) {
	f := p.flags("hsts-check rules", rulesUsage, rulesHelp)
	format := f.StringP("format", "f", "table", "")
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	rules, standards := records(f.Arg(0))
	switch {
	case f.NArg() > 1:
		return 0, withHint(fmt.Errorf("rules explains one rule at a time, not %d", f.NArg()), "hsts-check rules lists them all")
	case len(rules)+len(standards) == 0:
		return 0, withHint(fmt.Errorf("there is no rule or standard %q", f.Arg(0)), "hsts-check rules lists them")
	case *format == "json":
		return exitOK, writeJSON(p.stdout, "", map[string]any{"rules": rules, "standards": standards}, "\n")
	case *format != "table":
		return 0, unknownFormat(*format, rulesFormats)
	case f.NArg() == 1:
		return exitOK, p.explain(rules, standards)
	}
	return exitOK, p.listRules(rules, standards)
}

// records returns all rules and standards, or those of one name.
func records(name string) ([]ruleRecord, []standardRecord) {
	rules, standards := []ruleRecord{}, []standardRecord{}
	for _, r := range audit.Rules {
		if name == "" || strings.EqualFold(name, r.ID) {
			rules = append(rules, ruleRecord{r.ID, r.Severity, r.Title, r.Source, r.Help})
		}
	}
	for _, s := range audit.Standards {
		if name == "" || strings.EqualFold(name, s.Name) {
			standards = append(standards, standardRecord{s.Name, s.Bar, s.Source, s.Read})
		}
	}
	return rules, standards
}

func (p *program) listRules(rules []ruleRecord, standards []standardRecord) error {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RULE\tSEVERITY\tTITLE")
	for _, r := range rules {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.ID, r.Severity, r.Title)
	}
	fmt.Fprintln(w, "\t\t\nSTANDARD\tREAD\tBAR")
	for _, s := range standards {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Read, s.Bar)
	}
	return w.Flush()
}

// explain writes all there is to say of one rule or standard.
func (p *program) explain(rules []ruleRecord, standards []standardRecord) error {
	for _, r := range rules {
		_, err := fmt.Fprintf(p.stdout, "%s (%s): %s\n%s\n\n%s\n", r.ID, r.Severity, r.Title, r.Source, r.Help)
		return err
	}
	s := standards[0]
	_, err := fmt.Fprintf(p.stdout, "%s (standard): %s\n%s, read on %s\n", s.Name, s.Bar, s.Source, s.Read)
	return err
}
