package lists

import (
	"strings"
	"testing"
)

// TestBracketsOfAnItem: a list item in brackets is a site, and no heading's end.
func TestBracketsOfAnItem(t *testing.T) {
	const page = "# Group\n\n- https://a.test/\n- [b.test]\n- [C] https://c.test/\n- [d.test\n- [2001:db8::1]\n"
	sites, faults := Parse(strings.NewReader(page), "page.md")
	var got []string
	for _, s := range sites {
		got = append(got, s.Group+" "+s.Name+" "+s.URL)
	}
	want := "Group a.test https://a.test/|Group b.test https://b.test|Group C https://c.test/|Group d.test https://d.test|Group 2001:db8::1 https://[2001:db8::1]"
	if strings.Join(got, "|") != want || len(faults) > 0 {
		t.Errorf("%q, %v", got, faults)
	}
}
