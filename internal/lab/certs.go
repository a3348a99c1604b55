package lab

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"sync"
	"time"
)

// AIAURL is where certificates say that the lab's intermediate is.
const AIAURL = "http://aia.lab.test/intermediate.cer"

const (
	aiaHost     = "aia.lab.test"
	deadAIAHost = "dead-aia.lab.test"
	deadAIAURL  = "http://dead-aia.lab.test/intermediate.cer"
)

const day = 24 * time.Hour

// An authority is a root and the intermediate below it that issues leaves.
type authority struct {
	root, intermediate       *x509.Certificate
	rootKey, intermediateKey *ecdsa.PrivateKey
}

func newAuthority(name string) (*authority, error) {
	var a authority
	var err error
	if a.rootKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	if a.intermediateKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	root := caTemplate(name + " root")
	if a.root, err = sign(root, root, a.rootKey.Public(), a.rootKey); err != nil {
		return nil, err
	}
	a.intermediate, err = sign(caTemplate(name+" intermediate"), a.root, a.intermediateKey.Public(), a.rootKey)
	return &a, err
}

func caTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-365 * day),
		NotAfter:              time.Now().Add(365 * day),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

func sign(template, parent *x509.Certificate, key crypto.PublicKey, by crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// rsaKey is made once a process: it takes longer than everything else here.
var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, 2048)
})

// A brokenKey cannot sign, which a server finds out when it has to.
type brokenKey struct{ crypto.Signer }

func (brokenKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("as asked for")
}

// An issuer makes certificates when they are first asked for. All leaves share
// one key, so that a new name costs one signature.
type issuer struct {
	trusted, unknown *authority
	key              *ecdsa.PrivateKey
	ips              []net.IP

	mu     sync.Mutex
	issued map[leafID]*tls.Certificate
}

type leafID struct {
	name string
	cert Cert
	rsa  bool
}

// newIssuer makes the authorities. The certificate for clients that send no
// name holds for all of ips.
func newIssuer(ips []net.IP) (*issuer, error) {
	trusted, err := newAuthority("hsts-check lab")
	if err != nil {
		return nil, err
	}
	unknown, err := newAuthority("hsts-check lab's unknown")
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return &issuer{trusted: trusted, unknown: unknown, key: key, ips: ips, issued: map[leafID]*tls.Certificate{}}, nil
}

// leaf returns the certificate that a client gets who asks for id.name, with
// its chain as sent. An empty name stands for a client that sent none.
func (i *issuer) leaf(id leafID) (*tls.Certificate, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if c := i.issued[id]; c != nil {
		return c, nil
	}
	c, err := i.issue(id)
	if err != nil {
		return nil, fmt.Errorf("certificate for %q: %w", id.name, err)
	}
	i.issued[id] = c
	return c, nil
}

func (i *issuer) issue(id leafID) (*tls.Certificate, error) {
	var key crypto.Signer = i.key
	if id.rsa {
		var err error
		if key, err = rsaKey(); err != nil {
			return nil, err
		}
	}
	by := i.trusted
	if id.cert == CertUnknownCA {
		by = i.unknown
	}
	template := i.leafTemplate(id)
	parent, parentKey := by.intermediate, crypto.Signer(by.intermediateKey)
	if id.cert == CertSelfSigned {
		parent, parentKey = template, key
	}
	leaf, err := sign(template, parent, key.Public(), parentKey)
	if err != nil {
		return nil, err
	}
	c := &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
	switch id.cert {
	case CertSelfSigned, CertNoIntermediate, CertNoIntermediateDeadAIA, CertNoIntermediateNoAIA:
	default:
		c.Certificate = append(c.Certificate, by.intermediate.Raw)
	}
	for id.cert == CertLongChain && len(c.Certificate) < 100 {
		other, err := newAuthority(fmt.Sprintf("hsts-check lab's number %d", len(c.Certificate)))
		if err != nil {
			return nil, err
		}
		c.Certificate = append(c.Certificate, other.root.Raw)
	}
	return c, nil
}

func (i *issuer) leafTemplate(id leafID) *x509.Certificate {
	now := time.Now()
	t := &x509.Certificate{
		NotBefore:   now.Add(-45 * day),
		NotAfter:    now.Add(45 * day),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{id.name},
	}
	if len(id.name) <= 64 { // RFC 5280 appendix A.1, ub-common-name
		t.Subject.CommonName = id.name
	}
	if id.name == "" {
		t.DNSNames, t.IPAddresses = nil, i.ips
	}
	if id.rsa {
		t.KeyUsage |= x509.KeyUsageKeyEncipherment
	}
	switch id.cert {
	case CertExpired:
		t.NotBefore, t.NotAfter = now.Add(-91*day), now.Add(-day)
	case CertNotYetValid:
		t.NotBefore, t.NotAfter = now.Add(day), now.Add(91*day)
	case CertWrongHost:
		t.DNSNames, t.IPAddresses = []string{"another-host.lab.test"}, nil
	case CertHuge:
		t.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 0}, Value: make([]byte, 1<<20)}}
	case CertNoIntermediate:
		t.IssuingCertificateURL = []string{AIAURL}
	case CertNoIntermediateDeadAIA:
		t.IssuingCertificateURL = []string{deadAIAURL}
	}
	return t
}
