package lab

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"testing"
	"time"
)

func TestCertificateFaults(t *testing.T) {
	expired := func(err error) bool {
		var e x509.CertificateInvalidError
		return errors.As(err, &e) && e.Reason == x509.Expired
	}
	wrongHost := func(err error) bool { var e x509.HostnameError; return errors.As(err, &e) }
	untrusted := func(err error) bool { var e x509.UnknownAuthorityError; return errors.As(err, &e) }
	for _, test := range []struct {
		why  string
		cert Cert
		is   func(error) bool
		sent int    // certificates
		aia  string // of the leaf
	}{
		{"good", CertGood, func(err error) bool { return err == nil }, 2, ""},
		{"expired", CertExpired, expired, 2, ""},
		{"not yet valid", CertNotYetValid, expired, 2, ""}, // Go has one reason for both
		{"wrong host", CertWrongHost, wrongHost, 2, ""},
		{"unknown authority", CertUnknownCA, untrusted, 2, ""},
		{"self-signed", CertSelfSigned, untrusted, 1, ""},
		{"no intermediate", CertNoIntermediate, untrusted, 1, AIAURL},
		{"no intermediate, dead AIA", CertNoIntermediateDeadAIA, untrusted, 1, deadAIAURL},
		{"no intermediate, no AIA", CertNoIntermediateNoAIA, untrusted, 1, ""},
	} {
		t.Run(test.why, func(t *testing.T) {
			answer := STS("max-age=1")
			l := start(t, Host{Name: "www.a.test", Cert: test.cert, Answer: answer})
			if _, err := handshake(l, &tls.Config{ServerName: "www.a.test"}); !test.is(err) {
				t.Errorf("verification says %v", err)
			}
			c, err := handshake(l, &tls.Config{ServerName: "www.a.test", InsecureSkipVerify: true})
			if err != nil {
				t.Fatal(err)
			}
			sent := c.ConnectionState().PeerCertificates
			if len(sent) != test.sent {
				t.Errorf("%d certificates were sent, want %d", len(sent), test.sent)
			}
			leaf := sent[0]
			if got := append(leaf.IssuingCertificateURL, "")[0]; got != test.aia {
				t.Errorf("AIA %q, want %q", got, test.aia)
			}
			if got := leaf.NotBefore.After(time.Now()); got != (test.cert == CertNotYetValid) {
				t.Errorf("valid from %v", leaf.NotBefore)
			}
			if got := leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature) == nil; got != (test.cert == CertSelfSigned) {
				t.Errorf("self-signed: %v", got)
			}
			if got := say(t, c, "GET / HTTP/1.1\r\nHost: www.a.test\r\n\r\n"); got != string(answer.head()) {
				t.Errorf("behind it stands %q", got)
			}
		})
	}
}

func TestAIASuppliesTheIntermediate(t *testing.T) {
	l := start(t, Host{Name: "www.a.test", Cert: CertNoIntermediate})
	resp, err := client(l).Get(AIAURL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	der, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	intermediate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	c, err := handshake(l, &tls.Config{ServerName: "www.a.test", InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	pool := x509.NewCertPool()
	pool.AddCert(intermediate)
	leaf := c.ConnectionState().PeerCertificates[0]
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "www.a.test", Roots: l.CA, Intermediates: pool}); err != nil {
		t.Error(err)
	}
	if _, err := client(l).Get(deadAIAURL); err == nil {
		t.Error("the dead AIA URL answers")
	}
}

func TestCAPEMIsTheRoot(t *testing.T) {
	l := start(t, Sends("www.a.test"))
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(l.CAPEM()) || !pool.Equal(l.CA) {
		t.Error("CAPEM and CA differ")
	}
}

// One visit a name, so that each needs a certificate of its own.
func BenchmarkNewName(b *testing.B) {
	i, err := newIssuer(nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := i.issue(leafID{name: "www.bench.test"}); err != nil {
			b.Fatal(err)
		}
	}
}
