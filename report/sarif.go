package report

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"hsts-check/audit"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	// sourceRoot is the base of a relative URI: where the source code is, which
	// only who reads the log knows.
	sourceRoot = "%SRCROOT%"
)

// SARIF writes a log in the Static Analysis Results Interchange Format 2.1.0
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html) that GitHub
// code scanning takes: a result a finding, at the site's line of the list. An
// unknown site is a result too, since the absence of one reads as all is well;
// its kind is the usual "fail" and its level "warning", because GitHub ignores
// kinds and shows "open" as if it were a finding. What the list waives is a
// suppressed result. Where not all sites are shown, properties of the run say how
// many of how many are.
func SARIF(w io.Writer, results []audit.Result, meta Meta, opt Options) error {
	driver := sarif.NewToolComponent().WithName("hsts-check")
	if meta.Version != "" {
		driver.WithVersion(visible(meta.Version, nameLimit))
	}
	rules := sarifRules{driver: driver, index: make(map[string]int)}
	for _, rule := range slices.Concat(audit.Rules, ownRules) {
		rules.add(rule)
	}
	run := sarif.NewRun().WithTool(sarif.NewTool().WithDriver(driver))
	run.AddInvocation(sarifInvocation(meta))
	run.WithOriginalUriBaseIds(map[string]sarif.ArtifactLocation{
		sourceRoot: *sarif.NewArtifactLocation().WithDescription(sarif.NewTextMessage("Where hsts-check ran.")),
	})
	rows, _ := fold(results)
	if shown, sites := len(opt.shown(rows)), opt.tally(rows).Total.Sites(); shown < sites {
		run.WithProperties(sarif.NewPropertyBag().Add("sites", sites).Add("sitesShown", shown))
	}
	shown := opt.shown(results)
	waived := false
	for _, r := range shown {
		for _, f := range remarks(r, opt) {
			rules.indexOf(f.Rule) // those of a later version have to be listed before results
			waived = waived || f.Waived != nil
		}
	}
	log := sarif.NewReport().AddRun(run)
	log.Schema = sarifSchema
	before, after, err := sarifFrame(log)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	out.Write(before)
	seen := make(map[string]int)
	separator := "\n    "
	for _, r := range shown {
		for _, f := range remarks(r, opt) {
			out.WriteString(separator)
			if err := writeSARIFResult(out, sarifResult(r, f, rules, seen), waived); err != nil {
				return err
			}
			separator = ",\n    "
		}
	}
	if separator[0] == ',' {
		out.WriteString("\n   ")
	}
	out.Write(after)
	return out.Flush() // holds the first error of all writes
}

// sarifFrame returns what stands before and behind the results of a log without
// any. They are written one by one: all of them at once would take gigabytes.
func sarifFrame(log *sarif.Report) (before, after []byte, err error) {
	encoded, err := encode(log)
	if err != nil {
		return nil, nil, err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, encoded, "", " "); err != nil {
		return nil, nil, err
	}
	const results = `"results": [` // no string holds it: its quotes would be escaped
	text := indented.Bytes()
	at := bytes.Index(text, []byte(results)) + len(results)
	return text[:at], text[at:], nil
}

// A suppressible result has a list of suppressions, which may be empty. In a run
// where one result has them, all must (section 3.27.23); the library leaves out
// an empty list.
type suppressible struct {
	*sarif.Result
	Suppressions []*sarif.Suppression `json:"suppressions"`
}

// writeSARIFResult writes a result as it stands in a log, of which some result is
// waived or none.
func writeSARIFResult(out *bufio.Writer, result *sarif.Result, waived bool) error {
	var item any = result
	if waived {
		item = suppressible{result, result.Suppressions}
	}
	encoded, err := encode(item)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, bytes.TrimSpace(encoded), "    ", " "); err != nil {
		return err
	}
	out.Write(indented.Bytes())
	return nil
}

