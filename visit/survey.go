package visit

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"hsts-check/browser"
)

// Survey visits sites, Concurrency of them at once, and yields one visit for
// each, in the order of sites, while it runs.
//
// A URL that stands in several rows within the window is visited once and its
// visit yielded for each. Breaking out of the range cancels what is under way
// and leaves no goroutine behind. When ctx ends, no further site is started;
// those that were still get their visits, cut short where they were.
// After Deadline the rest of sites is read and gets its visits without any
// request. Survey waits for sites to return from what it is doing, so a sequence
// that can block has to watch ctx itself.
func (w *Wire) Survey(ctx context.Context, sites iter.Seq[Site]) iter.Seq[Visit] {
	return func(yield func(Visit) bool) {
		ctx, cancel := context.WithCancel(ctx)
		s := survey{Wire: w, queue: make(chan place, window), begun: make(chan func()), byURL: make(map[key]*task)}
		s.freed.L = &s.mu
		var dispatching sync.WaitGroup
		dispatching.Go(func() { s.dispatch(ctx, sites) })
		defer dispatching.Wait()
		defer cancel()
		for p := range s.queue {
			<-p.task.done
			visit := p.task.visit
			visit.Site = p.site
			s.forget(p)
			if !yield(visit) {
				return
			}
		}
	}
}

// Bug turns a panic into data: no server may end a survey.
func Bug(panicked any) *Error {
	return &Error{Kind: KindInternal, Message: fmt.Sprintf("a bug in hsts-check: %v", panicked), Stack: string(debug.Stack())}
}

// A survey is one under way.
type survey struct {
	*Wire
	queue   chan place     // in the order of sites
	workers errgroup.Group // as many as visits may be under way
	begun   chan func()    // visits for a worker that has nothing to do

	mu    sync.Mutex
	byURL map[key]*task // those in the window, to be shared
	held  int           // bytes that the window holds, about
	freed sync.Cond     // told when held has fallen
}

// A place is where one site's result goes.
type place struct {
	site Site
	task *task
}

// A key is what makes the visits of two sites one.
type key struct {
	url        string
	schemeless bool
}

// A task is a visit, shared by all sites of one URL.
type task struct {
	key   key
	uses  int // places not yet yielded; guarded by survey.mu
	size  int // what the visit adds to survey.held; likewise
	visit Visit
	done  chan struct{} // closed when visit is set
}

// dispatch starts a visit for each site as soon as there is room for it.
func (s *survey) dispatch(ctx context.Context, sites iter.Seq[Site]) {
	defer close(s.queue)
	inTime, cancel := s.untilDeadline(ctx)
	defer cancel()
	s.workers.SetLimit(s.concurrency())
	defer s.workers.Wait()
	defer close(s.begun)
	defer context.AfterFunc(ctx, s.wake)()
	limit := rate.NewLimiter(rate.Inf, 1)
	if s.Rate > 0 {
		limit.SetLimit(rate.Limit(s.Rate))
	}
	for site := range sites {
		s.waitForRoom(ctx)
		if limit.Wait(inTime) != nil && ctx.Err() != nil {
			return
		}
		t, isNew := s.share(site)
		select {
		case <-ctx.Done():
			return
		case s.queue <- place{site, t}:
		}
		if isNew {
			s.start(inTime, site, t)
		}
	}
}

// start begins the visit of a site, at once or when its host's turn comes. It
// takes one of the survey's places no sooner, so that a list which is grouped by
// host goes as fast as one that is not.
func (s *survey) start(ctx context.Context, site Site, t *task) {
	u, fault := site.address()
	if fault != nil {
		t.finish(s, failed(site, fault))
		return
	}
	run := func() { t.finish(s, s.visitSafely(ctx, site, u)) }
	if !s.turns.join(u.Hostname(), &waiter{run: run}) {
		return
	}
	s.work(func() {
		for run := run; run != nil; run = s.turns.leave(u.Hostname()) {
			run()
		}
	})
}

