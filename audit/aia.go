package audit

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
)

const (
	// maxIntermediates is how many missing certificates of one chain are
	// fetched. Chains of public authorities have one or two.
	maxIntermediates = 3
	// maxCertificate bounds a fetched certificate, in bytes.
	maxCertificate = 64 << 10
)

// intermediates are the certificates that a server should have sent.
type intermediates struct{ certs []*x509.Certificate }

// verify judges a server's certificates as the platform does, with the
// intermediates added to those it sent.
func (m *intermediates) verify(sent []*x509.Certificate, host string, roots *x509.CertPool) error {
	pool := x509.NewCertPool()
	for _, c := range append(sent[1:len(sent):len(sent)], m.certs...) {
		pool.AddCert(c)
	}
	_, err := sent[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: pool, DNSName: host})
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: sent, Err: err}
	}
	return nil
}

// completeChain fetches what is missing between a certificate that did not
// verify and a trusted authority, from the URLs that the certificates name
// (RFC 5280 section 4.2.2.1, Authority Information Access), as Chromium does.
// It returns nil, nil where nothing is missing that could be fetched, and an
// error where it could not be.
func (v *visitor) completeChain(ctx context.Context, refused error) (*intermediates, error) {
	var verify *tls.CertificateVerificationError
	if !errors.As(refused, &verify) {
		return nil, nil
	}
	sent := verify.UnverifiedCertificates
	found := &intermediates{}
	top := topOf(sent)
	for range maxIntermediates {
		if selfSigned(top) || len(top.IssuingCertificateURL) == 0 {
			return nil, nil
		}
		issuer, err := v.fetchIssuer(ctx, top.IssuingCertificateURL[0])
		if err != nil {
			return nil, err
		}
		found.certs = append(found.certs, issuer)
		if found.verify(sent, "", v.Roots) == nil {
			return found, nil
		}
		top = issuer
	}
	return nil, nil
}

// topOf returns the certificate furthest from the leaf that the ones sent lead
// up to.
func topOf(sent []*x509.Certificate) *x509.Certificate {
	top := sent[0]
	for range sent {
		for _, c := range sent[1:] {
			if bytes.Equal(c.RawSubject, top.RawIssuer) && !selfSigned(top) {
				top = c
				break
			}
		}
	}
	return top
}

// A fetched certificate, or why there is none. It is fetched once a run.
type fetched struct {
	once sync.Once
	cert *x509.Certificate
	err  error
}

// fetchIssuer returns the certificate at an AIA URL.
func (v *visitor) fetchIssuer(ctx context.Context, location string) (*x509.Certificate, error) {
	entry, _ := v.intermediates.LoadOrStore(location, new(fetched))
	f := entry.(*fetched)
	f.once.Do(func() {
		// Others wait for it, so it must not end with this one site.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.timeout())
		defer cancel()
		f.cert, f.err = v.fetchCertificate(ctx, location)
		if f.err != nil {
			f.err = fmt.Errorf("%s gives none: %s", location, describe(f.err).Message)
		}
	})
	return f.cert, f.err
}

func (v *visitor) fetchCertificate(ctx context.Context, location string) (*x509.Certificate, error) {
	u, err := url.Parse(location)
	if err != nil || u.Scheme != "http" || normalize(u) != nil {
		return nil, &Error{KindInput, "it is not an http URL"}
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHead,
		DialContext: func(ctx context.Context, _, target string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(target)
			if err != nil {
				return nil, err
			}
			return v.connect(ctx, &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}, netip.Addr{}, new(Exchange))
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", v.userAgent())
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &Error{KindStatus, "status " + resp.Status}
	}
	der, err := io.ReadAll(io.LimitReader(resp.Body, maxCertificate))
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(der); block != nil {
		der = block.Bytes
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, &Error{KindProtocol, "it is not a certificate"}
	}
	return cert, nil
}
