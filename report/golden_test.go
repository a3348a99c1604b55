package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/audit"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// written returns what a format makes of the results.
func written(t testing.TB, f Format, results []audit.Result, opt Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := writeAll(&out, f, results, opt); err != nil {
		t.Fatal(err)
	}
	if f.Binary {
		return unzipped(t, out.Bytes())
	}
	return out.String()
}

func writeAll(w io.Writer, f Format, results []audit.Result, opt Options) error {
	if f.Document != nil {
		return f.Document(w, results, meta, opt)
	}
	var emit func(audit.Result) error
	var err error
	finish := func(Meta, *Tally) error { return nil }
	if f.Book != nil {
		emit, finish, err = f.Book(w, opt)
	} else {
		emit, err = f.Stream(w)
	}
	if err != nil {
		return err
	}
	for _, r := range results {
		if err := emit(r); err != nil {
			return err
		}
	}
	return finish(meta, opt.tally(results))
}

func format(t testing.TB, name string) Format {
	t.Helper()
	f, ok := Named(name)
	if !ok {
		t.Fatalf("no format %q", name)
	}
	return f
}

func TestGolden(t *testing.T) {
	alone := faults()
	for i := range alone {
		alone[i].Group = ""
	}
	tests := []struct {
		file, format string
		results      []audit.Result
		opt          Options
	}{
		{"table-2013-80", "table", survey2013(), Options{Width: 80}},
		{"table-40", "table", survey(), Options{Width: 40}},
		{"table-60", "table", survey(), Options{Width: 60}},
		{"table-80", "table", survey(), Options{Width: 80}},
		{"table-120", "table", survey(), Options{Width: 120}},
		{"table-200", "table", survey(), Options{Width: 200}},
		{"table-200-color", "table", survey(), Options{Width: 200, Color: true}},
		{"table-unlimited", "table", survey(), Options{}},
		{"table-ungrouped", "table", alone, Options{Width: 100}},
		{"table-verbose-80", "table", visited(), Options{Width: 80, Verbose: true}},
		{"table-verbose-unlimited", "table", visited(), Options{Verbose: true}},
		{"table-only-80", "table", survey(), Options{Width: 80, Only: []audit.Verdict{audit.Unknown, audit.Disabled}}},
		{"markdown", "markdown", survey(), Options{}},
		{"markdown-only", "markdown", survey(), Options{Only: []audit.Verdict{audit.Partial}}},
		{"csv", "csv", survey(), Options{}},
		{"json", "json", survey(), Options{}},
		{"ndjson", "ndjson", survey(), Options{}},
		{"junit", "junit", survey(), Options{}},
		{"junit-gate", "junit", sites(), gated(t)},
		{"junit-none", "junit", nil, Options{}},
		{"github", "github", survey(), Options{}},
		{"github-gate", "github", sites(), gated(t)},
		{"table-none", "table", nil, Options{}},
		{"markdown-none", "markdown", nil, Options{}},
		{"csv-none", "csv", nil, Options{}},
		{"json-none", "json", nil, Options{}},
		{"summary", "summary", survey(), Options{Width: 80, Title: "Banks of Oz \x1b"}},
		{"summary-one", "summary", alone[:1], Options{}},
		{"summary-none", "summary", nil, Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			golden(t, tt.file, written(t, format(t, tt.format), tt.results, tt.opt))
		})
	}
}

// golden compares what was written with a file in testdata, or makes that.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// A checkout may have changed line ends; those of CSV are tested apart.
	lf := strings.NewReplacer("\r\n", "\n")
	if diff := cmp.Diff(lf.Replace(string(want)), lf.Replace(got)); diff != "" {
		t.Errorf("-want +got, go test -update if it is meant to change:\n%s", diff)
	}
}
