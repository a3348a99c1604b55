package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"hsts-check/report"
)

// The formats of the commands that report no survey, the default first.
var (
	headerFormats  = []string{"text", "json", "ndjson"}
	preloadFormats = []string{"text", "json"}
	rulesFormats   = []string{"table", "json"}
)

// elsewhere are the names and endings that other programs have for formats, and
// what comes nearest to them here, the best one first.
var elsewhere = map[string][]string{
	"excel": {"xlsx"}, "xls": {"xlsx"}, "xlsm": {"xlsx"}, "ods": {"xlsx"}, "spreadsheet": {"xlsx"},
	"text": {"table", "text"}, "txt": {"table", "text"}, "plain": {"table", "text"}, "pretty": {"table", "text"}, "table": {"table", "text"},
	"jsonl": {"ndjson"}, "jsonlines": {"ndjson"}, "ldjson": {"ndjson"},
	"yaml": {"json"}, "yml": {"json"}, "tsv": {"csv"}, "htm": {"html"}, "png": {"svg"}, "prom": {"openmetrics"}, "prometheus": {"openmetrics"},
}

// meant is the one of some formats that a name which is none of them may stand
// for; "" if there is none.
func meant(name string, formats []string) string {
	name = strings.ToLower(name)
	for _, f := range append(elsewhere[name], name) {
		if slices.Contains(formats, f) {
			return f
		}
	}
	return nearest(name, formats)
}

// isFormat reports whether a format is one of some, by its name or ending.
func isFormat(name string, formats []string) bool {
	full, _ := report.Named(name)
	return slices.Contains(formats, name) || slices.Contains(formats, full.Name)
}

// unknownFormat is the error of a format that a command does not have.
func unknownFormat(name string, formats []string) error {
	err := fmt.Errorf("--format %q is not known", name)
	switch f := meant(name, formats); f {
	case "":
		return withHint(err, "there are %s", listed(formats))
	case "xlsx":
		return withHint(err, "a workbook goes into a file: -o survey.xlsx")
	default:
		return withHint(err, "did you mean -f %s? There are %s", f, listed(formats))
	}
}

// unknownEnding is the error of an output whose ending stands for no format.
func unknownEnding(file string) error {
	err := fmt.Errorf("-o %s: its ending stands for no format", file)
	ending := strings.TrimPrefix(filepath.Ext(file), ".")
	format, named := report.Named(file)
	switch {
	case file == "-":
		return withHint(err, "standard output needs no -o: -f csv writes CSV there")
	case named && format.Ending != "":
		return withHint(err, "-f %s writes it on standard output, -o survey%s in a file", format.Name, format.Ending)
	case ending != "":
		if f, ok := report.Named(meant(ending, formatNames())); ok && f.Ending != "" {
			return withHint(err, "did you mean -o %s%s? The endings are %s", strings.TrimSuffix(file, "."+ending), f.Ending, strings.Join(endings(), " "))
		}
	}
	return withHint(err, "the endings are %s", strings.Join(endings(), " "))
}

// listed joins words as a sentence does, and either those that one may choose
// from.
func listed(words []string) string { return joined(words, " and ") }
func either(words []string) string { return joined(words, " or ") }

func joined(words []string, conjunction string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + conjunction + words[last]
}
