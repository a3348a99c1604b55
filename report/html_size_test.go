package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hsts-check/audit"
	"hsts-check/internal/text"
	"hsts-check/visit"
)

// adversarial returns n results that take as much room as they can.
func adversarial(n int) []audit.Result {
	quotes := strings.Repeat(`"'`, 5000)
	results := make([]audit.Result, n)
	for i := range results {
		own := fmt.Sprint(i) + quotes
		r := site(own, own, "https://example.org/"+own, "example.org", i)
		r.Verdict = audit.Absent
		r.Error = &audit.Error{Message: quotes}
		r.Header = slices.Repeat([]string{quotes}, 100)
		for _, rule := range audit.Rules {
			r.Findings = append(r.Findings, audit.Finding{Rule: rule.ID, Severity: rule.Severity, Message: quotes})
		}
		x := audit.Exchange{Probe: audit.Probe(quotes), URL: r.URL, Head: audit.Head{Location: quotes, STS: r.Header}, TLS: &audit.TLS{Version: quotes, Error: r.Error}, Error: r.Error}
		r.Exchanges = slices.Repeat([]audit.Exchange{x}, 20)
		results[i] = r
	}
	return results
}

func TestHTMLSizeIsBounded(t *testing.T) {
	for _, n := range []int{0, 1, 2, 30, 300, 2500} {
		results := adversarial(n)
		since := Compare(adversarial(300), results)
		page := htmlOf(t, results, Options{Since: &since})
		if !strings.Contains(page, "long values are cut") {
			t.Errorf("%d sites: it is not told that values are cut", n)
		}
	}
	for _, n := range []int{100, 1000, 2000} {
		results := append(many(n/2), banks(n-n/2)...)
		if page := htmlOf(t, results, Options{}); len(rowsOf(parsed(t, page))) != n {
			t.Errorf("a survey of %d sites does not show all", n)
		}
	}
}

// banks returns n results as a survey of today makes them: with longer
// messages and a second exchange.
func banks(n int) []audit.Result {
	source := banksToday()
	results := make([]audit.Result, n)
	for i := range results {
		r := source[i%len(source)]
		r.Name, r.Vantage = fmt.Sprintf("%s %d", r.Name, i), "akl"
		r.Exchanges = append(slices.Clone(r.Exchanges), audit.Exchange{
			Probe: visit.ProbeHTTP, URL: "http://" + r.Host + "/", Head: audit.Head{Status: 301, Location: "https://" + r.Host + "/", Proto: "HTTP/1.1"}, Address: "203.0.113.7:80", MS: 20,
		})
		results[i] = r
	}
	return results
}

func TestHTMLOfALargeSurveyShowsWhatFails(t *testing.T) {
	results := many(2001)
	doc := parsed(t, htmlOf(t, results, Options{}))
	page := textOf(doc)
	failing := 0
	for _, r := range results {
		if r.Verdict != audit.Protected {
			failing++
		}
	}
	rows := rowsOf(doc)
	if len(rows) != failing {
		t.Errorf("%d rows, want the %d that are not protected", len(rows), failing)
	}
	for _, row := range rows {
		if attribute(row, "class") == "protected" {
			t.Fatalf("a protected site is shown: %.100q", textOf(row))
		}
	}
	_, total := Scores(results)
	for _, want := range []string{
		"Overall: " + total.String(),
		text.Number(failing) + " of 2,001 sites are below",
		"the names and verdicts of 2,001 sites",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	index := withID(t, doc, "index-title").Parent
	if n := len(elements(index, "li")); n != len(results) {
		t.Errorf("%d sites are in the index, not all", n)
	}
	huge := many(40_000)
	if n := len(rowsOf(parsed(t, htmlOf(t, huge, Options{})))); n != details[0].rows {
		t.Errorf("40,000 sites have %d rows, want %d", n, details[0].rows)
	}
}

func TestHTMLShowsOnlyWhatIsAsked(t *testing.T) {
	results := many(2500)
	for _, only := range [][]audit.Verdict{{audit.Protected}, {audit.Unknown, audit.Ignored}} {
		opt := Options{Only: only}
		doc := parsed(t, htmlOf(t, results, opt))
		rows := rowsOf(doc)
		if len(rows) != len(opt.shown(results)) || len(rows) == 0 {
			t.Errorf("%d rows of %s, want %d", len(rows), only, len(opt.shown(results)))
		}
		for _, row := range rows {
			if !slices.Contains(only, audit.Verdict(attribute(row, "class"))) {
				t.Fatalf("not asked for: %.100q", textOf(row))
			}
		}
		_, total := Scores(results)
		for _, want := range []string{opt.leftOut(results), "Overall: " + total.String()} {
			if !strings.Contains(textOf(doc), want) {
				t.Errorf("no %q", want)
			}
		}
	}
}

func TestHTMLShowsRegressionsOfManyChanges(t *testing.T) {
	before, after := many(5000), many(5000)
	for i := range after {
		before[i].Verdict = audit.Absent
		after[i].Verdict = audit.Protected
	}
	before[4000].Verdict, after[4000].Verdict = audit.Protected, audit.Absent
	for i := range after { // the fixture repeats its sites
		before[i].ID, after[i].ID = fmt.Sprint(i), fmt.Sprint(i)
	}
	since := Compare(before, after)
	changes := withID(t, parsed(t, htmlOf(t, after, Options{Since: &since})), "changes")
	if n := len(elements(changes, "tbody")); n != 1 || len(elements(elements(changes, "tbody")[0], "tr")) != 1 {
		t.Errorf("not the one regression: %d tables", n)
	}
	for _, want := range []string{after[4000].Name + " YES! no lost HSTS", fmt.Sprintf("%d changes are not shown", len(since.Changes)-1)} {
		if !strings.Contains(textOf(changes), want) {
			t.Errorf("no %q", want)
		}
	}
}