// work has a worker do something, as soon as one is free. Workers stay until the
// survey ends: the stack that a TLS handshake needs is grown once for each of
// them, which would cost every visit 3 % of its CPU time.
func (s *survey) work(do func()) {
	select {
	case s.begun <- do:
		return
	default:
	}
	isNew := s.workers.TryGo(func() error {
		do()
		for do := range s.begun {
			do()
		}
		return nil
	})
	if !isNew {
		s.begun <- do
	}
}

func (t *task) finish(s *survey, v Visit) {
	t.visit = v
	s.hold(t)
	close(t.done)
}

// untilDeadline returns the context of the visits. It is cancelled then, and has
// no deadline of its own: what it cuts short was cancelled, not too slow.
func (w *Wire) untilDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if w.Deadline.IsZero() {
		return ctx, cancel
	}
	timer := time.AfterFunc(time.Until(w.Deadline), cancel)
	return ctx, func() {
		timer.Stop()
		cancel()
	}
}

// waitForRoom blocks while the window holds too many bytes, until ctx ends.
// Each site in it is under way or done, so there will be room.
func (s *survey) waitForRoom(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.held > maxHeld && ctx.Err() == nil {
		s.freed.Wait()
	}
}

func (s *survey) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.freed.Broadcast()
}

// share returns the task that visits a site: one under way for the same URL,
// or a new one.
func (s *survey) share(site Site) (t *task, isNew bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held += site.size()
	k := key{site.URL, site.Schemeless}
	t = s.byURL[k]
	if t != nil && site.Fault == nil {
		t.uses++
		return t, false
	}
	t = &task{key: k, uses: 1, done: make(chan struct{})}
	if site.Fault == nil {
		s.byURL[k] = t
	}
	return t, true
}

// hold counts what a visit that is done holds until it is forgotten.
func (s *survey) hold(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.size = t.visit.size()
	s.held += t.size
}

// forget drops a place that is yielded, and its task when it was the last.
func (s *survey) forget(p place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held -= p.site.size()
	if p.task.uses--; p.task.uses == 0 {
		s.held -= p.task.size
		if s.byURL[p.task.key] == p.task {
			delete(s.byURL, p.task.key)
		}
	}
	s.freed.Broadcast()
}

// size is about how many bytes a site holds that servers or lists can choose.
func (s *Site) size() int { return len(s.Group) + len(s.Name) + len(s.URL) }

// stringSize is what a short string takes beside its bytes.
const stringSize = 32

// size is the same of a visit, its site left out.
func (v *Visit) size() int {
	n := 0
	for i := range v.Exchanges {
		n += v.Exchanges[i].size()
	}
	return n
}

func (x *Exchange) size() int {
	n := len(x.URL) + x.Head.size()
	for _, h := range x.Otherwise {
		n += h.size()
	}
	if x.Error != nil {
		n += len(x.Error.Message)
	}
	if x.TLS != nil && x.TLS.Error != nil {
		n += len(x.TLS.Error.Message)
	}
	return n
}

func (h *Head) size() int {
	n := len(h.Location) + len(h.Refresh) + len(h.ClearSiteData) + len(h.Server) + len(h.RetryAfter)
	for _, fields := range [...][]string{h.STS, h.Misnamed, h.Authenticate} {
		for _, field := range fields {
			n += stringSize + len(field)
		}
	}
	return n
}

// visitSafely turns a panic into a visit that failed.
func (s *survey) visitSafely(ctx context.Context, site Site, u browser.URL) (v Visit) {
	defer func() {
		if p := recover(); p != nil {
			v = failed(site, Bug(p))
		}
	}()
	return s.visitNow(ctx, site, u)
}

func (w *Wire) concurrency() int {
	if w.Concurrency > 0 {
		return w.Concurrency
	}
	return DefaultConcurrency
}
