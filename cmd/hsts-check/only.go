package main

import (
	"fmt"
	"slices"
	"strings"

	"hsts-check/audit"
)

// verdicts reads names of verdicts, separated by commas; none means all.
func verdicts(list string) ([]audit.Verdict, error) {
	if list == "" {
		return nil, nil
	}
	var only []audit.Verdict
	for name := range strings.SplitSeq(list, ",") {
		v := audit.Verdict(strings.ToLower(strings.TrimSpace(name)))
		switch {
		case !slices.Contains(audit.Verdicts, v):
			return nil, withHint(fmt.Errorf("--only %q is no verdict", name),
				"%s", didYouMean(string(v), verdictNames(), "there are "+strings.Join(verdictNames(), ", ")))
		case !slices.Contains(only, v):
			only = append(only, v)
		}
	}
	return only, nil
}

func verdictNames() []string {
	names := make([]string, len(audit.Verdicts))
	for i, v := range audit.Verdicts {
		names[i] = string(v)
	}
	return names
}
