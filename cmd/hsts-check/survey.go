package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"hsts-check/audit"
	"hsts-check/visit"
)

const surveyUsage = `hsts-check [flags] [LIST | URL | -]...
hsts-check COMMAND [flags] [ARGUMENT]...

Which sites use HTTP Strict Transport Security, and what browsers make of it.

  hsts-check                        survey banks of New Zealand and Australia
  hsts-check banks.txt asb.co.nz    survey a list and a site
  hsts-check -o r.html - < a.txt    list from standard input, report in a file
  hsts-check --require owasp a.txt  exit 1 unless every site meets a standard

Commands, each with a help of its own, as hsts-check help report:

  hsts-check demo        the survey of sites inside the program: no network
  hsts-check header      what browsers make of a header, or of an answer with it
  hsts-check report      reports from saved results
  hsts-check diff        what changed between two saved surveys
  hsts-check preload     is a host on the preload list, and may it be
  hsts-check rules       all rules and standards, or one with its fix
  hsts-check completion  completion for bash, zsh, fish and PowerShell
  hsts-check licenses    whose code and data is in the program
  hsts-check help, hsts-check version    the same as --help and --version

Exit status: 0 nothing fell short, 1 a bar was not met, 2 it could not run, 3 a
site could not be judged and a bar was asked for, 130 interrupted.

`

// runHelp describes the flags that only the survey has.
const runHelp = `
Run:
      --columns COLUMNS   of CSV, TSV, JSON: url=Website,name=Bank,group=Country
      --shard I/N         only the sites whose ID falls in shard I of N, from 0
      --slurp             read all of stdin before the first record is written
      --deadline DUR      bound of the whole run: sites not reached are unknown
      --resume FILE, --force  visit what FILE lacks; anew, if nothing in it fits
      --no-progress       no progress bar
`

// survey visits what the arguments name and reports it.
func (p *program) survey(ctx context.Context, args []string) (int, error) {
	f := p.flags("hsts-check", surveyUsage, writingHelp, gatingHelp, folded(visitsTopic, visitsHelp...), runHelp)
	var how visiting
	var extra adding
	var again browsing
	var what writing
	var by gating
	var which reading
	how.register(f)
	extra.register(f)
	again.register(f)
	which.register(f)
	what.register(f)
	by.register(f)
	f.StringVar(&what.resume, "resume", "", "")
	force := f.Bool("force", false, "")
	noProgress := f.Bool("no-progress", false, "")
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	if err := which.start(f); err != nil {
		return 0, err
	}
	auditor, err := how.auditor()
	if err != nil {
		return 0, err
	}
	auditor.Deadline = which.end
	browser, err := again.options(f, &how, auditor)
	if err != nil {
		return 0, err
	}
	if auditor.Request, err = extra.request(p, f); errors.Is(err, errInterrupted) {
		return exitInterrupted, nil
	} else if err != nil {
		return 0, err
	}
	if err := what.spare(p, slices.Concat(f.Args(), extra.files, []string{by.baseline, how.cacert})...); err != nil {
		return 0, err
	}
	if p.preloads, err = what.preloads.read(p); err != nil {
		return 0, err
	}
	auditor.Preload = p.preloads
	auditor.OpenFiles = openFiles()
	if most := visit.MostVisits(auditor.OpenFiles); auditor.Concurrency > most {
		p.say("visiting at most %d at once: this shell allows %d open files (ulimit -n)", most, auditor.OpenFiles)
		auditor.Concurrency = most
	}
	ctl := interruptible(ctx)
	defer ctl.cancel()
	in, err := p.input(ctl, f.Args(), which)
	if err != nil {
		return 0, err
	}
	d, err := p.delivery(what, by)
	if err != nil {
		return 0, err
	}
	defer d.out.release()
	run := newManifest(f)
	run.adds(extra.digest())
	if what.resume != "" {
		if err := d.resume(what.resume, in, auditor, run, *force); err != nil {
			return 0, err
		}
	}
	defer p.catch(ctl, time.Duration(how.timeout))() // now that nothing is to be read but what streams
	if err := d.out.open(run); err != nil {
		return 0, err
	}
	results := auditor.Survey(ctl.hard, ctl.until(in.sites))
	if browser != nil {
		p.again = p.secondLook(ctl.hard, again, browser, auditor)
		results = p.again.survey(ctl, in.sites)
	}
	return d.close(p.visit(ctl, results, in, d, !*noProgress)), nil
}

// visit surveys the input and delivers the results.
func (p *program) visit(ctx running, results iter.Seq[audit.Result], in *input, d *delivery, bar bool) (int, error) {
	if bar && !p.quiet && !p.streamsToTerminal(d.out) {
		p.bar.start(p.stderr, in.known-d.resumed.count())
	}
	reached, cancelled, short, ended := 0, 0, 0, true
	for r, kept := range d.resumed.between(results) {
		switch {
		case kept:
			reached++
		case r.Error == nil:
			reached++
		case r.Error.Kind == visit.KindInput:
			p.complain(r.Error)
			reached++
		case r.Error.Kind == visit.KindCancelled:
			cancelled++
		case r.Error.Kind == visit.KindLocal:
			short++
		case r.Error.Kind != visit.KindDNS:
			reached++
		}
		if !d.take(r, kept) {
			ended = false
			ctx.cancel()
			break
		}
		if kept {
			continue
		}
		if d.verbose {
			p.say("%s", visited(r))
			p.trace(r)
		}
		if p.again == nil {
			p.bar.add(r)
		}
	}
	p.bar.finish()
	status, err := d.finish()
	if p.again != nil {
		err = errors.Join(err, p.again.close())
	}
	if ended && !ctx.interrupted() && !in.endless && in.refused == nil {
		err = errors.Join(err, d.finishResumed(in))
	}
	if errors.Is(err, errPipe) && len(d.out.errs) == 1 {
		return exitFailed, nil
	}
	if short > 0 {
		err = errors.Join(err, withHint(fmt.Errorf("%s could not be visited: this machine ran out of open files or memory", count(short, d.sites)), "visit fewer at once with -c, or allow more files with ulimit -n"))
	}
	if d.sites > 0 && reached+cancelled+short == 0 {
		p.hint("no host was found: this machine seems to be offline; try hsts-check demo")
	}
	if ctx.interrupted() {
		p.say("interrupted: %s reported", count(d.sites, in.known))
		if err != nil {
			p.complain(err)
		}
		return exitInterrupted, nil
	}
	if cancelled > 0 {
		p.say("the deadline came before %s were reached", count(cancelled, d.sites))
		p.hint("with -o FILE.ndjson --resume FILE.ndjson another run goes on there")
	}
	return status, errors.Join(err, in.complaint(d.sites))
}

// visited says in a few words what came of a visit, and what it took.
func visited(r audit.Result) string {
	var ms int64
	for _, x := range r.Exchanges {
		ms += x.MS
	}
	said := fmt.Sprintf("%s: %s (%.1f s)", r.Name, r.Verdict, float64(ms)/1000)
	if r.Error != nil {
		said += ": " + r.Error.Message
	}
	return said
}

// trace shows where a bug of ours came up, to the maintainers.
func (p *program) trace(r audit.Result) {
	if r.Error != nil && r.Error.Stack != "" {
		fmt.Fprintln(p.stderr, r.Error.Stack)
	}
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

// print writes to stdout what is no report.
func (p *program) print(text string) error {
	if _, err := io.WriteString(p.stdout, text); isPipe(err) {
		return errPipe
	} else if err != nil {
		return fmt.Errorf("cannot write standard output: %w", cause(err))
	}
	return nil
}