// sarifSuppression says until when and why the list lets a finding pass.
func sarifSuppression(w audit.Waived) *sarif.Suppression {
	s := sarif.NewSuppression().WithKind("external").WithStatus("accepted")
	why := w.Reason
	if w.Until != "" {
		why = strings.TrimSpace(why + " (until " + w.Until + ")")
	}
	if why != "" {
		s.WithJustification(visible(why, proseLimit))
	}
	return s
}

func sarifInvocation(meta Meta) *sarif.Invocation {
	run := sarif.NewInvocation().WithExecutionSuccessful(true)
	if !meta.Started.IsZero() {
		run.WithStartTimeUtc(meta.Started.UTC().Format(time.RFC3339))
	}
	if !meta.Finished.IsZero() {
		run.WithEndTimeUtc(meta.Finished.UTC().Format(time.RFC3339))
	}
	if meta.PreloadList != "" {
		run.WithProperties(sarif.NewPropertyBag().Add("preloadList", meta.PreloadList))
	}
	return run
}

// sarifRules are the rules that results refer to by their index.
type sarifRules struct {
	driver *sarif.ToolComponent
	index  map[string]int
}

func (rs sarifRules) add(rule audit.Rule) {
	text := func(s string) *sarif.MultiformatMessageString {
		return sarif.NewMultiformatMessageString().WithText(s)
	}
	summary, _, _ := strings.Cut(rule.Help, "\n\n")
	rs.index[rule.ID] = len(rs.driver.Rules)
	rs.driver.AddRule(sarif.NewRule(visible(rule.ID, nameLimit)).
		WithShortDescription(text(visible(rule.Title, nameLimit))).
		WithFullDescription(text(strings.Join(strings.Fields(summary), " "))).
		WithHelp(text(rule.Help + "\n\nSource: " + rule.Source).WithMarkdown(helpMarkdown(rule))).
		WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(sarifLevel(rule.Severity))).
		WithProperties(sarif.NewPropertyBag().Add("source", rule.Source).Add("precision", "high").
			WithTags([]string{"security", "hsts"})))
}

// indexOf returns the index of a rule, and adds one of a later version: code
// hosting takes no index below 0.
func (rs sarifRules) indexOf(id string) int {
	if _, ok := rs.index[id]; !ok {
		rs.add(ruleOf(id))
	}
	return rs.index[id]
}

// helpMarkdown writes a rule's help as Markdown: the lines to put into a
// server's configuration are code.
func helpMarkdown(rule audit.Rule) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(rule.Help, "\n\n") {
		first, _, _ := strings.Cut(paragraph, "\n")
		if strings.HasPrefix(first, "    ") || strings.Contains(first, ":  ") {
			fmt.Fprintf(&b, "```\n%s\n```\n\n", paragraph)
			continue
		}
		fmt.Fprintf(&b, "%s\n\n", markdownText(strings.Join(strings.Fields(paragraph), " "), proseLimit))
	}
	return b.String() + "Source: " + markdownText(rule.Source, proseLimit)
}

func sarifLevel(s audit.Severity) string {
	switch s {
	case audit.SeverityError:
		return "error"
	case audit.SeverityInfo:
		return "note"
	}
	return "warning"
}

func sarifResult(r audit.Result, f audit.Finding, rules sarifRules, seen map[string]int) *sarif.Result {
	fingerprint := sarifFingerprint(r, f)
	seen[fingerprint]++
	result := sarif.NewResult().
		WithRuleID(visible(f.Rule, nameLimit)).
		WithRuleIndex(rules.indexOf(f.Rule)).
		WithLevel(sarifLevel(f.Severity)).
		WithMessage(sarif.NewTextMessage(sarifMessage(r, f))).
		AddLocation(sarifLocation(r)).
		WithPartialFingerprints(map[string]string{
			"primaryLocationLineHash": fmt.Sprintf("%s:%d", fingerprint, seen[fingerprint]),
		}).
		WithProperties(sarifProperties(r, f))
	if f.Waived != nil {
		result.AddSuppression(sarifSuppression(*f.Waived))
	}
	return result
}

