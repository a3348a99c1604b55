package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
)

// Leader says in one line which group is ahead, where that can be said: of a
// group of which more than a tenth is unknown it knows only a range. It is empty
// for fewer than two groups; sites without a group and the group [Apart] do not
// compete, nor do groups without a judged site, which are named. It is safe for a
// terminal.
func Leader(groups []Score) string {
	var judged []Score
	var unjudged []string
	for _, g := range groups {
		switch {
		case g.apart || strings.TrimSpace(g.Group) == "":
		case g.Judged() > 0:
			judged = append(judged, g)
		default:
			unjudged = append(unjudged, groupName(g.Group))
		}
	}
	slices.SortStableFunc(judged, func(a, b Score) int { return compare(b.share(), a.share()) })
	switch {
	case len(judged)+len(unjudged) < 2:
		return ""
	case len(judged) == 0:
		return "No group could be judged"
	case len(judged) == 1:
		return fmt.Sprintf("Only %s could be judged", named(judged[0], nil))
	}
	said := ranking(judged)
	if len(unjudged) > 0 {
		said += "; " + list(unjudged, "and") + " could not be judged"
	}
	return said
}

// A part of so many sites.
type fraction struct{ n, of int }

func compare(a, b fraction) int { return cmp.Compare(a.n*b.of, b.n*a.of) }

// share is that of the protected sites among those that could be judged.
func (s Score) share() fraction { return fraction{s.Count(audit.Protected), s.Judged()} }

// unsure reports whether more than a tenth of the sites is unknown.
func (s Score) unsure() bool { return 10*s.Count(audit.Unknown) > s.Sites() }

// least and most are the shares that the group may really have, as far as is
// known: with few unknown sites they are taken to be like the others.
func (s Score) least() fraction {
	if !s.unsure() {
		return s.share()
	}
	return fraction{s.Count(audit.Protected), s.Sites()}
}

func (s Score) most() fraction {
	if !s.unsure() {
		return s.share()
	}
	return fraction{s.Count(audit.Protected) + s.Count(audit.Unknown), s.Sites()}
}

// ranking is the leader line of two or more judged groups, best first.
func ranking(judged []Score) string {
	best := slices.MaxFunc(judged, func(a, b Score) int { return compare(a.least(), b.least()) })
	var ahead, rest []Score
	unsure := false
	for _, g := range judged {
		if compare(g.most(), best.least()) < 0 {
			rest = append(rest, g)
			continue
		}
		ahead = append(ahead, g)
		unsure = unsure || g.unsure()
	}
	switch {
	case len(ahead) == 1:
		return fmt.Sprintf("%s is ahead of %s", named(ahead[0], judged), list(inNames(rest, judged), "and"))
	case unsure:
		return undecided(ahead, rest, judged)
	}
	said, are := list(inNames(ahead, nil), "and"), "are level"
	if len(ahead) == 2 && len(rest) == 0 {
		said, are = groupName(ahead[0].Group), "is level with "+groupName(ahead[1].Group)
	}
	said += fmt.Sprintf(" %s (%d%%)", are, ahead[0].Percent())
	if len(rest) > 0 {
		said += ", ahead of " + list(inNames(rest, judged), "and")
	}
	return said
}

// undecided says between which groups it cannot be told.
func undecided(ahead, rest, judged []Score) string {
	said := "It cannot be said whether " + list(inNames(ahead, judged), "or") + " is ahead"
	if len(rest) == 0 {
		return said
	}
	is := "are"
	if len(rest) == 1 {
		is = "is"
	}
	return said + "; " + list(inNames(rest, judged), "and") + " " + is + " behind"
}

// inNames are the groups' names, with their shares where others are given to tell
// them from.
func inNames(groups, others []Score) []string {
	all := make([]string, len(groups))
	for i, g := range groups {
		all[i] = groupName(g.Group)
		if others != nil {
			all[i] = named(g, others)
		}
	}
	return all
}

// named is a group with its share: in per cent, in sites where rounding would
// make it look level with another of the judged groups that it is not level with,
// or as a range.
func named(g Score, judged []Score) string {
	name, share := groupName(g.Group), g.share()
	if g.unsure() {
		return fmt.Sprintf("%s (%d%% to %d%%, %s of %s unknown)", name, percent(g.least().n, g.least().of), percent(g.most().n, g.most().of),
			text.Number(g.Count(audit.Unknown)), text.Number(g.Sites()))
	}
	for _, other := range judged {
		if other.Percent() == g.Percent() && compare(other.share(), share) != 0 {
			return fmt.Sprintf("%s (%s of %s)", name, text.Number(share.n), text.Number(share.of))
		}
	}
	return fmt.Sprintf("%s (%d%%)", name, g.Percent())
}

// list joins names as a sentence does; of many, it names the first three.
func list(names []string, word string) string {
	const most = 5
	if len(names) > most {
		names = append(slices.Clone(names[:3]), fmt.Sprintf("%d other groups", len(names)-3))
	}
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}
