package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"hsts-check/audit"
)

// readSARIF reads a log and holds it to OASIS's JSON schema of SARIF 2.1.0,
// which the library has with it. The library validates what it read; nothing
// may be lost in reading.
func readSARIF(out string) (*sarif.Run, error) {
	log, err := sarif.FromString(out, sarif.WithStrictValidation())
	if err != nil {
		return nil, err
	}
	again, err := json.Marshal(log)
	if err != nil {
		return nil, err
	}
	var a, b any
	// The library itself writes no empty list of suppressions.
	if err := json.Unmarshal(unsuppressed.ReplaceAll([]byte(out), nil), &a); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(again, &b); err != nil {
		return nil, err
	}
	if diff := cmp.Diff(a, b); diff != "" {
		return nil, fmt.Errorf("-written +read:\n%s", diff)
	}
	if err := log.Validate(); err != nil {
		return nil, err
	}
	if len(log.Runs) != 1 {
		return nil, fmt.Errorf("%d runs", len(log.Runs))
	}
	return log.Runs[0], nil
}

var unsuppressed = regexp.MustCompile(`,\s*"suppressions": \[\]`)

func writtenSARIF(t *testing.T, results []audit.Result, opt Options) *sarif.Run {
	t.Helper()
	run, err := readSARIF(written(t, format(t, "sarif"), results, opt))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestSARIFKeepsToTheSchema(t *testing.T) {
	for name, results := range map[string][]audit.Result{"a survey": survey(), "a gate": sites(), "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			run := writtenSARIF(t, results, gated(t))
			if run.Results == nil {
				t.Error("a log without results does not say that there was a run")
			}
			if v := run.Tool.Driver.Version; v == nil || *v != "0.1.0" {
				t.Error("no version")
			}
		})
	}
	out := written(t, format(t, "sarif"), sites(), Options{})
	for _, broken := range []string{`"startLine": 1`, `"level": "warning"`, `"version": "2.1.0"`} {
		name, _, _ := strings.Cut(broken, ":")
		if _, err := readSARIF(strings.Replace(out, broken, name+`: "0"`, 1)); err == nil {
			t.Errorf("a log with a broken %s passes", name)
		}
	}
}

func TestSARIFGolden(t *testing.T) {
	argument := sites()[0]
	argument.Source = nil
	results := append(sites(), argument)
	results = append(results, faults()[4])
	found := writtenSARIF(t, results, gated(t)).Results
	for _, r := range found {
		r.RuleIndex = -1 // rules come and go, and are left out
	}
	shown, err := json.MarshalIndent(found, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "sarif-results", string(shown)+"\n")
}

func TestSARIFRules(t *testing.T) {
	rules := writtenSARIF(t, nil, Options{}).Tool.Driver.Rules
	want := slices.Concat(audit.Rules, ownRules)
	if len(rules) != len(want) {
		t.Fatalf("%d rules, want %d", len(rules), len(want))
	}
	levels := map[audit.Severity]string{audit.SeverityError: "error", audit.SeverityWarning: "warning", audit.SeverityInfo: "note"}
	fences := regexp.MustCompile("(?s)```\n.*?\n```\n")
	for i, rule := range want {
		got := rules[i]
		if *got.ID != rule.ID || *got.ShortDescription.Text != rule.Title || got.DefaultConfiguration.Level != levels[rule.Severity] {
			t.Errorf("%s: got %s, %q, %s", rule.ID, *got.ID, *got.ShortDescription.Text, got.DefaultConfiguration.Level)
		}
		// GitHub takes up to 1024 characters.
		if n := len(*got.FullDescription.Text); n == 0 || n > 1024 || strings.Contains(*got.FullDescription.Text, "\n") {
			t.Errorf("%s: full description of %d bytes: %q", rule.ID, n, *got.FullDescription.Text)
		}
		for _, has := range []string{rule.Help, rule.Source} {
			if !strings.Contains(*got.Help.Text, has) {
				t.Errorf("%s: the help lacks %q", rule.ID, has)
			}
		}
		prose := fences.ReplaceAllString(*got.Help.Markdown, "")
		for _, code := range []string{"add_header ", "return 301", "```", "max-age=31536000; includeSubDomains\n"} {
			if strings.Contains(prose, code) {
				t.Errorf("%s: %q is not shown as code in\n%s", rule.ID, code, *got.Help.Markdown)
			}
		}
		if words := strings.Fields(rule.Help); !strings.HasPrefix(prose, markdownText(words[0], nameLimit)) {
			t.Errorf("%s: the markdown does not begin as the help does:\n%s", rule.ID, prose)
		}
	}
}

