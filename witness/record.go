package witness

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/visit"
)

// A record is what a tab's main frame asks for and is answered, from the events
// that the browser sends. Its methods may be called concurrently.
type record struct {
	mu    sync.Mutex
	frame cdp.FrameID
	hops  []*hop
	// extra are the heads as they came, by request. Those of a request's redirects
	// come in their order, before or behind the other events of each.
	extra map[network.RequestID][]*network.EventResponseReceivedExtraInfo
	early []network.RequestID // of those, requests that were not known when they came
	// busy is when the page has last begun to ask for anything else than itself;
	// due is when a navigation comes that it has announced.
	busy, due time.Time
	changed   time.Time // when the main frame's own state did
	failed    bool      // the browser does not go there, or no page came
}

// A hop is one request of the main frame.
type hop struct {
	request   network.RequestID
	url       string
	begun     cdp.MonotonicTime
	ended     cdp.MonotonicTime
	response  *network.Response
	hasExtra  bool   // a head as it came belongs to response
	refresh   string // what a meta element says in place of a Refresh field
	failed    string
	forbidden string // why it was not let through
}

// take takes in an event. Those of other frames and of pages' parts only count as
// signs of life.
func (r *record) take(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		r.sent(e)
	case *network.EventResponseReceived:
		if h := r.last(e.RequestID); h != nil {
			r.answered(h, e.Response, e.HasExtraInfo, e.Timestamp)
		}
	case *network.EventResponseReceivedExtraInfo:
		r.keep(e)
	case *network.EventLoadingFailed:
		if h := r.last(e.RequestID); h != nil && h.response == nil {
			h.failed, h.ended = e.ErrorText, e.Timestamp
			r.changed = time.Now()
		}
	case *network.EventLoadingFinished:
		if h := r.last(e.RequestID); h != nil {
			r.changed = time.Now()
		}
	case *page.EventFrameRequestedNavigation:
		if e.FrameID == r.frame {
			r.due = time.Now().Add(grace)
		}
	}
}

// keep keeps a head as it came, if it is the main frame's. One of a request that is
// not known yet may be: the last few of those are kept.
func (r *record) keep(e *network.EventResponseReceivedExtraInfo) {
	if r.extra == nil {
		r.extra = make(map[network.RequestID][]*network.EventResponseReceivedExtraInfo)
	}
	if r.last(e.RequestID) == nil && len(r.extra[e.RequestID]) == 0 {
		if r.early = append(r.early, e.RequestID); len(r.early) > mostEarly {
			if r.last(r.early[0]) == nil {
				delete(r.extra, r.early[0])
			}
			r.early = r.early[1:]
		}
	}
	if len(r.extra[e.RequestID]) < mostHops {
		r.extra[e.RequestID] = append(r.extra[e.RequestID], e)
	}
}

func (r *record) sent(e *network.EventRequestWillBeSent) {
	isWeb := strings.HasPrefix(e.Request.URL, "http:") || strings.HasPrefix(e.Request.URL, "https:")
	if e.Type != network.ResourceTypeDocument || e.FrameID != r.frame || !isWeb {
		r.busy = time.Now()
		return
	}
	if h := r.last(e.RequestID); h != nil && e.RedirectResponse != nil {
		r.answered(h, e.RedirectResponse, e.RedirectHasExtraInfo, e.Timestamp)
	}
	if len(r.hops) < mostHops {
		r.hops = append(r.hops, &hop{request: e.RequestID, url: e.Request.URL, begun: e.Timestamp})
	}
	r.changed, r.due = time.Now(), time.Time{}
}

func (r *record) answered(h *hop, response *network.Response, hasExtra bool, at cdp.MonotonicTime) {
	h.response, h.hasExtra, h.ended = response, hasExtra, at
	r.changed = time.Now()
	r.awaits(field(response.Headers, "Refresh"))
}

// awaits notes that the page announces another by a refresh, if it does and that
// comes soon enough to be part of the visit.
func (r *record) awaits(refresh string) {
	if delay, _, ok := browser.ParseRefresh(refresh); ok && delay <= longestRefresh {
		r.due = time.Now().Add(delay + grace)
	}
}

