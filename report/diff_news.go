package report

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/visit"
)

// news says how a site changed, as [Change.What] does; the kind is empty where
// it did not.
func news(o, n *audit.Result) (kind ChangeKind, what string) {
	moved := moved(o, n)
	wasUnknown, isUnknown := o.Verdict == audit.Unknown, n.Verdict == audit.Unknown
	switch {
	case wasUnknown && isUnknown:
		return alone(moved, "still cannot be judged")
	case isUnknown:
		kind, what = ChangeUnknown, "cannot be judged any more"+reason(n)
	case wasUnknown:
		kind, what = ChangeAnswered, "can be judged now; it has "+has(n)
	case !covered(o) && !covered(n) && o.Verdict == n.Verdict:
		if kind, what = weighFaults(o, n).after("", ""); kind == "" {
			return alone(moved, "still has no HSTS")
		}
		what = "still has no HSTS, and " + what
	case !covered(o) && !covered(n):
		kind, what = ChangeOther, "still has no HSTS: "+openness(n)
	case !covered(o):
		kind, what = ChangeGained, "gained "+has(n)
	case !covered(n) && n.Verdict == audit.Ignored:
		kind, what = ChangeLost, "is no longer protected: "+cmp.Or(n.Reason().Short, openness(n))
	case !covered(n):
		kind, what = ChangeLost, "lost HSTS: "+openness(n)
	default:
		if kind, what = weigh(o, n); kind == "" {
			return alone(moved, "keeps its policy")
		}
	}
	if moved != "" {
		what += "; " + moved
	}
	return kind, what
}

// alone is the news of a site of which only the host changed, if that did.
func alone(moved, rest string) (ChangeKind, string) {
	if moved == "" {
		return "", ""
	}
	return ChangeMoved, moved + " and " + rest
}

func arrival(n *audit.Result) string {
	if n.Verdict == audit.Unknown {
		return "is new; it cannot be judged" + reason(n)
	}
	return "is new; it has " + has(n)
}

func departure(o *audit.Result) string {
	if o.Verdict == audit.Unknown {
		return "is gone; it could not be judged before"
	}
	return "is gone; it had " + has(o)
}

func covered(r *audit.Result) bool {
	return r.Verdict == audit.Protected || r.Verdict == audit.Partial
}

// reason says behind a colon why a site could not be judged, if that is known.
func reason(r *audit.Result) string {
	if r.Error == nil || r.Error.Message == "" {
		return ""
	}
	return ": " + r.Error.Message
}

// has says what a judged site has.
func has(r *audit.Result) string {
	switch r.Verdict {
	case audit.Protected, audit.Partial:
		var parts []string
		if p, ok := r.Effective(); ok {
			parts = append(parts, inWords(p))
		}
		in := ""
		if r.Verdict == audit.Partial {
			in = " in part"
			parts = append(parts, shortcoming(r))
		}
		if len(parts) == 0 {
			return "HSTS"
		}
		return "HSTS" + in + ": " + strings.Join(parts, "; ")
	case audit.Disabled:
		return "HSTS switched off by max-age=0"
	case audit.Ignored:
		return "a header that browsers ignore" + fault(r)
	}
	return "no HSTS"
}

// openness says why a judged site is not covered now.
func openness(n *audit.Result) string {
	switch n.Verdict {
	case audit.Disabled:
		return "max-age=0 switches it off now"
	case audit.Ignored:
		return "browsers ignore the header it sends now" + fault(n)
	}
	return "it sends no header any more"
}

// shortcoming says why a site is covered only in part.
func shortcoming(r *audit.Result) string {
	if slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Rule == "clients-differ" }) {
		return "browsers do not agree on the header"
	}
	if _, ok := r.Effective(); !ok {
		return "its own host is not covered"
	}
	return "not every host of its chain is covered"
}

// voiding are the rules that say why browsers ignore a header.
var voiding = []string{
	"certificate-invalid", "host-is-ip",
	"header-syntax", "max-age-absent", "max-age-invalid", "directive-repeated", "include-subdomains-value",
	"header-over-http",
}

