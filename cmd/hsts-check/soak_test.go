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

var soak = flag.Int("soak", 0, "visit so many sites of the zoo, and watch memory and descriptors")

var soakAtOnce = flag.Int("soak-c", 256, "visits at once in the soak")

// TestSoak has one process visit the whole zoo over and over, on demand:
//
//	go test ./cmd/hsts-check -run Soak -v -timeout 1h -args -soak 30000
//
// Each site has its record, and what the process holds does not grow.
func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("takes minutes: -args -soak 30000")
	}
	hosts := append(lab.Zoo(), lab.Sends("healthy.zoo.test", "max-age=31536000"))
	l, err := lab.Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, string(l.CAPEM()))
	cmd := exec.Command("hsts-check", append(labFlags(l, ca), "-q", "-f", "ndjson", "-c", strconv.Itoa(*soakAtOnce), "--timeout", "1s", "--retries", "0", "-")...)
	var list strings.Builder
	for i := range *soak {
		fmt.Fprintf(&list, "https://%s/%d\n", hosts[i%len(hosts)].Name, i)
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
	for i := range *soak {
		line, err := records.ReadString('\n')
		if err != nil || !strings.Contains(line, fmt.Sprintf("/%d\"", i)) {
			t.Fatalf("record %d is %s, %v", i, line, err)
		}
		verdicts[verdict.FindStringSubmatch(line)[1]]++
		if n := i + 1; n == *soak/10 || n%(*soak/5) == 0 {
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

// field returns a field of /proc/PID/status.
func field(status []byte, name string) string {
	_, rest, _ := strings.Cut(string(status), name+":")
	value, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(value)
}
