package report

import (
	"hsts-check/audit"
	"hsts-check/hsts"
)

// A row is a result's cells, escaped for a terminal.
type row struct {
	result  audit.Result
	verdict audit.Verdict
	short   bool // it falls short of the gate

	site, url, shown, maxAge, subdomains, preload, policy string

	note, rule string // the short reason, and the ID of its rule
	plain      bool   // the other columns say as much

	verdicts []audit.Verdict // from each vantage point, where there are several
	seen     []string        // what is shown for them

	cells []string // of the columns, once there is a layout
}

// shortMark stands behind the verdict of a site that falls short of the gate.
const shortMark = "✗"

func newRow(r audit.Result, places viewpoints, opt Options) row {
	missing := opt.misses(r)
	said := noteOf(r, missing)
	c := row{
		result: r, verdict: r.Verdict, short: len(missing) > 0,
		site: visible(r.Name, nameLimit), url: visible(r.URL, urlLimit), shown: visible(verdictWord(r.Verdict), nameLimit),
		preload: preloadCell(r), note: said.text, rule: said.rule, plain: said.plain,
		verdicts: places.seen[r.ID], seen: places.words(r),
	}
	if c.short {
		c.shown += " " + shortMark
	}
	if p := r.Policy; p != nil {
		c.maxAge, c.subdomains, c.policy = hsts.Age(p.MaxAge), yesNo(p.IncludeSubDomains), p.String()
	}
	if r.Preloaded != nil {
		if c.policy != "" {
			c.policy += ", "
		}
		c.policy += "on the preload list"
	}
	return c
}

// noteIn is the note with its rule's ID where both take no more than so many
// columns.
func (r row) noteIn(width int) string {
	if whole := r.note + " [" + r.rule + "]"; r.rule != "" && columns(whole) <= width {
		return whole
	}
	return r.note
}

// preloadCell says how a site stands to the preload list: it is on it, or its
// header alone says so. It is empty where there is neither entry nor policy.
func preloadCell(r audit.Result) string {
	switch {
	case r.Preloaded != nil:
		return "on list"
	case r.Policy == nil:
		return ""
	case r.Policy.Preload:
		return "says preload"
	}
	return "no"
}

// asEntry names the preload list's entry where it is another than the host.
func asEntry(r audit.Result) string {
	if r.Preloaded.Entry == r.Host {
		return ""
	}
	return " as " + r.Preloaded.Entry
}
