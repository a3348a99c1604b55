package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"
	"github.com/schollz/progressbar/v3"

	"hsts-check/audit"
	"hsts-check/report"
)

// A progress is a bar at the foot of the terminal while a survey runs, which
// leaves no trace. The zero value shows nothing. Its methods may be called
// concurrently.
type progress struct {
	mu      sync.Mutex
	bar     *progressbar.ProgressBar
	columns int          // of the terminal
	sites   int          // to visit; negative where that is not known
	pending int          // sites done that the bar does not show yet
	drawn   time.Time    // last
	score   report.Score // of the group that sites come from now
	// wanted and seen are how many sites a browser is to look at too, and has;
	// second says that it is these that the bar counts now.
	wanted, seen int
	second       bool
}

const (
	leastColumns = 50                     // that the bar needs to stay on one line
	redraw       = 100 * time.Millisecond // at most so often
)

// start shows a bar for so many sites, negative where their number is not
// known, if stderr is a terminal that can take it away again.
func (b *progress) start(stderr io.Writer, sites int) {
	columns, ok := terminal(stderr)
	if ok && sites != 0 && columns >= leastColumns && os.Getenv("TERM") != "dumb" {
		b.open(stderr, sites, columns)
	}
}

func (b *progress) open(w io.Writer, sites, columns int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.columns, b.sites = columns, sites
	b.bar = progressbar.NewOptions(max(sites, -1),
		progressbar.OptionSetWriter(w),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionShowCount(),
		progressbar.OptionShowTotalBytes(sites > 0),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("sites"),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetPredictTime(false), // remark does, once there is something to go by
		progressbar.OptionSetSpinnerChangeInterval(0),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionSetWidth(b.width()),
	)
}

// width is the bar's own, in columns.
func (b *progress) width() int { return min(max(b.columns/10, 8), 30) }

// add counts one more site.
func (b *progress) add(r audit.Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar == nil {
		return
	}
	if r.Group != b.score.Group {
		b.score = report.Score{Group: r.Group}
	}
	b.score.Add(r.Verdict)
	b.pending++
	if time.Since(b.drawn) < redraw {
		return
	}
	b.bar.Add(b.pending)
	if b.sites > 0 {
		b.bar.Describe(b.remark())
	}
	b.pending, b.drawn = 0, time.Now()
}

// wants counts one more site that a browser is to look at.
func (b *progress) wants() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wanted++
}

// looked counts one more that it has looked at.
func (b *progress) looked() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen++
	if b.bar != nil && b.second {
		b.bar.Add(1)
		b.bar.Describe(b.again())
	}
}

// again says what the bar counts in the second round, as far as there is room.
func (b *progress) again() string {
	return displaywidth.TruncateString("seen again by Chromium", max(0, b.room()), "")
}

// secondRound has the bar count, from now on, the sites that a browser looks at
// too: all have been visited by the program itself.
func (b *progress) secondRound(stderr io.Writer) {
	b.mu.Lock()
	shown := b.bar != nil && b.wanted > b.seen
	if b.bar != nil {
		b.bar.Clear()
	}
	wanted, columns := b.wanted, b.columns
	b.mu.Unlock()
	if !shown {
		return
	}
	b.open(stderr, wanted, columns)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.second = true
	b.bar.Set(b.seen)
	b.bar.Describe(b.again())
}

// remark says how long it may still take and how the group is doing, as far as
// there is room.
func (b *progress) remark() string {
	state := b.bar.State()
	left := ""
	if seconds := int(state.SecondsLeft + 0.5); state.SecondsSince > 1 && seconds > 0 {
		left = (time.Duration(seconds) * time.Second).String() + " left"
	}
	room := b.room()
	said := fmt.Sprintf("%d of %d protected", b.score.Count(audit.Protected), b.score.Judged())
	if left != "" {
		said += ", " + left
	}
	group := report.Visible(b.score.Group)
	switch room -= len(said); {
	case room < 0:
		return displaywidth.TruncateString(left, max(0, room+len(said)), "")
	case group != "" && room >= len("NZ: "):
		return displaywidth.TruncateString(group, room-len(": "), "…") + ": " + said
	}
	return said
}

// room is how many columns there are beside the bar and its numbers.
func (b *progress) room() int {
	count := fmt.Sprintf("(%d/%d, 99999 sites/min)", b.sites, b.sites)
	return b.columns - len(" 100% || ") - b.width() - len(count) - len("  ")
}

// write writes a line on stderr, in the place of the bar, which comes back with
// the next site.
func (b *progress) write(stderr io.Writer, line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		b.bar.Clear()
		b.drawn = time.Time{}
	}
	io.WriteString(stderr, line)
}

// finish takes the bar away.
func (b *progress) finish() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		b.bar.Clear()
		b.bar = nil
	}
}
