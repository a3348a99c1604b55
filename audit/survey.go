package audit

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// window is how many sites a survey may be ahead of the result it yields next.
// A silent site holds its successors' results back until it times out, so a
// survey can go no faster than window sites in the time of the slowest one.
const window = 16 << 10

// Survey visits sites, Concurrency of them at once, and yields one result for
// each, in the order of sites, while it runs.
//
// A URL that stands in several rows within the window is visited once and its
// visit judged for each. Breaking out of the range cancels what is under way
// and leaves no goroutine behind. When ctx ends, no further site is started;
// those that were still get their results, unknown where they were cut short.
// Survey waits for sites to return from what it is doing, so a sequence that
// can block has to watch ctx itself.
func (a *Auditor) Survey(ctx context.Context, sites iter.Seq[Site]) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		s := survey{Auditor: a, queue: make(chan place, window), byURL: make(map[string]*task)}
		var dispatching sync.WaitGroup
		dispatching.Go(func() { s.dispatch(ctx, sites) })
		defer dispatching.Wait()
		defer cancel()
		for p := range s.queue {
			<-p.task.done
			visit := p.task.visit
			visit.Site = p.site
			s.forget(p.task)
			if !yield(a.result(visit)) {
				return
			}
		}
	}
}

// result judges a visit and signs it with the run's names.
func (a *Auditor) result(v Visit) Result {
	r := Judge(v)
	r.Run, r.Vantage = a.Run, a.Vantage
	return r
}

// A survey is one under way.
type survey struct {
	*Auditor
	queue chan place // in the order of sites

	mu    sync.Mutex
	byURL map[string]*task // those in the window, to be shared
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
	visit Visit
	done  chan struct{} // closed when visit is set
}

// dispatch starts a visit for each site as soon as there is room for it.
func (s *survey) dispatch(ctx context.Context, sites iter.Seq[Site]) {
	defer close(s.queue)
	var visits errgroup.Group
	visits.SetLimit(s.concurrency())
	defer visits.Wait()
	for site := range sites {
		t, isNew := s.share(site)
		select {
		case <-ctx.Done():
			return
		case s.queue <- place{site, t}:
		}
		if isNew {
			visits.Go(func() error {
				defer close(t.done)
				t.visit = s.visitSafely(ctx, site)
				return nil
			})
		}
	}
}

// share returns the task that visits a site: one under way for the same URL,
// or a new one.
func (s *survey) share(site Site) (t *task, isNew bool) {
	if site.Fault != nil {
		return &task{done: make(chan struct{})}, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.byURL[site.URL]
	if !ok {
		t = &task{url: site.URL, done: make(chan struct{})}
		s.byURL[site.URL] = t
	}
	t.uses++
	return t, !ok
}

// forget drops a task when the last of its places has been yielded.
func (s *survey) forget(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.uses--; t.uses == 0 {
		delete(s.byURL, t.url)
	}
}

// visitSafely turns a panic into a result: no server may end a survey.
func (s *survey) visitSafely(ctx context.Context, site Site) (v Visit) {
	defer func() {
		if p := recover(); p != nil {
			v = Visit{Site: site, CheckedAt: time.Now().UTC(), Error: &Error{KindInternal, fmt.Sprintf("a bug in hsts-check: %v", p)}}
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
