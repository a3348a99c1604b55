package browser

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hsts-check/hsts"
)

// A Tab is one client with an empty profile that is sent to one address. It is
// a state machine: [Tab.Next] says what the client asks for next, [Tab.Take]
// tells it what came, until it asks for nothing more. What it has learned by
// then stays in its store. It is not safe for concurrent use.
type Tab struct {
	client Client
	now    func() time.Time
	store  hsts.Store
	jar    jar

	state state
	want  URL // what is asked for next, while state is asking or background
	last  URL // what the last answer was for
	end   End
	cut   string   // why a redirect was not followed
	chain []string // the hosts met, the listed one first
	told  []lesson // what hosts have last told the client

	upgrade   upgrade
	followed  int       // redirects that this navigation has followed
	most      int       // how many it may follow
	refreshed int       // pages that have led on by a refresh
	visited   []visited // what was answered or not, in order
}

// A visited is a request that was made. A cookie can change what comes of it.
type visited struct {
	url    URL
	cookie string
}

// An upgrade is what a browser keeps of its own changes from http to https,
// which no policy asked for.
type upgrade struct {
	from   URL      // the http URL that was upgraded last; zero for none
	fallen bool     // the browser has fallen back to it
	direct bool     // the request under way is the upgraded one itself
	exempt []string // hosts that are left on http from now on
	tried  []URL    // http URLs that were upgraded in this navigation
	late   *Answer  // what came, or not, after Firefox had lost its patience
}

// A lesson is the answer by which a host has last taught the client a policy,
// or, with a max-age of 0, made it forget its own.
type lesson struct {
	host   string
	number int // of the answer
	off    bool
}

type state int

const (
	done       state = iota
	asking           // for what the address or the last answer led to
	background       // for http://HOST/, to see whether http answers where https is slow
)

// An End says how a client's way ended.
type End int

// The ways end like this; all but Arrived leave a part of the chain unseen.
const (
	UnderWay End = iota
	Arrived      // at an answer that leads no further
	Failed       // at a request that brought no answer, or a bad certificate
	TooMany      // at one redirect more than the client follows
	Refused      // at a URL that the client does not ask for
)

// Redirects that a navigation follows, as measured. An upgrade to https, by a
// policy or by the browser itself, counts as one.
const (
	// net::URLRequest::kMaxRedirects is 20; the twentieth fails. To Chromium a
	// fallback to http is one too.
	chromiumRedirects = 19
	// What Chromium begins again at http after too many redirects may follow one
	// more.
	chromiumAgainRedirects = 20
	firefoxRedirects       = 20 // network.http.redirection-limit
	// RFC 6797 has no limit; RFC 9110 section 15.4 asks for some. The greater of the two.
	rfcRedirects = 20
)

// MaxURL is the longest URL, in bytes, to which a redirect or a refresh is
// followed. It is a bound of cost, as a survey makes many visits at once: the
// browsers' own are 2 MiB (Chromium, url::kMaxURLChars) and 1 MiB (Firefox,
// network.standard-url.max-length). A way that ends by it says so.
const MaxURL = 8 << 10

// LeastPatience is the shortest time after which a browser does something else
// than wait for an answer.
const LeastPatience = firefoxPatience

// How long browsers wait for the answer to a request that they have themselves
// upgraded to https, as measured. Chromium then gives up. Firefox asks
// http://HOST/ in the background and gives up if that answers.
const (
	chromiumPatience = 3 * time.Second
	firefoxPatience  = 2200 * time.Millisecond
)

var patience = [...]time.Duration{Chromium: chromiumPatience, Firefox: firefoxPatience}

// maxRefreshes is how many pages of one visit may lead on by a refresh. A
// browser has no limit; a page that is four refreshes away is not one anybody
// waits for.
const maxRefreshes = 4

// maxRequests bounds all that a client asks for in one visit, however often it
// falls back and begins again. Chromium was measured to make 40 at the most.
const maxRequests = 64

// maxRefreshDelay is how long a page may stay before its refresh is no part of
// the visit any more. Five seconds is the longest that was measured.
const maxRefreshDelay = 5 * time.Second

// Open sends a client to an address. Schemeless says that the address was
// given without a scheme, and u has https: browsers then ask https first and
// fall back to http, whatever the host. The client's clock is now.
func Open(c Client, u URL, schemeless bool, now func() time.Time) *Tab {
	t := &Tab{client: c, now: now, store: hsts.Store{Client: c, Now: now}, most: mostRedirects(c)}
	t.meet(u)
	if schemeless && u.Port == "" && c != RFC6797 {
		http := u
		http.Scheme = "http"
		t.upgradeSelf(http)
		return t
	}
	t.goTo(u)
	return t
}

