package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/hsts"
)

var markdownHeadings = []string{"Site", "URL", "Header?", "max-age", "includeSubDomains", "preload", "Notes"}

// Markdown writes a document of GitHub Flavored Markdown: for each group a
// heading with its score and a table, then the groups' ranking and the
// report's provenance. Several vantage points have a column each, and notes are
// below their table, as in [Table].
func Markdown(w io.Writer, results []audit.Result, meta Meta, opt Options) error {
	results, places := fold(results)
	all := opt.tally(results)
	groups := all.Groups
	members := make(map[string][]audit.Result, len(groups))
	numbers := newFootnotes(opt.shown(results))
	for _, r := range opt.shown(results) {
		members[r.Group] = append(members[r.Group], r)
	}
	headings := slices.Clone(markdownHeadings)
	for _, name := range places.headings() {
		headings = append(headings, markdownText(name, nameLimit))
	}
	out := bufio.NewWriter(w)
	for _, g := range groups {
		fmt.Fprintf(out, "## %s\n\n", markdownText(heading(g, len(groups) == 1), proseLimit))
		var rows [][]string
		for _, r := range members[g.Group] {
			rows = append(rows, markdownCells(r, places, numbers))
		}
		if len(rows) > 0 {
			markdownTable(out, headings, rows)
			fmt.Fprintln(out)
		}
		for _, note := range numbers.of(members[g.Group]) {
			fmt.Fprintf(out, "%s %s\n\n", markdownText(numbers.number(note), nameLimit), markdownText(note, rowLimit))
		}
	}
	if leader := Leader(groups); leader != "" {
		fmt.Fprintf(out, "**%s**\n\n", markdownText(leader, proseLimit))
	}
	if len(groups) != 1 {
		fmt.Fprintf(out, "Overall: %s\n\n", all.Total)
	}
	if note := opt.leftOut(results); note != "" {
		fmt.Fprintf(out, "%s\n\n", note)
	}
	if footer := meta.footer(); footer != "" {
		fmt.Fprintf(out, "*%s*\n", markdownText(footer, proseLimit))
	}
	return out.Flush() // holds the first error of all writes
}

func markdownCells(r audit.Result, places viewpoints, numbers footnotes) []string {
	shown := markdownText(verdictWord(r.Verdict), nameLimit)
	if r.Verdict == audit.Protected {
		shown = "**" + shown + "**"
	}
	name := markdownText(r.Name, nameLimit) + markdownEscapes.Replace(numbers.mark(r.Note))
	cells := []string{name, markdownURL(r.URL), shown, "", "", "", markdownText(notes(r), rowLimit)}
	if p := r.Policy; p != nil {
		cells[3], cells[4], cells[5] = markdownText(hsts.Age(p.MaxAge), nameLimit), yesNo(p.IncludeSubDomains), yesNo(p.Preload)
	}
	for _, word := range places.words(r) {
		cells = append(cells, markdownText(word, nameLimit))
	}
	return cells
}

// markdownURL returns a link that shows the URL, shortened and without
// https://; what is not a web address, or too long for one, is not linked.
func markdownURL(url string) string {
	const most = 60
	shown := shorten(visible(strings.TrimPrefix(url, "https://"), urlLimit), most)
	scheme, _, _ := strings.Cut(strings.ToLower(url), "://")
	if scheme != "https" && scheme != "http" || len(url) > urlLimit {
		return markdownText(shown, urlLimit)
	}
	return "[" + markdownEscapes.Replace(shown) + "](" + markdownTarget(url) + ")"
}

// markdownTable pads the cells so that the source reads as a table too; a cell
// that is much wider than the others sticks out.
func markdownTable(out io.Writer, headings []string, rows [][]string) {
	const most = 100
	widths := make([]int, len(headings))
	rule := make([]string, len(headings))
	for i, h := range headings {
		widths[i] = columns(h)
		for _, r := range rows {
			widths[i] = max(widths[i], min(columns(r[i]), most))
		}
		rule[i] = strings.Repeat("-", widths[i])
	}
	for _, r := range append([][]string{headings, rule}, rows...) {
		for i, cell := range r {
			pad := max(widths[i]-columns(cell), 0)
			fmt.Fprintf(out, "| %s%s ", cell, strings.Repeat(" ", pad))
		}
		fmt.Fprintln(out, "|")
	}
}
