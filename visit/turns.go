package visit

import (
	"context"
	"slices"
	"sync"
)

// Turns lets no more than perHost visits at once go to one host name. The zero
// value is ready.
type turns struct {
	mu    sync.Mutex
	hosts map[string]*turn
}

// A turn is a host's.
type turn struct {
	taken   int
	waiting []*waiter // in the order in which they came
}

// A waiter is told that its turn has come by one of two means.
type waiter struct {
	run  func()        // called by who gave up the turn, if not nil
	come chan struct{} // else closed; made when the waiting begins
}

// join takes a turn at a host, or puts w in the queue for one; it reports
// whether the turn has come at once.
func (t *turns) join(host string, w *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.hosts[host]
	if own == nil {
		own = new(turn)
		if t.hosts == nil {
			t.hosts = make(map[string]*turn)
		}
		t.hosts[host] = own
	}
	if own.taken == perHost {
		if w.run == nil {
			w.come = make(chan struct{})
		}
		own.waiting = append(own.waiting, w)
		return false
	}
	own.taken++
	return true
}

// leave gives up a turn at a host. It returns what has to be called now that
// somebody else's has come, nil for nothing.
func (t *turns) leave(host string) (run func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.hosts[host]
	if len(own.waiting) == 0 {
		if own.taken--; own.taken == 0 {
			delete(t.hosts, host)
		}
		return nil
	}
	next := own.waiting[0]
	own.waiting = own.waiting[1:]
	if next.come == nil {
		return next.run
	}
	close(next.come)
	return nil
}

// take waits for a turn at a host. It returns what gives the turn up, or false
// where ctx ended first. No clock runs meanwhile: a visit that waits has not
// begun.
func (t *turns) take(ctx context.Context, host string) (leave func(), ok bool) {
	leave = func() {
		for run := t.leave(host); run != nil; run = t.leave(host) {
			run()
		}
	}
	w := new(waiter)
	if t.join(host, w) {
		return leave, true
	}
	select {
	case <-w.come:
		return leave, true
	case <-ctx.Done():
		if !t.abandon(host, w) {
			leave()
		}
		return nil, false
	}
}

// abandon takes a waiter out of the queue, and reports whether it was still
// there.
func (t *turns) abandon(host string, w *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.hosts[host]
	if own == nil {
		return false
	}
	i := slices.Index(own.waiting, w)
	if i >= 0 {
		own.waiting = slices.Delete(own.waiting, i, i+1)
	}
	return i >= 0
}
