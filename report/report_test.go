package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hsts-check/audit"
)

func TestFormats(t *testing.T) {
	names, endings := make(map[string]bool), make(map[string]bool)
	for _, f := range Formats {
		ways := 0
		for _, is := range []bool{f.Stream != nil, f.Document != nil, f.Book != nil} {
			if is {
				ways++
			}
		}
		if ways != 1 {
			t.Errorf("%s is one of a stream, a document and a book", f.Name)
		}
		if names[f.Name] || f.Name == "" {
			t.Errorf("name %q is not its own", f.Name)
		}
		if f.Ending != "" && (endings[f.Ending] || !strings.HasPrefix(f.Ending, ".")) {
			t.Errorf("ending %q is not its own, or has no dot", f.Ending)
		}
		names[f.Name], endings[f.Ending] = true, true
	}
	for file, want := range map[string]string{
		"a/b.md": "markdown", "x.CSV": "csv", "r.json": "json", "r.old.ndjson": "ndjson",
		"table": "", "x.txt": "", "x.": "", "": "", "json": "", "x.table": "",
	} {
		if f, ok := ForFile(file); f.Name != want || ok != (want != "") {
			t.Errorf("%q is %q (%v), want %q", file, f.Name, ok, want)
		}
	}
	for name, want := range map[string]string{"md": "markdown", "markdown": "markdown", "xml": "junit", "table": "table", "nonesuch": "", "": "", ".md": ""} {
		if f, ok := Named(name); f.Name != want || ok != (want != "") {
			t.Errorf("the format called %q is %q (%v), want %q", name, f.Name, ok, want)
		}
	}
}

// broken takes n Writes and then fails.
type broken struct{ n int }

var errBroken = errors.New("broken")

