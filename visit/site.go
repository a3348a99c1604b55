package visit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"hsts-check/browser"
)

// A Site is one row of a list.
type Site struct {
	Group string
	Name  string
	// URL is as listed, with https:// added where the list gave no scheme.
	URL string
	// Schemeless says that the list gave no scheme: browsers then ask https
	// first and fall back to http, and the others ask https alone.
	Schemeless bool
	Pos        Position
	// Terms is what the list says with the site, nil for nothing. Sites may
	// share it: it must not be changed.
	Terms *Terms
	// Fault says why the row could not be read. Such a site is not visited: its
	// result is unknown, of kind [KindInput].
	Fault error
}

// A Position is where a site stood: the list's file name as the user gave it
// ("-" for stdin) and its line, counted from 1. Sites named as arguments have
// none.
type Position struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// address returns the URL that clients are sent to, or why there is none.
func (s *Site) address() (browser.URL, *Error) {
	if s.Fault != nil {
		return browser.URL{}, &Error{Kind: KindInput, Message: s.Fault.Error()}
	}
	u, err := browser.ParseURL(s.URL)
	if err != nil {
		return u, &Error{Kind: KindInput, Message: fmt.Sprintf("%.200q cannot be visited: %v", s.URL, err)}
	}
	return u, nil
}

// ID names the site across runs and machines: 16 hexadecimal digits, the same
// for the same group, name and URL, always.
func (s Site) ID() string {
	sum := sha256.Sum256([]byte(s.Group + "\x00" + s.Name + "\x00" + s.URL))
	return hex.EncodeToString(sum[:8])
}
