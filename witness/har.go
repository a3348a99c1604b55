package witness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/visit"
)

// ReadHAR reads an HTTP archive, as browsers' developer tools save it
// (http://www.softwareishard.com/blog/har-12-spec/), and returns a visit for each
// page: its main document and the redirects that led there, in the archive's order.
// The site is what the page's first request asked the network for, in the group.
//
// What a browser answered by itself is no answer of the server: an upgrade to https,
// or a document from its cache. A page of such answers alone has an error in place of
// exchanges. Of a request's address the query is kept apart from others and not
// shown, and user and password are dropped: they let people in.
//
// No library is used: an archive is one JSON object, of which a handful of members
// matter, and those that read it whole hold every picture of every page in memory.
func ReadHAR(r io.Reader, group string) ([]visit.Visit, error) {
	a := archive{group: group}
	if err := a.read(r); err != nil {
		return nil, fmt.Errorf("it is not a HAR file: %w", err)
	}
	if len(a.entries) == 0 {
		return nil, errors.New("it is a HAR file without requests: load the page with the developer tools open, then save it")
	}
	return a.visits(), nil
}

// An archive is as much of a HAR file as matters.
type archive struct {
	group            string
	creator, browser program
	pages            []string // IDs in their order
	entries          []entry
}

type program struct{ Name, Version string }

// An entry is a request and its answer.
type entry struct {
	PageRef string    `json:"pageref"`
	Started time.Time `json:"startedDateTime"`
	Time    float64   `json:"time"` // milliseconds
	Request struct{ Method, URL string }
	// Response.Status is 0, or -1, where there was no answer.
	Response struct {
		Status      int
		HTTPVersion string `json:"httpVersion"`
		Headers     []struct{ Name, Value string }
		RedirectURL string `json:"redirectURL"`
		Error       string `json:"_error"` // Chromium
	}
	Address  string `json:"serverIPAddress"`
	Resource string `json:"_resourceType"` // Chromium
	// What says that no server was asked: Chromium, Safari, and Firefox, which has
	// AfterRequest, be it null, where its cache gave the answer.
	FromCache string `json:"_fromCache"`
	ViaWorker bool   `json:"_fetchedViaServiceWorker"`
	FetchType string `json:"_fetchType"`
	Cache     struct{ AfterRequest json.RawMessage }
}

// read reads member by member, so that no more than one entry is held whole.
func (a *archive) read(r io.Reader) error {
	d := json.NewDecoder(r)
	found := false
	err := members(d, func(name string) error {
		if name != "log" {
			return skip(d)
		}
		found = true
		return members(d, func(name string) error {
			switch name {
			case "creator":
				return d.Decode(&a.creator)
			case "browser":
				return d.Decode(&a.browser)
			case "pages":
				return elements(d, func() error {
					var page struct{ ID string }
					err := d.Decode(&page)
					a.pages = append(a.pages, page.ID)
					return err
				})
			case "entries":
				return elements(d, a.entry(d))
			}
			return skip(d)
		})
	})
	switch {
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends too soon: save it again")
	case err == nil && !found:
		return errors.New(`it has no member "log"`)
	}
	return err
}

// maxEntries bounds what is kept of an archive.
const maxEntries = 100_000

// entry reads one entry, and keeps it where it may be of a main document.
func (a *archive) entry(d *json.Decoder) func() error {
	return func() error {
		var e entry
		if err := d.Decode(&e); err != nil {
			return err
		}
		document := e.Resource == "" || e.Resource == "document"
		if document && e.Request.Method == "GET" && len(a.entries) < maxEntries {
			a.entries = append(a.entries, e)
		}
		return nil
	}
}

// members calls do for each member of the object that comes next; do reads its
// value.
func members(d *json.Decoder, do func(name string) error) error {
	if err := expect(d, '{'); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		if err := do(name.(string)); err != nil {
			return err
		}
	}
	return expect(d, '}')
}

// elements calls do for each element of the array that comes next.
func elements(d *json.Decoder, do func() error) error {
	if err := expect(d, '['); err != nil {
		return err
	}
	for d.More() {
		if err := do(); err != nil {
			return err
		}
	}
	return expect(d, ']')
}

func expect(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if err == nil && token != want {
		return fmt.Errorf("found %q instead of %q at byte %d", fmt.Sprint(token), want, d.InputOffset())
	}
	return err
}

func skip(d *json.Decoder) error {
	var value json.RawMessage
	return d.Decode(&value)
}

// visits returns one visit a page.
func (a *archive) visits() []visit.Visit {
	byPage := make(map[string][]entry)
	for _, e := range a.entries {
		if !slices.Contains(a.pages, e.PageRef) {
			a.pages = append(a.pages, e.PageRef)
		}
		byPage[e.PageRef] = append(byPage[e.PageRef], e)
	}
	var visits []visit.Visit
	for _, page := range a.pages {
		entries := byPage[page]
		slices.SortStableFunc(entries, func(x, y entry) int { return x.Started.Compare(y.Started) })
		if chain := mainChain(entries); len(chain) > 0 {
			visits = append(visits, a.visit(chain))
		}
	}
	return visits
}

// mainChain returns the entries of a page's main document: the first request, and
// after each redirect the one that it leads to.
func mainChain(entries []entry) []entry {
	var chain []entry
	for next := ""; len(chain) < mostHops; {
		i := slices.IndexFunc(entries, func(e entry) bool { return next == "" || sameURL(e.Request.URL, next) })
		if i < 0 {
			return chain
		}
		e := entries[i]
		chain, entries = append(chain, e), entries[i+1:]
		if next = e.leadsTo(); next == "" {
			return chain
		}
	}
	return chain
}

