package main

import (
	"fmt"

	"github.com/lithammer/fuzzysearch/fuzzy"

	"hsts-check/audit"
)

// nearest returns the candidate that a misspelt word is most like, "" if it is
// like none: up to two letters may be wrong, in a long word a third of them.
func nearest(word string, candidates []string) string {
	best, distance := "", max(min(len(word)/2, 2), len(word)/3)+1
	for _, c := range candidates {
		if d := fuzzy.LevenshteinDistance(word, c); d < distance {
			best, distance = c, d
		}
	}
	return best
}

// didYouMean is a hint at the nearest candidate, or else at where all of them
// are.
func didYouMean(word string, candidates []string, otherwise string) string {
	if c := nearest(word, candidates); c != "" {
		return fmt.Sprintf("did you mean %s?", c)
	}
	return otherwise
}

// ruleNames are all names that --fail-on knows.
func ruleNames() []string {
	names := []string{"regression"}
	for _, s := range audit.Severities {
		names = append(names, string(s))
	}
	return append(names, ruleIDs()...)
}

func ruleIDs() []string {
	var ids []string
	for _, r := range audit.Rules {
		ids = append(ids, r.ID)
	}
	return ids
}

// standardNames are the names of all standards.
func standardNames() []string {
	var names []string
	for _, s := range audit.Standards {
		names = append(names, s.Name)
	}
	return names
}
