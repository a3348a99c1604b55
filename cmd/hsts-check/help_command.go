package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

const helpUsage = `hsts-check help [flags] [COMMAND]

What a command does and takes; without one, the survey and all commands.

  hsts-check help report    the same as hsts-check report --help
  hsts-check help visits    the flags that say how sites are visited

Exit status: 0 told, 2 there is no such command.
`

// visitsTopic is what help explains beside the commands: the survey has more
// flags than a screen has lines, so that its own help only names those of
// visitsHelp.
const visitsTopic = "visits"

var visitsHelp = []string{visitingHelp, addingHelp, browsingHelp}

const visitsUsage = `hsts-check [flags] [LIST | URL | -]...
hsts-check preload [flags] HOST...

How sites are visited. A flag that curl has too is called as curl calls it.

  hsts-check -c 200 --timeout 5s banks.txt
  hsts-check --resolve www.example.org:443:192.0.2.7 www.example.org
`

// folded are groups of flags by their names alone, and where they are explained.
func folded(topic string, groups ...string) string {
	var headings []string
	lines := []string{" "}
	for _, group := range groups {
		heading, entries, _ := strings.Cut(strings.TrimSpace(group), ":\n")
		headings = append(headings, heading)
		for line := range strings.Lines(entries) {
			names, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
			for word := range strings.FieldsSeq(names) {
				name, last := strings.TrimSuffix(word, ","), &lines[len(lines)-1]
				name, _, _ = strings.Cut(name, "=") // what it may take
				switch {
				case names[0] != '-' || name[0] != '-': // a description, or what a flag takes
				case len(*last)+len(" ")+len(name) > helpWidth:
					lines = append(lines, "  "+name)
				default:
					*last += " " + name
				}
			}
		}
	}
	said := listed(headings)
	return said[:1] + strings.ToLower(said[1:]) + ", explained by hsts-check help " + topic + ":\n" + strings.Join(lines, "\n") + "\n"
}

// helpOn prints the help of a command.
func (p *program) helpOn(ctx context.Context, args []string) (int, error) {
	f := p.flags("hsts-check help", helpUsage)
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	if f.NArg() > 1 {
		return 0, withHint(errors.New("help takes one command"), "as in hsts-check help report")
	}
	name := f.Arg(0)
	run, ok := p.commands()[name]
	switch {
	case name == "":
		run = p.survey
	case name == visitsTopic:
		return exitOK, p.print(laidOut(append([]string{visitsUsage}, visitsHelp...)...))
	case !ok:
		return 0, withHint(fmt.Errorf("%q is not a command", name), "%s",
			didYouMean(name, append(p.commandNames(), visitsTopic), "the commands are "+listed(p.commandNames())))
	}
	return run(ctx, []string{"--help"})
}

const versionUsage = `hsts-check version [flags]

Print version, commit, date and the Go version, as --version does.

  hsts-check version    which one this is

Exit status: 0 printed, 2 it could not be.
`

// printVersion prints what --version does.
func (p *program) printVersion(_ context.Context, args []string) (int, error) {
	f := p.flags("hsts-check version", versionUsage)
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	if f.NArg() > 0 {
		return 0, withHint(errors.New("version takes nothing"), "hsts-check version prints it")
	}
	return exitOK, p.print(fullVersion() + "\n")
}