func (b *broken) Write(p []byte) (int, error) {
	if b.n--; b.n < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestWriteErrorsAreReturned(t *testing.T) {
	results := many(200) // more than a buffer holds
	for _, f := range Formats {
		var whole writes
		if err := writeAll(&whole, f, results, Options{Width: 80}); err != nil {
			t.Fatal(err)
		}
		for n := range min(whole.n, 2) { // some are written at once
			if err := writeAll(&broken{n: n}, f, results, Options{Width: 80}); !errors.Is(err, errBroken) {
				t.Errorf("%s, Write %d fails: got %v", f.Name, n+1, err)
			}
		}
	}
}

// writes counts Writes and keeps what the last one said.
type writes struct {
	n    int
	last string
}

func (w *writes) Write(p []byte) (int, error) {
	w.n++
	w.last = string(p)
	return len(p), nil
}

func TestStreamsWriteEachRecordAtOnce(t *testing.T) {
	for _, f := range Formats {
		if f.Stream == nil {
			continue
		}
		var w writes
		emit, err := f.Stream(&w)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range survey2013() {
			before := w.n
			if err := emit(r); err != nil {
				t.Fatal(err)
			}
			if w.n != before+1 {
				t.Fatalf("%s: record %d took %d Writes", f.Name, i, w.n-before)
			}
			if !strings.HasSuffix(w.last, "\n") || strings.Count(w.last, "\n") != 1 || !strings.Contains(w.last, r.URL) {
				t.Errorf("%s: not one whole line: %q", f.Name, w.last)
			}
		}
	}
}

func TestWritersLeaveResultsAsTheyAre(t *testing.T) {
	results := survey()
	results[0].CheckedAt = results[0].CheckedAt.In(time.FixedZone("NZDT", 13*3600))
	before := fmt.Sprintf("%+v", results)
	for _, f := range Formats {
		one, two := written(t, f, results, Options{Width: 80}), written(t, f, results, Options{Width: 80})
		if one != two {
			t.Errorf("%s: two reports of the same results differ", f.Name)
		}
	}
	if after := fmt.Sprintf("%+v", results); after != before {
		t.Error("the results were changed")
	}
}

func TestRecordsReadBack(t *testing.T) {
	want := survey()
	want[0].CheckedAt = want[0].CheckedAt.In(time.FixedZone("NZDT", 13*3600))
	out := written(t, format(t, "ndjson"), want, Options{})
	if !strings.Contains(out, `"checked_at":"2026-11-22T09:00:01Z"`) {
		t.Error("times are not in UTC")
	}
	var got []audit.Result
	for l := range strings.Lines(out) {
		var r audit.Result
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestJSONHoldsTheRecordsOfNDJSON(t *testing.T) {
	var doc struct {
		Schema  int
		Tool    struct{ Name, Version string }
		Totals  struct{ Sites, Judged, Protected, Unknown int }
		Results []json.RawMessage
	}
	out := written(t, format(t, "json"), survey(), Options{})
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range doc.Results {
		lines = append(lines, string(r)+"\n")
	}
	if diff := cmp.Diff(written(t, format(t, "ndjson"), survey(), Options{}), strings.Join(lines, "")); diff != "" {
		t.Errorf("-ndjson +json:\n%s", diff)
	}
	if doc.Schema != audit.Schema || doc.Tool.Name != "hsts-check" || doc.Totals.Sites != 35 || doc.Totals.Judged != 32 || doc.Totals.Unknown != 3 {
		t.Errorf("got %+v", doc)
	}
}

func TestJSONWithoutResults(t *testing.T) {
	var out bytes.Buffer
	if err := JSON(&out, nil, Meta{Program: "hsts-check"}, Options{}); err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if list, ok := doc["results"].([]any); !ok || len(list) != 0 {
		t.Errorf("results are %v, want an empty list", doc["results"])
	}
	if _, ok := doc["started"]; ok {
		t.Error("a start that is not known is not an absent key")
	}
}

func TestCSVCells(t *testing.T) {
	out := written(t, format(t, "csv"), survey(), Options{})
	if n, m := strings.Count(out, "\r\n"), strings.Count(out, "\n"); n != m || n != 36 {
		t.Errorf("%d CRLF, %d LF, want 36 lines that end in CRLF", n, m)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cell := func(name, column string) string {
		for _, row := range rows {
			if row[1] == name {
				for i, c := range rows[0] {
					if c == column {
						return row[i]
					}
				}
			}
		}
		t.Errorf("no cell %s of %s", column, name)
		return ""
	}
	for _, tt := range []struct{ why, name, column, want string }{
		{"a max-age is in seconds", "ASB", "max_age", "10886400"},
		{"truths are words", "ASB", "include_subdomains", "false"},
		{"no policy, no guess", "BNZ", "max_age", ""},
		{"no header, nothing to note", "BNZ", "chromium_noted", ""},
		{"max-age=0 is a fact", "Off", "max_age", "0"},
		{"rules by their IDs", "Comma", "findings", "header-syntax preload-consent"},
		{"the error", "Gone", "error_kind", "dns"},
		{"where it stood", "Bad", "source", "faults.txt:9"},
		{"when", "ASB", "checked_at", "2026-11-22T09:00:01Z"},
	} {
		if got := cell(tt.name, tt.column); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.why, got, tt.want)
		}
	}
	double := audit.Result{Name: "double", Header: []string{"max-age=1", "max-age=2"}}
	if got := csvCells(double)[5]; got != "max-age=1 | max-age=2" {
		t.Errorf("two fields are %q", got)
	}
}

func TestFooter(t *testing.T) {
	at := func(clock string) time.Time {
		when, err := time.Parse("02 15:04:05 MST", clock)
		if err != nil {
			t.Fatal(err)
		}
		return when.AddDate(2026, 10, 0)
	}
	tests := []struct {
		name string
		meta Meta
		want string
	}{
		{"all there is", meta, "2026-11-22 09:00 to 09:02 UTC · hsts-check 0.1.0 · seen from akl · run 2026-11 · preload list of 2026-11-02"},
		{"nothing", Meta{}, ""},
		{"within a minute", Meta{Started: at("22 09:00:01 UTC"), Finished: at("22 09:00:59 UTC")}, "2026-11-22 09:00 UTC"},
		{"over midnight", Meta{Started: at("22 23:50:00 UTC"), Finished: at("23 00:10:00 UTC")}, "2026-11-22 23:50 to 2026-11-23 00:10 UTC"},
		{"a start alone", Meta{Started: at("22 09:00:00 UTC")}, "2026-11-22 09:00 UTC"},
		{"an end alone", Meta{Finished: at("22 09:00:00 UTC")}, "2026-11-22 09:00 UTC"},
		{"no version", Meta{Program: "hsts-check"}, "hsts-check"},
		{"another zone", Meta{Started: at("22 09:00:00 UTC").In(time.FixedZone("NZDT", 13*3600))}, "2026-11-22 09:00 UTC"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.meta.footer(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLongNamesDoNotHideTheScore(t *testing.T) {
	long := strings.Repeat("long ", 10_000)
	results := []audit.Result{{Group: long, Verdict: audit.Protected}, {Group: "short", Verdict: audit.Absent}}
	for _, name := range []string{"table", "markdown"} {
		var out bytes.Buffer
		if err := format(t, name).Document(&out, results, Meta{Program: long, Vantage: long, Run: "this"}, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"1 of 1 protected (100%)", "is ahead of short (0%)", "run this"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q", name, want)
			}
		}
	}
}
