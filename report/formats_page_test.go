package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

//go:generate go test -run ^TestFormatsPage$ -update .

const formatsPage = "../docs/formats.md"

// TestFormatsPage: its tables of keys are the schema's; with -update it writes
// them.
func TestFormatsPage(t *testing.T) {
	text := string(readPage(t))
	s := readSchema(t)
	marked := regexp.MustCompile(`(?s)<!-- keys of ([a-z_]+) -->\n(.*?)<!-- end -->`)
	fresh := marked.ReplaceAllStringFunc(text, func(part string) string {
		name := marked.FindStringSubmatch(part)[1]
		return "<!-- keys of " + name + " -->\n" + s.table(t, name) + "<!-- end -->"
	})
	if *update {
		if err := os.WriteFile(formatsPage, []byte(fresh), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(text, fresh); diff != "" {
		t.Errorf("%s is out of date, run go generate ./...: -page +schema\n%s", formatsPage, diff)
	}
	var told []string
	for _, m := range marked.FindAllStringSubmatch(text, -1) {
		told = append(told, m[1])
	}
	for name, def := range s.Defs {
		if def.Properties != nil && !slices.Contains(told, name) {
			t.Errorf("%s does not describe %s", formatsPage, name)
		}
	}
}

func readPage(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(formatsPage)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// table describes the keys of an object, in the order of the schema.
func (s *schema) table(t *testing.T, name string) string {
	t.Helper()
	if s.Defs[name] == nil {
		t.Fatalf("the schema does not define %q", name)
	}
	var b strings.Builder
	b.WriteString("| key | value | |\n| --- | --- | --- |\n")
	d := s.def(name)
	for _, key := range keysOf(t, s.Defs[name], name) {
		p := d.Properties[key]
		value := s.value(*p)
		if !slices.Contains(d.Required, key) {
			value += ", or absent"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", key, value, strings.ReplaceAll(p.Description, "|", `\|`))
	}
	if base := s.Defs[name].Ref; base != "" {
		base = strings.TrimPrefix(base, defs)
		fmt.Fprintf(&b, "| | | and those of [%s](#%s) |\n", base, base)
	}
	return b.String()
}

// value says what a key's value is.
func (s *schema) value(p schema) string {
	if len(p.AnyOf) == 2 {
		return s.value(*p.AnyOf[1]) + ", or null"
	}
	if p.Ref != "" {
		target := s.Defs[strings.TrimPrefix(p.Ref, defs)]
		if target.Properties == nil {
			return s.value(*target)
		}
		name := strings.TrimPrefix(p.Ref, defs)
		return fmt.Sprintf("[%s](#%s)", name, name)
	}
	switch {
	case p.Enum != nil:
		return "`" + strings.Join(p.Enum, "`, `") + "`"
	case p.Const != nil:
		return fmt.Sprintf("`%v`", p.Const)
	case p.Format == "date-time":
		return "time"
	case p.Format == "date":
		return "date"
	case p.Type == "array":
		return "list of " + s.value(*p.Items)
	case p.Type == "integer":
		return "number"
	case p.Type == "boolean":
		return "true or false"
	}
	return p.Type
}

// keysOf are the keys of a definition itself as they stand in the file.
func keysOf(t *testing.T, def *schema, name string) (keys []string) {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var raw struct {
		Defs map[string]struct {
			Properties json.RawMessage `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw.Defs[name].Properties))
	dec.Token() // {
	for dec.More() {
		key, _ := dec.Token()
		keys = append(keys, key.(string))
		if err := dec.Decode(&json.RawMessage{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(keys) != len(def.Properties) {
		t.Fatalf("%s has %d keys, not %d", name, len(def.Properties), len(keys))
	}
	return keys
}

// firstColumn returns the first cells of a table below a heading.
func firstColumn(t *testing.T, heading string) (cells []string) {
	t.Helper()
	_, part, ok := strings.Cut("\n"+string(readPage(t)), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("%s has no %q", formatsPage, heading)
	}
	part, _, _ = strings.Cut(part, "\n#")
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(part, -1) {
		cells = append(cells, m[1])
	}
	return cells
}

func TestFormatsPageHasEveryFormat(t *testing.T) {
	var names []string
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff(names, firstColumn(t, "# Formats")); diff != "" {
		t.Errorf("formats: -code +page\n%s", diff)
	}
}

func TestFormatsPageHasEveryColumn(t *testing.T) {
	if diff := cmp.Diff(csvColumns, firstColumn(t, "## CSV")); diff != "" {
		t.Errorf("columns: -code +page\n%s", diff)
	}
}

func TestFormatsPageHasEveryChange(t *testing.T) {
	var kinds []string
	for _, k := range ChangeKinds {
		kinds = append(kinds, string(k))
	}
	if diff := cmp.Diff(kinds, firstColumn(t, "### Kinds of changes")); diff != "" {
		t.Errorf("kinds of changes: -code +page\n%s", diff)
	}
}