// leads notes what a meta element of the page that answered a request says.
func (r *record) leads(id network.RequestID, refresh string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.last(id); h != nil && refresh != "" {
		h.refresh = refresh
		r.awaits(refresh)
	}
}

// isPage reports whether a request has brought a page of the main frame, to be read
// in search of a refresh.
func (r *record) isPage(id network.RequestID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.last(id)
	return h != nil && h.response != nil && strings.Contains(h.response.MimeType, "html")
}

// last returns the last hop of a request, nil for one of no hop.
func (r *record) last(id network.RequestID) *hop {
	for _, h := range slices.Backward(r.hops) {
		if h.request == id {
			return h
		}
	}
	return nil
}

// forbid notes that the request under way was not let through, and why.
func (r *record) forbid(id network.RequestID, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.last(id); h != nil {
		h.forbidden = why
	}
}

// public reports whether a public address has answered the main frame.
func (r *record) public() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.hops, func(h *hop) bool { return h.response != nil && visit.PublicAddress(address(h.response)) })
}

// full reports whether no further hop is taken.
func (r *record) full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.hops) == mostHops
}

// quiet reports whether nothing more is to be expected of the page.
func (r *record) quiet(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.hops) == 0 {
		return r.failed
	}
	last := r.hops[len(r.hops)-1]
	since := now.Sub(r.changed)
	switch {
	case last.response == nil && last.failed == "", now.Before(r.due):
		return false
	case last.response != nil && last.response.Status >= 400 && since < challenge && field(last.response.Headers, "Strict-Transport-Security") == "":
		return false // it may be a page that tries its visitor, and then loads itself again
	}
	return since >= grace && (now.Sub(r.busy) >= grace || since >= challenge)
}

// exchanges returns what was asked for over the network. An answer that the
// browser made up by itself, as when a policy has it ask https, is none.
func (r *record) exchanges() []visit.Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	var made []visit.Exchange
	heads := r.heads()
	for i, h := range r.hops {
		if h.internal() && !h.fellBack() || h.failed == aborted && h.response == nil && heads[i] == nil && len(made) > 0 {
			continue
		}
		made = append(made, h.exchange(heads[i]))
	}
	return visit.Bound(made)
}

// heads joins the hops with the heads as they came: those of a request come in the
// order of its hops. A hop that failed after its answer had begun, as a download
// does or one redirect too many, has a head that no other event tells of.
func (r *record) heads() []*network.EventResponseReceivedExtraInfo {
	surplus := make(map[network.RequestID]int)
	for id, extra := range r.extra {
		surplus[id] = len(extra)
	}
	for _, h := range r.hops {
		if h.hasExtra {
			surplus[h.request]--
		}
	}
	heads := make([]*network.EventResponseReceivedExtraInfo, len(r.hops))
	next := make(map[network.RequestID]int)
	for i, h := range r.hops {
		begun := (h.response == nil || h.fellBack()) && surplus[h.request] > 0 && h.mayHaveBegun()
		if !h.hasExtra && !begun || next[h.request] >= len(r.extra[h.request]) {
			continue
		}
		if begun {
			surplus[h.request]--
		}
		heads[i] = r.extra[h.request][next[h.request]]
		next[h.request]++
	}
	return heads
}

// mayHaveBegun reports whether a hop without an answer may have failed for what was
// in its head or behind it, and not before.
func (h *hop) mayHaveBegun() bool {
	if h.failed == "" {
		return true
	}
	e, _ := failure(h.failed)
	return e != nil && (e.Kind == visit.KindRedirects || e.Kind == visit.KindProtocol)
}

// aborted is what Chromium calls a request that it has given up itself: for another
// one, or, after an error, one that it has made again.
const aborted = "net::ERR_ABORTED"

// internal reports whether the browser has answered by itself: a policy, or its
// own wish, has it ask https in place of http.
func (h *hop) internal() bool {
	return h.response != nil && !h.hasExtra && h.response.Status == 307 && field(h.response.Headers, "Non-Authoritative-Reason") != ""
}

