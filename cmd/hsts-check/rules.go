package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"hsts-check/audit"
)

const rulesUsage = `hsts-check rules [flags] [ID | TITLE]

All rules and standards, or one of them explained with its fix.

  hsts-check rules                         what there is
  hsts-check rules header-absent           why, and how to fix it
  hsts-check rules preload without effect  the same, by the title

Exit status: 0 explained, 2 there is no such rule or standard.
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
	name := strings.Join(f.Args(), " ") // a title may come without quotes
	rules, standards := records(name)
	switch {
	case len(rules)+len(standards) == 0:
		return 0, noRule(name, f.Args())
	case *format == "json":
		return exitOK, writeJSON(p.stdout, "", map[string]any{"rules": rules, "standards": standards}, "\n")
	case *format != "table":
		return 0, unknownFormat(*format, rulesFormats)
	case name != "":
		return exitOK, p.explain(rules, standards)
	}
	return exitOK, p.listRules(rules, standards)
}

// records returns all rules and standards, or those of one ID, title or name.
func records(name string) ([]ruleRecord, []standardRecord) {
	name = spoken(name)
	rules, standards := []ruleRecord{}, []standardRecord{}
	for _, r := range audit.Rules {
		if name == "" || name == spoken(r.ID) || name == spoken(r.Title) {
			rules = append(rules, ruleRecord{r.ID, r.Severity, r.Title, r.Source, r.Help})
		}
	}
	for _, s := range audit.Standards {
		if name == "" || name == spoken(s.Name) {
			standards = append(standards, standardRecord{s.Name, s.Bar, s.Source, s.Read})
		}
	}
	return rules, standards
}

// spoken is a name as it is compared: in any case, words in place of an ID.
func spoken(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '-' }), " ")
}

// noRule is the error of a name that no rule or standard has.
func noRule(name string, args []string) error {
	if i := slices.IndexFunc(args, func(arg string) bool { return slices.Contains(ruleIDs(), arg) }); i >= 0 {
		return withHint(fmt.Errorf("rules explains one rule at a time, not %d", len(args)), "as in hsts-check rules %s", args[i])
	}
	return withHint(fmt.Errorf("there is no rule or standard %q", name), "%s", ruleHint(spoken(name)))
}

// ruleHint names the rules and standards of which a name is a part, if they are
// few, or else the one that it is most like.
func ruleHint(name string) string {
	const few = 5
	var names, within []string
	ids := make(map[string]string) // by what the name is compared with
	rules, standards := records("")
	for _, r := range rules {
		ids[spoken(r.ID)], ids[spoken(r.Title)] = r.ID, r.ID
		names = append(names, spoken(r.ID), spoken(r.Title))
	}
	for _, s := range standards {
		ids[spoken(s.Name)] = s.Name
		names = append(names, spoken(s.Name))
	}
	for _, n := range names {
		if strings.Contains(n, name) && !slices.Contains(within, ids[n]) {
			within = append(within, ids[n])
		}
	}
	switch like := nearest(name, names); {
	case len(within) > 0 && len(within) <= few:
		return "did you mean " + either(within) + "?"
	case like != "":
		return "did you mean " + ids[like] + "?"
	}
	return "hsts-check rules lists them"
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
