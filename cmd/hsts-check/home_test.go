package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"hsts-check/internal/lab"
	"hsts-check/report"
)

// What can be wrong at home, where the program runs: each fault has a clear
// line and the right exit status, and what was gathered is kept.

// shell runs the program in a shell that sets up a fault first.
func shell(t *testing.T, fault string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no such shell on Windows")
	}
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", fault, "sh"}, args...)...)
	var out, said strings.Builder
	cmd.Env, cmd.Stdout, cmd.Stderr = programEnv(), &out, &said
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), said.String(), cmd.ProcessState.ExitCode()
}

// saved returns the file of a survey's records.
func savedSurvey(t *testing.T) string {
	t.Helper()
	_, flags := startLabFor(t, everyHost)
	name := filepath.Join(t.TempDir(), "saved.ndjson")
	out, said, status := shell(t, `exec hsts-check "$@"`, append(flags, "-f", "ndjson", writeList(t, 0, 2))...)
	if status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, said)
	}
	write(t, name, out)
	return name
}

// A brittle writer fails at a byte.
type brittle struct {
	left int
	err  error
}

func (b *brittle) Write(p []byte) (int, error) {
	if len(p) > b.left {
		n := b.left
		b.left = 0
		return n, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: b.err}
	}
	b.left -= len(p)
	return len(p), nil
}

// TestOutputBreaksAtAnyByte: a closed pipe is passed over in silence, a full
// disk is told, and the file beside it is whole in either case.
func TestOutputBreaksAtAnyByte(t *testing.T) {
	saved := savedSurvey(t)
	beside := filepath.Join(t.TempDir(), "beside.ndjson")
	want := readFile(t, saved)
	for _, f := range report.Formats {
		t.Run(f.Name, func(t *testing.T) {
			args := []string{"report", "-f", f.Name, "-o", beside, saved}
			var whole bytes.Buffer
			if status := run(t.Context(), args, nil, &whole, os.Stderr); status != exitOK {
				t.Fatalf("exit status %d", status)
			}
			for cut := 0; cut < whole.Len(); cut += 1 + whole.Len()/25 {
				for err, said := range map[error]string{
					syscall.EPIPE: "", syscall.ENOSPC: "hsts-check: cannot write standard output: no space left on device\n",
				} {
					var stderr strings.Builder
					status := run(t.Context(), args, nil, &brittle{cut, err}, &stderr)
					if status != exitFailed || runtime.GOOS != "windows" && stderr.String() != said {
						t.Errorf("%v at byte %d: exit status %d, stderr %q", err, cut, status, &stderr)
					}
					if readFile(t, beside) != want {
						t.Errorf("%v at byte %d: the file beside is not whole", err, cut)
					}
				}
			}
		})
	}
}

// TestNobodyReads: every command ends with status 2 and no word, and its files
// are written, where stdout is a pipe that nobody reads.
func TestNobodyReads(t *testing.T) {
	saved := savedSurvey(t)
	doc := filepath.Join(t.TempDir(), "doc.md")
	for _, args := range [][]string{
		{"--help"}, {"--version"}, {"rules"}, {"rules", "max-age-short"}, {"header", "max-age=1"}, {"header", "-f", "json", "max-age=1"},
		{"diff", saved, saved}, {"report", "-o", doc, saved},
	} {
		t.Run(strings.Join(args[:1], " "), func(t *testing.T) {
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			read.Close()
			defer write.Close()
			if said := runInto(t, write, args); said != "" {
				t.Errorf("stderr: %s", said)
			}
		})
	}
	if !strings.Contains(readFile(t, doc), "s0.test") {
		t.Error("the report beside stdout was not written")
	}
}

func TestFullDiskOfEachFormat(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here: ", err)
	}
	defer full.Close()
	saved := savedSurvey(t)
	for _, f := range report.Formats {
		if said := runInto(t, full, []string{"report", "-f", f.Name, "--fail-on", "info", saved}); f.Name != "github" &&
			!strings.Contains(said, "hsts-check: cannot write standard output: no space left on device\n") {
			t.Errorf("stdout as %s: stderr is %q", f.Name, said)
		}
		if f.Ending == "" {
			continue
		}
		name := filepath.Join(t.TempDir(), "full"+f.Ending)
		if err := os.Symlink("/dev/full", name); err != nil {
			t.Fatal(err)
		}
		out, said, status := shell(t, `exec hsts-check "$@"`, "report", "-f", "ndjson", "-o", name, saved)
		if want := "hsts-check: cannot write " + name + ": no space left on device\n"; said != want || status != exitFailed {
			t.Errorf("exit status %d, stderr is not %q:\n%s", status, want, said)
		}
		if len(readRecords(t, out)) != 3 {
			t.Errorf("stdout has %d bytes", len(out))
		}
	}
}

