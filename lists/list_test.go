package lists

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/visit"
)

// TestCheck: a list's sites are yielded as often as they are wanted, each once,
// in one list or in several.
func TestCheck(t *testing.T) {
	var told []string
	once := &Once{Tell: func(s visit.Site, before visit.Position) {
		told = append(told, fmt.Sprintf("%s:%d as %s:%d", s.Pos.File, s.Pos.Line, before.File, before.Line))
	}}
	first := new(Reader).Check([]byte("[A]\na.test\nb.test\n- a.test,\n[B]\na.test\n"), "one.txt", once)
	second := new(Reader).Check([]byte("group,url\nA,a.test\nA,c.test\nA,c.test\n"), "two.csv", once)
	for range 2 {
		if diff := cmp.Diff([]row{{2, "A", "a.test", "https://a.test"}, {3, "A", "b.test", "https://b.test"}, {6, "B", "a.test", "https://a.test"}},
			rowsOf(slices.Collect(first.All())), cmp.AllowUnexported(row{})); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]row{{3, "A", "c.test", "https://c.test"}}, rowsOf(slices.Collect(second.All())), cmp.AllowUnexported(row{})); diff != "" {
			t.Error(diff)
		}
	}
	if first.Sites != 3 || second.Sites != 1 || first.Said != "" || second.Said != `url from "url", group from "group"` {
		t.Errorf("%d sites, %d sites, %q, %q", first.Sites, second.Sites, first.Said, second.Said)
	}
	if diff := cmp.Diff([]string{"one.txt:4 as one.txt:2", "two.csv:2 as one.txt:2", "two.csv:4 as two.csv:3"}, told); diff != "" {
		t.Error(diff)
	}
}

// TestCheckKeepsAHundredFaults: a file that is no list takes no more memory than
// one that is.
func TestCheckKeepsAHundredFaults(t *testing.T) {
	l := new(Reader).Check([]byte("a.test\n"+strings.Repeat("Foo\n", 1000)), "list.txt", new(Once))
	if len(l.Faults) != 100 || l.More != 900 || l.Faults[99].Line != 101 || l.Sites != 1 {
		t.Errorf("%d faults and %d more, %d sites", len(l.Faults), l.More, l.Sites)
	}
	l = new(Reader).Check([]byte(strings.Repeat("Foo\n", 1000)+"\x00"), "list.txt", new(Once))
	if len(l.Faults) != 1 || l.More != 0 || l.Faults[0].Line != 1001 {
		t.Errorf("%v and %d more", l.Faults, l.More)
	}
}

// TestOnceKeepsWhatBrokeOff: the end of a list that broke off has no name and is
// no site, whatever came before.
func TestOnceKeepsWhatBrokeOff(t *testing.T) {
	broken := visit.Site{Fault: Fault{File: "-", Msg: "disk on fire"}}
	once := new(Once)
	for range 2 {
		if once.Again(broken) {
			t.Error("left out")
		}
	}
}
