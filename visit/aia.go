package visit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"

	"golang.org/x/sync/singleflight"

	"hsts-check/browser"
)

// intermediates are the certificates that a server should have sent.
type intermediates struct{ certs []*x509.Certificate }

// verify judges a server's certificates as the platform does, with the
// intermediates added to those it sent. An empty host is any.
func (m *intermediates) verify(sent []*x509.Certificate, host string, roots *x509.CertPool) error {
	pool := x509.NewCertPool()
	for _, c := range slices.Concat(sent[1:], m.certs) {
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
	var failed error
	queue := []*x509.Certificate{topOf(sent)}
	if queue[0] != sent[0] { // what was sent may lead nowhere: an old intermediate
		queue = append(queue, sent[0])
	}
	for tries := 0; len(queue) > 0 && tries < maxIntermediates && ctx.Err() == nil; tries++ {
		issuer, err := v.fetchIssuer(ctx, queue[0])
		queue = queue[1:]
		if err != nil {
			failed = err
		}
		if issuer == nil {
			continue
		}
		found.certs = append(found.certs, issuer)
		if found.verify(sent, "", v.Roots) == nil {
			return found, nil
		}
		queue = append(queue, issuer)
	}
	return nil, failed
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

// fetchIssuer returns the issuer of a certificate, from the first of its http
// URLs that gives one; nil, nil where it names none.
func (v *visitor) fetchIssuer(ctx context.Context, c *x509.Certificate) (issuer *x509.Certificate, err error) {
	if selfSigned(c) {
		return nil, nil
	}
	for _, location := range c.IssuingCertificateURL[:min(len(c.IssuingCertificateURL), maxIssuerURLs)] {
		u, bad := browser.ParseURL(location)
		if bad != nil || u.Scheme != "http" || ctx.Err() != nil {
			continue
		}
		if issuer, err = v.fetchShared(ctx, u); err == nil {
			return issuer, nil
		}
	}
	return nil, err
}

// Issuers are the certificates that AIA URLs have given in a run, and the
// requests under way for them. A failure is not kept: it may have been of the
// moment, or that of a site which must not lead into a private network.
type issuers struct {
	requests singleflight.Group
	mu       sync.Mutex
	found    map[string]*x509.Certificate
}

func (s *issuers) get(url string) *x509.Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.found[url]
}

// put keeps a certificate, and drops any other where there would be too many.
func (s *issuers) put(url string, cert *x509.Certificate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found == nil {
		s.found = make(map[string]*x509.Certificate)
	}
	for other := range s.found {
		if len(s.found) < maxIssuers {
			break
		}
		delete(s.found, other)
	}
	s.found[url] = cert
}

// errRunEnded is what a request has come to whose run ended first.
var errRunEnded = errors.New("the run ended before the certificate came")

// fetchShared returns the certificate at an AIA URL, by one request for all visits
// that ask for it at once. That is bound to the run and its own timeout; how
// long this site waits is bound by ctx.
func (v *visitor) fetchShared(ctx context.Context, u browser.URL) (*x509.Certificate, error) {
	url := u.String()
	if cert := v.issuers.get(url); cert != nil {
		return cert, nil
	}
	request := v.issuers.requests.DoChan(fmt.Sprint(v.public, v.proxied != nil, " ", url), func() (got any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = Bug(p)
			}
		}()
		own := v.Wire.visitor(v.run) // as this one may end sooner
		own.public, own.proxied = v.public, slices.Clone(v.proxied)
		limited, cancel := context.WithTimeout(v.run, v.timeout())
		defer cancel()
		cert, err := own.fetchCertificate(limited, u)
		switch {
		case err != nil && v.run.Err() != nil:
			return nil, errRunEnded
		case err != nil:
			return nil, fmt.Errorf("%s did not return it: %s", url, describe(err).Message)
		}
		v.issuers.put(url, cert)
		return cert, nil
	})
	select {
	case r := <-request:
		if errors.Is(r.Err, errRunEnded) && v.run.Err() == nil {
			return v.fetchShared(ctx, u) // that was the end of another run
		}
		cert, _ := r.Val.(*x509.Certificate)
		return cert, r.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fetchCertificate gets a certificate, by way of a few redirects if need be.
func (v *visitor) fetchCertificate(ctx context.Context, u browser.URL) (*x509.Certificate, error) {
	for range maxIssuerRedirects {
		resp, body, err := v.download(ctx, u)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, err
		case resp.StatusCode == http.StatusOK:
			return parseCertificate(body)
		case !browser.IsRedirect(resp.StatusCode):
			return nil, &Error{Kind: KindStatus, Message: "status " + resp.Status}
		}
		if u, err = u.Resolve(resp.Header.Get("Location")); err != nil {
			return nil, &Error{Kind: KindRedirects, Message: err.Error()}
		}
		if u.Scheme != "http" {
			break
		}
	}
	return nil, &Error{Kind: KindRedirects, Message: "it redirects elsewhere"}
}

// download gets a response with its body over a connection of its own, so that
// nothing of it outlives the call.
func (v *visitor) download(ctx context.Context, u browser.URL) (*http.Response, []byte, error) {
	leave, ok := v.inTurn(ctx, u.Hostname())
	if !ok {
		return nil, nil, ctx.Err()
	}
	defer leave()
	conn, proxy, err := v.connect(ctx, u, netip.Addr{}, new(Exchange))
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	defer interrupt(ctx, conn)()
	req := &http.Request{Method: http.MethodGet, URL: standard(u), Header: http.Header{"User-Agent": {v.userAgent()}}, Close: true}
	write := req.Write
	if proxy != nil {
		write = req.WriteProxy
		if auth := proxyAuthorization(proxy); auth != "" {
			req.Header.Set("Proxy-Authorization", auth)
		}
	}
	if err := write(conn); err != nil {
		return nil, nil, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, maxHead+maxCertificate)), req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

// standard makes of a URL the one that net/http asks for, its path untouched.
func standard(u browser.URL) *url.URL {
	return &url.URL{Scheme: u.Scheme, Host: authority(u), Opaque: "//" + authority(u) + u.Path}
}

// parseCertificate reads a certificate in DER or PEM.
func parseCertificate(b []byte) (*x509.Certificate, error) {
	if block, _ := pem.Decode(b); block != nil {
		b = block.Bytes
	}
	cert, err := x509.ParseCertificate(b)
	if err != nil {
		return nil, &Error{Kind: KindProtocol, Message: "it is not a certificate"}
	}
	return cert, nil
}
