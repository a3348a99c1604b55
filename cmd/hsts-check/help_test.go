package main

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// A helpText is a help text taken apart.
type helpText struct {
	usage      []string // lines
	paragraphs []string
	examples   [][2]string // a command and what it does
	groups     []helpGroup
}

type helpGroup struct {
	name    string
	entries []helpEntry
}

// A helpEntry tells of a flag, or of two that belong together.
type helpEntry struct {
	flags []helpFlag
	said  string
}

type helpFlag struct{ short, long, before, arg string }

var (
	helpFlags   = regexp.MustCompile(`^(?:-(\w), )?--([a-z0-9-]+)(?:([ =])([A-Z](?:[A-Z0-9:,./\[\]]*[A-Z0-9.\]])?))?(?:, |$)`)
	helpDefault = regexp.MustCompile(`\(default (.*)\)`)
)

// helpOf runs COMMAND --help, "" being the survey, and takes apart what it
// prints, with the flags that are explained elsewhere. The flags are those that it accepts.
func helpOf(t *testing.T, command string) (helpText, string, *pflag.FlagSet) {
	t.Helper()
	var out strings.Builder
	p := &program{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard}
	run, ok := p.commands()[command]
	if !ok {
		run = p.survey
	}
	if _, err := run(t.Context(), []string{"--help"}); err != pflag.ErrHelp {
		t.Fatalf("%s --help: %v", command, err)
	}
	whole := out.String()
	if command == "" {
		whole = strings.Replace(whole, folded(visitsTopic, visitsHelp...), strings.TrimPrefix(strings.Join(visitsHelp, ""), "\n"), 1)
	}
	return parseHelp(t, whole), out.String(), p.accepted
}

// parseHelp holds a text to the form that help.go promises.
func parseHelp(t *testing.T, text string) helpText {
	t.Helper()
	var h helpText
	headings := regexp.MustCompile(`(?m)^([A-Z][a-z]+):\n`)
	first := headings.FindStringIndex(text)
	if first == nil {
		t.Fatal("there are no flags")
	}
	for _, at := range headings.FindAllStringSubmatchIndex(text, -1) {
		entries, _, _ := strings.Cut(headings.ReplaceAllString(text[at[1]:], "\x00"), "\x00")
		lines := strings.Split(strings.Trim(entries, "\n"), "\n")
		h.groups = append(h.groups, helpGroup{text[at[2]:at[3]], parseEntries(t, lines)})
	}
	for i, part := range strings.Split(strings.Trim(text[:first[0]], "\n"), "\n\n") {
		lines := strings.Split(part, "\n")
		switch {
		case i == 0:
			h.usage = lines
		case strings.HasPrefix(lines[0], "  hsts-check"):
			h.examples = append(h.examples, parseExamples(lines)...)
		default:
			h.paragraphs = append(h.paragraphs, strings.Join(lines, " "))
		}
	}
	return h
}

func parseEntries(t *testing.T, lines []string) (entries []helpEntry) {
	t.Helper()
	for _, line := range lines {
		names, said, found := strings.Cut(strings.TrimLeft(line, " "), "  ")
		if !strings.HasPrefix(names, "-") || !found {
			if len(entries) == 0 {
				t.Fatalf("%q follows no flag", line)
			}
			entries[len(entries)-1].said += " " + strings.TrimLeft(line, " ")
			continue
		}
		entry := helpEntry{said: strings.TrimLeft(said, " ")}
		for rest := names; rest != ""; {
			m := helpFlags.FindStringSubmatch(rest)
			if m == nil {
				t.Fatalf("%q does not name a flag", rest)
			}
			entry.flags = append(entry.flags, helpFlag{m[1], m[2], m[3], m[4]})
			rest = rest[len(m[0]):]
		}
		entries = append(entries, entry)
	}
	return entries
}

func parseExamples(lines []string) (examples [][2]string) {
	for _, line := range lines {
		command, said, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if strings.HasPrefix(line, "     ") { // what the line above does
			examples[len(examples)-1][1] = command
			continue
		}
		examples = append(examples, [2]string{command, strings.TrimSpace(said)})
	}
	return examples
}

// commandNames are the names of all commands, the survey's "" first.
func commandNames() []string {
	return append([]string{""}, (&program{}).commandNames()...)
}

