package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/lists"
	"hsts-check/report"
)

const reportUsage = `hsts-check report [flags] RESULTS...

Reports from saved NDJSON results, and from HAR files that a browser's developer
tools have saved, judged afresh by today's rules.

  hsts-check -f ndjson > may.ndjson           save a survey
  hsts-check report may.ndjson -o may.md      report it later
  hsts-check report --expect banks.txt -f list may.ndjson
                                              what is missing, as a list again

Of several records of one site, seen from one place, the newest counts, and
what changed since the one before it is told. Places, named with --vantage, have
a column each, and rule vantages-differ says where they disagree.

Exit status: 0 nothing fell short, 1 a bar was not met or --expect names a site
without a record, 2 it could not run, 3 a site could not be judged and a bar was
asked for.
`

const reportHelp = `
Records:
      --expect LIST       name the sites of LIST that have no record, and exit
                          1 if there are any; -f list writes them as a list
      --columns COLUMNS   of LIST: url=Website,name=Bank,group=Country
`

// report writes reports of saved results.
func (p *program) report(_ context.Context, args []string) (int, error) {
	f := p.flags("hsts-check report", reportUsage, reportHelp, writingHelp, gatingHelp)
	var what writing
	var by gating
	what.register(f)
	by.register(f)
	expect := f.String("expect", "", "")
	columns := make(columns)
	f.Var(columns, "columns", "")
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	if f.NArg() == 0 {
		return 0, withHint(errors.New("report needs saved results"), "save a survey with -f ndjson > results.ndjson")
	}
	if what.verbose && what.format != "table" {
		return 0, withHint(errors.New("-v is about the table"), "leave out -f %s, or write that with -o", what.format)
	}
	var err error
	if err := what.spare(p, append(f.Args(), by.baseline, *expect)...); err != nil {
		return 0, err
	}
	if p.preloads, err = what.preloads.read(p); err != nil {
		return 0, err
	}
	expected, err := p.expected(*expect, columns)
	if err != nil {
		return 0, err
	}
	if what.streams(by, *expect, f.Args()) {
		if status, done, err := p.reportSummary(what, by, f.Args()); done {
			return status, err
		}
	}
	all, err := p.loadAll(expected != nil, f.Args()...)
	if err != nil {
		return 0, err
	}
	merged := report.Merge(all)
	if err := oneRun(f.Args(), merged, expected); err != nil {
		return 0, err
	}
	results := report.AcrossVantages(inOrder(merged, expected))
	missing := without(expected, results)
	if what.format == "list" {
		return p.list(missing, *expect, what)
	}
	d, err := p.delivery(what, by)
	if err != nil {
		return 0, err
	}
	defer d.out.release()
	if err := d.out.open(nil); err != nil {
		return 0, err
	}
	d.all = true
	if before, after := report.Earlier(all); len(before) > 0 {
		since := report.Compare(before, after)
		d.since = &since
	}
	for _, r := range results {
		if !d.add(r) {
			break
		}
	}
	status, err := d.finish()
	if errors.Is(err, errPipe) && len(d.out.errs) == 1 {
		return d.close(exitFailed, nil), nil
	}
	for _, s := range missing {
		p.complain(fmt.Errorf("%s: no record (%s:%d)", s.Name, s.Pos.File, s.Pos.Line))
	}
	if len(missing) > 0 {
		status = exitFellShort
	}
	return d.close(status, err), nil
}

// expected reads the list of --expect; none for "".
func (p *program) expected(list string, columns columns) ([]audit.Site, error) {
	if list == "" {
		return nil, nil
	}
	l, err := p.readList(list, columns, new(lists.Once))
	if err != nil {
		return nil, fmt.Errorf("--expect: %w", err)
	}
	return slices.Collect(l.All()), nil
}

// inOrder sorts results as the expected sites stand, and says that they stand
// there: a part of a list that was surveyed elsewhere had other lines. The rest
// is sorted by file, in the order in which files first appear, and line.
func inOrder(results []audit.Result, expected []audit.Site) []audit.Result {
	place := make(map[string]int, len(expected))
	for i, s := range expected {
		if _, ok := place[s.ID()]; !ok {
			place[s.ID()] = i
		}
	}
	sorted := slices.Clone(results)
	files := make(map[string]int)
	for i, r := range sorted {
		if at, ok := place[r.ID]; ok {
			sorted[i].Source = &expected[at].Pos
		} else if r.Source != nil && files[r.Source.File] == 0 {
			files[r.Source.File] = len(files) + 1
		}
	}
	position := func(r audit.Result) (site, file, line int) {
		site, ok := place[r.ID]
		if !ok {
			site = len(expected)
		}
		if r.Source == nil {
			return site, len(files) + 1, 0
		}
		return site, files[r.Source.File], r.Source.Line
	}
	slices.SortStableFunc(sorted, func(a, b audit.Result) int {
		siteA, fileA, lineA := position(a)
		siteB, fileB, lineB := position(b)
		return cmp.Or(cmp.Compare(siteA, siteB), cmp.Compare(fileA, fileB), cmp.Compare(lineA, lineB))
	})
	return sorted
}

// without returns the sites that have no record.
func without(sites []audit.Site, results []audit.Result) []audit.Site {
	have := make(map[string]bool, len(results))
	for _, r := range results {
		have[r.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(sites), func(s audit.Site) bool { return have[s.ID()] })
}

// list writes the missing sites as a list file again.
func (p *program) list(missing []audit.Site, expect string, what writing) (int, error) {
	switch {
	case expect == "":
		return 0, withHint(errors.New("-f list writes the sites that have no record"), "say of which list: --expect LIST")
	case what.only != "":
		return 0, withHint(errors.New("-f list has sites without a verdict"), "leave out --only")
	case len(what.files) > 0:
		return 0, withHint(errors.New("-f list goes to standard output alone"), "leave out -o, or write the list with >")
	}
	var b strings.Builder
	group := ""
	for i, s := range missing {
		if i == 0 || s.Group != group {
			group = s.Group
			b.WriteString(lists.Heading(group) + "\n")
		}
		b.WriteString(lists.Line(s) + "\n" + annotations(s))
	}
	if err := p.print(b.String()); err != nil || len(missing) == 0 {
		return exitOK, err
	}
	return exitFellShort, nil
}
