package lists

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hsts-check/visit"
)

// isJSON tells JSON from a heading in brackets, by what stands in them.
func isJSON(s *sample) bool {
	text := s.json()
	rest := bytes.TrimSpace(text[1:])
	if text[0] != '[' {
		return text[0] == '{' && (len(rest) == 0 || rest[0] == '"' || rest[0] == '}')
	}
	if len(rest) == 0 {
		return len(s.lines[0]) == 1
	}
	return rest[0] == '{' || rest[0] == '"'
}

// json is the sample from its first line on that is no comment.
func (s *sample) json() []byte { return s.text[max(bytes.Index(s.text, []byte(s.lines[0])), 0):] }

// A shape says where in JSON the items of a list are, as a sample shows it.
type shape struct {
	path    []string // the keys that lead to the array
	array   bool     // else each value of the file is an item
	lines   bool     // each of which has a line
	strings int      // items that are strings
	names   []string // keys of the items that are objects
	rows    [][]string
}

// sniffJSON finds out where the items are and which of their keys is what.
func (p *parser) sniffJSON(s *sample) (format, error) {
	const most = 50 // values, of a file that has one a line
	text := s.json()
	line, _, _ := bytes.Cut(text, []byte("\n"))
	var found shape
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var err error
	for i := 0; i < most && err == nil && !found.array; i++ {
		var value shape
		_, err = value.scan(dec, nil, false)
		if value.array && i > 0 {
			break
		}
		found.array, found.path, found.strings = value.array, value.path, value.strings
		for _, row := range value.rows {
			found.add(value.names, row)
		}
	}
	found.lines = !found.array && json.Valid(line)
	cut := errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
	switch {
	case isHAR(text):
		return nil, refusal("this is a HAR file, not a list: hsts-check report " + p.file)
	case found.isRecord():
		return nil, refusal(found.whose(p.file))
	case found.strings > 0:
		return p.json(&found, nil), nil
	case len(found.names) == 0 && err != nil && !cut:
		return nil, refusal("this begins like JSON but is not valid: " + clip(shown(err.Error())))
	case !s.whole && (len(found.names) == 0 || !found.array && !found.lines):
		return nil, nil // more will tell
	case len(found.names) == 0:
		return nil, refusal("this is JSON with no list in it: write an array of strings or of objects")
	}
	t, err := newTable(found.names, found.rows, p.Columns)
	switch {
	case !s.whole && (err != nil || len(found.rows) < 2 && fit(found.names[t.url], urlWords) < exactly):
		return nil, nil
	case err != nil:
		return nil, cannotTell(found.names, err)
	}
	return p.json(&found, t), nil
}

// isRecord reports whether hsts-check wrote it.
func (f *shape) isRecord() bool {
	return slices.Contains(f.names, "schema") && slices.Contains(f.names, "id") && slices.Contains(f.names, "verdict")
}

// isHAR reports whether an HTTP archive begins here, which browsers' developer tools
// save: an object that begins with its log.
func isHAR(start []byte) bool {
	object, isObject := bytes.CutPrefix(bytes.TrimSpace(start), []byte("{"))
	return isObject && bytes.HasPrefix(bytes.TrimSpace(object), []byte(`"log"`))
}

// whose says what to do with such a file.
func (f *shape) whose(file string) string {
	if f.array {
		return "this is a report of hsts-check: save records with -f ndjson, and report those"
	}
	return "these are records of hsts-check, not a list: hsts-check report " + file
}

// scan looks at one value, which may be cut short, and returns what is shown of
// it in a cell. The first array with an object or a site in it has the items;
// what is inside of an item is not looked at.
func (f *shape) scan(dec *json.Decoder, path []string, inside bool) (cell string, err error) {
	tok, err := dec.Token()
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '[' {
			return "", f.scanArray(dec, path, inside)
		}
		names, row, err := f.scanObject(dec, path, inside)
		if err == nil && !inside && len(path) == 0 && (!f.array || slices.ContainsFunc(row, looksLikeSite)) {
			*f = shape{}
			f.add(names, row)
		}
		return "", err
	case string:
		return tok, nil
	case json.Number:
		return tok.String(), nil
	}
	return "", err
}

func (f *shape) scanArray(dec *json.Decoder, path []string, inside bool) error {
	items := !inside && !f.array
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		switch {
		case tok == json.Delim('['):
			err = f.scanArray(dec, nil, true)
		case tok == json.Delim('{'):
			var names, row []string
			names, row, err = f.scanObject(dec, nil, true)
			if items && err == nil {
				f.path, f.array = slices.Clone(path), true
				f.add(names, row)
			}
		default:
			if s, ok := tok.(string); ok && items && (len(path) == 0 || looksLikeSite(s)) {
				f.path, f.array = slices.Clone(path), true
				f.strings++
			}
		}
		if err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func (f *shape) scanObject(dec *json.Decoder, path []string, inside bool) (names, row []string, err error) {
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return names, row, err
		}
		name, _ := key.(string)
		cell, err := f.scan(dec, append(path, name), inside || len(path) == 3)
		names, row = append(names, name), append(row, cell)
		if err != nil {
			return names, row, err
		}
	}
	_, err = dec.Token()
	return names, row, err
}

