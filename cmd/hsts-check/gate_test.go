package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// TestGateOnNginx is a day in the life of a team that trusts the exit status:
// the header is there, it goes missing, the server stops, the list is broken.
func TestGateOnNginx(t *testing.T) {
	nginx := lab.Program(t, "nginx")
	var conf string
	s := startServer(t, "gate.conf", func(c string) []string {
		conf = c
		return []string{nginx, "-p", filepath.Dir(c), "-e", "stderr", "-c", c, "-g", "daemon off;"}
	})
	signal := func(what string) {
		t.Helper()
		if out, err := exec.Command(nginx, "-p", filepath.Dir(conf), "-e", "stderr", "-c", conf, "-s", what).CombinedOutput(); err != nil {
			t.Fatalf("nginx -s %s: %v\n%s", what, err, out)
		}
	}
	folder := t.TempDir()
	list := filepath.Join(folder, "sites.txt")
	write(t, list, "# our sites\n[Ours]\nShop  https://always.test/\n")
	header := filepath.Join(filepath.Dir(conf), "header.conf")

	write(t, header, "add_header Strict-Transport-Security \"max-age=31536000; includeSubDomains\" always;\n")
	signal("reload")
	s.gate(t, exitOK, list)

	if err := os.Remove(header); err != nil {
		t.Fatal(err)
	}
	signal("reload")
	reports := s.gate(t, exitFellShort, list)
	for name, place := range map[string]string{
		"r.sarif": `"startLine":3`, "r.xml": `line="3"`, "stdout": "::error file=", "stderr": "sites.txt:3\n",
	} {
		compact := strings.ReplaceAll(reports[name], `": `, `":`)
		if !strings.Contains(compact, place) {
			t.Errorf("%s does not say %s:\n%s", name, place, reports[name])
		}
	}
	if !strings.Contains(reports["stdout"], "line=3,") {
		t.Errorf("the workflow command names no line:\n%s", reports["stdout"])
	}

	signal("stop")
	s.gate(t, exitUnknown, list)

	write(t, list, "Shop  https://always.test/ and more\n")
	s.gate(t, exitFailed, list)
}

// gate runs the gate until its status is as wanted, for as long as a server
// may take to react to a signal, and returns what it wrote.
func (s *server) gate(t *testing.T, want int, list string) map[string]string {
	t.Helper()
	folder := t.TempDir()
	args := append(s.flags, "--retries", "0", "--timeout", "5s", "--require", "owasp", "-f", "github",
		"-o", filepath.Join(folder, "r.sarif"), "-o", filepath.Join(folder, "r.xml"), list)
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		cmd := exec.Command("hsts-check", args...)
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		cmd.Run()
		status := cmd.ProcessState.ExitCode()
		if status != want && time.Since(start) < 10*time.Second {
			continue
		}
		if status != want {
			t.Fatalf("exit status %d, not %d\n%s%s", status, want, &stdout, &stderr)
		}
		reports := map[string]string{"stdout": stdout.String(), "stderr": stderr.String()}
		for _, name := range []string{"r.sarif", "r.xml"} {
			text, _ := os.ReadFile(filepath.Join(folder, name))
			reports[name] = string(text)
		}
		return reports
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
