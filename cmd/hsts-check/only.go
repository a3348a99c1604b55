package main

import (
	"fmt"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/report"
)

// verdicts reads verdicts, by their names or by the table's words for them,
// separated by commas; none means all.
func verdicts(list string) ([]audit.Verdict, error) {
	if list == "" {
		return nil, nil
	}
	var only []audit.Verdict
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		v, ok := report.VerdictNamed(name)
		switch {
		case !ok:
			words, names := verdictWords(), verdictNames()
			there := fmt.Sprintf("there are %s, or in records %s", strings.Join(words, ", "), strings.Join(names, ", "))
			return nil, withHint(fmt.Errorf("--only %q is not a verdict", name),
				"%s", didYouMean(strings.ToLower(name), slices.Concat(words, names), there))
		case !slices.Contains(only, v):
			only = append(only, v)
		}
	}
	return only, nil
}

// verdictNames are what records have.
func verdictNames() []string {
	names := make([]string, len(audit.Verdicts))
	for i, v := range audit.Verdicts {
		names[i] = string(v)
	}
	return names
}

// verdictWords are what tables have, as they are typed.
func verdictWords() []string {
	words := make([]string, len(audit.Verdicts))
	for i, v := range audit.Verdicts {
		words[i] = report.VerdictTyped(v)
	}
	return words
}
