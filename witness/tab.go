package witness

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"hsts-check/visit"
)

// Bounds of one visit.
const (
	// grace is how long nothing has to come of a page before its visit is over.
	grace = time.Second
	// challenge is how long a page with an error status gets: it may try its
	// visitor by a script, and then let it in. A page that never stops asking for
	// its parts is left after as long.
	challenge = 6 * time.Second
	// longestRefresh is how long a page may stay before its refresh is no part of the
	// visit any more, as for package browser.
	longestRefresh = 5 * time.Second
	// longestPage is how many bytes of a page, as sent, are read in search of one.
	longestPage = 256 << 10
	// mostHops is how many requests of the main frame are taken.
	mostHops = 64
	// mostEarly is how many heads may come before their requests are known.
	mostEarly = 32
	// closing is how long a tab may take to open or close.
	closing = 10 * time.Second
)

// Visit sends a tab of its own to a URL, and returns what its main frame was
// answered, in order. Cookies, cache and policies of the visit are its own and end
// with it. The error is [ErrGone], or that of ctx: what a site does wrong stands in
// the exchanges.
func (b *Browser) Visit(ctx context.Context, url string) ([]visit.Exchange, error) {
	if err := b.gone(); err != nil {
		return nil, err
	}
	tab, closeTab := chromedp.NewContext(b.tab, chromedp.WithNewBrowserContext())
	defer closeTab()
	defer context.AfterFunc(ctx, func() { closeTab() })()
	ends := time.AfterFunc(cmp.Or(b.Deadline, DefaultDeadline)+closing, closeTab)
	defer ends.Stop()
	v := &tabVisit{Browser: b, tab: tab}
	err := v.open()
	if err == nil {
		go v.navigate(url)
		v.watch(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case b.gone() != nil:
		return nil, b.gone()
	case errors.Is(err, context.Canceled):
		return nil, errors.New("the browser opened no tab in time")
	case err != nil:
		return nil, err
	}
	seen := v.exchanges()
	b.forget(seen)
	if b.Proxied {
		for i := range seen {
			seen[i].Address = "" // it is the proxy's
		}
	}
	return seen, nil
}

// A tabVisit is one under way.
type tabVisit struct {
	*Browser
	record
	tab  context.Context
	self target.ID
}

// open opens the tab, empty, and listens to it.
func (v *tabVisit) open() error {
	if err := chromedp.Do(v.tab); err != nil {
		return err
	}
	c := chromedp.FromContext(v.tab)
	v.self = c.Target.TargetID
	v.frame = cdp.FrameID(v.self)
	// chromedp follows the DOM of each page, loses track of those that are replaced
	// fast, and then answers no more. Nor is a page to see that it is followed.
	for _, domain := range []string{"DOM.disable", "CSS.disable", "Log.disable", "Runtime.disable"} {
		if err := c.Target.Call(v.tab, domain, nil, nil); err != nil {
			return err
		}
	}
	if err := chromedp.Listen(v.tab, v.listen); err != nil {
		return err
	}
	if err := chromedp.ListenBrowser(v.tab, v.listenBrowser); err != nil {
		return err
	}
	_, err := chromedp.CallBrowser(v.tab, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorDeny, BrowserContextID: c.BrowserContextID,
	})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(v.tab, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*"}}})
	return err
}

// navigate sends the tab to a URL, and returns when a page has come.
func (v *tabVisit) navigate(url string) {
	r, err := chromedp.Call(v.tab, page.Navigate, page.NavigateParams{URL: url})
	if err != nil || r.ErrorText != "" {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.failed = true
	}
}

// listen takes in what the tab tells. It must not wait for the browser.
func (v *tabVisit) listen(event any) {
	switch e := event.(type) {
	case *fetch.EventRequestPaused:
		go v.letThrough(e)
	case *page.EventJavascriptDialogOpening:
		go chromedp.Call(v.tab, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: e.Type == page.DialogTypeBeforeunload})
	case *network.EventLoadingFinished:
		v.take(event)
		if e.EncodedDataLength <= longestPage {
			go v.read(e.RequestID)
		}
	default:
		v.take(event)
	}
}

// read looks in a page of the main frame for where it leads on to.
func (v *tabVisit) read(id network.RequestID) {
	if !v.isPage(id) {
		return
	}
	body, err := chromedp.Call(v.tab, network.GetResponseBody, network.GetResponseBodyParams{RequestID: id})
	if err == nil {
		v.leads(id, visit.MetaRefresh(bytes.NewReader(body.Body)))
	}
}

// listenBrowser closes what the page opens beside itself.
func (v *tabVisit) listenBrowser(event any) {
	e, ok := event.(*target.EventTargetCreated)
	if ok && e.TargetInfo.Type == "page" && e.TargetInfo.OpenerID == v.self {
		go chromedp.CallBrowser(v.tab, target.CloseTarget, target.CloseTargetParams{TargetID: e.TargetInfo.TargetID})
	}
}

// letThrough lets a request go on, unless it leads from the internet at large into
// a network that is no part of it.
func (v *tabVisit) letThrough(e *fetch.EventRequestPaused) {
	why := v.forbids(e.Request.URL, e.ResourceType == network.ResourceTypeDocument && e.FrameID == v.frame)
	if why == "" {
		chromedp.Call(v.tab, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: e.RequestID})
		return
	}
	v.forbid(e.NetworkID, why)
	chromedp.Call(v.tab, fetch.FailRequest, fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonBlockedByClient})
}

// watch returns when nothing more is to be expected of the page, or when its time
// is over.
func (v *tabVisit) watch(ctx context.Context) {
	end := time.NewTimer(cmp.Or(v.Deadline, DefaultDeadline))
	defer end.Stop()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.tab.Done():
			return
		case <-end.C:
			return
		case now := <-ticker.C:
			if v.quiet(now) || v.full() {
				return
			}
		}
	}
}