// TestReadOnlyFolder has a folder where not even root may make a file.
func TestReadOnlyFolder(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux's /sys")
	}
	for _, name := range []string{"/sys/r.md", "/sys/r.ndjson"} {
		out, said, status := shell(t, `exec hsts-check "$@"`, "-o", name, "one.test")
		want := regexp.MustCompile(`^hsts-check: cannot write ` + name + `: (permission denied|operation not permitted|read-only file system)\nhint: `)
		if out != "" || status != exitFailed || !want.MatchString(said) {
			t.Errorf("exit status %d, stdout %q, stderr:\n%s", status, out, said)
		}
	}
}

func TestFewOpenFiles(t *testing.T) {
	_, flags := startLabFor(t, everyHost)
	out, said, status := shell(t, `ulimit -n 64; exec hsts-check "$@"`, append(flags, "-c", "256", "-f", "ndjson", writeList(t, 0, 299))...)
	if !strings.Contains(said, "at once: this shell allows 64 open files (ulimit -n)\n") || status != exitOK {
		t.Errorf("exit status %d, stderr:\n%s", status, said)
	}
	all := readRecords(t, out)
	if len(all) != 300 {
		t.Errorf("%d records, not 300", len(all))
	}
	for _, r := range all {
		if r.Verdict != "protected" {
			t.Fatalf("%+v", r)
		}
	}
}

// TestNobodyListens: stderr closed, full or without a reader changes neither
// the report nor the status.
func TestNobodyListens(t *testing.T) {
	_, flags := startLabFor(t, lab.Sends("weak.test", "max-age=1"))
	for _, fault := range []string{
		`exec hsts-check "$@" 2>&-`, `exec hsts-check "$@" 2>/dev/full`,
		`{ hsts-check "$@" 2>&1 >&3; echo $? >&4; } 4>status 3>out | : ; cat out; exit $(cat status)`,
	} {
		t.Run(fault, func(t *testing.T) {
			t.Chdir(t.TempDir())
			out, _, status := shell(t, fault, append(flags, "-v", "-f", "ndjson", "--require", "owasp", "weak.test")...)
			if all := readRecords(t, out); len(all) != 1 || status != exitFellShort {
				t.Errorf("%d records, exit status %d", len(all), status)
			}
		})
	}
}

func TestNoHome(t *testing.T) {
	_, flags := startLabFor(t, everyHost)
	out, said, status := shell(t, `unset HOME XDG_CACHE_HOME XDG_CONFIG_HOME; exec hsts-check "$@"`, append(flags, "-f", "ndjson", "one.test")...)
	if len(readRecords(t, out)) != 1 || status != exitOK || said != "" {
		t.Errorf("exit status %d, stdout %q, stderr:\n%s", status, out, said)
	}
}

// TestNoResolvConf: no answer about a name makes no verdict.
func TestNoResolvConf(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux's namespaces")
	}
	const setup = `mount --bind /dev/null /etc/resolv.conf && `
	if _, said, status := shell(t, `exec unshare -rmn sh -c "$1"`, setup+"true"); status != 0 {
		t.Skip("no namespace available here: ", said)
	}
	out, said, status := shell(t, `exec unshare -rmn sh -c "$@"`, setup+`exec hsts-check -f ndjson --timeout 5s --retries 0 bank.example.org`)
	all := readRecords(t, out)
	if len(all) != 1 || all[0].Verdict != "unknown" || all[0].Error.Kind != "dns" {
		t.Errorf("exit status %d, stdout %q, stderr:\n%s", status, out, said)
	}
	if status != exitOK {
		t.Errorf("exit status %d, stderr:\n%s", status, said)
	}
}

