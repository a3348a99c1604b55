package visit

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
)

// TestWindowOfBytes: what waits for its turn is bounded in bytes too, and what
// is yielded makes room again.
func TestWindowOfBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := survey{byURL: map[key]*task{}}
		s.freed.L = &s.mu
		site := Site{URL: "https://a.test/"}
		first, _ := s.share(site)
		second, isNew := s.share(site)
		if first != second || isNew {
			t.Error("not shared")
		}
		first.visit = Visit{Exchanges: []Exchange{{Head: Head{STS: []string{strings.Repeat("a", maxHeld)}}}}}
		s.hold(first)
		room := make(chan bool)
		wait := func(ctx context.Context) {
			s.waitForRoom(ctx)
			close(room)
		}
		go wait(t.Context())
		s.forget(place{site, first})
		synctest.Wait()
		select {
		case <-room:
			t.Error("there is room while the visit is still wanted")
		default:
		}
		s.forget(place{site, second})
		<-room
		if s.held != 0 || len(s.byURL) != 0 {
			t.Errorf("%d bytes and %d visits are still held", s.held, len(s.byURL))
		}

		s.held, room = maxHeld+1, make(chan bool)
		ctx, cancel := context.WithCancel(t.Context())
		context.AfterFunc(ctx, s.wake)
		go wait(ctx)
		synctest.Wait()
		cancel()
		<-room
	})
}

func TestVisitSize(t *testing.T) {
	message := Error{Message: "12345"}
	v := Visit{Exchanges: []Exchange{{URL: "1", Head: Head{Location: "12", STS: []string{"123", "1234"}}, Error: &message, TLS: &TLS{Error: &message}}, {URL: "1"}}}
	if n := v.size(); n != 1+2+3+4+2*stringSize+5+5+1 {
		t.Errorf("%d bytes", n)
	}
}
