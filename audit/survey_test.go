package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

func TestSurveyOf500(t *testing.T) {
	_, a := lead(t, lab.Sends("*.test", year), lab.Host{Name: "s007.test", TLS: lab.Reset}, lab.Host{Name: "s499.test"})
	a.Concurrency, a.Probes, a.Run, a.Vantage = 64, []Probe{visit.ProbeHTTP}, "2026-11", "akl"
	i := 0
	for r := range a.Survey(t.Context(), numbered(500)) {
		want := Protected
		switch i {
		case 7:
			want = Unknown
		case 499:
			want = Absent
		}
		if url := fmt.Sprintf("https://s%03d.test/", i); r.URL != url || r.Verdict != want || r.Run != a.Run || r.Vantage != a.Vantage {
			t.Errorf("result %d: %s: %s, error %v", i, r.URL, r.Verdict, r.Error)
		}
		i++
	}
	if i != 500 {
		t.Errorf("%d results", i)
	}
}

func TestConcurrency(t *testing.T) {
	for limit, want := range map[int]int32{1: 1, 3: 3, 0: visit.DefaultConcurrency} {
		synctest.Test(t, func(t *testing.T) {
			var now, most atomic.Int32
			a := &Auditor{Concurrency: limit, Proxy: func(*url.URL) (*url.URL, error) {
				most.Store(max(most.Load(), now.Add(1)))
				time.Sleep(time.Second) // of the bubble
				now.Add(-1)
				return nil, errors.New("none")
			}}
			for range a.Survey(t.Context(), numbered(200)) {
			}
			if n := most.Load(); n != want {
				t.Errorf("%d visits at once, want %d", n, want)
			}
		})
	}
}

// TestRows: a URL is visited once and shown in every row with the row's own
// names; faulty rows are not visited.
func TestRows(t *testing.T) {
	l, a := lead(t, lab.Sends("a.test", year), lab.Host{Name: "b.test"})
	a.Probes = []Probe{visit.ProbeHTTP}
	sites := []Site{
		{Group: "1", Name: "A", URL: "https://a.test/", Pos: Position{File: "x.txt", Line: 1}},
		{Group: "1", Name: "B", URL: "https://b.test/", Pos: Position{File: "x.txt", Line: 2}},
		{Group: "1", URL: "https://a.test/", Fault: errors.New("x.txt:3: bad"), Pos: Position{File: "x.txt", Line: 3}},
		{Group: "2", Name: "A", URL: "https://a.test/", Pos: Position{File: "y.txt", Line: 1}},
		{Group: "2", URL: "https://a.test/", Fault: errors.New("y.txt:2: worse"), Pos: Position{File: "y.txt", Line: 2}},
		{Group: "2", Name: "the same", URL: "https://a.test/"},
		{Group: "2", Name: "the same", URL: "https://a.test/"},
	}
	i := 0
	for r := range a.Survey(t.Context(), slices.Values(sites)) {
		s, want := sites[i], map[string]Verdict{"https://a.test/": Protected, "https://b.test/": Absent}[sites[i].URL]
		if s.Fault != nil {
			want = Unknown
			if kind(r.Error) != visit.KindInput || r.Error.Message != s.Fault.Error() || r.Exchanges != nil {
				t.Errorf("faulty row %d: %+v", i, r)
			}
		}
		if r.ID != s.ID() || r.Group != s.Group || r.Name != s.Name || r.URL != s.URL || r.Verdict != want {
			t.Errorf("row %d: %+v", i, r)
		}
		if listed := s.Pos != (Position{}); listed != (r.Source != nil) || listed && *r.Source != s.Pos {
			t.Errorf("row %d: from %v", i, r.Source)
		}
		i++
	}
	if i != len(sites) {
		t.Errorf("%d results", i)
	}
	if n := requests(l); n["https://a.test/"] != 1 || n["http://a.test/"] != 1 || n["https://b.test/"] != 1 {
		t.Errorf("requests %v", n)
	}
}

func TestNoSites(t *testing.T) {
	for range new(Auditor).Survey(t.Context(), numbered(0)) {
		t.Error("a result")
	}
}

// TestSurveyAgain: what Survey returns can be ranged over twice.
func TestSurveyAgain(t *testing.T) {
	_, a := lead(t, lab.Sends("*.test", year))
	results := a.Survey(t.Context(), numbered(5))
	for range 2 {
		n := 0
		for range results {
			n++
		}
		if n != 5 {
			t.Errorf("%d results", n)
		}
	}
}

// TestSlowSite: it holds back results, not visits.
func TestSlowSite(t *testing.T) {
	l, a := lead(t, lab.Host{Name: "s000.test", TLS: lab.Silent}, lab.Sends("*.test", year))
	a.Concurrency, a.Timeout = 2, time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for len(l.Requests()) < 99 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	n := 0
	for r := range a.Survey(ctx, numbered(100)) {
		if n == 0 && kind(r.Error) != visit.KindCancelled || n > 0 && n < 99 && r.Verdict != Protected {
			t.Errorf("result %d: %s, error %v", n, r.Verdict, r.Error)
		}
		n++
	}
	if n != 100 {
		t.Errorf("%d results", n)
	}
}

