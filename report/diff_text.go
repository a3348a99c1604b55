package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"hsts-check/audit"
)

// A DiffFormat is one way to write what changed between two surveys. It
// returns the first error of the writer.
type DiffFormat struct {
	Name  string
	Write func(io.Writer, Diff, Meta, Options) error
}

// DiffFormats lists all such formats, the default first. Of Meta they write
// the program and its version: the times are those of the two surveys.
var DiffFormats = []DiffFormat{
	{"table", DiffTable},
	{"markdown", DiffMarkdown},
	{"json", DiffJSON},
}

var diffHeadings = []string{"Was", "Is", "News"}

// DiffTable writes for a terminal what changed, the changes of each group
// under its score, and then how the groups compare and the counts. The news
// wraps; where opt.Width is very small, it goes below its row.
func DiffTable(w io.Writer, d Diff, meta Meta, opt Options) error {
	t := newDiffTable(d, opt)
	for _, g := range d.groups() {
		t.text(bold, g.heading)
		t.line("")
		t.changes(g.changes)
		t.line("")
	}
	for _, l := range d.standing() {
		t.text(plain, l)
	}
	t.text(bold, d.Summary())
	t.text(dim, d.footer(meta))
	_, err := w.Write(t.out.Bytes())
	return err
}

type diffTable struct {
	table
	room int  // columns for the news
	fold bool // the news goes below its row
}

func newDiffTable(d Diff, opt Options) diffTable {
	const leastNews = 24
	t := diffTable{table: newTable(opt)}
	t.head(diffHeadings[:2])
	for _, c := range d.Changes {
		t.measure(verdictWords(c))
	}
	t.room = t.width - gap - t.widths[0] - gap - t.widths[1]
	t.fold = t.room < leastNews
	if !t.fold {
		t.head(diffHeadings)
		for _, c := range d.Changes {
			t.measure(t.cells(c))
		}
	}
	t.ruled = gap * (len(t.widths) - 1)
	for _, width := range t.widths {
		t.ruled += width
	}
	return t
}

func (t *diffTable) cells(c Change) []string {
	if t.fold {
		return verdictWords(c)
	}
	return append(verdictWords(c), strings.Join(t.news(c, t.room), "\n"))
}

func (t *diffTable) news(c Change, width int) []string {
	return margin{width: width, urls: t.urls}.wrap(visible(c.site(), nameLimit) + " " + visible(c.What, rowLimit))
}

// changes writes the rows of one group.
func (t *diffTable) changes(changes []Change) {
	rows := make([][]string, len(changes))
	for i, c := range changes {
		rows[i] = t.cells(c)
	}
	style := func(i, column int) string {
		if was := []*audit.Result{changes[i].Old, changes[i].New}; column < len(was) && was[column] != nil {
			return verdictStyle(was[column].Verdict)
		}
		return plain
	}
	t.grid(rows, style, func(i int) []string {
		if !t.fold {
			return nil
		}
		return t.news(changes[i], max(t.width-indent, 1))
	})
}

// DiffMarkdown writes the same as a document of GitHub Flavored Markdown, with
// a link to each site. The counts come first.
func DiffMarkdown(w io.Writer, d Diff, meta Meta, _ Options) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "**%s**\n\n", markdownText(d.Summary(), proseLimit))
	for _, g := range d.groups() {
		fmt.Fprintf(out, "## %s\n\n", markdownText(g.heading, proseLimit))
		rows := make([][]string, len(g.changes))
		for i, c := range g.changes {
			rows[i] = markdownChange(c)
		}
		markdownTable(out, append(slices.Clone(diffHeadings), "URL"), rows)
		fmt.Fprintln(out)
	}
	for _, l := range d.standing() {
		fmt.Fprintf(out, "%s\n\n", markdownText(l, proseLimit))
	}
	if footer := d.footer(meta); footer != "" {
		fmt.Fprintf(out, "*%s*\n", markdownText(footer, proseLimit))
	}
	return out.Flush() // holds the first error of all writes
}

func markdownChange(c Change) []string {
	var cells []string
	for _, word := range verdictWords(c) {
		cells = append(cells, markdownText(word, nameLimit))
	}
	news := markdownText(c.site(), nameLimit) + " " + markdownText(c.What, rowLimit)
	return append(cells, news, markdownURL(c.Result().URL))
}

// verdictWords are the site's verdicts before and now, empty where there was
// none, escaped as [visible] does.
func verdictWords(c Change) []string {
	words := make([]string, 2)
	for i, r := range []*audit.Result{c.Old, c.New} {
		if r != nil {
			words[i] = visible(verdictWord(r.Verdict), nameLimit)
		}
	}
	return words
}

// A diffGroup is a group in which something changed. Its heading is the score
// now, and before if that was another.
type diffGroup struct {
	heading string
	changes []Change
}

// groups are in the order of the new survey, those of the old one alone last.
func (d Diff) groups() []diffGroup {
	changes := make(map[string][]Change)
	for _, c := range d.Changes {
		group := c.Result().Group
		changes[group] = append(changes[group], c)
	}
	before := make(map[string]Score, len(d.Old.Groups))
	for _, s := range d.Old.Groups {
		before[s.Group] = s
	}
	var groups []diffGroup
	add := func(now Score) {
		if len(changes[now.Group]) > 0 {
			heading := groupName(now.Group) + ": " + nowAndBefore(now.String(), before[now.Group].String())
			groups = append(groups, diffGroup{heading, changes[now.Group]})
		}
		delete(changes, now.Group)
	}
	for _, s := range d.New.Groups {
		add(s)
	}
	for _, s := range d.Old.Groups {
		add(Score{Group: s.Group})
	}
	return groups
}

// standing is how the groups compare, now and before, and the score over all.
// Where nothing changed there is nothing to tell. The lines are safe for a
// terminal.
func (d Diff) standing() []string {
	if len(d.Changes) == 0 {
		return nil
	}
	var lines []string
	now, before := Leader(d.New.Groups), Leader(d.Old.Groups)
	switch {
	case now != "" && before != "":
		lines = append(lines, nowAndBefore(now, before))
	case now != "":
		lines = append(lines, now)
	}
	if len(d.New.Groups) != 1 || len(d.Old.Groups) != 1 {
		lines = append(lines, "Overall: "+nowAndBefore(d.New.Total.String(), d.Old.Total.String()))
	}
	return lines
}

func nowAndBefore(now, before string) string {
	if now == before {
		return now
	}
	return now + "; before: " + before
}

// footer says when the two surveys were made, and what compared them.
func (d Diff) footer(meta Meta) string {
	var parts []string
	if when := period(d.Old.Started, d.Old.Finished); when != "" {
		parts = append(parts, "before: "+when)
	}
	if when := period(d.New.Started, d.New.Finished); when != "" {
		parts = append(parts, "now: "+when)
	}
	if program := (Meta{Program: meta.Program, Version: meta.Version}).footer(); program != "" {
		parts = append(parts, program)
	}
	return strings.Join(parts, " · ")
}