func TestSARIFResults(t *testing.T) {
	off := faults()[2]
	off.Findings = append(off.Findings, audit.Finding{Rule: "of-tomorrow", Severity: "dire", Message: "off.example is [here](https://evil.example)"})
	run := writtenSARIF(t, append(sites(), off), gated(t))
	type row struct{ rule, level, message string }
	var got []row
	for _, r := range run.Results {
		if rule := run.Tool.Driver.Rules[r.RuleIndex]; *rule.ID != *r.RuleID {
			t.Errorf("the index of %s is that of %s", *r.RuleID, *rule.ID)
		}
		got = append(got, row{*r.RuleID, r.Level, *r.Message.Text})
	}
	want := []row{
		{"bar-missed", "error", "Weak: max-age under 1 year; no includeSubDomains"},
		{"regression", "warning", *run.Results[1].Message.Text},
		{"max-age-short", "warning", "Weak: weak.test sends max-age=300 ]]> [[ATTACHMENT|x]]"},
		{"site-unknown", "warning", "Down: could not be judged (refused): connection refused"},
		{"bar-missed", "error", "Off: HSTS is switched off by max-age=0"},
		{"max-age-zero", "error", "Off: max-age=0: browsers forget the host"},
		{"of-tomorrow", "warning", `Off: off.example is \[here\](https://evil.example)`},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if verdict := run.Results[0].Properties.Properties["verdict"]; verdict != "protected" {
		t.Errorf("verdict %v", verdict)
	}
}

func TestSARIFFingerprints(t *testing.T) {
	prints := func(results []audit.Result) map[string]string {
		found := make(map[string]string)
		for i, r := range writtenSARIF(t, results, Options{}).Results {
			print := r.PartialFingerprints["primaryLocationLineHash"]
			if _, again := found[print]; again || print == "" {
				t.Errorf("result %d shares the fingerprint %q", i, print)
			}
			found[print] = *r.RuleID
		}
		return found
	}
	before := survey()
	first := before[1].Findings[0]
	other, again := first, first
	other.Host = "other.test"
	before[1].Findings = append(before[1].Findings, other, again)
	after := slices.Clone(before)
	slices.Reverse(after)
	for i := range after {
		after[i].Source = &audit.Position{File: "moved.txt", Line: i + 100}
		for j := range after[i].Findings {
			after[i].Findings[j].Message += "!"
		}
	}
	if diff := cmp.Diff(prints(before), prints(after)); diff != "" {
		t.Errorf("a list that was put in another order, -before +after:\n%s", diff)
	}
}

func TestSARIFLocations(t *testing.T) {
	at := func(file string, line int) *audit.Position { return &audit.Position{File: file, Line: line} }
	tests := []struct {
		why       string
		source    *audit.Position
		url       string
		uri, base string
		line      int
	}{
		{"as given", at("lists/banks-nz.txt", 4), "https://a.test/", "lists/banks-nz.txt", "%SRCROOT%", 4},
		{"a detour", at("./lists/../banks.txt", 4), "https://a.test/", "banks.txt", "%SRCROOT%", 4},
		{"Windows", at(`lists\banks.txt`, 4), "https://a.test/", "lists/banks.txt", "%SRCROOT%", 4},
		{"what a URI may not hold", at("Māori [1] 100%.txt", 4), "https://a.test/", "M%C4%81ori%20%5B1%5D%20100%25.txt", "%SRCROOT%", 4},
		{"no scheme", at("a:b.txt", 4), "https://a.test/", "a%3Ab.txt", "%SRCROOT%", 4},
		{"no query, no fragment", at("a?b#c.txt", 4), "https://a.test/", "a%3Fb%23c.txt", "%SRCROOT%", 4},
		{"bytes that are not UTF-8", at("\xff.txt", 4), "https://a.test/", "%FF.txt", "%SRCROOT%", 4},
		{"beside the root", at("../banks.txt", 4), "https://a.test/", "../banks.txt", "", 4},
		{"absolute", at("/srv/my lists/banks.txt", 4), "https://a.test/", "file:///srv/my%20lists/banks.txt", "", 4},
		{"absolute, on Windows", at(`C:\lists\banks.txt`, 4), "https://a.test/", "file:///C:/lists/banks.txt", "", 4},
		{"an argument", nil, "https://a.test/login?next=x", "a.test/login", "", 1},
		{"an argument with a port", nil, "https://a.test:8443/", "a.test%3A8443", "", 1},
		{"an argument that climbs", nil, "https://../../etc/passwd", "etc/passwd", "", 1},
		{"an argument that is nothing", nil, "https://", "site", "", 1},
		{"stdin", at("-", 7), "https://a.test/", "a.test", "", 1},
		{"a line that cannot be", at("banks.txt", 0), "https://a.test/", "a.test", "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			r := audit.Result{Name: "n", URL: tt.url, Source: tt.source, Verdict: audit.Unknown}
			found := writtenSARIF(t, []audit.Result{r}, Options{}).Results[0].Locations
			if len(found) != 1 {
				t.Fatalf("%d locations", len(found))
			}
			place := found[0].PhysicalLocation
			base := ""
			if place.ArtifactLocation.URIBaseID != nil {
				base = *place.ArtifactLocation.URIBaseID
			}
			if uri := *place.ArtifactLocation.URI; uri != tt.uri || base != tt.base || *place.Region.StartLine != tt.line {
				t.Errorf("got %q on %q, line %d", uri, base, *place.Region.StartLine)
			}
			if name := *found[0].LogicalLocations[0].FullyQualifiedName; name != tt.url {
				t.Errorf("the URL is %q", name)
			}
		})
	}
}