// endless yields sites without end and counts them.
func endless(n *atomic.Int32) iter.Seq[Site] {
	return func(yield func(Site) bool) {
		for yield(Site{URL: fmt.Sprintf("https://s%d.test/", n.Add(1))}) {
		}
	}
}

// TestBreak: whatever is under way ends with the range.
func TestBreak(t *testing.T) {
	for why, host := range map[string]lab.Host{
		"healthy sites":    lab.Sends("*.test", year),
		"silent sites":     {Name: "*.test", TLS: lab.Silent},
		"sites behind h2":  {Name: "*.test", TLS: lab.OnlyH2, Answer: lab.Answer{Delay: time.Minute}},
		"sites that reset": {Name: "*.test", TLS: lab.Reset},
	} {
		t.Run(why, func(t *testing.T) {
			l, a := lead(t, host, lab.Sends("s1.test", year))
			a.Timeout, a.Retries = time.Minute, 100
			check := lab.CheckLeaks(t)
			var pulled atomic.Int32
			for r := range a.Survey(t.Context(), endless(&pulled)) {
				if r.URL != "https://s1.test/" {
					t.Errorf("result for %s", r.URL)
				}
				break
			}
			l.Close()
			check()
			if n := pulled.Load(); n > 16<<10+visit.DefaultConcurrency+1 {
				t.Errorf("%d sites were pulled", n)
			}
		})
	}
}

// TestPanickingConsumer: as after a break, nothing is left.
func TestPanickingConsumer(t *testing.T) {
	l, a := lead(t, lab.Sends("s1.test", year), lab.Host{Name: "*.test", TLS: lab.Silent})
	a.Timeout = time.Minute
	check := lab.CheckLeaks(t)
	func() {
		defer func() { recover() }()
		for range a.Survey(t.Context(), endless(new(atomic.Int32))) {
			panic("at the consumer")
		}
	}()
	l.Close()
	check()
}

// TestCancel: each site that was started gets its result.
func TestCancel(t *testing.T) {
	l, a := lead(t, lab.Host{Name: "*.test", TLS: lab.Silent})
	a.Timeout, a.Retries = time.Minute, 100
	check := lab.CheckLeaks(t)
	ctx, cancel := context.WithCancel(t.Context())
	var pulled atomic.Int32
	go func() {
		for pulled.Load() < visit.DefaultConcurrency {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	results := int32(0)
	for r := range a.Survey(ctx, endless(&pulled)) {
		results++
		if url := fmt.Sprintf("https://s%d.test/", results); r.URL != url || r.Verdict != Unknown || kind(r.Error) != visit.KindCancelled {
			t.Errorf("result for %s: %s, error %v", r.URL, r.Verdict, r.Error)
		}
	}
	if n := pulled.Load(); results != n && results != n-1 || results < visit.DefaultConcurrency-1 {
		t.Errorf("%d results of %d sites", results, n)
	}
	l.Close()
	check()
}

// TestPanic: a bug met at one site is that site's result.
func TestPanic(t *testing.T) {
	_, a := lead(t, lab.Sends("*.test", year))
	a.Proxy = func(u *url.URL) (*url.URL, error) {
		if u.Host == "s001.test" {
			panic("at s001")
		}
		return nil, nil
	}
	var got []string
	for r := range a.Survey(t.Context(), numbered(3)) {
		got = append(got, string(r.Verdict))
		if r.Verdict == Unknown && (kind(r.Error) != visit.KindInternal || r.Error.Message != "a bug in hsts-check: at s001" || r.CheckedAt.IsZero()) {
			t.Errorf("%+v, error %v", r, r.Error)
		}
	}
	if s := strings.Join(got, " "); s != "protected unknown protected" {
		t.Error(s)
	}
}

// TestDeadline: each site has a result, the ones in time as ever and the others
// cancelled, however many there are and however slowly they were to be started.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const sites = 50_000
		start := time.Now()
		a := &Auditor{Concurrency: 4, Rate: 2, Deadline: start.Add(10 * time.Second), Proxy: func(*url.URL) (*url.URL, error) {
			return nil, errors.New("none")
		}}
		n, reached := 0, 0
		for r := range a.Survey(t.Context(), numbered(sites)) {
			if kind(r.Error) != visit.KindCancelled {
				reached++
			}
			n++
		}
		if n != sites || reached < 15 || reached > 25 {
			t.Errorf("%d results of %d sites, %d in time", n, sites, reached)
		}
		if took := time.Since(start); took > 11*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// TestDeadlineBreaksOff: a visit under way is cancelled, and is not told as one
// of a site that was too slow.
func TestDeadlineBreaksOff(t *testing.T) {
	_, a := lead(t, lab.Host{Name: "*.test", TLS: lab.Silent})
	a.Timeout, a.Deadline = time.Hour, time.Now().Add(100*time.Millisecond)
	for r := range a.Survey(t.Context(), numbered(3)) {
		if r.Verdict != Unknown || kind(r.Error) != visit.KindCancelled {
			t.Errorf("%s: %s, %+v", r.URL, r.Verdict, r.Error)
		}
	}
}
