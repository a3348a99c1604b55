// Package browser knows what three clients do on a visit: which URL each asks
// for next, and what each remembers of the hosts that answered. It touches no
// network and keeps no time but the one that it is told.
package browser

import "hsts-check/hsts"

// A Client is one of those whose memory is answered for.
type Client = hsts.Client

// The clients, the browsers as measured at their default settings with
// Chromium 156 and Firefox ESR 153.
const (
	RFC6797  = hsts.RFC6797
	Chromium = hsts.Chromium
	Firefox  = hsts.Firefox
)
