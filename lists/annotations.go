package lists

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hsts-check/visit"
)

// keys are what a list may say of a site: in indented lines "key: value" below
// it or below its heading, or in columns of these names.
var keys = []string{"require", "allow", "note"}

// maxTerms bounds what a list says of a site and its heading, in bytes: each record
// of the site repeats it, and so may each of its findings.
const maxTerms = 16 << 10

// A block is a site with the lines that are about it: it is yielded when all of
// them were read.
type block struct {
	held    []visit.Site // the site, and what is wrong with those lines
	headed  bool         // no site was read since the last heading
	terms   *visit.Terms // what the list says of all sites of the heading
	yield   func(visit.Site) bool
	stopped bool // nobody wants more
}

// hold begins a block with a site.
func (p *parser) hold(s visit.Site) {
	p.release()
	p.headed = false
	if s.Terms == nil {
		s.Terms = p.terms
	}
	p.held = append(p.held, s)
}

// release ends a block.
func (p *parser) release() {
	for _, s := range p.held {
		p.stopped = p.stopped || !p.yield(s)
	}
	p.held = p.held[:0]
}

// begin takes up a heading.
func (p *parser) begin() {
	p.release()
	p.headed, p.terms = true, nil
}

// complain yields what is wrong with a line that is no site's, behind the site
// that is held.
func (p *parser) complain(fault visit.Site) {
	waiting := len(p.held) > 0
	if p.held = append(p.held, fault); !waiting {
		p.release()
	}
}

// annotation takes in a line that is about what stands above it, and reports
// whether the line is one.
func (p *parser) annotation(line string, indented bool) bool {
	key, value, err := keyed(line, indented)
	if key == "" {
		return false
	}
	var above *visit.Site
	if len(p.held) > 0 {
		above = &p.held[0]
	}
	switch {
	case err != nil:
	case above == nil && !p.headed:
		err = fmt.Errorf("%q is about the site or heading directly above it, and there is none: put it below one", key+":")
	default:
		err = p.annotate(above, key, value)
	}
	if err != nil {
		p.complain(p.fault(key, value, err))
	}
	return true
}

// keyed parts a line into key and value; the key is "" where the line is of
// another kind. Below the left edge one of our keys and a colon suffice. Any
// other word with a colon and a blank behind it is taken for a key that there is
// not, unless it reads as a name, by its capital, before a URL and nothing else:
// else "notes: see https://example.org" would be a site.
func keyed(line string, indented bool) (key, value string, err error) {
	i := strings.IndexByte(line, ':')
	if i < 0 || !isWord(line[:i]) {
		return "", "", nil
	}
	word, rest := line[:i], line[i+1:]
	value = strings.TrimLeftFunc(rest, isBlank)
	apart := value == "" || value != rest
	known := slices.Contains(keys, strings.ToLower(word))
	switch {
	case known && indented && !strings.HasPrefix(rest, "//"):
		return strings.ToLower(word), value, nil
	case known && !indented && apart:
		return word, value, fmt.Errorf("%q at the start of a line: indent it to apply it to the site or heading above", word+":")
	case known || !indented || !apart:
		return "", "", nil
	}
	if _, err := Site(value); err == nil && word != strings.ToLower(word) {
		return "", "", nil
	}
	return word, value, fmt.Errorf("unknown key %s: write require, allow or note, or delete the colon if it is a site's name", quote(word))
}

// standsWithSite reports whether a line is one of our keys below the left edge.
func standsWithSite(line string) bool {
	trimmed := strings.TrimLeftFunc(line, isBlank)
	key, _, _ := keyed(trimmed, len(trimmed) < len(line))
	return slices.Contains(keys, key)
}

func isWord(s string) bool {
	for i := range len(s) {
		if !inName(rune(s[i])) || s[i] == '.' {
			return false
		}
	}
	return s != ""
}

// annotate attaches what the list says under one of the keys to a site, or,
// where that is nil, to the heading that the parser stands under. What is
// required of the site itself takes the place of what its heading requires, and
// all else adds up. A cell may hold several bars or waivers, one a line. An
// unknown rule or bar is no fault here.
func (p *parser) annotate(s *visit.Site, key, value string) error {
	lines := strings.FieldsFunc(value, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) == 0 {
		return fmt.Errorf("%q has no value: add one, or delete the line", key+":")
	}
	if key == "note" {
		lines = []string{strings.Join(lines, " ")}
	}
	for _, line := range lines {
		if line = oneBlank(line); line == "" {
			continue
		}
		if err := p.add(s, key, line); err != nil {
			return err
		}
	}
	return nil
}

// add is annotate for one line.
func (p *parser) add(s *visit.Site, key, value string) error {
	at := &p.terms
	if s != nil {
		at = &s.Terms
	}
	var terms visit.Terms
	if *at != nil { // other sites may share it
		terms = visit.Terms{Require: slices.Clip((*at).Require), Allow: slices.Clip((*at).Allow), Note: (*at).Note}
	}
	if err := checkText(value); err != nil {
		return err
	}
	if termsSize(&terms)+len(value) > maxTerms {
		return fmt.Errorf("the indented lines of a site and its heading take more than %d KiB: shorten it", maxTerms>>10)
	}
	switch key {
	case "require":
		if s != nil && len(terms.Require) > 0 && terms.Require[0].Line < s.Pos.Line {
			terms.Require = nil // it is the heading's
		}
		terms.Require = append(terms.Require, visit.Requirement{Bar: value, Line: p.line})
	case "allow":
		waiver, err := parseWaiver(value)
		if err != nil {
			return err
		}
		waiver.Line = p.line
		terms.Allow = append(terms.Allow, waiver)
	case "note":
		if terms.Note != "" {
			value = terms.Note + "; " + value
		}
		terms.Note = value
	}
	*at = &terms
	return nil
}

// termsSize is how many bytes of text there are in terms.
func termsSize(t *visit.Terms) int {
	n := len(t.Note)
	for _, r := range t.Require {
		n += len(r.Bar)
	}
	for _, w := range t.Allow {
		n += len(w.What) + len(w.Until) + len(w.Reason)
	}
	return n
}

// parseWaiver reads "RULE-OR-BAR [until YYYY-MM-DD][, reason]". No bar has a
// comma in it.
func parseWaiver(s string) (visit.Waiver, error) {
	what, reason, _ := strings.Cut(s, ",")
	w := visit.Waiver{What: what, Waived: visit.Waived{Reason: strings.TrimSpace(reason)}}
	before, date, dated := strings.Cut(" "+what+" ", " until ")
	if dated {
		w.What, w.Until = before, strings.TrimSpace(date)
		if _, err := time.Parse(time.DateOnly, w.Until); err != nil {
			return w, fmt.Errorf("%s after \"until\" is not a date: write it as in \"until 2027-03-01, reason\"", quote(w.Until))
		}
	}
	if w.What = strings.TrimSpace(w.What); w.What == "" {
		return w, errors.New(`"allow:" names nothing: write a rule or a bar, as in "allow: max-age-short until 2027-03-01, reason"`)
	}
	return w, nil
}
