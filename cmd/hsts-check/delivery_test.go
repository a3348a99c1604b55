package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hsts-check/audit"
	"hsts-check/report"
)

// TestTotalsCountWhatIsNotShown: a document shows so many sites, counts all, and
// says what it leaves out; streams have all.
func TestTotalsCountWhatIsNotShown(t *testing.T) {
	folder := t.TempDir()
	names := []string{"r.json", "r.svg", "r.html"}
	what := writing{format: "csv", color: "never"}
	for _, n := range names {
		what.files = append(what.files, filepath.Join(folder, n))
	}
	var stderr strings.Builder
	p := &program{stdout: io.Discard, stderr: &stderr}
	d, err := p.delivery(what, gating{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.out.open(nil); err != nil {
		t.Fatal(err)
	}
	const absent, late = 7000, 2000
	for range report.MostShown {
		d.add(audit.Result{Group: "First", Verdict: audit.Protected})
	}
	for range absent {
		d.add(audit.Result{Group: "Second", Verdict: audit.Absent})
	}
	for range late {
		d.add(audit.Result{Group: "Third", Verdict: audit.Protected})
	}
	if _, err := d.finish(); err != nil {
		t.Fatal(err)
	}
	const shown = report.MostShown + 5000 // those that a page has rows for
	if want := "hsts-check: documents count all sites, and leave 4,000 out of what they show\n"; !strings.Contains(stderr.String(), want) {
		t.Errorf("stderr lacks %q:\n%s", want, &stderr)
	}
	var document struct {
		Omitted int
		Totals  struct {
			Sites, Protected, Absent int
			Groups                   []struct {
				Group string
				Sites int
			}
		}
		Results []struct{}
	}
	if err := json.Unmarshal([]byte(readFile(t, what.files[0])), &document); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%d {109000 102000 7000 [{First 100000} {Second 7000} {Third 2000}]} %d", absent+late-5000, shown)
	if got := fmt.Sprint(document.Omitted, document.Totals, len(document.Results)); got != want {
		t.Errorf("the document has %s", got)
	}
	for _, name := range what.files[1:] {
		text := readFile(t, name)
		for _, want := range []string{"102,000 of 109,000 protected (94%)", "First", "Second", "Third", "2,000 of 2,000 protected"} {
			if !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
	}
	if html := readFile(t, what.files[2]); !strings.Contains(html, "5,000 of 109,000 sites are below") {
		t.Error("the page does not show 5,000 sites that are not protected")
	}
}

// TestStreamsKeepNothing: where no document waits for them, results are not held.
func TestStreamsKeepNothing(t *testing.T) {
	p := &program{stdout: io.Discard, stderr: io.Discard}
	d, err := p.delivery(writing{format: "csv", color: "never"}, gating{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.out.open(nil); err != nil {
		t.Fatal(err)
	}
	d.add(audit.Result{})
	if d.results != nil {
		t.Error("a stream's results are kept")
	}
}

// TestOnlyComesBeforeTheBound: what --only leaves out takes no room in a
// document, live and from saved records.
func TestOnlyComesBeforeTheBound(t *testing.T) {
	for _, saved := range []bool{false, true} {
		file := filepath.Join(t.TempDir(), "r.json")
		p := &program{stdout: io.Discard, stderr: io.Discard, quiet: true}
		d, err := p.delivery(writing{format: "csv", color: "never", only: "absent", files: []string{file}}, gating{})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.out.open(nil); err != nil {
			t.Fatal(err)
		}
		d.all = saved
		for i := range report.MostShown {
			d.add(audit.Result{ID: fmt.Sprint(i), Verdict: audit.Protected})
		}
		d.add(audit.Result{ID: "last", Verdict: audit.Absent})
		if _, err := d.finish(); err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(file)
		if !strings.Contains(string(text), `"id":"last"`) || !strings.Contains(string(text), `"sites":100001,`) || strings.Contains(string(text), `"omitted"`) {
			t.Errorf("saved %t: %.300s", saved, text)
		}
	}
}
