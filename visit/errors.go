package visit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// describe turns a failed exchange into data.
func describe(err error) *Error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e
	}
	kind := kindOf(err)
	return &Error{Kind: kind, Message: message(kind, err), NoSuchHost: noSuchHost(err)}
}

func kindOf(err error) ErrorKind {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return KindCancelled
	case ranShort(err):
		return KindLocal
	case errors.As(err, &dns):
		return KindDNS
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return KindTimeout
	case errors.Is(err, errHead):
		return KindProtocol
	case isTLS(err):
		return KindTLS
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return KindReset
	}
	return kindOfErrno(err)
}

// kindOfErrno knows the numbers of Windows sockets too, which its syscall
// package does not map to the portable names
// (https://learn.microsoft.com/windows/win32/winsock/windows-sockets-error-codes-2).
func kindOfErrno(err error) ErrorKind {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return KindInternal
	}
	switch errno {
	case syscall.ECONNREFUSED, 10061:
		return KindRefused
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.EADDRNOTAVAIL, syscall.EACCES, syscall.EPERM,
		syscall.EINVAL, syscall.EAFNOSUPPORT, syscall.ENETDOWN, 10047, 10049, 10050, 10051, 10064, 10065:
		return KindUnreachable
	case syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, 10053, 10054:
		return KindReset
	case syscall.ETIMEDOUT, 10060:
		return KindTimeout
	}
	return KindInternal
}

// shortages are what the system says where it has no more files or memory to
// give, with the numbers of Windows sockets.
var shortages = []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS, 10024, 10055}

// ranShort reports whether this machine had nothing left to make a connection or
// a look-up with. Package net keeps the type of what failed in a look-up to
// itself, hence the text.
func ranShort(err error) bool {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return slices.Contains(shortages, errno)
	}
	var dns *net.DNSError
	return errors.As(err, &dns) && !dns.IsNotFound && slices.ContainsFunc(shortages, func(e syscall.Errno) bool { return strings.HasSuffix(dns.Err, e.Error()) })
}

// isTLS reports whether err comes out of a handshake. crypto/tls has no type of
// its own for most of its errors, but names itself in their text.
func isTLS(err error) bool {
	var header tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	return errors.As(err, &header) || errors.As(err, &verify) || strings.Contains(err.Error(), "tls: ")
}

// message says in a few words what went wrong.
func message(kind ErrorKind, err error) string {
	var dns *net.DNSError
	var header tls.RecordHeaderError
	switch {
	case kind == KindLocal:
		return "this machine has no more files or memory for connections: " + lastPart(err)
	case errors.As(err, &dns):
		return dnsMessage(dns)
	case kind == KindTimeout:
		return "no answer in time"
	case kind == KindRefused:
		return "connection refused"
	case kind == KindReset:
		return "the connection ended before the answer did"
	case kind == KindCancelled:
		return "the run ended before the answer came"
	case errors.As(err, &header):
		return "the server does not speak TLS"
	case kind == KindTLS:
		return "TLS handshake failed: " + lastPart(err)
	}
	return lastPart(err)
}

// noSuchHost reports whether DNS has no address for a name.
func noSuchHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

func dnsMessage(err *net.DNSError) string {
	switch {
	case err.IsNotFound:
		return "no address found for " + err.Name
	case err.IsTimeout:
		return fmt.Sprintf("the look-up of %s got no answer in time", err.Name)
	}
	return fmt.Sprintf("the look-up of %s failed: %s", err.Name, err.Err)
}

// lastPart drops what the layers of the standard library put before the
// reason, such as "dial tcp 192.0.2.1:443: connect: ".
func lastPart(err error) string {
	var op *net.OpError
	for errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return strings.TrimPrefix(err.Error(), "tls: ")
}

// describeCert turns a refused certificate into data, or returns nil if err is
// no such refusal.
func describeCert(err error, now time.Time) *Error {
	var verify *tls.CertificateVerificationError
	if !errors.As(err, &verify) {
		return nil
	}
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && now.Before(invalid.Cert.NotBefore):
		return &Error{Kind: CertNotYetValid, Message: "the certificate is not valid before " + day(invalid.Cert.NotBefore)}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &Error{Kind: CertExpired, Message: "the certificate expired on " + day(invalid.Cert.NotAfter)}
	case errors.As(err, &host):
		return &Error{Kind: CertWrongHost, Message: "the certificate is for " + namesOf(host.Certificate) + ", not for " + host.Host}
	case errors.As(err, &authority) && selfSigned(verify.UnverifiedCertificates[0]):
		return &Error{Kind: CertSelfSigned, Message: "the certificate is self-signed"}
	case errors.As(err, &authority):
		return &Error{Kind: CertUnknownAuthority, Message: "the certificate is from an untrusted authority"}
	}
	return &Error{Kind: CertInvalid, Message: "the certificate is not valid: " + strings.TrimPrefix(verify.Err.Error(), "x509: ")}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// namesOf lists what a certificate is for, the first names of many.
func namesOf(c *x509.Certificate) string {
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	const most = 3
	switch {
	case len(names) == 0:
		return "no host at all"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
