package report

import (
	"slices"

	"hsts-check/audit"
)

// totalColumns leave headings to the parts, one below the other.
var totalColumns = []xlsxColumn{{"", 34}, {"", 13}, {"", 13}, {"", 13}, {"", 26}, {"", 10}, {"", 10}, {"", 10}, {"", 10}, {"", 10}}

// writeTotals fills the sheet that counts all sites.
func (b *workbook) writeTotals(meta Meta, all *Tally) error {
	for _, row := range slices.Concat(
		b.provenanceRows(meta, all), b.groupRows(all), b.verdictRows(all), b.ageRows(all), b.standardRows(all), b.findingRows(all),
	) {
		if err := b.totals.add(row); err != nil {
			return err
		}
	}
	return nil
}

func (b *workbook) provenanceRows(meta Meta, all *Tally) [][]any {
	title := b.cells()
	title.add(b.style.title, visible(b.opt.title(all), nameLimit))
	rows := [][]any{title.all, b.cells(meta.footer()).all}
	for _, note := range []string{b.onlyShown(), b.sites.leftOut(), b.findings.leftOut()} {
		if note != "" {
			rows = append(rows, b.headings(note, nil))
		}
	}
	return rows
}

// onlyShown says that sites of some verdicts alone have rows.
func (b *workbook) onlyShown() string {
	if len(b.opt.Only) == 0 {
		return ""
	}
	return "The other sheets have sites of these verdicts alone: " + list(verdictNames(b.opt.Only), "and") + ". The totals are of all."
}

// headings are those of a column of names, of columns of numbers, and of texts.
func (b *workbook) headings(name string, numbers []string, texts ...string) []any {
	row := b.cells()
	row.add(b.style.head, name)
	for _, n := range numbers {
		row.add(b.style.headNumber, n)
	}
	for _, t := range texts {
		row.add(b.style.head, t)
	}
	return row.all
}

// counted is a row of a name and numbers.
func (b *workbook) counted(name string, numbers ...int) *xlsxCells {
	row := b.cells(name)
	for _, n := range numbers {
		row.add(b.style.number, n)
	}
	return row
}

func (b *workbook) groupRows(all *Tally) [][]any {
	headings := []string{"Sites", "Judged", "Protected"}
	for _, v := range audit.Verdicts {
		headings = append(headings, verdictInWords(v))
	}
	rows := [][]any{nil, b.headings("Group", headings)}
	total := all.Total
	total.Group = "All sites"
	for _, s := range append(slices.Clone(all.Groups), total) {
		row := b.counted(groupName(s.Group), s.Sites(), s.Judged())
		if s.Judged() > 0 {
			row.add(b.style.share, float64(s.Count(audit.Protected))/float64(s.Judged()))
		} else {
			row.text("not known")
		}
		for _, v := range audit.Verdicts {
			row.add(b.style.number, s.Count(v))
		}
		rows = append(rows, row.all)
	}
	return rows
}

func (b *workbook) verdictRows(all *Tally) [][]any {
	rows := [][]any{nil, b.headings("Verdict", []string{"Sites"}, "What it means")}
	for i, k := range key(all.Total) {
		row := b.cells()
		row.add(b.style.class[k.Class], verdictInWords(audit.Verdicts[i]))
		row.add(b.style.number, k.Count)
		row.text(k.Meaning)
		rows = append(rows, row.all)
	}
	return rows
}

func (b *workbook) ageRows(all *Tally) [][]any {
	rows := [][]any{nil, b.headings("max-age of a valid policy", []string{"Sites"})}
	for _, age := range newAgeChart(all).Rows {
		rows = append(rows, b.counted(age.Label, age.Count).all)
	}
	return rows
}

func (b *workbook) standardRows(all *Tally) [][]any {
	rows := [][]any{nil, b.headings("Standard", []string{"Met", "Missed", "Not known"}, "Its bar")}
	for _, s := range standardRows(all) {
		row := b.counted(s.Name, s.Met, s.Missed, s.Unknown)
		row.text(s.Bar)
		rows = append(rows, row.all)
	}
	return rows
}

func (b *workbook) findingRows(all *Tally) [][]any {
	rows := [][]any{nil, b.headings("Finding", []string{"Sites"}, "Severity", "", "Rule")}
	for _, r := range htmlRules(all) {
		row := b.counted(r.Title, r.Sites)
		row.add(b.style.class[r.Severity], r.Severity)
		row.text("", r.ID)
		rows = append(rows, row.all)
	}
	return rows
}
