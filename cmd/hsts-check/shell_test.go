package main

import (
	"os/exec"
	"testing"

	"hsts-check/internal/lab"
)

// TestShellScripts: shellcheck has nothing to say of them.
func TestShellScripts(t *testing.T) {
	shellcheck := lab.Program(t, "shellcheck")
	if out, err := exec.Command(shellcheck, "../../contrib/gearman-survey", "../../.ci/run", "../../.ci/notice").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
