package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hsts-check/internal/lab"
)

// These tests run the recipes of docs/scale-out.md as they stand there. Its
// machines are this one, and the internet is the lab.

func TestParallelRecipe(t *testing.T) {
	lab.Program(t, "parallel")
	r := newRecipe(t)
	write(t, filepath.Join(r.folder, "hosts.txt"), ":\n")
	commands := section(t, "GNU parallel")
	for _, name := range regexp.MustCompile(`\S+\.(log|ndjson)\b`).FindAllString(commands, -1) {
		if !strings.HasPrefix(name, "$run") {
			t.Errorf("%s is not named by the run: next month's survey would find it in the same folder", name)
		}
	}
	r.run(t, commands)
	r.run(t, "cp 2026-11.ndjson survey.ndjson")
	r.isWhole(t)
}

func TestGitHubRecipe(t *testing.T) {
	r := newRecipe(t)
	workflow, err := os.ReadFile("../../contrib/github-shards.yml")
	if err != nil {
		t.Fatal(err)
	}
	steps := regexp.MustCompile(`(?m)^      - run: (.*)$`).FindAllStringSubmatch(string(workflow), -1)
	if len(steps) != 2 {
		t.Fatalf("%d steps that run a command, not 2", len(steps))
	}
	survey, merge := steps[0][1], steps[1][1]
	for shard := range 4 {
		r.run(t, strings.NewReplacer("${{ github.run_id }}", "2026-11", "${{ matrix.shard }}", fmt.Sprint(shard)).Replace(survey))
	}
	r.run(t, merge)
	r.isWhole(t)
	if command, _, _ := strings.Cut(merge, " >>"); !strings.Contains(section(t, "GitHub"), command+"\n") {
		t.Errorf("docs/scale-out.md has another command than %s", command)
	}
}

func TestKubernetesRecipe(t *testing.T) {
	r := newRecipe(t)
	manifest, err := os.ReadFile("../../contrib/k8s/job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, args, _ := strings.Cut(string(manifest), "          args:\n")
	args, _, _ = strings.Cut(args, "          env:\n")
	args = strings.NewReplacer("            - ", "", "\n", " ", "/results/", "", "/list/", "", "$(RUN)", "2026-11").Replace(args)
	for range 2 { // the second time there is nothing to do
		for shard := range 8 {
			r.run(t, "hsts-check "+strings.ReplaceAll(args, "$(JOB_COMPLETION_INDEX)", fmt.Sprint(shard)))
		}
	}
	r.run(t, section(t, "Kubernetes"))
	r.isWhole(t)
}

func TestVantagesRecipe(t *testing.T) {
	r := newRecipe(t)
	write(t, filepath.Join(r.folder, "ssh"), "#!/bin/sh\nshift\nexec \"$@\"\n")
	if err := os.Chmod(filepath.Join(r.folder, "ssh"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.run(t, section(t, "Several places"))
	page, err := os.ReadFile(filepath.Join(r.folder, "survey.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"akl", "syd", "fra"} {
		if !strings.Contains(string(page), `<th scope="col">`+place) {
			t.Errorf("survey.html has no column for %s", place)
		}
	}
}

// section returns the commands of a section of docs/scale-out.md.
func section(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/scale-out.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n## "+heading+"\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	_, rest, ok := strings.Cut(rest, "```sh\n")
	commands, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatalf("docs/scale-out.md has no commands below %q", heading)
	}
	return commands
}

// A recipe is a folder with a list, and what leads the program to the lab.
type recipe struct {
	bash, folder string
	env          []string
}

func newRecipe(t *testing.T) *recipe {
	t.Helper()
	r := &recipe{bash: lab.Program(t, "bash"), folder: t.TempDir()}
	r.env = append(os.Environ(), internet(t)...)
	r.env = append(r.env, "PATH="+r.folder+":"+os.Getenv("PATH"), "GITHUB_STEP_SUMMARY="+filepath.Join(r.folder, "summary.md"))
	var list strings.Builder
	for i := range 40 {
		if i%15 == 0 {
			fmt.Fprintf(&list, "[Group %d]\n", i/15)
		}
		fmt.Fprintf(&list, "Site %d  s%d.site.test\n", i, i)
	}
	write(t, filepath.Join(r.folder, "sites.txt"), list.String())
	return r
}

func (r *recipe) run(t *testing.T, commands string) {
	t.Helper()
	cmd := exec.Command(r.bash, "-euo", "pipefail", "-c", commands)
	cmd.Dir, cmd.Env = r.folder, r.env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", commands, err, out)
	}
}

// isWhole asks that survey.ndjson is what one machine makes of the list.
func (r *recipe) isWhole(t *testing.T) {
	t.Helper()
	r.run(t, "hsts-check -q -f ndjson --run 2026-11 sites.txt > whole.ndjson; sed -i 's/\"run\":\"2026-11\",//' *.ndjson")
	sameSurvey(t, filepath.Join(r.folder, "survey.ndjson"), filepath.Join(r.folder, "whole.ndjson"), 40)
}
