package visit

import (
	"time"

	"hsts-check/hsts"
)

// A Visit is everything the network showed of one site. Facts only: what they
// mean is for [Judge].
type Visit struct {
	Site      Site
	CheckedAt time.Time
	SeenBy    *SeenBy // nil where the program alone has seen the page
	// Exchanges are in the order in which they were made: first the page's own
	// redirect chain, then what the probes saw.
	Exchanges []Exchange
	// Error says why a site was not visited at all: its row is faulty, or the
	// run ended before its turn. What went wrong with one request stands in
	// its exchange.
	Error *Error
}

// A SeenBy names who has seen a page besides the program.
type SeenBy struct {
	// Browser is a real browser and its version: "Chromium 156.0.8078.108".
	Browser string `json:"browser,omitempty"`
}

// A Probe names what an exchange was made for.
type Probe string

// The page is always visited; the others are asked for.
const (
	ProbePage      Probe = "page"       // the listed URL and the redirects behind it
	ProbeHTTP      Probe = "http"       // one GET of http://HOST/, not followed
	ProbeErrorPage Probe = "error-page" // a path of the same host that does not exist
	ProbeAddresses Probe = "addresses"  // the listed URL at each address of its host
	ProbeApex      Probe = "apex"       // the registrable domain
	ProbeWWW       Probe = "www"        // www. below the registrable domain

	// Where a real browser has seen the page too, one of the two visits is judged
	// as the page. The other's exchanges bear one of these.
	ProbeProgram Probe = "program" // the page as the program itself saw it
	ProbeBrowser Probe = "browser" // the page as a real browser saw it
)

// An Exchange is one request and its response head, or the error that stood in
// its place.
type Exchange struct {
	Probe Probe `json:"probe"`
	// Clients are those that made the request, in the order of
	// [hsts.Clients]; nil stands for all of them, and for the program itself in
	// probes.
	Clients []hsts.Client `json:"clients,omitempty"`
	URL     string        `json:"url"`
	// Sent holds the names of the fields of a [Request] that were sent, in the
	// order in which they were; Accept is what was asked for of an answer of
	// status 406.
	Sent   []string `json:"sent,omitempty"`
	Accept string   `json:"accept,omitempty"`
	// Address is what was dialled, "203.0.113.7:443". Empty where a proxy was
	// dialled instead, or no address was found.
	Address string `json:"address,omitempty"`
	// Head is what the rfc6797 client reads of the answer, and every client
	// that is not in Otherwise.
	Head
	// Otherwise holds what a client reads of the same bytes where that is
	// something else. A Status of 0 says that it reads no answer in them.
	Otherwise map[hsts.Client]Head `json:"otherwise,omitempty"`
	// MS is how long the exchange took, in milliseconds, from the look-up of
	// the host to the end of the response head.
	MS    int64  `json:"ms"`
	TLS   *TLS   `json:"tls,omitempty"`
	Error *Error `json:"error,omitempty"`
}

// A Head is what is of use in a response's head. The zero value is that of no
// answer.
type Head struct {
	// Proto is "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", or, of a real browser's,
	// "HTTP/3.0".
	Proto  string `json:"proto,omitempty"`
	Status int    `json:"status,omitempty"`
	// STS holds the value of each Strict-Transport-Security field line, in
	// order, blanks at the ends stripped and the bytes between untouched.
	STS []string `json:"sts,omitempty"`
	// STSBlank holds the indices of those in STS whose name had a blank before
	// the colon: Chromium reads such a field, Firefox and RFC 9112 section 5.1
	// do not.
	STSBlank []int `json:"sts_blank,omitempty"`
	// Misnamed holds the names of fields that are nearly that of the header,
	// as they were sent, in an answer that has none of the name itself.
	Misnamed []string `json:"misnamed,omitempty"`
	Location string   `json:"location,omitempty"`
	// Refresh is the Refresh field, or else the content of the page's
	// meta element that stands for one.
	Refresh string `json:"refresh,omitempty"`
	// ClearSiteData is the Clear-Site-Data field; several are joined by commas.
	ClearSiteData string `json:"clear_site_data,omitempty"`
	// Server is the first Server field: what the software calls itself.
	Server string `json:"server,omitempty"`
	// Authenticate holds the schemes that an answer of status 401 offers, as
	// "Basic", the first four.
	Authenticate []string `json:"authenticate,omitempty"`
	// RetryAfter is the Retry-After field of an answer of status 429 or 503, if it
	// can be read: seconds, or a time.
	RetryAfter string `json:"retry_after,omitempty"`
	// Challenge says that a filter answered in the site's place, and asks the
	// browser to show that it is one (cf-mitigated: challenge).
	Challenge bool `json:"challenge,omitempty"`
	// Cut holds how long values were, in bytes, that were too long to be kept
	// whole, by their names here.
	Cut map[string]int `json:"cut,omitempty"`
}

