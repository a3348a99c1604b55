package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
	"hsts-check/visit"
)

const (
	mostFindings = 10 // rules that a summary names
	mostRanked   = 40 // groups that a summary names
)

// Summary opens a page of text with the numbers of a survey and none of its sites:
// how many could be judged and why others could not, verdicts, max-age, standards,
// the most frequent findings and the groups by their shares. It keeps no result, so
// that it takes no more memory for a million sites than for one.
func Summary(w io.Writer, opt Options) (add func(audit.Result) error, finish func(Meta, *Tally) error, err error) {
	finish = func(meta Meta, all *Tally) error {
		_, err := io.WriteString(w, all.page(opt.title(all), meta.footer(), opt.Width))
		return err
	}
	return func(audit.Result) error { return nil }, finish, nil
}

// page is what [Summary] writes, with lines of prose of so many columns.
func (t *Tally) page(title, footer string, width int) string {
	var page strings.Builder
	say := func(s string) {
		if s == "" {
			return
		}
		for _, l := range wrap(s, width) {
			page.WriteString(l + "\n")
		}
	}
	section := func(rows [][]string) {
		if len(rows) < 2 {
			return
		}
		page.WriteString("\n")
		for _, l := range numbered(rows) {
			page.WriteString(l + "\n")
		}
	}
	say(title)
	say(Leader(t.Groups))
	page.WriteString("\n")
	if t.Total.Sites() > 0 {
		say("Judged: " + share(t.Total.Judged(), t.Total.Sites()))
	}
	if n := t.Total.Count(audit.Unknown); n > 0 {
		say("Unknown: " + share(n, t.Total.Sites()) + after(": ", t.unknownKinds()))
	}
	if t.Total.Preloaded > 0 {
		say("On the preload list: " + share(t.Total.Preloaded, t.Total.Sites()))
	}
	section(t.verdictRows())
	section(t.ageRows())
	section(t.standardRows())
	section(t.findingRows())
	if len(t.Groups) > 1 {
		section(t.groupRows())
	}
	page.WriteString("\n")
	say(footer)
	return page.String()
}

// Closing is the same in a few sentences for the end of a run, escaped for a
// terminal and broken into lines of so many columns; 0 is no limit.
func (t *Tally) Closing(width int) []string {
	said := []string{
		fmt.Sprintf("%s: %s judged, %s unknown%s", text.Plural(t.Total.Sites(), "site"),
			text.Number(t.Total.Judged()), text.Number(t.Total.Count(audit.Unknown)), in(t.unknownKinds())),
		prose("verdicts", t.verdictRows(), "%s %s (%s)", 1, 0, 2),
		prose("max-age", t.ageRows(), "%s %s", 1, 0),
		prose("standards met", t.standardRows(), "%s %s", 0, 1),
		prose("most frequent", t.findingRows(), "%s [%s] %s", 1, 0, 2),
	}
	if len(t.Groups) > 1 {
		said = append(said, prose("groups", t.groupRows(), "%s %s", 0, 1))
	}
	var lines []string
	for _, s := range said {
		if s != "" {
			lines = append(lines, margin{width: width}.hung(s)...)
		}
	}
	return lines
}

// prose makes a list in words of rows below a heading: of each the cells that are
// named, in the format.
func prose(of string, rows [][]string, format string, cells ...int) string {
	if len(rows) < 2 {
		return ""
	}
	said := make([]string, 0, len(rows)-1)
	for _, row := range rows[1:] {
		named := make([]any, len(cells))
		for i, c := range cells {
			named[i] = strings.TrimPrefix(row[c], "0: ") // of a band: switched off
		}
		said = append(said, fmt.Sprintf(format, named...))
	}
	return of + ": " + strings.Join(said, ", ")
}

// share says a part of a number and how much that is of it.
func share(n, of int) string {
	return fmt.Sprintf("%s of %s (%d%%)", text.Number(n), text.Plural(of, "site"), percent(n, of))
}

// after puts a word before what is not empty, and in puts it in brackets.
func after(word, s string) string {
	if s == "" {
		return ""
	}
	return word + s
}

func in(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// unknownKinds says why sites could not be judged, the most frequent kind first.
func (t *Tally) unknownKinds() string {
	var said []string
	for _, c := range ranked(t.kinds, len(t.kinds)) {
		said = append(said, text.Number(c.n)+" "+c.name)
	}
	return strings.Join(said, ", ")
}

// A tallied name has been counted so often.
type tallied struct {
	name string
	n    int
}

// ranked returns the most frequent names, of those as frequent in alphabetical
// order.
func ranked[Name ~string](counts map[Name]int, most int) []tallied {
	var all []tallied
	for name, n := range counts {
		all = append(all, tallied{string(name), n})
	}
	slices.SortFunc(all, func(a, b tallied) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.name, b.name)) })
	return all[:min(len(all), most)]
}

