package main

import (
	"fmt"
	"strconv"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
)

// oneRun makes sure that what is expected is of one run: a list that is complete
// with what an earlier survey left is not. An earlier run may stand beside, where
// each site has a record of the later one.
func oneRun(files []string, merged []audit.Result, expected []audit.Site) error {
	if expected == nil {
		return nil
	}
	sites := make(map[string]bool, len(expected))
	for _, s := range expected {
		sites[s.ID()] = true
	}
	var runs []string // in the order in which they appear
	count := make(map[string]int)
	for _, r := range merged {
		if !sites[r.ID] {
			continue
		}
		if count[r.Run]++; count[r.Run] == 1 {
			runs = append(runs, r.Run)
		}
	}
	if len(runs) < 2 {
		return sameFlags(files, runs)
	}
	var said []string
	for _, run := range runs {
		name := "no run that was named"
		if run != "" {
			name = "run " + strconv.Quote(run)
		}
		said = append(said, fmt.Sprintf("%s of %s", text.Number(count[run]), name))
	}
	return withHint(fmt.Errorf("the records are of several runs: %s", strings.Join(said, ", ")),
		"--expect takes the files of one run: leave out the others, and -f list names what it lacks")
}

// sameFlags makes sure that the files of a run were made alike, as far as their
// manifests tell. What is seen from several places may be looked at in as many
// ways.
func sameFlags(files, runs []string) error {
	first := make(map[string]string) // files, by place
	manifests := make(map[string]*manifest)
	for _, name := range files {
		m, err := readManifest(name)
		if err != nil {
			return err
		}
		if m == nil || len(runs) == 0 || m.Run != runs[0] {
			continue
		}
		manifests[name] = m
		other, ok := first[m.Vantage]
		if !ok {
			first[m.Vantage] = name
			continue
		}
		if a, b := m.differs(manifests[other]); a != "" {
			return withHint(fmt.Errorf("%s was made with %s, and %s with %s", name, a, other, b),
				"--expect takes files that were made alike: survey one of them again with the flags of the other")
		}
	}
	return nil
}
