package audit

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"hsts-check/visit"
)

// statusError is the error of an answer without the header that is no page: what
// bars the way, and behind a colon what lets one in.
func statusError(a *answer, at time.Time) *Error {
	kind, what := visit.KindStatus, " without the header: an error page proves nothing; check the URL"
	switch a.Status {
	case 401, 403, 406, 429, 451:
		kind, what = visit.KindBlocked, " without the header: the server may refuse this client; try --browser, or another User-Agent (-A)"
	}
	if barrier := a.barrier(at); barrier != "" {
		what = barrier
	}
	return &Error{Kind: kind, Message: fmt.Sprintf("status %d%s", a.Status, what)}
}

// barrier goes on from the status with what the server asks of those that are to
// get another answer, "" where it does not tell.
func (a *answer) barrier(at time.Time) string {
	switch {
	case a.Challenge:
		return ", and Cloudflare challenges the client: only a browser can pass that; open the site in one, or ask the site's owner to let hsts-check in"
	case a.mayWantCertificate(visit.CertificateAsked):
		return ", and the server wants a client certificate: give one with -E FILE, and its key with --key FILE"
	case a.mayWantCertificate(visit.CertificateSent) && len(a.Authenticate) == 0:
		return " with the client certificate that was sent: the server may not take it; check -E"
	}
	switch a.Status {
	case http.StatusUnauthorized:
		return a.login()
	case http.StatusNotAcceptable:
		if a.Accept != "" {
			return fmt.Sprintf(", and nothing fits the Accept that was sent: it was %.200q; ask for another type with -H 'Accept: ...'", a.Accept)
		}
	case http.StatusTooManyRequests:
		if wait, ok := a.comeAgain(at); ok {
			return wait + ", with a lower -c or --rate"
		}
		return ", and the server takes this for too many visits: try again later, with a lower -c or --rate"
	case http.StatusServiceUnavailable:
		wait, _ := a.comeAgain(at)
		return wait
	}
	return ""
}

// mayWantCertificate reports whether a status may be about the client certificate
// that was asked for, or sent. 400 is nginx's, 403 that of Apache and IIS.
func (a *answer) mayWantCertificate(state string) bool {
	return a.TLS != nil && a.TLS.ClientCertificate == state && slices.Contains([]int{400, 401, 403}, a.Status)
}

// login says how a server wants to be shown who asks.
func (a *answer) login() string {
	sent := slices.ContainsFunc(a.Sent, func(name string) bool { return strings.EqualFold(name, "Authorization") })
	basic := slices.ContainsFunc(a.Authenticate, func(scheme string) bool { return strings.EqualFold(scheme, "Basic") })
	switch {
	case sent:
		return " for the Authorization that was sent: check -u, or -H 'Authorization: ...'"
	case basic && !a.https():
		return ", and the server asks for a user and password: they are not sent over plain http; list its https URL, and give them with -u USER:PASSWORD"
	case basic:
		return ", and the server asks for a user and password: give them with -u USER:PASSWORD"
	case len(a.Authenticate) > 0:
		return ", and the server asks for " + strings.Join(a.Authenticate, ", ") + ": send a token with -H 'Authorization: ...', as hsts-check does Basic alone"
	}
	return ", and the server does not say how to log in: send what it takes with -u USER:PASSWORD or -H"
}

// comeAgain says when, by what the server said at a time, if it did.
func (a *answer) comeAgain(at time.Time) (string, bool) {
	wait, ok := visit.RetryAfter(a.RetryAfter, at)
	if !ok || wait <= 0 {
		return "", false
	}
	return ", and the server asks clients to return in " + waiting(wait) + ": visit it then", true
}

// waiting says how long, in the unit that leaves two digits at most, rounded up.
func waiting(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Second, "s"}, {time.Minute, "min"}, {time.Hour, "h"}} {
		if n := (d + u.unit - 1) / u.unit; n < 100 {
			return fmt.Sprintf("%d %s", n, u.name)
		}
	}
	const day = 24 * time.Hour
	return fmt.Sprintf("%d days", (d+day-1)/day)
}
