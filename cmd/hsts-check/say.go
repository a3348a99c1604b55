package main

import (
	"errors"
	"fmt"
	"slices"

	"hsts-check/report"
)

// The program's voice on stderr. Every line begins with "hsts-check: " and goes
// on in lower case, with no full stop; it names the thing it is about, quoted
// where it came from the user. Lines that begin with "hint: " say what to type
// next. stdout is the report and nothing else.

// say tells something that is no fault, unless asked to be quiet.
func (p *program) say(format string, args ...any) {
	if !p.quiet {
		p.tell("hsts-check: " + fmt.Sprintf(format, args...))
	}
}

// hint says what to do next, unless asked to be quiet.
func (p *program) hint(format string, args ...any) {
	if !p.quiet {
		p.tell("hint: " + fmt.Sprintf(format, args...))
	}
}

// complain tells an error, each of several on a line of its own, and then the
// hints that come with them.
func (p *program) complain(err error) {
	lines, hints := told(err)
	for _, line := range lines {
		p.tell("hsts-check: " + line)
	}
	for _, hint := range hints {
		p.tell("hint: " + hint)
	}
}

// tell writes one line, which takes the place of the progress bar if there is
// one.
func (p *program) tell(line string) { p.bar.write(p.stderr, report.Visible(line)+"\n") }

// told takes apart an error that may be several: a line for each, and their
// hints, no hint twice.
func told(err error) (lines, hints []string) {
	switch err := err.(type) {
	case interface{ Unwrap() []error }:
		for _, one := range err.Unwrap() {
			l, more := told(one)
			lines = append(lines, l...)
			for _, h := range more {
				if !slices.Contains(hints, h) {
					hints = append(hints, h)
				}
			}
		}
	case hinted:
		lines, hints = told(err.error)
		hints = append(hints, err.hint)
	default:
		lines = []string{err.Error()}
		if h := (hinted{}); errors.As(err, &h) {
			hints = []string{h.hint}
		}
	}
	return lines, hints
}

// A hinted error knows what to do about it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// withHint adds what to do next to an error.
func withHint(err error, format string, args ...any) error {
	return hinted{err, fmt.Sprintf(format, args...)}
}
