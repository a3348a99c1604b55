package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"hsts-check/internal/lab"
)

// Under the name hsts-check the test binary is the program: scripts and tests
// run it in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hsts-check": main})
}

var update = flag.Bool("update", false, "write what was seen into scripts and golden files")

// Scripts in testdata/script say what the program does, one behaviour each.
// Besides the commands that testscript has, there are
//
//	lab FILE           start a lab with the hosts of FILE, see readHosts
//	run STATUS ARG...  run the program, led to the lab if there is one
//	refuses ARG...     the same, of what it cannot run: exit status 2, what is
//	                   wrong and a hint on stderr, no report, no file touched
//	requests N REGEXP  how many of the lab's requests had such a URL
//	steady FILE OUT    copy FILE, with what changes from run to run masked
//
// and the condition [root].
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Values[stageKey{}] = &scriptStage{}
			env.Vars = append(env.Vars, noRaceWait)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"lab": startLab, "run": runProgram, "refuses": refuses, "requests": requests, "steady": steady,
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("no condition %q", name)
		},
	})
}

type stageKey struct{}

// A scriptStage is the lab of a script.
type scriptStage struct {
	*lab.Lab
	flags []string // lead the program there
}

func stageOf(ts *testscript.TestScript) *scriptStage { return ts.Value(stageKey{}).(*scriptStage) }

func startLab(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: lab FILE")
	}
	hosts, err := readHosts(ts.ReadFile(args[0]))
	ts.Check(err)
	s := stageOf(ts)
	s.Lab, err = lab.Start(hosts...)
	ts.Check(err)
	ts.Defer(s.Close)
	ca := filepath.Join(ts.Getenv("TMPDIR"), "lab.pem")
	ts.Check(os.WriteFile(ca, s.CAPEM(), 0o666))
	ts.Setenv("CACERT", ca)
	s.flags = labFlags(s.Lab, ca)
}

// labFlags lead the program to a lab whose root is in the file ca.
func labFlags(l *lab.Lab, ca string) []string {
	flags := []string{"--cacert", ca}
	for _, to := range l.ConnectTo() {
		flags = append(flags, "--connect-to", to)
	}
	return flags
}

// readHosts reads hosts of a lab. A line that is not indented is a host's name,
// behind which may stand the status of its answer and what is wrong with it;
// indented lines below are field lines of the answer.
//
//	old.test 301 expired
//	  Location: https://new.test/
func readHosts(text string) ([]lab.Host, error) {
	var hosts []lab.Host
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case line[0] == ' ' && len(hosts) > 0:
			h := &hosts[len(hosts)-1]
			h.Answer.Fields = append(h.Answer.Fields, strings.TrimSpace(line))
		default:
			h := lab.Host{Name: words[0]}
			for _, word := range words[1:] {
				if err := describeHost(&h, word); err != nil {
					return nil, err
				}
			}
			hosts = append(hosts, h)
		}
	}
	return hosts, nil
}

func describeHost(h *lab.Host, word string) (err error) {
	switch word {
	case "expired":
		h.Cert = lab.CertExpired
	case "reset":
		h.TLS = lab.Reset
	case "filtered":
		h.Filtered = true
	case "silent":
		h.TLS = lab.Silent
	case "refused":
		h.TLS = lab.Refused
	default:
		if h.Answer.Status, err = strconv.Atoi(word); err != nil {
			return fmt.Errorf("host %s: %q is neither a status nor a fault", h.Name, word)
		}
	}
	return nil
}

func runProgram(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(append(args, "")[0])
	if neg || err != nil {
		ts.Fatalf("usage: run STATUS ARG...")
	}
	args = args[1:]
	if len(args) == 0 || (&program{}).commands()[args[0]] == nil {
		args = append(stageOf(ts).flags, args...) // other commands visit no one
	} else if args[0] == "preload" {
		args = slices.Concat(args[:1], stageOf(ts).flags, args[1:])
	}
	err = ts.Exec("hsts-check", args...)
	status := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if status != want {
		ts.Fatalf("exit status %d, not %d", status, want)
	}
}

// complaint is how stderr looks when the program could not run.
var complaint = regexp.MustCompile(`^(hsts-check: [^\n]+[^.\n]\n)+(hint: [^\n]+[^.\n]\n)+$`)

func refuses(ts *testscript.TestScript, neg bool, args []string) {
	before := filesIn(ts, ts.Getenv("WORK"))
	runProgram(ts, neg, append([]string{"2"}, args...))
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("there is a report: %s", out)
	}
	if said := ts.ReadFile("stderr"); !complaint.MatchString(said) {
		ts.Fatalf("stderr does not look like a complaint:\n%s", said)
	}
	if diff := cmp.Diff(before, filesIn(ts, ts.Getenv("WORK"))); diff != "" {
		ts.Fatalf("files were touched:\n%s", diff)
	}
}

// filesIn describes all files below a folder.
func filesIn(ts *testscript.TestScript, folder string) map[string]string {
	files := make(map[string]string)
	ts.Check(filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files[name] = info.Mode().String()
		if info.Mode().IsRegular() {
			text, _ := os.ReadFile(name) // what cannot be read cannot be changed
			files[name] += fmt.Sprint(info.ModTime()) + string(text)
		}
		return nil
	}))
	return files
}

func requests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: requests N REGEXP")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	n := 0
	for _, r := range stageOf(ts).Requests() {
		ts.Logf("request: %s", r.URL)
		if pattern.MatchString(r.URL) {
			n++
		}
	}
	if n != want {
		ts.Fatalf("%d requests match, not %d", n, want)
	}
}

func steady(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: steady FILE OUT")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(masked(ts.ReadFile(args[0]))), 0o666))
}

var changing = []struct {
	pattern *regexp.Regexp
	mask    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "2013-08-17T12:00:00Z"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d UTC`), "2013-08-17 12:00 UTC"},
	{regexp.MustCompile(`(expired on|valid before|valid until) \d{4}-\d\d-\d\d`), "$1 2013-08-17"},
	{regexp.MustCompile(`(list of |"list":")\d{4}-\d\d-\d\d`), "${1}2013-08-17"},
	{regexp.MustCompile(`"ms":\d+`), `"ms":7`},
	{regexp.MustCompile(`hsts-check (devel|v\d\S+)`), "hsts-check devel"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:443"},
}

// masked replaces times, ports and the version, which are other ones in other
// runs, and the line ends of CSV.
func masked(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for _, c := range changing {
		s = c.pattern.ReplaceAllString(s, c.mask)
	}
	return s
}
