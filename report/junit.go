package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"hsts-check/audit"
)

// The elements of JUnit's XML that GitLab and Jenkins read. There is no
// schema that both keep to; file and line are pytest's, and GitLab's. The
// libraries for it have not been released in years and know neither.
type (
	junitReport struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Timestamp  string           `xml:"timestamp,attr,omitempty"`
		Properties *junitProperties `xml:"properties"`
		Cases      []junitCase      `xml:"testcase"`
	}
	junitProperties struct {
		Properties []junitProperty `xml:"property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCounts struct {
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr,omitempty"`
		Time     milliseconds `xml:"time,attr"`
	}
	junitCase struct {
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		File    string       `xml:"file,attr,omitempty"`
		Line    int          `xml:"line,attr,omitempty"`
		Time    milliseconds `xml:"time,attr"`
		Failure *junitFault  `xml:"failure"`
		Error   *junitFault  `xml:"error"`
		Skipped *junitSkip   `xml:"skipped"`
		Output  *junitText   `xml:"system-out"`
	}
	junitFault struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		junitText
	}
	junitSkip struct {
		Message string `xml:"message,attr"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
)

// milliseconds are written as seconds.
type milliseconds int64

func (ms milliseconds) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%03d", ms/1000, ms%1000), nil
}

// JUnit writes test results: a suite a group, a case a site. A case fails for
// what the gate of opt misses and for nothing else, so that the report and the
// exit status agree; an unknown site is an error, unless it fails. One that does
// neither is skipped where the list waives something that was found. All else
// that was found stands in the case's output. Where not all sites are shown,
// each group has its suite all the same, with the number of its sites.
func JUnit(w io.Writer, results []audit.Result, meta Meta, opt Options) error {
	report := junitReport{Name: "hsts-check"}
	suites := make(map[string]*junitSuite)
	suiteOf := func(group string) *junitSuite {
		if suites[group] == nil {
			suites[group] = newJUnitSuite(group, meta)
			report.Suites = append(report.Suites, suites[group])
		}
		return suites[group]
	}
	rows, _ := fold(results)
	if all := opt.tally(rows); len(opt.shown(rows)) < all.Total.Sites() {
		for _, g := range all.Groups {
			suiteOf(g.Group).say("sites", strconv.Itoa(g.Sites()))
		}
	}
	for _, r := range opt.shown(results) {
		suite := suiteOf(r.Group)
		c := junitCaseOf(r, opt)
		suite.Cases = append(suite.Cases, c)
		suite.add(c)
		report.add(c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	if err := out.Encode(report); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newJUnitSuite(group string, meta Meta) *junitSuite {
	suite := &junitSuite{Name: groupName(group)}
	if !meta.Started.IsZero() {
		suite.Timestamp = meta.Started.UTC().Format("2006-01-02T15:04:05") // ISO 8601; Ant's schema forbids a zone
	}
	if meta.PreloadList != "" {
		suite.say("preload-list", meta.PreloadList)
	}
	return suite
}

// say adds a property.
func (s *junitSuite) say(name, value string) {
	if s.Properties == nil {
		s.Properties = new(junitProperties)
	}
	s.Properties.Properties = append(s.Properties.Properties, junitProperty{name, value})
}

func (n *junitCounts) add(c junitCase) {
	n.Tests++
	if c.Failure != nil {
		n.Failures++
	}
	if c.Error != nil {
		n.Errors++
	}
	if c.Skipped != nil {
		n.Skipped++
	}
	n.Time += c.Time
}

func junitCaseOf(r audit.Result, opt Options) junitCase {
	c := junitCase{Class: groupName(r.Group), Name: junitName(r)}
	c.File, c.Line = listLine(r)
	c.File = visible(c.File, urlLimit)
	for _, e := range r.Exchanges {
		c.Time += milliseconds(max(e.MS, 0))
	}
	var missing, unknown, waived []string
	for _, m := range opt.misses(r) {
		missing = append(missing, m.Message)
	}
	said := []string{"verdict: " + string(r.Verdict)}
	for _, f := range remarks(r, opt) {
		switch {
		case f.Waived != nil:
			waived = append(waived, waiverText(f))
		case f.Rule == siteUnknown.ID:
			unknown = append(unknown, f.Message)
		case f.Rule == regression.ID && opt.Gate.Regressions: // it is missing
		case f.Rule != barMissed.ID && !opt.Gate.Fails(f):
			said = append(said, string(f.Severity)+": "+f.Message+" ("+f.Rule+")")
		}
	}
	switch {
	case len(missing) > 0:
		c.Failure = junitFaultOf(string(r.Verdict), missing)
		said = append(said, unknown...)
	case len(unknown) > 0:
		c.Error = junitFaultOf(errorKind(r), unknown)
	case len(waived) > 0:
		c.Skipped = &junitSkip{visible(strings.Join(waived, "; "), proseLimit)}
	}
	said = append(said, waived...)
	if r.Note != "" {
		said = append(said, "note: "+r.Note)
	}
	c.Output = &junitText{junitLines(said)}
	return c
}

func errorKind(r audit.Result) string {
	if r.Error == nil {
		return siteUnknown.ID
	}
	return string(r.Error.Kind)
}

// junitName sets a site apart from all others of its group: of cases that
// share a name, GitLab shows the first alone.
func junitName(r audit.Result) string {
	name := strings.TrimSpace(visible(r.Name, nameLimit) + " " + visible(r.URL, urlLimit))
	if r.Vantage != "" {
		name += ", seen from " + visible(r.Vantage, nameLimit)
	}
	return name
}

// junitFaultOf says the reasons twice: Jenkins shows the attribute, GitLab the
// text.
func junitFaultOf(kind string, reasons []string) *junitFault {
	return &junitFault{
		Message:   visible(strings.Join(reasons, "; "), proseLimit),
		Type:      visible(kind, nameLimit),
		junitText: junitText{junitLines(reasons)},
	}
}

// junitLines writes one line each. [visible] leaves no character that XML 1.0
// forbids. GitLab and Jenkins would take [[ATTACHMENT|FILE]] for an order to
// attach a file.
func junitLines(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.ReplaceAll(visible(l, proseLimit), "[[", `[\x5b`) + "\n")
	}
	return b.String()
}
