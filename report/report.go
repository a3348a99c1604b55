// Package report writes the results of a survey for people and for programs.
//
// A format is one of two plain functions. A stream is opened on a writer and
// then called with each result as it comes; it holds nothing back, so what was
// done survives a run that is cut short. A document is written at once, when
// all results are there. Both return the first error of the writer, and both
// escape what came from the network for their own medium.
package report

import (
	"io"
	"path/filepath"
	"strings"
	"time"

	"hsts-check/audit"
)

// Meta says where a report comes from. Empty fields are left out of it.
type Meta struct {
	Program  string // "hsts-check"
	Version  string
	Started  time.Time
	Finished time.Time
	Run      string // which run
	Vantage  string // seen from where
}

// Options are about the looks of a document. Only the table has any so far;
// the other formats look the same everywhere.
type Options struct {
	// Width is the columns of the terminal; 0 for what is not a terminal:
	// lines are as long as it takes and every URL stands somewhere in full.
	Width int
	// Color marks verdicts, headings and asides with ANSI colours. The words
	// are the same without.
	Color bool
}

// A Format is one way to write results. Either Stream or Document is set.
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
}

// Formats lists all formats, the default first.
var Formats = []Format{
	{Name: "table", Document: Table},
	{Name: "markdown", Ending: ".md", Document: Markdown},
	{Name: "csv", Ending: ".csv", Stream: CSV},
	{Name: "json", Ending: ".json", Document: JSON},
	{Name: "ndjson", Ending: ".ndjson", Stream: NDJSON},
}

// Named returns the format of that name; false if there is none.
func Named(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name {
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

// footer is the line of provenance that a published table needs: when, by
// what, seen from where. It is escaped as [visible] does.
func (m Meta) footer() string {
	var parts []string
	if when := period(m.Started, m.Finished); when != "" {
		parts = append(parts, when)
	}
	if program := strings.TrimSpace(m.Program + " " + m.Version); program != "" {
		parts = append(parts, visible(program, nameLimit))
	}
	if m.Vantage != "" {
		parts = append(parts, "seen from "+visible(m.Vantage, nameLimit))
	}
	if m.Run != "" {
		parts = append(parts, "run "+visible(m.Run, nameLimit))
	}
	return strings.Join(parts, " · ")
}

// period writes the time from a to b to the minute; either may be zero.
func period(a, b time.Time) string {
	const day, minute = "2006-01-02", "15:04"
	if a.IsZero() {
		a = b
	}
	if a.IsZero() {
		return ""
	}
	a, b = a.UTC(), b.UTC()
	from, to := a.Format(day+" "+minute), b.Format(day+" "+minute)
	switch {
	case b.Before(a) || from == to:
		return from + " UTC"
	case a.Format(day) == b.Format(day):
		return from + " to " + b.Format(minute) + " UTC"
	}
	return from + " to " + to + " UTC"
}
