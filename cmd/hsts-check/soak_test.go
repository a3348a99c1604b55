package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"hsts-check/internal/lab"
)

var (
	soak       = flag.Int("soak", 0, "visit so many sites of the zoo, and watch memory and descriptors")
	soakHonest = flag.Int("soak-honest", 0, "honest sites among those")
	soakAtOnce = flag.Int("soak-c", 256, "visits at once")
	soakMemory = flag.Int("soak-memory", 0, "MiB of memory that the process may have, by a cgroup of its own; needs root")
)

// TestSoak has one process visit the whole zoo over and over, on demand:
//
//	go test ./cmd/hsts-check -run Soak -v -timeout 1h -args -soak 30000
//
// Each site has its record, what the process holds does not grow, and honest
// sites lose nothing.
func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("takes minutes: -args -soak 30000")
	}
	zoo := lab.Zoo()
	l, err := lab.Start(append(zoo, lab.Sends("*.honest.test", "max-age=31536000"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, string(l.CAPEM()))
	var list strings.Builder
	total, honest := *soak+*soakHonest, 0
	for i := range total {
		if i**soakHonest/total > honest { // spread among the others
			fmt.Fprintf(&list, "https://s%d.honest.test/%d\n", i, i)
			honest++
			continue
		}
		fmt.Fprintf(&list, "https://%s/%d\n", zoo[(i-honest)%len(zoo)].Name, i)
	}
	cmd := exec.Command("hsts-check", append(labFlags(l, ca), "-q", "-f", "ndjson", "-c", strconv.Itoa(*soakAtOnce), "--timeout", "1s", "--retries", "0", "-")...)
	if *soakMemory > 0 {
		limitMemory(t, cmd, *soakMemory)
	}
	cmd.Stdin, cmd.Stderr = strings.NewReader(list.String()), os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	records := bufio.NewReader(stdout)
	verdicts := make(map[string]int)
	verdict := regexp.MustCompile(`"verdict":"([a-z]+)"`)
	for i := range total {
		line, err := records.ReadString('\n')
		if err != nil || !strings.Contains(line, fmt.Sprintf("/%d\"", i)) {
			t.Fatalf("record %d is %s, %v", i, line, err)
		}
		is := verdict.FindStringSubmatch(line)[1]
		verdicts[is]++
		if strings.Contains(line, `.honest.test"`) && is != "protected" {
			t.Errorf("an honest site is %s: %s", is, line)
		}
		if n := i + 1; n == total/10 || n%(total/5) == 0 {
			files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", cmd.Process.Pid))
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
			t.Logf("after %d: %s resident, %s at most, %d descriptors", n, field(status, "VmRSS"), field(status, "VmHWM"), len(files))
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	t.Log(verdicts)
}

// limitMemory has a command run in a cgroup that may have so many MiB and is
// killed by the kernel where it wants more.
func limitMemory(t *testing.T, cmd *exec.Cmd, mebibytes int) {
	t.Helper()
	group, limit := "/sys/fs/cgroup/memory/hsts-check-test", "memory.limit_in_bytes" // version 1
	if _, err := os.Stat(filepath.Dir(group)); err != nil {
		group, limit = "/sys/fs/cgroup/hsts-check-test", "memory.max"
	}
	if err := os.Mkdir(group, 0o755); err != nil && !os.IsExist(err) {
		t.Fatal("no cgroup can be made: ", err)
	}
	t.Cleanup(func() { os.Remove(group) })
	write(t, filepath.Join(group, limit), strconv.Itoa(mebibytes<<20))
	program, err := exec.LookPath(cmd.Path)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Args = append([]string{"sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$@"`, group, program}, cmd.Args[1:]...)
	if cmd.Path, err = exec.LookPath("sh"); err != nil {
		t.Fatal(err)
	}
}

// field returns a field of /proc/PID/status.
func field(status []byte, name string) string {
	_, rest, _ := strings.Cut(string(status), name+":")
	value, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(value)
}
