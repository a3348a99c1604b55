package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOneRunHasAnOutput: of any kind, whether the file is there or not. The run
// that is refused leaves everything as it is.
func TestOneRunHasAnOutput(t *testing.T) {
	_, flags := startLabFor(t, everyHost)
	for _, name := range []string{"r.ndjson", "r.csv", "r.json", "r.md"} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			out := filepath.Join(folder, name)
			p := startProgram(t, append(flags, "-f", "ndjson", "-o", out, "-")...)
			p.write("one.test\n")
			p.line()
			before, _ := os.ReadFile(out)
			other := startProgram(t, append(flags, "-o", filepath.Join(folder, "other.csv"), "-o", out, "two.test")...)
			other.end(exitFailed)
			want := "hsts-check: cannot write " + out + ": another run of hsts-check is writing it\nhint: wait until it ends, or name another file\n"
			if other.stderr.String() != want {
				t.Errorf("stderr is not %q:\n%s", want, &other.stderr)
			}
			// The first record may come late, as stdout has it first.
			if after, _ := os.ReadFile(out); !bytes.HasPrefix(after, before) || bytes.Contains(after, []byte("two.test")) {
				t.Errorf("the file became %q", after)
			}
			p.stdin.Close()
			p.end(exitOK)
			if text := readFile(t, out); !strings.Contains(text, "one.test") || strings.Contains(text, "two.test") {
				t.Errorf("the file has %q", text)
			}
			startProgram(t, append(flags, "-q", "-o", out, "two.test")...).end(exitOK)
			names := []string{name}
			if name == "r.ndjson" {
				names = append(names, "r.ndjson.run")
			}
			onlyFiles(t, folder, names...)
		})
	}
}

// TestNextRunRemovesWhatAKillLeft: temporary files of the output, and none that
// only look like them.
func TestNextRunRemovesWhatAKillLeft(t *testing.T) {
	_, flags := startLabFor(t, everyHost)
	folder := t.TempDir()
	out := filepath.Join(folder, "r.ndjson")
	for _, name := range []string{".tmp-r.ndjson123", ".tmp-r.ndjson.run4", ".tmp-r.ndjson.old5", ".tmp-r.ndjson", ".tmp-r.ndjson.mine", ".tmp-other.ndjson6", "r.ndjson.lock"} {
		write(t, filepath.Join(folder, name), "")
	}
	startProgram(t, append(flags, "-q", "-o", out, "one.test")...).end(exitOK)
	onlyFiles(t, folder, ".tmp-other.ndjson6", ".tmp-r.ndjson", ".tmp-r.ndjson.mine", "r.ndjson", "r.ndjson.run")
}

// TestOutputInAFolderThatTakesNoFile: one that exists grows there all the same,
// and is its own lock.
func TestOutputInAFolderThatTakesNoFile(t *testing.T) {
	folder := t.TempDir()
	out := filepath.Join(folder, "r.csv")
	write(t, out, "")
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(folder, 0o777) })
	if f, err := os.Create(filepath.Join(folder, "probe")); err == nil {
		f.Close()
		t.Skip("this user may write anywhere")
	}
	l, err := lockOutput(out)
	if err != nil {
		t.Fatal(err)
	}
	defer l.release()
	if _, err := lockOutput(out); err != errLocked {
		t.Errorf("a second lock: %v", err)
	}
	if _, err := lockOutput(filepath.Join(folder, "new.csv")); err == nil {
		t.Error("a file that cannot be made is locked")
	}
}

// TestLockIsTheOneInTheFolder: a run that comes while another ends does not hold
// a lock that is no longer there.
func TestLockIsTheOneInTheFolder(t *testing.T) {
	out := filepath.Join(t.TempDir(), "r.csv")
	l, err := lockOutput(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(l.Path()); err != nil {
		t.Skip("an open file cannot be removed here: ", err)
	}
	if l.isThere() {
		t.Error("a lock that was removed still counts")
	}
	write(t, l.Path(), "")
	if l.isThere() {
		t.Error("a lock that another run has made counts")
	}
	l.Unlock()
	// Ten runs at once, over and over: no two have it at a time.
	held := make(chan struct{}, 1)
	done := make(chan error)
	for range 10 {
		go func() {
			var err error
			for range 2000 {
				l, lockErr := lockOutput(out)
				if lockErr != nil {
					continue
				}
				select {
				case held <- struct{}{}:
					<-held
				default:
					err = errLocked
				}
				l.release()
			}
			done <- err
		}()
	}
	for range 10 {
		if err := <-done; err != nil {
			t.Fatal("two runs had the lock")
		}
	}
}
