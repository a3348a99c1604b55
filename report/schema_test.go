package report

import (
	"encoding"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/visit"
)

const schemaFile = "../docs/result.schema.json"

// defs is where the schema has its definitions.
const defs = "#/$defs/"

// A schema is as much of one as the tests look into.
type schema struct {
	Ref         string             `json:"$ref"`
	Description string             `json:"description"`
	Type        string             `json:"type"`
	Format      string             `json:"format"`
	Enum        []string           `json:"enum"`
	Const       any                `json:"const"`
	Required    []string           `json:"required"`
	Properties  map[string]*schema `json:"properties"`
	Items       *schema            `json:"items"`
	AnyOf       []*schema          `json:"anyOf"`
	Defs        map[string]*schema `json:"$defs"`
}

func readSchema(t *testing.T) *schema {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// def returns a definition, with what it takes from another one.
func (s *schema) def(name string) schema {
	d := *s.Defs[strings.TrimPrefix(name, defs)]
	if d.Ref != "" && d.Properties != nil {
		base := s.def(d.Ref)
		all := maps.Clone(base.Properties)
		maps.Copy(all, d.Properties)
		d.Properties = all
		d.Required = append(slices.Clone(base.Required), d.Required...)
	}
	return d
}

// TestSchemaHasEveryKey: what the code can write and what the schema describes
// are the same keys, and those that are always there are required.
func TestSchemaHasEveryKey(t *testing.T) {
	s := readSchema(t)
	for _, tt := range []struct {
		def  string
		of   any
		list string // what writeObject adds
	}{
		{"record", audit.Result{}, ""},
		{"document", document{}, "results"},
		{"diff", diffDocument{}, "changes"},
		{"change", diffChange{}, ""},
	} {
		compareKeys(t, s, tt.def, reflect.TypeOf(tt.of), tt.list)
	}
}

func compareKeys(t *testing.T, s *schema, name string, of reflect.Type, list string) {
	t.Helper()
	d := s.def(name)
	keys := make(map[string]reflect.Type)
	var required []string
	for _, f := range reflect.VisibleFields(of) {
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "" || tag == "-" {
			continue
		}
		keys[tag] = f.Type
		if options == "" {
			required = append(required, tag)
		}
	}
	if name == defs+"certificate_error" {
		delete(keys, "no_such_host") // which only what became of a look-up can have
	}
	want := slices.Sorted(maps.Keys(keys))
	if list != "" {
		want, required = append(want, list), append(required, list)
		slices.Sort(want)
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(d.Properties))); diff != "" {
		t.Errorf("the keys of %s: -code +schema\n%s", name, diff)
	}
	slices.Sort(required)
	if diff := cmp.Diff(required, slices.Sorted(slices.Values(d.Required))); diff != "" {
		t.Errorf("the keys that %s always has: -code +schema\n%s", name, diff)
	}
	for key, kind := range keys {
		if p := d.Properties[key]; p != nil {
			compareValue(t, s, name+"."+key, *p, kind)
		}
	}
}

// compareValue goes into objects and lists.
func compareValue(t *testing.T, s *schema, name string, p schema, of reflect.Type) {
	t.Helper()
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if len(p.AnyOf) == 2 { // null, or this
		p = *p.AnyOf[1]
	}
	target := p.Ref
	if p.Ref != "" {
		p = s.def(p.Ref)
	}
	switch {
	case of.Kind() == reflect.Slice && p.Items != nil:
		compareValue(t, s, name, *p.Items, of.Elem())
	case of.Kind() == reflect.Struct && !of.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		compareKeys(t, s, target, of, "")
	case of.Kind() == reflect.Map:
		names := mapKeys(of)
		if diff := cmp.Diff(names, slices.Sorted(maps.Keys(p.Properties))); diff != "" {
			t.Errorf("%s: -code +schema\n%s", name, diff)
		}
		for key, p := range p.Properties {
			compareValue(t, s, name+"."+key, *p, of.Elem())
		}
	}
}

