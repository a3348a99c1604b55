package report

import (
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/visit"
)

// weighed are rules that say of a policy, or of a verdict, what is compared of these
// themselves.
var weighed = []string{
	"header-absent", "header-misnamed", "header-syntax", "max-age-absent", "max-age-invalid", "directive-repeated", "include-subdomains-value",
	"max-age-zero", "max-age-short", "max-age-excessive", "include-subdomains-absent", "field-repeated", "preload-unqualified", "preload-consent",
	"vantages-differ",
}

// deciding are rules that can be why a verdict is partial. Where another host is
// covered than before, that says as much.
var deciding = []string{"hop-unprotected", "clients-differ", "chain-cut", "needs-upgrade", "policy-cleared", "http-redirects-away"}

// probeOf is what has to be looked at for a rule to fire, besides the page.
var probeOf = map[string]visit.Probe{
	"http-no-redirect": visit.ProbeHTTP, "http-redirects-away": visit.ProbeHTTP, "header-over-http": visit.ProbeHTTP, "https-downgrade": visit.ProbePage,
	"error-page-bare": visit.ProbeErrorPage, "addresses-differ": visit.ProbeAddresses,
	"apex-unprotected": visit.ProbeApex, "www-unprotected": visit.ProbeWWW,
}

// newFaults returns the errors and warnings of one result that another of the same
// site has not, though it could have: what they are about was looked at. The words
// of a finding do not matter.
func newFaults(of, other *audit.Result) []audit.Finding {
	var found []audit.Finding
	_, covered := of.Effective()
	_, wasCovered := other.Effective()
	otherwise := of.Verdict != other.Verdict || covered != wasCovered
	for _, f := range of.Findings {
		switch {
		case f.Waived != nil, f.Severity == audit.SeverityInfo, slices.Contains(weighed, f.Rule):
		case otherwise && slices.Contains(deciding, f.Rule):
		case !lookedAt(other, f.Rule), firesOn(other, f):
		default:
			found = append(found, f)
		}
	}
	return found
}

// lookedAt reports whether a result has what a rule asks for.
func lookedAt(r *audit.Result, rule string) bool {
	probe, needed := probeOf[rule]
	return !needed || slices.ContainsFunc(r.Exchanges, func(x audit.Exchange) bool { return x.Probe == probe })
}

func firesOn(r *audit.Result, f audit.Finding) bool {
	return slices.ContainsFunc(r.Findings, func(g audit.Finding) bool { return g.Rule == f.Rule && sameHost(r, g, f) })
}

// sameHost reports whether two findings are about the same host. Where the listed
// host has moved, what is said of it is compared with what was said of the old one.
func sameHost(r *audit.Result, f, other audit.Finding) bool {
	return f.Host == other.Host || f.Host == r.Host
}

// A balance holds the faults that are new, and those that are gone.
type balance struct{ worse, better []string }

// weighFaults compares the findings of two results of a site.
func weighFaults(o, n *audit.Result) balance {
	var b balance
	for _, f := range newFaults(n, o) {
		b.worse = append(b.worse, inShort(f))
	}
	for _, f := range newFaults(o, n) {
		b.better = append(b.better, inShort(f))
	}
	return b
}

// after adds the faults to what else has changed, if anything has. A fault that is
// new makes it a change for the worse.
func (b balance) after(kind ChangeKind, what string) (ChangeKind, string) {
	say := func(lead string, faults []string) {
		if len(faults) == 0 {
			return
		}
		if what != "" {
			what += "; "
		}
		what += lead + strings.Join(faults, "; ")
	}
	say("got worse: ", b.worse)
	say("fixed: ", b.better)
	switch {
	case len(b.worse) > 0:
		return ChangeWeakened, what
	case len(b.better) > 0 && kind == "":
		return ChangeStrengthened, what
	}
	return kind, what
}

// inShort is a finding as news tells it.
func inShort(f audit.Finding) string { return shortOf(f) + " [" + f.Rule + "]" }
