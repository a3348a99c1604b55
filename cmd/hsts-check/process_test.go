package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// hang is when a process that should have ended has failed to.
const hang = 2 * time.Minute

// A process is the program at work, its stdout as it comes.
type process struct {
	*exec.Cmd
	t      *testing.T
	stdin  io.WriteCloser
	stdout *bufio.Reader
	close  func() error // of stdout's reader
	stderr said
}

// A said is what a process has said so far.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// programEnv is an environment without what changes the program's ways, as
// proxies do. A program built to find races shall not wait for them as it ends.
func programEnv() []string { return []string{"PATH=" + os.Getenv("PATH"), "HOME=/no-home", noRaceWait} }

const noRaceWait = "GORACE=atexit_sleep_ms=10"

// startProgram starts the program with pipes for its streams.
func startProgram(t *testing.T, args ...string) *process {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("signals and pipes are others on Windows")
	}
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	t.Cleanup(cancel)
	p := &process{Cmd: exec.CommandContext(ctx, "hsts-check", args...), t: t}
	p.Env = programEnv()
	p.Stderr = &p.stderr
	var err error
	if p.stdin, err = p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout, p.close = bufio.NewReader(stdout), stdout.Close
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			p.Process.Kill()
			p.Wait()
		}
	})
	return p
}

func (p *process) write(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.stdin, text); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) line() string {
	p.t.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		p.t.Fatalf("%v instead of a line on stdout; stderr:\n%s", err, &p.stderr)
	}
	return line
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// waitFor returns when the process has said text on stderr.
func (p *process) waitFor(text string) {
	p.t.Helper()
	for start := time.Now(); !strings.Contains(p.stderr.String(), text); time.Sleep(time.Millisecond) {
		if time.Since(start) > hang {
			p.t.Fatalf("stderr never said %q:\n%s", text, &p.stderr)
		}
	}
}

// end waits for the process to end, checks its exit status, and returns what
// was left on stdout.
func (p *process) end(status int) string {
	p.t.Helper()
	rest, err := io.ReadAll(p.stdout)
	if err != nil && !errors.Is(err, os.ErrClosed) {
		p.t.Error(err)
	}
	err = p.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	if got := p.ProcessState.ExitCode(); got != status {
		p.t.Errorf("%v (exit status %d, not %d); stderr:\n%s", p.ProcessState, got, status, &p.stderr)
	}
	return string(rest)
}

// startLabFor starts a lab and returns it with the flags that lead there.
func startLabFor(t *testing.T, hosts ...lab.Host) (*lab.Lab, []string) {
	t.Helper()
	l, err := lab.Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	ca := filepath.Join(t.TempDir(), "lab.pem")
	if err := os.WriteFile(ca, l.CAPEM(), 0o666); err != nil {
		t.Fatal(err)
	}
	return l, labFlags(l, ca)
}

// everyHost answers for any name.
var everyHost = lab.Sends("*", "max-age=31536000")

// A record is what tests look at in a record.
type record struct {
	Name, URL, Verdict string
	CheckedAt          time.Time `json:"checked_at"`
	Error              struct{ Kind string }
	Exchanges          []struct {
		URL string
		MS  int64
	}
}

// readRecords reads NDJSON, every line of which must be whole.
func readRecords(t *testing.T, ndjson string) []record {
	t.Helper()
	var all []record
	for line := range strings.Lines(ndjson) {
		var r record
		if err := json.Unmarshal([]byte(line), &r); err != nil || !strings.HasSuffix(line, "\n") {
			t.Fatalf("%q is no record: %v", line, err)
		}
		all = append(all, r)
	}
	return all
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// writeList writes a list of s0.test, s1.test ... with slow.test between.
func writeList(t *testing.T, before, after int) string {
	t.Helper()
	var list strings.Builder
	for i := range before + after {
		if i == before {
			list.WriteString("slow.test\n")
		}
		fmt.Fprintf(&list, "s%d.test\n", i)
	}
	name := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(name, []byte(list.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

// mkfifo makes a named pipe.
func mkfifo(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pipe")
	if err := exec.Command("mkfifo", name).Run(); err != nil {
		t.Skip("no named pipes here: ", err)
	}
	return name
}

func TestNamedPipeIsStreamed(t *testing.T) {
	name := mkfifo(t)
	_, flags := startLabFor(t, everyHost)
	p := startProgram(t, append(flags, "-f", "ndjson", name)...)
	pipe, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		want := fmt.Sprintf("s%d.test", i)
		if _, err := pipe.WriteString(want + "\n"); err != nil {
			t.Fatal(err)
		}
		// The record comes while the pipe is open still.
		if r := readRecords(t, p.line())[0]; r.Name != want || r.Verdict != "protected" {
			t.Errorf("the record is %+v", r)
		}
	}
	pipe.Close()
	if rest := p.end(exitOK); rest != "" {
		t.Errorf("more on stdout: %s", rest)
	}
}