// add takes a sample of an item.
func (f *shape) add(names, row []string) {
	cells := make([]string, len(f.names))
	for i, name := range names[:len(row)] {
		at := slices.Index(f.names, name)
		if at < 0 {
			at = len(f.names)
			f.names, cells = append(f.names, name), append(cells, "")
		}
		cells[at] = row[i]
	}
	f.rows = append(f.rows, cells)
}

// json reads items of a known shape. Without a table they are strings.
func (p *parser) json(f *shape, t *table) format {
	said := "url from strings"
	if t != nil {
		said = t.how()
	}
	if len(f.path) > 0 {
		said = "below " + quote(strings.Join(f.path, ".")) + ": " + said
	}
	return func(r io.Reader, yield func(visit.Site) bool) error {
		p.how(said)
		if f.lines && !f.array {
			return p.jsonLines(skipBOM(r), t, yield)
		}
		at := &lineReader{r: skipBOM(r)}
		dec := json.NewDecoder(at)
		err := p.jsonItems(dec, at, f, t, yield)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
			p.line = at.lineOf(dec.InputOffset())
			yield(p.blank("", fmt.Errorf("what follows is no JSON: %s", clip(shown(err.Error())))))
			return nil
		}
		return err
	}
}

// jsonLines reads an item a line.
func (p *parser) jsonLines(r io.Reader, t *table, yield func(visit.Site) bool) error {
	in := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return err
		}
		p.line++
		if line := bytes.TrimSpace(line); len(line) > 0 && !yield(p.item(line, t)) || err == io.EOF {
			return nil
		}
	}
}

// jsonItems reads the items of an array, or one behind the other.
func (p *parser) jsonItems(dec *json.Decoder, at *lineReader, f *shape, t *table, yield func(visit.Site) bool) error {
	if f.array {
		if err := enter(dec, f.path); err != nil {
			return err
		}
	}
	for dec.More() {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		p.line = at.lineOf(dec.InputOffset() - int64(len(raw)))
		if !yield(p.item(raw, t)) {
			return nil
		}
	}
	if !f.array {
		return nil
	}
	_, err := dec.Token() // the array may have been cut short
	return err
}

// enter goes into the array that the keys lead to.
func enter(dec *json.Decoder, path []string) error {
	for _, key := range path {
		if _, err := dec.Token(); err != nil {
			return err
		}
		for {
			tok, err := dec.Token()
			if err != nil {
				return err
			}
			if tok == key {
				break
			}
			var skipped json.RawMessage
			if err := dec.Decode(&skipped); err != nil {
				return err
			}
		}
	}
	_, err := dec.Token()
	return err
}

// item reads a site of a string or an object.
func (p *parser) item(raw []byte, t *table) visit.Site {
	var value any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&value); err != nil {
		return p.fault("", string(raw), fmt.Errorf("this line is no JSON: %s", clip(shown(err.Error()))))
	}
	switch value := value.(type) {
	case string:
		return p.cells("", "", value)
	case map[string]any:
		if t == nil {
			break
		}
		cell := func(i int) string {
			if i < 0 {
				return ""
			}
			return cellOf(value[t.names[i]])
		}
		if cell(t.url) == "" {
			return p.blank(cell(t.name), fmt.Errorf("no URL: %s is empty", t.column(t.url)))
		}
		return p.withTerms(p.cells(cell(t.group), cell(t.name), cell(t.url)), t, cell)
	}
	return p.fault("", string(raw), fmt.Errorf("%s is no site, as those above are", quote(string(raw))))
}

// cellOf is a JSON value as a cell.
func cellOf(value any) string {
	switch value := value.(type) {
	case string:
		return strings.TrimFunc(value, isBlank)
	case json.Number:
		return value.String()
	}
	return ""
}

// A lineReader knows in which line an offset is. They are asked for in order.
type lineReader struct {
	r    io.Reader
	read int64   // bytes so far
	ends []int64 // of lines that were read and not yet asked for
	line int     // that ends there first, counted from 0
}

func (l *lineReader) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	for i, c := range b[:n] {
		if c == '\n' {
			l.ends = append(l.ends, l.read+int64(i))
		}
	}
	l.read += int64(n)
	return n, err
}

func (l *lineReader) lineOf(offset int64) int {
	n := 0
	for n < len(l.ends) && l.ends[n] < offset {
		n++
	}
	l.ends, l.line = l.ends[n:], l.line+n
	return l.line + 1
}
