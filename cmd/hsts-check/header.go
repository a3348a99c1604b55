package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/report"
)

const headerUsage = `hsts-check header [flags] [VALUE | -]...

What browsers make of the value of a Strict-Transport-Security header. It may be
pasted with its name, in a whole response, or in a line of a server's
configuration; with -f json and ndjson, each line is a value.

  hsts-check header 'max-age=31536000; includeSubDomains'
  curl -sI https://www.example.org/ | hsts-check header -
  hsts-check header -f ndjson - < values.txt     one value a line

Exit status: 0 all values are valid, 1 one is not, or an answer has none,
2 it could not run.
`

const headerHelp = `
Report:
  -f, --format NAME       text, json or ndjson (default text)
`

// maxValue bounds a line of values, in bytes: more than any browser reads of
// a whole head.
const maxValue = 1 << 20

// maxPasted bounds what is read of standard input to be shown to people.
const maxPasted = 16 << 20

// header says what clients make of header values, without a network.
func (p *program) header(_ context.Context, args []string) (int, error) {
	f := p.flags("hsts-check header", headerUsage, headerHelp)
	format := f.StringP("format", "f", "text", "")
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	if f.NArg() == 0 {
		return 0, withHint(errors.New("header needs a value"), "put it in quotes: hsts-check header 'max-age=300; includeSubDomains'")
	}
	write, err := p.headerWriter(*format)
	if err != nil {
		return 0, err
	}
	status := exitOK
	judge := func(value string) error {
		j := judgeHeader(value)
		if !j.Valid {
			status = exitFellShort
		}
		return write(j)
	}
	for _, arg := range f.Args() {
		switch {
		case *format == "text":
			err = p.eachPasted(arg, judge)
		case arg == "-":
			err = eachLine(p.stdin, judge)
		default:
			err = judge(arg)
		}
		switch {
		case errors.Is(err, errNoHeader):
			p.complain(err)
			status = exitFellShort
		case err != nil:
			return 0, err
		}
	}
	return status, write(nil)
}

// eachPasted calls do with each of the header's values in an argument, or in
// standard input.
func (p *program) eachPasted(arg string, do func(string) error) error {
	if arg == "-" {
		text, err := io.ReadAll(io.LimitReader(p.stdin, maxPasted+1))
		switch {
		case err != nil:
			return fmt.Errorf("cannot read standard input: %w", cause(err))
		case len(text) > maxPasted:
			return withHint(fmt.Errorf("standard input is longer than %d MiB", maxPasted>>20), "-f ndjson takes any number of values, one a line")
		}
		arg = string(text)
	}
	values, err := pastedValues(arg)
	for _, value := range values {
		err = errors.Join(err, do(value))
	}
	for _, said := range bareAnswers(arg) {
		p.say("%s", said)
	}
	return err
}

// eachLine calls do with each line of r, whatever bytes it holds.
func eachLine(r io.Reader, do func(string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxValue)
	for lines.Scan() {
		if err := do(lines.Text()); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("standard input has a line over %d KiB", maxValue>>10)
	}
	return lines.Err()
}

// A judgement is what is said of one value: the record of -f json and ndjson.
type judgement struct {
	Header    string          `json:"header"`
	Valid     bool            `json:"valid"`
	Policy    *hsts.Policy    `json:"policy,omitempty"`
	Clients   *audit.Clients  `json:"clients"`
	Standards map[string]bool `json:"standards,omitempty"`
	Findings  []audit.Finding `json:"findings"`
}

// judgeHeader reads a value as HTTP delivers it: blanks at its ends do not
// count.
func judgeHeader(value string) *judgement {
	value = strings.Trim(value, " \t")
	r := audit.JudgeField(value)
	j := &judgement{
		Header: value, Valid: r.Clients.RFC6797.MaxAge != nil,
		Clients: r.Clients, Standards: r.Standards, Findings: r.Findings,
	}
	if j.Valid {
		j.Policy = r.Policy
	}
	if j.Findings == nil {
		j.Findings = []audit.Finding{}
	}
	return j
}

// headerWriter returns what writes judgements in a format; called with nil, it
// ends the output.
func (p *program) headerWriter(format string) (func(*judgement) error, error) {
	switch format {
	case "text":
		return p.headerText(), nil
	case "ndjson":
		return func(j *judgement) error {
			if j == nil {
				return nil
			}
			return writeJSON(p.stdout, "", j, "\n")
		}, nil
	case "json":
		before := "[\n"
		return func(j *judgement) error {
			if j == nil {
				_, err := io.WriteString(p.stdout, strings.TrimPrefix(before, ",")+"]\n")
				return err
			}
			err := writeJSON(p.stdout, before, j, "\n")
			before = ","
			return err
		}, nil
	}
	return nil, unknownFormat(format, headerFormats)
}

