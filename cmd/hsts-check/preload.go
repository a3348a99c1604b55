package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"hsts-check/audit"
	"hsts-check/lists"
	"hsts-check/preload"
	"hsts-check/report"
	"hsts-check/visit"
)

const preloadUsage = `hsts-check preload [flags] HOST...
hsts-check preload --update [--from URL | FILE]

Is a host on the preload list that browsers ship, and may its domain go on it
or leave it. Asks the domain over https and http, and its www.

  hsts-check preload example.org
  hsts-check preload -f json example.org bank.example
  hsts-check preload --update    fetch the newest list, for all commands

Exit status: 0 all qualify for submission, 1 one does not, 2 it could not run,
3 not known, 130 interrupted.

Report:
  -f, --format NAME       text or json (default text)
` + listingHelp + `
Update:
      --update            fetch the list and keep a copy, visit no one
      --from NAME         a URL or a file, not Chromium's own repository
`

// preloadAdvice is said once, after what was asked for.
const preloadAdvice = "The list's owners recommend HSTS and no longer recommend preloading: browsers try https first by themselves (https://hstspreload.org/#preloading)."

// A preloading is what was asked of the command.
type preloading struct {
	*program
	list     *preload.List
	format   string
	status   int
	listed   bool // a host is on the list, so its age matters
	document preloadDocument
}

// A preloadDocument is what -f json writes.
type preloadDocument struct {
	Schema int             `json:"schema"`
	List   string          `json:"list,omitempty"` // its date
	Advice string          `json:"advice"`
	Hosts  []preloadRecord `json:"hosts"`
}

// A preloadRecord is what is said of one host.
type preloadRecord struct {
	Run       string     `json:"run,omitempty"`
	Vantage   string     `json:"vantage,omitempty"`
	CheckedAt *time.Time `json:"checked_at,omitempty"` // absent where nothing was visited
	Host      string     `json:"host"`
	Domain    string     `json:"domain,omitempty"` // the registrable one
	// Preloaded is absent where the host is not on the list.
	Preloaded  *audit.Preloaded `json:"preloaded,omitempty"`
	Submission standing         `json:"submission"`
	Removal    standing         `json:"removal"`
	Next       string           `json:"next,omitempty"`
}

// A standing is how a host stands to all that is asked.
type standing struct {
	State        audit.State         `json:"state"`
	Requirements []audit.Requirement `json:"requirements"`
}

func standingOf(requirements []audit.Requirement) standing {
	return standing{audit.Stands(requirements), requirements}
}

// preload says how hosts stand to the preload list, or fetches the list.
func (p *program) preload(ctx context.Context, args []string) (int, error) {
	f := p.flags("hsts-check preload", preloadUsage, visitingHelp)
	var how visiting
	var from listing
	how.register(f)
	from.register(f)
	format := f.StringP("format", "f", "text", "")
	update := f.Bool("update", false, "")
	source := f.String("from", "", "")
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	auditor, err := how.auditor()
	switch {
	case err != nil:
		return 0, err
	case *update:
		if err := onlyUpdates(f); err != nil {
			return 0, err
		}
		return p.updateList(ctx, auditor, *source)
	case *source != "":
		return 0, withHint(errors.New("--from says where --update gets the list"), "to read a list once: --preload-list FILE")
	case !slices.Contains(preloadFormats, *format):
		return 0, unknownFormat(*format, preloadFormats)
	case f.NArg() == 0:
		return 0, withHint(errors.New("preload needs a host"), "as in hsts-check preload example.org")
	}
	candidates, err := candidates(f.Args())
	if err != nil {
		return 0, err
	}
	list, err := from.read(p)
	if err != nil {
		return 0, err
	}
	for _, probe := range []audit.Probe{visit.ProbeHTTP, visit.ProbeWWW} {
		if !slices.Contains(auditor.Probes, probe) {
			auditor.Probes = append(auditor.Probes, probe)
		}
	}
	auditor.Preload, p.preloads = list, list
	run := &preloading{program: p, list: list, format: *format}
	ctl := interruptible(ctx)
	defer p.catch(ctl, time.Duration(how.timeout))()
	return run.ask(ctl, auditor, candidates)
}

// A candidate is a host that was asked for and its registrable domain, empty
// where it has none.
type candidate struct{ host, domain string }

func candidates(args []string) (all []candidate, err error) {
	var errs []error
	for _, arg := range args {
		c, err := candidateOf(arg)
		errs = append(errs, err)
		all = append(all, c)
	}
	return all, errors.Join(errs...)
}

// candidateOf reads a host name, or takes the host of a URL.
func candidateOf(arg string) (c candidate, err error) {
	named := arg
	if !strings.Contains(arg, "://") {
		named = "https://" + arg
	}
	const hint = "preload takes host names: hsts-check preload example.org"
	site, err := lists.Site(named)
	if err != nil {
		return c, withHint(err, hint)
	}
	u, err := url.Parse(site.URL)
	if err == nil {
		c.host, c.domain, err = audit.RegistrableDomain(u.Hostname())
	}
	if err != nil {
		return c, withHint(fmt.Errorf("%q is not a host: %w", arg, err), hint)
	}
	return c, nil
}

