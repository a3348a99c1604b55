package main

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/term"

	"hsts-check/report"
)

// terminal returns the width of the terminal that a stream writes to; false if
// it writes to none.
func terminal(stream any) (width int, ok bool) {
	f, isFile := stream.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, true
}

// screen returns how many columns and lines the terminal has that messages go to;
// any number of columns and 24 lines where they go to none.
func (p *program) screen() (width, height int) {
	if f, isFile := p.stderr.(*os.File); isFile && term.IsTerminal(int(f.Fd())) {
		if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 && height > 0 {
			return width, height
		}
	}
	return 0, 24
}

// looks says how a document looks on stdout: as wide as the terminal, as
// COLUMNS where there is none, else as wide as it gets. Colours are for
// terminals that have them, unless NO_COLOR (https://no-color.org) is set or
// --color says otherwise.
func (p *program) looks(when string) (report.Options, error) {
	width, isTerminal := terminal(p.stdout)
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 && !isTerminal {
		width = columns
	}
	options := report.Options{Width: width}
	switch when {
	case "auto":
		options.Color = isTerminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	case "always":
		options.Color = true
		if width == 0 { // a pager shows it, as in less -R
			options.Width, _ = terminal(p.stderr)
		}
	case "never":
	default:
		return options, withHint(fmt.Errorf("--color %q is not known", when), "there are auto, always and never")
	}
	return options, nil
}

// streamsToTerminal reports whether records scroll by on the terminal, where a
// progress bar would stand in their way.
func (p *program) streamsToTerminal(out *outputs) bool {
	_, isTerminal := terminal(p.stdout)
	return isTerminal && out.sinks[0].stream != nil
}
