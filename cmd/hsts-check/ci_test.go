package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"hsts-check/internal/lab"
)

// TestActionRuns runs the script of action.yml, with a lab for the internet.
func TestActionRuns(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux can the lab's authority be trusted by an environment variable")
	}
	bash := lab.Program(t, "bash")
	program, err := exec.LookPath("hsts-check")
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), internet(t)...)
	tests := []struct {
		why    string
		inputs []string
		status int
		stdout []string
		files  bool
	}{
		{"all is well", []string{"LIST=\n good.txt \n", "REQUIRE=\nrfc6797\nmax-age=31536000; includeSubDomains\n"}, 0, nil, true},
		{
			"a bar is missed", []string{"LIST=good.txt", "REQUIRE=max-age=63072000"}, 1,
			[]string{"hsts-check: Good  max-age under 2 years  sends max-age=31536000; includeSubDomains  good.txt:1", "::error file=good.txt,line=1,title=Good%3A bar not met::max-age under 2 years (bar-missed)"}, true,
		},
		{
			"a finding that no site may have", []string{"LIST=127.0.0.1", "FAIL_ON=host-is-ip"}, 1,
			[]string{"::error title=127.0.0.1%3A host is an IP address::"}, true,
		},
		{"a baseline", []string{"LIST=good.txt", "BASELINE=no.ndjson"}, 2, []string{"no.ndjson"}, false},
		{"no such list", []string{"LIST=bad.txt"}, 2, []string{"hsts-check: cannot read bad.txt"}, false},
		{"a list that looks like a flag", []string{"LIST=--version"}, 2, []string{"--version"}, false},
		{"no list, which would be the built-in ones", []string{"LIST=\n"}, 2, []string{"::error title=hsts-check::the input list is empty"}, false},
		{"shell code", []string{"LIST=good.txt", "REQUIRE=$(touch harm)", "FAIL_ON=`touch harm`; touch harm"}, 2, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "good.txt"), []byte("Good https://good.example/\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(filepath.Join(dir, "hsts-check-bin"), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(program, filepath.Join(dir, "hsts-check-bin", "hsts-check")); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", actionScript(t))
			cmd.Dir = dir
			cmd.Env = append(slices.Concat(env, tt.inputs),
				"RUNNER_TEMP="+dir, "GITHUB_OUTPUT="+filepath.Join(dir, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary"))
			var stderr strings.Builder // the runner reads it apart, and so not between the commands
			cmd.Stderr = &stderr
			out, _ := cmd.Output()
			if status := cmd.ProcessState.ExitCode(); status != tt.status || stderr.Len() > 0 {
				t.Errorf("exit status %d, want %d\n%s%s", status, tt.status, out, stderr.String())
			}
			for _, want := range tt.stdout {
				if !strings.Contains(string(out), want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			// Between these two commands the runner takes no other.
			if stopped := regexp.MustCompile(`(?s)^::stop-commands::([0-9a-f]{32})\n(.*)\n?::([0-9a-f]{32})::\n(.*)$`).FindStringSubmatch(string(out)); tt.status != 2 {
				if stopped == nil || stopped[1] != stopped[3] || strings.Contains(stopped[4], "hsts-check: ") {
					t.Errorf("messages reach the runner:\n%s", out)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "harm")); err == nil {
				t.Error("an input was run")
			}
			testActionFiles(t, dir, tt.files)
		})
	}
}

// testActionFiles asks for the outputs and the summary, or that there are none.
func testActionFiles(t *testing.T, dir string, want bool) {
	t.Helper()
	summary, _ := os.ReadFile(filepath.Join(dir, "summary"))
	if strings.Contains(string(summary), "| Site") != want {
		t.Errorf("the summary is %q", summary)
	}
	output, _ := os.ReadFile(filepath.Join(dir, "output"))
	if !want && len(output) > 0 {
		t.Errorf("the outputs are %q", output)
	}
	for _, name := range []string{"sarif", "results"} {
		path := regexp.MustCompile(`(?m)^` + name + `=(.*)$`).FindSubmatch(output)
		if !want {
			continue
		}
		if path == nil {
			t.Errorf("no output %s", name)
		} else if text, err := os.ReadFile(string(path[1])); err != nil || !strings.Contains(string(text), "https://") {
			t.Errorf("%s holds %q, %v", name, text, err)
		}
	}
}

// actionScript returns what the last step of action.yml runs.
func actionScript(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	lf := strings.ReplaceAll(string(text), "\r\n", "\n")
	_, script, ok := strings.Cut(lf, "\n      run: |\n")
	if !ok || strings.Contains(script, "${{") {
		t.Fatal("action.yml has no script as its last member, or puts an expression into it")
	}
	return strings.ReplaceAll("\n"+script, "\n        ", "\n")
}

// TestCronRecipe runs the script of docs/ci.md day after day.
func TestCronRecipe(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux can the lab's authority be trusted by an environment variable")
	}
	text, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(text), "```sh\n")
	script, _, ok := strings.Cut(script, "```")
	if !ok {
		t.Fatal("docs/ci.md has no script")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	write("mail", "#!/bin/sh\n{ echo \"$@\"; cat; } > sent\n")
	env := append(os.Environ(), internet(t)...)
	env = append(env, "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	for _, day := range []struct{ why, list, mail string }{
		{"the first day", "Good good.example\n", ""},
		{"nothing changed", "Good good.example\n", ""},
		{"a site is new", "Good good.example\nBetter better.example\n", "Better"},
		{"nothing changed again", "Good good.example\nBetter better.example\n", ""},
		{"a site is gone", "Better better.example\n", "Good"},
	} {
		write("sites.txt", day.list)
		os.Remove(filepath.Join(dir, "sent"))
		cmd := exec.Command("sh", "-c", script, "hsts-watch", "sites.txt", "ops@example.org")
		cmd.Dir, cmd.Env = dir, env
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v, %s", day.why, err, out)
		}
		sent, _ := os.ReadFile(filepath.Join(dir, "sent"))
		if day.mail == "" && len(sent) > 0 || !strings.Contains(string(sent), day.mail) || len(sent) > 0 && !strings.HasPrefix(string(sent), "-s HSTS has changed ops@example.org\n") {
			t.Errorf("%s: the mail is %q", day.why, sent)
		}
	}
	write("sites.txt", "not a list://\n")
	cmd := exec.Command("sh", "-c", script, "hsts-watch", "sites.txt", "ops@example.org")
	cmd.Dir, cmd.Env = dir, env
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "sites.txt:1") {
		t.Errorf("a faulty list: %v, %s", err, out)
	}
}

// TestOthersCodeIsPinned: what a workflow, a recipe or the image takes from others is
// named by what it is. Our own parts, and scratch, which is nothing, are not.
func TestOthersCodeIsPinned(t *testing.T) {
	taken := regexp.MustCompile(`(?m)^\s*(?:- )?(?:uses: |image: |FROM )(\S+)`)
	pinned := regexp.MustCompile(`@(?:[0-9a-f]{40}|sha256:[0-9a-f]{64})$`)
	own := []string{"./", "OWNER/hsts-check@REF", "hsts-check", "scratch"}
	n := 0
	for _, pattern := range []string{".github/workflows/*.yml", "action.yml", "Dockerfile", "contrib/*.yml", "contrib/*/*.yaml", "docs/*.md"} {
		names, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("there is no %s: %v", pattern, err)
		}
		for _, name := range names {
			for _, found := range taken.FindAllStringSubmatch(readFile(t, name), -1) {
				if n++; !pinned.MatchString(found[1]) && !slices.Contains(own, found[1]) {
					t.Errorf("%s takes %s, which may be another thing tomorrow: name it by its commit or digest", name, found[1])
				}
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d were found", n)
	}
}
