package lists

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hsts-check/visit"
)

// A dialect is how the cells of a table are written.
type dialect struct {
	comma    rune
	comments bool // lines that begin with # are
}

// reader reads rows of any width.
func (d dialect) reader(r io.Reader) *csv.Reader {
	cr := csv.NewReader(r)
	cr.Comma = d.comma
	cr.FieldsPerRecord = -1
	cr.TrimLeadingSpace = d.comma != '\t'
	cr.LazyQuotes = d.comma == '\t' // many that write tabs quote nothing
	if d.comments {
		cr.Comment = '#'
	}
	return cr
}

// sampleRows reads the first rows of a table, without empty ones and without a
// line that says what the separator is.
func (d dialect) sampleRows(s *sample) [][]string {
	const most = 50
	var rows [][]string
	cr := d.reader(bytes.NewReader(s.text))
	for len(rows) < most {
		row, err := cr.Read()
		var quoting *csv.ParseError
		switch {
		case errors.As(err, &quoting):
			continue
		case err != nil:
			return rows
		}
		if filled := trimCells(row); filled > 0 && !isSep(row) {
			rows = append(rows, row[:filled])
		}
	}
	return rows
}

// isSep finds the line "sep=;" that Excel takes from the top of a file.
func isSep(row []string) bool { return strings.HasPrefix(strings.ToLower(row[0]), "sep=") }

// sniffTable finds out whether a list is rows of cells, how they are written,
// and which column is what. The separator that stands first in the first row is
// the likeliest.
func (p *parser) sniffTable(s *sample) (format, error) {
	first, comments := s.lines[0], true
	if len(s.marks) > 0 && bytes.HasPrefix(bytes.TrimSpace(s.text), []byte(s.marks[0])) {
		if rest := strings.TrimLeft(s.marks[0][1:], " "); rest != "" && strings.ContainsAny(rest[:1], ",;\t") {
			first, comments = s.marks[0], false // the header calls its first column #
		}
	}
	if isSep([]string{first}) && len(first) <= len("sep=,") {
		d := dialect{rune((first + "\t")[len("sep=")]), comments} // the sample has no tab at the end
		return p.sniffRows(d, d.sampleRows(s), s)
	}
	commas := []rune(",")
	if i := strings.IndexAny(first, ",;\t|"); i >= 0 {
		commas = nil
		for _, r := range first[i:] {
			if strings.ContainsRune(",;\t|", r) && !slices.Contains(commas, r) {
				commas = append(commas, r)
			}
		}
	}
	for _, comma := range commas {
		d := dialect{comma, comments}
		if f, err := p.sniffRows(d, d.sampleRows(s), s); f != nil || err != nil {
			return f, err
		}
	}
	return nil, nil
}

// sniffRows does so for one way to write cells.
func (p *parser) sniffRows(d dialect, rows [][]string, s *sample) (format, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	if isRanked(rows[0]) && len(p.Columns) == 0 {
		return p.rows(d, &table{names: make([]string, 2), url: 1, name: -1, group: -1, ranked: true}, false), nil
	}
	names, below, header := rows[0], rows[1:], isHeader(rows, p.Columns)
	if !header {
		if len(p.Columns) == 0 && !isRegular(d, rows, s) {
			return nil, nil
		}
		names, below = make([]string, len(rows[0])), rows
	}
	t, err := newTable(names, below, p.Columns)
	switch {
	case errors.Is(err, errNoColumn), err != nil && !header && len(p.Columns) == 0:
		return nil, nil
	case err != nil && len(p.Columns) > 0 && len(names) == 1 && !header:
		return nil, nil // a list of lines
	case err != nil && s.whole:
		return nil, cannotTell(names, err)
	case err != nil, len(below) == 0 && fit(names[t.url], urlWords) < exactly && len(p.Columns) == 0 && !s.whole:
		return nil, nil // more rows will tell
	}
	return p.rows(d, t, header), nil
}

// isRanked finds rank and domain, as Tranco and Umbrella have them. Umbrella
// ranks top-level domains too.
func isRanked(row []string) bool {
	return len(row) == 2 && strings.Trim(row[0], "0123456789") == "" && (looksLikeSite(row[1]) || isTLD(strings.ToLower(row[1])))
}

// isHeader reports whether the first row says what the columns are: that asked
// for is among them, or no site is in it and a word for one, or sites are below.
func isHeader(rows [][]string, asked Columns) bool {
	for _, wanted := range asked {
		if slices.ContainsFunc(rows[0], func(cell string) bool { return wanted != "" && strings.EqualFold(cell, wanted) }) {
			return true
		}
	}
	if slices.ContainsFunc(rows[0], looksLikeSite) {
		return false
	}
	if len(rows[0]) == 1 {
		return fit(rows[0][0], urlWords) > exactly && !strings.HasSuffix(rows[0][0], ":") // YAML has such lines
	}
	for i, cell := range rows[0] {
		if fit(cell, urlWords) > 0 || len(rows) > 1 && share(rows[1:], i) >= mostly {
			return true
		}
	}
	return false
}

