package report

import (
	"io"
	"strconv"
	"strings"
	"time"

	"hsts-check/audit"
)

// csvColumns are the columns of [CSV]. They keep their names, meanings and
// places; new ones come after the last.
var csvColumns = append([]string{
	"group", "name", "url", "host",
	"verdict", // protected, partial, disabled, ignored, absent, unknown
	"header",  // the listed host's fields; several are joined with " | "
	"max_age", // seconds, of the policy that the header means; empty without one
	"include_subdomains", "preload",
	"chromium_noted", "firefox_noted", // empty without a header
	"findings", // rule IDs, separated by blanks
	"error_kind", "error",
	"checked_at", // RFC 3339, UTC
	"run", "vantage", "id",
	"source", // FILE:LINE; empty for sites named as arguments
}, append(standardNames(), // true, false, or empty where it could not be told
	"preloaded",
	"waived", // IDs of those of the findings that the list waives, separated by blanks
	"note",
)...)

func standardNames() []string {
	var names []string
	for _, s := range audit.Standards {
		names = append(names, s.Name)
	}
	return names
}

// CSV writes one row a site (RFC 4180, UTF-8) under a row of column names.
// Truths are true and false, and a cell without a fact is empty. A cell holds
// no control character and no line end, and is cut at 32,767 characters, as
// spreadsheets do.
func CSV(w io.Writer) (func(audit.Result) error, error) {
	if err := csvRow(w, csvColumns); err != nil {
		return nil, err
	}
	return func(r audit.Result) error { return csvRow(w, csvCells(r)) }, nil
}

func csvRow(w io.Writer, cells []string) error {
	escaped := make([]string, len(cells))
	for i, c := range cells {
		escaped[i] = csvText(c)
	}
	_, err := io.WriteString(w, strings.Join(escaped, ",")+"\r\n")
	return err
}

func csvCells(r audit.Result) []string {
	var maxAge, subdomains, preload, chromium, firefox, kind, message, checked, source string
	if p := r.Policy; p != nil {
		maxAge = strconv.FormatUint(p.MaxAge, 10)
		subdomains = strconv.FormatBool(p.IncludeSubDomains)
		preload = strconv.FormatBool(p.Preload)
	}
	if c := r.Clients; c != nil {
		chromium = strconv.FormatBool(c.Chromium.Noted)
		firefox = strconv.FormatBool(c.Firefox.Noted)
	}
	if e := r.Error; e != nil {
		kind, message = string(e.Kind), e.Message
	}
	if !r.CheckedAt.IsZero() {
		checked = r.CheckedAt.UTC().Format(time.RFC3339)
	}
	if s := r.Source; s != nil {
		source = s.File + ":" + strconv.Itoa(s.Line)
	}
	rules := make([]string, len(r.Findings))
	var waived []string
	for i, f := range r.Findings {
		rules[i] = f.Rule
		if f.Waived != nil {
			waived = append(waived, f.Rule)
		}
	}
	cells := []string{
		r.Group, r.Name, r.URL, r.Host,
		string(r.Verdict),
		strings.Join(r.Header, " | "),
		maxAge,
		subdomains, preload,
		chromium, firefox,
		strings.Join(rules, " "),
		kind, message,
		checked,
		r.Run, r.Vantage, r.ID,
		source,
	}
	for _, standard := range audit.Standards {
		cell := ""
		if met, known := r.Standards[standard.Name]; known {
			cell = strconv.FormatBool(met)
		}
		cells = append(cells, cell)
	}
	entry := "" // of the preload list
	if r.Preloaded != nil {
		entry = r.Preloaded.Entry
	}
	return append(cells, entry, strings.Join(waived, " "), r.Note)
}
