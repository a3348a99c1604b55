package audit

import (
	"context"
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
	slots chan struct{}
	users int // visits that have a slot or wait for one; guarded by turns.mu
}

// take waits for a slot at a host, or for the end of ctx, and returns what is
// to be called to give it back. No clock runs meanwhile: a visit that waits has
// not begun.
func (t *turns) take(ctx context.Context, host string) (leave func()) {
	own := t.join(host)
	select {
	case own.slots <- struct{}{}:
		return func() {
			<-own.slots
			t.part(host, own)
		}
	case <-ctx.Done():
		return func() { t.part(host, own) }
	}
}

func (t *turns) join(host string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hosts == nil {
		t.hosts = make(map[string]*turn)
	}
	own := t.hosts[host]
	if own == nil {
		own = &turn{slots: make(chan struct{}, perHost)}
		t.hosts[host] = own
	}
	own.users++
	return own
}

func (t *turns) part(host string, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(t.hosts, host)
	}
}
