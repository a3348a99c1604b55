package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"hsts-check/internal/lab"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestREADMEShowsTheDemo: the table is what the demo prints, but for dates and
// the version.
func TestREADMEShowsTheDemo(t *testing.T) {
	t.Setenv("COLUMNS", "110")
	var out strings.Builder
	if status := run(t.Context(), []string{"demo", "-q"}, strings.NewReader(""), &out, io.Discard); status != exitOK {
		t.Fatal("exit status", status)
	}
	holds(t, "```\n", "```\n", out.String())
}

// varying is what changes from run to run: dates and the version.
var varying = regexp.MustCompile(`\d{4}-\d\d-\d\d( \d\d:\d\d( to \d\d:\d\d)? UTC)?|hsts-check [^ ]+`)

// holds asks that what stands in the README between the first mark and the
// next line that begins with the other is as it should be, and with -update
// puts it there.
func holds(t *testing.T, mark, end, want string) {
	t.Helper()
	text := readme(t)
	before, rest, ok := strings.Cut(text, mark)
	i := strings.Index("\n"+rest, "\n"+end)
	if !ok || i < 0 {
		t.Fatalf("the README has no %q", mark)
	}
	if varying.ReplaceAllString(rest[:i], "_") == varying.ReplaceAllString(want, "_") {
		return
	}
	if !*update {
		t.Errorf("behind %q the README should have\n%s", mark, want)
		return
	}
	if err := os.WriteFile("../../README.md", []byte(before+mark+want+rest[i:]), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestREADMECommandsRun runs every command of the README as it stands there.
// The internet is a proxy that leads every host to the lab.
func TestREADMECommandsRun(t *testing.T) {
	runCommands(t, "../../README.md")
}

func TestMonitoringCommandsRun(t *testing.T) {
	runCommands(t, "../../docs/monitoring.md")
}

// runCommands runs all commands of a document in a copy of the lists, each of
// which must exit with 0.
func runCommands(t *testing.T, document string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux can the lab's authority be trusted by an environment variable")
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "lists"), os.DirFS("../../lists")); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), internet(t)...)
	for _, line := range commandsOf(t, document) {
		if line == "go test ./..." {
			continue // that is what runs this test
		}
		cmd := exec.Command("sh", "-c", strings.Replace(line, "go run ./cmd/hsts-check", "hsts-check", 1))
		cmd.Dir, cmd.Env = dir, env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
}

// commandsOf returns the lines of a document's sh blocks.
func commandsOf(t *testing.T, document string) []string {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			commands = append(commands, strings.TrimSpace(line))
		}
	}
	if len(commands) == 0 {
		t.Fatal("no command found in " + document)
	}
	return commands
}

// internet is a stand-in for the internet: the variables that send the program
// through a proxy to a lab where every host is well.
func internet(t *testing.T) (env []string) {
	t.Helper()
	l, err := lab.Start(lab.Sends("*", "max-age=31536000; includeSubDomains"), lab.Sends("127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go lead(conn, l)
		}
	}()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, l.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	proxy := "http://" + listener.Addr().String()
	return []string{"HTTPS_PROXY=" + proxy, "HTTP_PROXY=" + proxy, "https_proxy=" + proxy, "http_proxy=" + proxy,
		"NO_PROXY=", "no_proxy=", "SSL_CERT_FILE=" + ca, "SSL_CERT_DIR=" + filepath.Dir(ca)}
}

// lead is a proxy to a client: it passes one plain request on to the lab, or, for
// CONNECT, joins the client to it.
func lead(client net.Conn, l *lab.Lab) {
	defer client.Close()
	in := bufio.NewReader(client)
	request, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	target := l.TLSAddr()
	if request.Method != http.MethodConnect {
		target = l.HTTPAddr()
	}
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	if request.Method != http.MethodConnect {
		request.Write(server)
		io.Copy(client, server)
		return
	}
	io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		defer server.Close()
		io.Copy(server, in)
	}()
	io.Copy(client, server)
}
