package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
	"hsts-check/report"
)

var kills = flag.Int("kills", 5, "how often TestResumeAfterKill kills the program")

// TestResumeAfterKill kills a survey again and again at a random moment, changes
// its list in some way, and resumes it. No record that stood in the file is ever
// missing from it and from the file for what fits no site, both hold whole
// records but for a last one, and nothing else is left in the folder. In the end
// the file is what a survey of the last list gives that nobody kills, but for
// times and addresses.
func TestResumeAfterKill(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a program cannot be killed so on Windows")
	}
	k := newKilled(t)
	met := 0 // kills that met a run before its end
	for i := range *kills {
		k.list.change()
		k.list.write(t, k.file("list.txt"))
		cmd := exec.Command("hsts-check", k.args("out.ndjson", "--force", "--resume", k.file("out.ndjson"))...)
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(k.within))
		cmd.Process.Kill()
		if cmd.Wait(); cmd.ProcessState.Exited() && !cmd.ProcessState.Success() {
			t.Fatalf("kill %d: %v\n%s", i, cmd.ProcessState, &said)
		} else if !cmd.ProcessState.Exited() {
			met++
			k.within += k.within / 8
		} else {
			k.within -= k.within / 8
		}
		k.check(t)
	}
	t.Logf("%d of %d kills met a run, and %d records were checked", met, *kills, k.checked)
	k.run(t, k.args("out.ndjson", "--force", "--resume", k.file("out.ndjson"))...)
	k.check(t)
	k.run(t, k.args("whole.ndjson")...)
	sameSurvey(t, k.file("out.ndjson"), k.file("whole.ndjson"), len(k.list))
	entries, err := os.ReadDir(k.folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains([]string{"ca.pem", "list.txt", "out.ndjson", "out.ndjson.run", "out.ndjson.old", "whole.ndjson", "whole.ndjson.run"}, e.Name()) {
			t.Errorf("%s is left in the folder", e.Name())
		}
	}
}

// A killed survey is one that is killed and resumed.
type killed struct {
	folder string
	flags  []string
	list   killedList
	within time.Duration   // half of the runs end by then: there their files are put in order
	saved  map[string]bool // records that were in the file at any time

	checked int // how often one of them was looked for
}

func newKilled(t *testing.T) *killed {
	t.Helper()
	l, err := lab.Start(lab.Sends("*.site.test", "max-age=31536000"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	k := &killed{folder: t.TempDir(), saved: make(map[string]bool)}
	write(t, k.file("ca.pem"), string(l.CAPEM()))
	k.flags = append(labFlags(l, k.file("ca.pem")), "-q", "--probe", "none", "-f", "csv", "-c", "4")
	k.list.grow(newSites)
	k.list.write(t, k.file("list.txt"))
	start := time.Now()
	k.run(t, k.args("first.ndjson")...)
	k.within = time.Since(start)
	os.Remove(k.file("first.ndjson"))
	os.Remove(k.file("first.ndjson.run"))
	return k
}

func (k *killed) file(name string) string { return filepath.Join(k.folder, name) }

func (k *killed) args(out string, more ...string) []string {
	return slices.Concat(k.flags, []string{"-o", k.file(out)}, more, []string{k.file("list.txt")})
}

func (k *killed) run(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("hsts-check", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// check asks that all records that were ever saved still are, and notes those
// that came. A record is known by its site and its time.
func (k *killed) check(t *testing.T) {
	t.Helper()
	there := make(map[string]bool)
	for _, name := range []string{"out.ndjson", "out.ndjson.old"} {
		text, err := os.ReadFile(k.file(name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		in := report.NewReader(bytes.NewReader(text))
		for {
			r, err := in.Next()
			if err == io.EOF || errors.Is(err, report.ErrTorn) && name == "out.ndjson" {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			there[r.ID+r.CheckedAt.String()] = true
		}
	}
	k.checked += len(k.saved)
	for record := range k.saved {
		if !there[record] {
			t.Fatalf("the record %s is lost", record)
		}
	}
	k.saved = there
	if info, err := os.Stat(k.file("out.ndjson.old")); err == nil && info.Size() > 1<<20 {
		os.Remove(k.file("out.ndjson.old")) // or a thousand kills would be about reading it
		k.saved = nil
	}
}

// A killedList is a list that changes: the numbers of its sites.
type killedList []int

const newSites = 40 // at each change

// change makes another list of it: always with new sites, on top, at the end or
// among the others, with some of the old ones gone, and at times in another
// order. It stays short.
func (l *killedList) change() {
	if drop := len(*l) - 3*newSites + rand.N(10); drop > 0 {
		at := rand.N(len(*l) - drop)
		*l = slices.Delete(*l, at, at+drop)
	}
	n := len(*l)
	l.grow(newSites)
	switch rand.N(4) {
	case 0:
		rand.Shuffle(len(*l), func(i, j int) { (*l)[i], (*l)[j] = (*l)[j], (*l)[i] })
	case 1:
		*l = slices.Concat((*l)[n:], (*l)[:n])
	case 2:
		at := rand.N(n)
		*l = slices.Concat((*l)[:at], (*l)[n:], (*l)[at:n])
	}
}

// grow adds sites that no list had.
func (l *killedList) grow(n int) {
	for range n {
		*l = append(*l, siteNumber)
		siteNumber++
	}
}

var siteNumber int

func (l killedList) write(t *testing.T, name string) {
	t.Helper()
	text := "[Sites]\n"
	for _, i := range l {
		text += fmt.Sprintf("Site %d  s%d.site.test\n", i, i)
	}
	write(t, name, text)
}

// TestForcedRunKeepsNothingOld: at no time does a file that began anew hold what
// was made with other flags, as its manifest speaks of the new ones.
func TestForcedRunKeepsNothingOld(t *testing.T) {
	_, flags := startLabFor(t, everyHost)
	out := filepath.Join(t.TempDir(), "out.ndjson")
	list := writeList(t, 3, 0)
	startProgram(t, append(flags, "-q", "-f", "csv", "-o", out, list)...).end(exitOK)
	p := startProgram(t, append(flags, "-f", "ndjson", "--probe", "none", "-o", out, "--resume", out, "--force", "-")...)
	p.write("s0.test\n")
	p.line()
	p.write("s1.test\n")
	p.line() // the first is in the file by now
	p.signal(os.Kill)
	p.end(-1)
	for i, r := range readRecords(t, readFile(t, out)) {
		if len(r.Exchanges) != 1 {
			t.Errorf("record %d was made with probes: %+v", i, r)
		}
	}
	if n := len(readRecords(t, readFile(t, out+".old"))); n != 3 {
		t.Errorf("%d records are set aside, not 3", n)
	}
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
