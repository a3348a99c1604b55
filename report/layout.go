package report

import (
	"strings"

	"hsts-check/audit"
)

const (
	gap       = 2  // blanks between two columns
	indent    = 4  // before what stands below a row; a name that wraps has gap
	leastSite = 12 // columns that names get everywhere
	mostSite  = 32 // and beside a URL: a longer name wraps
	wellURL   = 56 // columns that read well
	mostURL   = 72 // and where there is more room than that
)

// A layout says where the table has room for what. Names are never cut: a long
// one wraps.
type layout struct {
	subdomains string // heading of the column includeSubDomains
	// foldNotes, foldURL, foldPolicy: instead of in columns, these stand on
	// lines of their own below a row.
	foldNotes, foldURL, foldPolicy bool
	// minURL is the columns that URLs must get, if they need as many, for the
	// layout to be taken.
	minURL int

	places           []string // headings of the columns, one a vantage point
	bare             bool     // URLs without https://, as a list may write them
	whole            bool     // URLs are not shortened
	site, url, notes int      // widths of the columns that give way
}

// layouts are tried in this order; the last always fits.
var layouts = []layout{
	{subdomains: "includeSubDomains", minURL: 40},
	{subdomains: "subdomains", minURL: 32},
	{subdomains: "subs", minURL: 24},
	{subdomains: "includeSubDomains", foldNotes: true, minURL: 40},
	{subdomains: "subdomains", foldNotes: true, minURL: 30},
	{subdomains: "subs", foldNotes: true, minURL: 22},
	{subdomains: "subs", foldNotes: true, foldURL: true},
	{foldNotes: true, foldURL: true, foldPolicy: true},
}

// fit lays the rows of all groups out between margins, so that the groups' tables
// line up with each other.
func fit(rows []row, places []string, m margin) layout {
	most := func(cell func(row) int) int {
		n := 0
		for _, r := range rows {
			n = max(n, cell(r))
		}
		return n
	}
	maxURL := most(func(r row) int { return columns(r.url) })
	maxNotes := most(func(r row) int { return columns(r.note) })
	withIDs := most(func(r row) int { return columns(r.noteIn(2 * audit.MostShort)) })
	fixed := max(columns("Header?"), most(func(r row) int { return columns(r.shown) }))
	for i, name := range places {
		fixed += gap + max(columns(name), most(func(r row) int { return columns(r.seen[i]) }))
	}
	policy := gap + max(columns("max-age"), most(func(r row) int { return columns(r.maxAge) })) +
		gap + max(columns("preload"), most(func(r row) int { return columns(r.preload) })) + gap
	for _, l := range layouts {
		if maxNotes == 0 && !l.foldNotes {
			continue
		}
		l.places, l.whole = places, m.urls
		left := m.width - gap - fixed
		if !l.foldPolicy {
			left -= policy + columns(l.subdomains)
		}
		site := left
		if !l.foldURL {
			site = min(left, m.width/4, mostSite)
		}
		if site < leastSite && !l.foldPolicy {
			continue
		}
		site = max(site, leastSite)
		l.site = max(columns("Site"), most(func(r row) int { return longest(hanging(r.site, site)) }))
		if l.foldURL || l.share(left-l.site-gap, maxURL, maxNotes, withIDs) {
			return l
		}
	}
	panic("unreachable: the last layout always fits")
}

// share divides what is left between URLs and notes, and reports whether that
// is enough. No URL gets more than reads well before each note has its rule's
// ID, so that one outlier does not tear the rows apart.
func (l *layout) share(left, maxURL, maxNotes, withIDs int) bool {
	least := 0
	if !l.foldNotes {
		least = gap + max(columns("Notes"), maxNotes)
	}
	if l.whole {
		l.minURL = mostURL
	}
	if left-least < max(columns("URL"), min(maxURL, l.minURL)) {
		return false
	}
	l.url = max(columns("URL"), min(maxURL, left-least, max(wellURL, l.minURL)))
	if !l.foldNotes {
		l.notes = max(columns("Notes"), min(withIDs, left-l.url-gap))
		left -= l.notes + gap
	}
	l.url = max(l.url, min(maxURL, left, mostURL))
	l.bare = maxURL > l.url && l.url < 40
	return true
}

// cells are a row's columns; lines of a cell that wraps are separated by \n.
func (l layout) cells(r row) []string {
	cells := []string{strings.Join(hanging(r.site, l.site), "\n")}
	if !l.foldURL {
		cells = append(cells, l.shorten(r.url))
	}
	cells = append(append(cells, r.shown), r.seen...)
	if !l.foldPolicy {
		cells = append(cells, r.maxAge, r.subdomains, r.preload)
	}
	if !l.foldNotes {
		cells = append(cells, r.noteIn(l.notes))
	}
	return cells
}

// hanging wraps a name so that its further lines do not look like other names.
func hanging(name string, width int) []string { return margin{width: width}.hung(name) }

// verdictColumn is the index of the verdict in a row's cells.
func (l layout) verdictColumn() int {
	if l.foldURL {
		return 1
	}
	return 2
}

func (l layout) headings() []string {
	return l.cells(row{
		site: "Site", url: "URL", shown: "Header?", seen: l.places, maxAge: "max-age",
		subdomains: l.subdomains, preload: "preload", note: "Notes",
	})
}

// folded are the lines below a row, with its note where nothing else says it. What
// the row's columns say is not said again.
func (l layout) folded(r row, m margin, note bool) []string {
	var lines []string
	switch {
	case l.foldURL && l.whole:
		lines = append(lines, r.url)
	case l.foldURL:
		lines = append(lines, shorten(r.url, m.width))
	}
	if l.foldPolicy && r.policy != "" {
		lines = append(lines, m.wrap(r.policy)...)
	}
	if note && l.foldNotes && r.note != "" && !r.plain {
		lines = append(lines, m.wrap(r.noteIn(m.width))...)
	}
	return lines
}

func (l layout) shorten(url string) string {
	if l.whole {
		return url
	}
	if l.bare {
		url = strings.TrimPrefix(url, "https://")
	}
	return shorten(url, l.url)
}

// shorten cuts the middle out of a URL that is wider than so many columns; 0
// is no limit. Scheme and host stay whole where they fit, and the end of the
// host, which says whose it is, where they do not.
func shorten(url string, width int) string {
	if width <= 0 || columns(url) <= width {
		return url
	}
	start := 0
	if i := strings.Index(url, "://"); i >= 0 {
		start = i + len("://")
	}
	origin := url
	if i := strings.IndexAny(url[start:], "/?#"); i >= 0 {
		origin = url[:start+i]
	}
	const least = 6 // the ellipsis and what should be seen around it
	if head := columns(origin); head+least <= width {
		tail := last(url, min((width-1)/2, width-2-head))
		if i := strings.Index(tail, "/"); i > 0 && i < len(tail)-1 {
			tail = tail[i:] // whole segments read best
		}
		return first(url, width-1-columns(tail)) + "…" + tail
	}
	if origin != url && columns(origin) <= width-2 {
		return origin + "/…"
	}
	if origin != url && width > 2 {
		return shorten(origin, width-2) + "/…"
	}
	tail := (width - 1) * 2 / 3
	return first(url, width-1-tail) + "…" + last(url, tail)
}