// fellBack reports whether the browser has gone back from https, which it had tried
// of its own accord, to http: to do so it answers the request over https by itself.
func (h *hop) fellBack() bool { return h.internal() && strings.HasPrefix(h.url, "https:") }

func (h *hop) exchange(extra *network.EventResponseReceivedExtraInfo) visit.Exchange {
	x := visit.Exchange{Probe: visit.ProbePage, Clients: []hsts.Client{hsts.Chromium}, URL: h.url}
	if h.ended > h.begun {
		x.MS = int64((h.ended - h.begun) * 1000)
	}
	switch {
	case h.forbidden != "":
		x.Error = &visit.Error{Kind: visit.KindRedirects, Message: h.forbidden}
		return x
	case extra != nil:
		x.Head = visit.ReadHead(rawHead(extra), hsts.Chromium)
		if extra.HeadersText == "" {
			x.Proto = "" // none that is told here
		}
	case h.fellBack():
		x.Error = &visit.Error{Kind: visit.KindUnreachable, Message: "no answer over https, and Chromium fell back to http"}
		return x
	case h.response != nil:
		x.Head = visit.ReadHead(headOf(h.response.Status, h.response.Headers), hsts.Chromium)
	}
	if x.Refresh == "" {
		x.Refresh = h.refresh
	}
	if h.response != nil && !h.fellBack() {
		x.Address = address(h.response)
		x.Proto = proto(h.response.Protocol)
		x.TLS = secured(h.response.SecurityDetails)
	}
	if x.TLS == nil && x.Status != 0 && strings.HasPrefix(h.url, "https:") {
		x.TLS = &visit.TLS{}
	}
	switch {
	case x.Status != 0 && h.response == nil && h.failed != "" && h.failed != aborted:
		if x.Error, _ = failure(h.failed); x.Error.Kind != visit.KindRedirects {
			x.Error = nil // an answer is an answer
		}
	case x.Status != 0:
	case h.failed == "":
		x.Error = &visit.Error{Kind: visit.KindTimeout, Message: "no answer in time"}
	default:
		x.Error, x.TLS = failure(h.failed)
	}
	return x
}

// rawHead is a head as it came. Where the protocol has no text, or Chromium gives
// none, it is made of the fields: those of one name stand together, in their order.
func rawHead(e *network.EventResponseReceivedExtraInfo) []byte {
	if e.HeadersText != "" {
		return []byte(strings.TrimRight(e.HeadersText, "\r\n") + "\r\n\r\n")
	}
	return headOf(e.StatusCode, e.Headers)
}

func headOf(status int64, fields network.Headers) []byte {
	b := fmt.Appendf(nil, "HTTP/1.1 %03d \r\n", status)
	for name, values := range fields {
		for value := range strings.SplitSeq(fmt.Sprint(values), "\n") {
			b = append(b, name+": "+value+"\r\n"...)
		}
	}
	return append(b, "\r\n"...)
}

// field returns the value of a field, "" for none.
func field(fields network.Headers, name string) string {
	for n, value := range fields {
		if strings.EqualFold(n, name) {
			return fmt.Sprint(value)
		}
	}
	return ""
}

func address(r *network.Response) string {
	if r.RemoteIPAddress == "" {
		return ""
	}
	return net.JoinHostPort(strings.Trim(r.RemoteIPAddress, "[]"), strconv.FormatInt(r.RemotePort, 10))
}

// proto names a protocol as package visit does.
func proto(name string) string {
	switch {
	case name == "h2":
		return "HTTP/2.0"
	case strings.HasPrefix(name, "h3"), strings.Contains(name, "quic"):
		return "HTTP/3.0"
	}
	return strings.ToUpper(name)
}

// secured is what the browser says of a connection over TLS, on which it has
// verified the certificate.
func secured(d *network.SecurityDetails) *visit.TLS {
	if d == nil {
		return nil
	}
	version := d.Protocol
	if version == "QUIC" {
		version = "TLS 1.3" // RFC 9001
	}
	begins, ends := time.Unix(int64(d.ValidFrom), 0).UTC(), time.Unix(int64(d.ValidTo), 0).UTC()
	return &visit.TLS{Version: version, NotBefore: &begins, NotAfter: &ends}
}
