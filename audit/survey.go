package audit

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// Survey visits sites, Concurrency of them at once, and yields one result for
// each, in the order of sites, while it runs.
//
// A URL that stands in several rows within the window is visited once and its
// visit judged for each. Breaking out of the range cancels what is under way
// and leaves no goroutine behind. When ctx ends, no further site is started;
// those that were still get their results, unknown where they were cut short.
// After Deadline the rest of sites is read and gets its results without visits.
// Survey waits for sites to return from what it is doing, so a sequence that
// can block has to watch ctx itself.
func (a *Auditor) Survey(ctx context.Context, sites iter.Seq[Site]) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		s := survey{Auditor: a, queue: make(chan place, window), byURL: make(map[string]*task)}
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
			if !yield(a.result(visit)) {
				return
			}
		}
	}
}

// result judges a visit and signs it with the run's names.
func (a *Auditor) result(v Visit) (r Result) {
	defer func() {
		if p := recover(); p != nil {
			r = Judge(Visit{Site: v.Site, CheckedAt: v.CheckedAt, Error: bug(p)}, nil)
		}
		r.Run, r.Vantage = a.Run, a.Vantage
	}()
	return Judge(v, a.Preload)
}

// bug turns a panic into data: no server may end a survey.
func bug(panicked any) *Error {
	return &Error{KindInternal, fmt.Sprintf("a bug in hsts-check: %v", panicked)}
}

// A survey is one under way.
type survey struct {
	*Auditor
	queue chan place // in the order of sites

	mu    sync.Mutex
	byURL map[string]*task // those in the window, to be shared
	held  int              // bytes that the window holds, about
	freed sync.Cond        // told when held has fallen
}

// A place is where one site's result goes.
type place struct {
	site Site
	task *task
}

// A task is a visit, shared by all sites of one URL.
type task struct {
	url   string
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
	var visits errgroup.Group
	visits.SetLimit(s.concurrency())
	defer visits.Wait()
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
			visits.Go(func() error {
				defer close(t.done)
				t.visit = s.visitSafely(inTime, site)
				s.hold(t)
				return nil
			})
		}
	}
}

// untilDeadline returns the context of the visits. It is cancelled then, and has
// no deadline of its own: what it cuts short was cancelled, not too slow.
func (a *Auditor) untilDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if a.Deadline.IsZero() {
		return ctx, cancel
	}
	timer := time.AfterFunc(time.Until(a.Deadline), cancel)
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
	t = s.byURL[site.URL]
	if t != nil && site.Fault == nil {
		t.uses++
		return t, false
	}
	t = &task{url: site.URL, uses: 1, done: make(chan struct{})}
	if site.Fault == nil {
		s.byURL[site.URL] = t
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
		if s.byURL[p.task.url] == p.task {
			delete(s.byURL, p.task.url)
		}
	}
	s.freed.Broadcast()
}

// size is about how many bytes a site holds that servers or lists can choose.
func (s *Site) size() int { return len(s.Group) + len(s.Name) + len(s.URL) }

// size is the same of a visit, its site left out.
func (v *Visit) size() int {
	n := 0
	for _, x := range v.Exchanges {
		n += len(x.URL) + len(x.Location)
		for _, field := range x.STS {
			n += len(field)
		}
		if x.Error != nil {
			n += len(x.Error.Message)
		}
		if x.TLS != nil && x.TLS.Error != nil {
			n += len(x.TLS.Error.Message)
		}
	}
	return n
}

// visitSafely turns a panic into a visit that failed.
func (s *survey) visitSafely(ctx context.Context, site Site) (v Visit) {
	defer func() {
		if p := recover(); p != nil {
			v = Visit{Site: site, CheckedAt: time.Now().UTC(), Error: bug(p)}
		}
	}()
	return s.Visit(ctx, site)
}

func (a *Auditor) concurrency() int {
	if a.Concurrency > 0 {
		return a.Concurrency
	}
	return DefaultConcurrency
}
