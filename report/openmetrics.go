package report

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/visit"
)

// OpenMetrics writes what monitoring wants to know of each site, in the text format
// of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/), which
// as it is written here is OpenMetrics as well: a file for the textfile collector of
// the node exporter. Every metric of a site is a gauge with the labels group, site and
// url, and vantage where one is named. What is not known of a site has no sample.
//
// No library writes it: that of Prometheus sets up its protocol buffers whenever the
// program starts, and the format is a line a sample.
func OpenMetrics(w io.Writer, results []audit.Result, _ Meta, opt Options) error {
	out := bufio.NewWriter(w)
	shown := opt.shown(results)
	labels := uniqueLabels(shown)
	for _, m := range metrics {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", m.name, m.help, m.name)
		for i := range shown {
			if labels[i] == "" {
				continue
			}
			for _, s := range m.samples(&shown[i], opt) {
				fmt.Fprintf(out, "%s{%s%s} %d\n", m.name, labels[i], s.label, s.value)
			}
		}
	}
	writeTotals(out, opt.tally(results), opt.omitted(results))
	out.WriteString("# EOF\n")
	return out.Flush() // holds the first error of all writes
}

// writeTotals counts all sites, shown or not.
func writeTotals(out *bufio.Writer, all *Tally, omitted int) {
	out.WriteString("# HELP hsts_sites How many sites have each verdict.\n# TYPE hsts_sites gauge\n")
	taken := make(map[string]bool)
	for _, g := range all.Groups {
		group := label(g.Group, nameLimit)
		if taken[group] {
			continue
		}
		taken[group] = true
		for _, v := range audit.Verdicts {
			fmt.Fprintf(out, "hsts_sites{group=\"%s\",verdict=\"%s\"} %d\n", group, v, g.Count(v))
		}
	}
	fmt.Fprintf(out, "# HELP hsts_sites_omitted How many sites are counted and have no samples of their own.\n# TYPE hsts_sites_omitted gauge\nhsts_sites_omitted %d\n", omitted)
}

// A metric has samples of each site.
type metric struct {
	name, help string
	samples    func(*audit.Result, Options) []sample
}

// A sample's label comes after those of its site: `,verdict="absent"`.
type sample struct {
	label string
	value int64
}

var metrics = []metric{
	{"hsts_site_protected", "Whether every browser reaches the site over https only.", func(r *audit.Result, _ Options) []sample {
		if r.Verdict == audit.Unknown {
			return nil
		}
		return flagged(r.Verdict == audit.Protected)
	}},
	{"hsts_site_verdict", "The verdict of the site, 1 for the one that it has.", func(r *audit.Result, _ Options) []sample {
		var all []sample
		for _, v := range audit.Verdicts {
			all = append(all, sample{`,verdict="` + string(v) + `"`, flagged(r.Verdict == v)[0].value})
		}
		return all
	}},
	{"hsts_site_falls_short", "Whether the site misses a bar, or has a finding, that the run asks about.", func(r *audit.Result, opt Options) []sample {
		if !opt.Gate.Asks(*r) || opt.Gate.Judge(*r).Unknown {
			return nil
		}
		return flagged(len(opt.misses(*r)) > 0)
	}},
	{"hsts_site_max_age_seconds", "The max-age of the policy that the site sends.", func(r *audit.Result, _ Options) []sample {
		if r.Policy == nil {
			return nil
		}
		return []sample{{value: int64(min(r.Policy.MaxAge, 1<<53))}}
	}},
	{"hsts_site_include_subdomains", "Whether the policy that the site sends covers its subdomains.", func(r *audit.Result, _ Options) []sample {
		if r.Policy == nil {
			return nil
		}
		return flagged(r.Policy.IncludeSubDomains)
	}},
	{"hsts_site_findings", "How many findings the site has that are not waived, by severity.", func(r *audit.Result, _ Options) []sample {
		var all []sample
		for _, severity := range []audit.Severity{audit.SeverityError, audit.SeverityWarning} {
			s := sample{label: `,severity="` + string(severity) + `"`}
			for _, f := range r.Findings {
				if f.Severity == severity && f.Waived == nil {
					s.value++
				}
			}
			all = append(all, s)
		}
		return all
	}},
	{"hsts_site_certificate_expiry_timestamp_seconds", "When the certificate of the listed host ends, in Unix time.", func(r *audit.Result, _ Options) []sample {
		for _, x := range slices.Backward(r.Exchanges) {
			if x.Probe == visit.ProbePage && x.TLS != nil && x.TLS.NotAfter != nil && strings.EqualFold(hostIn(x.URL), r.Host) {
				return []sample{{value: x.TLS.NotAfter.Unix()}}
			}
		}
		return nil
	}},
	{"hsts_site_checked_timestamp_seconds", "When the site was visited, in Unix time.", func(r *audit.Result, _ Options) []sample {
		if r.CheckedAt.IsZero() {
			return nil
		}
		return []sample{{value: r.CheckedAt.Unix()}}
	}},
}

func flagged(b bool) []sample {
	if b {
		return []sample{{value: 1}}
	}
	return []sample{{value: 0}}
}

// uniqueLabels are the labels of each result; empty for those of which an earlier
// one has the same, as names may have that are cut: a reader refuses a file in which
// a sample stands twice.
func uniqueLabels(results []audit.Result) []string {
	labels := make([]string, len(results))
	taken := make(map[string]bool, len(results))
	for i := range results {
		if l := labelsOf(&results[i]); !taken[l] {
			labels[i], taken[l] = l, true
		}
	}
	return labels
}

// hostIn is the host of a URL; empty for what is none.
func hostIn(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// labelsOf are the labels that name a site, escaped as [visible] does and as the
// format asks.
func labelsOf(r *audit.Result) string {
	said := fmt.Sprintf(`group="%s",site="%s",url="%s"`, label(r.Group, nameLimit), label(r.Name, nameLimit), label(r.URL, urlLimit))
	if r.Vantage != "" {
		said += fmt.Sprintf(`,vantage="%s"`, label(r.Vantage, nameLimit))
	}
	return said
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func label(s string, limit int) string { return labelEscapes.Replace(visible(s, limit)) }