// mapKeys are the keys that a map of the record can have, in order: clients, values
// that were cut, or else standards.
func mapKeys(of reflect.Type) (names []string) {
	if of.Elem().Kind() == reflect.Int {
		return []string{"clear_site_data", "location", "refresh", "server"} // what can be cut
	}
	if of.Key() == reflect.TypeFor[hsts.Client]() {
		for _, c := range hsts.Clients {
			name, _ := c.MarshalText()
			names = append(names, string(name))
		}
	} else {
		for _, standard := range audit.Standards {
			names = append(names, standard.Name)
		}
	}
	slices.Sort(names)
	return names
}

// TestSchemaHasEveryWord of those that a value can be.
func TestSchemaHasEveryWord(t *testing.T) {
	s := readSchema(t)
	words := func(def, key string) []string { return s.Defs[def].Properties[key].Enum }
	texts := func(list any) (all []string) {
		v := reflect.ValueOf(list)
		for i := range v.Len() {
			all = append(all, v.Index(i).String())
		}
		return all
	}
	errors, certificates := errorKinds(t)
	for _, tt := range []struct {
		what      string
		got, want []string
	}{
		{"verdict", s.Defs["verdict"].Enum, texts(audit.Verdicts)},
		{"severity", words("finding", "severity"), texts(audit.Severities)},
		{"probe", words("exchange", "probe"), slices.Concat([]string{string(visit.ProbePage)}, texts(visit.AllProbes), texts([]visit.Probe{visit.ProbeProgram, visit.ProbeBrowser}))},
		{"error.kind", words("error", "kind"), errors},
		{"tls.error.kind", words("certificate_error", "kind"), certificates},
		{"change.kind", words("change", "kind"), texts(ChangeKinds)},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: -code +schema\n%s", tt.what, diff)
		}
	}
}

// errorKinds are the constants of visit.ErrorKind, which has no list of them.
func errorKinds(t *testing.T) (errors, certificates []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../visit/exchange.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "ErrorKind" {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(spec.Names[0].Name, "Cert") {
				certificates = append(certificates, value)
			} else {
				errors = append(errors, value)
			}
		}
		return false
	})
	return errors, certificates
}

// compiled is a definition to validate with. The validator is the one that is
// kept up and knows draft 2020-12; it is used in tests alone.
func compiled(t *testing.T, def string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(schemaFile + "#/$defs/" + def)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func invalid(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestOutputKeepsToTheSchema(t *testing.T) {
	record, document, diff := compiled(t, "record"), compiled(t, "document"), compiled(t, "diff")
	results := append(survey(), visited()...)
	for line := range strings.Lines(written(t, format(t, "ndjson"), results, Options{})) {
		if err := invalid(t, record, line); err != nil {
			t.Errorf("%s\n%v", line, err)
		}
	}
	for _, opt := range []Options{{}, {Only: []audit.Verdict{audit.Absent}}} {
		if err := invalid(t, document, written(t, format(t, "json"), results, opt)); err != nil {
			t.Error(err)
		}
	}
	if err := invalid(t, document, written(t, format(t, "json"), nil, Options{})); err != nil {
		t.Error(err)
	}
	var out strings.Builder
	if err := DiffJSON(&out, Compare(survey(), append(faults(), visited()...)), meta, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := invalid(t, diff, out.String()); err != nil {
		t.Error(err)
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := compiled(t, "record")
	good := written(t, format(t, "ndjson"), visited()[:1], Options{})
	if err := invalid(t, s, good); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string][2]string{
		"a key that is not described":   {`"schema":2`, `"schema":2,"news":true`},
		"one in an exchange":            {`"probe":"page"`, `"probe":"page","news":true`},
		"a verdict that there is not":   {`"verdict":"protected"`, `"verdict":"maybe"`},
		"an ID of another form":         {`"id":"`, `"id":"x`},
		"a missing key":                 {`"ms":42,`, ``},
		"a time that is none":           {`"checked_at":"2026`, `"checked_at":"26`},
		"an empty list for no findings": {`"schema":2`, `"schema":2,"findings":[]`},
		"null for what is not there":    {`"schema":2`, `"schema":2,"error":null`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s: %q is not there", what, change[0])
		}
		if invalid(t, s, bad) == nil {
			t.Errorf("%s passes", what)
		}
	}
}
