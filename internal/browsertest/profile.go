package browsertest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// Trust makes an NSS database in which the authority ca, in PEM, is trusted for
// servers. Firefox has one in its profile, Chromium in ~/.pki/nssdb.
func Trust(t *testing.T, db string, ca []byte) {
	t.Helper()
	certutil := lab.Program(t, "certutil")
	file := filepath.Join(db, "ca.pem")
	Write(t, file, ca)
	for _, args := range [][]string{
		{"-N", "-d", "sql:" + db, "--empty-password"},
		{"-A", "-d", "sql:" + db, "-n", "lab", "-t", "C,,", "-i", file},
	} {
		if out, err := exec.CommandContext(t.Context(), certutil, args...).CombinedOutput(); err != nil {
			t.Fatalf("certutil %q: %v\n%s", args, err, out)
		}
	}
}

// Write writes a file of a profile, and makes the folders on its way.
func Write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// endProcesses waits for the helpers of a browser that has ended, all of which
// have its profile in their command lines, and ends what stays all the same.
func endProcesses(t *testing.T, profile string) {
	var left []int
	for range 100 {
		if left = processesOf(profile); len(left) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("the browser left processes behind: %d", left)
	for _, pid := range left {
		if p, err := os.FindProcess(pid); err == nil {
			p.Kill()
		}
	}
}

// processesOf finds none where there is no /proc.
func processesOf(profile string) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if line, _ := os.ReadFile(file); bytes.Contains(line, []byte(profile)) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
