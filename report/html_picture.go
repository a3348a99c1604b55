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
		audit.Partial:   "Some hosts of the page are covered, or some browsers heed the header.",
		audit.Disabled:  "The site tells browsers to forget it: max-age=0.",
		audit.Ignored:   "A header is sent, and browsers throw it away.",
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

func newAgeChart(results []audit.Result) ageChart {
	const (
		day   = 86400
		month = 30 * day
		year  = 365 * day
	)
	bounds := []struct {
		label string
		below uint64
	}{
		{"0: switched off", 1}, {"under a day", day}, {"under a month", month},
		{"under half a year", 6 * month}, {"under a year", year}, {"under two years", 2 * year},
	}
	c := ageChart{Rows: make([]ageRow, len(bounds)+1)}
	for i := range results {
		p := results[i].Policy
		if p == nil {
			continue
		}
		at := 0
		for at < len(bounds) && p.MaxAge >= bounds[at].below {
			at++
		}
		c.Rows[at].Count++
		c.Sites++
	}
	for i := range c.Rows {
		r := &c.Rows[i]
		r.Label = "two years or more"
		if i < len(bounds) {
			r.Label = bounds[i].label
		}
		r.Share = fmt.Sprintf("%.2f%%", 100*float64(r.Count)/float64(max(c.Sites, 1)))
	}
	return c
}

// A standardRow counts how many sites meet a standard.
type standardRow struct {
	Name, Bar, Source    string
	Met, Missed, Unknown int
	Parts                []part
}

func standardRows(results []audit.Result) []standardRow {
	rows := make([]standardRow, len(audit.Standards))
	for i, s := range audit.Standards {
		r := standardRow{Name: s.Name, Bar: s.Bar, Source: s.Source}
		for j := range results {
			switch met, known := results[j].Standards[s.Name]; {
			case met:
				r.Met++
			case known:
				r.Missed++
			default:
				r.Unknown++
			}
		}
		r.Parts = proportioned([]part{
			{Class: verdictClass(audit.Protected), Word: "met", Count: r.Met},
			{Class: verdictClass(audit.Absent), Word: "missed", Count: r.Missed},
			{Class: verdictClass(audit.Unknown), Word: "not known", Count: r.Unknown},
		})
		rows[i] = r
	}
	return rows
}