// fault says in brackets why browsers ignore a site's header, if that is
// known.
func fault(r *audit.Result) string {
	for _, id := range voiding {
		fired := func(f audit.Finding) bool { return f.Rule == id && f.Severity != audit.SeverityInfo }
		if rule, ok := audit.RuleByID(id); ok && slices.ContainsFunc(r.Findings, fired) {
			return " (" + rule.Title + ")"
		}
	}
	return ""
}

// weigh compares two sites that are covered, in part at least.
func weigh(o, n *audit.Result) (kind ChangeKind, what string) {
	var worse, better []string
	note := func(was, is bool, gone, come string) {
		switch {
		case was && !is:
			worse = append(worse, gone)
		case is && !was:
			better = append(better, come)
		}
	}
	p, was := o.Effective()
	q, is := n.Effective()
	if o.Verdict == n.Verdict {
		note(was, is, shortcoming(n), "its own host is covered now")
	} else {
		note(o.Verdict == audit.Protected, n.Verdict == audit.Protected, shortcoming(n), "it is covered wholly now")
	}
	if was && is {
		if p.MaxAge != q.MaxAge {
			said := aged(p.MaxAge, q.MaxAge)
			note(p.MaxAge > q.MaxAge, q.MaxAge > p.MaxAge, said, said)
		}
		note(p.IncludeSubDomains, q.IncludeSubDomains, "includeSubDomains is gone", "includeSubDomains is new")
		note(p.Preload, q.Preload, "preload is gone", "preload is new")
	}
	note(len(o.Header) < 2, len(n.Header) < 2, "the header is sent more than once now", "the header is not sent more than once any more")
	faults := weighFaults(o, n)
	switch {
	case len(worse) > 0 && len(better) > 0:
		return ChangeWeakened, "weakened its policy: " + strings.Join(append(worse, faults.worse...), "; ") + "; but " + strings.Join(append(better, faults.better...), "; ")
	case len(worse) > 0:
		return faults.after(ChangeWeakened, "weakened its policy: "+strings.Join(worse, "; "))
	case len(better) > 0:
		return faults.after(ChangeStrengthened, "strengthened its policy: "+strings.Join(better, "; "))
	}
	return faults.after("", "")
}

// aged says how max-age changed: in seconds, where people's units do not tell
// the two apart.
func aged(was, is uint64) string {
	if hsts.Age(was) == hsts.Age(is) {
		return fmt.Sprintf("max-age was %d and is %d", was, is)
	}
	return fmt.Sprintf("max-age was %s and is %s", hsts.Age(was), hsts.Age(is))
}

func inWords(p hsts.Policy) string {
	said := "max-age " + hsts.Age(p.MaxAge)
	if p.IncludeSubDomains {
		said += ", subdomains included"
	}
	if p.Preload {
		said += ", preload"
	}
	return said
}

// moved says that a site is listed at another host than before, or leads to
// one; it is empty where neither is so. Where a site leads is compared only if
// it was judged both times.
func moved(o, n *audit.Result) string {
	if from, to := listedHost(o, n), listedHost(n, o); from != to && from != "" && to != "" {
		return "moved to " + to
	}
	if o.Verdict == audit.Unknown || n.Verdict == audit.Unknown {
		return ""
	}
	switch to := redirectedTo(*n); {
	case strings.EqualFold(to, redirectedTo(*o)):
		return ""
	case to == "":
		return "stays on its host now"
	default:
		return "redirects to " + to + " now"
	}
}

// listedHost returns the host of a site's URL, in the form that compares with
// the other's: a site that was never asked for has no ASCII form of its host.
// It is empty where the URL has none.
func listedHost(r, other *audit.Result) string {
	if r.Host != "" && other.Host != "" {
		return r.Host
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
}

// redirectedTo returns the host that the page's redirects ended at; empty if
// it is the listed one.
func redirectedTo(r audit.Result) string {
	last := ""
	for _, e := range r.Exchanges {
		if e.Probe == visit.ProbePage {
			last = e.URL
		}
	}
	u, err := url.Parse(last)
	if err != nil || r.Host == "" || strings.EqualFold(u.Hostname(), r.Host) {
		return ""
	}
	return u.Hostname()
}
