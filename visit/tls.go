package visit

import (
	"crypto/tls"
	"crypto/x509"
	"slices"
	"strings"
)

// tlsConfig returns how to do a handshake with host in mode m.
func (v *visitor) tlsConfig(host string, m mode) *tls.Config {
	c := v.tlsBase.Clone()
	c.ServerName = strings.TrimSuffix(host, ".")
	if m.http2 {
		c.NextProtos = []string{"h2"}
	}
	if m.allGroups {
		c.CurvePreferences = browserGroups
	}
	c.InsecureSkipVerify = m.unverified || m.extra != nil
	if m.extra != nil {
		c.VerifyConnection = func(state tls.ConnectionState) error {
			// state.ServerName is empty where the host is an IP address.
			return m.extra.verify(state.PeerCertificates, c.ServerName, v.Roots)
		}
	}
	return c
}

// tlsBase is what all handshakes share.
func tlsBase(roots *x509.CertPool) *tls.Config {
	return &tls.Config{
		RootCAs:    roots,
		NextProtos: []string{"http/1.1"},
		// Browsers refuse what is older.
		MinVersion: tls.VersionTLS12,
		// Go's default begins with ML-KEM, which costs a quarter of a visit's
		// CPU and protects a secret that a survey does not have. A server that
		// knows none of these is asked again with all that browsers offer.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
		CipherSuites:     cipherSuites(),
	}
}

// browserGroups are what Chromium offers. P-521 is not among them, though Go
// would: a server that insists on it is out of reach of browsers.
var browserGroups = []tls.CurveID{tls.X25519MLKEM768, tls.X25519, tls.CurveP256, tls.CurveP384}

// cipherSuites are Go's own, and behind them those with RSA key exchange, which
// Go has dropped from its list and browsers have not. Go orders them itself:
// these come last.
func cipherSuites() []uint16 {
	var ids []uint16
	for _, s := range tls.CipherSuites() {
		ids = append(ids, s.ID)
	}
	return append(ids,
		tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA)
}

// refusesHTTP1 reports whether a handshake failed because the server speaks no
// HTTP/1.1 (RFC 7301 section 3.2, no_application_protocol). crypto/tls keeps
// the type of a peer's alert to itself, hence the text.
func refusesHTTP1(err error) bool {
	return strings.HasSuffix(err.Error(), "tls: no application protocol")
}

// refusesGroups reports whether a handshake may have failed for want of a common
// group (RFC 8446 section 4.1.1, handshake_failure or insufficient_security).
func refusesGroups(err error) bool {
	text := err.Error()
	return strings.HasSuffix(text, "tls: handshake failure") || strings.HasSuffix(text, "tls: insufficient security level")
}

// selfSigned reports whether a certificate names itself as its issuer.
func selfSigned(c *x509.Certificate) bool {
	return slices.Equal(c.RawIssuer, c.RawSubject)
}
