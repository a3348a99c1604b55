package report

import (
	"cmp"
	"path"
	"strings"

	"hsts-check/audit"
)

// What machines must be told of a site and no finding says. In formats made of
// findings these are findings of further rules; of them --fail-on knows
// regression alone.
var (
	siteUnknown = audit.Rule{
		ID: "site-unknown", Severity: audit.SeverityWarning, Title: "not judged", Source: "hsts-check",
		Help: `The site, or its standing by a bar, could not be judged. That is neither a pass nor a failure:
what an earlier run found may still be wrong. The message says what stood in the way.`,
	}
	barMissed = audit.Rule{
		ID: "bar-missed", Severity: audit.SeverityError, Title: "bar not met", Source: "hsts-check --require",
		Help: `The site does not meet a bar that the run, or the list, asks for. The message says what is missing.`,
	}
	regression = audit.Rule{
		ID: "regression", Severity: audit.SeverityWarning, Title: "weaker than before", Source: "hsts-check --baseline",
		Help: `The site protects its users less than it did in the results that this run was compared with. The
message says what it lost.`,
	}
	ownRules = []audit.Rule{siteUnknown, barMissed, regression}
)

// remarks returns what there is to say of a site: that it is unknown, the bars
// it misses, how it became weaker, then its findings.
func remarks(r audit.Result, opt Options) []audit.Finding {
	var all []audit.Finding
	say := func(rule audit.Rule, message string) {
		all = append(all, audit.Finding{Rule: rule.ID, Severity: rule.Severity, Message: message})
	}
	if r.Verdict == audit.Unknown {
		say(siteUnknown, whyUnknown(r))
	}
	for _, bar := range opt.Gate.BarsFor(r) {
		waiver := r.Waiver(bar.String())
		switch missing, known := bar.Missing(r); {
		case known && missing != "":
			say(barMissed, missing)
			all[len(all)-1].Waived = waiver
		case !known && waiver == nil && r.Verdict != audit.Unknown:
			say(siteUnknown, "whether it meets "+bar.String()+" cannot be told from what was looked at")
		}
	}
	if opt.Since != nil {
		if lost := opt.Since.lost[view{r.ID, r.Vantage}]; lost != "" {
			say(regression, lost)
			all[len(all)-1].Waived = r.Waiver(regression.ID)
		}
	}
	return append(all, r.Findings...)
}

// misses returns what a site misses of the gate, and that it became weaker where
// the gate lets no site do so.
func (o Options) misses(r audit.Result) []audit.Miss {
	missing := o.Gate.Judge(r).Missing
	if o.Since == nil || !o.Gate.Regressions || r.Waiver(regression.ID) != nil {
		return missing
	}
	if lost := o.Since.lost[view{r.ID, r.Vantage}]; lost != "" {
		missing = append(missing, audit.Miss{Code: regression.ID, Short: lost, Message: regression.ID + ": " + lost})
	}
	return missing
}

func whyUnknown(r audit.Result) string {
	if r.Error == nil {
		return "could not be judged"
	}
	return "could not be judged (" + string(r.Error.Kind) + "): " + r.Error.Message
}

// ruleOf returns the rule of a remark. One of a later version is known by its
// ID alone.
func ruleOf(id string) audit.Rule {
	for _, own := range ownRules {
		if own.ID == id {
			return own
		}
	}
	rule, ok := audit.RuleByID(id)
	if !ok {
		return audit.Rule{ID: id, Title: id}
	}
	return rule
}

// siteName is how a remark names its site, escaped as [visible] does.
func siteName(r audit.Result) string {
	return cmp.Or(strings.TrimSpace(visible(r.Name, nameLimit)), visible(r.URL, urlLimit))
}

// listLine returns where a site stands in a list file: the path with forward
// slashes, as the hosts of code write it on every system, and the line. Sites
// named as arguments or read from stdin stand nowhere: the path is empty.
func listLine(r audit.Result) (file string, line int) {
	const longest = 32767 // that any system takes
	p := r.Source
	if p == nil || p.File == "" || p.File == "-" || p.Line < 1 || len(p.File) > longest {
		return "", 0
	}
	return path.Clean(strings.ReplaceAll(p.File, `\`, "/")), p.Line
}