func TestHostileSARIF(t *testing.T) {
	var results []audit.Result
	for _, name := range slices.Sorted(maps.Keys(nasty)) {
		two := hostile(nasty[name])
		two[1].Source = nil
		out := written(t, format(t, "sarif"), two, Options{})
		if bad := actors(out); bad != "" {
			t.Errorf("%s: %s", name, bad)
		}
		if len(out) > 250_000 {
			t.Errorf("%s: %d bytes", name, len(out))
		}
		results = append(results, two...)
	}
	run := writtenSARIF(t, results, Options{}) // one log of all: to validate is slow
	if len(run.Results) != len(results) {
		t.Fatalf("%d results, want %d", len(run.Results), len(results))
	}
	for _, r := range run.Results {
		uri, err := url.Parse(*r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
		if err != nil || uri.Scheme != "" && uri.Scheme != "file" || uri.Host != "" {
			t.Errorf("a location that GitHub refuses: %v, %v", uri, err)
		}
		if strings.Contains(strings.ReplaceAll(*r.Message.Text, `\]`, ""), "](") {
			t.Errorf("a link: %.300q", *r.Message.Text)
		}
		for _, text := range []string{*r.Message.Text, *r.RuleID} {
			if bad := actors(text); bad != "" || strings.Contains(text, "\n") {
				t.Errorf("%.300q acts: %s", text, bad)
			}
		}
	}
}

func TestSARIFNamesThePreloadList(t *testing.T) {
	if text := written(t, format(t, "sarif"), sites(), Options{}); !strings.Contains(text, `"preloadList": "2026-11-02"`) {
		t.Error("the invocation does not say which list it was judged by")
	}
}