// TestHelpTellsOfTheFlagsThatThereAre: every flag that a command takes is in its
// help, with its default, and no other one.
func TestHelpTellsOfTheFlagsThatThereAre(t *testing.T) {
	for _, command := range commandNames() {
		t.Run("hsts-check "+command, func(t *testing.T) {
			help, _, accepted := helpOf(t, command)
			told := map[string]bool{"help": true} // pflag's own
			for _, g := range help.groups {
				for _, e := range g.entries {
					for _, f := range e.flags {
						if told[f.long] && f.long != "help" {
							t.Errorf("--%s is told twice", f.long)
						}
						told[f.long] = true
						checkHelp(t, f, e.said, accepted)
					}
				}
			}
			accepted.VisitAll(func(f *pflag.Flag) {
				if !told[f.Name] {
					t.Errorf("the help does not tell of --%s: say what it is for in the text beside the flag", f.Name)
				}
			})
		})
	}
}

// checkHelp holds what is said of one flag to the flag.
func checkHelp(t *testing.T, told helpFlag, said string, accepted *pflag.FlagSet) {
	t.Helper()
	if told.long == "help" {
		return
	}
	f := accepted.Lookup(told.long)
	if f == nil {
		t.Errorf("--%s is told of and not accepted", told.long)
		return
	}
	if f.Shorthand != told.short {
		t.Errorf("--%s has the short form %q, not %q", f.Name, f.Shorthand, told.short)
	}
	if takes := f.NoOptDefVal == "" || f.Value.Type() != "bool"; takes != (told.arg != "") {
		t.Errorf("--%s takes a value: %v; the help says %q", f.Name, takes, told.arg)
	}
	if f.Usage != "" {
		t.Errorf("--%s has a text that nobody sees: %q", f.Name, f.Usage)
	}
	want := strings.Replace(f.DefValue, version(), "VERSION", 1)
	if slices.Contains([]string{"", "false", "[]", "0"}, want) {
		want = ""
	}
	got := ""
	if m := helpDefault.FindStringSubmatch(said); m != nil {
		got = m[1]
	}
	if got != want {
		t.Errorf("--%s has the default %q, and the help says %q", f.Name, want, got)
	}
}

// TestHelpFitsTheScreen of 80 columns and 60 lines, examples before flags.
func TestHelpFitsTheScreen(t *testing.T) {
	const mostLines = 60
	for _, command := range commandNames() {
		t.Run("hsts-check "+command, func(t *testing.T) {
			help, text, _ := helpOf(t, command)
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			for _, line := range lines {
				if len(line) > helpWidth {
					t.Errorf("%d columns: %s", len(line), line)
				}
			}
			if len(lines) > mostLines {
				t.Errorf("%d lines, more than %d", len(lines), mostLines)
			}
			if len(help.groups) == 0 || len(help.paragraphs) == 0 {
				t.Error("it does not say what the command is for, or has no flags")
			}
			if strings.Index(text, "\n  hsts-check") > strings.Index(text, ":\n  -") {
				t.Error("flags stand before the examples")
			}
		})
	}
}

// TestHelpNamesTheCommands so that who reads it can go on.
func TestHelpNamesTheCommands(t *testing.T) {
	help, _, _ := helpOf(t, "")
	for _, command := range commandNames()[1:] {
		named := func(e [2]string) bool { return slices.Contains(strings.Split(e[0], ", "), "hsts-check "+command) }
		if !slices.ContainsFunc(help.examples, named) {
			t.Errorf("it does not name %s", command)
		}
	}
}

// TestHelpTellsTheExitStatus of every command.
func TestHelpTellsTheExitStatus(t *testing.T) {
	for _, command := range commandNames() {
		help, _, _ := helpOf(t, command)
		if !slices.ContainsFunc(help.paragraphs, func(p string) bool { return strings.HasPrefix(p, "Exit status: 0") }) {
			t.Errorf("hsts-check %s --help does not", command)
		}
		if len(help.examples) == 0 {
			t.Errorf("hsts-check %s --help has no example", command)
		}
	}
}

// TestHelpOfVisits fits the screen as well.
func TestHelpOfVisits(t *testing.T) {
	var out strings.Builder
	if status := run(t.Context(), []string{"help", visitsTopic}, nil, &out, io.Discard); status != exitOK {
		t.Fatal(status)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if long := slices.ContainsFunc(lines, func(l string) bool { return len(l) > helpWidth }); long || len(lines) > 60 {
		t.Errorf("%d lines, or one of over %d columns:\n%s", len(lines), helpWidth, &out)
	}
}
