package visit

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestTurnsBoundVisitsToOneHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		var under, most, other atomic.Int32
		for range 20 {
			go func() {
				defer all.take(t.Context(), "a.test")()
				now := under.Add(1)
				for before := most.Load(); now > before && !most.CompareAndSwap(before, now); before = most.Load() {
				}
				time.Sleep(time.Second)
				under.Add(-1)
			}()
		}
		go func() {
			defer all.take(t.Context(), "b.test")()
			other.Store(int32(under.Load()))
		}()
		start := time.Now()
		synctest.Wait()
		if under.Load() != perHost || other.Load() > perHost {
			t.Errorf("%d visits at once", under.Load())
		}
		time.Sleep(time.Minute)
		if most.Load() != perHost {
			t.Errorf("at most %d visits at once, not %d", most.Load(), perHost)
		}
		all.mu.Lock()
		defer all.mu.Unlock()
		if len(all.hosts) != 0 {
			t.Errorf("%d hosts are kept after %s", len(all.hosts), time.Since(start))
		}
	})
}

func TestTurnsEndWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		ctx, cancel := context.WithCancel(t.Context())
		for range perHost {
			all.take(ctx, "a.test")
		}
		done := make(chan struct{})
		go func() {
			all.take(ctx, "a.test")()
			close(done)
		}()
		synctest.Wait()
		cancel()
		<-done
		all.mu.Lock()
		defer all.mu.Unlock()
		if all.hosts["a.test"].users != perHost {
			t.Errorf("%d users, not %d", all.hosts["a.test"].users, perHost)
		}
	})
}

func TestBusy(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		head head
		wait time.Duration
		busy bool
	}{
		{"503 in seconds", head{status: 503, retryAfter: "7"}, 7 * time.Second, true},
		{"429 at a time", head{status: 429, retryAfter: "Sun, 22 Nov 2026 09:00:30 GMT"}, 30 * time.Second, true},
		{"503 and no word", head{status: 503}, 0, true},
		{"503 and nonsense", head{status: 503, retryAfter: "soon"}, 0, true},
		{"an age", head{status: 503, retryAfter: "99999999999"}, 0, true},
		{"the header says all", head{status: 503, retryAfter: "7", sts: []string{"max-age=1"}}, 0, false},
		{"no other status", head{status: 500, retryAfter: "7"}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if wait, busy := tt.head.busy(now); wait != tt.wait || busy != tt.busy {
				t.Errorf("got %s, %v", wait, busy)
			}
		})
	}
}

// TestPauseHonoursTheDeadline: a server that asks to come back after the end of
// the visit is not waited for.
func TestPauseHonoursTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		if pause(ctx, time.Hour) || time.Since(start) != 0 {
			t.Error("it waited for an hour that the visit has not")
		}
		if !pause(ctx, time.Second) || time.Since(start) != time.Second {
			t.Error("it did not wait a second")
		}
	})
}

// TestSurveyRate: sites start no faster than asked.
func TestSurveyRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := Auditor{Rate: 2}
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
