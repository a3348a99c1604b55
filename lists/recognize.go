package lists

import (
	"bytes"
	"io"
	"regexp"
	"strings"

	"hsts-check/visit"
)

// A format reads a list of one kind: it yields the rows, faulty ones included,
// and returns what kept it from reading on.
type format func(r io.Reader, yield func(visit.Site) bool) error

// read yields the rows of a list of any kind. What is packed is unpacked, and
// what the list is is told by its content.
func (p *parser) read(r io.Reader, yield func(visit.Site) bool) error {
	r, err := unpacked(r)
	if err != nil {
		return refusal("it cannot be unpacked: " + err.Error())
	}
	r = decoded(r)
	if p.whole {
		h := &head{r: r}
		if err := foreign(h.atLeast(maxHead)); err != nil {
			return err
		}
		p.text = &textReader{r: h.all()}
		r = p.text
	}
	h := &head{r: r}
	f, err := p.recognize(h)
	if err != nil {
		return err
	}
	return f(h.all(), yield)
}

// recognize looks at a list until it is clear what it is.
func (p *parser) recognize(h *head) (format, error) {
	for {
		more := h.more()
		if err := foreign(h.b); err != nil {
			return nil, err
		}
		if line, _, _ := bytes.Cut(h.b, []byte("\n")); bytes.IndexByte(line, 0) >= 0 {
			return nil, refusal(errBinary.Error())
		}
		f, err := p.sniff(newSample(h.b, !more))
		if f != nil || err != nil {
			return f, err
		}
		if !more {
			return p.lines, nil
		}
	}
}

// A sample is what a list is recognized by: its beginning, without blank lines.
type sample struct {
	text  []byte   // all of it, without a byte order mark
	lines []string // trimmed; comments and headings that begin with # apart
	marks []string // lines that begin with #
	whole bool     // nothing else comes, or nothing else is looked at
}

func newSample(b []byte, whole bool) *sample {
	s := &sample{text: bytes.TrimPrefix(b, []byte("\ufeff")), whole: whole}
	if !whole { // the last line may not be
		s.text = s.text[:bytes.LastIndexByte(s.text, '\n')+1]
	}
	for line := range strings.Lines(string(s.text)) {
		line = strings.TrimRight(strings.TrimPrefix(line, "\ufeff"), "\r\n")
		stands := standsWithSite(line)
		line = strings.TrimFunc(line, isBlank)
		switch {
		case line == "", stands:
		case line[0] == '#':
			s.marks = append(s.marks, line)
		default:
			s.lines = append(s.lines, line)
		}
	}
	return s
}

// sniff says what a list is; nil means that it is not clear yet, and of a whole
// sample that it is of the own format.
func (p *parser) sniff(s *sample) (format, error) {
	if len(s.lines) == 0 {
		return nil, nil
	}
	first := s.lines[0]
	switch {
	case first[0] == '<' && !beginsURL(first[1:]):
		return p.xml, nil
	case isJSON(s):
		return p.sniffJSON(s)
	case isHeading(first):
		return p.lines, nil
	case isMarkdown(s):
		return p.markdown, nil
	}
	if f, err := p.sniffTable(s); f != nil || err != nil {
		return f, err
	}
	if hosts, sure := isHostsFile(s); hosts {
		return p.hosts, nil
	} else if !sure {
		return nil, nil
	}
	if p.isRow(first) {
		return p.lines, nil
	}
	if s.whole {
		return p.lines, p.refuseTable(s)
	}
	return nil, nil
}

// isHeading reports whether a line is a heading of the own format, be it [Sites],
// and no host in brackets nor a link.
func isHeading(line string) bool {
	if line[0] != '[' || line[len(line)-1] != ']' || startsWithIPv6(line) {
		return false
	}
	inside := line[1 : len(line)-1]
	return unwrapped(inside) != inside || !mdLink.MatchString(line)
}

// isRow reports whether a line is one of the own format and of no other.
func (p *parser) isRow(line string) bool {
	trial := &parser{Reader: new(Reader), lined: true}
	faulty := false
	trial.yield = func(visit.Site) bool { faulty = true; return true } // of a heading or a key
	site, ok := trial.row(line)
	return !ok && !faulty && trial.group != "" || ok && site.Fault == nil && !strings.ContainsAny(line, separators)
}

var (
	tableRule = regexp.MustCompile(`^\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?$|^\|\s*:?-+:?\s*\|$`) // below a table's header
	mdLink    = regexp.MustCompile(`\]\(\s*<?[^)\s]|\[[^\]]+\]\[[^\]]*\]`)
	mdHeading = regexp.MustCompile(`^#{1,6}\s+\S`)
	mdItem    = regexp.MustCompile(`^([-*+]|\d{1,9}[.)])\s`)
)

// isMarkdown finds a table, a link, or items under a heading. A list of items
// without headings is as well read line by line.
func isMarkdown(s *sample) bool {
	items := 0
	for _, line := range s.lines {
		if tableRule.MatchString(line) || mdLink.MatchString(line) {
			return true
		}
		if mdItem.MatchString(line) {
			items++
		}
	}
	if items < len(s.lines) {
		return false
	}
	for _, mark := range s.marks {
		if mdHeading.MatchString(mark) {
			return true
		}
	}
	return false
}
