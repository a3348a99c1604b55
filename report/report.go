// Package report writes the results of a survey for people and for programs.
//
// A format is one of three plain functions. A stream is opened on a writer and
// then called with each result as it comes; it holds nothing back, so what was
// done survives a run that is cut short. A document is written at once, when
// all results are there. A book takes in results as they come and is written at
// the end. All return the first error of the writer, and escape what came from
// the network for their own medium.
package report

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
)

// Options are about one document. Its looks are the table's; the other formats
// look the same everywhere.
type Options struct {
	// Width is the columns of the terminal; 0 for what is not a terminal:
	// lines are as long as it takes and every URL stands somewhere in full.
	Width int
	// Color marks verdicts, headings and asides with ANSI colours. The words
	// are the same without.
	Color bool
	// Gate is what the run was asked to meet. JUnit marks as failures only what
	// falls short of it; SARIF and GitHub tell of each bar missed.
	Gate audit.Gate
	// Only, if not empty, are the verdicts of the sites to show. Totals, scores
	// and provenance are of all sites all the same.
	Only []audit.Verdict
	// Tally counts all sites of the survey. It is nil where the results are all
	// of them; where it is not, a document says that it does not show all.
	Tally *Tally
	// Verbose adds to each row of the table the exchanges that were made.
	Verbose bool
	// Title heads HTML, SVG, Markdown and XLSX; empty for their own.
	Title string
	// Since is what changed since an earlier run; nil without one. JUnit, SARIF
	// and GitHub tell of its regressions, HTML of all of it.
	Since *Diff
}

// title is what heads a report of all that was counted, escaped as [visible]
// does.
func (o Options) title(all *Tally) string {
	if o.Title != "" {
		return visible(o.Title, noteLimit)
	}
	return "HSTS survey of " + text.Plural(all.Total.Sites(), "site")
}

// Shows reports whether a result is to be shown.
func (o Options) Shows(r audit.Result) bool {
	return len(o.Only) == 0 || slices.Contains(o.Only, r.Verdict)
}

// shown returns the results that are to be shown.
func (o Options) shown(results []audit.Result) []audit.Result {
	if len(o.Only) == 0 {
		return results
	}
	return slices.DeleteFunc(slices.Clone(results), func(r audit.Result) bool { return !o.Shows(r) })
}

// tally returns the count of all sites, of which rows has one result each, or
// of as many of them as are shown.
func (o Options) tally(rows []audit.Result) *Tally {
	if o.Tally != nil {
		return o.Tally
	}
	return Count(rows)
}

// omitted returns how many sites there are beyond those of rows that Only would
// show.
func (o Options) omitted(rows []audit.Result) int {
	return max(o.tally(rows).wanted(o.Only)-len(o.shown(rows)), 0)
}

// leftOut says that not all rows are there; empty where they are.
func (o Options) leftOut(rows []audit.Result) string {
	var notes []string
	if len(o.Only) > 0 {
		notes = append(notes, fmt.Sprintf("Only %s shown: %d of %d sites", strings.Join(verdictNames(o.Only), ", "), len(o.shown(rows)), o.tally(rows).Total.Sites()))
	}
	if n := o.omitted(rows); n > 0 {
		notes = append(notes, fmt.Sprintf("%d more sites are counted and not shown: all of them go into an .ndjson or .csv file", n))
	}
	return strings.Join(notes, "; ")
}

func verdictNames(verdicts []audit.Verdict) []string {
	names := make([]string, len(verdicts))
	for i, v := range verdicts {
		names[i] = string(v)
	}
	return names
}

// A Format is one way to write results. One of Stream, Document and Book is set.
type Format struct {
	Name string
	// Ending is of the files that hold the format, ".md"; empty where no
	// ending stands for it.
	Ending string
	// Stream writes what comes before the first result, if anything, and
	// returns the function that writes a result, in one Write.
	Stream func(io.Writer) (func(audit.Result) error, error)
	// Document writes a report of all results. It leaves them as they are.
	Document func(io.Writer, []audit.Result, Meta, Options) error
	// Book opens a document that takes in each result as it comes and can hold
	// more of them than memory. Finish writes it, with the count of all sites.
	Book func(io.Writer, Options) (add func(audit.Result) error, finish func(Meta, *Tally) error, err error)
	// Binary says that it is no text.
	Binary bool
	// Titled says that it uses the options' Title.
	Titled bool
	// Changes, if set, writes what changed since another survey, below the
	// document.
	Changes func(io.Writer, Diff, Meta, Options) error
}

// Formats lists all formats, the default first.
var Formats = []Format{
	{Name: "table", Document: Table, Changes: DiffTable},
	{Name: "markdown", Ending: ".md", Document: Markdown, Changes: DiffMarkdown, Titled: true},
	{Name: "csv", Ending: ".csv", Stream: CSV},
	{Name: "json", Ending: ".json", Document: JSON},
	{Name: "ndjson", Ending: ".ndjson", Stream: NDJSON},
	{Name: "html", Ending: ".html", Document: HTML, Titled: true},
	{Name: "svg", Ending: ".svg", Document: SVG, Titled: true},
	{Name: "xlsx", Ending: ".xlsx", Book: XLSX, Binary: true, Titled: true},
	{Name: "sarif", Ending: ".sarif", Document: SARIF},
	{Name: "junit", Ending: ".xml", Document: JUnit},
	{Name: "github", Document: GitHub},
	{Name: "summary", Book: Summary, Titled: true},
	{Name: "openmetrics", Ending: ".prom", Document: OpenMetrics},
}

// Named returns the format of that name, or whose ending is that but for the dot,
// as in "md"; false if there is none.
func Named(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name || f.Ending == "."+name {
			return f, true
		}
	}
	return Format{}, false
}

// ForFile returns the format that a file's ending stands for, in any case;
// false if none does.
func ForFile(name string) (Format, bool) {
	ending := filepath.Ext(name)
	for _, f := range Formats {
		if f.Ending != "" && strings.EqualFold(ending, f.Ending) {
			return f, true
		}
	}
	return Format{}, false
}
