package audit

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

func TestCertificates(t *testing.T) {
	tests := []struct {
		why     string
		cert    lab.Cert
		kind    ErrorKind // of the TLS error
		says    string
		verdict Verdict // with a header
		bare    Verdict // without one
	}{
		{"good", lab.CertGood, "", "", Protected, Absent},
		{"expired", lab.CertExpired, visit.CertExpired, "the certificate expired on 2", Ignored, Unknown},
		{"not yet valid", lab.CertNotYetValid, visit.CertNotYetValid, "the certificate is not valid before 2", Ignored, Unknown},
		{"for another host", lab.CertWrongHost, visit.CertWrongHost, "the certificate is for another-host.lab.test, not for a.test", Ignored, Unknown},
		{"of an unknown authority", lab.CertUnknownCA, visit.CertUnknownAuthority, "the certificate is from an untrusted authority", Ignored, Unknown},
		{"self-signed", lab.CertSelfSigned, visit.CertSelfSigned, "the certificate is self-signed", Ignored, Unknown},
		{"a missing intermediate that AIA supplies", lab.CertNoIntermediate, "", "", Protected, Absent},
		{"one that it cannot", lab.CertNoIntermediateDeadAIA, visit.CertUnjudged,
			"the server does not send its intermediate certificate, and http://dead-aia.lab.test/intermediate.cer did not return it: the connection ended before the answer did", Unknown, Unknown},
		{"one that no URL leads to", lab.CertNoIntermediateNoAIA, visit.CertUnknownAuthority, "the certificate is from an untrusted authority", Ignored, Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			l, a := lead(t,
				lab.Host{Name: "a.test", Cert: tt.cert, Answer: lab.STS(year)},
				lab.Host{Name: "bare.a.test", Cert: tt.cert},
			)
			a.Probes = []Probe{visit.ProbeHTTP}
			v := visitSite(t, a, "https://a.test/")
			x := v.Exchanges[0]
			if certKind(x) != tt.kind || tt.kind != "" && !strings.HasPrefix(x.TLS.Error.Message, tt.says) {
				t.Errorf("TLS error %q: %v", certKind(x), x.TLS.Error)
			}
			if read := x.Status == 200 && slices.Equal(x.STS, []string{year}) && x.Error == nil; read == (tt.kind == visit.CertUnjudged) {
				t.Errorf("exchange %+v", x)
			}
			if tt.kind != visit.CertUnjudged && (x.TLS.Version != "TLS 1.3" || x.TLS.NotAfter == nil) {
				t.Errorf("TLS %+v", x.TLS)
			}
			if x.TLS.ChainIncomplete != (tt.cert == lab.CertNoIntermediate) {
				t.Errorf("chain incomplete: %v", x.TLS.ChainIncomplete)
			}
			if r := Judge(v, nil); r.Verdict != tt.verdict || r.Verdict == Unknown && kind(r.Error) != visit.KindTLS {
				t.Errorf("verdict %s, error %v", r.Verdict, r.Error)
			}
			if r := Judge(visitSite(t, a, "https://bare.a.test/"), nil); r.Verdict != tt.bare || r.Verdict == Unknown && kind(r.Error) != visit.KindTLS {
				t.Errorf("without a header: verdict %s, error %v", r.Verdict, r.Error)
			}
			if n := requests(l)["https://a.test/"]; n > 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestFaultsTogether: what one fault calls for is kept when the next shows.
func TestFaultsTogether(t *testing.T) {
	_, a := lead(t,
		lab.Host{Name: "h2.test", Cert: lab.CertNoIntermediate, TLS: lab.OnlyH2, Answer: lab.STS(year)},
		lab.Host{Name: "rsa.test", Cert: lab.CertNoIntermediate, TLS: lab.RSAKeyExchange, Answer: lab.STS(year)},
		lab.Host{Name: "client.test", Cert: lab.CertExpired, TLS: lab.ClientCert, Answer: lab.STS(year)},
		lab.Host{Name: "deaf.test", Cert: lab.CertExpired, TLS: lab.ResetAfterHandshake, Answer: lab.STS(year)},
	)
	for host, want := range map[string]Verdict{"h2": Protected, "rsa": Protected, "client": Unknown, "deaf": Unknown} {
		if r := Judge(visitSite(t, a, "https://"+host+".test/"), nil); r.Verdict != want {
			t.Errorf("%s: verdict %s, exchanges %+v", host, r.Verdict, r.Exchanges)
		}
	}
}

// TestKeyExchanges: a server may insist on any group that Chromium offers, also
// on the one that is not offered at first.
func TestKeyExchanges(t *testing.T) {
	for _, group := range []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.X25519MLKEM768} {
		ca := newTestCA(t, nil)
		ca.groups = []tls.CurveID{group}
		a := ca.serve(t, []string{"a.test"}, nil, nil, ca.intermediate)
		if x := visitSite(t, a, "https://a.test/").Exchanges[0]; x.Status != 200 || certKind(x) != "" {
			t.Errorf("%s: exchange %+v, error %v", group, x, x.Error)
		}
	}
}

func TestPlatformWithoutTheLabsRoot(t *testing.T) {
	_, a := lead(t, lab.Sends("a.test", year))
	a.Roots = nil
	if v := visitSite(t, a, "https://a.test/"); certKind(v.Exchanges[0]) == "" || Judge(v, nil).Verdict != Ignored {
		t.Errorf("trusted: %+v", v.Exchanges[0].TLS)
	}
}

// TestIntermediateIsFetchedOnce: for a whole run, however many sites need it. A
// failure is no reason not to ask again.
func TestIntermediateIsFetchedOnce(t *testing.T) {
	for why, tt := range map[string]struct {
		cert lab.Cert
		url  string
		want Verdict
	}{
		"there":     {lab.CertNoIntermediate, lab.AIAURL, Protected},
		"not there": {lab.CertNoIntermediateDeadAIA, "http://dead-aia.lab.test/intermediate.cer", Unknown},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			l, a := lead(t, lab.Host{Name: "*.test", Cert: tt.cert, Answer: lab.STS(year)})
			for r := range a.Survey(t.Context(), numbered(50)) {
				if r.Verdict != tt.want {
					t.Errorf("%s: verdict %s", r.URL, r.Verdict)
				}
			}
			n := requests(l)[tt.url]
			if n != 1 && tt.want == Protected {
				t.Errorf("%d requests for the intermediate", n)
			}
			visitSite(t, a, "https://later.test/")
			if again := requests(l)[tt.url] - n; again != map[Verdict]int{Protected: 0, Unknown: 1}[tt.want] {
				t.Errorf("asked for %d times more by a later visit", again)
			}
		})
	}
}

