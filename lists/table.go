package lists

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Columns says which columns of a list are read, by what they are called or, from
// 1, by their number: its keys are "url", "name" and "group". A role without an
// entry is found by what the columns are called and hold; the entry "" leaves it
// out.
type Columns map[string]string

// A table knows which of its columns is what.
type table struct {
	names            []string // as the header has them; "" each without one
	url, name, group int      // -1 for none
	ranked           bool     // ranks and domains, top-level ones among them
	// said holds the columns of the keys, -1 for none. They count in small letters
	// alone: what a spreadsheet has in a column Note was not meant to be published.
	said []int
}

// errNoColumn says that nothing tells where the URLs are.
var errNoColumn = errors.New("it is not clear which column has the URLs")

// newTable finds out what the columns are, from their names and from some rows
// below. Without a header names are empty.
func newTable(names []string, rows [][]string, asked Columns) (*table, error) {
	t := &table{names: names, url: -1, name: -1, group: -1}
	if err := t.ask(asked); err != nil {
		return nil, err
	}
	if t.url < 0 {
		if err := t.findURL(rows); err != nil {
			return nil, err
		}
	}
	taken := func(i int) bool {
		return i == t.url || i == t.name || i == t.group || slices.Contains(keys, names[i])
	}
	if _, decided := asked["group"]; !decided {
		t.group = t.best(groupWords, func(i int) bool { return taken(i) || fit(names[i], nameWords) > fit(names[i], groupWords) })
	}
	if _, decided := asked["name"]; !decided {
		t.name = t.best(nameWords, taken)
		if t.name < 0 && !t.hasHeader() {
			t.name = firstText(rows, t.url)
		}
	}
	for _, key := range keys {
		t.said = append(t.said, slices.Index(names, key))
	}
	t.ranked = slices.ContainsFunc(names, func(name string) bool { return slices.Contains(wordsOf(name), "rank") })
	return t, nil
}

func (t *table) hasHeader() bool {
	return slices.ContainsFunc(t.names, func(s string) bool { return s != "" })
}

// ask takes the columns that were asked for.
func (t *table) ask(asked Columns) error {
	for _, role := range slices.Sorted(maps.Keys(asked)) {
		wanted := asked[role]
		if wanted == "" {
			continue
		}
		i := slices.IndexFunc(t.names, func(s string) bool { return strings.EqualFold(s, wanted) })
		if n, err := strconv.Atoi(wanted); i < 0 && err == nil && 1 <= n && n <= len(t.names) {
			i = n - 1
		}
		if i < 0 {
			return refusal(fmt.Sprintf("--columns %s=%s: there is no such column; there are %s", role, wanted, t.list(all(len(t.names)))))
		}
		switch role {
		case "url":
			t.url = i
		case "name":
			t.name = i
		case "group":
			t.group = i
		}
	}
	return nil
}

// findURL takes the column whose name fits best, unless it has no sites in it
// and another has; without a fitting one, the only column of sites.
func (t *table) findURL(rows [][]string) error {
	var best, sites []int
	for i := range t.names {
		if i == t.name || i == t.group {
			continue
		}
		if share(rows, i) >= mostly {
			sites = append(sites, i)
		}
		f := fit(t.names[i], urlWords)
		if f == 0 || fit(t.names[i], nameWords) > f {
			continue
		}
		if len(best) > 0 && f > fit(t.names[best[0]], urlWords) {
			best = nil
		}
		if len(best) == 0 || f == fit(t.names[best[0]], urlWords) {
			best = append(best, i)
		}
	}
	holds := slices.DeleteFunc(slices.Clone(best), func(i int) bool { return !slices.Contains(sites, i) })
	switch {
	case len(holds) == 1:
		t.url = holds[0]
	case len(best) == 1 && (len(sites) == 0 || share(rows, best[0]) > 0):
		t.url = best[0]
	case len(sites) == 1:
		t.url = sites[0]
	case len(best)+len(sites) == 0:
		return errNoColumn
	case len(best) > 1 && (len(sites) == 0 || len(holds) > 1):
		return fmt.Errorf("each of %s may be the one with the URLs", t.list(best))
	default:
		return fmt.Errorf("each of %s may be the one with the URLs", t.list(sites))
	}
	return nil
}

