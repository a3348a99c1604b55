package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/audit"
)

// A workflowCommand is what the runner makes of a line.
type workflowCommand struct {
	name, message string
	properties    map[string]string
}

// readCommand reads a line as the runner does
// (https://github.com/actions/runner, ActionCommand.cs): the name up to a
// blank, properties up to the second pair of colons, each unescaped on its own.
func readCommand(line string) (c workflowCommand, ok bool) {
	line, ok = strings.CutPrefix(strings.TrimLeft(line, " \t"), "::")
	if !ok {
		return c, false
	}
	info, message, ok := strings.Cut(line, "::")
	if !ok {
		return c, false
	}
	data := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%")
	property := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	c.message, c.properties = data.Replace(message), make(map[string]string)
	c.name, info, _ = strings.Cut(info, " ")
	for p := range strings.SplitSeq(info, ",") {
		key, value, _ := strings.Cut(p, "=")
		c.properties[key] = property.Replace(value)
	}
	return c, true
}

func TestGitHubSpeaksAsTheRunnerListens(t *testing.T) {
	finding := func(s audit.Severity, message string) []audit.Finding {
		return []audit.Finding{{Rule: "header-absent", Severity: s, Message: message}}
	}
	at := func(file string, line int) *audit.Position { return &audit.Position{File: file, Line: line} }
	tests := []struct {
		why  string
		r    audit.Result
		want workflowCommand
	}{
		{
			"an error, at its line",
			audit.Result{Name: "ASB", Source: at("banks.txt", 4), Findings: finding(audit.SeverityError, "no field")},
			workflowCommand{"error", "no field (header-absent)", map[string]string{"file": "banks.txt", "line": "4", "title": "ASB: no header"}},
		},
		{
			"a warning",
			audit.Result{Name: "ASB", Findings: finding(audit.SeverityWarning, "x")},
			workflowCommand{"warning", "x (header-absent)", map[string]string{"title": "ASB: no header"}},
		},
		{
			"info is a notice",
			audit.Result{Name: "ASB", Findings: finding(audit.SeverityInfo, "x")},
			workflowCommand{"notice", "x (header-absent)", map[string]string{"title": "ASB: no header"}},
		},
		{
			"what ends a property in a name or a path",
			audit.Result{Name: "a,line=9:b", Source: at("a:b,c%2C.txt", 1), Findings: finding(audit.SeverityError, "x:::1,z")},
			workflowCommand{"error", "x:::1,z (header-absent)", map[string]string{"file": "a:b,c%2C.txt", "line": "1", "title": "a,line=9:b: no header"}},
		},
		{
			"what looks escaped is not unescaped",
			audit.Result{Name: "n", Findings: finding(audit.SeverityError, "%0A::error::forged %25")},
			workflowCommand{"error", `%0A\x3a:error\x3a:forged %25` + " (header-absent)", map[string]string{"title": "n: no header"}},
		},
		{
			"a line end is written out",
			audit.Result{Name: "n", Findings: finding(audit.SeverityError, "a\r\n::error::forged")},
			workflowCommand{"error", `a\r\n\x3a:error\x3a:forged (header-absent)`, map[string]string{"title": "n: no header"}},
		},
		{
			"a path of Windows",
			audit.Result{Name: "n", Source: at(`.\lists\nz.txt`, 2), Findings: finding(audit.SeverityError, "x")},
			workflowCommand{"error", "x (header-absent)", map[string]string{"file": "lists/nz.txt", "line": "2", "title": "n: no header"}},
		},
		{
			"stdin is no file",
			audit.Result{Name: "n", Source: at("-", 2), Findings: finding(audit.SeverityError, "x")},
			workflowCommand{"error", "x (header-absent)", map[string]string{"title": "n: no header"}},
		},
		{
			"a site without a name",
			audit.Result{URL: "https://a.test/", Verdict: audit.Unknown},
			workflowCommand{"warning", "could not be judged (site-unknown)", map[string]string{"title": "https://a.test/: not judged"}},
		},
		{
			"a rule of a later version",
			audit.Result{Name: "n", Findings: []audit.Finding{{Rule: "of-tomorrow", Severity: "dire", Message: "x"}}},
			workflowCommand{"warning", "x (of-tomorrow)", map[string]string{"title": "n: of-tomorrow"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			out := written(t, format(t, "github"), []audit.Result{tt.r}, Options{})
			got, ok := readCommand(strings.TrimSuffix(out, "\n"))
			if !ok || strings.Count(out, "\n") != 1 {
				t.Fatalf("not one command: %q", out)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(workflowCommand{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestGitHubTellsWhatTheGateMisses(t *testing.T) {
	out := written(t, format(t, "github"), sites(), gated(t))
	for _, want := range []string{
		"::error file=sites.txt,line=1,title=Weak%3A bar not met::max-age under 1 year; no includeSubDomains (bar-missed)\n",
		"::warning file=sites.txt,line=1,title=Weak%3A weaker than before::weakened its policy",
		"::warning file=sites.txt,line=3,title=Down%3A not judged::could not be judged (refused): connection refused (site-unknown)\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "title=Strong") {
		t.Errorf("told of a site that passes:\n%s", out)
	}
	if out := written(t, format(t, "github"), sites()[1:2], gated(t)); out != "" {
		t.Errorf("where all is well it says %q", out)
	}
}

func TestGitHubCannotBeForged(t *testing.T) {
	check := func(t *testing.T, s string) {
		results := hostile(s)
		out := written(t, format(t, "github"), results, Options{})
		if bad := actors(out); bad != "" {
			t.Error(bad)
		}
		want := 0
		for _, r := range results {
			want += len(remarks(r, Options{}))
		}
		if n := strings.Count(out, "\n"); n != want || !strings.HasSuffix(out, "\n") {
			t.Errorf("%d lines, want %d", n, want)
		}
		for line := range strings.Lines(out) {
			c, ok := readCommand(strings.TrimSuffix(line, "\n"))
			if !ok || c.name != "error" || len(line) > 100_000 {
				t.Errorf("not the command that was written: %.300q", line)
			}
			for key := range c.properties {
				if key != "file" && key != "line" && key != "title" {
					t.Errorf("property %q", key)
				}
			}
			if file := c.properties["file"]; file != "" && c.properties["line"] != "1" {
				t.Errorf("line %q of %q", c.properties["line"], file)
			}
		}
	}
	for name, s := range nasty {
		t.Run(name, func(t *testing.T) { check(t, s) })
	}
	for _, s := range []string{
		"::error::x", "\n::error::x", "\r::stop-commands::x", "%0A::error::x", "x::y", ",line=7", "=", "##[error]x", "\u2028::error::x",
	} {
		t.Run(s, func(t *testing.T) { check(t, s) })
	}
}
