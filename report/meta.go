package report

import (
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
	// PreloadList is the date of the preload list that results were judged by.
	PreloadList string

	named bool // Run and Vantage are of a result
}

// MetaOf returns what the results themselves say of their making: the times of
// the first and the last visit, and the names of run and vantage where all of
// them agree. So a report of saved results is that of the survey.
func MetaOf(results []audit.Result) Meta {
	var m Meta
	for i := range results {
		m.Add(results[i])
	}
	return m
}

// Add takes in what one more result says, as [MetaOf] does of all.
func (m *Meta) Add(r audit.Result) {
	if !m.named {
		m.named, m.Run, m.Vantage = true, r.Run, r.Vantage
	}
	if r.Run != m.Run {
		m.Run = ""
	}
	if r.Vantage != m.Vantage {
		m.Vantage = ""
	}
	if m.Started.IsZero() || r.CheckedAt.Before(m.Started) {
		m.Started = r.CheckedAt
	}
	if r.CheckedAt.After(m.Finished) {
		m.Finished = r.CheckedAt
	}
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
	if m.PreloadList != "" {
		parts = append(parts, "preload list of "+m.PreloadList)
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
