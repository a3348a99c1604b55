package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"hsts-check/audit"
	"hsts-check/report"
)

const surveyUsage = `hsts-check [flags] [LIST | URL | -]...
hsts-check demo [flags]

Which sites use HTTP Strict Transport Security, and what browsers make of it.

  hsts-check                        survey the banks of New Zealand and Australia
  hsts-check banks.txt asb.co.nz    survey a list and a site
  hsts-check -f csv - < banks.txt   as CSV, the list from standard input
  hsts-check -o report.md           also write a report; .md .csv .json .ndjson
  hsts-check demo                   try it without a network

`

// survey visits what the arguments name and reports it.
func (p *program) survey(ctx context.Context, args []string) (int, error) {
	f := p.flags("hsts-check", surveyUsage)
	var how visiting
	var what writing
	how.register(f)
	what.register(f)
	noProgress := f.Bool("no-progress", false, "no progress bar")
	showVersion := f.Bool("version", false, "print the version and exit")
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	if *showVersion {
		_, err := fmt.Fprintln(p.stdout, fullVersion())
		return exitOK, err
	}
	auditor, err := how.auditor()
	if err != nil {
		return 0, err
	}
	ctl, stop := interruptible(ctx, time.Duration(how.timeout))
	defer stop()
	in, err := p.input(ctl, f.Args())
	if err != nil {
		return 0, err
	}
	return p.report(ctl, auditor, in, what, !*noProgress)
}

// report surveys the input and writes all outputs.
func (p *program) report(ctx running, auditor *audit.Auditor, in input, what writing, bar bool) (int, error) {
	out, err := what.open(p)
	if err != nil {
		return 0, err
	}
	meta := report.Meta{Program: "hsts-check", Version: version(), Started: time.Now(), Run: auditor.Run, Vantage: auditor.Vantage}
	progress := p.progress(in.known, bar && !p.streamsToTerminal(out))
	reached, sites := 0, 0
	for r := range auditor.Survey(ctx.hard, ctx.until(in.sites)) {
		sites++
		if r.Error == nil || r.Error.Kind != audit.KindDNS {
			reached++
		}
		if !out.add(r) {
			ctx.cancel()
			break
		}
		progress.add()
	}
	progress.finish()
	meta.Finished = time.Now()
	err = out.finish(meta)
	if errors.Is(err, errPipe) && len(out.errs) == 1 {
		return exitFailed, nil
	}
	if sites > 0 && reached == 0 {
		p.hint("no host was found: this machine seems to be offline; try hsts-check demo")
	}
	if ctx.Err() != nil {
		p.say("interrupted: %s reported", count(sites, in.known))
		if err != nil {
			p.complain(err)
		}
		return exitInterrupted, nil
	}
	return exitOK, err
}

// count says how many of how many sites.
func count(n, known int) string {
	noun := "sites"
	switch {
	case known >= 0:
		return fmt.Sprintf("%d of %d %s", n, known, noun)
	case n == 1:
		noun = "site"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// A run's context ends with the first signal, and no further site is
// started. What is under way goes on in the hard context, which ends a timeout
// later or with the second signal.
type running struct {
	context.Context
	hard   context.Context
	cancel context.CancelFunc
}

func interruptible(parent context.Context, grace time.Duration) (running, func()) {
	hard, cancelHard := context.WithCancel(parent)
	soft, cancelSoft := context.WithCancel(hard)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	// With a handler for it, a write to a closed pipe is an error like others.
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE)
	go func() {
		select {
		case <-signals:
			cancelSoft()
		case <-hard.Done():
			return
		}
		select {
		case <-signals:
		case <-time.After(grace):
		case <-hard.Done():
		}
		cancelHard()
	}()
	return running{soft, hard, cancelHard}, func() {
		signal.Stop(signals)
		signal.Stop(pipe)
		cancelHard()
	}
}

// until ends a sequence when the context does.
func (ctx running) until(sites iter.Seq[audit.Site]) iter.Seq[audit.Site] {
	return func(yield func(audit.Site) bool) {
		for s := range sites {
			if ctx.Err() != nil || !yield(s) {
				return
			}
		}
	}
}

// flags makes a set of flags in the program's voice.
func (p *program) flags(name, usage string) *pflag.FlagSet {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SetOutput(p.stderr)
	f.SortFlags = false
	f.BoolVarP(&p.quiet, "quiet", "q", false, "no remarks and no progress bar; errors are still told")
	f.Usage = func() {
		fmt.Fprint(p.stdout, usage)
		fmt.Fprint(p.stdout, f.FlagUsagesWrapped(80))
	}
	return f
}

// parse reads arguments into flags.
func (p *program) parse(f *pflag.FlagSet, args []string) error {
	err := f.Parse(args)
	if err != nil && !errors.Is(err, pflag.ErrHelp) {
		return withHint(err, "%s --help lists the flags", f.Name())
	}
	return err
}
