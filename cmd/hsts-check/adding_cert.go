package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/youmark/pkcs8"

	"hsts-check/visit"
)

func (o *adding) addCertificate(p *program, r *visit.Request) error {
	if o.cert == "" {
		if o.key != "" {
			return withHint(errors.New("--key has no certificate to go with"), "name it with -E FILE")
		}
		return nil
	}
	name, password := cutPassword(o.cert)
	certs, err := o.readPEM(p, "--cert", name, password)
	if err != nil {
		return err
	}
	keyName, keys := name, certs
	if o.key != "" {
		keyName = o.key
		if keys, err = o.readPEM(p, "--key", keyName, password); err != nil {
			return err
		}
	}
	cert, err := tls.X509KeyPair(certs, keys)
	if err != nil {
		return withHint(fmt.Errorf("--cert %s: %w", name, o.pairFault(err, certs, keys, keyName)), certHint)
	}
	r.Certificate = &cert
	o.sealed("certificate", cert.Leaf.Raw)
	return nil
}

const certHint = "as in -E client.pem --key client.key, both in PEM; one file may hold both"

// cutPassword takes the password off a certificate's name, as curl does: a
// backslash before a colon or another backslash makes it part of the name, and so
// is the colon of a drive.
func cutPassword(s string) (name, password string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == ':' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == ':' && !(i == 1 && len(s) > 2 && (s[2] == '\\' || s[2] == '/')):
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// readPEM reads a file of certificates and keys, and opens the keys that a
// password keeps.
func (o *adding) readPEM(p *program, flag, name, password string) ([]byte, error) {
	text, err := o.read(flag, name)
	if err != nil {
		return nil, err
	}
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, notPEM(flag, name, text)
	}
	var opened []byte
	for ; block != nil; block, rest = pem.Decode(rest) {
		if strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") { // RFC 1421 section 4.6.1.1, as OpenSSL once wrote keys
			return nil, withHint(fmt.Errorf("%s %s: its key is encrypted in a way that is no longer safe, which hsts-check does not read", flag, name), decryptHint, name)
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" {
			if block.Bytes, err = openKey(p, flag, name, password, block.Bytes); err != nil {
				return nil, err
			}
			block.Type = "PRIVATE KEY"
		}
		opened = append(opened, pem.EncodeToMemory(block)...)
	}
	return opened, nil
}

const decryptHint = "decrypt it into a file that you alone can read: umask 077; openssl pkey -in %s -out decrypted.key; then --key decrypted.key"

// openKey decrypts a key (RFC 5958 section 3), and asks for the password where
// none is given.
func openKey(p *program, flag, name, password string, der []byte) ([]byte, error) {
	if password == "" {
		var err error
		password, err = p.askPassword("the key in " + name)
		if errors.Is(err, errNoTerminal) {
			return nil, withHint(fmt.Errorf("%s %s: its key is encrypted, and %w", flag, name, err), "give its password, as in -E FILE:PASSWORD; or "+decryptHint, name)
		} else if err != nil {
			return nil, err
		}
	}
	key, err := pkcs8.ParsePKCS8PrivateKey(der, []byte(password))
	if err != nil {
		return nil, withHint(fmt.Errorf("%s %s: its key does not open with this password", flag, name), decryptHint, name)
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// notPEM says what a file is, and how to make PEM of it.
func notPEM(flag, name string, text []byte) error {
	err := fmt.Errorf("%s %s is not PEM", flag, name)
	var store struct { // RFC 7292 section 4, PFX
		Version int
		Rest    asn1.RawValue
		Mac     asn1.RawValue `asn1:"optional"`
	}
	if _, bad := asn1.Unmarshal(text, &store); bad == nil && store.Version == 3 {
		return withHint(fmt.Errorf("%s %s is PKCS#12, not PEM", flag, name),
			"convert it into a file that only you can read: umask 077; openssl pkcs12 -in %s -out client.pem -nodes; then -E client.pem", name)
	}
	if _, bad := x509.ParseCertificate(text); bad == nil {
		return withHint(err, "convert it: openssl x509 -inform der -in %s -out client.pem", name)
	}
	if bytes.HasPrefix(text, []byte{0x30}) {
		return withHint(err, "if it is a key, convert it: umask 077; openssl pkey -inform der -in %s -out client.key", name)
	}
	return withHint(err, certHint)
}

// pairFault says why a certificate and a key do not go together.
func (o *adding) pairFault(err error, certs, keys []byte, keyName string) error {
	switch {
	case !bytes.Contains(certs, []byte("-----BEGIN CERTIFICATE-----")):
		return errors.New("there is no certificate in it")
	case !bytes.Contains(keys, []byte("PRIVATE KEY-----")) && o.key == "":
		return errors.New("there is no key in it: name its file with --key FILE")
	case !bytes.Contains(keys, []byte("PRIVATE KEY-----")):
		return fmt.Errorf("there is no key in %s", keyName)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "tls: "))
}