// best returns the column whose name fits best, -1 for none.
func (t *table) best(words []string, taken func(int) bool) int {
	found, most := -1, 0
	for i, name := range t.names {
		if f := fit(name, words); f > most && !taken(i) {
			found, most = i, f
		}
	}
	return found
}

// mostly is the share of sites from which on a column is one of sites.
const mostly = 0.8

// share says how many of the filled cells of a column are sites, from 0 to 1.
func share(rows [][]string, column int) float64 {
	sites, filled := 0, 0
	for _, row := range rows {
		if column < len(row) && row[column] != "" {
			filled++
			if looksLikeSite(row[column]) {
				sites++
			}
		}
	}
	if filled == 0 {
		return 0
	}
	return float64(sites) / float64(filled)
}

// looksLikeSite reports whether a cell is a URL or, by its last label, a host,
// so that no number, date or abbreviation is one.
func looksLikeSite(cell string) bool {
	cell = strippedURL(cell)
	if beginsURL(cell) {
		return isSite(cell)
	}
	h, _, _ := cutAny(cell, "/?#:")
	return isHost(h, "") && isSite(cell)
}

// firstText returns the column of a table without header that has the names: the
// first before the URLs that has text in it, no numbers and no sites; where the
// URLs stand first, the first behind them. What else is behind them may be
// anything.
func firstText(rows [][]string, url int) int {
	first, end := 0, url
	if url == 0 {
		first, end = 1, len(rows[0])
	}
	for i := first; i < end; i++ {
		text := func(row []string) bool {
			return i < len(row) && strings.Trim(row[i], "0123456789.,-+ ") != "" && !looksLikeSite(row[i])
		}
		if slices.ContainsFunc(rows, text) {
			return i
		}
	}
	return -1
}

// how says which columns were taken.
func (t *table) how() string {
	said := "url from " + t.column(t.url)
	if t.name >= 0 {
		said += ", name from " + t.column(t.name)
	}
	if t.group >= 0 {
		said += ", group from " + t.column(t.group)
	}
	for k, i := range t.said {
		if i >= 0 {
			said += ", " + keys[k] + " from " + t.column(i)
		}
	}
	left := slices.DeleteFunc(all(len(t.names)), func(i int) bool {
		return i == t.url || i == t.name || i == t.group || slices.Contains(t.said, i)
	})
	if len(left) > 0 {
		said += "; left out: " + t.list(left)
	}
	return said
}

// column is what a column is called in messages.
func (t *table) column(i int) string {
	if t.names[i] == "" {
		return "column " + strconv.Itoa(i+1)
	}
	return quote(t.names[i])
}

// list names columns, the first ten of many.
func (t *table) list(columns []int) string {
	const most = 10
	var said []string
	for _, i := range columns {
		if len(said) == most && len(columns) > most+1 {
			return strings.Join(said, ", ") + " and " + strconv.Itoa(len(columns)-most) + " more"
		}
		said = append(said, t.column(i))
	}
	return strings.Join(said, ", ")
}

func all(n int) []int {
	columns := make([]int, n)
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// cannotTell refuses a list of which nothing says what its columns are.
func cannotTell(names []string, err error) error {
	if errors.As(err, new(refusal)) {
		return err
	}
	t := &table{names: names}
	if errors.Is(err, errNoColumn) {
		err = fmt.Errorf("%w: there are %s", err, t.list(all(len(names))))
	}
	example := "NAME"
	if !t.hasHeader() {
		example = "NUMBER"
	}
	return refusal(fmt.Sprintf("%s: say which with --columns url=%s", err, example))
}

// A refusal says what is wrong with a list as a whole.
type refusal string

func (r refusal) Error() string { return string(r) }
