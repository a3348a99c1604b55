package witness

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// parentVar is set in the environment of the process that TestParentKilled starts.
const parentVar = "HSTS_CHECK_WITNESS_PARENT"

// TestParentKilled: when the program is killed, its browser ends with all that it
// has started.
func TestParentKilled(t *testing.T) {
	if os.Getenv(parentVar) != "" {
		b, err := Start(context.Background(), Options{Path: os.Getenv("CHROME"), Network: []string{"--no-proxy-server", "--host-resolver-rules=MAP * 127.0.0.1:9"}})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("started", b.home)
		select {}
	}
	lab.Program(t, "chromium", "chromium-browser", "google-chrome")
	parent := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestParentKilled$")
	temp := t.TempDir()
	parent.Env = append(os.Environ(), parentVar+"=1", "TMPDIR="+temp)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "started ") {
		t.Fatalf("%q, %v", line, err)
	}
	if len(processesIn(temp)) == 0 {
		t.Fatal("no process of the browser is found")
	}
	parent.Process.Kill()
	parent.Wait()
	if left := remaining(temp); len(left) > 0 {
		t.Errorf("%d processes are left", len(left))
	}
}

// TestParentKilledAtStart: nor does a program that heeds no pipe outlive it.
func TestParentKilledAtStart(t *testing.T) {
	path, temp := filepath.Join(t.TempDir(), "chromium"), t.TempDir()
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexec sleep 300.0123\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	parent := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestParentKilled$")
	parent.Env = append(os.Environ(), parentVar+"=1", "TMPDIR="+temp, "CHROME="+path)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if len(processesIn("300.0123")) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(processesIn("300.0123")) == 0 {
		t.Error("the program was not started")
	}
	parent.Process.Kill()
	parent.Wait()
	if left := remaining("300.0123"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// TestClosed: a browser that is closed leaves no process and no file.
func TestClosed(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	_, b := meet(t, Options{}, lab.Sends("a.test", year))
	look(t, b, "https://a.test/")
	b.Close()
	if left := remaining(temp); len(left) > 0 {
		t.Errorf("%d processes are left", len(left))
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "hsts-check-*")); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

// remaining waits for the processes that name a folder to end, and returns those
// that do not.
func remaining(folder string) (left []string) {
	for range 100 {
		if left = processesIn(folder); len(left) == 0 {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return left
}

// processesIn returns the processes that name a folder in their command lines.
func processesIn(folder string) (found []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if line, _ := os.ReadFile(file); bytes.Contains(line, []byte(folder)) {
			found = append(found, string(line))
		}
	}
	return found
}
