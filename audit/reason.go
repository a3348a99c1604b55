package audit

import (
	"slices"

	"hsts-check/visit"
)

// reasons are the rules that can be why a site has a verdict, those that say
// most before those that follow from them.
var reasons = map[Verdict][]string{
	Partial: {
		"needs-upgrade", "policy-cleared", "no-https", "clients-differ", "browser-refuses", "certificate-invalid", "host-is-ip",
		"header-absent", "max-age-zero", "header-syntax", "max-age-absent", "max-age-invalid", "directive-repeated",
		"include-subdomains-value", "hop-unprotected", "http-redirects-away", "http-no-redirect", "chain-cut",
	},
	Disabled: {"max-age-zero"},
	Ignored: {
		"certificate-invalid", "host-is-ip", "header-syntax", "max-age-absent", "max-age-invalid", "directive-repeated",
		"include-subdomains-value", "clients-differ", "header-over-http",
	},
	Absent: {"no-https", "browser-refuses", "header-misnamed", "header-absent", "http-no-redirect"},
}

// unjudgedBy are the rules that can say why a site could not be judged, by the
// kind of its error.
var unjudgedBy = map[ErrorKind]string{
	visit.KindRedirects: "chain-cut", visit.KindTLS: "chain-incomplete", visit.KindUnreachable: "browser-refuses",
}

// Reason returns why a site has its verdict: the finding that says so, or else
// one without a rule that has a short text alone, or nothing. A protected site
// has none.
func (r Result) Reason() Finding {
	rules := reasons[r.Verdict]
	switch {
	case r.Verdict == Partial && len(r.Findings) > 0:
		return r.Findings[0] // where judging has put it
	case r.Verdict == Unknown && r.Error != nil:
		rules = []string{unjudgedBy[r.Error.Kind]}
	}
	for _, rule := range rules {
		for _, host := range []string{r.Host, ""} { // its own before that of a later host
			i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Rule == rule && (host == "" || f.Host == host) })
			if i >= 0 {
				return r.Findings[i]
			}
		}
	}
	if r.Verdict == Unknown && r.Error != nil {
		return Finding{Short: shortError(r.Error)}
	}
	return Finding{}
}

// shortError is what an error says in at most [MostShort] characters.
func shortError(e *Error) string {
	said := e.Message
	if e.Kind == visit.KindBlocked || e.Kind == visit.KindStatus {
		said = clause(said)
	}
	return clip(printable(said), MostShort)
}