// leadsTo is where a redirect leads; "" for what is none.
func (e entry) leadsTo() string {
	to := e.Response.RedirectURL
	if to == "" {
		to = e.field("Location")
	}
	if to == "" || !browser.IsRedirect(e.Response.Status) {
		return ""
	}
	base, err := url.Parse(e.Request.URL)
	if err != nil {
		return to
	}
	u, err := base.Parse(to)
	if err != nil {
		return to
	}
	return u.String()
}

// sameURL compares two addresses but for their fragments, which no request has.
func sameURL(a, b string) bool {
	a, _, _ = strings.Cut(a, "#")
	b, _, _ = strings.Cut(b, "#")
	return a == b
}

func (e entry) field(name string) string {
	for _, h := range e.Response.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// internal reports whether Chromium has answered by itself: a policy, or its own
// wish, has it ask https in place of http.
func (e entry) internal() bool {
	return e.Response.Status == 307 && e.field("Non-Authoritative-Reason") != ""
}

// cached reports whether the answer came from the browser's cache or a service
// worker, or says nothing besides that the cache is good.
func (e entry) cached() bool {
	switch {
	case e.FromCache != "", e.ViaWorker, e.Cache.AfterRequest != nil:
		return true
	case e.Response.Status == 304 && e.field("Strict-Transport-Security") == "":
		return true
	}
	return e.FetchType != "" && e.FetchType != "Network Load"
}

// visit makes a visit of a page's chain.
func (a *archive) visit(chain []entry) visit.Visit {
	hide := queries{}
	v := visit.Visit{CheckedAt: chain[0].Started.UTC(), SeenBy: &visit.SeenBy{Browser: a.madeBy()}}
	for _, e := range chain {
		if !e.internal() && !e.cached() {
			v.Exchanges = append(v.Exchanges, e.exchange(hide))
		}
	}
	first := chain[0]
	for _, e := range chain {
		if first = e; !e.internal() {
			break
		}
	}
	v.Site = visit.Site{Group: a.group, URL: hide.in(first.Request.URL)}
	v.Site.Name = hostOf(v.Site.URL)
	if len(v.Exchanges) == 0 {
		v.Error = &visit.Error{Kind: visit.KindInput, Message: "the page came from the browser's cache or a service worker: disable the cache in the developer tools, load it again, and save it anew"}
	}
	return v
}

// madeBy names the browser that the archive is of, or else the program that wrote it.
func (a *archive) madeBy() string {
	by := a.browser
	if by.Name == "" {
		by = a.creator
	}
	return strings.TrimSpace("HAR of " + strings.TrimSpace(by.Name+" "+by.Version))
}

func (e entry) exchange(hide queries) visit.Exchange {
	x := visit.Exchange{Probe: visit.ProbePage, URL: hide.in(e.Request.URL), MS: int64(max(e.Time, 0)), Address: e.address()}
	if e.Response.Status > 0 {
		x.Head = visit.ReadHead(e.head(), hsts.RFC6797)
		x.Location, x.Refresh = hide.in(x.Location), ""
		x.Proto = protoOf(e.Response.HTTPVersion)
	}
	switch {
	case x.Status != 0 && strings.HasPrefix(x.URL, "https:"):
		x.TLS = &visit.TLS{} // the browser has verified it
	case x.Status != 0:
	case e.Response.Error != "":
		x.Error, x.TLS = failure(e.Response.Error)
	default:
		x.Error = &visit.Error{Kind: visit.KindProtocol, Message: "the HAR file has no answer to this request"}
	}
	return x
}

// address is where the browser connected to; "" where the archive does not say.
func (e entry) address() string {
	host := strings.Trim(e.Address, "[]")
	u, err := url.Parse(e.Request.URL)
	if net.ParseIP(host) == nil || err != nil {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = strconv.Itoa(map[string]int{"https": 443, "http": 80}[u.Scheme])
	}
	return net.JoinHostPort(host, port)
}

// head is the answer's head as it may have come. Chromium joins fields of one name
// with line feeds.
func (e entry) head() []byte {
	b := fmt.Appendf(nil, "HTTP/1.1 %03d \r\n", e.Response.Status)
	for _, h := range e.Response.Headers {
		for value := range strings.SplitSeq(h.Value, "\n") {
			b = append(b, strings.TrimSpace(h.Name)+": "+strings.TrimRight(value, "\r")+"\r\n"...)
		}
	}
	return append(b, "\r\n"...)
}

// protoOf names a protocol as package visit does.
func protoOf(version string) string {
	switch version = strings.ToLower(version); {
	case version == "h2", strings.HasPrefix(version, "http/2"):
		return "HTTP/2.0"
	case version == "h3", strings.HasPrefix(version, "http/3"), strings.Contains(version, "quic"):
		return "HTTP/3.0"
	}
	return strings.ToUpper(version)
}

// Queries number the queries of a page's addresses, which are not shown.
type queries map[string]int

// in returns an address without user, password and fragment, and with a number in
// place of its query.
func (q queries) in(address string) string {
	if address == "" {
		return ""
	}
	address, _, _ = strings.Cut(address, "#")
	path, query, asked := strings.Cut(address, "?")
	if scheme, rest, ok := strings.Cut(path, "://"); ok {
		host, tail, slash := strings.Cut(rest, "/")
		host = host[strings.LastIndex(host, "@")+1:]
		if path = scheme + "://" + host; slash {
			path += "/" + tail
		}
	}
	if !asked {
		return path
	}
	if _, known := q[query]; !known {
		q[query] = len(q) + 1
	}
	return path + "?" + hiddenQuery + strconv.Itoa(q[query])
}

// hiddenQuery stands before the number of a query.
const hiddenQuery = "hidden-"

func hostOf(address string) string {
	if u, err := browser.ParseURL(address); err == nil {
		return u.Hostname()
	}
	return address
}
