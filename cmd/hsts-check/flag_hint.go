package main

import (
	"context"
	"fmt"
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
	"j":               "-f json writes JSON, -c N is the number of visits under way at once",
	"t":               "-c N is the number of visits under way at once, --timeout DUR bounds one exchange", "p": portShown, "port": portShown,
	"jobs": atOnce, "threads": atOnce, "workers": atOnce, "parallel": atOnce, "Z": atOnce, "max-concurrency": atOnce,
	"r": "--retries N", "retry": "--retries N", "no-color": "--color never", "no-colour": "--color never", "colour": "--color WHEN",
	"input": "name the list as an argument", "file": "name the list as an argument", "list": "name the list as an argument", "l": "name the list as an argument",
	"url": "name the URL as an argument", "limit-rate": "--rate N bounds the sites started a second", "V": "--version prints version, commit and date", "verify": certificatesCount,
}

const (
	certificatesCount = "certificate errors always count, since no browser takes a policy past one; --cacert FILE trusts an authority of your own"
	redirectsFollowed = "redirects are always followed, as far as browsers follow them"
	getOnly           = "sites are asked with GET, as a browser asks"
	headShown         = "-v shows each exchange; sites are asked with GET, as a browser asks; hsts-check header - reads what curl -sI prints"
	portShown         = "the port stands in the URL: https://www.example.org:8443/"
	atOnce            = "-c N is the number of visits under way at once"
)

// unknownFlag is the error of a flag that a command does not take, with what was
// meant, or where those are that it does.
func (p *program) unknownFlag(f *pflag.FlagSet, unknown *pflag.NotExistError) error {
	name, letters := unknown.GetSpecifiedName(), unknown.GetSpecifiedShortnames()
	said := "--" + name
	switch {
	case len(letters) > 1:
		said = "-" + name + " in -" + letters
	case letters != "":
		said = "-" + name
	}
	all := f.Name() + " --help lists the flags"
	long := name
	if len(letters) > 3 { // -requre was to have two dashes
		long = letters
	}
	isLong, hint := long == letters || letters == "", all
	switch takers := p.takers(unknown); {
	case isLong && f.Lookup("format") != nil && isFormat(long, formatsOf(strings.TrimPrefix(f.Name(), "hsts-check "))):
		hint = "-f " + long + " writes it"
	case long == letters && alike(f, long) != "":
		hint = "did you mean --" + alike(f, long) + "?"
	case elsewhereHint(f, name) != "":
		hint = elsewhereHint(f, name)
	case len(takers) > 0:
		hint = "it is a flag of " + listed(takers) + "; " + all
	case isLong && alike(f, long) != "":
		hint = "did you mean --" + alike(f, long) + "?"
	}
	return withHint(fmt.Errorf("unknown flag: %s", said), "%s", hint)
}

// elsewhereHint says what to do in place of another program's flag; "" where
// that is nothing to the command.
func elsewhereHint(f *pflag.FlagSet, name string) string {
	if hint := flagsElsewhere[name]; hint != "" && known(f, hint) {
		return hint
	}
	return ""
}

// alike is the flag of a command that a misspelt one is most like.
func alike(f *pflag.FlagSet, name string) string {
	var names []string
	f.VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	return nearest(strings.ToLower(name), names)
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