// ask visits the domains of candidates and reports on each candidate.
func (p *preloading) ask(ctx running, auditor *audit.Auditor, all []candidate) (int, error) {
	next, stop := iter.Pull(auditor.Survey(ctx.hard, ctx.until(sitesOf(all))))
	defer stop()
	p.document = preloadDocument{Schema: 1, List: p.list.Date(), Advice: preloadAdvice, Hosts: []preloadRecord{}}
	for _, c := range all {
		var r audit.Result
		if c.domain != "" {
			var ok bool
			if r, ok = next(); !ok {
				break // interrupted
			}
			r = auditor.FirstRedirect(ctx.hard, r)
		}
		if err := p.add(p.record(c, r)); err != nil {
			return 0, err
		}
	}
	err := p.finish()
	if ctx.interrupted() {
		p.say("interrupted: %s reported", count(len(p.document.Hosts), len(all)))
		if err != nil {
			p.complain(err)
		}
		return exitInterrupted, nil
	}
	return p.status, err
}

// sitesOf are the front pages of all domains.
func sitesOf(all []candidate) iter.Seq[audit.Site] {
	return func(yield func(audit.Site) bool) {
		for _, c := range all {
			if c.domain != "" && !yield(audit.Site{Name: c.domain, URL: "https://" + c.domain + "/"}) {
				return
			}
		}
	}
}

func (p *preloading) record(c candidate, r audit.Result) preloadRecord {
	record := preloadRecord{
		Run: r.Run, Vantage: r.Vantage, Host: c.host, Domain: c.domain, Next: r.NextStep(c.host),
		Submission: standingOf(r.Submission(c.host)), Removal: standingOf(r.Removal(c.host, p.list)),
	}
	if !r.CheckedAt.IsZero() {
		record.CheckedAt = &r.CheckedAt
	}
	if entry, ok := p.list.Lookup(c.host); ok {
		record.Preloaded = &audit.Preloaded{Entry: entry.Name, IncludeSubDomains: entry.IncludeSubDomains, List: p.list.Date()}
	}
	return record
}

// add takes in one record, and writes it where the format goes host by host.
func (p *preloading) add(r preloadRecord) error {
	switch r.Submission.State {
	case audit.Fail:
		p.status = exitFellShort
	case audit.StateUnknown:
		p.status = cmp.Or(p.status, exitUnknown)
	}
	p.listed = p.listed || r.Preloaded != nil
	p.document.Hosts = append(p.document.Hosts, r)
	if p.format == "json" {
		return nil
	}
	var b strings.Builder
	r.text(&b, p.list.Date())
	_, err := io.WriteString(p.stdout, b.String())
	return err
}

// finish writes what comes after the last host.
func (p *preloading) finish() error {
	(&delivery{program: p.program, preloaded: p.listed}).remarkAge(time.Now())
	if p.format == "json" {
		return writeJSON(p.stdout, "", p.document, "\n")
	}
	return p.print(preloadAdvice + "\n")
}

// text writes a record for people, an empty line behind it.
func (r preloadRecord) text(b *strings.Builder, date string) {
	fmt.Fprintf(b, "%s\n", r.Host)
	switch {
	case r.Preloaded == nil:
		fmt.Fprintf(b, "  not on the preload list of %s\n", date)
	case r.Preloaded.IncludeSubDomains:
		fmt.Fprintf(b, "  on the preload list of %s: %s, with all subdomains\n", date, r.Preloaded.Entry)
	default:
		fmt.Fprintf(b, "  on the preload list of %s: %s, without subdomains\n", date, r.Preloaded.Entry)
	}
	r.Submission.text(b, "submission")
	r.Removal.text(b, "removal")
	if r.Next != "" {
		fmt.Fprintf(b, "  next: %s\n", report.Visible(r.Next))
	}
	fmt.Fprintln(b)
}

var qualifies = map[audit.State]string{
	audit.Pass: "qualifies", audit.Fail: "does not qualify", audit.StateUnknown: "not known",
}

func (s standing) text(b *strings.Builder, what string) {
	fmt.Fprintf(b, "  %s: %s\n", what, qualifies[s.State])
	for _, q := range s.Requirements {
		fmt.Fprintf(b, "    %-7s  %-18s  %s\n", q.State, q.ID, report.Visible(q.Evidence))
	}
}

// onlyUpdates refuses flags that mean nothing to an update.
func onlyUpdates(f *pflag.FlagSet) (err error) {
	accepted := []string{"update", "from", "timeout", "user-agent", "cacert", "proxy", "quiet"}
	f.Visit(func(flag *pflag.Flag) {
		if !slices.Contains(accepted, flag.Name) && err == nil {
			err = withHint(fmt.Errorf("--update does nothing with --%s", flag.Name), "it uses --%s", strings.Join(accepted[1:], ", --"))
		}
	})
	if err == nil && f.NArg() > 0 {
		err = withHint(fmt.Errorf("--update takes no host: %q", f.Arg(0)), "ask afterwards: hsts-check preload %s", f.Arg(0))
	}
	return err
}
