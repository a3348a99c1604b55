package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
	"hsts-check/report"
)

// mostTold is how many sites have a line each. A survey of a million sites that
// all fall short is not to fill a log, or the memory.
const mostTold = 10_000

// An unworthy site does not pass the gate.
type unworthy struct {
	rank int // the worst have the highest
	at   int // its place among those that were noted

	name, vantage, sends, place string // none of a site that has no line
	causes                      []string
}

func (s *unworthy) say(cause string) {
	if s.name != "" && cause != "" {
		s.causes = append(s.causes, cause)
	}
}

// noted adds a site to those that do not pass. Of several results of one site,
// seen from several places, the worst counts.
func (g *gate) noted(sites map[string]*unworthy, r audit.Result, cause string) map[string]*unworthy {
	if sites == nil {
		sites = make(map[string]*unworthy)
	}
	site := unworthy{rank: slices.Index(audit.Verdicts, r.Verdict), at: len(sites)}
	before := sites[r.ID]
	switch {
	case before != nil && before.rank >= site.rank:
		return sites
	case before != nil:
		site.at = before.at
	}
	if site.at < mostTold {
		site.name, site.vantage, site.sends, site.place = cmp.Or(r.Name, r.URL), r.Vantage, sent(r), placeOf(r)
		site.say(cause)
	}
	sites[r.ID] = &site
	return sites
}

// causes are what a site misses, each once, with the codes of what asks for it.
func causes(missing []audit.Miss) string {
	const most = 3
	var said []string
	codes := make(map[string][]string)
	for _, m := range missing {
		if !slices.Contains(said, m.Short) {
			said = append(said, m.Short)
		}
		if m.Code != "" {
			codes[m.Short] = append(codes[m.Short], m.Code)
		}
	}
	left := len(said) - most
	said = said[:min(len(said), most)]
	for i, short := range said {
		if by := codes[short]; by != nil {
			said[i] += " [" + strings.Join(by, ", ") + "]"
		}
	}
	if left > 0 {
		said = append(said, fmt.Sprintf("and %d more", left))
	}
	return strings.Join(said, "; ")
}

// unknownReason says why a site could not be held to the gate.
func unknownReason(r audit.Result) string {
	if r.Error != nil {
		return "could not be judged: " + r.Reason().Short
	}
	for _, required := range r.Require {
		if err := checkBar(required.Bar); err != nil {
			return "could not be held to every bar of its list: " + err.Error()
		}
	}
	return "could not be held to every bar: look at more of it with --probe all"
}

// sent is the field that the site sends, of several the first, which counts.
func sent(r audit.Result) string {
	if len(r.Header) == 0 {
		return ""
	}
	said := "sends " + clipped(cmp.Or(strings.TrimSpace(r.Header[0]), "an empty field"))
	if more := len(r.Header) - 1; more > 0 {
		said += " and " + text.Plural(more, "other field")
	}
	return said
}

// clipped cuts off the end of a long field.
func clipped(field string) string {
	const most = 60
	if letters := []rune(field); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return field
}

// placeOf is where a list has the site; empty where none does.
func placeOf(r audit.Result) string {
	if r.Source == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", r.Source.File, r.Source.Line)
}

// line names a site, what is to be said of it, and where it stands.
func line(r audit.Result, said string) string {
	if place := placeOf(r); place != "" {
		return fmt.Sprintf("%s: %s (%s)", r.Name, said, place)
	}
	return fmt.Sprintf("%s: %s", r.Name, said)
}

// status is the exit status.
func (g *gate) status() int {
	switch {
	case len(g.short) > 0:
		return exitFellShort
	case len(g.unknown) > 0:
		return exitUnknown
	}
	return exitOK
}

// finish says which sites do not pass, the worst first, and how many of so many
// they are. It is the last that a run says, so it takes the status in which the
// program ends.
func (g *gate) finish(p *program, sites, status int) {
	if !g.asked {
		return
	}
	for id := range g.short {
		delete(g.unknown, id) // it was judged from another place
	}
	for _, l := range g.aligned(append(inLine(g.short), inLine(g.unknown)...)) {
		fmt.Fprintf(p.stderr, "hsts-check: %s\n", l)
	}
	if left := len(g.short) + len(g.unknown) - mostTold; left > 0 {
		p.hint("%s do not pass: -o FILE.csv names all", text.Plural(left, "more site"))
	}
	switch {
	case len(g.short)+len(g.unknown) > 0:
		fmt.Fprintf(p.stderr, "hsts-check: %s (exit %d)\n", g.counted(sites), status)
	case status == exitOK:
		p.say("%s (exit 0)", shareOf(sites, sites, "passes", "pass"))
	}
}

// counted says how many of so many sites do not pass.
func (g *gate) counted(sites int) string {
	said := shareOf(len(g.short), sites, "falls short", "fall short")
	if n := len(g.unknown); n > 0 {
		said += fmt.Sprintf(", %s could not be judged", text.Number(n))
	}
	return said
}

// shareOf says what so many of all sites do.
func shareOf(n, sites int, one, several string) string {
	if n == 1 {
		several = one
	}
	return fmt.Sprintf("%s of %s %s", text.Number(n), text.Plural(sites, "site"), several)
}

// inLine sorts sites: the worst first, and those that are as bad as they were
// noted.
func inLine(sites map[string]*unworthy) []*unworthy {
	return slices.SortedFunc(maps.Values(sites), func(a, b *unworthy) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(a.at, b.at))
	})
}

// aligned writes a line for each site that has one, in columns. Where all was seen
// from one place, no line names it.
func (g *gate) aligned(sites []*unworthy) []string {
	rows := make([][]string, 0, min(len(sites), mostTold))
	for _, s := range sites {
		if s.name != "" && len(rows) < mostTold {
			said := strings.Join(s.causes, "; ")
			if len(g.vantages) > 1 && s.vantage != "" {
				said += ", seen from " + s.vantage
			}
			rows = append(rows, []string{s.name, said, s.sends, s.place})
		}
	}
	return report.Columns(rows)
}
