package lists

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"hsts-check/internal/host"
	"hsts-check/visit"
)

// maxLine bounds a line of a list, in bytes, without its line ending.
const maxLine = 64 << 10

// A Fault is something in a list that cannot be read.
type Fault struct {
	File string
	Line int // counted from 1; 0 where the whole file is at fault
	Msg  string
	Row  bool // the list is good without its row: a top-level domain in a ranking
}

func (f Fault) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.Msg
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Msg)
}

// A Reader reads lists. The zero value does, and tells nobody how.
type Reader struct {
	Columns Columns
	// How, if it is not nil, is told how a list is read, before its first site
	// is yielded, unless it is of the own format: which columns were taken.
	How func(said string)
}

// Parse is that of a zero [Reader].
func Parse(r io.Reader, file string) ([]visit.Site, []Fault) { return new(Reader).Parse(r, file) }

// Parse reads a whole list, of any kind that there is: its content says which.
// What stands under no heading, and in no column for groups, is of a group named
// as the file is, without folder and ending, and of none where file is "-".
//
// The faults are all that the list has, in order; the sites are the rows
// without one, and those whose fault leaves the list good, see [Fault]. A list
// without a row is a fault, and so is what is no list of any kind, which has
// that one alone and no sites.
func (o *Reader) Parse(r io.Reader, file string) ([]visit.Site, []Fault) {
	var chunks [][]visit.Site // append alone would move a long list four times over
	var sites []visit.Site
	var faults []Fault
	err := o.parse(r, file, func(s visit.Site) bool {
		if fault, bad := s.Fault.(Fault); bad && !fault.Row {
			faults = append(faults, fault)
			return true
		}
		if len(sites) == 4096 {
			chunks, sites = append(chunks, sites), make([]visit.Site, 0, 4096)
		}
		sites = append(sites, s)
		return true
	})
	sites = slices.Concat(append(chunks, sites)...)
	if fault, alone := whole(file, err, len(sites)+len(faults)); alone {
		return nil, []Fault{fault}
	} else if fault.Msg != "" {
		faults = append(faults, fault)
	}
	return sites, faults
}

// parse yields the rows of a file, faulty ones included.
func (o *Reader) parse(r io.Reader, file string, yield func(visit.Site) bool) error {
	p := o.parser(file)
	p.whole = true
	err := p.read(r, yield)
	if err == nil || errors.As(err, new(refusal)) {
		return err
	}
	return brokenOff{err, p.text.line + 1}
}

// whole is the fault that a list of so many rows has as a whole, without a
// message where it has none, and whether it makes the others void.
func whole(file string, err error, rows int) (f Fault, alone bool) {
	broken := brokenOff{}
	switch {
	case errors.As(err, new(refusal)):
		return Fault{File: file, Msg: err.Error()}, true
	case errors.As(err, &broken):
		return Fault{File: file, Line: broken.line, Msg: err.Error()}, errors.Is(err, errBinary)
	case rows == 0:
		return Fault{File: file, Msg: "no site in it: write one a line, a name and a URL, or a host name"}, true
	}
	return Fault{}, false
}

// A brokenOff error is what kept a list from being read to its end.
type brokenOff struct {
	error
	line int
}

func (b brokenOff) Unwrap() error { return b.error }

// Stream reads a list from standard input, called "-", row by row while it
// arrives; it can be ranged over once. A row that cannot be read becomes a
// site with a [Fault]: its URL is then the line's last word and its name the
// rest, shortened where they are long, and with U+FFFD for what cannot be
// printed and … for what may be a password. A read error becomes the last
// site, and so does that it is no list of any kind: the Fault has no line then.
// An empty list yields none.
func (o *Reader) Stream(r io.Reader) iter.Seq[visit.Site] {
	return func(yield func(visit.Site) bool) {
		p := o.parser("-")
		err := p.read(r, yield)
		if errors.As(err, new(refusal)) {
			p.line = 0
		}
		if err != nil {
			yield(p.fault("", "", err))
		}
	}
}

// A parser knows where in a list it stands.
type parser struct {
	*Reader
	file  string
	line  int
	group string
	lined bool // a row is a line of the own format
	whole bool // a NUL byte is the end
	text  *textReader
	block
}

func (o *Reader) parser(file string) *parser {
	base := filepath.Base(file)
	for _, ending := range []string{".gz", ".zst"} {
		base = strings.TrimSuffix(base, ending)
	}
	group := strings.TrimSuffix(base, filepath.Ext(base))
	switch {
	case file == "-":
		group = ""
	case group == "":
		group = base
	}
	return &parser{Reader: o, file: file, group: oneBlank(shown(group))}
}

// how tells how the list is read.
func (p *parser) how(said string) {
	if p.How != nil {
		p.How(said)
	}
}

