package audit

import (
	"slices"
	"time"

	"hsts-check/hsts"
	"hsts-check/visit"
)

// Schema is the version of the record that [Result] encodes to. It rises when
// a field changes meaning.
const Schema = 2

// A Result is the record of one site: what was seen and what it means.
type Result struct {
	Schema    int       `json:"schema"`
	ID        string    `json:"id"`
	Run       string    `json:"run,omitempty"`
	Vantage   string    `json:"vantage,omitempty"`
	Group     string    `json:"group"`
	Name      string    `json:"name"`
	URL       string    `json:"url"`
	Source    *Position `json:"source,omitempty"`
	Terms               // what the list says with the site
	CheckedAt time.Time `json:"checked_at"`
	// SeenBy names who has seen the page besides the program; nil for nobody.
	SeenBy  *visit.SeenBy `json:"seen_by,omitempty"`
	Verdict Verdict       `json:"verdict"`
	// Host is the listed host, lower case, in its ASCII form, without a port.
	Host string `json:"host,omitempty"`
	// Header holds every field of the listed host's answer that Policy comes
	// from, in order; where there is no policy, of the last of its answers that
	// could teach a browser, else of the last that had any.
	Header []string `json:"header,omitempty"`
	// Policy is what the clients hold for the host at the end, as its header
	// says it: that of the first client which holds any, in the order of
	// [hsts.Clients]. Its MaxAge is 0 where a header made them forget the host;
	// it is nil where none has ever held one.
	Policy *hsts.Policy `json:"policy,omitempty"`
	// Clients is what each client holds for the host at the end; nil where no
	// header was sent.
	Clients *Clients `json:"clients,omitempty"`
	// Preloaded is the entry of the preload list that covers the host: an
	// answer of its own, which the verdict does not know. Nil without one.
	Preloaded *Preloaded      `json:"preloaded,omitempty"`
	Standards map[string]bool `json:"standards,omitempty"`
	Findings  []Finding       `json:"findings,omitempty"`
	Exchanges []Exchange      `json:"exchanges,omitempty"`
	// Error says why the verdict is unknown.
	Error *Error `json:"error,omitempty"`
}

// Cancelled reports whether a visit was cut short by the end of its run, before
// all was seen of the site.
func (r Result) Cancelled() bool {
	cut := func(e *Error) bool { return e != nil && e.Kind == visit.KindCancelled }
	return cut(r.Error) || slices.ContainsFunc(r.Exchanges, func(x Exchange) bool { return cut(x.Error) })
}

// A Verdict is one word for what a browser would remember of a site.
type Verdict string

// The verdicts, best first.
const (
	Protected Verdict = "protected" // every host of the chain is covered
	Partial   Verdict = "partial"   // some are, or one client departs
	Disabled  Verdict = "disabled"  // none is, and the listed host sent max-age=0
	Ignored   Verdict = "ignored"   // none is, and a header was thrown away
	Absent    Verdict = "absent"    // none is, and no header was sent
	Unknown   Verdict = "unknown"   // the listed host could not be judged
)

// Verdicts lists all verdicts, best first.
var Verdicts = []Verdict{Protected, Partial, Disabled, Ignored, Absent, Unknown}

// Preloaded is what the preload list has of a host.
type Preloaded struct {
	// Entry is the host itself, or the parent that covers it.
	Entry             string `json:"entry"`
	IncludeSubDomains bool   `json:"include_subdomains"`
	// List is the list's date, "" where it has none.
	List string `json:"list,omitempty"`
}

// Clients says what each client holds for a host.
type Clients struct {
	RFC6797  Noted `json:"rfc6797"`
	Chromium Noted `json:"chromium"`
	Firefox  Noted `json:"firefox"`
}

// Noted is what one client holds for a host.
type Noted struct {
	// Noted: the client goes to the host over https only, by a policy of the
	// host's own or of a parent.
	Noted bool `json:"noted"`
	// MaxAge is in seconds, after the browser's own cap; 0 with Noted false
	// where the header made it forget the host, nil where it ignored it.
	MaxAge            *uint64 `json:"max_age,omitempty"`
	IncludeSubDomains *bool   `json:"include_subdomains,omitempty"`
	// By is the index of the exchange that made it so, in the result's
	// Exchanges; nil where none did.
	By *int `json:"by,omitempty"`
}

// A Finding is one rule that fired on one site, with what was seen.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	// Short is the cause in at most [MostShort] characters, without the advice;
	// it names the host where that is not the listed one. Empty in records of
	// earlier versions.
	Short string `json:"short,omitempty"`
	Host  string `json:"host,omitempty"`
	// Offset is the byte of the header's first field that the message is
	// about; nil where it is about no byte.
	Offset *int `json:"offset,omitempty"`
	// Waived says that the list lets this pass for the site: no gate counts it.
	Waived *Waived `json:"waived,omitempty"`
}

// A Severity says how much a finding matters.
type Severity string

// The severities, worst first.
const (
	SeverityError   Severity = "error"   // users are not protected, or a MUST is broken
	SeverityWarning Severity = "warning" // weaker than a SHOULD or an authority's bar
	SeverityInfo    Severity = "info"    // worth knowing
)

// Severities lists all severities, worst first.
var Severities = []Severity{SeverityError, SeverityWarning, SeverityInfo}

// AtLeast reports whether a severity is as bad as another, or worse. One that is
// not known is not.
func (s Severity) AtLeast(other Severity) bool {
	i := slices.Index(Severities, s)
	return i >= 0 && i <= slices.Index(Severities, other)
}
