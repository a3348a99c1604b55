package main

import (
	"os/exec"
	"strings"
	"testing"

	"hsts-check/internal/lab"
)

// TestProgramHoldsNoTestCode: the lab, which the demo runs, and what starts
// browsers for tests are apart.
func TestProgramHoldsNoTestCode(t *testing.T) {
	out, err := exec.Command(lab.Program(t, "go"), "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(out)) {
		if name == "testing" || strings.HasSuffix(name, "/browsertest") {
			t.Errorf("the program holds %s", name)
		}
	}
}
