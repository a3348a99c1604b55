package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/preload"
)

const snapshot = "../snapshot.txt.gz"

// Made again from itself, the snapshot stays what it is.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	if err := run([]string{snapshot, preload.SnapshotDate}, dir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read(t, "../facts.go"), read(t, filepath.Join(dir, "facts.go"))); diff != "" {
		t.Error(diff)
	}
	if decompress(t, snapshot) != decompress(t, filepath.Join(dir, "snapshot.txt.gz")) {
		t.Error("the list is another one")
	}
}

func TestRunRefuses(t *testing.T) {
	small := filepath.Join(t.TempDir(), "small")
	if err := os.WriteFile(small, []byte(".a.test\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("*.test\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, want string
		args       []string
	}{
		{"variables that are not set", "PRELOAD_LIST=/path/to/list", []string{"", ""}},
		{"no arguments", "PRELOAD_LIST=/path/to/list", nil},
		{"no such file", "no such file", []string{small + "er", "2026-11-02"}},
		{"not a list", broken + ": line 1: ", []string{broken, "2026-11-02"}},
		{"no date", `is of the day ""`, []string{small, ""}},
		{"another date", `is of the day "` + preload.SnapshotDate + `", PRELOAD_DATE says "2001-01-01"`, []string{snapshot, "2001-01-01"}},
		{"a part of a list", "has 1 entries", []string{small, "2026-11-02"}},
	} {
		dir := t.TempDir()
		if err := run(test.args, dir); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
		if files, _ := os.ReadDir(dir); len(files) > 0 {
			t.Errorf("%s: wrote %v", test.name, files)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// decompress leaves out how well it was compressed, which changes with Go.
func decompress(t *testing.T, name string) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(read(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
