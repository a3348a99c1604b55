package report

import (
	"fmt"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
)

// A Score counts the verdicts of a group, or of all sites. The zero value has
// counted nothing.
type Score struct {
	Group string
	// Preloaded is how many of the sites are on the preload list.
	Preloaded int

	counts map[audit.Verdict]int
	apart  bool // it is not compared with other groups
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

// Percent returns the share of judged sites that are protected, as [percent]
// does.
func (s Score) Percent() int { return percent(s.counts[audit.Protected], s.Judged()) }

// percent returns a share rounded, but 100 only for all and 0 only for none. It
// is 0 of nothing.
func percent(n, of int) int {
	if n == 0 || of == 0 {
		return 0
	}
	if n == of {
		return 100
	}
	return min(max((200*n+of)/(2*of), 1), 99)
}

// String says the score without the group's name: "7 of 9 protected (78%), 1
// unknown". Where sites are on the preload list it says that too, and that the
// score is of headers.
func (s Score) String() string {
	unknown := s.counts[audit.Unknown]
	switch {
	case s.Sites() == 0:
		return "no sites"
	case s.Judged() == 0 && unknown == 1:
		return "its one site could not be judged"
	case s.Judged() == 0:
		return "none of " + text.Number(unknown) + " could be judged"
	}
	said := fmt.Sprintf("%s of %s protected", text.Number(s.counts[audit.Protected]), text.Number(s.Judged()))
	share := fmt.Sprintf(" (%d%%)", s.Percent())
	switch {
	case s.Preloaded == 0:
		said += share
	case s.Percent() == 0: // which would be to say that the list protects nobody
		said += " by header, " + text.Number(s.Preloaded) + " on the preload list"
	default:
		said += " by header" + share + ", " + text.Number(s.Preloaded) + " on the preload list"
	}
	if unknown > 0 {
		said += ", " + text.Number(unknown) + " unknown"
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
