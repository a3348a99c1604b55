package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// TestGearmanSurvey has three workers of a real Gearman server survey 3,000
// sites, and in the middle kills one of them and the server, which comes back.
// The survey is that of one machine, but for times and addresses.
func TestGearmanSurvey(t *testing.T) {
	q := startQueue(t)
	list := q.list(t, 3000)
	var workers []*exec.Cmd
	for range 3 {
		workers = append(workers, q.startWorker(t))
	}
	got, want := filepath.Join(q.folder, "got.ndjson"), filepath.Join(q.folder, "want.ndjson")
	survey := q.survey("-n", "100", "-j", "8", list, got)
	var said bytes.Buffer
	survey.Stdout, survey.Stderr = &said, &said
	if err := survey.Start(); err != nil {
		t.Fatal(err)
	}
	q.waitForRequests(t, 700)
	kill(workers[0])
	q.waitForRequests(t, 1500)
	kill(q.server)
	q.serve(t)
	if err := survey.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	if n := len(q.lab.Requests()); n <= 3000 {
		t.Errorf("%d requests: no job was run again, so nothing was interrupted", n)
	}
	single := exec.Command("hsts-check", append(q.flags, "-q", "-f", "csv", "-o", want, list)...)
	if out, err := single.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sameSurvey(t, got, want, 3000)
	if _, err := os.Stat(got + ".parts"); err == nil {
		t.Error("the parts are still there")
	}
}

// TestGearmanSurveyThatCannotRun: what is said when the queue cannot do it.
func TestGearmanSurveyThatCannotRun(t *testing.T) {
	q := startQueue(t)
	list := q.list(t, 7)
	out := filepath.Join(q.folder, "out.ndjson")
	fails := func(status int, says string, args ...string) {
		t.Helper()
		cmd := q.survey(append([]string{"-w", "1"}, args...)...)
		said, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != status || !strings.Contains(string(said), says) {
			t.Errorf("%q: exit status %d, want %d and %q:\n%s", args, got, status, says, said)
		}
	}
	fails(2, "LIST SURVEY.ndjson", list)
	fails(2, "must end in .ndjson", list, "out.csv")
	fails(2, "-n 0: a number above 0", "-n", "0", list, out)
	fails(2, "cannot read no.txt", "no.txt", out)
	fails(2, "no worker for hsts-check", list, out)
	bad := q.start(t, "gearman", "-w", "-h", "127.0.0.1", "-p", q.port, "-f", "hsts-check", "--", "false")
	fails(1, "7 sites have none", "-w", "60", list, out)
	kill(bad)
	hung := q.start(t, "gearman", "-w", "-h", "127.0.0.1", "-p", q.port, "-f", "hsts-check", "--", "sleep", "15")
	fails(1, "7 sites have none", "-w", "60", "-t", "1", list, out)
	kill(hung)
	kill(q.server)
	fails(2, "no gearmand answers", list, out)

	// What was begun goes on, with the records that there are.
	q.serve(t)
	q.startWorker(t)
	if said, err := q.survey("-n", "2", list, out).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if lines := maskedLines(t, out, varies); len(lines) != 7 {
		t.Errorf("%d records, not 7", len(lines))
	}
}

// A queue is a Gearman server, and a lab for what its workers visit.
type queue struct {
	folder, port string
	flags        []string // lead the program to the lab
	lab          *lab.Lab
	server       *exec.Cmd
}

func startQueue(t *testing.T) *queue {
	t.Helper()
	lab.Slow(t)
	for _, program := range []string{"bash", "gearmand", "gearman", "gearadmin"} {
		lab.Program(t, program)
	}
	l, err := lab.Start(lab.Sends("*.site.test", "max-age=31536000"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(free.Addr().String())
	free.Close()
	q := &queue{folder: t.TempDir(), port: port, lab: l}
	ca := filepath.Join(q.folder, "ca.pem")
	write(t, ca, string(l.CAPEM()))
	q.flags = append(labFlags(l, ca), "--probe", "none")
	q.serve(t)
	return q
}

// serve starts the server, and returns when it listens.
func (q *queue) serve(t *testing.T) {
	t.Helper()
	q.server = q.start(t, lab.Program(t, "gearmand"), "-L", "127.0.0.1", "-p", q.port, "-l", filepath.Join(q.folder, "gearmand.log"))
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+q.port)
		if err == nil {
			conn.Close()
			return
		}
		if time.Since(start) > hang {
			t.Fatal("gearmand does not listen: ", err)
		}
	}
}

func (q *queue) startWorker(t *testing.T) *exec.Cmd {
	t.Helper()
	worker := []string{"gearman", "-w", "-h", "127.0.0.1", "-p", q.port, "-f", "hsts-check", "--", "hsts-check", "-f", "ndjson", "--slurp", "-q"}
	return q.start(t, append(append(worker, q.flags...), "-")...)
}

// start starts a command that ends with the test. Its messages are dropped: a
// worker without a server has many.
func (q *queue) start(t *testing.T, command ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = q.folder
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	return cmd
}

func (q *queue) survey(args ...string) *exec.Cmd {
	return exec.Command("../../contrib/gearman-survey", append([]string{"-p", q.port}, args...)...)
}

// list writes a list of sites in three groups, the first of them taken up again
// at the end, and returns its path.
func (q *queue) list(t *testing.T, sites int) string {
	t.Helper()
	var text strings.Builder
	for i := range sites {
		if i%(sites/7) == 0 {
			fmt.Fprintf(&text, "[Group %d]\n", i/(sites/7)%3)
		}
		fmt.Fprintf(&text, "Site %d  s%d.site.test\n", i, i)
	}
	path := filepath.Join(q.folder, "list.txt")
	write(t, path, text.String())
	return path
}

func (q *queue) waitForRequests(t *testing.T, n int) {
	t.Helper()
	for start := time.Now(); len(q.lab.Requests()) < n; time.Sleep(time.Millisecond) {
		if time.Since(start) > hang {
			t.Fatalf("there were never %d requests", n)
		}
	}
}

func kill(cmd *exec.Cmd) {
	if cmd.ProcessState == nil {
		cmd.Process.Kill()
		cmd.Wait()
	}
}

// TestGearmanSurveyOfOddNames: a list and a survey may be called anything, and what
// stands with a site stays with it.
func TestGearmanSurveyOfOddNames(t *testing.T) {
	q := startQueue(t)
	q.startWorker(t)
	list, err := os.ReadFile(q.list(t, 70))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(q.folder, "a\\nb \n c\"d")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(list), ".site.test\n", ".site.test\n  note: seen\n  allow: max-age-short, [x]\n")
	write(t, filepath.Join(folder, "-list.txt"), text)
	script, err := filepath.Abs("../../contrib/gearman-survey")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(script, "-p", q.port, "-n", "9", "--", "-list.txt", "-out.ndjson")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	records := readFile(t, filepath.Join(folder, "-out.ndjson"))
	if n := strings.Count(records, "\n"); n != 70 || strings.Count(records, `"note":"seen"`) != 70 {
		t.Errorf("%d records:\n%.1000s", n, records)
	}
}
