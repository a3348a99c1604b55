package report

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"hsts-check/audit"
)

// Table writes each group's score and rows for a terminal, the groups' ranking
// and the report's provenance. A row has one short reason, or what else is worst
// of a protected site, with the rule's ID where there is room.
//
// Long URLs are shortened in the middle, long names wrap. Where opt.Width is
// small, headings are shortened and then reasons, URL and policy go below their
// row, in that order. Where it is 0, lines have [piped] columns, and more only
// where a URL, which then stays whole, is long. Nothing is left out but what
// opt.Only does not name. With opt.Verbose all that was found, what is waived and
// the exchanges stand below each row. What the list notes of sites stands below
// their group's table. A site that falls short of opt.Gate is marked. Results of
// several vantage points have one row a site, with the worst of its verdicts, and
// a column for what each place saw.
func Table(w io.Writer, results []audit.Result, meta Meta, opt Options) error {
	results, places := fold(results)
	all := opt.tally(results)
	groups := all.Groups
	shown := opt.shown(results)
	t := newTable(opt)
	rows := make([]row, len(shown))
	numbers := newFootnotes(shown)
	for i, r := range shown {
		rows[i] = newRow(r, places, opt)
		rows[i].site += numbers.mark(r.Note)
	}
	t.layout = fit(rows, places.headings(), t.margin)
	t.lay(rows)
	members := make(map[string][]row, len(groups))
	noted := make(map[string][]audit.Result)
	for i, r := range shown {
		members[r.Group] = append(members[r.Group], rows[i])
		if r.Note != "" {
			noted[r.Group] = append(noted[r.Group], r)
		}
	}
	for _, g := range groups {
		t.text(bold, heading(g, len(groups) == 1))
		t.line("")
		if len(members[g.Group]) == 0 {
			continue
		}
		t.rows(members[g.Group])
		t.line("")
		if notes := numbers.of(noted[g.Group]); notes != nil {
			for _, note := range notes {
				t.text(plain, numbers.number(note)+" "+visible(note, rowLimit))
			}
			t.line("")
		}
	}
	t.text(bold, Leader(groups))
	if len(groups) != 1 {
		t.text(plain, "Overall: "+all.Total.String())
	}
	if slices.ContainsFunc(rows, func(r row) bool { return r.short }) {
		t.text(plain, shortMark+" falls short of what is asked")
	}
	t.text(plain, opt.leftOut(results))
	t.text(dim, meta.footer())
	_, err := w.Write(t.out.Bytes())
	return err
}

// piped is how wide lines are where nobody knows how wide they may be.
const piped = 160

// A table is gathered here, and written at once.
type table struct {
	margin
	out      bytes.Buffer
	opt      Options
	layout   layout
	headings []string
	widths   []int // of the columns, the same in every group
	ruled    int   // length of the rule
}

func newTable(opt Options) table {
	if opt.Width <= 0 {
		return table{opt: opt, margin: margin{width: piped, urls: true}}
	}
	return table{opt: opt, margin: margin{width: opt.Width}}
}

// lay fills in the rows' cells and finds how wide the columns are.
func (t *table) lay(rows []row) {
	t.head(t.layout.headings())
	for i := range rows {
		rows[i].cells = t.layout.cells(rows[i])
		t.measure(rows[i].cells)
	}
	if !t.layout.foldURL {
		t.widths[1] = t.layout.url // of which a whole URL may stick out
	}
	t.ruled = gap * (len(t.widths) - 1)
	for _, width := range t.widths {
		t.ruled += width
	}
}

// head sets the headings, which are as wide as their columns at least.
func (t *table) head(headings []string) {
	t.headings, t.widths = headings, make([]int, len(headings))
	t.measure(headings)
}

// measure makes the columns wide enough for a row; lines of a cell are
// separated by \n.
func (t *table) measure(cells []string) {
	for i, c := range cells {
		t.widths[i] = max(t.widths[i], longest(strings.Split(c, "\n")))
	}
}

// rows writes the rows of one group.
func (t *table) rows(rows []row) {
	cells := make([][]string, len(rows))
	for i, r := range rows {
		cells[i] = r.cells
	}
	at := t.layout.verdictColumn()
	style := func(i, column int) string {
		switch r := rows[i]; {
		case column == at && r.short:
			return verdictStyle(audit.Absent)
		case column == at:
			return verdictStyle(r.verdict)
		case column > at && column-at <= len(r.verdicts):
			return verdictStyle(r.verdicts[column-at-1])
		}
		return plain
	}
	below := margin{width: max(t.width-indent, 1), urls: t.urls}
	t.grid(cells, style, func(i int) []string {
		lines := t.layout.folded(rows[i], below, !t.opt.Verbose)
		if t.opt.Verbose {
			lines = append(lines, detailLines(rows[i].result, t.opt, below)...)
		}
		return lines
	})
}

// grid writes rows under the headings and a rule, each cell in the style of its
// column, and below each row what folded says of it.
func (t *table) grid(rows [][]string, style func(row, column int) string, folded func(row int) []string) {
	t.cells(t.headings, func(int) string { return plain })
	t.line(t.styled(dim, strings.Repeat("─", t.ruled)))
	for i, cells := range rows {
		t.cells(cells, func(column int) string { return style(i, column) })
		for _, l := range folded(i) {
			t.line(strings.Repeat(" ", indent) + l)
		}
	}
}

// cells writes one row: as many lines as its highest cell has.
func (t *table) cells(cells []string, style func(column int) string) {
	for height, l := 1, 0; l < height; l++ {
		var line strings.Builder
		for i, cell := range cells {
			of := strings.Split(cell, "\n")
			height = max(height, len(of))
			part := ""
			if l < len(of) {
				part = of[l]
			}
			if i > 0 {
				line.WriteString(strings.Repeat(" ", gap))
			}
			line.WriteString(t.styled(style(i), padded(part, t.widths[i])))
		}
		t.line(line.String())
	}
}

// text writes a line of prose, wrapped; nothing if it is empty.
func (t *table) text(style, s string) {
	if s == "" {
		return
	}
	for _, l := range t.wrap(s) {
		t.line(t.styled(style, l))
	}
}

func (t *table) line(s string) {
	t.out.WriteString(strings.TrimRight(s, " "))
	t.out.WriteByte('\n')
}

// SGR parameters. The colours are of the 256 that no palette changes: each stands
// out from white and from black alike.
const (
	plain = ""
	bold  = "1"
	dim   = "2"

	green   = "38;5;28"
	brown   = "38;5;130"
	red     = "38;5;196"
	magenta = "38;5;133"
)

func verdictStyle(v audit.Verdict) string {
	switch v {
	case audit.Protected:
		return bold + ";" + green
	case audit.Partial:
		return brown
	case audit.Disabled, audit.Ignored, audit.Absent:
		return red
	}
	return magenta
}

// styled marks s, blanks at its end apart, where colours are asked for.
func (t *table) styled(style, s string) string {
	shown := strings.TrimRight(s, " ")
	if !t.opt.Color || style == plain || shown == "" {
		return s
	}
	return "\x1b[" + style + "m" + shown + "\x1b[0m" + s[len(shown):]
}
