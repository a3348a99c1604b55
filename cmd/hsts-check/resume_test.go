package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// TestResumeAfterKill kills a survey of 2,000 sites at five random moments and
// resumes it each time. What it has in the end is what a survey gives that
// nobody kills, but for times and addresses.
func TestResumeAfterKill(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a program cannot be killed so on Windows")
	}
	const sites = 2000
	l, err := lab.Start(lab.Sends("*.site.test", "max-age=31536000"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	folder := t.TempDir()
	ca, list, out := filepath.Join(folder, "ca.pem"), filepath.Join(folder, "list.txt"), filepath.Join(folder, "out.ndjson")
	write(t, ca, string(l.CAPEM()))
	var text strings.Builder
	for i := range sites {
		fmt.Fprintf(&text, "Site %d  s%d.site.test\n", i, i)
	}
	write(t, list, text.String())
	args := append(labFlags(l, ca), "-q", "--probe", "none", "-f", "csv", "-o", out, "--resume", out, list)

	had := 0
	for range 5 {
		cmd := exec.Command("hsts-check", args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100*time.Millisecond + rand.N(300*time.Millisecond))
		cmd.Process.Kill()
		cmd.Wait()
		data, err := os.ReadFile(out)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		has := strings.Count(string(data), "\n")
		if has < had {
			t.Errorf("there were %d records, and after a kill while resuming there are %d", had, has)
		}
		had = has
	}
	if had == 0 {
		t.Log("no run lived long enough to write a record: this machine is slow")
	}
	if out, err := exec.Command("hsts-check", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := filepath.Join(folder, "whole.ndjson")
	args = append(labFlags(l, ca), "-q", "--probe", "none", "-f", "csv", "-o", whole, list)
	if out, err := exec.Command("hsts-check", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sameSurvey(t, out, whole, sites)
}

// varies is what differs between two surveys of the same sites.
var varies = regexp.MustCompile(`"checked_at":"[^"]*"|"address":"[^"]*"|"ms":\d+|"not_after":"[^"]*"`)

// sameSurvey asks that two files hold the same n records, but for what varies.
func sameSurvey(t *testing.T, got, want string, n int) {
	t.Helper()
	g, w := maskedLines(t, got, varies), maskedLines(t, want, varies)
	if len(g) != n || len(w) != n {
		t.Fatalf("%d and %d records, not %d", len(g), len(w), n)
	}
	for i := range g {
		if g[i] != w[i] {
			t.Fatalf("record %d is %s, and not %s", i, g[i], w[i])
		}
	}
}

// maskedLines returns the lines of a file, with what varies masked.
func maskedLines(t *testing.T, file string, varies *regexp.Regexp) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(varies.ReplaceAllString(string(data), "_"), "\n"), "\n")
}
