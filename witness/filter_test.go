package witness

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// A request is one as a filter in front of a site sees it.
type request struct {
	host  string // by SNI
	path  string
	head  string // as sent
	hello *tls.ClientHelloInfo
}

// before reports whether a field comes before another.
func (r *request) before(field, other string) bool {
	return strings.Index(r.head, "\r\n"+field+":") < strings.Index(r.head, "\r\n"+other+":")
}

// A filtered site is what serves all names below example.com, by HTTP/1.1.
type filtered struct {
	address string
	roots   *x509.CertPool
	caPEM   []byte

	mu    sync.Mutex
	asked []string // paths
}

// serve answers requests with what says returns, byte for byte, until the test
// ends.
func serve(t *testing.T, says func(*request) string) *filtered {
	t.Helper()
	made := httptest.NewTLSServer(nil) // for its certificate
	made.Close()
	ca := made.Certificate()
	s := &filtered{roots: x509.NewCertPool(), caPEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})}
	s.roots.AddCert(ca)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	var work sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		work.Wait()
	})
	work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			work.Go(func() { s.serve(conn, made.TLS.Certificates, says) })
		}
	})
	return s
}

func (s *filtered) serve(conn net.Conn, certificates []tls.Certificate, says func(*request) string) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	r := &request{}
	secure := tls.Server(conn, &tls.Config{Certificates: certificates, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		r.hello, r.host = hello, hello.ServerName
		return nil, nil
	}})
	lines := bufio.NewReader(secure)
	for !strings.HasSuffix(r.head, "\r\n\r\n") {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		r.head += line
	}
	r.path = strings.Fields(r.head)[1]
	s.mu.Lock()
	s.asked = append(s.asked, r.path)
	s.mu.Unlock()
	said := says(r)
	endless, _ := strings.CutSuffix(said, endless)
	fmt.Fprint(secure, endless)
	for endless != said {
		time.Sleep(20 * time.Millisecond)
		if _, err := fmt.Fprint(secure, "<p>more</p>\n"); err != nil {
			return
		}
	}
}

// endless at the end of an answer has its page go on until the client leaves.
const endless = "\x00endless"

// answer is one with a status and a page; fields have a line end behind each.
func answer(status int, fields, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d \r\nContent-Type: text/html\r\nConnection: close\r\n%s\r\n%s", status, fields, body)
}

const yearField = "Strict-Transport-Security: max-age=31536000\r\n"

// browser starts a browser that finds the site under all names.
func (s *filtered) browser(t *testing.T, o Options) *Browser {
	t.Helper()
	o.Network = append(o.Network, "--no-proxy-server", "--host-resolver-rules=MAP *:443 "+s.address)
	return s.start(t, o)
}

// start starts a browser that trusts the site.
func (s *filtered) start(t *testing.T, o Options) *Browser {
	t.Helper()
	o.Path = lab.Program(t, "chromium", "chromium-browser", "google-chrome")
	lab.Program(t, "certutil")
	o.CACert = s.caPEM
	b, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// wire finds it too.
func (s *filtered) wire() *visit.Wire {
	to, err := visit.ParseConnectTo(":443:" + s.address)
	if err != nil {
		panic(err)
	}
	return &visit.Wire{Roots: s.roots, ConnectTo: []visit.ConnectTo{to}}
}