// TestIntermediateDoesNotHideTheWrongHost: also where the host is an IP
// address, of which a handshake says nothing.
func TestIntermediateDoesNotHideTheWrongHost(t *testing.T) {
	ca := newTestCA(t, []string{lab.AIAURL})
	for host, want := range map[string]ErrorKind{"a.test": "", "b.test": visit.CertWrongHost, "127.0.0.1": "", "127.0.0.2": visit.CertWrongHost, "[::1]": visit.CertWrongHost} {
		a := ca.serve(t, []string{"a.test"}, []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
		x := visitSite(t, a, "https://"+host+"/").Exchanges[0]
		if certKind(x) != want || x.TLS.ChainIncomplete != (want == "") || x.Status != 200 {
			t.Errorf("%s: %+v, TLS error %v", host, x, x.TLS.Error)
		}
	}
}

func TestIntermediates(t *testing.T) {
	stale := newTestCA(t, nil).intermediate // of the same name, which leads nowhere
	tests := []struct {
		why  string
		urls []string
		sent []*x509.Certificate
		kind ErrorKind
		want string // what the URL's answer is, verbatim; PEM and DER stand for the intermediate
	}{
		{"DER", []string{"http://aia.test/"}, nil, "", "DER"},
		{"PEM", []string{"http://aia.test/"}, nil, "", "PEM"},
		{"behind a redirect", []string{"http://aia.test/moved"}, nil, "", "DER"},
		{"the second URL", []string{"ldap://aia.test/x", "http://dead.test/", "http://aia.test/"}, nil, "", "DER"},
		{"the fourth URL", []string{"http://dead.test/1", "http://dead.test/2", "http://dead.test/3", "http://aia.test/"}, nil, "", "DER"},
		{"the fifth, which is not asked", []string{"http://dead.test/1", "http://dead.test/2", "http://dead.test/3", "http://dead.test/4", "http://aia.test/"}, nil, visit.CertUnjudged, "DER"},
		{"an old one was sent", []string{"http://aia.test/"}, []*x509.Certificate{stale}, "", "DER"},
		{"only ldap, which Chromium does not speak either", []string{"ldap://aia.test/x"}, nil, visit.CertUnknownAuthority, ""},
		{"not https, which would need a certificate", []string{"https://aia.test/"}, nil, visit.CertUnknownAuthority, ""},
		{"not a file", []string{"file:///etc/passwd"}, nil, visit.CertUnknownAuthority, ""},
		{"a redirect to https", []string{"http://aia.test/to-https"}, nil, visit.CertUnjudged, ""},
		{"a redirect to itself", []string{"http://aia.test/loop"}, nil, visit.CertUnjudged, ""},
		{"no certificate", []string{"http://aia.test/"}, nil, visit.CertUnjudged, "junk"},
		{"an error page", []string{"http://aia.test/lost"}, nil, visit.CertUnjudged, ""},
		{"without end", []string{"http://aia.test/endless"}, nil, visit.CertUnjudged, ""},
		{"another certificate", []string{"http://aia.test/stale"}, nil, visit.CertUnknownAuthority, ""},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			ca := newTestCA(t, tt.urls)
			aia := func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/moved":
					http.Redirect(w, r, "/", http.StatusFound)
				case "/to-https":
					http.Redirect(w, r, "https://aia.test/", http.StatusFound)
				case "/loop":
					http.Redirect(w, r, "/loop", http.StatusFound)
				case "/lost":
					http.NotFound(w, r)
				case "/stale":
					w.Write(stale.Raw)
				case "/endless":
					for {
						if _, err := w.Write(make([]byte, 4096)); err != nil {
							return
						}
					}
				default:
					der := ca.intermediate.Raw
					pemmed := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
					io.WriteString(w, strings.NewReplacer("DER", string(der), "PEM", pemmed).Replace(tt.want))
				}
			}
			a := ca.serve(t, []string{"a.test"}, nil, aia, tt.sent...)
			x := visitSite(t, a, "https://a.test/").Exchanges[0]
			if certKind(x) != tt.kind || x.TLS.ChainIncomplete != (tt.kind == "") {
				t.Errorf("TLS error %v, exchange %+v", x.TLS.Error, x)
			}
		})
	}
}