// mostRedirects is how many redirects a navigation of a client follows.
func mostRedirects(c Client) int {
	switch c {
	case Chromium:
		return chromiumRedirects
	case Firefox:
		return firefoxRedirects
	}
	return rfcRedirects
}

// A Request is what a client asks for next.
type Request struct {
	URL    URL
	Cookie string // the Cookie field, "" for none
	// Patience is how long the client waits for the answer before it tries
	// something else; 0 is for as long as it takes.
	Patience time.Duration
}

// Next returns what the client asks for next, and whether there is anything.
// It changes nothing.
func (t *Tab) Next() (Request, bool) {
	if t.state == done {
		return Request{}, false
	}
	r := Request{URL: t.want, Cookie: t.jar.header(t.want, t.now())}
	if t.state == asking && t.upgrade.direct {
		r.Patience = patience[t.client]
	}
	return r, true
}

// An Answer is what came of a request, as one client reads it. The zero value
// is none.
type Answer struct {
	Status int // 0 where no answer came, or none that the client reads
	// Met says that the request, or the TLS handshake before it, reached the
	// host, even where no answer came of it.
	Met bool
	// Secure says that the answer came over TLS without any error. A client
	// takes nothing of what stands behind a bad certificate: its Status is 0.
	Secure bool
	// Policy is what the client reads of the first Strict-Transport-Security
	// field, nil where there is none that it accepts.
	Policy         *hsts.Policy
	Location       string // the Location field of a redirect, "" for none
	Refresh        string // the Refresh field, or what a meta element says in its place
	ClearsSiteData bool   // Clear-Site-Data has "cache" or "*"
	SetCookie      []string
	Took           time.Duration
	Number         int // what the caller calls it; see [Tab.Known]
}

// Take tells the client what came of a request for u, which is what [Tab.Next]
// asked for, or else what the client is known to have asked for.
func (t *Tab) Take(u URL, a Answer) {
	if t.state == background {
		t.takeBackground(u, a)
		return
	}
	t.last = u
	t.visited = append(t.visited, t.request(u))
	if a.Met || a.Status != 0 {
		t.meet(u)
	}
	slow := t.client == Firefox && t.upgrade.direct && u.Scheme == "https" && a.Took >= firefoxPatience
	if slow {
		t.upgrade.late = &a
		t.want, t.state = URL{Scheme: "http", Host: u.Host, Path: "/"}, background
		return
	}
	if t.client == Chromium && t.upgrade.direct && a.Took >= chromiumPatience {
		a = Answer{}
	}
	t.take(a)
}

// request is what asking for u now would be.
func (t *Tab) request(u URL) visited { return visited{u, t.jar.header(u, t.now())} }

// takeBackground tells Firefox whether http answers. If so, https is given up
// for good.
func (t *Tab) takeBackground(u URL, a Answer) {
	late := t.upgrade.late
	t.upgrade.late = nil
	switch {
	case a.Status != 0 && u == t.upgrade.from:
		t.exempt(u)
		t.state = asking
		t.Take(u, a)
	case a.Status != 0:
		t.fallBack()
	default:
		if u == t.upgrade.from { // to fall back would be to ask for it once more
			t.upgrade.fallen = true
		}
		t.take(*late)
	}
}

// take learns from the answer to t.last and goes where it leads.
func (t *Tab) take(a Answer) {
	t.state = done
	if a.Status == 0 {
		t.stop(Failed)
		return
	}
	t.learn(a)
	t.jar.take(t.client, t.last, a.SetCookie, t.now())
	switch {
	case IsRedirect(a.Status) && a.Location != "":
		t.follow(a.Location)
	case t.client == Firefox && t.upgrade.direct && !t.upgrade.fallen && firefoxFallsBackOn(a.Status):
		t.fallBack()
	case t.refreshes(a):
	default:
		t.stop(Arrived)
	}
}

