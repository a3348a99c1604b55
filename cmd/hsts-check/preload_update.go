package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/moby/sys/atomicwriter"

	"hsts-check/audit"
	"hsts-check/internal/text"
	"hsts-check/preload"
)

// listSource is where Chromium keeps the list, in base64.
const listSource = "https://chromium.googlesource.com/chromium/src/+/main/net/http/transport_security_state_static.json?format=TEXT"

// updateList puts a list in place of the user's cached copy. Whatever fails,
// the copy stays what it was.
func (p *program) updateList(ctx context.Context, a *audit.Auditor, from string) (int, error) {
	name, err := cachedList()
	if err != nil {
		return 0, withHint(fmt.Errorf("there is no place for a copy: %w", err), "set HOME or XDG_CACHE_HOME")
	}
	ctx, stop := signal.NotifyContext(ctx, ends()...)
	defer stop()
	list, err := getList(ctx, a, from)
	if ctx.Err() != nil {
		p.say("interrupted: the copy of the list stays as it was")
		return exitInterrupted, nil
	}
	if err == nil {
		err = errors.Join(list.CheckSize(), checkAge(list, time.Now()))
	}
	if err != nil {
		return 0, withHint(fmt.Errorf("the list was not updated: %w", err), "--from names another URL or a file")
	}
	var b bytes.Buffer
	if _, err := list.WriteTo(&b); err != nil {
		return 0, err
	}
	if err := cacheList(name, b.Bytes()); err != nil {
		return 0, unwritable(name, err)
	}
	p.say("%s entries of %s in %s", text.Number(list.Len()), list.Date(), name)
	if list.Date() <= preload.SnapshotDate {
		p.hint("the list inside the program is of %s, and is used until the copy is newer", preload.SnapshotDate)
	}
	return exitOK, nil
}

// cacheList writes the user's copy: with the permissions that the umask gives,
// and writable by nobody else, or it would not be read, see [trusted].
func cacheList(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	l, err := lockOutput(name)
	if err != nil {
		return err
	}
	defer l.release()
	removeLeft(name)
	return atomicwriter.WriteFile(name, text, l.perm()&^othersWrite)
}

// getList reads a list from a URL, by default Chromium's, or from a file.
func getList(ctx context.Context, a *audit.Auditor, from string) (*preload.List, error) {
	switch scheme, _, isURL := strings.Cut(from, "://"); {
	case from == "":
		return fetchList(ctx, a, listSource)
	case !isURL:
		return readPreloadList(from)
	case !strings.EqualFold(scheme, "https"):
		return nil, fmt.Errorf("--from %q: a list is fetched over https only", from)
	}
	return fetchList(ctx, a, from)
}

// fetchList fetches a list over verified https. It is of the day that the
// server says it was changed on, or else of today.
func fetchList(ctx context.Context, a *audit.Auditor, from string) (*preload.List, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(a.Timeout, func() { cancel(fmt.Errorf("no answer within %s", a.Timeout)) })
	defer stalled.Stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", a.UserAgent)
	client := listClient(a)
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, endedBy(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers with status %s", from, response.Status)
	}
	date := time.Now()
	if changed, err := http.ParseTime(response.Header.Get("Last-Modified")); err == nil {
		date = changed
	}
	body := &watchedBody{response.Body, stalled, a.Timeout}
	list, err := preload.Parse(body, date.UTC().Format(time.DateOnly))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, endedBy(ctx, err))
	}
	return list, nil
}

// endedBy prefers why the context ended to what came of that.
func endedBy(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil {
		return why
	}
	return err
}

// listClient fetches as the flags say, and follows no redirect off https.
func listClient(a *audit.Auditor) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.Roots}, ForceAttemptHTTP2: true}
	if a.Proxy != nil {
		transport.Proxy = func(r *http.Request) (*url.URL, error) { return a.Proxy(r.URL) }
	}
	return &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		switch {
		case r.URL.Scheme != "https":
			return fmt.Errorf("it redirects to %s, and a list is fetched over https only", r.URL)
		case len(via) > 10:
			return errors.New("it redirects more than ten times")
		}
		return nil
	}}
}

// A watchedBody puts the end off as long as something comes.
type watchedBody struct {
	io.Reader
	end     *time.Timer
	timeout time.Duration
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if n > 0 {
		b.end.Reset(b.timeout)
	}
	return n, err
}
