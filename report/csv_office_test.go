package report

import (
	"encoding/csv"
	"encoding/xml"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hsts-check/internal/lab"
)

// TestCSVOpensInLibreOffice: every cell is where it belongs and what it was,
// and none is a formula.
func TestCSVOpensInLibreOffice(t *testing.T) {
	office := lab.Program(t, "soffice")
	results := survey()
	for _, name := range slices.Sorted(maps.Keys(nasty)) {
		results = append(results, hostile(nasty[name])[0])
	}
	text := written(t, format(t, "csv"), results, Options{})
	want, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := sheet(t, office, text)
	if len(got) != len(want) {
		t.Fatalf("%d rows, not %d", len(got), len(want))
	}
	for i, row := range want {
		for j, cell := range row {
			// The sheet's own file squeezes blanks, and truths are its own.
			squeezed := strings.Join(strings.Fields(cell), " ")
			switch c := got[i].cell(j); {
			case c.Formula != "":
				t.Errorf("row %d, %s: a formula, %.100q", i, want[0][j], c.Formula)
			case c.Type != "float" && !strings.EqualFold(strings.Join(strings.Fields(c.text()), " "), squeezed):
				t.Errorf("row %d, %s: %.100q, not %.100q", i, want[0][j], c.text(), cell)
			case c.Type == "float" && !slices.Contains([]string{"max_age", "id"}, want[0][j]):
				t.Errorf("row %d, %s: %.100q became a number", i, want[0][j], cell)
			}
		}
	}
}

// A sheetRow is one row of a flat OpenDocument spreadsheet.
type sheetRow struct {
	Cells []sheetCell `xml:"table-cell"`
}

type sheetCell struct {
	Repeated int    `xml:"number-columns-repeated,attr"`
	Formula  string `xml:"formula,attr"`
	Type     string `xml:"value-type,attr"`
	Lines    []struct {
		Inner string `xml:",innerxml"`
	} `xml:"p"`
}

// cell returns the cell of a column, which may stand for several.
func (r sheetRow) cell(column int) sheetCell {
	for _, c := range r.Cells {
		if column -= max(c.Repeated, 1); column < 0 {
			return c
		}
	}
	return sheetCell{}
}

func (c sheetCell) text() string {
	var b strings.Builder
	for _, l := range c.Lines {
		dec := xml.NewDecoder(strings.NewReader(l.Inner))
		for token, err := dec.Token(); err == nil; token, err = dec.Token() {
			switch token := token.(type) {
			case xml.CharData:
				b.Write(token)
			case xml.StartElement: // blanks in a row, a tab
				b.WriteByte(' ')
			}
		}
	}
	return b.String()
}

// sheet opens CSV as LibreOffice does when told that it is UTF-8 with commas.
func sheet(t *testing.T, office, text string) []sheetRow {
	t.Helper()
	return opened(t, office, "survey.csv", text, "--infilter=Text - txt - csv (StarCalc):44,34,76,1").Tables[0].Rows
}

// A sheetFile is a flat OpenDocument spreadsheet.
type sheetFile struct {
	Tables []struct {
		Name string     `xml:"name,attr"`
		Rows []sheetRow `xml:"table-row"`
	} `xml:"body>spreadsheet>table"`
	Ranges []struct {
		Name    string `xml:"name,attr"`
		Filters bool   `xml:"display-filter-buttons,attr"`
	} `xml:"body>spreadsheet>database-ranges>database-range"`
}

// filtered are the names of ranges with filters.
func (f sheetFile) filtered() (names []string) {
	for _, r := range f.Ranges {
		if r.Filters {
			names = append(names, r.Name)
		}
	}
	return names
}

// opened has LibreOffice open a file and save it as its own.
func opened(t *testing.T, office, name, text string, how ...string) (f sheetFile) {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, name)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-env:UserInstallation=file://" + filepath.ToSlash(folder) + "/profile", "--headless"}, how...)
	cmd := exec.CommandContext(t.Context(), office, append(args, "--convert-to", "fods", "--outdir", folder, file)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	flat, err := os.ReadFile(strings.TrimSuffix(file, filepath.Ext(file)) + ".fods")
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(flat, &f); err != nil {
		t.Fatal(err)
	}
	return f
}
