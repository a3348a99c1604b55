package lists

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"hsts-check/visit"
)

// maxLine bounds a line of a list, in bytes, without its line ending.
const maxLine = 64 << 10

// A Fault is something in a list that cannot be read.
type Fault struct {
	File string
	Line int // counted from 1; 0 where the whole file is at fault
	Msg  string
}

func (f Fault) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.Msg
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Msg)
}

// Parse reads a whole list, as CSV where the name of its file ends in ".csv".
// What stands under no heading is of a group named as the file is, without
// folder and ending, and of none where file is "-".
//
// The faults are all that the list has, in order; the sites are the rows
// without one. A list without a row is a fault, and so is a file that is no
// text, which has that one alone and no sites.
func Parse(r io.Reader, file string) ([]visit.Site, []Fault) {
	p := newParser(file)
	read := p.lines
	if strings.EqualFold(filepath.Ext(file), ".csv") {
		read = p.records
	}
	var chunks [][]visit.Site // append alone would move a long list four times over
	var sites []visit.Site
	var faults []Fault
	text := &textReader{r: r}
	err := read(text, func(s visit.Site) bool {
		if fault, bad := s.Fault.(Fault); bad {
			faults = append(faults, fault)
		} else {
			if len(sites) == 4096 {
				chunks, sites = append(chunks, sites), make([]visit.Site, 0, 4096)
			}
			sites = append(sites, s)
		}
		return true
	})
	sites = slices.Concat(append(chunks, sites)...)
	switch {
	case errors.Is(err, errBinary):
		return nil, []Fault{{file, text.line + 1, err.Error()}}
	case err != nil:
		faults = append(faults, Fault{file, text.line + 1, err.Error()})
	case len(sites)+len(faults) == 0:
		faults = append(faults, Fault{file, 0, "no site in it: write one a line, a name and a URL, or a host name"})
	}
	return sites, faults
}

// Stream reads a list from standard input, called "-", row by row while it
// arrives; it can be ranged over once. A site is yielded when the next line that
// is not about it has come. A line that cannot be read becomes a site with a
// [Fault]: its URL is then the line's last word and its name the rest, or value
// and key, shortened where they are long, and with U+FFFD for what cannot be
// printed and … for what may be a password. A read error becomes the last
// site. An empty list yields none.
func Stream(r io.Reader) iter.Seq[visit.Site] {
	return func(yield func(visit.Site) bool) {
		p := newParser("-")
		if err := p.lines(r, yield); err != nil {
			yield(p.fault("", "", err))
		}
	}
}

// A parser knows where in a list it stands.
type parser struct {
	file  string
	line  int
	group string
	block
}

func newParser(file string) *parser {
	base := filepath.Base(file)
	group := strings.TrimSuffix(base, filepath.Ext(base))
	switch {
	case file == "-":
		group = ""
	case group == "":
		group = base
	}
	return &parser{file: file, group: oneBlank(shown(group))}
}

