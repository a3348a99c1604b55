package report

import (
	"archive/zip"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"hsts-check/audit"
)

// XLSX makes a workbook of three sheets: the sites, totals, and all findings. It
// takes in each result as it comes, a row each, and keeps the rows of a large
// survey in temporary files. Finish, which must be called unless add has failed,
// writes it.
//
// A sheet ends where spreadsheets do, and says so there and in the totals. A cell
// holds text, a number, a share or a time, and never a formula; text is escaped as
// [visible] does.
func XLSX(w io.Writer, opt Options) (add func(audit.Result) error, finish func(Meta, *Tally) error, err error) {
	b, err := newWorkbook(opt, excelize.TotalRows)
	if err != nil {
		return nil, nil, err
	}
	add = func(r audit.Result) error {
		err := b.add(r)
		if err != nil {
			b.file.Close()
		}
		return err
	}
	return add, func(meta Meta, all *Tally) error { return b.finish(w, meta, all) }, nil
}

// A workbook is one in the making.
type workbook struct {
	file                    *excelize.File
	opt                     Options
	style                   xlsxStyles
	sites, totals, findings *xlsxSheet
}

// newWorkbook makes one whose sheets have so many rows at most.
func newWorkbook(opt Options, most int) (*workbook, error) {
	b := &workbook{file: excelize.NewFile(), opt: opt}
	errs := []error{
		b.style.make(b.file),
		b.newSheet(&b.sites, "Sites", most, siteColumns(), true),
		b.newSheet(&b.totals, "Totals", most, totalColumns, false),
		b.newSheet(&b.findings, "Findings", most, findingColumns, true),
		b.file.DeleteSheet("Sheet1"), // which a new file has
	}
	if err := errors.Join(errs...); err != nil {
		b.file.Close()
		return nil, err
	}
	return b, nil
}

// add takes in one result.
func (b *workbook) add(r audit.Result) error {
	if err := b.sites.add(b.siteCells(r)); err != nil {
		return err
	}
	for _, f := range remarks(r, b.opt) {
		if err := b.findings.add(b.findingCells(r, f)); err != nil {
			return err
		}
	}
	return nil
}

// An xlsxColumn has a heading and a width in characters.
type xlsxColumn struct {
	name  string
	width float64
}

func siteColumns() []xlsxColumn {
	columns := []xlsxColumn{
		{"Group", 18}, {"Site", 28}, {"URL", 44}, {"Verdict", 10}, {"Worst finding", 34}, {"Seconds of max-age", 14},
		{"includeSubDomains", 19}, {"preload", 10}, {"On preload list as", 24}, {"Header", 44},
	}
	for _, name := range standardNames() {
		columns = append(columns, xlsxColumn{name, 13})
	}
	return append(columns, []xlsxColumn{
		{"Rules", 40}, {"Why not judged", 44}, {"Checked (UTC)", 17}, {"Seen from", 14}, {"Run", 14}, {"Note", 34}, {"Line of the list", 26},
	}...)
}

func (b *workbook) siteCells(r audit.Result) []any {
	row := b.cells(r.Group, r.Name, r.URL)
	row.add(b.style.class[verdictClass(r.Verdict)], visible(verdictInWords(r.Verdict), nameLimit))
	row.text(worst(r, details[0]).Title)
	if p := r.Policy; p != nil {
		row.add(b.style.number, p.MaxAge)
		row.text(yesNo(p.IncludeSubDomains), yesNo(p.Preload))
	} else {
		row.text("", "", "")
	}
	entry := ""
	if r.Preloaded != nil {
		entry = r.Preloaded.Entry
	}
	row.text(entry, strings.Join(r.Header, " | "))
	for _, standard := range audit.Standards {
		switch met, known := r.Standards[standard.Name]; {
		case !known:
			row.text("")
		case met:
			row.text("met")
		default:
			row.text("missed")
		}
	}
	row.text(ruleList(r))
	why := ""
	if r.Verdict == audit.Unknown {
		why = whyUnknown(r)
	}
	row.text(why)
	if r.CheckedAt.IsZero() {
		row.text("")
	} else {
		row.add(b.style.time, r.CheckedAt.UTC())
	}
	file, line := listLine(r)
	if file != "" {
		file += ":" + strconv.Itoa(line)
	}
	row.text(r.Vantage, r.Run, r.Note, file)
	return row.all
}

// ruleList names the rules of a site's findings, each once, and marks what is
// waived.
func ruleList(r audit.Result) string {
	var names []string
	seen := make(map[string]bool)
	for _, f := range r.Findings {
		name := f.Rule
		if f.Waived != nil {
			name += " (waived)"
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

var findingColumns = []xlsxColumn{
	{"Group", 18}, {"Site", 28}, {"URL", 44}, {"Host", 28}, {"Severity", 10}, {"Rule", 28}, {"Title", 30}, {"What was seen", 100},
	{"What to write", 70}, {"Waived until", 14}, {"Waived because", 34}, {"Seen from", 14},
}

func (b *workbook) findingCells(r audit.Result, f audit.Finding) []any {
	row := b.cells(r.Group, r.Name, r.URL, f.Host)
	severity := string(f.Severity)
	var waived audit.Waived
	if f.Waived != nil {
		severity, waived = "waived", *f.Waived
	}
	row.add(b.style.class[severity], visible(severity, nameLimit))
	row.text(f.Rule, ruleOf(f.Rule).Title, f.Message, r.FixLine(f), waived.Until, waived.Reason, r.Vantage)
	return row.all
}

// finish writes the totals, then the workbook, and removes the temporary files.
func (b *workbook) finish(w io.Writer, meta Meta, all *Tally) error {
	defer b.file.Close()
	err := errors.Join(
		b.sites.end(),
		b.findings.end(),
		b.writeTotals(meta, all),
		b.totals.end(),
		b.file.SetDocProps(&excelize.DocProperties{Title: b.opt.title(all), Creator: "hsts-check"}),
	)
	if err != nil {
		return err
	}
	// The library would gather all in memory; its archive is told to go to w.
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	return b.file.Write(io.Discard)
}
