package audit

import (
	"cmp"
	"fmt"
	"strings"

	"hsts-check/hsts"
	"hsts-check/preload"
)

// A Bar is what a site is asked to meet: a standard, or a policy that the
// site's must be as strong as.
type Bar struct {
	name     string
	standard *Standard
	policy   hsts.Policy
}

// ParseBar reads a standard's name, or a policy written as the header itself.
func ParseBar(s string) (Bar, error) {
	for i := range Standards {
		if strings.EqualFold(s, Standards[i].Name) {
			return Bar{name: Standards[i].Name, standard: &Standards[i]}, nil
		}
	}
	if !strings.ContainsAny(s, "=;") {
		return Bar{}, fmt.Errorf("%q is neither a standard nor a policy, which would contain max-age=", s)
	}
	policy, faults := hsts.Parse(s)
	for _, f := range faults {
		if f.Fatal || f.Kind == hsts.DirectiveUnknown {
			return Bar{}, fmt.Errorf("%q is not a policy: %s", s, f.Advice(s))
		}
	}
	if policy.MaxAge == 0 {
		return Bar{}, fmt.Errorf("%q asks for no policy at all: max-age has to be positive", s)
	}
	return Bar{name: policy.String(), policy: policy}, nil
}

// String returns the standard's name, or the policy in its plain form.
func (b Bar) String() string { return b.name }

// Missing says what keeps a site from meeting the bar, "" where it does. Known
// is false where that cannot be told from what was looked at.
func (b Bar) Missing(r Result) (missing string, known bool) {
	if b.standard != nil {
		met, known := r.Standards[b.name]
		if !met {
			missing = fmt.Sprintf("misses %s: %s", b.name, b.standard.Bar)
		}
		return missing, known
	}
	if r.Verdict == Unknown || b.policy.MaxAge == 0 { // or a bar of a later version
		return "", false
	}
	return b.wanting(r), true
}

// wanting says what keeps a judged site from a policy.
func (b Bar) wanting(r Result) string {
	if r.Verdict != Protected {
		return shortfall[r.Verdict]
	}
	return lacking(r, b.policy)
}

// lacking says in what a site's policy is weaker than another; empty where it is
// not.
func lacking(r Result, asked hsts.Policy) string {
	p, _ := r.Effective()
	var lacks []string
	if p.MaxAge < asked.MaxAge {
		lacks = append(lacks, "max-age under "+hsts.Age(asked.MaxAge))
	}
	if asked.IncludeSubDomains && !p.IncludeSubDomains {
		lacks = append(lacks, "no includeSubDomains")
	}
	if asked.Preload && !p.Preload {
		lacks = append(lacks, "no preload")
	}
	return strings.Join(lacks, "; ")
}

// code is the standard's name; empty for a policy.
func (b Bar) code() string {
	if b.standard == nil {
		return ""
	}
	return b.name
}

// cause says in a few words why a site misses the bar: what gave it its verdict,
// else what its policy lacks, else what the bar asks for.
func (b Bar) cause(r Result, missing string) string {
	if f := r.Reason(); f.Short != "" {
		return f.Short
	}
	if b.standard != nil && r.Verdict == Protected {
		return cmp.Or(lacking(r, b.standard.asks), missing)
	}
	return missing
}

// shortfall says why a site with such a verdict meets no policy.
var shortfall = map[Verdict]string{
	Partial:  "not every host of the chain is covered in every browser",
	Disabled: "HSTS is switched off by max-age=0",
	Ignored:  "browsers ignore the header",
	Absent:   "no header is sent",
}

// Effective returns the policy that makes a browser which keeps to RFC 6797 go
// to the listed host over https only: the host's own, or that of a parent which
// the page visited. It is false where there is none, or none is known.
func (r Result) Effective() (hsts.Policy, bool) {
	e := newEvidence(r.Visit(), nil)
	if len(e.page) == 0 {
		return hsts.Policy{}, false
	}
	p, covered := e.effective()
	return p, covered == yes
}

// Visit returns the facts that a result was judged on, to be judged again.
func (r Result) Visit() Visit {
	v := Visit{
		Site:      Site{Group: r.Group, Name: r.Name, URL: r.URL},
		CheckedAt: r.CheckedAt,
		SeenBy:    r.SeenBy,
		Exchanges: r.Exchanges,
	}
	if r.Source != nil {
		v.Site.Pos = *r.Source
	}
	if len(r.Require)+len(r.Allow) > 0 || r.Note != "" {
		v.Site.Terms = &r.Terms
	}
	if len(r.Exchanges) == 0 {
		v.Error = r.Error
	}
	return v
}

// Rejudge judges the facts of a result by today's rules and a preload list.
func (r Result) Rejudge(list *preload.List) Result {
	again := Judge(r.Visit(), list)
	again.Run, again.Vantage = r.Run, r.Vantage
	return again
}
