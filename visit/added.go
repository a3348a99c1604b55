package visit

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// A Request is what the user adds to requests, to be let in or to be taken for
// somebody else. The zero value adds nothing.
//
// It is for the listed host and its subdomains in that host's own visit, and for
// no other host that a redirect or a probe leads to, and for https with a good
// certificate. Where the listed URL is one of http, fields go over http too, but
// for what lets people in: cookies, a user, and fields whose name says so, such as
// X-Api-Key. Those do within this machine alone, to localhost or a loopback
// address. Records name the fields that were sent;
// where a server sends a secret of four bytes or more back, "***" stands in the
// record, and "hidden" in a host's name.
type Request struct {
	// Header holds fields to send, those of a name that a navigation has in place
	// of its own. A name without values takes that away. Cookie is sent beside
	// the cookies of the visit. A [Wire] with a field that [Request.AddField]
	// refuses visits nothing.
	Header http.Header
	// User is sent for Basic authentication (RFC 7617), unless Header has
	// Authorization.
	User *url.Userinfo
	// Jar has cookies to send beside those of the visit; it is told of none.
	Jar http.CookieJar
	// Certificate is shown to a host that asks for one.
	Certificate *tls.Certificate

	filed secrets // the values of cookies of files
}

// AddField takes a field as curl writes them: "Name: value" is sent, "Name:"
// takes away what would be sent of that name, and "Name;" is sent empty. The
// error quotes nothing that may be secret.
func (r *Request) AddField(line string) error {
	name, value, ok := strings.Cut(line, ":")
	value = strings.Trim(value, " \t")
	empty := false
	if bare, found := strings.CutSuffix(strings.TrimRight(line, " \t"), ";"); found && !ok {
		name, empty, ok = bare, true, true
	}
	if !ok {
		return errors.New(`it has no colon: write "Name: value"`)
	}
	if err := checkField(name, value); err != nil {
		return err
	}
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	for other := range r.Header {
		if strings.EqualFold(other, name) {
			name = other
		}
	}
	values := r.Header[name]
	if value != "" || empty {
		values = append(values, value)
	}
	r.Header[name] = values
	return nil
}

// notForUsers are the fields that say how one connection goes, or whose it is,
// and why each is not the user's to send.
var notForUsers = map[string]string{
	"host":                "it names the site: lead the site elsewhere with --connect-to or --resolve",
	"proxy-authorization": "it is for the proxy: write user and password into the URL of --proxy",
	"content-length":      "requests have no body",
	"connection":          aboutConnection,
	"keep-alive":          aboutConnection,
	"proxy-connection":    aboutConnection,
	"te":                  aboutConnection,
	"trailer":             aboutConnection,
	"transfer-encoding":   aboutConnection,
	"upgrade":             aboutConnection,
	"http2-settings":      aboutConnection,
}

// RFC 9110 section 7.6.1.
const aboutConnection = "it is about the connection, which hsts-check keeps for itself"

// checkField says why a field cannot be sent, and quotes nothing but a name that
// is one.
func checkField(name, value string) error {
	why, refused := notForUsers[strings.ToLower(name)]
	switch {
	case refused:
		return fmt.Errorf("%s cannot be sent: %s", name, why)
	case !httpguts.ValidHeaderFieldName(name):
		return errors.New("the text before the colon is not a field name: it takes letters, digits and hyphens")
	case !httpguts.ValidHeaderFieldValue(value):
		return fmt.Errorf("the value of %s holds a line break or another control character: write it on one line", name)
	}
	return nil
}

// check says what of a request cannot be sent.
func (r *Request) check() error {
	for name, values := range r.Header {
		for _, value := range append([]string{""}, values...) {
			if err := checkField(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}