// TestNoRoots: a machine without authorities gets those inside the program,
// and finds no bank's certificate invalid for want of them.
func TestNoRoots(t *testing.T) {
	if os.Getenv("HSTS_CHECK_TEST_ROOTS") == "1" {
		trustFallback()
		pool, err := x509.SystemCertPool()
		if err != nil || pool.Equal(x509.NewCertPool()) {
			t.Errorf("no roots: %v", err)
		}
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("the system itself verifies here")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestNoRoots$")
	cmd.Env = append(programEnv(), "HSTS_CHECK_TEST_ROOTS=1", "SSL_CERT_FILE=/nonexistent", "SSL_CERT_DIR=/nonexistent")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestClockJumps has the wall clock jump by an hour forth and back all the
// time: timeouts, pauses, the rate and what exchanges took are measured by
// another one. A program's clock comes straight from the system, so this one is
// built with a package time whose clock jumps.
func TestClockJumps(t *testing.T) {
	lab.Slow(t) // it builds the program and the standard library
	dir := t.TempDir()
	program := filepath.Join(dir, "jumpy")
	goTool := lab.Program(t, "go")
	root, err := exec.Command(goTool, "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	steady := readFile(t, source)
	const now = "\nfunc Now() Time {\n"
	if strings.Count(steady, now) != 1 {
		t.Fatalf("%s has no clock to replace", source)
	}
	write(t, filepath.Join(dir, "time.go"), strings.Replace(steady, now, `
func Now() Time {
	t := steadyNow()
	if t.wall&hasMonotonic != 0 && t.ext>>20&1 == 1 {
		t.wall += 3600 << nsecShift
	}
	return t
}

func steadyNow() Time {
`, 1))
	write(t, filepath.Join(dir, "overlay.json"), fmt.Sprintf(`{"Replace": {%q: %q}}`, source, filepath.Join(dir, "time.go")))
	if out, err := exec.Command(goTool, "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, flags := startLabFor(t, everyHost, lab.Host{Name: "slow.test", TLS: lab.Silent}, lab.Host{Name: "s7.test", Flaky: 1})
	flags = append(flags, "-q", "-f", "ndjson", "--timeout", "2s", "--retries", "1", "--rate", "100", writeList(t, 20, 40))
	started := time.Now()
	out, said, status := shell(t, "exec "+program+` "$@"`, flags...)
	all := readRecords(t, out)
	if len(all) != 61 || status != exitOK || said != "" {
		t.Errorf("%d records, exit status %d, stderr:\n%s", len(all), status, said)
	}
	hours := map[int]bool{}
	for _, r := range all {
		hours[r.CheckedAt.Hour()] = true
		want := "protected"
		switch r.Name {
		case "slow.test":
			want = "unknown"
		case "s7.test":
			want = "absent"
		}
		if r.Verdict != want {
			t.Errorf("%s: %s %+v", r.Name, r.Verdict, r.Error)
		}
		for _, x := range r.Exchanges {
			if x.MS < 0 || x.MS > time.Since(started).Milliseconds() {
				t.Errorf("%s took %d ms", x.URL, x.MS)
			}
		}
	}
	if len(hours) < 2 {
		t.Error("the clock did not jump")
	}
}

func TestLongList(t *testing.T) {
	_, flags := startLabFor(t, everyHost)
	name := filepath.Join(t.TempDir(), "long.txt")
	write(t, name, strings.Repeat("# "+strings.Repeat("x", 1000)+"\n", 10_000)+"one.test\n")
	out, said, status := shell(t, `exec hsts-check "$@"`, append(flags, "-f", "ndjson", name)...)
	if len(readRecords(t, out)) != 1 || status != exitOK {
		t.Errorf("10 MB of comments: exit status %d, stderr:\n%s", status, said)
	}
	write(t, name, strings.Repeat("x", 10<<20))
	_, said, status = shell(t, `exec hsts-check "$@"`, name)
	if want := fmt.Sprintf("hsts-check: %s:1: the line is longer than 65536 bytes\n", name); status != exitFailed || !strings.HasPrefix(said, want) {
		t.Errorf("a line of 10 MB: exit status %d, stderr:\n%.500s", status, said)
	}
}

// TestNoListAtAll: of a million faults the first are told, and how many more
// there are.
func TestNoListAtAll(t *testing.T) {
	name := filepath.Join(t.TempDir(), "junk.txt")
	write(t, name, strings.Repeat("not a host\n", 300_000))
	out, said, status := shell(t, `exec hsts-check "$@"`, name)
	if want := fmt.Sprintf("hsts-check: %s: 299,900 more faults\nhint: ", name); out != "" || status != exitFailed || !strings.Contains(said, want) || strings.Count(said, "\n") != 102 {
		t.Errorf("exit status %d, stderr:\n%.2000s", status, said)
	}
}

// TestTerminationBeforeTheFirstSite, while a list is read: a header of CSV and
// nothing else is on stdout.
func TestTerminationBeforeTheFirstSite(t *testing.T) {
	p := startProgram(t, "-f", "csv", "-")
	p.line()
	p.signal(syscall.SIGTERM)
	if rest := p.end(exitInterrupted); rest != "" || !strings.Contains(p.stderr.String(), "interrupted: 0 sites reported") {
		t.Errorf("stdout %q, stderr:\n%s", rest, &p.stderr)
	}
}

// TestSecurityPromises: the tests that SECURITY.md names are there.
func TestSecurityPromises(t *testing.T) {
	var all strings.Builder
	for _, folder := range []string{".", "../../report", "../../audit", "../../visit"} {
		files, err := filepath.Glob(folder + "/*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			all.WriteString(readFile(t, name))
		}
	}
	names := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z]+)`").FindAllStringSubmatch(readFile(t, "../../SECURITY.md"), -1)
	if len(names) < 10 {
		t.Errorf("%d tests are named", len(names))
	}
	for _, name := range names {
		if !strings.Contains(all.String(), "\nfunc "+name[1]+"(") {
			t.Errorf("there is no %s", name[1])
		}
	}
}
