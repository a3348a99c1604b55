package report

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"strings"

	"hsts-check/audit"
)

// SVG writes the groups' bars alone, one below the other, with their scores
// and the leader in words: a picture for a README or a post. It stands on a
// card of its own, light or dark as the reader's system is, so that it reads
// on any page.
func SVG(w io.Writer, results []audit.Result, meta Meta, opt Options) error {
	results, _ = fold(results)
	all := opt.tally(results)
	var out bytes.Buffer
	if err := assets().ExecuteTemplate(&out, "chart.svg", newChart(all.Groups, all.Total, meta)); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

// mostBars is how many groups have a bar: more are no picture any more.
const mostBars = 40

// A bar is a group's picture and what it says in words.
type bar struct {
	Name  string // empty for sites without a group that stand alone
	Score string
	Parts []part
	Y     int // of its first line, in a chart
}

// A part is one stretch of a bar. Its class names its colour.
type part struct {
	Class    string
	Word     string
	Count    int
	X, Width string // "12.50%"
}

// newBars returns the bars of the first groups, and how many groups are left.
func newBars(groups []Score, nameMost int) (bars []bar, left int) {
	shown := groups[:min(len(groups), mostBars)]
	for _, g := range shown {
		b := bar{Name: first(groupName(g.Group), nameMost), Score: g.String(), Parts: verdictParts(g)}
		if b.Name != groupName(g.Group) {
			b.Name += "…"
		}
		if len(groups) == 1 && strings.TrimSpace(g.Group) == "" {
			b.Name = ""
		}
		bars = append(bars, b)
	}
	return bars, len(groups) - len(shown)
}

func verdictParts(s Score) []part {
	var parts []part
	rest := s.Sites()
	for _, v := range audit.Verdicts {
		parts = append(parts, part{Class: verdictClass(v), Word: verdictInWords(v), Count: s.Count(v)})
		rest -= s.Count(v)
	}
	return proportioned(append(parts, part{Class: "other", Word: "other", Count: rest}))
}

// proportioned gives each part its share of the bar and leaves the empty ones
// out.
func proportioned(parts []part) []part {
	total := 0
	for _, p := range parts {
		total += p.Count
	}
	at := func(n int) float64 { return 100 * float64(n) / float64(total) }
	var shown []part
	before := 0
	for _, p := range parts {
		if p.Count == 0 {
			continue
		}
		p.X = fmt.Sprintf("%.2f%%", at(before))
		p.Width = fmt.Sprintf("%.2f%%", at(p.Count))
		before += p.Count
		shown = append(shown, p)
	}
	return shown
}

// verdictClass is the name of a verdict's colour.
func verdictClass(v audit.Verdict) string {
	for _, known := range audit.Verdicts {
		if v == known {
			return string(v)
		}
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

// A chart is the drawing with everything in its place, in pixels.
type chart struct {
	Width, Height int
	Inner         int // the width between the margins
	Margin        int
	Title         string
	Said          []string // what the drawing shows, for those who do not see it
	Lead, Foot    []textLine
	Bars          []bar
	Style         template.CSS
}

type textLine struct {
	Y    int
	Text string
}

// newChart sets the lines of the drawing from top to bottom.
func newChart(groups []Score, total Score, meta Meta) chart {
	const (
		width, margin = 760, 28
		leadColumns   = 74 // of 17 px type, in the room between the margins
		footColumns   = 105
		nameColumns   = 44 // beside the longest score
	)
	c := chart{Width: width, Margin: margin, Inner: width - 2*margin, Title: "HSTS: " + total.String(), Style: stylesheet("chart.css")}
	y := margin - 6
	lead := Leader(groups)
	if len(groups) != 1 {
		c.Said = append(c.Said, "Overall: "+total.String())
	}
	if lead == "" && len(groups) != 1 {
		lead = total.String()
	}
	if lead != "" {
		for _, l := range wrap(lead, leadColumns) {
			y += 24
			c.Lead = append(c.Lead, textLine{y, l})
		}
		c.Said = append(c.Said, lead)
		y += 14
	}
	bars, left := newBars(groups, nameColumns)
	for _, b := range bars {
		y += 22
		b.Y = y
		c.Bars = append(c.Bars, b)
		c.Said = append(c.Said, strings.TrimPrefix(b.Name+": ", ": ")+b.Score+" ("+inWordsOf(b.Parts)+")")
		y += 50
	}
	foot := func(s string) {
		for _, l := range wrap(s, footColumns) {
			y += 18
			c.Foot = append(c.Foot, textLine{y, l})
		}
	}
	if left > 0 {
		foot(fmt.Sprintf("and %s more", plural(left, "group")))
	}
	if from := meta.footer(); from != "" {
		foot(from)
	}
	c.Height = y + margin - 4
	return c
}

// inWordsOf says what a bar shows: "1 YES!, 9 no".
func inWordsOf(parts []part) string {
	var said []string
	for _, p := range parts {
		said = append(said, fmt.Sprintf("%d %s", p.Count, p.Word))
	}
	return strings.Join(said, ", ")
}
