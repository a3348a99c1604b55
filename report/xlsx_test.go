package report

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"hsts-check/audit"
	"hsts-check/internal/lab"
)

// unzipped returns the parts of a workbook, in the order of their names.
func unzipped(t testing.TB, book []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(z.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	var parts strings.Builder
	for _, f := range z.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&parts, part); err != nil {
			t.Fatal(err)
		}
		parts.WriteString("\n")
	}
	return parts.String()
}

func workbookOf(t *testing.T, results []audit.Result, opt Options) *excelize.File {
	t.Helper()
	var out bytes.Buffer
	if err := writeAll(&out, format(t, "xlsx"), results, opt); err != nil {
		t.Fatal(err)
	}
	return reopened(t, &out)
}

func reopened(t *testing.T, out *bytes.Buffer) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func sheetRows(t *testing.T, f *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestXLSX(t *testing.T) {
	results := survey()
	f := workbookOf(t, results, Options{Title: "Banks of 2013"})
	if diff := cmp.Diff([]string{"Sites", "Totals", "Findings"}, f.GetSheetList()); diff != "" {
		t.Errorf("sheets: -want +got\n%s", diff)
	}
	if n := len(sheetRows(t, f, "Sites")); n != len(results)+1 {
		t.Errorf("%d rows of %d sites", n, len(results))
	}
	findings := 0
	for _, r := range results {
		findings += len(remarks(r, Options{}))
	}
	if n := len(sheetRows(t, f, "Findings")); n != findings+1 {
		t.Errorf("%d rows of %d findings", n, findings)
	}
	for _, sheet := range []string{"Sites", "Findings"} {
		if p, err := f.GetPanes(sheet); err != nil || !p.Freeze || p.YSplit != 1 {
			t.Errorf("%s: the head does not stay in sight: %+v, %v", sheet, p, err)
		}
		if tables, err := f.GetTables(sheet); err != nil || len(tables) != 1 {
			t.Errorf("%s: there are no filters: %v, %v", sheet, tables, err)
		}
	}
	totals := sheetRows(t, f, "Totals")
	if totals[0][0] != "Banks of 2013" || !strings.Contains(totals[1][0], "seen from") {
		t.Errorf("the totals begin with %q", totals[:2])
	}
	last := slices.IndexFunc(totals, func(row []string) bool { return len(row) > 0 && row[0] == "All sites" })
	_, total := Scores(results)
	if got, want := totals[last][4], strconv.Itoa(total.Count(audit.Protected)); got != want {
		t.Errorf("%s sites are protected, not %s", got, want)
	}
}

func TestXLSXColorsVerdicts(t *testing.T) {
	f := workbookOf(t, survey(), Options{})
	colors := make(map[string]string)
	for i, row := range sheetRows(t, f, "Sites")[1:] {
		cell, _ := excelize.CoordinatesToCellName(4, i+2)
		id, _ := f.GetCellStyle("Sites", cell)
		style, err := f.GetStyle(id)
		if err != nil || len(style.Fill.Color) != 1 {
			t.Fatalf("%s: no colour, %v", cell, err)
		}
		colors[row[3]] = style.Fill.Color[0]
	}
	if len(colors) < 5 || colors["YES!"] == colors["no"] {
		t.Errorf("the colours of verdicts are %v", colors)
	}
}

// TestXLSXOpensInLibreOffice: every cell is where it belongs and what it was,
// in any script, and none is a formula.
func TestXLSXOpensInLibreOffice(t *testing.T) {
	office := lab.Program(t, "soffice")
	names := []string{"Kiwibank Tāmaki Makaurau", "中国银行", "البنك الأهلي", "=cmd()", "+1+1", "@SUM(A1)", "-1", "0012", "2026-11-25"}
	var results []audit.Result
	for _, name := range names {
		results = append(results, site("Group", name, "https://a.example/", "max-age=1", 1))
	}
	var out bytes.Buffer
	if err := writeAll(&out, format(t, "xlsx"), results, Options{}); err != nil {
		t.Fatal(err)
	}
	file := opened(t, office, "survey.xlsx", out.String())
	var sheets []string
	for _, table := range file.Tables {
		sheets = append(sheets, table.Name)
		for i, row := range table.Rows {
			for _, cell := range row.Cells {
				if cell.Formula != "" {
					t.Errorf("%s, row %d: a formula, %q", table.Name, i+1, cell.Formula)
				}
			}
		}
	}
	if diff := cmp.Diff([]string{"Sites", "Totals", "Findings"}, sheets); diff != "" {
		t.Errorf("sheets: -want +got\n%s", diff)
	}
	for i, name := range names {
		if cell := file.Tables[0].Rows[i+1].cell(1); cell.text() != name || cell.Type != "string" {
			t.Errorf("row %d: %q, a %s, not the text %q", i+2, cell.text(), cell.Type, name)
		}
	}
	for _, sheet := range []string{"Sites", "Findings"} {
		if !slices.Contains(file.filtered(), sheet) {
			t.Errorf("%s has no filters", sheet)
		}
	}
}

// TestXLSXSaysWhatIsLeftOut where a sheet is full.
func TestXLSXSaysWhatIsLeftOut(t *testing.T) {
	const most = 5 // a head, three sites, and what is left out
	b, err := newWorkbook(Options{}, most)
	if err != nil {
		t.Fatal(err)
	}
	b.totals.most = excelize.TotalRows
	results := many(7)
	for _, r := range results {
		if err := b.add(r); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := b.finish(&out, meta, Count(results)); err != nil {
		t.Fatal(err)
	}
	f := reopened(t, &out)
	rows := sheetRows(t, f, "Sites")
	const want = "4 more rows are left out of the sheet Sites, since a spreadsheet has 5 at most: all sites go into a .csv or .ndjson file"
	if len(rows) != most || rows[most-1][0] != want {
		t.Errorf("%d rows, the last is %q", len(rows), rows[len(rows)-1])
	}
	if !slices.ContainsFunc(sheetRows(t, f, "Totals"), func(row []string) bool { return len(row) > 0 && row[0] == want }) {
		t.Error("the totals do not say so")
	}
	if tables, err := f.GetTables("Sites"); err != nil || len(tables) != 1 || !strings.HasSuffix(tables[0].Range, "4") {
		t.Errorf("the filters are of %+v, %v", tables, err)
	}
}

// TestXLSXOfNothing opens too.
func TestXLSXOfNothing(t *testing.T) {
	f := workbookOf(t, nil, Options{Only: []audit.Verdict{audit.Absent}})
	if rows := sheetRows(t, f, "Sites"); len(rows) != 1 {
		t.Errorf("rows: %q", rows)
	}
	if note := sheetRows(t, f, "Totals")[2][0]; !strings.Contains(note, "these verdicts alone: absent") {
		t.Errorf("the totals do not say what is shown: %q", note)
	}
}
