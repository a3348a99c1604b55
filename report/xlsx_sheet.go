package report

import (
	"fmt"
	"maps"
	"slices"

	"github.com/xuri/excelize/v2"

	"hsts-check/audit"
)

// An xlsxSheet is filled from top to bottom.
type xlsxSheet struct {
	name    string
	stream  *excelize.StreamWriter
	style   *xlsxStyles
	columns int
	table   bool // it has a head that stays in sight and filters
	rows    int
	most    int // rows that it holds
	left    int // rows that there was no room for
}

// newSheet adds a sheet to the workbook.
func (b *workbook) newSheet(s **xlsxSheet, name string, most int, columns []xlsxColumn, table bool) error {
	if _, err := b.file.NewSheet(name); err != nil {
		return err
	}
	stream, err := b.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	*s = &xlsxSheet{name: name, stream: stream, style: &b.style, columns: len(columns), table: table, most: most}
	var head []any
	for i, c := range columns {
		if err := stream.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
		head = append(head, excelize.Cell{StyleID: b.style.head, Value: c.name})
	}
	if !table {
		return nil
	}
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, XSplit: 2, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	return (*s).write(head)
}

// add writes a row, and counts it where there is no room: the last one is for
// saying so.
func (s *xlsxSheet) add(row []any) error {
	if s.rows >= s.most-1 {
		s.left++
		return nil
	}
	return s.write(row)
}

func (s *xlsxSheet) write(row []any) error {
	s.rows++
	return s.stream.SetRow(fmt.Sprintf("A%d", s.rows), row)
}

// end says what is left out, and ends the sheet.
func (s *xlsxSheet) end() error {
	if s.table {
		last, err := excelize.CoordinatesToCellName(s.columns, s.rows)
		if err != nil {
			return err
		}
		plain := false
		if err := s.stream.AddTable(&excelize.Table{Range: "A1:" + last, Name: s.name, StyleName: "TableStyleLight1", ShowRowStripes: &plain}); err != nil {
			return err
		}
	}
	if note := s.leftOut(); note != "" {
		if err := s.write([]any{excelize.Cell{StyleID: s.style.head, Value: note}}); err != nil {
			return err
		}
	}
	return s.stream.Flush()
}

// leftOut says that rows are missing; empty where none is.
func (s *xlsxSheet) leftOut() string {
	if s.left == 0 {
		return ""
	}
	return fmt.Sprintf("%d more rows are left out of the sheet %s, since a spreadsheet has %d at most: all sites go into a .csv or .ndjson file", s.left, s.name, s.most)
}

// xlsxStyles are the looks of cells, by their numbers in the workbook.
type xlsxStyles struct {
	title, head, headNumber, text, number, share, time int

	class map[string]int // of verdicts and severities
}

// xlsxColors are those of a cell's text and ground, as page.css has them, pale.
var xlsxColors = map[string][2]string{
	string(audit.Protected): {"14573C", "DDF1E7"},
	string(audit.Partial):   {"6B4A00", "FBEFCF"},
	string(audit.Disabled):  {"84380A", "FBE2D0"},
	string(audit.Ignored):   {"54307C", "ECE2F6"},
	string(audit.Absent):    {"8C1D18", "FADBD8"},
	string(audit.Unknown):   {"444E57", "E8EBEE"},

	string(audit.SeverityError):   {"8C1D18", "FADBD8"},
	string(audit.SeverityWarning): {"6B4A00", "FBEFCF"},
}

func (s *xlsxStyles) make(f *excelize.File) error {
	const text, grouped, percent = 49, 3, 9 // built-in number formats: what is typed into a cell of text stays text
	date := "yyyy-mm-dd hh:mm"
	top := &excelize.Alignment{Vertical: "top"}
	var err error
	set := func(style excelize.Style) (id int) {
		if err == nil {
			id, err = f.NewStyle(&style)
		}
		return id
	}
	s.title = set(excelize.Style{NumFmt: text, Font: &excelize.Font{Bold: true, Size: 14}})
	s.head = set(excelize.Style{NumFmt: text, Font: &excelize.Font{Bold: true}})
	s.headNumber = set(excelize.Style{NumFmt: text, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Horizontal: "right"}})
	s.text = set(excelize.Style{NumFmt: text, Alignment: top})
	s.number = set(excelize.Style{NumFmt: grouped, Alignment: top})
	s.share = set(excelize.Style{NumFmt: percent, Alignment: top})
	s.time = set(excelize.Style{CustomNumFmt: &date, Alignment: top})
	s.class = make(map[string]int)
	for _, class := range slices.Sorted(maps.Keys(xlsxColors)) { // two workbooks of the same are alike
		c := xlsxColors[class]
		s.class[class] = set(excelize.Style{
			NumFmt: text, Alignment: top, Font: &excelize.Font{Color: c[0], Bold: true},
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{c[1]}},
		})
	}
	return err
}

// xlsxCells is a row in the making.
type xlsxCells struct {
	style *xlsxStyles
	all   []any
}

// cells begins a row with texts.
func (b *workbook) cells(texts ...string) *xlsxCells {
	row := &xlsxCells{style: &b.style}
	row.text(texts...)
	return row
}

// text adds a cell for each text.
func (row *xlsxCells) text(texts ...string) {
	for _, t := range texts {
		row.add(row.style.text, visible(t, proseLimit))
	}
}

// add adds a cell.
func (row *xlsxCells) add(style int, value any) {
	row.all = append(row.all, excelize.Cell{StyleID: style, Value: value})
}
