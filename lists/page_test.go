package lists

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// example is a list on the page, and what it gives.
var example = regexp.MustCompile("(?ms)^(```+)text (\\S+)\n(.*?)^(?:```+)\n\n```(?:sites|faults)\n(.*?)^```\n")

// TestPage: each list that docs/lists.md shows gives what it says.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../docs/lists.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := example.FindAllStringSubmatch(string(page), -1)
	if want := strings.Count(string(page), "```text "); len(examples) != want || want == 0 {
		t.Fatalf("%d examples of %d", len(examples), want)
	}
	for _, m := range examples {
		file, list, want := m[2], m[3], m[4]
		var got strings.Builder
		r := &Reader{How: func(said string) { fmt.Fprintln(&got, said) }}
		sites, faults := r.Parse(strings.NewReader(list), file)
		for _, s := range sites {
			if s.Fault != nil {
				fmt.Fprintln(&got, s.Fault)
			} else {
				fmt.Fprintf(&got, "%s | %s | %s\n", s.Group, s.Name, s.URL)
			}
		}
		for _, f := range faults {
			fmt.Fprintln(&got, f)
		}
		if diff := cmp.Diff(want, got.String()); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}
