package lists

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hsts-check/visit"
)

func TestStream(t *testing.T) {
	long := strings.Repeat("x", maxLine+1)
	list := "\ufeffa.org\r\nFoo Bar\n[New Zealand\nASB https://online.asb.co.nz/auth/\n" +
		"A\x1b B\xff ftp://c.org/\x07\nB\x00 b.org\n" + long + "\nBank https://me:secret@b.org/x\nhttps://me:secret@b.org https://c.org\nd.org"
	site := func(line int, group, name, url, fault string) visit.Site {
		s := visit.Site{Group: group, Name: name, URL: url, Pos: visit.Position{File: "-", Line: line}}
		if fault != "" {
			s.Fault = Fault{File: "-", Line: line, Msg: fault}
		}
		return s
	}
	schemeless := func(s visit.Site) visit.Site {
		s.Schemeless = true
		return s
	}
	want := []visit.Site{
		schemeless(site(1, "", "a.org", "https://a.org", "")),
		site(2, "", "Foo", "Bar", `"Foo Bar" has no URL: write it after the name; a heading is [Foo Bar], a host without a dot https://Bar`),
		site(3, "New Zealand", "[New Zealand", "", `the heading "[New Zealand" is not closed: put a ] at its end`),
		site(4, "New Zealand", "ASB", "https://online.asb.co.nz/auth/", ""),
		site(5, "New Zealand", "A\ufffd B\ufffd", "ftp://c.org/\ufffd", `the control character '\x1b': take it out`),
		site(6, "New Zealand", "B\ufffd", "b.org", `the control character '\x00': take it out`),
		site(7, "New Zealand", long[:100]+"…", "", "the line is longer than 65536 bytes"),
		site(8, "New Zealand", "Bank", "https://…@b.org/x", `"https://…@b.org/x" has a user name before the host: leave it out, lists and reports are passed on`),
		site(9, "New Zealand", "https://…@b.org", "https://c.org", `two URLs on one line, "https://…@b.org" and "https://c.org": give each a line`),
		schemeless(site(10, "New Zealand", "d.org", "https://d.org", "")),
	}
	got := slices.Collect(new(Reader).Stream(iotest.OneByteReader(strings.NewReader(list))))
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable()); diff != "" {
		t.Error(diff)
	}
}

func TestStreamYieldsWhileItReads(t *testing.T) {
	r, w := io.Pipe()
	told := make(chan struct{})
	go func() {
		// What is about a site stands directly below it: the next line that does
		// not releases it, be it empty.
		for i := range 3 {
			fmt.Fprintf(w, "%d.example.org\n  note: %d\n\n", i, i)
			<-told
		}
		w.Close()
	}()
	n := 0
	for s := range new(Reader).Stream(r) {
		if want := fmt.Sprintf("%d.example.org", n); s.Name != want {
			t.Errorf("site %q, want %q", s.Name, want)
		}
		n++
		told <- struct{}{}
	}
	if n != 3 {
		t.Errorf("%d sites", n)
	}
}

// TestStreamLingers: a site is not kept waiting for what may never come, and lines
// about it that come soon are taken.
func TestStreamLingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		go func() {
			io.WriteString(w, "a.example.org\n")
			time.Sleep(linger / 2)
			io.WriteString(w, "  note: in time\nb.example.org\n")
			time.Sleep(2 * linger)
			io.WriteString(w, "  note: too late\n")
			w.Close()
		}()
		begun := time.Now()
		var got []string
		for s := range new(Reader).Stream(r) {
			note := fmt.Sprint(s.Fault)
			if s.Terms != nil {
				note = s.Terms.Note
			}
			got = append(got, fmt.Sprintf("%s after %s: %s", s.Name, time.Since(begun), note))
		}
		want := []string{"a.example.org after 500ms: in time", "b.example.org after 1.5s: <nil>",
			`note after 2.5s: -:4: "note:" is about the site or heading directly above it, and there is none: put it below one`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestStreamStopsWhenAsked(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("a.org\n"), iotest.ErrReader(errors.New("read too far")))
	for s := range new(Reader).Stream(broken) {
		if s.Fault != nil {
			t.Error(s.Fault)
		}
		break
	}
}

func TestStreamEndsWithReadError(t *testing.T) {
	for _, torn := range []string{"", "b.o", strings.Repeat("b", 2*maxLine)} {
		got := slices.Collect(new(Reader).Stream(io.MultiReader(strings.NewReader("a.org\n"+torn), iotest.ErrReader(errors.New("disk on fire")))))
		last := got[len(got)-1]
		if got[0].Name != "a.org" || last.Fault != (Fault{File: "-", Line: 2, Msg: "disk on fire"}) {
			t.Errorf("torn line of %d bytes: %+v", len(torn), got)
		}
	}
}

func TestStreamOfNothing(t *testing.T) {
	if got := slices.Collect(new(Reader).Stream(strings.NewReader("\n# nothing\n"))); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}
