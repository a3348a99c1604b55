package report

import (
	"fmt"
	"slices"
	"strings"

	"hsts-check/audit"
)

// AcrossVantages returns results with what shows only when those of several
// vantage points are held side by side: rule vantages-differ, on each judged
// result of a site that does not send the same policy everywhere. A site that
// could not be judged from somewhere has not another policy there: banks refuse
// foreign addresses. It leaves the results given as they are.
func AcrossVantages(results []audit.Result) []audit.Result {
	compared := slices.Clone(results)
	for _, site := range bySite(results) {
		message := disagreement(results, site)
		if message == "" {
			continue
		}
		for _, i := range site {
			if r := &compared[i]; r.Verdict != audit.Unknown {
				r.Findings = append(slices.Clone(r.Findings), audit.Finding{
					Rule: "vantages-differ", Severity: audit.SeverityWarning, Message: message, Host: r.Host,
					Short:  "answers differ by vantage point",
					Waived: r.Waiver("vantages-differ"),
				})
			}
		}
	}
	return compared
}

// bySite returns the indexes of each site's results, sites in the order of
// their first.
func bySite(results []audit.Result) [][]int {
	at := make(map[string]int, len(results))
	var sites [][]int
	for i := range results {
		n, ok := at[results[i].ID]
		if !ok {
			n = len(sites)
			at[results[i].ID] = n
			sites = append(sites, nil)
		}
		sites[n] = append(sites[n], i)
	}
	return sites
}

// disagreement says which policy a site has from where; empty where all that
// judged it saw the same.
func disagreement(results []audit.Result, site []int) string {
	var policies, unjudged []string
	from := make(map[string][]string)
	for _, i := range site {
		r := results[i]
		if r.Verdict == audit.Unknown {
			unjudged = append(unjudged, r.Vantage)
			continue
		}
		policy := "no policy"
		if p, ok := r.Effective(); ok {
			policy = p.String()
		}
		if from[policy] == nil {
			policies = append(policies, policy)
		}
		from[policy] = append(from[policy], r.Vantage)
	}
	if len(policies) < 2 {
		return ""
	}
	said := make([]string, len(policies))
	for i, policy := range policies {
		said[i] = fmt.Sprintf("%s seen from %s", policy, strings.Join(from[policy], ", "))
	}
	if len(unjudged) > 0 {
		said = append(said, "not judged from "+strings.Join(unjudged, ", "))
	}
	return strings.Join(said, "; ")
}

// viewpoints are the places that a document's sites were seen from, and what
// each saw: none where all results are from one place.
type viewpoints struct {
	names []string
	seen  map[string][]audit.Verdict // by site ID, in the order of names; "" for no result
}

// fold makes one result of each site's, where some site was seen from several
// vantage points: the one with the worst verdict, as nobody is protected by a policy
// that others get. Only a site that was judged nowhere is unknown.
func fold(results []audit.Result) ([]audit.Result, viewpoints) {
	sites := bySite(results)
	if !slices.ContainsFunc(sites, func(site []int) bool { return elsewhere(results, site) }) {
		return results, viewpoints{}
	}
	var v viewpoints
	place := make(map[string]int)
	for i := range results {
		if _, ok := place[results[i].Vantage]; !ok {
			place[results[i].Vantage] = len(v.names)
			v.names = append(v.names, results[i].Vantage)
		}
	}
	v.seen = make(map[string][]audit.Verdict)
	var rows []audit.Result
	for _, site := range sites {
		worst := results[site[0]]
		seen := make([]audit.Verdict, len(v.names))
		for _, i := range site {
			r := results[i]
			seen[place[r.Vantage]] = r.Verdict
			if r.Verdict != audit.Unknown && (worst.Verdict == audit.Unknown || rank(r.Verdict) > rank(worst.Verdict)) {
				worst = r
			}
		}
		v.seen[worst.ID] = seen
		rows = append(rows, worst)
	}
	return rows, v
}

// elsewhere reports whether a site's results are from several vantage points.
func elsewhere(results []audit.Result, site []int) bool {
	return slices.ContainsFunc(site, func(i int) bool { return results[i].Vantage != results[site[0]].Vantage })
}

// rank orders verdicts, best first; one from a later version is the worst.
func rank(v audit.Verdict) int {
	if i := slices.Index(audit.Verdicts, v); i >= 0 {
		return i
	}
	return len(audit.Verdicts)
}

// headings name the places, shortly: columns are headed by them.
func (v viewpoints) headings() []string {
	const most = 20
	names := make([]string, len(v.names))
	for i, name := range v.names {
		if names[i] = visible(name, most); name == "" {
			names[i] = "elsewhere"
		}
	}
	return names
}

// words are what a row shows for each place; empty for no result.
func (v viewpoints) words(r audit.Result) []string {
	words := make([]string, len(v.names))
	for i, seen := range v.seen[r.ID] {
		if seen != "" {
			words[i] = visible(verdictWord(seen), nameLimit)
		}
	}
	return words
}