// TLS holds what was seen of an exchange's TLS connection.
type TLS struct {
	Version string `json:"version,omitempty"` // "TLS 1.3"
	// NotBefore and NotAfter are when the leaf certificate begins and ends.
	NotBefore *time.Time `json:"not_before,omitempty"`
	NotAfter  *time.Time `json:"not_after,omitempty"`
	// ChainIncomplete: the server did not send its intermediate, and the
	// certificate verified with the one that its AIA URL gave.
	ChainIncomplete bool `json:"chain_incomplete,omitempty"`
	// ClientCertificate is "asked" where the server has asked for one and got
	// none, "sent" where it got that of a [Request].
	ClientCertificate string `json:"client_certificate,omitempty"`
	// Error is why the certificate did not verify; nil when it did. The
	// exchange's head, if any, was then read on a second connection that
	// verified nothing, and can teach a browser nothing.
	Error *Error `json:"error"`
}

// An Error is something that kept an exchange or a site from being judged.
type Error struct {
	Kind    ErrorKind `json:"kind"`
	Message string    `json:"message"`
	// NoSuchHost says that DNS has no address for the name, where Kind is
	// [KindDNS]; other failures of a look-up may pass.
	NoSuchHost bool `json:"no_such_host,omitempty"`
	// Stack is where a bug of ours showed, where Kind is [KindInternal]. It is
	// for the maintainers and stands in no record.
	Stack string `json:"-"`
}

func (e *Error) Error() string { return e.Message }

// An ErrorKind is the machine's name of an error.
type ErrorKind string

// Kinds of errors of a site or an exchange.
const (
	KindInput       ErrorKind = "input"       // the list's row cannot be visited
	KindDNS         ErrorKind = "dns"         // the name was not found or not looked up
	KindRefused     ErrorKind = "refused"     // connection refused
	KindUnreachable ErrorKind = "unreachable" // no route, or no address of the family asked for
	KindTimeout     ErrorKind = "timeout"     // no answer in time
	KindReset       ErrorKind = "reset"       // the connection ended early
	KindTLS         ErrorKind = "tls"         // the handshake failed, or the certificate could not be judged
	KindProtocol    ErrorKind = "protocol"    // what came is not an HTTP response head
	KindRedirects   ErrorKind = "redirects"   // a loop, too many, or one that must not be followed
	KindBlocked     ErrorKind = "blocked"     // status 401, 403, 406, 429 or 451 without the header
	KindStatus      ErrorKind = "status"      // any other 4xx or 5xx without the header
	KindCancelled   ErrorKind = "cancelled"   // the run ended first
	KindLocal       ErrorKind = "local"       // this machine ran short of files or memory: no fact about the site
	KindInternal    ErrorKind = "internal"    // a bug of ours
)

// Kinds of certificate errors, in [TLS].
const (
	CertExpired          ErrorKind = "expired"
	CertNotYetValid      ErrorKind = "not-yet-valid"
	CertWrongHost        ErrorKind = "wrong-host"
	CertUnknownAuthority ErrorKind = "unknown-authority"
	CertSelfSigned       ErrorKind = "self-signed"
	CertInvalid          ErrorKind = "invalid"  // any other refusal of the platform
	CertUnjudged         ErrorKind = "unjudged" // the missing intermediate could not be fetched
)
