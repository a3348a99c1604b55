package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hsts-check/audit"
)

// A Score counts the verdicts of a group, or of all sites. The zero value has
// counted nothing.
type Score struct {
	Group  string
	counts map[audit.Verdict]int
}

// Add counts one more site.
func (s *Score) Add(v audit.Verdict) {
	if s.counts == nil {
		s.counts = make(map[audit.Verdict]int, len(audit.Verdicts))
	}
	s.counts[v]++
}

// Count returns how many sites got the verdict.
func (s Score) Count(v audit.Verdict) int { return s.counts[v] }

// Sites returns how many sites were counted.
func (s Score) Sites() int {
	n := 0
	for _, c := range s.counts {
		n += c
	}
	return n
}

// Judged returns how many sites have a verdict that is not unknown.
func (s Score) Judged() int { return s.Sites() - s.counts[audit.Unknown] }

// Percent returns the share of judged sites that are protected, rounded, but
// 100 only if all are and 0 only if none is. It is 0 where nothing was judged.
func (s Score) Percent() int {
	protected, judged := s.counts[audit.Protected], s.Judged()
	if protected == 0 || judged == 0 {
		return 0
	}
	if protected == judged {
		return 100
	}
	return min(max((200*protected+judged)/(2*judged), 1), 99)
}

// String says the score without the group's name: "7 of 9 protected (78 %),
// 1 unknown".
func (s Score) String() string {
	unknown := s.counts[audit.Unknown]
	switch {
	case s.Sites() == 0:
		return "no sites"
	case s.Judged() == 0 && unknown == 1:
		return "its one site could not be judged"
	case s.Judged() == 0:
		return fmt.Sprintf("none of %d could be judged", unknown)
	}
	said := fmt.Sprintf("%d of %d protected (%d %%)", s.counts[audit.Protected], s.Judged(), s.Percent())
	if unknown > 0 {
		said += fmt.Sprintf(", %d unknown", unknown)
	}
	return said
}

// Scores counts results by group, groups in the order in which they first
// appear, and over all, as [Count] does.
func Scores(results []audit.Result) (groups []Score, total Score) {
	t := Count(results)
	return t.Groups, t.Total
}

// groupName is what a group is called where it stands beside others, escaped
// as [visible] does: sites named as arguments have no group.
func groupName(group string) string {
	if strings.TrimSpace(group) == "" {
		return "Ungrouped"
	}
	return visible(group, nameLimit)
}

// heading is a group's line above its rows. A group without a name that stands
// alone needs none.
func heading(s Score, alone bool) string {
	if alone && strings.TrimSpace(s.Group) == "" {
		if s.Sites() == 1 && s.Judged() == 0 {
			return "The one site could not be judged"
		}
		return s.String()
	}
	return groupName(s.Group) + ": " + s.String()
}

// Leader says in one line which group is ahead. It is empty for fewer than two
// groups; groups without a judged site do not compete, and are named. It is
// safe for a terminal.
func Leader(groups []Score) string {
	if len(groups) < 2 {
		return ""
	}
	var judged []Score
	var unjudged []string
	for _, g := range groups {
		if g.Judged() > 0 {
			judged = append(judged, g)
		} else {
			unjudged = append(unjudged, groupName(g.Group))
		}
	}
	slices.SortStableFunc(judged, func(a, b Score) int { return compare(b, a) })
	switch {
	case len(judged) == 0:
		return "No group could be judged"
	case len(judged) == 1:
		return fmt.Sprintf("Only %s could be judged", share(judged[0], nil))
	}
	said := ranking(judged)
	if len(unjudged) > 0 {
		said += "; " + list(unjudged) + " could not be judged"
	}
	return said
}

// ranking is the leader line of two or more judged groups, best first.
func ranking(judged []Score) string {
	level := 1
	for level < len(judged) && compare(judged[level], judged[0]) == 0 {
		level++
	}
	ahead, rest := judged[:level], make([]string, 0, len(judged)-level)
	for _, g := range judged[level:] {
		rest = append(rest, share(g, judged))
	}
	if level == 1 {
		return fmt.Sprintf("%s is ahead of %s", share(ahead[0], judged), list(rest))
	}
	names := make([]string, level)
	for i, g := range ahead {
		names[i] = groupName(g.Group)
	}
	percent := fmt.Sprintf("(%d %%)", ahead[0].Percent())
	switch {
	case level == 2 && len(rest) == 0:
		return fmt.Sprintf("%s is level with %s %s", names[0], names[1], percent)
	case len(rest) == 0:
		return fmt.Sprintf("%s are level %s", list(names), percent)
	}
	return fmt.Sprintf("%s are level %s, ahead of %s", list(names), percent, list(rest))
}

// share names a group with its share: in per cent, or in sites where rounding
// would make it look level with another of the judged groups that it is not
// level with.
func share(g Score, judged []Score) string {
	for _, other := range judged {
		if other.Percent() == g.Percent() && compare(other, g) != 0 {
			return fmt.Sprintf("%s (%d of %d)", groupName(g.Group), g.Count(audit.Protected), g.Judged())
		}
	}
	return fmt.Sprintf("%s (%d %%)", groupName(g.Group), g.Percent())
}

// compare ranks two judged groups by their exact shares.
func compare(a, b Score) int {
	return cmp.Compare(a.Count(audit.Protected)*b.Judged(), b.Count(audit.Protected)*a.Judged())
}

// list joins names as a sentence does; of many, it names the first three.
func list(names []string) string {
	const most = 5
	if len(names) > most {
		names = append(slices.Clone(names[:3]), fmt.Sprintf("%d other groups", len(names)-3))
	}
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
