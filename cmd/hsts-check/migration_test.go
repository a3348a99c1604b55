package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"hsts-check/internal/lab"
)

// TestMigrationCommands runs the commands of docs/migration.md, in order,
// between two servers that differ: the old one is well, and the new one has a
// shorter max-age, bare error pages, and answers over http instead of
// redirecting.
func TestMigrationCommands(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has more than one loopback address to stand for two servers")
	}
	old := lab.Sends("www.example.org", "max-age=63072000; includeSubDomains")
	short := lab.STS("max-age=300")
	worse := lab.Host{Answer: lab.Answer{Status: 404}, Paths: map[string]lab.Answer{"/": short}, Plain: &short}
	old.At = map[string]lab.Host{"127.0.0.2": worse, "127.0.0.3": {Answer: old.Answer}}
	six := lab.CanListen("::1")
	if six {
		old.At["::1"] = worse
	}
	l, err := lab.Start(old, lab.Sends("example.org", "max-age=63072000; includeSubDomains"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), l.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	commands := commandsOf(t, "../../docs/migration.md")
	if len(commands) != len(migrationSays) {
		t.Fatalf("%d commands, not %d", len(commands), len(migrationSays))
	}
	for i, line := range commands {
		want := migrationSays[i]
		if strings.Contains(line, "-6") && !six {
			continue
		}
		cmd := exec.Command("sh", "-c", ledTo(l, line))
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput()
		if status := cmd.ProcessState.ExitCode(); status != want.status {
			t.Errorf("%s: exit status %d, not %d\n%s", line, status, want.status, out)
		}
		for _, text := range want.texts {
			if !strings.Contains(string(out), text) {
				t.Errorf("%s: %q is not in\n%s", line, text, out)
			}
		}
	}
}

// migrationSays is what the commands of the document say, in order.
var migrationSays = []struct {
	status int
	texts  []string
}{
	{0, nil}, // what the old server does goes into a file
	{0, []string{"YES!", "5 min", "header sent over plain http"}},
	{0, []string{"YES!", "5 min", "header sent over plain http"}},
	{0, []string{"YES!", "5 min", "header sent over plain http"}},
	{0, []string{"answers differ: ", "127.0.0.2", "127.0.0.3"}},
	{0, []string{"YES!", "error pages lack the header"}},
	{0, nil}, // what the new server does goes into a file
	{0, []string{"weakened", "max-age was 2 years and is 5 min", "includeSubDomains is gone"}},
	{1, []string{"weakened", "max-age was 2 years and is 5 min"}},
}

// ledTo rewrites a command of the document: its addresses become those of the
// lab, its ports the lab's, and the lab's authority is trusted.
func ledTo(l *lab.Lab, line string) string {
	_, tls, _ := net.SplitHostPort(l.TLSAddr())
	_, plain, _ := net.SplitHostPort(l.HTTPAddr())
	line = strings.NewReplacer(
		":443:192.0.2.80:8443", ":443:127.0.0.2:"+tls, ":80:192.0.2.80:8080", ":80:127.0.0.2:"+plain,
		":443:192.0.2.80,192.0.2.81", ":"+tls+":127.0.0.2,127.0.0.3",
		":443:192.0.2.80", ":"+tls+":127.0.0.2", ":80:192.0.2.80", ":"+plain+":127.0.0.2",
		":443:[2001:db8::80]", ":"+tls+":[::1]", ":80:[2001:db8::80]", ":"+plain+":[::1]",
	).Replace(line)
	flags := " --cacert ca.pem"
	if !strings.Contains(line, "--connect-to") {
		flags += " --connect-to :443::" + tls + " --connect-to :80::" + plain
	}
	for _, name := range []string{"www.example.org", "example.org"} {
		flags += " --resolve " + name + ":" + tls + ":127.0.0.1 --resolve " + name + ":" + plain + ":127.0.0.1"
	}
	if strings.HasPrefix(line, "hsts-check diff ") {
		return line
	}
	return strings.Replace(line, "hsts-check", "hsts-check"+flags, 1)
}
