package hsts

import (
	"fmt"
	"slices"
)

// A Client is a reader of fields whose behaviour is known.
type Client int

// The clients, as measured with Chromium 156 and Firefox ESR 153. The zero
// value is the strict reading of the RFC.
const (
	RFC6797 Client = iota
	Chromium
	Firefox
)

// Clients lists all clients.
var Clients = []Client{RFC6797, Chromium, Firefox}

// The longest that a browser keeps a policy, in seconds.
const (
	chromiumMaxAge = 31536000   // one year: kMaxHSTSAgeSecs in net/http/http_security_headers.h
	firefoxMaxAge  = 3153600000 // a hundred years, as measured
)

// String returns "RFC 6797", "Chromium" or "Firefox".
func (c Client) String() string {
	return [...]string{"RFC 6797", "Chromium", "Firefox"}[c]
}

var clientNames = [...]string{"rfc6797", "chromium", "firefox"}

// MarshalText returns the client's name in records: "rfc6797", "chromium" or
// "firefox".
func (c Client) MarshalText() ([]byte, error) {
	if int(c) >= len(clientNames) {
		return nil, fmt.Errorf("there is no client %d", int(c))
	}
	return []byte(clientNames[c]), nil
}

// UnmarshalText reads what [Client.MarshalText] writes.
func (c *Client) UnmarshalText(text []byte) error {
	i := slices.Index(clientNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is not a client: there are rfc6797, chromium and firefox", text)
	}
	*c = Client(i)
	return nil
}

// Read returns what client c makes of a field: the policy with the client's
// own cap on max-age, and whether it accepts the field at all. An accepted policy
// with a MaxAge of 0 makes it forget the host. A field that is not accepted
// gives a zero policy.
func Read(c Client, field string) (Policy, bool) {
	p, faults := read(c, field)
	for _, f := range faults {
		if f.Fatal {
			return Policy{}, false
		}
	}
	switch c {
	case Chromium:
		p.MaxAge = min(p.MaxAge, chromiumMaxAge)
	case Firefox:
		p.MaxAge = min(p.MaxAge, firefoxMaxAge)
	}
	return p, true
}
