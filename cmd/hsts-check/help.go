package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// What --help prints stands beside the flags it is about: a text for each
// command and one for each group of flags, laid out by hand for 80 columns. The
// man page is made of the same texts. They hold no more than this:
//
//	hsts-check COMMAND [flags] ARG...     how to call it, in the first lines
//
//	What it does.
//
//	  an example     what that does
//
//	Group:
//	  -f, --flag ARG      what it is for (default VALUE)
//
// Tests hold them to the flags that there are.

// commonHelp describes the flags that every command has.
const commonHelp = `
Other:
  -q, --quiet             no remarks and no progress bar; errors are told
  -h, --help              this, or after a command what that takes
      --version           print version, commit and date
`

// flags makes the flags of a command in the program's voice. Its help is the
// usage and the texts of its groups of flags.
func (p *program) flags(name, usage string, groups ...string) *pflag.FlagSet {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SetOutput(p.stderr)
	f.SortFlags = false
	f.BoolVarP(&p.quiet, "quiet", "q", false, "")
	f.BoolVar(&p.version, "version", false, "")
	f.Usage = func() {} // see parse
	p.help = laidOut(append([]string{usage}, append(groups, commonHelp)...)...)
	p.accepted = f
	return f
}

// parse reads arguments into flags. When they ask for help or the version it
// prints that and returns pflag.ErrHelp, or the error in printing.
func (p *program) parse(f *pflag.FlagSet, args []string) error {
	err := f.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return cmp.Or(p.print(p.help), err)
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		reason := invalid.Unwrap()
		if number := (*strconv.NumError)(nil); errors.As(reason, &number) {
			reason = number.Err // the rest is about the program's source
		}
		err = fmt.Errorf("--%s %q: %w", invalid.GetFlag().Name, invalid.GetValue(), reason)
	}
	if unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) {
		return p.unknownFlag(f, unknown)
	}
	if err != nil {
		return withHint(err, "%s --help lists the flags", f.Name())
	}
	if p.version {
		return cmp.Or(p.print(fullVersion()+"\n"), pflag.ErrHelp)
	}
	return nil
}

// helpWidth is what a terminal has at least.
const helpWidth = 80

// hanging is what stands before the description in a line of help.
var hanging = regexp.MustCompile(`^ +\S.*?  +`)

// laidOut joins the texts of help. Lines that a list from elsewhere has made too
// long go on below their description.
func laidOut(texts ...string) string {
	var b strings.Builder
	for i, text := range texts {
		if i == 1 {
			b.WriteString("\n")
		}
		for line := range strings.Lines(strings.Trim(text, "\n") + "\n") {
			indent := strings.Repeat(" ", len(hanging.FindString(line)))
			for len(line) > helpWidth+len("\n") {
				end := strings.LastIndex(line[:helpWidth+1], " ")
				b.WriteString(strings.TrimRight(line[:end], " ") + "\n")
				line = indent + line[end+1:]
			}
			b.WriteString(line)
		}
	}
	return b.String()
}