// writeJSON writes one value in one Write, between two texts.
func writeJSON(w io.Writer, before string, v any, after string) error {
	var b bytes.Buffer
	b.WriteString(before)
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1)
	b.WriteString(after)
	_, err := w.Write(b.Bytes())
	return err
}

// headerText writes judgements for people, an empty line between two.
func (p *program) headerText() func(*judgement) error {
	first := true
	return func(j *judgement) error {
		if j == nil {
			return nil
		}
		var b strings.Builder
		if !first {
			b.WriteString("\n")
		}
		first = false
		j.text(&b)
		_, err := io.WriteString(p.stdout, b.String())
		return err
	}
}

// text shows a value with carets under the bytes that are wrong, what it
// means, and what there is to say of it.
func (j *judgement) text(b *strings.Builder) {
	shown, columns := show(j.Header)
	fmt.Fprintln(b, shown)
	if line := carets(j.Findings, columns); line != "" {
		fmt.Fprintln(b, line)
	}
	fmt.Fprintln(b, j.meaning())
	for _, f := range j.Findings {
		fmt.Fprintf(b, "  %-8s %s: %s\n", f.Severity, f.Rule, report.Visible(j.said(f.Message)))
	}
	met, missed := j.bars()
	if met != "" {
		fmt.Fprintf(b, "  %-8s %s\n", "meets", met)
	}
	if missed != "" {
		fmt.Fprintf(b, "  %-8s %s\n", "misses", missed)
	}
}

// said leaves out of a message what stands above it already.
func (j *judgement) said(message string) string {
	return strings.Replace(strings.TrimPrefix(message, "this value: "), "; browsers ignore the whole header", "", 1)
}

// show makes a value printable, and tells the column of each of its bytes and
// of its end.
func show(value string) (shown string, columns []int) {
	var b strings.Builder
	width := 0
	for i := 0; i < len(value); {
		r, n := utf8.DecodeRuneInString(value[i:])
		text := report.Visible(string(r))
		for range n {
			columns = append(columns, width)
		}
		b.WriteString(text)
		width += displaywidth.String(text)
		i += n
	}
	return b.String(), append(columns, width)
}

// carets is a line with a caret in the column of each finding's byte.
func carets(findings []audit.Finding, columns []int) string {
	line := bytes.Repeat([]byte(" "), columns[len(columns)-1]+1)
	for _, f := range findings {
		if f.Offset != nil {
			line[columns[*f.Offset]] = '^'
		}
	}
	return string(bytes.TrimRight(line, " "))
}

// meaning says in words what the value does, and where a browser departs.
func (j *judgement) meaning() string {
	said := "not valid: by the RFC the whole header is void"
	if j.Valid {
		said = "valid: " + words(j.Policy.MaxAge, j.Policy.IncludeSubDomains)
	}
	chromium, firefox := keeps(j.Clients.Chromium), keeps(j.Clients.Firefox)
	switch {
	case chromium == firefox && !j.Valid:
		said = "not valid: browsers ignore it"
	case !j.Valid || chromium != firefox || said != "valid: "+chromium:
		said += "\n  Chromium: " + chromium + "\n  Firefox:  " + firefox
	}
	return said
}

// keeps says what a browser makes of a value.
func keeps(n audit.Noted) string {
	if n.MaxAge == nil {
		return "ignores it"
	}
	return words(*n.MaxAge, *n.IncludeSubDomains)
}

// words says what a policy does.
func words(maxAge uint64, subdomains bool) string {
	switch {
	case maxAge == 0:
		return "forgets the host"
	case subdomains:
		return "for " + hsts.Age(maxAge) + ", subdomains included"
	}
	return "for " + hsts.Age(maxAge)
}

// bars lists the standards that the value meets and misses.
func (j *judgement) bars() (met, missed string) {
	var yes, no []string
	for _, s := range audit.Standards {
		switch meets, known := j.Standards[s.Name]; {
		case known && meets:
			yes = append(yes, s.Name)
		case known && j.Valid:
			no = append(no, s.Name)
		}
	}
	return strings.Join(yes, ", "), strings.Join(no, ", ")
}