// IsRedirect reports whether a status with a Location leads elsewhere
// (https://fetch.spec.whatwg.org/#redirect-status).
func IsRedirect(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// firefoxFallsBackOn reports whether Firefox tries http after its own upgrade
// brought such a status (measured: all from 400 to 599 but 500, and 204 and 205,
// which open no page).
func firefoxFallsBackOn(status int) bool {
	return status >= 400 && status <= 599 && status != 500 || status == 204 || status == 205
}

// learn takes in what the answer to t.last makes the client remember.
func (t *Tab) learn(a Answer) {
	host := t.last.Hostname()
	if a.Secure && a.Policy != nil && !t.denies(host) && t.store.Set(host, *a.Policy) {
		t.unlearn(host)
		t.told = append(t.told, lesson{host, a.Number, a.Policy.MaxAge == 0})
	}
	// Firefox alone forgets a policy with the cache: the entry of the host
	// itself, not that of a parent (measured).
	if t.client == Firefox && a.ClearsSiteData && a.Secure {
		t.store.Forget(host)
		if l, ok := t.lesson(host); ok && !l.off {
			t.unlearn(host)
		}
	}
}

func (t *Tab) lesson(host string) (lesson, bool) {
	i := slices.IndexFunc(t.told, func(l lesson) bool { return l.host == host })
	if i < 0 {
		return lesson{}, false
	}
	return t.told[i], true
}

func (t *Tab) unlearn(host string) {
	t.told = slices.DeleteFunc(t.told, func(l lesson) bool { return l.host == host })
}

// denies reports whether the client says of a host that it holds no policy for
// it, whatever the host sends. Firefox ESR 153 does (nsISiteSecurityService,
// isSecureURI) of names below in-addr.arpa, where the names of addresses are looked up;
// as no web site lives there, the careful answer harms nobody.
func (t *Tab) denies(host string) bool {
	return t.client == Firefox && strings.HasSuffix(host, ".in-addr.arpa")
}

// follow goes where a Location leads.
func (t *Tab) follow(location string) {
	to, err := t.last.Resolve(location)
	if len(location) > MaxURL || to.tooLong() {
		t.stopBefore("redirects")
		return
	}
	if err != nil {
		t.want, t.cut = URL{}, fmt.Sprintf("redirects to %.200q: %v", location, err)
		t.stop(Refused)
		return
	}
	if t.count(to) {
		t.upgrade.direct = false
		t.goTo(to)
	}
}

// refreshes goes where the page itself leads, and reports whether it leads
// anywhere but to where the client has been.
func (t *Tab) refreshes(a Answer) bool {
	if a.Refresh == "" || len(t.visited) == 0 {
		return false
	}
	delay, ref, ok := ParseRefresh(a.Refresh)
	if !ok || delay > maxRefreshDelay || t.refreshed == maxRefreshes {
		return false
	}
	to, err := t.last.Resolve(ref)
	if len(a.Refresh) > MaxURL || to.tooLong() {
		t.stopBefore("leads on")
		return true
	}
	if err != nil {
		return false
	}
	t.followed, t.most, t.upgrade = 0, mostRedirects(t.client), upgrade{exempt: t.upgrade.exempt}
	if slices.Contains(t.visited, t.request(t.landing(to))) {
		return false
	}
	t.refreshed++
	t.goTo(to)
	return true
}

// stopBefore ends the way before a URL that is too long, which a browser would
// follow.
func (t *Tab) stopBefore(leads string) {
	t.state, t.end, t.want = done, Refused, URL{}
	t.cut = fmt.Sprintf("%s to a URL of more than %d KiB, which hsts-check does not follow", leads, MaxURL>>10)
}

// landing is what the client asks for when it is sent to u.
func (t *Tab) landing(u URL) URL {
	if u.Scheme == "http" && (t.covers(u) || t.upgrades(u) && !t.loops(u)) {
		return overHTTPS(u)
	}
	return u
}

// count counts a redirect to u, and reports whether the client follows it.
func (t *Tab) count(u URL) bool {
	t.followed++
	if t.followed > t.most {
		t.want, t.cut = u, fmt.Sprintf("redirects more than %d times", t.most)
		if slices.ContainsFunc(t.visited, func(v visited) bool { return v.url == u }) {
			t.cut = fmt.Sprintf("redirects in a loop, back to %.200s", u)
		}
		t.stop(TooMany)
		return false
	}
	return true
}

// goTo makes u the next request, over https where a policy or the browser
// itself will have it so.
func (t *Tab) goTo(u URL) {
	switch {
	case u.Scheme != "http":
		t.ask(u)
	case t.covers(u): // RFC 6797 section 8.3
		if to := overHTTPS(u); t.count(to) {
			t.ask(to)
		}
	case !t.upgrades(u):
		t.ask(u)
	case !t.loops(u):
		t.upgradeSelf(u)
	case t.client == Chromium: // gives up, and begins again at what it upgraded last
		t.fallBack()
	default:
		t.exempt(u)
		t.ask(u)
	}
}

func (t *Tab) ask(u URL) {
	t.want = u
	switch {
	case u.Refuses(t.client) != "":
		t.cut = fmt.Sprintf("redirects to %.200s: %s", u, u.Refuses(t.client))
		t.stop(Refused)
	case len(t.visited) == maxRequests:
		t.state, t.end, t.cut = done, TooMany, fmt.Sprintf("leads on through more than %d requests", maxRequests)
	default:
		t.state = asking
	}
}

// covers reports whether a policy that the client knows is for u.
func (t *Tab) covers(u URL) bool {
	_, covered := t.store.Lookup(u.Hostname())
	return covered
}

// overHTTPS is where a policy sends an http URL: port 80 becomes 443, any other
// stays (RFC 6797 section 8.3).
func overHTTPS(u URL) URL {
	u.Scheme = "https"
	if u.Port == "443" {
		u.Port = ""
	}
	return u
}

// upgrades reports whether the client asks https for an http URL that no policy
// covers. It then also knows the URL's port to be 80.
func (t *Tab) upgrades(u URL) bool {
	return t.client != RFC6797 && u.Port == "" && !slices.Contains(t.upgrade.exempt, u.Hostname()) && underKnownSuffix(u.Hostname())
}

// loops reports whether https has led back to the same URL over http. To Firefox
// a page that refreshes to itself does so too, from the second time on.
func (t *Tab) loops(u URL) bool {
	if t.client == Firefox {
		to := overHTTPS(u)
		return t.last == to && (t.followed > 0 || slices.Contains(t.visited, t.request(to)))
	}
	return slices.Contains(t.upgrade.tried, u)
}

// upgradeSelf asks https for an http URL of the browser's own accord.
func (t *Tab) upgradeSelf(u URL) {
	to := overHTTPS(u)
	t.upgrade.fallen = true // from one redirect too many there is no way back
	if !t.count(to) {
		return
	}
	t.upgrade.tried = append(t.upgrade.tried, u)
	t.upgrade.from, t.upgrade.fallen, t.upgrade.direct = u, false, true
	t.ask(to)
}

// stop ends the way, or begins it again at http where the browser falls back.
func (t *Tab) stop(e End) {
	t.state = done
	own := t.client == Chromium || t.upgrade.direct && (e == Failed || e == TooMany)
	if e != Arrived && own && !t.upgrade.fallen && !t.upgrade.from.IsZero() {
		t.fallBack()
		return
	}
	t.end = e
}

// fallBack begins again at the http URL that was upgraded last.
func (t *Tab) fallBack() {
	u := t.upgrade.from
	t.exempt(u)
	switch {
	case t.client == Firefox:
		t.followed = 0
	case t.followed > t.most:
		t.followed, t.most = 0, chromiumAgainRedirects
	case !t.count(u):
		return
	}
	t.goTo(u)
}

// exempt leaves the host of u on http from now on.
func (t *Tab) exempt(u URL) {
	t.upgrade.exempt = append(t.upgrade.exempt, u.Hostname())
	t.upgrade.fallen, t.upgrade.direct, t.upgrade.late = true, false, nil
}

func (t *Tab) meet(u URL) {
	if host := u.Hostname(); !slices.Contains(t.chain, host) {
		t.chain = append(t.chain, host)
	}
}

// Chain returns the hosts that the client has met, in the order in which it met
// them. The listed host is the first, met or not.
func (t *Tab) Chain() []string { return t.chain }

// End returns how the way ended, and, where a part of the chain was left
// unseen, the URL that it would have gone on to; zero where what led on was no
// URL that the client can ask for.
func (t *Tab) End() (End, URL) { return t.end, t.want }

// Cut says why a redirect was not followed, where the way ended for that; else it
// is "".
func (t *Tab) Cut() string {
	if t.end == TooMany || t.end == Refused {
		return t.cut
	}
	return ""
}

// Known returns the policy by which the client goes to a host over https only,
// the number of the answer that it comes from, and whether there is one.
func (t *Tab) Known(host string) (p hsts.Policy, by int, ok bool) {
	p, owner, ok := t.store.Find(host)
	l, _ := t.lesson(owner)
	return p, l.number, ok
}

// Forgot reports whether a max-age of 0 was the last that the client heard of a
// host's own policy, and returns the number of the answer that had it.
func (t *Tab) Forgot(host string) (by int, ok bool) {
	l, ok := t.lesson(host)
	return l.number, ok && l.off
}
