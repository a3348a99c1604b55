package report

import (
	"testing"

	"hsts-check/audit"
)

// scored makes a group: so many protected, absent and unknown sites.
func scored(group string, protected, absent, unknown int) Score {
	s := Score{Group: group}
	for v, n := range map[audit.Verdict]int{audit.Protected: protected, audit.Absent: absent, audit.Unknown: unknown} {
		for range n {
			s.Add(v)
		}
	}
	return s
}

func preloaded(s Score, n int) Score {
	s.Preloaded = n
	return s
}

func TestHeading(t *testing.T) {
	partly := scored("NZ", 1, 0, 0)
	partly.Add(audit.Partial)
	tests := []struct {
		name  string
		score Score
		alone bool
		want  string
	}{
		{"unknown is counted apart", scored("New Zealand", 7, 2, 1), false, "New Zealand: 7 of 9 protected (78%), 1 unknown"},
		{"nothing unknown, nothing said of it", scored("Fiji", 1, 1, 0), false, "Fiji: 1 of 2 protected (50%)"},
		{"partly is judged and not protected", partly, false, "NZ: 1 of 2 protected (50%)"},
		{"none judged", scored("Niue", 0, 0, 3), false, "Niue: none of 3 could be judged"},
		{"one, not judged", scored("Niue", 0, 0, 1), false, "Niue: its one site could not be judged"},
		{"one, not judged, no group", scored("", 0, 0, 1), true, "The one site could not be judged"},
		{"no group, alone", scored("", 1, 1, 0), true, "1 of 2 protected (50%)"},
		{"no group, beside others", scored("", 1, 1, 0), false, "Ungrouped: 1 of 2 protected (50%)"},
		{"no sites", Score{}, true, "no sites"},
		{"100% only if all: 199 of 200", scored("A", 199, 1, 0), false, "A: 199 of 200 protected (99%)"},
		{"100% if all", scored("A", 200, 0, 5), false, "A: 200 of 200 protected (100%), 5 unknown"},
		{"0% only if none: 1 of 1000", scored("A", 1, 999, 0), false, "A: 1 of 1,000 protected (1%)"},
		{"0% if none", scored("A", 0, 4, 0), false, "A: 0 of 4 protected (0%)"},
		{"some are on the preload list", preloaded(scored("A", 0, 2, 0), 2), false, "A: 0 of 2 protected by header, 2 on the preload list"},
		{"and some are not", preloaded(scored("A", 1500, 500, 1), 1), false, "A: 1,500 of 2,000 protected by header (75%), 1 on the preload list, 1 unknown"},
		{"a half is rounded up", scored("A", 1, 7, 0), false, "A: 1 of 8 protected (13%)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := heading(tt.score, tt.alone); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestLeader(t *testing.T) {
	nz, au, fj := scored("New Zealand", 7, 2, 1), scored("Australia", 11, 9, 0), scored("Fiji", 2, 3, 0)
	niue, nauru := scored("Niue", 0, 0, 2), scored("Nauru", 0, 0, 1)
	tests := []struct {
		name   string
		groups []Score
		want   string
	}{
		{"one group leads nobody", []Score{nz}, ""},
		{"no group", nil, ""},
		{"two", []Score{au, nz}, "New Zealand (78%) is ahead of Australia (55%)"},
		{"three, best first", []Score{fj, au, nz}, "New Zealand (78%) is ahead of Australia (55%) and Fiji (40%)"},
		{"level, of other sizes", []Score{scored("A", 1, 1, 0), scored("B", 5, 5, 0)}, "A is level with B (50%)"},
		{"level at nothing", []Score{scored("A", 0, 1, 0), scored("B", 0, 5, 0)}, "A is level with B (0%)"},
		{"three level", []Score{scored("A", 1, 1, 0), scored("B", 5, 5, 0), scored("C", 2, 2, 0)}, "A, B and C are level (50%)"},
		{"two level, one behind", []Score{scored("A", 1, 1, 0), fj, scored("B", 5, 5, 0)}, "A and B are level (50%), ahead of Fiji (40%)"},
		{"rounding hides who is ahead", []Score{scored("A", 5, 4, 0), scored("B", 56, 44, 0)}, "B (56 of 100) is ahead of A (5 of 9)"},
		{"a group that could not be judged", []Score{au, niue, nz}, "New Zealand (78%) is ahead of Australia (55%); Niue could not be judged"},
		{"two of them", []Score{au, niue, nz, nauru}, "New Zealand (78%) is ahead of Australia (55%); Niue and Nauru could not be judged"},
		{"only one judged", []Score{niue, nz}, "Only New Zealand (78%) could be judged"},
		{"none judged", []Score{niue, nauru}, "No group could be judged"},
		{"sites without a group are none", []Score{scored("", 1, 0, 0), au}, ""},
		{"nor is one that stands apart", []Score{{Group: "Faults", counts: nz.counts, apart: true}, au, fj}, "Australia (55%) is ahead of Fiji (40%)"},
		{"a tenth unknown says little against it", []Score{scored("A", 8, 1, 1), scored("B", 7, 2, 1)}, "A (89%) is ahead of B (78%)"},
		{"ahead whatever the unknown ones are", []Score{scored("A", 9, 1, 0), scored("B", 1, 5, 4)}, "A (90%) is ahead of B (10% to 50%, 4 of 10 unknown)"},
		{"the unknown ones may change it", []Score{scored("A", 4, 6, 0), scored("B", 1, 5, 4)}, "It cannot be said whether A (40%) or B (10% to 50%, 4 of 10 unknown) is ahead"},
		{"they may make it level", []Score{scored("A", 5, 5, 0), scored("B", 1, 5, 4)}, "It cannot be said whether A (50%) or B (10% to 50%, 4 of 10 unknown) is ahead"},
		{"all the same those behind are", []Score{scored("A", 40, 60, 0), scored("B", 10, 50, 40), scored("C", 0, 9, 0), scored("D", 31, 69, 0)},
			"It cannot be said whether A (40%) or B (10% to 50%, 40 of 100 unknown) is ahead; D (31%) and C (0%) are behind"},
		{"one is behind", []Score{scored("A", 4, 6, 0), scored("B", 1, 5, 4), scored("C", 0, 9, 0)},
			"It cannot be said whether A (40%) or B (10% to 50%, 4 of 10 unknown) is ahead; C (0%) is behind"},
		{"many", []Score{nz, au, fj, scored("A", 1, 9, 0), scored("B", 1, 9, 0), scored("C", 0, 9, 0), scored("D", 0, 9, 0)},
			"New Zealand (78%) is ahead of Australia (55%), Fiji (40%), A (10%) and 3 other groups"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Leader(tt.groups); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestScoresKeepListOrder(t *testing.T) {
	var results []audit.Result
	for _, g := range []string{"b", "a", "b", "c", "a"} {
		results = append(results, audit.Result{Group: g, Verdict: audit.Absent})
	}
	groups, total := Scores(results)
	got := ""
	for _, g := range groups {
		got += g.Group
	}
	if got != "bac" || total.Sites() != 5 || groups[0].Sites() != 2 {
		t.Errorf("got order %q, %d sites, %d in the first", got, total.Sites(), groups[0].Sites())
	}
}
