package report

import (
	"iter"
	"strings"

	"hsts-check/audit"
)

// An indexGroup is the names of a group's sites, so that each can be found on a
// page that has rows for some alone.
type indexGroup struct {
	Heading string
	Lists   []indexList
}

// An indexList is the sites of one verdict.
type indexList struct {
	Class, Word string
	Count       int
	// Sites makes each entry when the page has come to it.
	Sites iter.Seq[indexEntry]
}

// An indexEntry is a site's name, and its URL where that says more.
type indexEntry struct{ Name, URL string }

// newIndex returns the index of results, groups in the order of the tally.
func newIndex(results []audit.Result, t *Tally, d detail) []indexGroup {
	members := make(map[string]map[string][]*audit.Result, len(t.Groups))
	for i := range results {
		r := &results[i]
		if members[r.Group] == nil {
			members[r.Group] = make(map[string][]*audit.Result)
		}
		class := verdictClass(r.Verdict)
		members[r.Group][class] = append(members[r.Group][class], r)
	}
	var groups []indexGroup
	for _, s := range t.Groups {
		if len(members[s.Group]) == 0 {
			continue
		}
		g := indexGroup{Heading: visible(groupName(s.Group), d.name)}
		for _, v := range append(audit.Verdicts, "other") {
			if sites := members[s.Group][verdictClass(v)]; len(sites) > 0 {
				g.Lists = append(g.Lists, indexList{verdictClass(v), verdictInWords(v), len(sites), entries(sites, d)})
			}
		}
		groups = append(groups, g)
	}
	return groups
}

func entries(sites []*audit.Result, d detail) iter.Seq[indexEntry] {
	const shown = 60 // characters of a URL
	return func(yield func(indexEntry) bool) {
		for _, r := range sites {
			e := indexEntry{Name: visible(siteName(*r), d.name)}
			url := strings.TrimSuffix(strings.TrimPrefix(r.URL, "https://"), "/")
			if url != r.Name && r.Name != "" {
				e.URL = shorten(visible(url, d.url), min(shown, d.url))
			}
			if !yield(e) {
				return
			}
		}
	}
}
