package report

import (
	"fmt"

	"hsts-check/audit"
)

// A keyEntry says what a verdict's word and colour mean.
type keyEntry struct {
	Class, Word, Meaning string
	Count                int
}

func key(total Score) []keyEntry {
	meanings := map[audit.Verdict]string{
		audit.Protected: "Browsers reach every host of the page over https only.",
		audit.Partial:   "Some hosts of the page are covered, or some browsers accept the header.",
		audit.Disabled:  "The site tells browsers to forget it: max-age=0.",
		audit.Ignored:   "A header is sent, and browsers ignore it.",
		audit.Absent:    "No header is sent.",
		audit.Unknown:   "The site could not be judged. That is neither a pass nor a failure.",
	}
	var entries []keyEntry
	for _, v := range audit.Verdicts {
		entries = append(entries, keyEntry{verdictClass(v), verdictWord(v), meanings[v], total.Count(v)})
	}
	return entries
}

// An ageChart counts the sites by the max-age that they send.
type ageChart struct {
	Rows  []ageRow
	Sites int // that send a valid policy of their own
}

type ageRow struct {
	Label string
	Count int
	Share string // "12.50%"
}

// ages are the bands of the chart but the last, which has no bound: those sites
// whose max-age is below it, in seconds, and in none before.
var ages = [...]struct {
	label string
	below uint64
}{
	{"0: switched off", 1}, {"under a day", oneDay}, {"under a month", 30 * oneDay},
	{"under half a year", 180 * oneDay}, {"under a year", 365 * oneDay}, {"under two years", 2 * 365 * oneDay},
}

const (
	oneDay   = 86400 // seconds
	ageBands = len(ages) + 1
)

// ageBand returns the index of the band that a max-age falls in.
func ageBand(maxAge uint64) int {
	at := 0
	for at < len(ages) && maxAge >= ages[at].below {
		at++
	}
	return at
}

func newAgeChart(t *Tally) ageChart {
	c := ageChart{Rows: make([]ageRow, ageBands)}
	for _, n := range t.ages {
		c.Sites += n
	}
	for i, n := range t.ages {
		label := "two years or more"
		if i < len(ages) {
			label = ages[i].label
		}
		c.Rows[i] = ageRow{label, n, fmt.Sprintf("%.2f%%", 100*float64(n)/float64(max(c.Sites, 1)))}
	}
	return c
}

// A standardRow counts how many sites meet a standard.
type standardRow struct {
	Name, Bar, Source    string
	Met, Missed, Unknown int
	Parts                []part
}

func standardRows(t *Tally) []standardRow {
	rows := make([]standardRow, len(audit.Standards))
	for i, s := range audit.Standards {
		r := standardRow{Name: s.Name, Bar: s.Bar, Source: s.Source, Met: t.met[s.Name], Missed: t.missed[s.Name]}
		r.Unknown = t.Total.Sites() - r.Met - r.Missed
		r.Parts = proportioned([]part{
			{Class: verdictClass(audit.Protected), Word: "met", Count: r.Met},
			{Class: verdictClass(audit.Absent), Word: "missed", Count: r.Missed},
			{Class: verdictClass(audit.Unknown), Word: "not known", Count: r.Unknown},
		}, 100)
		rows[i] = r
	}
	return rows
}
