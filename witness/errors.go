package witness

import (
	"strings"

	"hsts-check/visit"
)

// certErrors are Chromium's names of what is wrong with a certificate
// (net/base/net_error_list.h).
var certErrors = map[string]visit.Error{
	"ERR_CERT_DATE_INVALID":        {Kind: visit.CertExpired, Message: "the certificate has expired or is not valid yet"},
	"ERR_CERT_COMMON_NAME_INVALID": {Kind: visit.CertWrongHost, Message: "the certificate is for another host"},
	"ERR_CERT_AUTHORITY_INVALID":   {Kind: visit.CertUnknownAuthority, Message: "the certificate is from an authority that is not trusted"},
}

// netErrors are its names of what else keeps an answer from coming.
var netErrors = map[string]visit.Error{
	"ERR_NAME_NOT_RESOLVED":              {Kind: visit.KindDNS, Message: "no address found", NoSuchHost: true},
	"ERR_NAME_RESOLUTION_FAILED":         {Kind: visit.KindDNS, Message: "the look-up failed"},
	"ERR_DNS_TIMED_OUT":                  {Kind: visit.KindDNS, Message: "the look-up got no answer in time"},
	"ERR_CONNECTION_REFUSED":             {Kind: visit.KindRefused, Message: "connection refused"},
	"ERR_CONNECTION_TIMED_OUT":           {Kind: visit.KindTimeout, Message: "no answer in time"},
	"ERR_TIMED_OUT":                      {Kind: visit.KindTimeout, Message: "no answer in time"},
	"ERR_CONNECTION_RESET":               {Kind: visit.KindReset, Message: "the connection ended before the answer did"},
	"ERR_CONNECTION_CLOSED":              {Kind: visit.KindReset, Message: "the connection ended before the answer did"},
	"ERR_CONNECTION_ABORTED":             {Kind: visit.KindReset, Message: "the connection ended before the answer did"},
	"ERR_EMPTY_RESPONSE":                 {Kind: visit.KindReset, Message: "the connection ended before the answer did"},
	"ERR_ADDRESS_UNREACHABLE":            {Kind: visit.KindUnreachable, Message: "no route to the host"},
	"ERR_INTERNET_DISCONNECTED":          {Kind: visit.KindUnreachable, Message: "this machine has no network"},
	"ERR_NETWORK_ACCESS_DENIED":          {Kind: visit.KindUnreachable, Message: "this machine lets no connection be made"},
	"ERR_PROXY_CONNECTION_FAILED":        {Kind: visit.KindUnreachable, Message: "the proxy gives no answer"},
	"ERR_TUNNEL_CONNECTION_FAILED":       {Kind: visit.KindUnreachable, Message: "the proxy makes no tunnel"},
	"ERR_SOCKS_CONNECTION_FAILED":        {Kind: visit.KindUnreachable, Message: "the proxy makes no connection"},
	"ERR_TOO_MANY_REDIRECTS":             {Kind: visit.KindRedirects, Message: "redirects more than 19 times"},
	"ERR_INVALID_REDIRECT":               {Kind: visit.KindRedirects, Message: "redirects to what is no URL"},
	"ERR_UNSAFE_REDIRECT":                {Kind: visit.KindRedirects, Message: "redirects to something that is not a web page"},
	"ERR_UNKNOWN_URL_SCHEME":             {Kind: visit.KindRedirects, Message: "leads to something that is not a web page"},
	"ERR_BLOCKED_BY_CLIENT":              {Kind: visit.KindRedirects, Message: "was not let through"},
	"ERR_UNSAFE_PORT":                    {Kind: visit.KindUnreachable, Message: "browsers block the port"},
	"ERR_SSL_PROTOCOL_ERROR":             {Kind: visit.KindTLS, Message: "TLS handshake failed"},
	"ERR_SSL_VERSION_OR_CIPHER_MISMATCH": {Kind: visit.KindTLS, Message: "TLS handshake failed: no version or cipher in common"},
	"ERR_BAD_SSL_CLIENT_AUTH_CERT":       {Kind: visit.KindTLS, Message: "TLS handshake failed: the server wants a client certificate"},
	"ERR_SSL_CLIENT_AUTH_CERT_NEEDED":    {Kind: visit.KindTLS, Message: "TLS handshake failed: the server wants a client certificate"},
}

// failure turns what Chromium calls a failed request into data. A certificate that
// it does not trust is a fact about TLS: it has met the host.
func failure(text string) (*visit.Error, *visit.TLS) {
	name := strings.TrimPrefix(text, "net::")
	said := " (Chromium: " + name + ")"
	if e, ok := certErrors[name]; ok {
		e.Message += said
		return nil, &visit.TLS{Error: &e}
	}
	e, ok := netErrors[name]
	switch {
	case ok:
	case strings.HasPrefix(name, "ERR_CERT_"):
		return nil, &visit.TLS{Error: &visit.Error{Kind: visit.CertInvalid, Message: "the certificate is not valid" + said}}
	case strings.HasPrefix(name, "ERR_SSL_"):
		e = visit.Error{Kind: visit.KindTLS, Message: "TLS handshake failed"}
	default:
		e = visit.Error{Kind: visit.KindProtocol, Message: "no page came of it"}
	}
	e.Message += said
	return &e, nil
}
