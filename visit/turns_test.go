package visit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hsts-check/internal/lab"
)

func TestTurnsBoundVisitsToOneHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		var under, most, other atomic.Int32
		for range 20 {
			go func() {
				leave, ok := all.take(t.Context(), "a.test")
				if !ok {
					t.Error("no turn")
					return
				}
				defer leave()
				now := under.Add(1)
				for before := most.Load(); now > before && !most.CompareAndSwap(before, now); before = most.Load() {
				}
				time.Sleep(time.Second)
				under.Add(-1)
			}()
		}
		go func() {
			leave, _ := all.take(t.Context(), "b.test")
			defer leave()
			other.Store(int32(under.Load()))
		}()
		synctest.Wait()
		if under.Load() != perHost || other.Load() > perHost {
			t.Errorf("%d visits at once", under.Load())
		}
		time.Sleep(time.Minute)
		if most.Load() != perHost {
			t.Errorf("at most %d visits at once, not %d", most.Load(), perHost)
		}
		if n := all.size(); n != 0 {
			t.Errorf("%d hosts are kept", n)
		}
	})
}

// size is how many hosts are kept.
func (t *turns) size() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.hosts)
}

// TestTurnsEndWithTheContext: who waits no longer leaves the queue, and a turn
// that came at that moment goes on to the next.
func TestTurnsEndWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		var leaves []func()
		for range perHost {
			leave, _ := all.take(t.Context(), "a.test")
			leaves = append(leaves, leave)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone, served := make(chan bool), make(chan bool)
		go func() {
			_, ok := all.take(ctx, "a.test")
			gone <- ok
		}()
		synctest.Wait()
		go func() {
			leave, ok := all.take(t.Context(), "a.test")
			leave()
			served <- ok
		}()
		synctest.Wait()
		cancel()
		if <-gone {
			t.Error("a turn after the end of the context")
		}
		for _, leave := range leaves {
			leave()
		}
		if !<-served {
			t.Error("the next in the queue got no turn")
		}
		if n := all.size(); n != 0 {
			t.Errorf("%d hosts are kept", n)
		}
	})
}

// TestTurnPassesOn: a turn that comes to somebody who has just gone is not lost.
func TestTurnPassesOn(t *testing.T) {
	var all turns
	w := &waiter{come: make(chan struct{})}
	for range perHost {
		all.join("a.test", &waiter{})
	}
	if all.join("a.test", w) {
		t.Fatal("a turn too many")
	}
	all.leave("a.test")
	<-w.come
	if all.abandon("a.test", w) {
		t.Error("a waiter whose turn has come is still in the queue")
	}
}

// TestTurnOfOneWhoGoes: a turn that is handed over just as its waiter's context
// ends goes on to the next, or is free.
func TestTurnOfOneWhoGoes(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			var all turns
			var leaves []func()
			for range perHost {
				leave, _ := all.take(t.Context(), "a.test")
				leaves = append(leaves, leave)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				if leave, ok := all.take(ctx, "a.test"); ok {
					leave()
				}
			}()
			synctest.Wait()
			cancel()
			for _, leave := range leaves {
				leave()
			}
			synctest.Wait()
			if len(all.hosts) != 0 {
				t.Fatal("a turn is lost")
			}
		})
	}
}

// TestTurnGoesToASurvey: a turn that a visit by itself gives up goes to the survey
// that waits for it, and from there to the next.
func TestTurnGoesToASurvey(t *testing.T) {
	var all turns
	leave, _ := all.take(t.Context(), "a.test")
	for range perHost - 1 {
		all.join("a.test", &waiter{})
	}
	ran := 0
	for range 3 {
		if all.join("a.test", &waiter{run: func() { ran++ }}) {
			t.Fatal("a turn too many")
		}
	}
	leave()
	if ran != 3 || all.hosts["a.test"].taken != perHost-1 {
		t.Errorf("%d of 3 visits ran, %d turns are taken", ran, all.hosts["a.test"].taken)
	}
}

// TestGroupedList: a list that is grouped by host keeps all places of a survey
// busy, as one does that is not.
func TestGroupedList(t *testing.T) {
	l, w := lead(t, lab.Host{Name: "*.test", Answer: lab.Answer{Delay: 200 * time.Millisecond}})
	w.Concurrency = 2 * perHost
	sites := func(yield func(Site) bool) {
		for _, host := range []string{"a", "b"} {
			for i := range 4 * perHost {
				if !yield(Site{URL: fmt.Sprintf("https://%s.test/%d", host, i)}) {
					return
				}
			}
		}
	}
	for range w.Survey(t.Context(), sites) {
	}
	// With every place at host a, its last visit would begin before the first of b.
	firstOfB := slices.IndexFunc(l.Requests(), func(r lab.Request) bool { return strings.HasPrefix(r.URL, "https://b.test/") })
	if firstOfB < 0 || firstOfB > 2*perHost {
		t.Errorf("host b's turn came as request %d", firstOfB)
	}
}

func TestBusy(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	tests := []struct {
		name  string
		reply reply
		wait  time.Duration
		busy  bool
	}{
		{"503 in seconds", reply{Head: Head{Status: 503}, retryAfter: "7"}, 7 * time.Second, true},
		{"429 at a time", reply{Head: Head{Status: 429}, retryAfter: "Sun, 22 Nov 2026 09:00:30 GMT"}, 30 * time.Second, true},
		{"503 and no word", reply{Head: Head{Status: 503}}, 0, true},
		{"503 and nonsense", reply{Head: Head{Status: 503}, retryAfter: "soon"}, 0, true},
		{"an age", reply{Head: Head{Status: 503}, retryAfter: "99999999999"}, 0, true},
		{"the header says all", reply{Head: Head{Status: 503, STS: []string{"max-age=1"}}, retryAfter: "7"}, 0, false},
		{"no other status", reply{Head: Head{Status: 500}, retryAfter: "7"}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if wait, busy := tt.reply.busy(now); wait != tt.wait || busy != tt.busy {
				t.Errorf("got %s, %v", wait, busy)
			}
		})
	}
}

// TestPauseHonoursTheDeadline: a server that asks to come back after the end of
// the visit is not waited for.
func TestPauseHonoursTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := visitor{ends: time.Now().Add(10 * time.Second)}
		start := time.Now()
		if v.pause(t.Context(), time.Hour) || time.Since(start) != 0 {
			t.Error("it waited for an hour that the visit has not")
		}
		if !v.pause(t.Context(), time.Second) || time.Since(start) != time.Second {
			t.Error("it did not wait a second")
		}
	})
}

// TestSurveyRate: sites start no faster than asked.
func TestSurveyRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := Wire{Rate: 2}
		start := time.Now()
		sites := func(yield func(Site) bool) {
			for range 5 {
				if !yield(Site{Fault: context.Canceled}) {
					return
				}
			}
		}
		for range a.Survey(t.Context(), sites) {
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("5 sites at 2 a second took %s", took)
		}
	})
}
