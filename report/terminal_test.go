package report

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hsts-check/internal/lab"
)

// TestTerminalObeysNothing shows the table of every nasty value in a real
// terminal: it holds the text of the table as it was written, and nothing has
// changed its title or rung its bell.
func TestTerminalObeysNothing(t *testing.T) {
	var raw, table strings.Builder
	for _, name := range slices.Sorted(maps.Keys(nasty)) {
		if len(nasty[name]) > 1<<14 || name == "combining" {
			continue // a screen of it tells no more; tmux keeps few accents on a letter
		}
		raw.WriteString(name + ": " + nasty[name] + "\n")
		table.WriteString(written(t, format(t, "table"), hostile(nasty[name]), Options{Verbose: true}))
	}
	shown, title, bell := terminal(t, table.String())
	if title != "quiet" || bell != "0" {
		t.Errorf("title %q, bell %s", title, bell)
	}
	if diff := cmp.Diff(lines(table.String()), shown); diff != "" {
		t.Errorf("-written +shown\n%s", diff)
	}
	// Without escaping it does not.
	if shown, title, _ := terminal(t, raw.String()); shown == lines(raw.String()) || title == "quiet" {
		t.Errorf("a terminal that obeys nothing at all: title %q", title)
	}
}

// lines drops the blanks that end lines, which a screen does not tell from
// nothing, and empty lines at the end.
func lines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// terminal returns what a terminal shows of a text, what its title is then, and
// whether its bell has rung.
func terminal(t *testing.T, text string) (shown, title, bell string) {
	t.Helper()
	program := lab.Program(t, "tmux")
	folder := t.TempDir()
	file := filepath.Join(folder, "text")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tmux := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(program, append([]string{"-f", "/dev/null", "-S", filepath.Join(folder, "socket"), "-u"}, args...)...)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %s: %v\n%s", args, err, out)
		}
		return string(out)
	}
	tmux("new-session", "-d", "-x", "1000", "-y", "50", "sleep 60", ";", "set", "-g", "history-limit", "100000",
		";", "set", "-g", "monitor-bell", "on", ";", "set", "-g", "remain-on-exit", "on", ";", "set", "-g", "visual-bell", "on")
	defer tmux("kill-server")
	tmux("new-window", "-d", "-n", "shown", `printf '\033]2;quiet\033\\'; cat '`+file+`'; printf 'THE END'; sleep 60`)
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		shown = tmux("capture-pane", "-p", "-J", "-S", "-", "-t", "shown")
		if body, _, ended := strings.Cut(shown, "THE END"); ended {
			return lines(body), strings.TrimSpace(tmux("display", "-p", "-t", "shown", "#{pane_title}")), strings.TrimSpace(tmux("display", "-p", "-t", "shown", "#{window_bell_flag}"))
		}
		if time.Since(start) > time.Minute {
			t.Fatalf("the terminal shows\n%s", shown)
		}
	}
}
