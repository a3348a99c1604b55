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
)

// TestCSVOpensInLibreOffice: every cell is where it belongs and what it was,
// and none is a formula.
func TestCSVOpensInLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice") // too large to be required
	if err != nil {
		t.Skip("LibreOffice is not installed here; encoding/csv reads the same rows in other tests")
	}
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
	folder := t.TempDir()
	file := filepath.Join(folder, "survey.csv")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+filepath.ToSlash(folder)+"/profile", "--headless",
		"--infilter=Text - txt - csv (StarCalc):44,34,76,1", "--convert-to", "fods", "--outdir", folder, file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	flat, err := os.ReadFile(filepath.Join(folder, "survey.fods"))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Rows []sheetRow `xml:"body>spreadsheet>table>table-row"`
	}
	if err := xml.Unmarshal(flat, &document); err != nil {
		t.Fatal(err)
	}
	return document.Rows
}