// lines yields the rows of a list of the own format, faulty ones included, and
// returns what kept it from reading on. The half of a line before a read error
// is dropped: it may name another site than the whole does.
func (p *parser) lines(r io.Reader, yield func(visit.Site) bool) error {
	p.lined, p.yield = true, yield
	var ahead *aheadReader
	if !p.whole {
		ahead = readAhead(r)
		defer ahead.stop()
		r = ahead
	}
	br := bufio.NewReaderSize(r, maxLine+len("\r\n"))
	for {
		if ahead != nil && len(p.held) > 0 && br.Buffered() == 0 && !ahead.within(linger) {
			p.release()
		}
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
	name, last, quoted := quotedName(line)
	if !quoted {
		name, last = splitRow(line)
		if err := checkRow(name, last); err != nil {
			return p.fault(name, last, err), true
		}
	}
	site := p.site(p.group, name, last)
	if fault, bad := site.Fault.(Fault); bad {
		fault.Msg = noSite(line, name, last, fault.Msg)
		site.Fault = fault
	}
	return site, true
}

// heading takes up the group that a heading starts: all between the bracket that
// the line begins with and the one that it ends with, without quotes around it.
// After a faulty one the group is what can be read of it, so that the rows below
// do not count for the group above.
func (p *parser) heading(line string) error {
	inside, after, closed := strings.Cut(line[1:], "]")
	if strings.HasSuffix(line, "]") {
		inside, after = line[1:len(line)-1], ""
	}
	if inside == noGroup || inside == `""` {
		p.group = ""
		return nil
	}
	p.group = oneBlank(shown(inside))
	switch err := checkText(line); {
	case err != nil:
		return err
	case !closed:
		return fmt.Errorf("the heading %s is not closed: put a ] at its end", quote(line))
	case after != "":
		return fmt.Errorf("%s follows a heading: give it a line of its own", quote(strings.TrimFunc(after, isBlank)))
	case p.group == "":
		return fmt.Errorf("the heading %s is empty: put the name of the group in it", quote(line))
	}
	p.group = oneBlank(unwrapped(strings.TrimFunc(inside, isBlank)))
	return nil
}

// noGroup stands in a heading for the group without a name.
const noGroup = "''"

// Heading is a group as a heading of the own format, which is read as the same
// group again.
func Heading(group string) string {
	heading := "[" + group + "]"
	switch {
	case group == "":
		return "[" + noGroup + "]"
	case unwrapped(group) != group || group == noGroup || strings.ContainsRune(`"{`, rune(group[0])) || startsWithIPv6(heading) || mdLink.MatchString(heading):
		return "[" + wrapped(group, quotes[1:]) + "]" // ["x"] would be JSON
	}
	return heading
}

// startsWithIPv6 tells a host in brackets from a heading.
func startsWithIPv6(line string) bool {
	inside, _, _ := strings.Cut(line[1:], "]")
	a, err := netip.ParseAddr(inside)
	return err == nil && a.Is6()
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
		if err := p.checkName(name, s); err != nil {
			return p.fault(name, last, err)
		}
		s.Name = oneBlank(name)
	}
	s.Group, s.Pos = group, visit.Position{File: p.file, Line: p.line}
	return s
}

// checkName refuses a name under which another site would seem to be visited. On
// a line of the own format nothing but their order says which of two hosts is
// the site, so there a name may be a host only beside a URL.
func (p *parser) checkName(name string, s visit.Site) error {
	if !mayHoldHost(name) {
		return nil
	}
	if err := checkNoEmail(name); err != nil {
		return err
	}
	switch other := otherHost(name, s.Name, p.lined && s.Schemeless); {
	case other == "":
		return nil
	case p.lined && host.IsIP(other):
		return fmt.Errorf("%s follows the address %s: write the host alone; --resolve leads it there", quote(s.Name), quote(other))
	case p.lined:
		return fmt.Errorf("two hosts on one line, %s and %s: give each a line", quote(other), quote(s.Name))
	default:
		return fmt.Errorf("the name %s holds another host than %s: give each a row, or leave it out of the name", quote(name), quote(s.Name))
	}
}

// blank is a fault of a row that may have neither name nor URL; its line tells
// it from others.
func (p *parser) blank(name string, err error) visit.Site {
	return p.fault(cmp.Or(name, fmt.Sprintf("line %d", p.line)), "", err)
}

func (p *parser) fault(name, last string, err error) visit.Site {
	return visit.Site{
		Group: p.group,
		Name:  oneBlank(shown(name)),
		URL:   shown(last),
		Pos:   visit.Position{File: p.file, Line: p.line},
		Fault: Fault{File: p.file, Line: p.line, Msg: err.Error()},
	}
}
