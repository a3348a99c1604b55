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
// heading with its score and a table, then the groups' ranking, what the words
// mean, and the report's provenance. A row has a short reason, and a footnote says
// it in full where it says more; the list's notes are footnotes too. Several
// vantage points have a column each, as in [Table].
func Markdown(w io.Writer, results []audit.Result, meta Meta, opt Options) error {
	results, places := fold(results)
	all := opt.tally(results)
	groups := all.Groups
	doc := markdownDocument{Writer: bufio.NewWriter(w), opt: opt, places: places, numbers: make(map[string]int)}
	members := make(map[string][]audit.Result, len(groups))
	for _, r := range opt.shown(results) {
		members[r.Group] = append(members[r.Group], r)
	}
	if opt.Title != "" {
		fmt.Fprintf(doc, "# %s\n\n", markdownText(opt.Title, noteLimit))
	}
	for _, g := range groups {
		doc.section(heading(g, len(groups) == 1), members[g.Group])
	}
	if leader := Leader(groups); leader != "" {
		fmt.Fprintf(doc, "**%s**\n\n", markdownText(leader, proseLimit))
	}
	if len(groups) != 1 {
		fmt.Fprintf(doc, "Overall: %s\n\n", all.Total)
	}
	if note := opt.leftOut(results); note != "" {
		fmt.Fprintf(doc, "%s\n\n", note)
	}
	if len(results) > 0 {
		fmt.Fprintf(doc, "%s\n\n", markdownKey(doc.short))
	}
	if footer := meta.footer(); footer != "" {
		fmt.Fprintf(doc, "*%s*\n", markdownText(footer, proseLimit))
	}
	return doc.Flush() // holds the first error of all writes
}

// markdownKey says in a line what the words of the tables mean, and the mark of
// sites that fall short where there is one.
func markdownKey(short bool) string {
	key := "**YES!**: protected in every browser. **partly**: not every host, or not in every browser. **off**: switched off by max-age=0. " +
		"**ignored**: a header that browsers ignore. **no**: no header. **?**: could not be judged. " +
		"**says preload**: the header asks for it. **on list**: browsers have the site on their preload list."
	if short {
		key += " **" + shortMark + "**: falls short of what is asked."
	}
	return key
}

// A markdownDocument is one that is being written.
type markdownDocument struct {
	*bufio.Writer
	opt     Options
	places  viewpoints
	numbers map[string]int // of the footnotes, by their text
	pending []string       // footnotes that are not written yet
	short   bool           // a row has the mark
}

// section writes a group's heading, its rows, and the footnotes on them that no
// earlier group has.
func (d *markdownDocument) section(heading string, results []audit.Result) {
	fmt.Fprintf(d, "## %s\n\n", markdownText(heading, proseLimit))
	if len(results) == 0 {
		return
	}
	headings := slices.Clone(markdownHeadings)
	for _, name := range d.places.headings() {
		headings = append(headings, markdownText(name, nameLimit))
	}
	rows := make([][]string, len(results))
	for i, r := range results {
		rows[i] = d.cells(r)
	}
	markdownTable(d, headings, rows)
	fmt.Fprintln(d)
	for _, note := range d.pending {
		fmt.Fprintf(d, "[^%d]: %s\n", d.numbers[note], markdownParagraph(note, rowLimit))
	}
	if len(d.pending) > 0 {
		fmt.Fprintln(d)
	}
	d.pending = nil
}

// footnote returns the mark of a footnote; empty for none.
func (d *markdownDocument) footnote(text string) string {
	if text == "" {
		return ""
	}
	if d.numbers[text] == 0 {
		d.numbers[text] = len(d.numbers) + 1
		d.pending = append(d.pending, text)
	}
	return fmt.Sprintf("[^%d]", d.numbers[text])
}

func (d *markdownDocument) cells(r audit.Result) []string {
	missing := d.opt.misses(r)
	verdict := markdownText(verdictWord(r.Verdict), nameLimit)
	switch {
	case len(missing) > 0:
		verdict += " " + shortMark
		d.short = true
	case r.Verdict == audit.Protected:
		verdict = "**" + verdict + "**"
	}
	said := noteOf(r, missing)
	cells := []string{
		markdownText(r.Name, nameLimit) + d.footnote(r.Note), markdownURL(r.URL), verdict, "", "", preloadCell(r),
		markdownText(said.text, nameLimit) + d.footnote(said.full),
	}
	if p := r.Policy; p != nil {
		cells[3], cells[4] = markdownText(hsts.Age(p.MaxAge), nameLimit), yesNo(p.IncludeSubDomains)
	}
	for _, word := range d.places.words(r) {
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
