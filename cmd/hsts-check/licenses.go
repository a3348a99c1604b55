package main

import (
	"context"
	_ "embed"
	"errors"
)

const licensesUsage = `hsts-check licenses [flags]

Whose code and data this program has in it, and under what licenses.

  hsts-check licenses | less

Exit status: 0 printed, 2 they could not be.
`

// To bring the notice up to date:
//
//go:generate ../../.ci/notice

//go:embed NOTICE
var notice string

// licenses prints the notice that goes with the program.
func (p *program) licenses(_ context.Context, args []string) (int, error) {
	f := p.flags("hsts-check licenses", licensesUsage)
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	if f.NArg() > 0 {
		return 0, withHint(errors.New("licenses takes no arguments"), "hsts-check licenses prints them all")
	}
	return exitOK, p.print(notice)
}
