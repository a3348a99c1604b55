package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/google/go-cmp/cmp"

	"hsts-check/internal/lab"
	"hsts-check/lists"
)

// These tests survey servers that are used on the internet, set up as their
// documentation says, on loopback.

func TestNginx(t *testing.T) {
	s := startServer(t, "nginx.conf", func(conf string) []string {
		return []string{lab.Program(t, "nginx"), "-p", filepath.Dir(conf), "-e", "stderr", "-c", conf, "-g", "daemon off;"}
	})
	s.survey2013(t)
	s.verdicts(t, map[string]string{
		"https://always.test/welcome": "protected",
		"https://always.test/missing": "protected",
		"https://always.test/moved":   "protected",
		"http://always.test/welcome":  "protected",
		// A 404 without the header says nothing about the site.
		"https://sometimes.test/welcome": "protected",
		"https://sometimes.test/missing": "unknown status",
		// nginx counts 301 among the answers that get the header.
		"https://sometimes.test/moved":  "protected",
		"https://location.test/welcome": "absent",
	})
}

func TestApache(t *testing.T) {
	s := startServer(t, "apache2.conf", func(conf string) []string {
		return []string{lab.Program(t, "apache2"), "-d", filepath.Dir(conf), "-f", conf, "-D", "FOREGROUND"}
	})
	s.survey2013(t)
	s.verdicts(t, map[string]string{
		"https://always.test/welcome":    "protected",
		"https://always.test/missing":    "protected",
		"https://always.test/moved":      "protected",
		"http://always.test/welcome":     "protected",
		"https://sometimes.test/welcome": "protected",
		"https://sometimes.test/missing": "unknown status",
		// Apache makes the redirect itself and sends it without the header.
		"https://sometimes.test/moved": "partial",
	})
}

// A server is a real one at work.
type server struct{ flags []string } // lead the program there

// startServer starts a server with a configuration of testdata/servers. The
// command must stay in the foreground.
func startServer(t *testing.T, conf string, command func(conf string) []string) *server {
	t.Helper()
	if os.PathSeparator != '/' {
		t.Skip("the configurations are for Debian")
	}
	folder := t.TempDir()
	for _, f := range []string{folder, filepath.Dir(folder)} { // the server may drop root's rights
		if err := os.Chmod(f, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	config := configuration{Dir: folder, Banks: banks2013(t)}
	config.certify(t)
	for started := false; !started; { // until nobody takes the ports in between
		config.TLS, config.HTTP = freePorts(t)
		config.write(t, conf)
		started = serve(t, config, command(filepath.Join(folder, conf)))
	}
	return &server{[]string{"--cacert", filepath.Join(folder, "ca.pem"),
		"--connect-to", ":443:127.0.0.1:" + config.TLS, "--connect-to", ":80:127.0.0.1:" + config.HTTP}}
}

// A configuration is what the files in testdata/servers leave open.
type configuration struct {
	Dir       string
	TLS, HTTP string // ports
	Banks     []string
}

func (c configuration) write(t *testing.T, name string) {
	t.Helper()
	conf, err := template.ParseFiles(filepath.Join("testdata", "servers", name))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := conf.Execute(&text, c); err != nil {
		t.Fatal(err)
	}
	c.file(t, name, text.String())
	c.file(t, "htdocs/welcome", "welcome\n")
}

func (c configuration) file(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(c.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// certify writes the certificate of a throw-away authority, ca.pem, and one
// that it has issued for all hosts, server.pem and server.key.
func (c configuration) certify(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Throw-away authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		DNSNames: append([]string{"always.test", "sometimes.test", "location.test"}, c.Banks...),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for name, cert := range map[string]*x509.Certificate{"ca.pem": ca, "server.pem": leaf} {
		der, err := x509.CreateCertificate(rand.Reader, cert, ca, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		c.file(t, name, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	c.file(t, "server.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// serve runs a server until the test ends, and returns when it takes
// connections; false if its ports are taken.
func serve(t *testing.T, c configuration, command []string) bool {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-c", keeper, "sh"}, command...)...)
	var said said
	cmd.Stdout, cmd.Stderr = &said, &said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	t.Cleanup(func() { stdin.Close(); <-ended })
	for _, port := range []string{c.TLS, c.HTTP} {
		for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			conn, err := net.Dial("tcp", "127.0.0.1:"+port)
			if err == nil {
				conn.Close()
				break
			}
			select {
			case <-ended:
				if strings.Contains(said.String(), "Address already in use") {
					return false
				}
				t.Fatalf("%s ended: %v\n%s", command[0], cmd.ProcessState, &said)
			default:
			}
			if time.Since(start) > hang {
				t.Fatalf("%s takes no connections: %v\n%s", command[0], err, &said)
			}
		}
	}
	return true
}

// keeper runs its arguments until they end or standard input does, as it does
// when the test is killed: no server outlives it.
const keeper = `exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _ <&3; kill "$server"; } >/dev/null 2>&1 &
wait "$server"`

// freePorts returns two ports that nobody listens on.
func freePorts(t *testing.T) (string, string) {
	t.Helper()
	var ports [2]string
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, ports[i], _ = net.SplitHostPort(l.Addr().String())
	}
	return ports[0], ports[1]
}

// banks2013 returns the hosts of the New Zealand banks of the survey of 2013.
func banks2013(t *testing.T) []string {
	t.Helper()
	var hosts []string
	for _, s := range lists.Survey2013() {
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		if s.Group == "New Zealand" {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}

// output runs the program, wants exit status 0 and silence, and returns its
// report.
func (s *server) output(t *testing.T, args ...string) string {
	t.Helper()
	p := startProgram(t, append(s.flags, args...)...)
	report := p.end(exitOK)
	if said := p.stderr.String(); said != "" {
		t.Errorf("stderr: %s", said)
	}
	return report
}

// row is a row of the table: the site, its URL (which may be shortened) and
// what it says of the header.
var row = regexp.MustCompile(`(?m)^(\S.*?) +https://\S+ +(\S+)`)

// survey2013 surveys the banks of 2013 and compares the table with that of
// then, row by row.
func (s *server) survey2013(t *testing.T) {
	t.Helper()
	table := s.output(t, filepath.Join("..", "..", "lists", "2013", "banks-nz.txt"))
	var got [][2]string
	for _, cells := range row.FindAllStringSubmatch(table, -1) {
		got = append(got, [2]string{cells[1], cells[2]})
	}
	want := [][2]string{
		{"ASB", "YES!"}, {"ANZ", "no"}, {"BankDirect", "no"}, {"BNZ", "no"}, {"HSBC", "no"}, {"Kiwibank", "no"},
		{"Rabobank", "no"}, {"SBS", "no"}, {"TSB", "no"}, {"Westpac", "no"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the survey differs from that of 2013:\n%s\n%s", diff, table)
	}
	if !strings.HasPrefix(table, "New Zealand: 1 of 10 protected by header (10%)") {
		t.Errorf("the score is another:\n%s", table)
	}
}

// verdicts surveys URLs and compares their verdicts; behind an unknown one
// stands the error's kind.
func (s *server) verdicts(t *testing.T, want map[string]string) {
	t.Helper()
	args := []string{"-f", "ndjson"}
	for u := range want {
		args = append(args, u)
	}
	got := make(map[string]string)
	for _, r := range readRecords(t, s.output(t, args...)) {
		got[r.URL] = strings.TrimSpace(r.Verdict + " " + r.Error.Kind)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the verdicts are others:\n%s", diff)
	}
}
