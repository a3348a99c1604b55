package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/audit"
)

func TestReadReturnsWhatNDJSONWrote(t *testing.T) {
	want := survey()
	var b bytes.Buffer
	write, err := NDJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range want {
		if err := write(r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestRead(t *testing.T) {
	const record = `{"schema":1,"id":"a","group":"","name":"n","url":"https://a.test/","checked_at":"2026-11-22T09:00:00Z","verdict":"absent"}`
	tests := []struct {
		name, in string
		records  int
		err      string
	}{
		{"nothing", "", 0, ""},
		{"one", record + "\n", 1, ""},
		{"no newline at the end", record, 1, ""},
		{"CRLF and blank lines", record + "\r\n\r\n" + record + "\r\n", 2, ""},
		{"unknown keys are skipped", strings.Replace(record, `"id"`, `"of_tomorrow":{},"id"`, 1), 1, ""},
		{"a torn last line", record + "\n" + record[:40], 1, ErrTorn.Error()},
		{"a torn line in the middle", record[:40] + "\n" + record + "\n", 0, "line 1: it is not a record"},
		{"not JSON at all", "name,url\n", 0, "line 1: it is not a record"},
		{"other JSON", `{"results":[]}` + "\n", 0, "line 1: it is not a record of a survey"},
		{"a later schema", record + "\n" + strings.Replace(record, `"schema":1`, `"schema":99`, 1) + "\n", 1, "line 2: it has schema 99"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Read(strings.NewReader(tt.in))
			if len(got) != tt.records {
				t.Errorf("%d records, want %d", len(got), tt.records)
			}
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

// FuzzRead: whatever is read can be written and read again, and is the same.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	write, _ := NDJSON(&b)
	for _, r := range survey()[:3] {
		write(r)
	}
	f.Add(b.Bytes())
	f.Add([]byte("{\"schema\":1,\"id\":\"a\",\"verdict\":\"x\"}\n{\"sch"))
	f.Fuzz(func(t *testing.T, in []byte) {
		results, err := Read(bytes.NewReader(in))
		if err != nil && len(results) > 0 && !errors.Is(err, ErrTorn) && !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("an error without a line: %v", err)
		}
		var b bytes.Buffer
		write, _ := NDJSON(&b)
		for _, r := range results {
			if write(r) != nil {
				return // a time that RFC 3339 cannot write
			}
			r.Rejudge(nil)
		}
		again, err := Read(&b)
		if err != nil || len(again) != len(results) {
			t.Errorf("%d records became %d, %v", len(results), len(again), err)
		}
	})
}

// TestNoRecordIsTooLong: a record that is read, judged and written again may grow
// by escapes; it is one that is read all the same.
func TestNoRecordIsTooLong(t *testing.T) {
	r := survey()[0]
	r.Exchanges[0].STS = []string{strings.Repeat("\u0085", maxRecord/4)} // six bytes in JSON for two
	r.Name = r.Exchanges[0].STS[0]
	text := written(t, format(t, "ndjson"), []audit.Result{r, survey()[1]}, Options{})
	got, err := Read(strings.NewReader(text))
	if err != nil || len(got) != 2 {
		t.Fatalf("%d records, %v", len(got), err)
	}
	if got[0].ID != r.ID || got[0].URL != r.URL || got[0].Verdict != audit.Unknown || got[0].Error == nil {
		t.Errorf("the record is %+v", got[0])
	}
	if again := got[0].Rejudge(nil); again.Verdict != audit.Unknown || again.Error.Message != got[0].Error.Message {
		t.Errorf("judged again it is %s, %v", again.Verdict, again.Error)
	}
}
