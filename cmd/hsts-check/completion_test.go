package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"hsts-check/internal/lab"
)

// offered is what the program offers for the last of some arguments, without
// what it says of each.
func offered(t *testing.T, args ...string) (words []string, directive string) {
	t.Helper()
	var out, errs strings.Builder
	if status := run(t.Context(), append([]string{"__complete"}, args...), strings.NewReader(""), &out, &errs); status != exitOK {
		t.Fatalf("exit status %d: %s", status, &errs)
	}
	for line := range strings.Lines(out.String()) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		words = append(words, word)
	}
	return words[:len(words)-1], words[len(words)-1]
}

const offersFiles = ":0"

func TestCompletionOffers(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("banks.txt", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line string // "_" is a word that is empty
		want string // words that are offered, "..." for others too; "files" where the shell offers them
	}{
		{"re", "report files"},
		{"-q re", "files"}, // a command goes first
		{"banks.txt _", "files"},
		{"--req", "--require"},
		{"header --format _", "text json ndjson"},
		{"-f _", strings.Join(formatNames(), " ")},
		{"--format=md", ""},
		{"demo -f m", "markdown"},
		{"report -f l", "list"},
		{"diff -f _", "table markdown json"},
		{"preload -f _", "text json"},
		{"rules -f _", "table json"},
		{"-o _", "survey.md survey.csv survey.json ..."},
		{"-o my.", "my.md my.csv ..."},
		{"-o my.x", "my.xlsx my.xml ..."},
		{"-o sub/r.sv", "sub/r.svg ..."},
		{"-o sub/", "files"},
		{"-o ban", "files"},
		{"-o banks.h", "banks.html ..."},
		{"--only _", "yes partly off ignored no ? protected partial disabled absent unknown"},
		{"--only yes,no,pa", "yes,no,partly yes,no,partial"},
		{"--only partly,pa", "partly,partial"},
		{"--fail-on header-m", "header-misnamed"},
		{"--fail-on error,reg", "error,regression"},
		{"--require o", "observatory owasp"},
		{"--probe a", "addresses apex all"},
		{"--color a", "auto always"},
		{"--columns na", "name="},
		{"--cookie _", "files"},
		{"--rate _", ""},
		{"--cacert _", "files"},
		{"--resume _", "files"},
		{"report --expect _", "files"},
		{"preload --from _", "files"},
		{"--timeout _", ""},
		{"-A _", ""},
		{"preload _", ""},
		{"header _", ""},
		{"demo _", ""},
		{"report _", "files"},
		{"rules preload-u", "preload-unqualified"},
		{"rules preload-unqualified _", ""},
		{"rules ow", "owasp"},
		{"help re", "report"},
		{"help v", "version visits"},
		{"completion _", "bash zsh fish powershell"},
		{"--nonesuch x _", "files"}, // no fault: the shell does as it would without
	} {
		args := strings.Fields(c.line)
		for i, arg := range args {
			args[i] = strings.TrimPrefix(arg, "_")
		}
		words, directive := offered(t, args...)
		if directive == offersFiles {
			words = append(words, "files")
		}
		got := strings.Join(words, " ")
		if begin, more := strings.CutSuffix(c.want, " ..."); more && strings.HasPrefix(got, begin) {
			continue
		}
		if got != c.want {
			t.Errorf("hsts-check %s: offers %q (%s), not %q", c.line, got, directive, c.want)
		}
	}
}

// TestCompletionKnowsAllThatThereIs: every command, flag, rule and standard is
// offered and explained, and every flag that takes a word is thought of.
func TestCompletionKnowsAllThatThereIs(t *testing.T) {
	rules, _ := offered(t, "rules", "")
	for _, id := range slices.Concat(ruleIDs(), standardNames()) {
		if !slices.Contains(rules, id) {
			t.Errorf("%s is not offered", id)
		}
	}
	bars, _ := offered(t, "--fail-on", "")
	for _, name := range ruleNames() {
		if !slices.Contains(bars, name) {
			t.Errorf("--fail-on %s is not offered", name)
		}
	}
	p := new(program)
	for _, name := range append([]string{""}, p.commandNames()...) {
		c := p.described(name, nil)
		if c.Short == "" {
			t.Errorf("the help does not tell what %s does", name)
		}
		flagsOf(name).accepted.VisitAll(func(f *pflag.Flag) {
			if c.Flags().Lookup(f.Name).Usage == "" {
				t.Errorf("%s --%s is offered without what it is for", name, f.Name)
			}
		})
	}
}

// typed are lines, parted as bash parts them, and what may become of their last
// words.
var typed = []struct {
	line  string
	words []string
	want  []string
}{
	{"hsts-check re", []string{"hsts-check", "re"}, []string{"report"}},
	{"hsts-check --only=partl", []string{"hsts-check", "--only", "=", "partl"}, []string{"partly"}},
	{"hsts-check --only yes,pa", []string{"hsts-check", "--only", "yes,pa"}, []string{"yes,partly", "yes,partial"}},
	{"hsts-check header -f ", []string{"hsts-check", "header", "-f", ""}, []string{"text", "json", "ndjson"}},
	{"hsts-check https://a.test/ --requ", []string{"hsts-check", "https", ":", "//a.test/", "--requ"}, []string{"--require"}},
	{"hsts-check --require max-age=", []string{"hsts-check", "--require", "max-age", "="}, []string{"31536000"}},
	{"hsts-check rules preload-u", []string{"hsts-check", "rules", "preload-u"}, []string{"preload-unqualified"}},
}

// TestBashCompletes without the package bash-completion, as macOS does.
func TestBashCompletes(t *testing.T) {
	bash := lab.Program(t, "bash")
	for _, c := range typed {
		cmd := exec.Command(bash, append([]string{"--norc", "--noprofile", "-c", `source <(hsts-check completion bash)
			COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9; shift
			COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
			__start_hsts-check 2>/dev/null # where nobody is typing there is no compopt
			printf '%s\n' "${COMPREPLY[@]}"`, "bash", c.line}, c.words...)...)
		cmd.Env = programEnv()
		out, err := cmd.Output()
		if got := strings.Fields(string(out)); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: bash offers %q, not %q: %v", c.line, got, c.want, err)
		}
	}
}

func TestFishCompletes(t *testing.T) {
	fish := lab.Program(t, "fish")
	for _, c := range typed {
		cmd := exec.Command(fish, "--no-config", "-c", "hsts-check completion fish | source; complete -C $argv[1]", c.line)
		cmd.Env = programEnv()
		out, err := cmd.Output()
		var got []string
		for line := range strings.Lines(string(out)) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			if word = word[strings.LastIndex(word, "=")+1:]; !strings.HasSuffix(word, ".") { // which keeps fish from adding a blank
				got = append(got, word)
			}
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: fish offers %q, not %q: %v", c.line, got, c.want, err)
		}
	}
}

// TestZshCompletes: what its script hands to zsh to choose from.
func TestZshCompletes(t *testing.T) {
	zsh := lab.Program(t, "zsh")
	for _, c := range typed {
		cmd := exec.Command(zsh, "-f", "-c", `compdef() {}
			_describe() { print -rl -- ${completions%%:*} }
			source <(hsts-check completion zsh)
			words=(${(z)1}); [[ $1 == *" " ]] && words+=('')
			CURRENT=$#words
			_hsts-check`, "zsh", c.line)
		cmd.Env = programEnv()
		out, err := cmd.CombinedOutput()
		got := strings.Fields(strings.ReplaceAll(string(out), "max-age=", ""))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: zsh offers %q, not %q: %v", c.line, got, c.want, err)
		}
	}
}
