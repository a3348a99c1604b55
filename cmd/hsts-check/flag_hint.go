package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// flagsElsewhere are flags of curl and of other programs that visit many sites,
// and what does the same here, or why nothing does.
var flagsElsewhere = map[string]string{
	"k": certificatesCount, "insecure": certificatesCount, "no-check-certificate": certificatesCount, "ignore-certificate-errors": certificatesCount,
	"L": redirectsFollowed, "location": redirectsFollowed, "follow-redirects": redirectsFollowed, "max-redirs": redirectsFollowed,
	"s": "-q leaves out remarks and the progress bar", "S": "errors are always told", "silent": "-q leaves out remarks and the progress bar",
	"X": getOnly, "request": getOnly, "d": getOnly, "data": getOnly,
	"I": headShown, "head": headShown, "i": headShown, "include": headShown, "D": headShown, "dump-header": headShown,
	"m": "--timeout DUR bounds one exchange, --deadline DUR the whole run", "max-time": "--timeout DUR bounds one exchange, --deadline DUR the whole run",
	"connect-timeout": "--timeout DUR bounds one exchange, with its connection",
	"j":               atOnce, "jobs": atOnce, "t": atOnce, "threads": atOnce, "workers": atOnce, "parallel": atOnce, "Z": atOnce, "max-concurrency": atOnce,
	"json": "-f json writes it", "ndjson": "-f ndjson writes it", "csv": "-f csv writes it", "html": "-f html writes it, or -o survey.html",
	"markdown": "-f markdown writes it", "sarif": "-f sarif writes it", "junit": "-f junit writes it", "xlsx": "-o survey.xlsx writes it",
	"r": "--retries N", "retry": "--retries N", "no-color": "--color never", "no-colour": "--color never", "colour": "--color WHEN",
	"input": "name the list as an argument", "file": "name the list as an argument", "list": "name the list as an argument", "l": "name the list as an argument",
	"url": "name the URL as an argument", "limit-rate": "--rate N bounds the sites started a second", "V": "--version", "verify": certificatesCount,
}

const (
	certificatesCount = "certificate errors always count, since no browser takes a policy past one; --cacert FILE trusts an authority of your own"
	redirectsFollowed = "redirects are always followed, as far as browsers follow them"
	getOnly           = "sites are asked with GET, as a browser asks"
	headShown         = "-v shows each exchange; sites are asked with GET, as a browser asks"
	atOnce            = "-c N is the number of visits under way at once"
)

// flagHint says what was meant by a flag that a command does not take, or where
// those are that it does.
func (p *program) flagHint(f *pflag.FlagSet, err error) string {
	otherwise := f.Name() + " --help lists the flags"
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return otherwise
	}
	name := unknown.GetSpecifiedName()
	if hint := flagsElsewhere[name]; hint != "" && known(f, hint) {
		return hint
	}
	if unknown.GetSpecifiedShortnames() == "" {
		var names []string
		f.VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
		if like := nearest(name, names); like != "" {
			return "did you mean --" + like + "?"
		}
	}
	if takers := p.takers(unknown); len(takers) > 0 {
		return "it is a flag of " + listed(takers) + "; " + otherwise
	}
	return otherwise
}

// known reports whether a command takes the flag that a hint begins with, if it
// begins with one.
func known(f *pflag.FlagSet, hint string) bool {
	flag, _, _ := strings.Cut(hint, " ")
	long, isLong := strings.CutPrefix(flag, "--")
	switch {
	case isLong:
		return f.Lookup(long) != nil
	case strings.HasPrefix(flag, "-"):
		return f.ShorthandLookup(flag[1:]) != nil
	}
	return f.Lookup("cacert") != nil // which is to visit sites
}

// takers are the commands that take a flag.
func (p *program) takers(unknown *pflag.NotExistError) []string {
	var takers []string
	for _, name := range append([]string{""}, p.commandNames()...) {
		f := flagsOf(name).accepted
		takes := f.Lookup(unknown.GetSpecifiedName()) != nil
		if unknown.GetSpecifiedShortnames() != "" {
			takes = f.ShorthandLookup(unknown.GetSpecifiedName()) != nil
		}
		if takes {
			takers = append(takers, f.Name())
		}
	}
	return takers
}

// flagsOf asks a command for its help, and so for its flags; "" is the survey.
func flagsOf(name string) *program {
	asked := &program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}
	run := asked.survey
	if name != "" {
		run = asked.commands()[name]
	}
	run(context.Background(), []string{"--help"})
	return asked
}
