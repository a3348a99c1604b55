package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestKillLeavesOldDocumentsAndNewRecords(t *testing.T) {
	folder := t.TempDir()
	doc, grown := filepath.Join(folder, "r.md"), filepath.Join(folder, "r.ndjson")
	for _, name := range []string{doc, grown} {
		if err := os.WriteFile(name, []byte("old\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	_, flags := startLabFor(t, everyHost)
	p := startProgram(t, append(flags, "-f", "ndjson", "-o", doc, "-o", grown, "-")...)
	p.write("one.test\n")
	p.line()
	p.write("two.test\n")
	p.line()
	p.signal(os.Kill)
	p.end(-1)
	if text := readFile(t, doc); text != "old\n" {
		t.Errorf("the document is now %q", text)
	}
	// The second one is written after stdout's.
	if n := len(readRecords(t, readFile(t, grown))); n < 1 {
		t.Errorf("%d records were kept", n)
	}
	onlyFiles(t, folder, "r.md", "r.md.lock", "r.ndjson", "r.ndjson.lock", "r.ndjson.run")
}

func TestDocumentStaysWhenItCannotBeReplaced(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	doc, other := filepath.Join(folder, "r.md"), filepath.Join(t.TempDir(), "other.json")
	if err := os.WriteFile(doc, []byte("old\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, flags := startLabFor(t, everyHost)
	p := startProgram(t, append(flags, "-f", "ndjson", "-o", doc, "-o", other, "-")...)
	p.write("one.test\n")
	p.line()
	if err := os.Rename(folder, folder+".moved"); err != nil {
		t.Fatal(err)
	}
	p.stdin.Close()
	p.end(exitFailed)
	if want := "hsts-check: cannot write " + doc + ": no such file or directory\n"; p.stderr.String() != want {
		t.Errorf("stderr is not %q:\n%s", want, &p.stderr)
	}
	if text := readFile(t, filepath.Join(folder+".moved", "r.md")); text != "old\n" {
		t.Errorf("the document is now %q", text)
	}
	onlyFiles(t, folder+".moved", "r.md", "r.md.lock") // the lock went with the folder
	if !strings.Contains(readFile(t, other), "one.test") {
		t.Error("the other document was not written")
	}
}

// TestFilesHaveTheUsersUmask: outputs of any kind, and what stands beside them.
// A file that is there keeps its permissions.
func TestFilesHaveTheUsersUmask(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no umask on Windows")
	}
	folder := t.TempDir()
	_, flags := startLabFor(t, everyHost)
	survey := func(args ...string) {
		t.Helper()
		args = slices.Concat([]string{"-c", `umask 027; exec hsts-check "$@"`, "sh"}, flags, []string{"-q"}, args)
		cmd := exec.Command("sh", args...)
		cmd.Dir, cmd.Env = folder, programEnv()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	write(t, filepath.Join(folder, "own.md"), "")
	if err := os.Chmod(filepath.Join(folder, "own.md"), 0o604); err != nil {
		t.Fatal(err)
	}
	survey("-o", "r.ndjson", "-o", "r.csv", "-o", "r.html", "-o", "own.md", "one.test")
	survey("-o", "r.ndjson", "--resume", "r.ndjson", "--force", "two.test")
	for name, want := range map[string]os.FileMode{
		"r.ndjson": 0o640, "r.ndjson.run": 0o640, "r.ndjson.old": 0o640, "r.csv": 0o640, "r.html": 0o640, "own.md": 0o604,
	} {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has permissions %04o, not %04o", name, got, want)
		}
	}
}

// TestDocumentStaysWhenThereIsNoRoom: a file that may not grow stands for a full
// disk. The status is 2 although every site passes the gate.
func TestDocumentStaysWhenThereIsNoRoom(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no ulimit on Windows")
	}
	folder := t.TempDir()
	doc, list := filepath.Join(folder, "r.json"), writeList(t, 0, 4)
	write(t, doc, "old\n")
	_, flags := startLabFor(t, everyHost)
	args := append([]string{"-c", `ulimit -f 0; exec hsts-check "$@"`, "sh"}, flags...)
	cmd := exec.Command("sh", append(args, "--require", "rfc6797", "-o", doc, list)...)
	cmd.Env = programEnv()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	cmd.Run()
	if status := cmd.ProcessState.ExitCode(); status != exitFailed {
		t.Errorf("exit status %d, not %d", status, exitFailed)
	}
	if want := "hsts-check: cannot write " + doc + ": file too large\n"; stderr.String() != want {
		t.Errorf("stderr is not %q:\n%s", want, &stderr)
	}
	if text := readFile(t, doc); text != "old\n" {
		t.Errorf("the document is now %q", text)
	}
	onlyFiles(t, folder, "r.json")
}

func onlyFiles(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("the folder holds %q, not %q", got, names)
	}
}

func TestClosedPipeEndsQuietly(t *testing.T) {
	_, flags := startLabFor(t, everyHost)
	for _, format := range []string{"ndjson", "csv"} {
		t.Run(format+" from an endless standard input", func(t *testing.T) {
			p := startProgram(t, append(flags, "-f", format, "-")...)
			go func() {
				for i := 0; ; i++ {
					if _, err := fmt.Fprintf(p.stdin, "s%d.test\n", i); err != nil {
						return
					}
				}
			}()
			p.line()
			p.line()
			p.close()
			p.end(exitFailed)
			if said := p.stderr.String(); said != "" {
				t.Errorf("stderr: %s", said)
			}
		})
	}
	t.Run("a table nobody reads", func(t *testing.T) {
		p := startProgram(t, "demo", "-q")
		p.close()
		p.end(exitFailed)
		if said := p.stderr.String(); said != "" {
			t.Errorf("stderr: %s", said)
		}
	})
	t.Run("other outputs go on", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "r.ndjson")
		p := startProgram(t, append(flags, "-f", "ndjson", "-o", file, writeList(t, 0, 200))...)
		p.close()
		p.end(exitFailed)
		if n := len(readRecords(t, readFile(t, file))); n != 201 {
			t.Errorf("%d records in the file, not 201", n)
		}
		if said := p.stderr.String(); said != "" {
			t.Errorf("stderr: %s", said)
		}
	})
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here: ", err)
	}
	defer full.Close()
	_, flags := startLabFor(t, everyHost)
	list := writeList(t, 0, 4)
	for _, format := range []string{"table", "markdown", "csv", "json", "ndjson"} {
		t.Run("stdout as "+format, func(t *testing.T) {
			folder := t.TempDir()
			doc, grown := filepath.Join(folder, "r.json"), filepath.Join(folder, "r.ndjson")
			said := runInto(t, full, append(flags, "-f", format, "-o", doc, "-o", grown, list))
			if want := "hsts-check: cannot write standard output: no space left on device\n"; said != want {
				t.Errorf("stderr is not %q:\n%s", want, said)
			}
			if n := len(readRecords(t, readFile(t, grown))); n != 5 {
				t.Errorf("r.ndjson has %d records, not 5", n)
			}
			var document struct{ Results []record }
			if err := json.Unmarshal([]byte(readFile(t, doc)), &document); err != nil || len(document.Results) != 5 {
				t.Errorf("r.json has %d results, not 5: %v", len(document.Results), err)
			}
		})
	}
	t.Run("stdout and no other output", func(t *testing.T) {
		said := runInto(t, full, append(flags, "-f", "ndjson", list))
		if want := "hsts-check: cannot write standard output: no space left on device\n"; said != want {
			t.Errorf("stderr is not %q:\n%s", want, said)
		}
	})
	for _, arg := range []string{"--help", "--version"} {
		t.Run(arg, func(t *testing.T) {
			said := runInto(t, full, []string{arg})
			if want := "hsts-check: cannot write standard output: no space left on device\n"; said != want {
				t.Errorf("stderr is not %q:\n%s", want, said)
			}
		})
	}
	for _, ending := range []string{".csv", ".md"} {
		t.Run("-o with "+ending, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "full"+ending)
			if err := os.Symlink("/dev/full", name); err != nil {
				t.Fatal(err)
			}
			p := startProgram(t, append(flags, "-f", "ndjson", "-o", name, list)...)
			if n := len(readRecords(t, p.end(exitFailed))); n != 5 {
				t.Errorf("stdout has %d records, not 5", n)
			}
			if want := "hsts-check: cannot write " + name + ": no space left on device\n"; p.stderr.String() != want {
				t.Errorf("stderr is not %q:\n%s", want, &p.stderr)
			}
		})
	}
}

// runInto runs the program with a file as stdout, wants exit status 2, and
// returns what it said on stderr.
func runInto(t *testing.T, stdout *os.File, args []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	cmd := exec.CommandContext(ctx, "hsts-check", args...)
	var said bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = programEnv(), stdout, &said
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("%v, not exit status %d", err, exitFailed)
	}
	return said.String()
}
