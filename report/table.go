package report

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"hsts-check/audit"
)

// Table writes each group's score and rows for a terminal, the groups' ranking
// and the report's provenance.
//
// Long URLs are shortened in the middle, long names and notes wrap. Where
// opt.Width is small, headings are shortened and then notes, URL and policy go
// below their row, in that order; where it is 0, nothing wraps, and a URL that
// had to be shortened stands whole below its row. Nothing is left out but what
// opt.Only does not name. With opt.Verbose what is waived and the exchanges stand
// below each row. What the list notes of sites stands below their group's table.
// Results of several vantage points have one row a site, with the worst of its
// verdicts, and a column for what each place saw.
func Table(w io.Writer, results []audit.Result, meta Meta, opt Options) error {
	results, places := fold(results)
	all := opt.tally(results)
	groups := all.Groups
	shown := opt.shown(results)
	rows := make([]row, len(shown))
	numbers := newFootnotes(shown)
	for i, r := range shown {
		rows[i] = newRow(r, places)
		rows[i].site += numbers.mark(r.Note)
		rows[i].waived = waived(r, opt)
	}
	t := table{opt: opt, layout: fit(rows, places.headings(), opt.Width)}
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
		if err := t.rows(members[g.Group]); err != nil {
			return err
		}
		t.line("")
		if notes := numbers.of(noted[g.Group]); notes != nil {
			for _, note := range notes {
				t.text(plain, numbers.number(note)+" "+visible(note, rowLimit))
			}
			t.line("")
		}
	}
	if leader := Leader(groups); leader != "" {
		t.text(bold, leader)
	}
	if len(groups) != 1 {
		t.text(plain, "Overall: "+all.Total.String())
	}
	t.text(plain, opt.leftOut(results))
	t.text(dim, meta.footer())
	_, err := w.Write(t.out.Bytes())
	return err
}

// A table is written here first: tablewriter drops the errors of its writer.
type table struct {
	out      bytes.Buffer
	opt      Options
	layout   layout
	headings []string
	widths   []int // of the columns, the same in every group
	ruled    int   // length of the rule: it need not follow one long note
}

// lay fills in the rows' cells and finds how wide the columns are.
func (t *table) lay(rows []row) {
	t.head(t.layout.headings())
	for i := range rows {
		rows[i].cells = t.layout.cells(rows[i])
		t.measure(rows[i].cells)
	}
	for i, width := range t.widths {
		if i > 0 {
			t.ruled += gap
		}
		if i > t.layout.verdictColumn() {
			width = min(width, wellNotes)
		}
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
func (t *table) rows(rows []row) error {
	cells := make([][]string, len(rows))
	for i, r := range rows {
		cells[i] = slices.Clone(r.cells)
		at := t.layout.verdictColumn()
		cells[i][at] = t.styled(verdictStyle(r.verdict), r.shown)
		for k, v := range r.verdicts {
			cells[i][at+1+k] = t.styled(verdictStyle(v), r.seen[k])
		}
	}
	return t.grid(cells, func(i int) []string {
		width := max(t.opt.Width-gap, 0)
		lines := t.layout.folded(rows[i], width)
		if t.opt.Verbose {
			lines = append(lines, waiverLines(rows[i].waived, width)...)
			lines = append(lines, exchangeLines(rows[i].exchanges, width)...)
		}
		return lines
	})
}

// grid writes rows under the headings and a rule, and below each row what
// folded says of it.
func (t *table) grid(rows [][]string, folded func(row int) []string) error {
	var out bytes.Buffer
	w := newTablewriter(&out, t.widths)
	w.Header(t.headings)
	for _, cells := range rows {
		if err := w.Append(cells); err != nil {
			return err
		}
	}
	if err := w.Render(); err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	t.line(t.styled(dim, lines[0]))
	t.line(t.styled(dim, first(lines[1], t.ruled)))
	lines = lines[2:]
	for i, cells := range rows {
		height := 1
		for _, cell := range cells {
			height = max(height, 1+strings.Count(cell, "\n"))
		}
		for _, l := range lines[:height] {
			t.line(l)
		}
		lines = lines[height:]
		for _, l := range folded(i) {
			t.line(strings.Repeat(" ", gap) + t.styled(dim, l))
		}
	}
	return nil
}

// newTablewriter returns a table without borders: columns two blanks apart,
// and a rule under the headings. Cells come as they are to be shown. Characters
// of ambiguous width are narrow, as terminals have them today whatever the
// locale, so that the same results give the same table everywhere.
func newTablewriter(w io.Writer, widths []int) *tablewriter.Table {
	padding := make([]tw.Padding, len(widths))
	outer := tw.NewMapper[int, int]()
	for i, width := range widths {
		left := gap
		if i == 0 {
			left = 0
		}
		padding[i] = tw.Padding{Left: strings.Repeat(" ", left), Overwrite: true}
		outer.Set(i, left+width)
	}
	section := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft},
		Padding:    tw.CellPadding{Global: tw.PaddingNone, PerColumn: padding},
	}
	return tablewriter.NewTable(w,
		tablewriter.WithConfig(tablewriter.Config{Header: section, Row: section}),
		tablewriter.WithColumnWidths(outer),
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithTrimLine(tw.Off), // every line of a cell counts, see rows
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone,
			Symbols: tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{
				Separators: tw.SeparatorsNone,
				Lines:      tw.Lines{ShowTop: tw.Off, ShowBottom: tw.Off, ShowHeaderLine: tw.On, ShowFooterLine: tw.Off},
			},
		})),
	)
}

// columns returns how many columns of a terminal s takes, by the same reckoning
// as tablewriter's.
func columns(s string) int {
	if isPlain(s) {
		return len(s)
	}
	return twwidth.WidthWithOptions(s, twwidth.Options{})
}

// text writes a line of prose, wrapped; nothing if it is empty.
func (t *table) text(style, s string) {
	if s == "" {
		return
	}
	for _, l := range wrap(s, t.opt.Width) {
		t.line(t.styled(style, l))
	}
}

func (t *table) line(s string) {
	t.out.WriteString(strings.TrimRight(s, " "))
	t.out.WriteByte('\n')
}

// SGR parameters, those that any palette, light or dark, has an answer to.
const (
	plain = ""
	bold  = "1"
	dim   = "2"
)

func verdictStyle(v audit.Verdict) string {
	switch v {
	case audit.Protected:
		return "1;32" // green
	case audit.Partial:
		return "33" // yellow
	case audit.Disabled, audit.Ignored, audit.Absent:
		return "31" // red
	}
	return "35" // magenta
}

// styled marks s, blanks at its end apart, where colours are asked for.
func (t *table) styled(style, s string) string {
	shown := strings.TrimRight(s, " ")
	if !t.opt.Color || style == plain || shown == "" {
		return s
	}
	return "\x1b[" + style + "m" + shown + "\x1b[0m" + s[len(shown):]
}
