package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// TestInterruptEndsTheBrowser: with the first signal the looks under way are waited
// for, with the second nothing is; either way nothing of the browser is left.
func TestInterruptEndsTheBrowser(t *testing.T) {
	lab.Program(t, "chromium")
	lab.Program(t, "certutil")
	for signals, seen := range map[int]bool{1: true, 2: false} {
		t.Run(fmt.Sprint(signals), func(t *testing.T) {
			l, flags := startLabFor(t, lab.Host{Name: "refused.test", Answer: lab.Answer{Status: 403}})
			p := startProgram(t, append(flags, "--browser", "--probe", "none", "-f", "ndjson", "https://refused.test/")...)
			for !slices.ContainsFunc(l.Requests(), func(r lab.Request) bool {
				return strings.Contains(r.URL, "refused.test") && strings.Contains(r.Head, "Chrome/")
			}) {
				time.Sleep(20 * time.Millisecond)
			}
			home := homeOfBrowser(t, p.Process.Pid)
			p.signal(os.Interrupt)
			p.waitFor("hsts-check: interrupted: waiting for the visits under way; again to stop at once\n")
			if signals > 1 {
				p.signal(os.Interrupt)
			}
			record := p.end(exitInterrupted)
			if strings.Count(record, "\n") != 1 || strings.Contains(record, `"seen_by"`) != seen || !strings.Contains(record, `"status":403`) {
				t.Errorf("reported %s", record)
			}
			checkNothingLeft(t, home)
		})
	}
}

// TestKilledProgramLeavesNoBrowser: nor is anything left when the program has no
// time to end it.
func TestKilledProgramLeavesNoBrowser(t *testing.T) {
	lab.Program(t, "chromium")
	lab.Program(t, "certutil")
	l, flags := startLabFor(t, lab.Host{Name: "refused.test", Answer: lab.Answer{Status: 403}})
	p := startProgram(t, append(flags, "--browser", "--probe", "none", "-f", "ndjson", "https://refused.test/")...)
	for !slices.ContainsFunc(l.Requests(), func(r lab.Request) bool {
		return strings.Contains(r.URL, "refused.test") && strings.Contains(r.Head, "Chrome/")
	}) {
		time.Sleep(20 * time.Millisecond)
	}
	home := homeOfBrowser(t, p.Process.Pid)
	t.Cleanup(func() { os.RemoveAll(home) }) // nobody was there to do it
	p.Process.Kill()
	p.Wait()
	waitUntilEnded(t, home)
}

// profile is where the browser of a program has its files.
var profile = regexp.MustCompile(`--user-data-dir=(\S*hsts-check-chromium-[0-9]+)/profile`)

// homeOfBrowser returns the folder of the browser that a process has started.
func homeOfBrowser(t *testing.T, parent int) string {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, file := range files {
		status, _ := os.ReadFile(file)
		if !strings.Contains(string(status), fmt.Sprintf("\nPPid:\t%d\n", parent)) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		if m := profile.FindSubmatch(bytes.ReplaceAll(line, []byte{0}, []byte{' '})); m != nil {
			return string(m[1])
		}
	}
	t.Fatal("the program has started no browser")
	return ""
}

func checkNothingLeft(t *testing.T, home string) {
	t.Helper()
	waitUntilEnded(t, home)
	if _, err := os.Stat(home); err == nil {
		t.Errorf("%s is left", home)
		os.RemoveAll(home)
	}
}

// waitUntilEnded waits for the processes that name a folder to end.
func waitUntilEnded(t *testing.T, folder string) {
	t.Helper()
	var left [][]byte
	for range 100 {
		left = nil
		files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range files {
			if line, _ := os.ReadFile(file); bytes.Contains(line, []byte(folder)) {
				left = append(left, line)
			}
		}
		if left == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("left behind: %q", left)
}