// lines yields the rows of a list that is not CSV, faulty ones included, and
// returns what kept it from reading on. The half of a line before a read error
// is dropped: it may name another site than the whole does.
func (p *parser) lines(r io.Reader, yield func(visit.Site) bool) error {
	p.yield = yield
	br := bufio.NewReaderSize(r, maxLine+len("\r\n"))
	for {
		b, err := br.ReadSlice('\n')
		p.line++
		b = bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
		var site visit.Site
		var ok bool
		switch {
		case len(b) > maxLine:
			site, ok = p.fault(string(b), "", fmt.Errorf("the line is longer than %d bytes", maxLine)), true
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = br.ReadSlice('\n')
			}
		case err == nil, errors.Is(err, io.EOF):
			site, ok = p.row(string(b))
		}
		if ok {
			p.hold(site)
		}
		if err != nil {
			p.release()
		}
		if p.stopped || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// row reads one line; it reports false where the line holds no site: a comment,
// a heading, what is about a site, nothing.
func (p *parser) row(line string) (visit.Site, bool) {
	// Files that were put together have a BOM at every seam.
	line = strings.TrimPrefix(line, "\ufeff")
	long := len(line)
	line = strings.TrimLeftFunc(line, isBlank)
	indented := len(line) < long
	line = strings.TrimRightFunc(line, isBlank)
	switch {
	case line == "":
		p.release()
		return visit.Site{}, false
	case line[0] == '#', p.annotation(line, indented):
		return visit.Site{}, false
	case line[0] == '[' && !startsWithIPv6(line):
		p.begin()
		if err := p.heading(line); err != nil {
			p.complain(p.fault(line, "", err))
		}
		return visit.Site{}, false
	case isName(line):
		return p.site(p.group, "", line), true
	}
	name, last := splitLast(line)
	if err := checkRow(name, last); err != nil {
		return p.fault(name, last, err), true
	}
	return p.site(p.group, name, last), true
}

// heading takes up the group that a heading starts. After a faulty one the
// group is what can be read of it, so that the rows below do not count for the
// group above.
func (p *parser) heading(line string) error {
	inside, after, closed := strings.Cut(line[1:], "]")
	p.group = oneBlank(shown(inside))
	switch err := checkText(line); {
	case err != nil:
		return err
	case !closed:
		return fmt.Errorf("the heading %s is not closed: put a ] at its end", quote(line))
	case after != "":
		return fmt.Errorf("%s stands behind a heading: give it a line of its own", quote(strings.TrimFunc(after, isBlank)))
	case p.group == "":
		return fmt.Errorf("the heading %s is empty: put the name of the group in it", quote(line))
	}
	p.group = oneBlank(strings.TrimFunc(inside, isBlank))
	return nil
}

// startsWithIPv6 tells a host in brackets from a heading.
func startsWithIPv6(line string) bool {
	inside, _, _ := strings.Cut(line[1:], "]")
	a, err := netip.ParseAddr(inside)
	return err == nil && a.Is6()
}

func splitLast(line string) (name, last string) {
	i := len(line) - 1
	for i >= 0 && line[i] > ' ' && line[i] < utf8.RuneSelf { // most words; in bytes that is twice as fast
		i--
	}
	i = strings.LastIndexFunc(line[:i+1], isBlank)
	if i < 0 {
		return "", line
	}
	_, size := utf8.DecodeRuneInString(line[i:])
	return strings.TrimRightFunc(line[:i], isBlank), line[i+size:]
}

// checkRow refuses rows that mean something else than what they would be read
// as: with a comment or a second URL behind the URL.
func checkRow(name, last string) error {
	for word := range strings.FieldsFuncSeq(name, isBlank) {
		if strings.Contains(word, "://") && !isComment(last) {
			return fmt.Errorf("%s and %s on one line: give each a line of its own", quote(word), quote(last))
		}
		if isComment(word) {
			return fmt.Errorf("%s: a comment needs a line of its own", quote(word))
		}
	}
	if isComment(last) {
		return fmt.Errorf("%s: a comment needs a line of its own", quote(last))
	}
	if !strings.Contains(last, "/") && strings.ContainsAny(last, ",;") {
		return fmt.Errorf("%s is not a URL: where it is a row of CSV, give the file a name that ends in .csv", quote(last))
	}
	return nil
}

// isComment lets "Bank #1" be a name.
func isComment(word string) bool {
	return word[0] == '#' && (len(word) == 1 || word[1] < '0' || word[1] > '9')
}

// site reads a row that has come apart into its cells.
func (p *parser) site(group, name, last string) visit.Site {
	if err := checkText(name); err != nil {
		return p.fault(name, last, err)
	}
	s, err := Site(last)
	if err != nil {
		return p.fault(name, last, err)
	}
	if name != "" {
		s.Name = oneBlank(name)
	}
	s.Group, s.Pos = group, visit.Position{File: p.file, Line: p.line}
	return s
}

func (p *parser) fault(name, last string, err error) visit.Site {
	return visit.Site{
		Group: p.group,
		Name:  oneBlank(shown(name)),
		URL:   shown(last),
		Pos:   visit.Position{File: p.file, Line: p.line},
		Fault: Fault{p.file, p.line, err.Error()},
	}
}
