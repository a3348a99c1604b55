package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/audit"
	"hsts-check/report"
)

// lastLines are what a gate says at the end of a run of so many sites.
func lastLines(g *gate, sites, status int) []string {
	var stderr strings.Builder
	g.finish(&program{stderr: &stderr}, sites, status)
	return strings.Split(strings.TrimSuffix(stderr.String(), "\n"), "\n")
}

// ofSite is a result whose ID is the name of its site.
func ofSite(name string, verdict audit.Verdict, findings ...audit.Finding) audit.Result {
	return audit.Result{ID: name, Name: name, Verdict: verdict, Findings: findings}
}

func broken(rule, cause string) audit.Finding {
	return audit.Finding{Rule: rule, Severity: audit.SeverityError, Short: cause}
}

func TestGateSpeaksLast(t *testing.T) {
	g := &gate{Gate: audit.Gate{Severity: audit.SeverityError}}
	weak := ofSite("Weak", audit.Protected, broken("a", "one cause"), broken("b", "one cause"), broken("c", "two"), broken("d", "three"), broken("e", "four"), broken("f", "five"))
	weak.Header = []string{strings.Repeat("x", 70), "max-age=1"}
	weak.Source = &audit.Position{File: "list.txt", Line: 7}
	for _, r := range []audit.Result{
		weak, ofSite("Good", audit.Protected), ofSite("Gone", audit.Unknown),
		ofSite("None \x1b[2J", audit.Absent, broken("header-absent", "no header")), ofSite("Part", audit.Partial, broken("a", "half")),
	} {
		g.add(r)
	}
	gone := ofSite("Weak", audit.Protected)
	g.compare(report.Diff{Changes: []report.Change{{Kind: report.ChangeOther, New: &gone, What: "moved"}}})
	want := []string{
		`hsts-check: None \x1b[2J  no header [header-absent]`,
		"hsts-check: Part          half [a]",
		"hsts-check: Weak          one cause [a, b]; two [c]; three [d]; and 2 more; moved  sends " + strings.Repeat("x", 59) + "… and 1 other field  list.txt:7",
		"hsts-check: Gone          could not be held to every bar: look at more of it with --probe all",
		"hsts-check: 3 of 5 sites fall short, 1 could not be judged (exit 1)",
	}
	if diff := cmp.Diff(want, lastLines(g, 5, g.status())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A site has one line, whatever it was seen from: that of its worst verdict.
func TestGateNamesNoSiteTwice(t *testing.T) {
	g := &gate{Gate: audit.Gate{Severity: audit.SeverityError}}
	for vantage, verdict := range map[string]audit.Verdict{"akl": audit.Partial, "fra": audit.Absent, "nyc": audit.Unknown} {
		r := ofSite("One", verdict)
		if r.Vantage = vantage; verdict != audit.Unknown {
			r.Findings = []audit.Finding{broken("x", string(verdict))}
		}
		g.add(r)
	}
	want := []string{"hsts-check: One  absent [x], seen from fra", "hsts-check: 1 of 1 site falls short (exit 1)"}
	if diff := cmp.Diff(want, lastLines(g, 1, g.status())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestGateOfMany(t *testing.T) {
	g := &gate{Gate: audit.Gate{Severity: audit.SeverityError}}
	for i := range mostTold + 2 {
		g.add(ofSite(fmt.Sprint(i), audit.Absent, broken("x", "none")))
	}
	lines := lastLines(g, mostTold+2, exitFellShort)
	if len(lines) != mostTold+2 {
		t.Fatalf("%d lines", len(lines))
	}
	want := []string{"hint: 2 more sites do not pass: -o FILE.csv names all", "hsts-check: 10,002 of 10,002 sites fall short (exit 1)"}
	if diff := cmp.Diff(want, lines[mostTold:]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Without anything that is asked for, there is nothing to say.
func TestGateThatAsksNothingIsSilent(t *testing.T) {
	g := new(gate)
	g.add(ofSite("None", audit.Absent, broken("header-absent", "no header")))
	if said := lastLines(g, 1, g.status()); said[0] != "" {
		t.Errorf("%q", said)
	}
}
