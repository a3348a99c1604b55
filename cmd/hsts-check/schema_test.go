package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestOutputKeepsToTheSchema: docs/result.schema.json describes what the program
// writes, to the last key.
func TestOutputKeepsToTheSchema(t *testing.T) {
	folder := t.TempDir()
	whole, part := filepath.Join(folder, "whole.ndjson"), filepath.Join(folder, "part.ndjson")
	records := printed(t, exitOK, "demo", "-q", "-f", "ndjson")
	lines := strings.SplitAfter(records, "\n")
	if len(lines) < 20 {
		t.Fatalf("the demo has %d lines", len(lines))
	}
	writeFile(t, whole, records)
	writeFile(t, part, strings.Join(lines[5:], ""))
	holdTo(t, "record", lines[:len(lines)-1]...)
	holdTo(t, "document", printed(t, exitOK, "demo", "-q", "-f", "json"))
	holdTo(t, "document", printed(t, exitOK, "report", "-f", "json", "--only", "unknown,partial", whole))
	holdTo(t, "diff", printed(t, exitOK, "diff", "-f", "json", part, whole))
	values := printed(t, exitFellShort, "header", "-f", "ndjson", "max-age=31536000; includeSubDomains; preload", "max-age=0", "max-age=x", "")
	holdTo(t, "header", strings.SplitAfter(strings.TrimSpace(values), "\n")...)
}

// printed runs the program and returns what it prints.
func printed(t *testing.T, status int, args ...string) string {
	t.Helper()
	var out strings.Builder
	if got := run(t.Context(), args, strings.NewReader(""), &out, io.Discard); got != status {
		t.Fatalf("%q: exit status %d, not %d", args, got, status)
	}
	return out.String()
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// holdTo validates texts by a definition of the schema.
func holdTo(t *testing.T, def string, texts ...string) {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("../../docs/result.schema.json#/$defs/" + def)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v\n%s", def, err, text)
		}
	}
}