// sarifFingerprint tells a finding from all others and stays the same from run
// to run, wherever in the list the site moves to. GitHub accepts the fingerprint
// of one name only, which is that of a hash of the line; such a hash would
// change when the next site of the list does.
func sarifFingerprint(r audit.Result, f audit.Finding) string {
	sum := sha256.Sum256([]byte(r.ID + "\x00" + f.Rule + "\x00" + f.Host))
	return fmt.Sprintf("%x", sum[:8])
}

// sarifMessage begins with the site's name, unless the finding does. Text of
// the form [text](target) would be a link (section 3.11.6): its brackets are
// escaped.
func sarifMessage(r audit.Result, f audit.Finding) string {
	name, said := siteName(r), visible(f.Message, proseLimit)
	if !strings.HasPrefix(said, name) {
		said = name + ": " + said
	}
	if strings.Contains(said, "](") {
		said = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(said)
	}
	return said
}

func sarifProperties(r audit.Result, f audit.Finding) *sarif.PropertyBag {
	bag := sarif.NewPropertyBag()
	for _, p := range []struct{ name, value string }{
		{"verdict", string(r.Verdict)},
		{"id", r.ID}, {"group", r.Group}, {"name", r.Name}, {"url", r.URL},
		{"host", f.Host}, {"run", r.Run}, {"vantage", r.Vantage},
	} {
		if p.value != "" {
			bag.Add(p.name, visible(p.value, urlLimit))
		}
	}
	return bag
}

// sarifLocation is the site's line of the list. GitHub refuses a whole log over
// one result without a file, or with a URL for one. A site that stands in no
// list is given its own address without the scheme, which reads as a path.
func sarifLocation(r audit.Result) *sarif.Location {
	artifact, line := sarif.NewArtifactLocation(), 1
	if file, n := listLine(r); file != "" {
		uri, base := fileURI(file)
		artifact.WithURI(uri)
		if base != "" {
			artifact.WithURIBaseID(base)
		}
		line = n
	} else {
		artifact.WithURI(addressURI(r))
	}
	site := sarif.NewLogicalLocation().
		WithKind("resource").
		WithName(siteName(r)).
		WithFullyQualifiedName(visible(r.URL, urlLimit))
	return sarif.NewLocationWithPhysicalLocation(sarif.NewPhysicalLocation().
		WithArtifactLocation(artifact).
		WithRegion(sarif.NewRegion().WithStartLine(line))).
		WithID(0). // the library's default, -1, is below what GitHub documents
		WithLogicalLocations([]*sarif.LogicalLocation{site})
}

// fileURI returns the URI of a file, and the base of a relative one. What lies
// outside of the root has no base.
func fileURI(file string) (uri, base string) {
	escaped := (&url.URL{Path: file}).EscapedPath()
	switch {
	case len(file) > 2 && file[1:3] == ":/": // a drive of Windows
		return "file:///" + escaped, ""
	case strings.HasPrefix(file, "/"):
		return "file://" + escaped, ""
	}
	escaped = strings.ReplaceAll(escaped, ":", "%3A") // or what stands before it would be a scheme
	if file == ".." || strings.HasPrefix(file, "../") {
		return escaped, ""
	}
	return escaped, sourceRoot
}

// addressURI returns a relative URI made of a site's host, port and path.
func addressURI(r audit.Result) string {
	_, address, found := strings.Cut(r.URL, "://")
	if !found {
		address = r.URL
	}
	address, _, _ = strings.Cut(address, "?")
	address, _, _ = strings.Cut(address, "#")
	uri, _ := fileURI(strings.TrimLeft(path.Clean("/"+visible(address, urlLimit)), "/"))
	if uri == "" {
		return "site"
	}
	return uri
}
