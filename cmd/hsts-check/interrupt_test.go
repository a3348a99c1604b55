package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// interrupted starts a survey that waits for a slow site behind three others,
// one visit at a time, and sends it a signal there.
func interrupted(t *testing.T, s os.Signal, slow lab.Host) (p *process, folder string) {
	t.Helper()
	_, flags := startLabFor(t, everyHost, slow)
	folder = t.TempDir()
	flags = append(flags, "-c", "1", "--timeout", "1h", "--retries", "0", "-f", "ndjson",
		"-o", filepath.Join(folder, "r.ndjson"), "-o", filepath.Join(folder, "r.json"), "-o", filepath.Join(folder, "r.md"),
		writeList(t, 3, 40))
	p = startProgram(t, flags...)
	var before string
	for range 3 {
		before += p.line()
	}
	for i, r := range readRecords(t, before) {
		if want := fmt.Sprintf("s%d.test", i); r.Name != want || r.Verdict != "protected" {
			t.Fatalf("record %d is %+v", i, r)
		}
	}
	p.signal(s)
	p.waitFor("hsts-check: interrupted: waiting for the visits under way; again to stop at once\n")
	return p, folder
}

// checkInterrupted checks what an interrupted survey leaves behind, and returns
// the record of the slow site.
func checkInterrupted(t *testing.T, p *process, folder string) record {
	t.Helper()
	rest := readRecords(t, p.end(exitInterrupted))
	done := 3 + len(rest)
	if len(rest) == 0 || rest[0].Name != "slow.test" || done >= 44 {
		t.Fatalf("after the signal came %+v", rest)
	}
	if want := fmt.Sprintf("hsts-check: interrupted: %d of 44 sites reported\n", done); !strings.HasSuffix(p.stderr.String(), want) {
		t.Errorf("stderr does not end in %q:\n%s", want, &p.stderr)
	}
	if n := len(readRecords(t, readFile(t, filepath.Join(folder, "r.ndjson")))); n != done {
		t.Errorf("r.ndjson has %d records, not %d", n, done)
	}
	var document struct{ Results []record }
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(folder, "r.json"))), &document); err != nil || len(document.Results) != done {
		t.Errorf("r.json has %d results, not %d: %v", len(document.Results), done, err)
	}
	if markdown := readFile(t, filepath.Join(folder, "r.md")); !strings.Contains(markdown, "https://slow.test") {
		t.Errorf("r.md lacks the slow site:\n%s", markdown)
	}
	return rest[0]
}

func TestInterruptReportsWhatIsDone(t *testing.T) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			p, folder := interrupted(t, s, lab.Host{Name: "slow.test", Answer: lab.Answer{Delay: 2 * time.Second}})
			if r := checkInterrupted(t, p, folder); r.Verdict != "absent" {
				t.Errorf("the visit under way was not waited for: %+v", r)
			}
		})
	}
}

func TestSecondInterruptStopsAtOnce(t *testing.T) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			// By itself it would go on for longer than the test waits.
			p, folder := interrupted(t, s, lab.Host{Name: "slow.test", TLS: lab.Silent})
			p.signal(s)
			if r := checkInterrupted(t, p, folder); r.Verdict != "unknown" || r.Error.Kind != "cancelled" {
				t.Errorf("the visit under way: %+v", r)
			}
		})
	}
}

func TestInterruptWhileStandardInputIsOpen(t *testing.T) {
	_, flags := startLabFor(t, everyHost)
	p := startProgram(t, append(flags, "-f", "ndjson", "-")...)
	p.write("one.test\n")
	p.line()
	p.signal(os.Interrupt)
	if rest := p.end(exitInterrupted); rest != "" {
		t.Errorf("more on stdout: %s", rest)
	}
	if want := "hsts-check: interrupted: 1 site reported\n"; !strings.HasSuffix(p.stderr.String(), want) {
		t.Errorf("stderr does not end in %q:\n%s", want, &p.stderr)
	}
}

func TestInterruptWhileNobodyWritesToThePipe(t *testing.T) {
	p := startProgram(t, "-f", "csv", mkfifo(t))
	p.line() // the columns' names
	p.signal(os.Interrupt)
	p.end(exitInterrupted)
}

// TestInterruptWhileAPipeIsReadWhole: what is read before the first visit ends with
// the first signal, whichever flag names it.
func TestInterruptWhileAPipeIsReadWhole(t *testing.T) {
	for _, flag := range []string{"--resume", "--baseline", "--preload-list", "--cacert"} {
		t.Run(flag, func(t *testing.T) {
			name := mkfifo(t)
			p := startProgram(t, "-f", "csv", flag, name, "example.org")
			pipe, err := os.OpenFile(name, os.O_WRONLY, 0) // when it has opened it
			if err != nil {
				t.Fatal(err)
			}
			defer pipe.Close()
			p.signal(os.Interrupt)
			p.Wait()
			if status := p.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
				t.Errorf("the program ended with %v", p.ProcessState)
			}
		})
	}
}

func TestThirdInterruptEndsAStuckOutput(t *testing.T) {
	l, flags := startLabFor(t, everyHost)
	p := startProgram(t, append(flags, "-f", "ndjson", "-")...)
	for i := range 2000 {
		p.write(fmt.Sprintf("s%d.test\n", i))
	}
	// A thousand records are more than a pipe holds, and nobody reads them.
	for len(l.Requests()) < 2000 {
		time.Sleep(time.Millisecond)
	}
	ended := make(chan error)
	go func() { ended <- p.Wait() }()
	for {
		select {
		case <-ended:
			if status := p.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
				t.Errorf("the program ended with %v", p.ProcessState)
			}
			return
		case <-time.After(10 * time.Millisecond):
			p.Process.Signal(os.Interrupt)
		}
	}
}