// TestSilentIntermediate: an AIA server that says nothing holds up neither the
// end of a visit nor that of the run.
func TestSilentIntermediate(t *testing.T) {
	silent := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	ca := newTestCA(t, []string{"http://aia.test/"})
	t.Run("the timeout passes", func(t *testing.T) {
		a := ca.serve(t, []string{"a.test"}, nil, silent)
		a.Timeout = 2 * short
		if x := visitSite(t, a, "https://a.test/").Exchanges[0]; certKind(x) != visit.CertUnjudged || kind(x.Error) != visit.KindTLS {
			t.Errorf("exchange %+v", x)
		}
	})
	t.Run("the run ends", func(t *testing.T) {
		check := lab.CheckLeaks(t)
		asked := make(chan bool, 1)
		a := ca.serve(t, []string{"a.test"}, nil, func(w http.ResponseWriter, r *http.Request) { asked <- true; silent(w, r) })
		a.Timeout = time.Minute
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-asked; cancel() }()
		a.Visit(ctx, Site{URL: "https://a.test/"})
		// What the end of one run has cut short is asked for again by another.
		again, cancelAgain := context.WithCancel(t.Context())
		go func() { <-asked; cancelAgain() }()
		a.Visit(again, Site{URL: "https://a.test/"})
		if again.Err() == nil {
			t.Error("the certificate was not asked for again")
		}
		ca.close()
		check()
	})
}

// A testCA is an authority whose leaves name AIA URLs of choice, and the
// servers that use it.
type testCA struct {
	root, intermediate *x509.Certificate
	key                *ecdsa.PrivateKey
	aia                []string
	groups             []tls.CurveID // that its servers know; nil for Go's own
	closers            []func()
}

func newTestCA(t *testing.T, aia []string) *testCA {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &testCA{key: key, aia: aia}
	template := func(name string) *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, SubjectKeyId: []byte(name)}
	}
	root := template("root")
	ca.root = ca.sign(t, root, root)
	ca.intermediate = ca.sign(t, template("intermediate"), ca.root)
	t.Cleanup(ca.close)
	return ca
}

func (ca *testCA) sign(t *testing.T, template, parent *x509.Certificate) *x509.Certificate {
	t.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, ca.key.Public(), ca.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// leaf issues a certificate and bundles it with those that are sent along.
func (ca *testCA) leaf(t *testing.T, names []string, ips []net.IP, sent ...*x509.Certificate) tls.Certificate {
	t.Helper()
	c := ca.sign(t, &x509.Certificate{DNSNames: names, IPAddresses: ips, IssuingCertificateURL: ca.aia}, ca.intermediate)
	pair := tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: ca.key}
	for _, c := range sent {
		pair.Certificate = append(pair.Certificate, c.Raw)
	}
	return pair
}

// serve answers 200 to whoever asks over TLS, with a leaf and the certificates
// given, and over http with aia, by default the intermediate. It returns an
// Auditor led there.
func (ca *testCA) serve(t *testing.T, names []string, ips []net.IP, aia http.HandlerFunc, sent ...*x509.Certificate) *Auditor {
	t.Helper()
	pair := ca.leaf(t, names, ips, sent...)
	if aia == nil {
		aia = func(w http.ResponseWriter, _ *http.Request) { w.Write(ca.intermediate.Raw) }
	}
	secure := lab.Listen(t, "127.0.0.1:0")
	ca.start(tls.NewListener(secure, &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}, CurvePreferences: ca.groups}), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	plain := lab.Listen(t, "127.0.0.1:0")
	ca.start(plain, aia)
	roots := x509.NewCertPool()
	roots.AddCert(ca.root)
	return &Auditor{Roots: roots, Timeout: 30 * time.Second, ConnectTo: connections(t,
		"dead.test::"+lab.DeadAddr(t), ":443:"+secure.Addr().String(), ":80:"+plain.Addr().String())}
}

func (ca *testCA) start(l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(l)
	ca.closers = append(ca.closers, func() { server.Close() })
}

func (ca *testCA) close() {
	for _, f := range ca.closers {
		f()
	}
}
