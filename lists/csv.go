package lists

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hsts-check/visit"
)

// columns holds the indices of the columns that a list has; -1 where absent.
type columns struct {
	url, name, group int
	width            int            // of the header; 0 without one
	said             map[string]int // those of the keys that are there
}

// records yields the rows of a CSV file, faulty ones included, and returns what
// kept it from reading on. The header has a column url, domain, host or
// hostname, the first of these counts, and may have name, and group or country.
// Without one each row is a rank and a domain, as in the Tranco list.
func (p *parser) records(r io.Reader, yield func(visit.Site) bool) error {
	cr := newReader(r)
	var cols *columns
	for {
		record, err := cr.Read()
		var quoting *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &quoting):
			p.line = quoting.StartLine
			if !yield(p.fault("", "", fmt.Errorf("%w: put the cell in quotes and double each quote in it", quoting.Err))) {
				return nil
			}
			continue
		case err != nil:
			return err
		}
		p.line, _ = cr.FieldPos(0)
		filled := trimCells(record)
		if filled == 0 { // spreadsheets leave such rows below a table
			continue
		}
		if cols == nil {
			if cols, err = readHeader(record); err != nil {
				yield(p.fault("", "", err))
				_, err = io.Copy(io.Discard, r) // it may still turn out to be no text
				return err
			}
			if cols.width > 0 {
				continue
			}
		}
		if !yield(p.record(record[:filled], *cols)) {
			return nil
		}
	}
}

// newReader skips a BOM and finds out what separates the cells: where a comma
// is the decimal sign, spreadsheets write semicolons.
func newReader(r io.Reader) *csv.Reader {
	br := bufio.NewReaderSize(r, maxLine)
	head, _ := br.Peek(maxLine)
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		head = head[len("\ufeff"):]
		br.Discard(len("\ufeff"))
	}
	cr := csv.NewReader(br)
	cr.Comment = '#'
	cr.FieldsPerRecord = -1
	cr.ReuseRecord = true
	cr.TrimLeadingSpace = true
	for line := range bytes.Lines(head) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if i := bytes.IndexAny(line, ",;\t"); i >= 0 {
			cr.Comma = rune(line[i])
		}
		break
	}
	return cr
}

// trimCells takes the blanks off the cells and counts them up to the last one
// that is not empty.
func trimCells(record []string) (filled int) {
	for i, cell := range record {
		record[i] = strings.TrimFunc(cell, isBlank)
		if record[i] != "" {
			filled = i + 1
		}
	}
	return filled
}

func readHeader(first []string) (*columns, error) {
	find := func(wanted ...string) int {
		for _, name := range wanted {
			is := func(cell string) bool { return strings.EqualFold(cell, name) }
			if i := slices.IndexFunc(first, is); i >= 0 {
				return i
			}
		}
		return -1
	}
	url := find("url", "domain", "host", "hostname")
	switch {
	case url >= 0:
		cols := &columns{url: url, name: find("name"), group: find("group", "country"), width: len(first), said: make(map[string]int)}
		for _, key := range keys {
			if i := find(key); i >= 0 {
				cols.said[key] = i
			}
		}
		return cols, nil
	case len(first) >= 2 && first[0] != "" && strings.Trim(first[0], "0123456789") == "":
		return &columns{url: 1, name: -1, group: -1}, nil
	}
	return nil, errors.New(`the first row is neither a header with a column "url" or "domain" nor a rank and a domain`)
}

func (p *parser) record(record []string, cols columns) visit.Site {
	cell := func(i int) string {
		if i < 0 || i >= len(record) {
			return ""
		}
		return record[i]
	}
	group, name, last := p.group, cell(cols.name), cell(cols.url)
	if g := oneBlank(cell(cols.group)); g != "" {
		group = g
	}
	size := len(record) - 1
	for _, c := range record {
		size += len(c)
	}
	switch {
	case size > maxLine:
		return p.fault(name, last, fmt.Errorf("the row is longer than %d bytes: close its quotes", maxLine))
	case cols.width > 0 && len(record) > cols.width:
		return p.fault(name, last, fmt.Errorf("%d cells under a header of %d: put a cell that holds a separator in quotes", len(record), cols.width))
	case last == "":
		return p.fault(name, last, fmt.Errorf("no URL: cell %d is empty", cols.url+1))
	}
	if err := checkText(group); err != nil {
		return p.fault(name, last, err)
	}
	site := p.site(group, name, last)
	for _, key := range keys {
		i, has := cols.said[key]
		if !has || cell(i) == "" || site.Fault != nil {
			continue
		}
		if err := p.annotate(&site, key, cell(i)); err != nil {
			return p.fault(name, last, err)
		}
	}
	return site
}
