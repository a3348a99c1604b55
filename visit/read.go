package visit

import (
	"slices"
	"strings"
	"time"

	"hsts-check/browser"
	"hsts-check/hsts"
)

// ReadBy returns what a client reads of an exchange's answer.
func (x *Exchange) ReadBy(c hsts.Client) Head {
	if h, other := x.Otherwise[c]; other {
		return h
	}
	return x.Head
}

// cookieLines are the Set-Cookie field lines of an answer in order, of
// maxSetCookie bytes in all. Otherwise has those that a browser reads where they
// are others.
type cookieLines struct {
	all       []string
	otherwise map[hsts.Client][]string
}

func (l *cookieLines) readBy(c hsts.Client) []string {
	if lines, other := l.otherwise[c]; other {
		return lines
	}
	return l.all
}

// MadeBy reports whether a client made the exchange.
func (x *Exchange) MadeBy(c hsts.Client) bool {
	return x.Clients == nil || slices.Contains(x.Clients, c)
}

// Untrusted reports whether the certificate did not verify.
func (x *Exchange) Untrusted() bool { return x.TLS != nil && x.TLS.Error != nil }

// Field returns the one Strict-Transport-Security field of a head that a client
// reads: the first whose name it takes for the header's.
func (h *Head) Field(c hsts.Client) (field string, ok bool) {
	for i, field := range h.STS {
		if c == hsts.Chromium || !slices.Contains(h.STSBlank, i) {
			return field, true
		}
	}
	return "", false
}

// Answer returns what a client makes of an exchange. Number is for the caller's
// use.
func (x *Exchange) Answer(c hsts.Client, number int) browser.Answer {
	a := browser.Answer{
		Met:    x.TLS != nil || x.Status != 0 || len(x.Otherwise) > 0,
		Took:   time.Duration(x.MS) * time.Millisecond,
		Number: number,
	}
	if x.Untrusted() {
		return a
	}
	h := x.ReadBy(c)
	a.Status, a.Location, a.Refresh = h.Status, h.Location, h.Refresh
	a.Secure = h.Status != 0 && strings.HasPrefix(x.URL, "https://")
	a.ClearsSiteData = clearsPolicies(h.ClearSiteData)
	if field, ok := h.Field(c); ok && a.Secure {
		if p, accepted := hsts.Read(c, field); accepted {
			a.Policy = &p
		}
	}
	return a
}

// clearsPolicies reports whether a Clear-Site-Data field has one of the types
// with which Firefox forgets what a host has told it (measured with Firefox ESR
// 153).
func clearsPolicies(field string) bool {
	for value := range strings.SplitSeq(field, ",") {
		switch strings.Trim(value, " \t") {
		case `"cache"`, `"*"`:
			return true
		}
	}
	return false
}