// verdictRows are the verdicts with their shares of the judged sites.
func (t *Tally) verdictRows() [][]string {
	rows := [][]string{{"Verdict", "Sites", "Of those judged"}}
	for _, v := range audit.Verdicts {
		if n := t.Total.Count(v); v != audit.Unknown && t.Total.Judged() > 0 {
			rows = append(rows, []string{verdictWord(v), text.Number(n), fmt.Sprintf("%d%%", percent(n, t.Total.Judged()))})
		}
	}
	return rows
}

// ageRows are the bands of max-age in which there are sites.
func (t *Tally) ageRows() [][]string {
	rows := [][]string{{"max-age", "Sites", "Of those with a policy"}}
	chart := newAgeChart(t)
	for _, r := range chart.Rows {
		if r.Count > 0 {
			rows = append(rows, []string{r.Label, text.Number(r.Count), fmt.Sprintf("%d%%", percent(r.Count, chart.Sites))})
		}
	}
	return rows
}

func (t *Tally) standardRows() [][]string {
	rows := [][]string{{"Standard", "Met", "Missed", "Not known"}}
	for _, s := range standardRows(t) {
		if s.Met+s.Missed > 0 {
			rows = append(rows, []string{s.Name, text.Number(s.Met), text.Number(s.Missed), text.Number(s.Unknown)})
		}
	}
	return rows
}

func (t *Tally) findingRows() [][]string {
	rows := [][]string{{"Most frequent findings", "", "Sites"}}
	for _, c := range ranked(t.rules, mostFindings) {
		name := visible(c.name, nameLimit)
		rows = append(rows, []string{name, visible(ruleOf(c.name).Title, nameLimit), text.Number(c.n)})
	}
	return rows
}

// groupRows are the groups by their shares, those of which nothing is known last.
func (t *Tally) groupRows() [][]string {
	rows := [][]string{{"Group", "Protected", "Sites"}}
	groups := byShare(t.Groups)
	for _, g := range groups[:min(len(groups), mostRanked)] {
		rows = append(rows, []string{groupName(g.Group), g.shareSaid(), text.Number(g.Sites())})
	}
	if left := groups[min(len(groups), mostRanked):]; len(left) > 0 {
		sites := 0
		for _, g := range left {
			sites += g.Sites()
		}
		rows = append(rows, []string{text.Plural(len(left), "more group"), "", text.Number(sites)})
	}
	return rows
}

// byShare sorts groups: the largest share of protected sites first, and those of
// which nothing is known last.
func byShare(groups []Score) []Score {
	sorted := slices.Clone(groups)
	slices.SortStableFunc(sorted, func(a, b Score) int {
		switch known := [2]bool{a.Judged() > 0, b.Judged() > 0}; known {
		case [2]bool{true, true}:
			return compare(b.share(), a.share())
		case [2]bool{true, false}:
			return -1
		case [2]bool{false, true}:
			return 1
		}
		return 0
	})
	return sorted
}

// shareSaid is a group's share in per cent, or the range that it is in.
func (s Score) shareSaid() string {
	switch {
	case s.Judged() == 0:
		return "not known"
	case s.unsure():
		return fmt.Sprintf("%d%% to %d%%", percent(s.least().n, s.least().of), percent(s.most().n, s.most().of))
	}
	return fmt.Sprintf("%d%%", s.Percent())
}

// numbered sets rows in columns: names to the left, and what comes last and holds
// numbers to the right.
func numbered(rows [][]string) []string {
	widths := make([]int, len(rows[0]))
	for _, cells := range rows {
		for i, c := range cells {
			widths[i] = max(widths[i], columns(c))
		}
	}
	right := func(column int) bool {
		cell := rows[1][column]
		return column > 0 && cell != "" && strings.ContainsAny(cell[:1], "0123456789")
	}
	lines := make([]string, len(rows))
	for i, cells := range rows {
		for j, c := range cells {
			blanks := strings.Repeat(" ", widths[j]-columns(c))
			if right(j) {
				c = blanks + c
			} else {
				c += blanks
			}
			if j > 0 {
				lines[i] += strings.Repeat(" ", gap)
			}
			lines[i] += c
		}
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// kindOf is why a result could not be judged; "other" where it does not say.
func kindOf(r audit.Result) visit.ErrorKind {
	if r.Error == nil || r.Error.Kind == "" {
		return "other"
	}
	return r.Error.Kind
}
