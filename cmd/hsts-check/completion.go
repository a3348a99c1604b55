package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
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

  hsts-check completion zsh > "${fpath[1]}/_hsts-check"
                                         zsh, from its next start
  source <(hsts-check completion bash)   bash; in ~/.bashrc for every session
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
		script.WriteString(bashWords)
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
	return exitOK, p.print(fishOffers.Replace(script.String()))
}

// bashWords stands in for a function of the package bash-completion, which macOS
// and small systems lack: it joins what bash has parted at = and : in the line.
const bashWords = `
__hsts-check_init_completion()
{
    COMPREPLY=() words=() cword=0
    local i word gap rest=$COMP_LINE
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]}
        gap=${rest%%[![:space:]]*}
        rest=${rest#"$gap"}
        rest=${rest#"$word"}
        if ((${#words[@]})) && [[ -z $gap && ( $word == [=:]* || ${words[${#words[@]}-1]} == *[=:] ) ]]; then
            words[${#words[@]}-1]+=$word
        else
            words+=("$word")
        fi
        ((i == COMP_CWORD)) && cword=$((${#words[@]} - 1))
    done
    cur=${words[cword]} prev=${words[cword > 0 ? cword - 1 : 0]}
}
`

// fishOffers mends cobra's script for fish, which takes an offer that begins with
// dashes, --only=partly, for a flag of its own command.
var fishOffers = strings.NewReplacer(`string split --max 1 \t`, `string split --max 1 -- \t`)

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
	help := asked.help
	if name != "" {
		c.Use = name
	} else {
		help += strings.Join(visitsHelp, "") // of which its own has the names
	}
	asked.accepted.VisitAll(func(flag *pflag.Flag) {
		flag.Usage = saidOf(help, flag.Name)
		c.Flags().AddFlag(flag)
		c.RegisterFlagCompletionFunc(flag.Name, valuesOf(name, flag.Name))
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

// saidOf is what a help text tells of a flag.
func saidOf(help, flag string) string {
	m := regexp.MustCompile(`(?m)^ .*--` + regexp.QuoteMeta(flag) + `\b.*?  +(\S.*(?:\n {20,}\S.*)*)$`).FindStringSubmatch(help)
	if m == nil {
		return ""
	}
	return strings.Join(strings.Fields(m[1]), " ")
}

// A completer gives what may come next on a command line.
type completer = func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective)

// argumentsOf completes what a command takes, files where it is nothing else.
func argumentsOf(p *program, command string) completer {
	switch command {
	case "", "report", "diff":
		return files
	case "completion":
		return first(shells)
	case "help":
		return first(append(p.commandNames(), visitsTopic))
	case "rules":
		return first(append(ruleChoices(), standardChoices()...))
	}
	return cobra.NoFileCompletions
}

// files leaves it to the shell to offer files.
func files(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// oneOf completes a word that is one of some.
func oneOf(words []string) completer {
	return func(_ *cobra.Command, _ []string, typed string) (left []cobra.Completion, _ cobra.ShellCompDirective) {
		for _, word := range words {
			if strings.HasPrefix(word, typed) {
				left = append(left, word)
			}
		}
		return left, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// first completes an argument that is one of some, and has no other behind it.
func first(words []string) completer {
	return func(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return cobra.NoFileCompletions(c, args, typed)
		}
		return oneOf(words)(c, args, typed)
	}
}

// valuesOf completes a flag of a command.
func valuesOf(command, flag string) completer {
	switch flag {
	case "format":
		return oneOf(formatsOf(command))
	case "output":
		return named
	case "only":
		return several(verdictChoices())
	case "fail-on":
		severities := []string{"regression"}
		for _, s := range audit.Severities {
			severities = append(severities, string(s))
		}
		return several(append(severities, ruleChoices()...))
	case "require":
		return oneOf(append(standardChoices(), "max-age=31536000"))
	case "probe":
		return several(append(strings.Split(probeNames(), ", "), "all", "none"))
	case "color":
		return oneOf([]string{"auto", "always", "never"})
	case "browser":
		return oneOf([]string{"unsure", "always", "never"})
	case "columns":
		return several([]string{"url=", "name=", "group="})
	case "baseline", "browser-path", "cacert", "cert", "cookie", "expect", "from", "key", "preload-list", "resume":
		return files
	}
	return cobra.NoFileCompletions // nobody can know
}

// named completes an output by the endings there are. Where files begin with
// what is typed they are offered: one may be replaced, and a folder leads to
// others.
func named(c *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	folder, base := filepath.Split(typed)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	there, _ := filepath.Glob(typed + "*")
	switch {
	case typed == "":
		stem = "survey"
	case stem == "" || stem == base && len(there) > 0:
		return files(c, args, typed)
	}
	var names []string
	for _, ending := range endings() {
		names = append(names, folder+stem+ending)
	}
	return oneOf(names)(c, args, typed)
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
			name, _, _ := strings.Cut(word, "\t")
			if strings.HasPrefix(before+word, typed) && !slices.Contains(taken, name) {
				left = append(left, before+word)
			}
		}
		return left, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveKeepOrder
	}
}

// verdictChoices are the table's words, and those names of which it has none.
func verdictChoices() []string {
	words := verdictWords()
	return append(words, slices.DeleteFunc(verdictNames(), func(name string) bool { return slices.Contains(words, name) })...)
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
