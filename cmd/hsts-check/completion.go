package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hsts-check/audit"
)

const completionUsage = `hsts-check completion [flags] SHELL

Print a script that makes a shell complete commands, flags and their values:
formats, verdicts, rules, standards. SHELL is bash, zsh, fish or powershell.

  hsts-check completion bash > /etc/bash_completion.d/hsts-check
                                         bash, with the package bash-completion
  hsts-check completion zsh > "${fpath[1]}/_hsts-check"
                                         zsh, from its next start
  hsts-check completion fish > ~/.config/fish/completions/hsts-check.fish
                                         fish
  hsts-check completion powershell | Out-String | Invoke-Expression
                                         PowerShell, until it is closed

Exit status: 0 the script is printed, 2 there is no such shell.
`

// shells are those that cobra writes scripts for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// completion prints a script for a shell. The script asks the program what comes
// next, so that it does not grow old: see [program.complete].
func (p *program) completion(_ context.Context, args []string) (int, error) {
	f := p.flags("hsts-check completion", completionUsage)
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	root := p.commandTree()
	var script strings.Builder
	var err error
	switch shell := f.Arg(0); {
	case f.NArg() != 1:
		return 0, withHint(errors.New("completion needs the name of a shell"), "as in hsts-check completion bash; there are %s", listed(shells))
	case shell == "bash":
		err = root.GenBashCompletionV2(&script, true)
	case shell == "zsh":
		err = root.GenZshCompletion(&script)
	case shell == "fish":
		err = root.GenFishCompletion(&script, true)
	case shell == "powershell" || shell == "pwsh":
		err = root.GenPowerShellCompletionWithDesc(&script)
	default:
		return 0, withHint(fmt.Errorf("there is no completion for %q", shell), "%s", didYouMean(shell, shells, "there are "+listed(shells)))
	}
	if err != nil {
		return 0, err
	}
	return exitOK, p.print(script.String())
}

// complete answers a script: it prints what may come next on a command line, with
// descriptions or without.
func (p *program) complete(request string) command {
	return func(ctx context.Context, args []string) (int, error) {
		root := p.commandTree()
		root.SetArgs(append([]string{request}, args...))
		root.SetOut(p.stdout)
		root.SetErr(io.Discard)
		return exitOK, root.ExecuteContext(ctx)
	}
}

// commandTree describes the commands to cobra, which only ever completes: it runs
// none of them.
func (p *program) commandTree() *cobra.Command {
	root := p.described("", cobra.ArbitraryArgs)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Hidden: true, Use: "no-help"})
	for _, name := range p.commandNames() {
		root.AddCommand(p.described(name, cobra.ArbitraryArgs))
	}
	return root
}

// described is a command with its flags; "" is the survey.
func (p *program) described(name string, args cobra.PositionalArgs) *cobra.Command {
	asked := flagsOf(name)
	c := &cobra.Command{
		Use: "hsts-check", Short: summaryOf(asked.help), Args: args, Run: func(*cobra.Command, []string) {},
		ValidArgsFunction: argumentsOf(p, name),
	}
	if name != "" {
		c.Use = name
	}
	asked.accepted.VisitAll(func(flag *pflag.Flag) {
		flag.Usage = saidOf(asked.help, flag.Name)
		c.Flags().AddFlag(flag)
		if values := valuesOf(name, flag.Name); values != nil {
			c.RegisterFlagCompletionFunc(flag.Name, values)
		}
	})
	return c
}

// summaryOf is what the help of a command says of it first.
func summaryOf(help string) string {
	_, said, _ := strings.Cut(help, "\n\n")
	said, _, _ = strings.Cut(said, "\n\n")
	said, _, _ = strings.Cut(strings.Join(strings.Fields(said), " "), ". ")
	return strings.TrimSuffix(said, ".")
}

// saidOf is the line of a help text that tells of a flag.
func saidOf(help, flag string) string {
	m := regexp.MustCompile(`(?m)^ .*--` + regexp.QuoteMeta(flag) + `\b.*?  +(\S.*)$`).FindStringSubmatch(help)
	if m == nil {
		return ""
	}
	return m[1]
}

// A completer gives what may come next on a command line.
type completer = func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective)

// argumentsOf completes what a command takes, files where it is nothing else.
func argumentsOf(p *program, command string) completer {
	switch command {
	case "completion":
		return cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp)
	case "help":
		return cobra.FixedCompletions(p.commandNames(), cobra.ShellCompDirectiveNoFileComp)
	case "rules":
		return cobra.FixedCompletions(append(ruleChoices(), standardChoices()...), cobra.ShellCompDirectiveNoFileComp)
	case "header", "preload", "demo", "version", "licenses":
		return cobra.NoFileCompletions
	}
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	}
}

// valuesOf completes a flag of a command; nil for files, or where nobody can know.
func valuesOf(command, flag string) completer {
	one := func(values []string) completer {
		return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	}
	switch flag {
	case "format":
		return one(formatsOf(command))
	case "only":
		return several(append(verdictWords(), verdictNames()...))
	case "fail-on":
		severities := []string{"regression"}
		for _, s := range audit.Severities {
			severities = append(severities, string(s))
		}
		return several(append(severities, ruleChoices()...))
	case "require":
		return one(standardChoices())
	case "probe":
		return several(append(strings.Split(probeNames(), ", "), "all", "none"))
	case "color":
		return one([]string{"auto", "always", "never"})
	}
	return nil
}

// formatsOf are the formats of a command, as -f names them.
func formatsOf(command string) []string {
	switch command {
	case "header":
		return headerFormats
	case "preload":
		return preloadFormats
	case "rules":
		return rulesFormats
	case "diff":
		return diffFormatNames()
	case "report":
		return append(formatNames(), "list")
	}
	return formatNames()
}

// several completes the last of words that commas part.
func several(words []string) completer {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndex(typed, ",")+1]
		taken := strings.Split(before, ",")
		var left []cobra.Completion
		for _, word := range words {
			if name, _, _ := strings.Cut(word, "\t"); !slices.Contains(taken, name) {
				left = append(left, before+word)
			}
		}
		return left, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

func ruleChoices() []string {
	var choices []string
	for _, r := range audit.Rules {
		choices = append(choices, cobra.CompletionWithDesc(r.ID, r.Title))
	}
	return choices
}

func standardChoices() []string {
	var choices []string
	for _, s := range audit.Standards {
		choices = append(choices, cobra.CompletionWithDesc(s.Name, s.Bar))
	}
	return choices
}
