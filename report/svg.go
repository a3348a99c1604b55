package report

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
)

// SVG writes the groups' bars alone, one below the other, with their scores, the
// leader in words and a key: a picture for a README or a post. It stands on a card
// of its own, light or dark as the reader's system is, so that it reads on any
// page.
func SVG(w io.Writer, results []audit.Result, meta Meta, opt Options) error {
	results, _ = fold(results)
	var out bytes.Buffer
	if err := assets().ExecuteTemplate(&out, "chart.svg", newChart(opt.tally(results), meta, opt)); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

// A chart is the drawing with everything in its place, in pixels.
type chart struct {
	Width, Height int
	Inner         int // the width between the margins
	Margin        int
	Title         string
	Said          []string // what the drawing shows, for those who do not see it
	Lines         []textLine
	Key           []chartKey
	Scale         []textLine
	Bars          []bar
	Style         template.CSS
}

// A textLine is a line of text in one of the style's classes.
type textLine struct {
	Class string
	X, Y  int
	Text  string
}

// A chartKey says what a verdict's colour and hatching mean.
type chartKey struct {
	Class, Word, Meaning string
	X, Y                 int
}

const (
	chartWidth, chartMargin = 760, 28
	chartInner              = chartWidth - 2*chartMargin
)

// newChart sets the lines of the drawing from top to bottom.
func newChart(all *Tally, meta Meta, opt Options) chart {
	const (
		titleColumns = 66 // of 20 px type, in the room between the margins
		leadColumns  = 84 // of 15 px
		footColumns  = 105
		nameColumns  = 44 // beside the longest score
	)
	c := chart{
		Width: chartWidth, Margin: chartMargin, Inner: chartInner,
		Title: opt.title(all), Style: stylesheet("chart.css"),
	}
	y := chartMargin - 6
	write := func(class, said string, columns, height int) {
		if said == "" {
			return
		}
		for _, l := range wrap(said, columns) {
			y += height
			c.Lines = append(c.Lines, textLine{class, chartMargin, y, l})
		}
	}
	write("title", c.Title, titleColumns, 26)
	y += 4
	for _, said := range chartCounts {
		write("foot", said, footColumns, 18)
	}
	lead := Leader(all.Groups)
	if len(all.Groups) != 1 {
		c.Said = append(c.Said, "Overall: "+all.Total.String())
		if lead == "" {
			lead = all.Total.String()
		}
	}
	if lead != "" {
		c.Said = append(c.Said, lead)
		y += 6
		write("lead", lead, leadColumns, 22)
	}
	y = c.setKey(y+26, all.Total)
	y = c.setBars(y, all.Groups, nameColumns)
	write("foot", meta.footer(), footColumns, 18)
	c.Height = y + chartMargin - 4
	return c
}

// chartCounts says what the picture is of.
var chartCounts = []string{
	"HTTP Strict Transport Security (HSTS) makes browsers reach a site over https only.",
	"100% is all sites of a group that could be judged.",
}

// keyMeanings are short ones of the verdicts.
var keyMeanings = map[audit.Verdict]string{
	audit.Protected: "every host of the page is covered",
	audit.Partial:   "not every host, or not in every browser",
	audit.Disabled:  "switched off by max-age=0",
	audit.Ignored:   "a header that browsers ignore",
	audit.Absent:    "no header",
	audit.Unknown:   "could not be judged: beside the bar",
}

// setKey sets the key in two columns, of the verdicts that some site has, and
// returns where it ends.
func (c *chart) setKey(y int, total Score) int {
	i := 0
	for _, v := range audit.Verdicts {
		if total.Count(v) == 0 {
			continue
		}
		c.Key = append(c.Key, chartKey{verdictClass(v), verdictInWords(v), keyMeanings[v], chartMargin + i%2*chartInner/2, y + i/2*20})
		i++
	}
	return y + (i+1)/2*20
}

// setBars sets the bars below their scale, and returns where they end.
func (c *chart) setBars(y int, groups []Score, nameColumns int) int {
	bars, judged, left := newBars(groups, nameColumns)
	if len(bars) > 0 {
		y += 18
		for _, at := range []int{0, 50, 100} {
			x := int(float64(at) * judged / 100 * chartInner / 100)
			c.Scale = append(c.Scale, textLine{"", chartMargin + x, y, fmt.Sprintf("%d%%", at)})
		}
	}
	for _, b := range bars {
		y += 26
		b.Y = y
		c.Bars = append(c.Bars, b)
		c.Said = append(c.Said, strings.TrimPrefix(b.Name+": ", ": ")+b.Score+" ("+inWordsOf(b.Parts)+")")
		y += 46
	}
	if left > 0 {
		y += 18
		c.Lines = append(c.Lines, textLine{"foot", chartMargin, y, fmt.Sprintf("and %s more", text.Plural(left, "group"))})
	}
	return y
}
