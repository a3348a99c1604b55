package main

import (
	"context"
	"errors"
	"fmt"
)

const helpUsage = `hsts-check help [flags] [COMMAND]

What a command does and takes; without one, the survey and all commands.

  hsts-check help report    the same as hsts-check report --help
`

// helpOn prints the help of a command.
func (p *program) helpOn(ctx context.Context, args []string) (int, error) {
	f := p.flags("hsts-check help", helpUsage)
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	if f.NArg() > 1 {
		return 0, withHint(errors.New("help takes one command"), "as in hsts-check help report")
	}
	run := p.survey
	if name := f.Arg(0); name != "" {
		var ok bool
		if run, ok = p.commands()[name]; !ok {
			return 0, withHint(fmt.Errorf("%q is not a command", name), "%s", didYouMean(name, p.commandNames(), "the commands are "+listed(p.commandNames())))
		}
	}
	return run(ctx, []string{"--help"})
}

const versionUsage = `hsts-check version [flags]

Print version, commit, date and the Go version, as --version does.

  hsts-check version    which one this is
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
