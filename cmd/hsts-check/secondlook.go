package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"golang.org/x/time/rate"

	"hsts-check/audit"
	"hsts-check/internal/text"
	"hsts-check/witness"
)

// A secondLook has a real browser visit some of the sites of a survey, while the
// survey goes on.
type secondLook struct {
	*program
	browsing
	ctx     context.Context // that of browsers
	options *witness.Options
	auditor *audit.Auditor

	started chan struct{} // closed when browser or fault is there
	free    chan struct{} // holds a token for each tab in use
	limit   *rate.Limiter

	closing sync.WaitGroup // browsers that have ended
	mu      sync.Mutex
	browser *witness.Browser
	fault   error // why there is none
	starts  int
	ends    int // of browsers that ended by themselves
	lost    int // sites that were to be looked at, and were not
	looks   map[string]*look
}

// A look is a browser's visit, shared by the sites of one URL.
type look struct {
	done chan struct{}
	seen []audit.Exchange
	by   string
}

const (
	// lookahead is how many sites the survey may be ahead of the first that a
	// browser has not looked at yet.
	lookahead = 1024
	// mostStarts is how often a browser is started that ends by itself.
	mostStarts = 3
)

// secondLook starts the browser that the flags ask for, which takes a while. The
// survey need not wait.
func (p *program) secondLook(ctx context.Context, o browsing, options *witness.Options, a *audit.Auditor) *secondLook {
	s := &secondLook{
		program: p, browsing: o, ctx: ctx, options: options, auditor: a,
		started: make(chan struct{}), free: make(chan struct{}, o.tabs), limit: rate.NewLimiter(rate.Inf, 1), looks: make(map[string]*look),
	}
	if a.Rate > 0 {
		s.limit.SetLimit(rate.Limit(a.Rate))
	}
	go func() {
		defer close(s.started)
		s.start()
	}()
	return s
}

func (s *secondLook) start() {
	b, err := witness.Start(s.ctx, *s.options)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.browser, s.fault = b, err
	s.starts++
}

// close ends the browser, and says what came of it that is no site's fault.
func (s *secondLook) close() error {
	<-s.started
	s.closing.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.browser != nil {
		s.browser.Close()
	}
	told := withHint(fmt.Errorf("the browser has ended by itself, %s: %s not looked at again", times(s.ends), were(s.lost)), "try fewer at once: --browser-tabs 1")
	switch {
	case s.ctx.Err() != nil:
		return nil
	case s.fault != nil && s.ends == 0:
		return browserFault(s.fault)
	case s.fault != nil:
		return told
	case s.lost > 0:
		s.say("%v", told)
	}
	return nil
}

// times says how often something happened.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return text.Number(n) + " times"
}

// were counts sites that something was done to.
func were(n int) string {
	if n == 1 {
		return "1 site was"
	}
	return text.Number(n) + " sites were"
}

// survey yields the results of a survey in their order, those that a browser was to
// look at with what it saw.
func (s *secondLook) survey(ctx running, sites iter.Seq[audit.Site]) iter.Seq[audit.Result] {
	return func(yield func(audit.Result) bool) {
		hard, cancel := context.WithCancel(ctx.hard)
		queue, left := make(chan pending, lookahead), make(chan struct{})
		var work sync.WaitGroup
		defer work.Wait()
		defer cancel()
		defer close(left)
		work.Go(func() {
			defer close(queue)
			for r := range s.auditor.Survey(hard, ctx.until(sites)) {
				s.bar.add(r)
				select {
				case queue <- pending{r, s.begin(ctx, hard, r, &work)}:
				case <-left:
					return
				}
			}
			s.bar.secondRound(s.stderr)
		})
		for p := range queue {
			if !yield(s.finish(p)) {
				return
			}
		}
	}
}

// A pending result may wait for a look.
type pending struct {
	audit.Result
	look *look // nil where none is wanted
}

// begin begins a look where one is wanted and none of that URL is under way.
func (s *secondLook) begin(ctx running, hard context.Context, r audit.Result, work *sync.WaitGroup) *look {
	if !s.wants(r) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.looks[r.URL]; l != nil {
		return l
	}
	l := &look{done: make(chan struct{})}
	s.looks[r.URL] = l
	s.bar.wants()
	work.Go(func() {
		defer s.bar.looked()
		defer close(l.done)
		s.look(ctx, hard, r.URL, l)
	})
	return l
}

// finish waits for the look of a result and adds what was seen.
func (s *secondLook) finish(p pending) audit.Result {
	if p.look == nil {
		return p.Result
	}
	<-p.look.done
	s.mu.Lock()
	delete(s.looks, p.URL)
	s.mu.Unlock()
	if p.look.seen == nil {
		return p.Result
	}
	return p.Witnessed(p.look.by, p.look.seen, s.auditor.Preload)
}

// look has the browser visit a URL, as soon as a tab is free and if the run has not
// ended by then. One that ends meanwhile is started again, for others.
func (s *secondLook) look(ctx running, hard context.Context, url string, l *look) {
	begun, cancel := s.untilDeadline(hard)
	defer cancel()
	<-s.started
	select {
	case s.free <- struct{}{}:
	case <-ctx.Done():
		return
	}
	defer func() { <-s.free }()
	if ctx.Err() != nil || s.limit.Wait(begun) != nil {
		return
	}
	b := s.running()
	if b == nil {
		return
	}
	seen, err := b.Visit(begun, url)
	if err != nil {
		s.failed(b, url, err)
		return
	}
	l.seen, l.by = seen, b.Version()
}

func (s *secondLook) untilDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.auditor.Deadline.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, s.auditor.Deadline)
}

// running returns the browser, started anew if it has ended; nil for none.
func (s *secondLook) running() *witness.Browser {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.browser == nil && s.ends > 0 && s.starts < mostStarts {
		s.starts++
		s.browser, s.fault = witness.Start(s.ctx, *s.options)
	}
	if s.browser == nil {
		s.lost++
	}
	return s.browser
}

// failed notes that a look came to nothing by no fault of its site.
func (s *secondLook) failed(b *witness.Browser, url string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case errors.Is(err, witness.ErrGone):
		s.lost++
		if s.browser == b && s.ctx.Err() == nil {
			s.browser, s.fault = nil, err
			s.ends++
			s.closing.Go(b.Close)
		}
	case !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded):
		s.say("%s was not looked at again: %v", url, err)
	}
}
