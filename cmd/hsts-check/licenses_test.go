package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestNotice: it names each module that is in the program, in its version.
func TestNotice(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", ".").Output()
	if err != nil {
		t.Skip("no go command to list the modules with: ", err)
	}
	for line := range strings.Lines(string(out)) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		if version == "" { // the program itself
			continue
		}
		if !strings.Contains(notice, "\n== "+path) || !strings.Contains(notice, " "+version+" (") {
			t.Errorf("%s %s is not in NOTICE: run .ci/notice", path, version)
		}
	}
	for _, text := range []string{"== Go, standard library", "== Chromium, HSTS preload list", "Permission is hereby granted"} {
		if !strings.Contains(notice, text) {
			t.Errorf("NOTICE does not have %q", text)
		}
	}
}
