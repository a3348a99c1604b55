package report

import (
	"fmt"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
)

// mostBars is how many groups have a bar: more are no picture any more.
const mostBars = 40

// A bar is a group's picture and what it says in words. All of its judged sites
// are as long as those of any other bar, and what is unknown stands outside.
type bar struct {
	Name  string // empty for sites without a group that stand alone
	Score string
	Parts []part
	Y     int // of its first line, in a chart
}

// A part is one stretch of a bar. Its class names its colour and its hatching.
type part struct {
	Class    string
	Word     string
	Count    int
	X, Width string // "12.50%"
}

// newBars returns the bars of the first groups, the largest share of protected
// sites first and those of which nothing is known last, and how many groups are
// left. Judged is how much of a bar's whole width its judged sites take, in per
// cent.
func newBars(groups []Score, nameMost int) (bars []bar, judged float64, left int) {
	sorted := byShare(groups)
	shown := sorted[:min(len(sorted), mostBars)]
	judged = judgedWidth(shown)
	for _, g := range shown {
		b := bar{Name: first(groupName(g.Group), nameMost), Score: g.String(), Parts: verdictParts(g, judged)}
		if b.Name != groupName(g.Group) {
			b.Name += "…"
		}
		if len(groups) == 1 && strings.TrimSpace(g.Group) == "" {
			b.Name = ""
		}
		bars = append(bars, b)
	}
	return bars, judged, len(groups) - len(shown)
}

// unknownGap stands between the judged sites of a bar and the unknown ones, in
// per cent of the bar.
const unknownGap = 1

// judgedWidth leaves as much room for what is unknown as the groups need, where a
// site is as wide as a judged one, but at most a third of the bar.
func judgedWidth(groups []Score) float64 {
	most := 0.0
	for _, g := range groups {
		if unknown := g.Count(audit.Unknown); unknown > 0 {
			most = max(most, min(float64(unknown)/float64(max(g.Judged(), 1)), 0.5))
		}
	}
	if most == 0 {
		return 100
	}
	return (100 - unknownGap) / (1 + most)
}

// verdictParts are those of a group's bar, of which judged sites take so many
// per cent.
func verdictParts(s Score, judged float64) []part {
	var parts []part
	rest := s.Judged()
	for _, v := range audit.Verdicts {
		if v != audit.Unknown {
			parts = append(parts, part{Class: verdictClass(v), Word: verdictInWords(v), Count: s.Count(v)})
			rest -= s.Count(v)
		}
	}
	parts = proportioned(append(parts, part{Class: "other", Word: "other", Count: rest}), judged)
	unknown := s.Count(audit.Unknown)
	if unknown == 0 {
		return parts
	}
	from := judged + unknownGap
	width := 100 - from
	if s.Judged() > 0 {
		width = min(width, judged*float64(unknown)/float64(s.Judged()))
	}
	return append(parts, part{
		Class: string(audit.Unknown), Word: verdictInWords(audit.Unknown), Count: unknown, X: inPercent(from), Width: inPercent(width),
	})
}

// proportioned gives each part its share of so many per cent of the bar and
// leaves the empty ones out.
func proportioned(parts []part, whole float64) []part {
	total := 0
	for _, p := range parts {
		total += p.Count
	}
	at := func(n int) string { return inPercent(whole * float64(n) / float64(total)) }
	var shown []part
	before := 0
	for _, p := range parts {
		if p.Count == 0 {
			continue
		}
		p.X, p.Width = at(before), at(p.Count)
		before += p.Count
		shown = append(shown, p)
	}
	return shown
}

func inPercent(share float64) string { return fmt.Sprintf("%.2f%%", share) }

// verdictClass is the name of a verdict's colour.
func verdictClass(v audit.Verdict) string {
	if slices.Contains(audit.Verdicts, v) {
		return string(v)
	}
	return "other"
}

// verdictInWords is what a verdict is called where "?" would not be
// understood.
func verdictInWords(v audit.Verdict) string {
	if v == audit.Unknown {
		return "unknown"
	}
	return verdictWord(v)
}

// inWordsOf says what a bar shows: "1 YES!, 9 no".
func inWordsOf(parts []part) string {
	var said []string
	for _, p := range parts {
		said = append(said, fmt.Sprintf("%s %s", text.Number(p.Count), p.Word))
	}
	return strings.Join(said, ", ")
}
