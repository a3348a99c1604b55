package lists

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/visit"
)

var update = flag.Bool("update", false, "write what was read into testdata/kinds.txt")

// TestKinds reads a small list of each kind that there is, as a file and as a
// stream. What it gives stands in testdata/kinds.txt.
func TestKinds(t *testing.T) {
	names, err := filepath.Glob("testdata/kinds/*")
	if err != nil || len(names) == 0 {
		t.Fatal("no lists: ", err)
	}
	var got strings.Builder
	for _, name := range names {
		list, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Base(name)
		fmt.Fprintf(&got, "%s\n", base)
		r := &Reader{How: func(said string) { fmt.Fprintf(&got, "  %s\n", said) }}
		sites, faults := r.Parse(strings.NewReader(string(list)), base)
		for _, s := range sites {
			if s.Fault != nil {
				fmt.Fprintf(&got, "  %v\n", s.Fault)
				continue
			}
			checkSite(t, s)
			checkOwnName(t, s)
			fmt.Fprintf(&got, "  %d | %s | %s | %s\n", s.Pos.Line, s.Group, s.Name, s.URL)
		}
		for _, f := range faults {
			fmt.Fprintf(&got, "  %v\n", f)
		}
		compareStreamed(t, base, list, sites)
	}
	const golden = "testdata/kinds.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

// compareStreamed: a list is read alike from a pipe, byte by byte; only its name
// and with it the group of what has none are other ones.
func compareStreamed(t *testing.T, file string, list []byte, sites []visit.Site) {
	t.Helper()
	i := 0
	own := new(Reader).parser(file).group
	for s := range new(Reader).Stream(oneByte{strings.NewReader(string(list))}) {
		if fault, bad := s.Fault.(Fault); bad && !fault.Row {
			continue
		}
		if i == len(sites) {
			t.Errorf("%s, streamed: %+v", file, s)
			break
		}
		want := sites[i]
		want.Pos.File = "-"
		if want.Group == own {
			want.Group = ""
		}
		if fault, ok := want.Fault.(Fault); ok {
			fault.File = "-"
			want.Fault = fault
		}
		if !reflect.DeepEqual(s, want) {
			t.Errorf("%s, streamed: %+v, want %+v", file, s, want)
		}
		i++
	}
	if i < len(sites) {
		t.Errorf("%s, streamed: %d sites of %d", file, i, len(sites))
	}
}

type oneByte struct{ *strings.Reader }

func (r oneByte) Read(b []byte) (int, error) { return r.Reader.Read(b[:min(len(b), 1)]) }
