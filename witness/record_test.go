package witness

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"hsts-check/visit"
)

// Events of a tab whose main frame is "main", as Chromium sends them.

func asks(id, url string) *network.EventRequestWillBeSent {
	return &network.EventRequestWillBeSent{
		RequestID: network.RequestID(id), Type: network.ResourceTypeDocument, FrameID: "main", Request: &network.Request{URL: url},
	}
}

// redirected is a request to which the one before has led, by a status.
func redirected(id, url string, status int64, overNetwork bool, fields network.Headers) *network.EventRequestWillBeSent {
	e := asks(id, url)
	e.RedirectHasExtraInfo, e.RedirectResponse = overNetwork, &network.Response{Status: status, Headers: fields, Protocol: "h3", RemoteIPAddress: "[2001:db8::1]", RemotePort: 443}
	return e
}

func brings(id string, status int64, fields network.Headers) *network.EventResponseReceived {
	return &network.EventResponseReceived{RequestID: network.RequestID(id), HasExtraInfo: true, Response: &network.Response{Status: status, Headers: fields, Protocol: "http/1.1"}}
}

func head(id string, status int64, fields network.Headers) *network.EventResponseReceivedExtraInfo {
	return &network.EventResponseReceivedExtraInfo{RequestID: network.RequestID(id), StatusCode: status, Headers: fields}
}

func fails(id, why string) *network.EventLoadingFailed {
	return &network.EventLoadingFailed{RequestID: network.RequestID(id), ErrorText: "net::" + why}
}

// TestRecord joins events that come in several orders.
func TestRecord(t *testing.T) {
	sts := func(values string) network.Headers { return network.Headers{"strict-transport-security": values} }
	internal := network.Headers{"Location": "https://a.test/", "Non-Authoritative-Reason": "HSTS"}
	for name, tt := range map[string]struct {
		events []any
		want   []string
	}{
		"a page": {[]any{asks("1", "https://a.test/"), brings("1", 200, nil), head("1", 200, sts("max-age=1\nmax-age=2"))},
			[]string{"https://a.test/ HTTP/1.1 200 [max-age=1 max-age=2]"}},
		"its head comes first": {[]any{head("1", 200, sts("max-age=1")), asks("1", "https://a.test/"), brings("1", 200, nil)},
			[]string{"https://a.test/ HTTP/1.1 200 [max-age=1]"}},
		"over HTTP/3": {[]any{asks("1", "https://a.test/"), redirected("1", "https://b.test/", 301, true, nil), head("1", 301, sts("max-age=1")), head("1", 200, nil), brings("1", 200, nil)},
			[]string{"https://a.test/ HTTP/3.0 301 [max-age=1]", "https://b.test/ HTTP/1.1 200 []"}},
		"both heads come last": {[]any{asks("1", "https://a.test/"), redirected("1", "https://b.test/", 301, true, nil), brings("1", 200, nil), head("1", 301, sts("max-age=1")), head("1", 200, sts("max-age=2"))},
			[]string{"https://a.test/ HTTP/3.0 301 [max-age=1]", "https://b.test/ HTTP/1.1 200 [max-age=2]"}},
		"a policy answers": {[]any{asks("1", "http://a.test/"), redirected("1", "https://a.test/", 307, false, internal), brings("1", 200, nil), head("1", 200, sts("max-age=1"))},
			[]string{"https://a.test/ HTTP/1.1 200 [max-age=1]"}},
		"a server that says that a policy answers": {[]any{asks("1", "http://a.test/"), redirected("1", "https://a.test/", 307, true, internal), head("1", 307, internal), brings("1", 200, nil), head("1", 200, nil)},
			[]string{"http://a.test/ HTTP/3.0 307 []", "https://a.test/ HTTP/1.1 200 []"}},
		"back to http": {[]any{asks("1", "https://a.test/"), redirected("1", "http://a.test/", 307, false, internal), brings("1", 200, nil), head("1", 200, nil)},
			[]string{"https://a.test/ unreachable", "http://a.test/ HTTP/1.1 200 []"}},
		"back to http after an answer": {[]any{asks("1", "https://a.test/"), head("1", 302, sts("max-age=1")), redirected("1", "http://a.test/", 307, false, internal), head("1", 200, nil), brings("1", 200, nil)},
			[]string{"https://a.test/  302 [max-age=1]", "http://a.test/ HTTP/1.1 200 []"}},
		"a download": {[]any{asks("1", "https://a.test/"), head("1", 200, sts("max-age=1")), fails("1", "ERR_ABORTED")},
			[]string{"https://a.test/  200 [max-age=1]"}},
		"one redirect too many": {[]any{asks("1", "https://a.test/"), head("1", 302, nil), fails("1", "ERR_TOO_MANY_REDIRECTS")},
			[]string{"https://a.test/ redirects"}},
		"no connection":             {[]any{asks("1", "https://a.test/"), fails("1", "ERR_CONNECTION_REFUSED")}, []string{"https://a.test/ refused"}},
		"a bad certificate":         {[]any{asks("1", "https://a.test/"), fails("1", "ERR_CERT_REVOKED")}, []string{"https://a.test/ invalid"}},
		"an error of no known name": {[]any{asks("1", "https://a.test/"), fails("1", "ERR_NEW_IN_157")}, []string{"https://a.test/ protocol"}},
		"nothing yet":               {[]any{asks("1", "https://a.test/")}, []string{"https://a.test/ timeout"}},
		"another request takes its place": {[]any{asks("1", "https://a.test/"), brings("1", 200, nil), head("1", 200, nil), asks("2", "https://a.test/x"), fails("2", "ERR_ABORTED"), asks("3", "https://a.test/y"), brings("3", 200, nil), head("3", 200, nil)},
			[]string{"https://a.test/ HTTP/1.1 200 []", "https://a.test/y HTTP/1.1 200 []"}},
		"what is no web page": {[]any{asks("1", "https://a.test/"), brings("1", 200, nil), head("1", 200, nil), asks("2", "blob:https://a.test/1")}, []string{"https://a.test/ HTTP/1.1 200 []"}},
		"other frames":        {[]any{&network.EventRequestWillBeSent{RequestID: "9", Type: network.ResourceTypeDocument, FrameID: "other", Request: &network.Request{URL: "https://ads.test/"}}, head("9", 200, nil)}, nil},
	} {
		r := record{frame: "main"}
		for _, e := range tt.events {
			r.take(e)
		}
		var got []string
		for _, x := range r.exchanges() {
			got = append(got, short(x))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q\nwant %q", name, got, tt.want)
		}
	}
}

