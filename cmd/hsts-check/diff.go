package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"hsts-check/report"
)

const diffUsage = `hsts-check diff [flags] OLD NEW

What changed between two saved surveys, both judged by today's rules.

  hsts-check -f ndjson > may.ndjson        save a survey
  hsts-check -f ndjson > june.ndjson       and a later one
  hsts-check diff may.ndjson june.ndjson

Exit status: 0 compared, with --exit-code 1 if anything changed, 2 it could not.
`

var diffHelp = `
Report:
  -f, --format NAME       ` + strings.Join(diffFormatNames(), ", ") + ` (default ` + report.DiffFormats[0].Name + `)
      --color WHEN        auto, always or never (default auto)
      --exit-code         exit 1 if anything changed
`

// diff tells what changed between two saved surveys.
func (p *program) diff(_ context.Context, args []string) (int, error) {
	f := p.flags("hsts-check diff", diffUsage, diffHelp)
	format := f.StringP("format", "f", report.DiffFormats[0].Name, "")
	color := f.String("color", "auto", "")
	exitCode := f.Bool("exit-code", false, "")
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	if full, ok := report.Named(*format); ok { // as md is short for markdown
		*format = full.Name
	}
	i := slices.Index(diffFormatNames(), *format)
	if i < 0 {
		return 0, unknownFormat(*format, diffFormatNames())
	}
	options, err := p.looks(*color)
	if err != nil {
		return 0, err
	}
	if f.NArg() != 2 {
		return 0, withHint(fmt.Errorf("diff compares two saved surveys, not %d", f.NArg()), "hsts-check diff OLD NEW, the older one first")
	}
	d, err := p.compare(f.Arg(0), f.Arg(1))
	if err != nil {
		return 0, err
	}
	meta := report.Meta{Program: "hsts-check", Version: version()}
	err = report.DiffFormats[i].Write(p.stdout, d, meta, options)
	switch {
	case errors.Is(err, syscall.EPIPE):
		return exitFailed, nil
	case err != nil:
		return 0, fmt.Errorf("cannot write standard output: %w", cause(err))
	case *exitCode && len(d.Changes) > 0:
		return exitFellShort, nil
	}
	return exitOK, nil
}

func diffFormatNames() []string {
	var names []string
	for _, f := range report.DiffFormats {
		names = append(names, f.Name)
	}
	return names
}

// compare compares two files of saved results.
func (p *program) compare(before, after string) (report.Diff, error) {
	if before == "-" && after == "-" {
		return report.Diff{}, withHint(errors.New("standard input is read once, and - stands twice"), "put one of the surveys in a file")
	}
	old, errOld := p.load(before)
	now, errNow := p.load(after)
	if err := errors.Join(errOld, errNow); err != nil {
		return report.Diff{}, err
	}
	d := report.Compare(old, now)
	return d, unrelated(d, before, after)
}

// unrelated is the error of two surveys that share no site, so that comparing
// them says nothing; nil where they share one, or one of them has none.
func unrelated(d report.Diff, before, after string) error {
	if d.Common() > 0 || d.Old.Total.Sites() == 0 || d.New.Total.Sites() == 0 {
		return nil
	}
	there, here := vantagesOf(d, false), vantagesOf(d, true)
	if !slices.ContainsFunc(here, func(v string) bool { return slices.Contains(there, v) }) {
		return withHint(fmt.Errorf("%s is seen from %s and %s from %s: only what is seen from one place can be compared",
			before, strings.Join(there, ", "), after, strings.Join(here, ", ")), "--vantage says where a survey is seen from")
	}
	return withHint(fmt.Errorf("%s and %s have no site in common: they are of different lists", before, after),
		"compare two surveys of one list")
}

// vantagesOf are the names of the places from where one of two unrelated
// surveys is seen.
func vantagesOf(d report.Diff, newer bool) []string {
	var names []string
	for _, c := range d.Changes {
		name := "a place without a name"
		if vantage := c.Result().Vantage; vantage != "" {
			name = strconv.Quote(vantage)
		}
		if (c.New != nil) == newer && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
