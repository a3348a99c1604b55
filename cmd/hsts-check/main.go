// Hsts-check surveys which sites use HTTP Strict Transport Security, and says
// what browsers make of what they send.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hsts-check/preload"
)

// Exit statuses. Where several hold, the first in the order interrupted,
// failed, fell short, unknown is taken.
const (
	exitOK          = 0
	exitFellShort   = 1   // a bar was not met, a value is not valid
	exitFailed      = 2   // it could not run: usage, a list, an output
	exitUnknown     = 3   // nothing fell short, but something could not be judged
	exitInterrupted = 130 // what was done is still reported
)

func main() {
	// Fewer collections for a few megabytes more: 200 would save another 3 % of a
	// survey's CPU, and take 145 MB in place of 120 with 1,024 visits at once.
	// GOGC still decides where it is set.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(150)
	}
	// In a container, collect harder before its limit is met. GOMEMLIMIT still
	// decides where it is set, and what has no limit gets none.
	memlimit.Set(memlimit.WithRatio(0.8), memlimit.WithProvider(memlimit.FromCgroup))
	log.SetOutput(io.Discard) // where net/http tells of odd frames: servers are not to write here
	takeWriteErrors()
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run does what the arguments ask for and returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr}
	command := p.survey
	if len(args) > 0 {
		if c, ok := p.commands()[args[0]]; ok {
			command, args = c, args[1:]
		} else if err := p.misspelt(args[0]); err != nil {
			command = func(context.Context, []string) (int, error) { return 0, err }
		}
	}
	status, err := command(ctx, args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return exitOK
	case isPipe(err):
		return exitFailed
	case err != nil:
		p.complain(err)
		return exitFailed
	}
	return status
}

// A program is one run: its streams, and what was asked of its manners.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	quiet          bool
	bar            progress
	again          *secondLook    // nil where no browser looks at sites too
	preloads       *preload.List  // nil where a command asks nothing of it
	version        bool           // only print it
	accepted       *pflag.FlagSet // the flags of the command that runs
	help           string         // what --help prints of it
}

// A command returns its exit status, or an error that is told and makes the
// status exitFailed.
type command func(ctx context.Context, args []string) (int, error)

// commands are known by their name as first argument; anything else there
// belongs to the survey.
func (p *program) commands() map[string]command {
	return map[string]command{
		"completion": p.completion,
		"demo":       p.demo,
		"diff":       p.diff,
		"header":     p.header,
		"help":       p.helpOn,
		"licenses":   p.licenses,
		"preload":    p.preload,
		"report":     p.report,
		"rules":      p.rules,
		"version":    p.printVersion,
		// What the scripts of completion ask.
		cobra.ShellCompRequestCmd:       p.complete(cobra.ShellCompRequestCmd),
		cobra.ShellCompNoDescRequestCmd: p.complete(cobra.ShellCompNoDescRequestCmd),
	}
}

// commandNames are the names of the commands that are for people, sorted.
func (p *program) commandNames() []string {
	names := slices.Sorted(maps.Keys(p.commands()))
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "__") })
}
