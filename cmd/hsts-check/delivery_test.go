package main

import (
	"io"
	"strings"
	"testing"

	"hsts-check/audit"
)

// TestDocumentsAreBounded: what a document does not show is counted and told,
// and streams have all.
func TestDocumentsAreBounded(t *testing.T) {
	var stdout, stderr strings.Builder
	p := &program{stdout: &stdout, stderr: &stderr}
	d, err := p.delivery(writing{format: "table", color: "never"}, gating{})
	if err != nil {
		t.Fatal(err)
	}
	d.results = make([]audit.Result, mostShown-1)
	for range 3 {
		d.add(audit.Result{Verdict: audit.Absent})
	}
	if len(d.results) != mostShown || d.omitted != 2 {
		t.Errorf("%d results are kept and %d left out", len(d.results), d.omitted)
	}
	d.results = d.results[:1] // to write them all takes seconds
	if _, err := d.finish(); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{stdout.String(): "2 more sites are not shown", stderr.String(): "and not the 2 others"} {
		if !strings.Contains(where, text) {
			t.Errorf("%q is not in %q", text, where)
		}
	}
	streams := &program{stdout: io.Discard, stderr: io.Discard}
	d, err = streams.delivery(writing{format: "csv", color: "never"}, gating{})
	if err != nil {
		t.Fatal(err)
	}
	d.add(audit.Result{})
	if d.results != nil {
		t.Error("a stream's results are kept")
	}
}