// short is the URL of an exchange and what came, or why nothing did.
func short(x visit.Exchange) string {
	switch {
	case x.TLS != nil && x.TLS.Error != nil:
		return x.URL + " " + string(x.TLS.Error.Kind)
	case x.Error != nil:
		return x.URL + " " + string(x.Error.Kind)
	}
	return fmt.Sprintf("%s %s %d %v", x.URL, x.Proto, x.Status, x.STS)
}

// TestQuiet: when a visit is over.
func TestQuiet(t *testing.T) {
	page := []any{asks("1", "https://a.test/"), brings("1", 200, nil)}
	refused := []any{asks("1", "https://a.test/"), brings("1", 403, nil)}
	part := &network.EventRequestWillBeSent{RequestID: "2", Type: network.ResourceTypeImage, FrameID: "main", Request: &network.Request{URL: "https://a.test/i"}}
	for name, tt := range map[string]struct {
		events []any
		after  time.Duration
		quiet  bool
	}{
		"nothing was asked":                   {nil, time.Minute, false},
		"the page is not there yet":           {page[:1], time.Minute, false},
		"it has just come":                    {page, grace / 2, false},
		"and nothing since":                   {page, grace, true},
		"it may be a challenge":               {refused, challenge - grace, false},
		"that comes to nothing":               {refused, challenge, true},
		"an error page with the header":       {[]any{asks("1", "https://a.test/"), brings("1", 403, network.Headers{"Strict-Transport-Security": "x"})}, grace, true},
		"it announces another":                {[]any{page[0], brings("1", 200, network.Headers{"refresh": "3; url=/x"})}, 3 * time.Second, false},
		"which does not come":                 {[]any{page[0], brings("1", 200, network.Headers{"refresh": "3; url=/x"})}, 4*time.Second + grace/2, true},
		"one that comes too late for a visit": {[]any{page[0], brings("1", 200, network.Headers{"refresh": "60; url=/x"})}, grace, true},
		"no connection":                       {[]any{page[0], fails("1", "ERR_CONNECTION_REFUSED")}, grace, true},
		"it asks for its parts":               {slices.Concat(page, []any{part}), grace / 2, false},
	} {
		r := record{frame: "main"}
		for _, e := range tt.events {
			r.take(e)
		}
		if quiet := r.quiet(time.Now().Add(tt.after)); quiet != tt.quiet {
			t.Errorf("%s: quiet %v", name, quiet)
		}
	}
}