// isRegular reports whether rows without a header are a table all the same, and
// no lines of names and URLs with a separator in some of them.
func isRegular(d dialect, rows [][]string, s *sample) bool {
	if len(rows[0]) < 2 || len(rows) < 2 && !s.whole || slices.ContainsFunc(s.lines, func(line string) bool { return line[0] == '[' }) {
		return false
	}
	for _, row := range rows {
		holdsURL := func(cell string) bool { return strings.Contains(cell, "://") && !looksLikeSite(cell) }
		if len(row) != len(rows[0]) || slices.ContainsFunc(row, holdsURL) {
			return false
		}
	}
	first := share(rows, 0) >= mostly
	switch {
	case d.comma == '\t':
		return first || len(rows[0]) > 2 // else a line is a name, a tab and a URL
	case first: // commas may be part of the URL; blanks and capitals are not
		return !slices.ContainsFunc(rows, func(row []string) bool { return !isText(row[1]) })
	}
	return true
}

// isText reports whether a cell behind a URL is not the rest of it.
func isText(cell string) bool {
	r, _ := utf8.DecodeRuneInString(cell)
	return unicode.IsUpper(r) || r >= utf8.RuneSelf || strings.ContainsFunc(cell, isBlank)
}

// refuseTable refuses rows of cells of which no line is a site, and of which
// nothing tells where the URLs are.
func (p *parser) refuseTable(s *sample) error {
	if slices.ContainsFunc(s.lines, p.isRow) {
		return nil
	}
	for _, comma := range ",;\t" {
		d := dialect{comma, true}
		rows := d.sampleRows(s)
		if len(rows) < 2 || len(rows[0]) < 2 || slices.ContainsFunc(rows, func(row []string) bool { return len(row) > len(rows[0]) }) ||
			slices.ContainsFunc(rows[0], looksLikeSite) {
			continue
		}
		return cannotTell(rows[0], errNoColumn)
	}
	return nil
}

// rows reads rows of cells of which it is known what they are.
func (p *parser) rows(d dialect, t *table, header bool) format {
	return func(r io.Reader, yield func(visit.Site) bool) error {
		p.how(t.how())
		cr := d.reader(skipBOM(r))
		for {
			row, err := cr.Read()
			var quoting *csv.ParseError
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case errors.As(err, &quoting):
				p.line = quoting.StartLine
				if !yield(p.blank("", fmt.Errorf("%w: put the cell in quotes and double each quote in it", quoting.Err))) {
					return nil
				}
				continue
			case err != nil:
				return err
			}
			p.line, _ = cr.FieldPos(0)
			filled := trimCells(row)
			switch {
			case filled == 0, isSep(row): // spreadsheets leave empty rows below a table
			case header:
				header = false
			case !yield(p.record(row[:filled], t)):
				return nil
			}
		}
	}
}

// trimCells takes the blanks off the cells and counts them up to the last one
// that is not empty.
func trimCells(row []string) (filled int) {
	for i, cell := range row {
		row[i] = strings.TrimFunc(cell, isBlank)
		if row[i] != "" {
			filled = i + 1
		}
	}
	return filled
}

// record reads one row.
func (p *parser) record(row []string, t *table) visit.Site {
	cell := func(i int) string {
		if i < 0 || i >= len(row) {
			return ""
		}
		return row[i]
	}
	group, name, last := cell(t.group), cell(t.name), cell(t.url)
	size := len(row) - 1
	for _, c := range row {
		size += len(c)
	}
	switch {
	case size > maxLine:
		return p.fault(name, last, fmt.Errorf("the row is longer than %d bytes: close its quotes", maxLine))
	case t.hasHeader() && len(row) > len(t.names):
		return p.fault(name, last, fmt.Errorf("%d cells under a header of %d: put a cell that holds a separator in quotes", len(row), len(t.names)))
	case t.ranked && !strings.Contains(last, ".") && isTLD(strings.ToLower(last)):
		s := p.fault(last, last, fmt.Errorf("%s is a top-level domain, not a site", quote(last)))
		s.Fault = Fault{p.file, p.line, s.Fault.(Fault).Msg, true}
		return s
	case last == "":
		return p.blank(name, fmt.Errorf("no URL: cell %d is empty", t.url+1))
	}
	return p.withTerms(p.cells(group, name, last), t, cell)
}

// withTerms attaches what the columns of the keys say to a site.
func (p *parser) withTerms(s visit.Site, t *table, cell func(column int) string) visit.Site {
	for i, column := range t.said {
		if s.Fault != nil || cell(column) == "" {
			continue
		}
		if err := p.annotate(&s, keys[i], cell(column)); err != nil {
			return p.fault(s.Name, s.URL, err)
		}
	}
	return s
}

// cells reads what a row, an object or an item has of a site.
func (p *parser) cells(group, name, url string) visit.Site {
	if err := checkText(group); err != nil {
		return p.fault(name, url, err)
	}
	if group = oneBlank(group); group == "" {
		group = p.group
	}
	return p.site(group, name, url)
}
