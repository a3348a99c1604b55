package report

import (
	"slices"

	"hsts-check/audit"
)

// An htmlChanges is the section that tells what changed since an earlier
// survey.
type htmlChanges struct {
	Summary, Dates string
	Standing       []string
	Groups         []htmlChangeGroup
	Left           int // changes that are not shown
}

type htmlChangeGroup struct {
	Heading string
	Rows    []htmlChange
}

// An htmlChange is the news of one site.
type htmlChange struct {
	Name, Link, News string
	Was, Is          htmlVerdict
	Regression       bool
}

// An htmlVerdict is a word and its colour; empty where a survey has not got
// the site.
type htmlVerdict struct{ Class, Word string }

// newHTMLChanges returns nil where there is nothing to compare with. Of more
// changes than can be shown, the regressions stay.
func newHTMLChanges(since *Diff, d detail) *htmlChanges {
	if since == nil {
		return nil
	}
	c := &htmlChanges{Summary: since.Summary(), Dates: since.footer(Meta{}), Standing: since.standing()}
	shown := *since
	if len(shown.Changes) > d.changes {
		shown.Changes = slices.DeleteFunc(slices.Clone(shown.Changes), func(c Change) bool { return !c.Regression() })
		shown.Changes = shown.Changes[:min(len(shown.Changes), d.changes)]
	}
	c.Left = len(since.Changes) - len(shown.Changes)
	for _, g := range shown.groups() {
		group := htmlChangeGroup{Heading: g.heading}
		for _, change := range g.changes {
			group.Rows = append(group.Rows, newHTMLChange(change, d))
		}
		c.Groups = append(c.Groups, group)
	}
	return c
}

func newHTMLChange(c Change, d detail) htmlChange {
	words := verdictWords(c)
	verdict := func(r *audit.Result, word string) htmlVerdict {
		if r == nil {
			return htmlVerdict{}
		}
		return htmlVerdict{verdictClass(r.Verdict), word}
	}
	r := c.Result()
	return htmlChange{
		Name: visible(siteName(r), d.name), Link: webAddress(r.URL, d.url), News: visible(c.What, min(d.text, rowLimit)),
		Was: verdict(c.Old, words[0]), Is: verdict(c.New, words[1]), Regression: c.Regression(),
	}
}
