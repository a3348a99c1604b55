package report

import (
	"net/url"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/visit"
)

// notes says in few words what a row's other columns do not: why the verdict
// is unknown, where the page leads, the first error with what was seen, and
// what else is wrong, or waived, by its title. It is escaped as [visible] does, and empty
// where there is nothing to say.
func notes(r audit.Result) string {
	var said []string
	say := func(note string) {
		note = visible(strings.TrimSpace(note), noteLimit)
		begun := slices.IndexFunc(said, func(s string) bool { return strings.HasPrefix(note, s+":") })
		switch {
		case note == "" || slices.Contains(said, note):
		case begun >= 0: // this one says it and more
			said[begun] = note
		default:
			said = append(said, note)
		}
	}
	if r.Error != nil {
		say(r.Error.Message)
	}
	if host := redirectedTo(r); host != "" {
		say("redirects to " + host)
	}
	if r.Preloaded != nil {
		say("preloaded" + asEntry(r))
	}
	told := false
	for _, severity := range []audit.Severity{audit.SeverityError, audit.SeverityWarning} {
		for _, f := range r.Findings {
			switch {
			case f.Severity != severity || columnsSay(r, f):
			case f.Waived != nil:
				say(noteOf(r, f, false) + " (waived)")
			default:
				say(noteOf(r, f, !told && severity == audit.SeverityError))
				told = true
			}
		}
	}
	return visible(strings.Join(said, "; "), rowLimit)
}

// columnsSay reports whether the row shows a finding without a note. One on a
// later host of the chain never shows.
func columnsSay(r audit.Result, f audit.Finding) bool {
	if f.Host != "" && f.Host != r.Host {
		return false
	}
	switch f.Rule {
	case "header-absent":
		return r.Verdict == audit.Absent
	case "max-age-zero":
		return r.Verdict == audit.Disabled
	case "include-subdomains-absent", "max-age-short":
		return r.Policy != nil
	case "chain-incomplete":
		return r.Verdict == audit.Unknown
	}
	return false
}

// noteOf puts a finding shortly, by its title, or in full but for the listed
// host, which the row names already.
func noteOf(r audit.Result, f audit.Finding, full bool) string {
	rule, ok := audit.RuleByID(f.Rule)
	switch {
	case full || !ok:
		return strings.TrimLeft(strings.TrimPrefix(f.Message, r.Host), ": ")
	case f.Host != r.Host && f.Host != "":
		return f.Host + ": " + rule.Title
	}
	return rule.Title
}

// asEntry names the preload list's entry where it is another than the host.
func asEntry(r audit.Result) string {
	if r.Preloaded.Entry == r.Host {
		return ""
	}
	return " as " + r.Preloaded.Entry
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
