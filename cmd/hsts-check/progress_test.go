package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"

	"hsts-check/audit"
)

// TestProgressStaysOnItsLine: a bar that wraps could not be taken away again.
func TestProgressStaysOnItsLine(t *testing.T) {
	groups := []string{"", "NZ", "中华人民共和国 the banks of", strings.Repeat("long ", 60), "bidi \u202e and \x1b[2J escapes"}
	for _, sites := range []int{3, 300, 1_000_000} {
		for columns := leastColumns; columns <= 220; columns += 7 {
			var out bytes.Buffer
			b := &progress{}
			b.open(&out, sites, columns)
			for i := range 3 * len(groups) {
				b.add(audit.Result{Group: groups[i/3], Verdict: audit.Verdicts[i%3]})
				b.write(&out, "") // makes the next one draw
			}
			b.finish()
			for _, drawn := range strings.Split(out.String(), "\r") {
				line := regexp.MustCompile(`\x1b\[[02]K`).ReplaceAllString(drawn, "")
				if n := displaywidth.String(line); n >= columns {
					t.Errorf("%d columns of %d: %q", n, columns, line)
				}
				if strings.ContainsAny(line, "\x1b\u202e") {
					t.Errorf("a group's name acts: %q", line)
				}
			}
			if !strings.HasSuffix(out.String(), "\x1b[2K\r") {
				t.Errorf("the bar is left behind: %q", out.String())
			}
		}
	}
}

// TestProgressTellsTheScore of the group that sites come from.
func TestProgressTellsTheScore(t *testing.T) {
	var out bytes.Buffer
	b := &progress{}
	b.open(&out, 5, 100)
	for _, r := range []audit.Result{
		{Group: "New Zealand", Verdict: audit.Protected}, {Group: "New Zealand", Verdict: audit.Unknown},
		{Group: "New Zealand", Verdict: audit.Absent}, {Group: "Australia", Verdict: audit.Absent},
	} {
		b.add(r)
		b.write(&out, "")
	}
	for _, want := range []string{"(3/5, ", "New Zealand: 1 of 2 protected", "(4/5, ", "Australia: 0 of 1 protected"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %q", want, out.String())
		}
	}
}

// TestProgressTellsTheSecondRound apart from the first, on a line of its own.
func TestProgressTellsTheSecondRound(t *testing.T) {
	for columns := leastColumns; columns <= 120; columns += 7 {
		var first, second bytes.Buffer
		b := &progress{}
		b.open(&first, 4, columns)
		for range 3 {
			b.wants()
		}
		b.looked()
		for range 4 {
			b.add(audit.Result{Group: "New Zealand", Verdict: audit.Absent})
			b.write(&first, "")
		}
		b.secondRound(&second)
		b.looked()
		if strings.Contains(first.String(), "Chromium") || !strings.Contains(second.String(), "(1/3") || !strings.Contains(second.String(), "(2/3, ") {
			t.Errorf("first %q, then %q", &first, &second)
		}
		if columns > 80 && !strings.Contains(second.String(), "seen again by Chromium") {
			t.Errorf("%d columns: %q", columns, &second)
		}
		for _, drawn := range strings.Split(second.String(), "\r") {
			line := regexp.MustCompile(`\x1b\[[02]K`).ReplaceAllString(drawn, "")
			if n := displaywidth.String(line); n >= columns {
				t.Errorf("%d columns of %d: %q", n, columns, line)
			}
		}
		b.looked()
		b.finish()
		if !strings.HasSuffix(second.String(), "\x1b[2K\r") {
			t.Errorf("the bar is left behind: %q", &second)
		}
	}
}

// TestProgressWithoutSecondRound: where nothing is to be looked at again, there is
// none.
func TestProgressWithoutSecondRound(t *testing.T) {
	var second bytes.Buffer
	b := &progress{}
	b.open(&bytes.Buffer{}, 4, 80)
	b.secondRound(&second)
	b.finish()
	(&progress{}).secondRound(&second)
	if second.Len() > 0 {
		t.Errorf("%q", &second)
	}
}
