package report

import (
	"cmp"
	"slices"
	"strings"

	"hsts-check/audit"
)

// An htmlRule explains a rule that fired, and how to fix what it found.
type htmlRule struct {
	ID, Title, Severity, Source string
	Sites                       int
	Help                        []helpBlock
	How                         *htmlHow // what ends its help, which other rules share
}

// A helpBlock is a paragraph, or lines of a configuration to copy.
type helpBlock struct {
	Text string
	Code bool
}

// An htmlHow is what several rules say at their end. The page says it once.
type htmlHow struct{ ID, Title, help string }

var hows = []htmlHow{
	{"how-send", "How to send the header", audit.HelpSend},
	{"how-redirect", "How to redirect http to https", audit.HelpRedirect},
}

// Help is what to do.
func (h htmlHow) Help() []helpBlock { return helpBlocks(h.help) }

// howsOf are those that some of the rules need.
func howsOf(rules []htmlRule) []htmlHow {
	return slices.DeleteFunc(slices.Clone(hows), func(h htmlHow) bool {
		return !slices.ContainsFunc(rules, func(r htmlRule) bool { return r.How != nil && r.How.ID == h.ID })
	})
}

// htmlRules returns the rules that fired and were not waived, the worst first, then
// what most sites have.
func htmlRules(t *Tally) []htmlRule {
	var rules []htmlRule
	for _, r := range audit.Rules {
		if n := t.rules[r.ID]; n > 0 {
			rule := htmlRule{ID: r.ID, Title: r.Title, Severity: string(r.Severity), Source: r.Source, Sites: n}
			help := r.Help
			for i := range hows {
				if own, shared := strings.CutSuffix(help, hows[i].help); shared {
					help, rule.How = own, &hows[i]
				}
			}
			rule.Help = helpBlocks(strings.TrimSpace(help))
			rules = append(rules, rule)
		}
	}
	slices.SortStableFunc(rules, func(a, b htmlRule) int {
		rank := func(r htmlRule) int { return slices.Index(audit.Severities, audit.Severity(r.Severity)) }
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Sites, a.Sites))
	})
	return rules
}

// helpBlocks parts a rule's help at its empty lines. Prose loses its line ends;
// what holds two blanks in a row is laid out, and keeps them.
func helpBlocks(help string) []helpBlock {
	var blocks []helpBlock
	for b := range strings.SplitSeq(help, "\n\n") {
		if strings.Contains(b, "  ") {
			blocks = append(blocks, helpBlock{strings.TrimPrefix(b, "    "), true})
			continue
		}
		blocks = append(blocks, helpBlock{strings.Join(strings.Fields(b), " "), false})
	}
	return blocks
}
