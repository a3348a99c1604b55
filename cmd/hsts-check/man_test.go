package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

//go:generate go test -run ^TestManPage$ -update .

const manPage = "../../docs/hsts-check.1"

// TestManPage holds the man page to the help, and to what the docs say of lists,
// verdicts and exit statuses; with -update it writes the page. Its date is that
// of its last change.
func TestManPage(t *testing.T) {
	old, _ := os.ReadFile(manPage)
	date := time.Now().UTC().Format(time.DateOnly)
	if m := regexp.MustCompile(`(?m)^\.TH \S+ 1 (\S+)`).FindSubmatch(old); m != nil {
		date = string(m[1])
	}
	if string(old) == manText(t, date) {
		return
	}
	if !*update {
		t.Fatal("the man page is out of date: run go generate ./...")
	}
	if err := os.WriteFile(manPage, []byte(manText(t, time.Now().UTC().Format(time.DateOnly))), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestManPageIsClean asks a program that reads man pages.
func TestManPageIsClean(t *testing.T) {
	mandoc := lab.Program(t, "mandoc")
	if out, err := exec.Command(mandoc, "-T", "lint", "-W", "style", manPage).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func manText(t *testing.T, date string) string {
	t.Helper()
	survey, _, _ := helpOf(t, "")
	m := &man{}
	m.raw(`.\" Made from the help by go generate; do not edit.`)
	m.raw(".TH HSTS-CHECK 1 " + date + ` hsts-check "User Commands"`)
	summary := survey.paragraphs[0]
	m.section("NAME")
	m.raw(`hsts\-check \-`)
	m.raw(roff(strings.ToLower(summary[:1]) + strings.TrimSuffix(summary[1:], ".")))
	m.section("SYNOPSIS")
	m.synopsis(survey.usage[0])
	for _, command := range commandNames()[1:] {
		help, _, _ := helpOf(t, command)
		m.raw(".br")
		m.synopsis(help.usage[0])
	}
	m.section("DESCRIPTION")
	m.paragraphs(survey.paragraphs[:1]) // what follows has sections of its own
	m.section("EXAMPLES")
	m.examples(slices.DeleteFunc(survey.examples, func(e [2]string) bool {
		return slices.Contains(commandNames(), strings.TrimPrefix(e[0], "hsts-check ")) || strings.Contains(e[0], ",")
	}))
	m.section("OPTIONS")
	m.groups(survey.groups)
	m.section("COMMANDS")
	for _, command := range commandNames()[1:] {
		help, _, _ := helpOf(t, command)
		m.command(command, help, survey)
	}
	m.section("LISTS")
	m.markdown(pageSection(t, "lists.md", "Lines of text"))
	m.section("VERDICTS")
	m.markdown(pageSection(t, "verdicts.md", ""))
	m.section("EXIT STATUS")
	m.markdown(pageSection(t, "verdicts.md", "Exit status"))
	m.section("ENVIRONMENT")
	m.pairs(manEnvironment)
	m.section("SEE ALSO")
	m.raw(".BR curl (1)")
	m.raw(".PP")
	m.raw("RFC 6797, HTTP Strict Transport Security")
	return m.String()
}

var manEnvironment = [][2]string{
	{"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "The proxy to go through where --proxy names none, and the hosts that are reached without it."},
	{"SSL_CERT_FILE, SSL_CERT_DIR", "Where the authorities to trust are, on Unix other than macOS."},
	{"CHROME", "The Chromium that --browser starts where --browser-path names none."},
	{"NO_COLOR", "No colours, unless --color asks for them."},
	{"COLUMNS", "The width of the table where standard output is no terminal."},
}

// A man is a man page in the making. Lines that begin with a dot are requests of
// man(7).
type man struct{ strings.Builder }

func (m *man) raw(line string)     { m.WriteString(line + "\n") }
func (m *man) section(name string) { m.raw(".SH " + name) }

func (m *man) synopsis(usage string) {
	words := strings.SplitN(usage, " [", 2)
	m.raw(".B " + roff(words[0]))
	m.raw(roff("[" + words[1]))
}

func (m *man) paragraphs(texts []string) {
	for i, text := range texts {
		if i > 0 {
			m.raw(".PP")
		}
		m.raw(roff(text))
	}
}

func (m *man) pairs(pairs [][2]string) {
	for _, p := range pairs {
		m.raw(".TP")
		m.raw(".B " + roff(p[0]))
		m.raw(roff(p[1]))
	}
}

func (m *man) examples(examples [][2]string) {
	for _, e := range examples {
		m.raw(".TP")
		m.raw(".B " + roff(e[0]))
		m.raw(roff(e[1]))
	}
}

func (m *man) groups(groups []helpGroup) {
	for _, g := range groups {
		m.raw(".SS " + g.name)
		m.entries(g.entries)
	}
}

func (m *man) entries(entries []helpEntry) {
	for _, e := range entries {
		var flags []string
		for _, f := range e.flags {
			shown := `\fB` + roff("--"+f.long) + `\fR`
			if f.short != "" {
				shown = `\fB` + roff("-"+f.short) + `\fR, ` + shown
			}
			if f.arg != "" {
				shown += f.before + `\fI` + roff(f.arg) + `\fR`
			}
			flags = append(flags, shown)
		}
		m.raw(".TP")
		m.raw(strings.Join(flags, ", "))
		m.raw(roff(e.said))
	}
}

// command writes what a command has beside the flags of the survey.
func (m *man) command(name string, help, survey helpText) {
	m.raw(".SS " + name)
	m.paragraphs(help.paragraphs)
	m.examples(help.examples)
	var shared []string
	for _, g := range help.groups {
		same := func(s helpGroup) bool { return s.name == g.name && fmt.Sprint(s.entries) == fmt.Sprint(g.entries) }
		if slices.ContainsFunc(survey.groups, same) {
			shared = append(shared, g.name)
			continue
		}
		m.entries(g.entries)
	}
	m.raw(".PP")
	m.raw("It takes the options under " + strings.Join(shared, " and ") + " too.")
}

// markdown writes paragraphs, blocks of code and tables, of which the first
// column, or the second with the first in brackets, is what the last is about.
func (m *man) markdown(text string) {
	links := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	plain := func(s string) string {
		return strings.TrimSpace(strings.ReplaceAll(links.ReplaceAllString(s, "$1"), "`", ""))
	}
	for i, part := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 && part[0] != '|' && !strings.HasPrefix(part, "```sites") {
			m.raw(".PP")
		}
		_, code, _ := strings.Cut(part, "\n")
		switch {
		case strings.HasPrefix(part, "```sites"): // what a test makes of the block before
		case strings.HasPrefix(part, "```"):
			m.raw(".EX")
			for line := range strings.Lines(strings.Trim(code, "`\n")) {
				m.raw(strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(strings.TrimSuffix(line, "\n")))
			}
			m.raw(".EE")
		case strings.HasPrefix(part, "|"):
			for _, row := range strings.Split(part, "\n")[2:] {
				cells := strings.Split(strings.Trim(row, "|"), "|")
				term := plain(cells[0])
				if len(cells) > 2 {
					term = plain(cells[1]) + " (" + term + ")"
				}
				m.pairs([][2]string{{term, plain(cells[len(cells)-1])}})
			}
		default:
			m.raw(roff(plain(part)))
		}
	}
}

// pageSection returns a section of a page, without its heading; "" is what stands
// before the first one.
func pageSection(t *testing.T, page, heading string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs", page))
	if err != nil {
		t.Fatal(err)
	}
	mark := "\n## " + heading + "\n\n"
	if heading == "" {
		mark = "\n\n"
	}
	_, section, ok := strings.Cut(string(text), mark)
	if !ok {
		t.Fatalf("%s has no section %q", page, heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

// roff escapes text for troff, in lines of at most 80 characters.
func roff(s string) string {
	const most = 80
	escape := strings.NewReplacer(`\`, `\e`, "-", `\-`)
	var b strings.Builder
	line := 0
	for word := range strings.FieldsSeq(s) {
		word = escape.Replace(word)
		if line > 0 && line+1+len(word) <= most {
			word = " " + word
		} else {
			if line > 0 {
				b.WriteString("\n")
			}
			if line = 0; word[0] == '.' || word[0] == '\'' {
				word = `\&` + word // it is no request
			}
		}
		b.WriteString(word)
		line += len(word)
	}
	return b.String()
}
