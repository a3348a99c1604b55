package report

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// FuzzWriters: whatever was sent, what each writer makes of it reads as what it
// is, and nothing in it acts.
func FuzzWriters(f *testing.F) {
	for _, s := range nasty {
		if len(s) < 1000 {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" || len(s) > 2000 {
			return // no record is without an ID; what is longer is cut off
		}
		results := hostile(s)
		for _, f := range Formats {
			out := written(t, f, results, Options{Width: 60})
			if given := ordersIn(out); given != "" && f.Name != "github" {
				t.Errorf("%s orders %q", f.Name, given)
			}
			readsBack(t, f.Name, s, out)
		}
		since := Compare(hostile("old "+s), results)
		for _, f := range DiffFormats {
			out := diffWritten(t, f.Name, since, Options{Width: 60})
			if given := ordersIn(out); given != "" {
				t.Errorf("diff as %s orders %q", f.Name, given)
			}
			if f.Name == "json" && !json.Valid([]byte(out)) {
				t.Error("the diff is no JSON")
			}
		}
	})
}

func readsBack(t *testing.T, format, s, out string) {
	t.Helper()
	switch format {
	case "ndjson":
		read, err := Read(strings.NewReader(out))
		if err != nil || len(read) != 2 || read[0].Name != string([]rune(s)) {
			t.Errorf("ndjson: %d records, %v", len(read), err)
		}
	case "json", "sarif":
		if !json.Valid([]byte(out)) {
			t.Errorf("%s: no JSON", format)
		}
	case "csv":
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Errorf("csv: %d rows, %v", len(rows), err)
		}
	case "junit":
		readJUnit(t, out)
	case "svg":
		for d := xml.NewDecoder(strings.NewReader(out)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("svg: %v", err)
			}
		}
	case "html":
		testInert(t, parsed(t, out))
	case "markdown":
		testRendered(t, s, out)
	}
}

// TestMarkdownRendered has a CommonMark library with GitHub's extensions read
// what the writer made: two tables, each of a heading and a row, all rows of
// as many cells as the writer has columns, and no markup but the writer's own.
func TestMarkdownRendered(t *testing.T) {
	for name, s := range nasty {
		t.Run(name, func(t *testing.T) {
			testRendered(t, s, written(t, format(t, "markdown"), hostile(s), Options{}))
		})
	}
}

// mention is what GitHub takes for one, and for a mail address.
var mention = regexp.MustCompile(`@[A-Za-z0-9]`)

func testRendered(t *testing.T, s, out string) {
	t.Helper()
	source, library := []byte(out), goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))
	doc := library.Parser().Parse(text.NewReader(source))
	found := map[string]int{}
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		found[n.Kind().String()]++
		switch n := n.(type) {
		case *east.TableHeader, *east.TableRow:
			if n.ChildCount() != len(markdownHeadings) {
				t.Errorf("a row of %d cells", n.ChildCount())
			}
		case *ast.Link:
			if to := string(n.Destination); !strings.HasPrefix(to, "https://") {
				t.Errorf("a link to %.100q", to)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, never := range []ast.NodeKind{
		ast.KindRawHTML, ast.KindHTMLBlock, ast.KindCodeSpan, ast.KindCodeBlock, ast.KindFencedCodeBlock,
		ast.KindImage, ast.KindAutoLink, ast.KindList, ast.KindBlockquote, ast.KindThematicBreak, east.KindStrikethrough,
	} {
		if n := found[never.String()]; n > 0 {
			t.Errorf("%d %s in\n%.2000s", n, never, out)
		}
	}
	shape := map[string]int{}
	for _, kind := range []ast.NodeKind{east.KindTable, east.KindTableHeader, east.KindTableRow} {
		shape[kind.String()] = found[kind.String()]
	}
	if diff := cmp.Diff(map[string]int{"Table": 2, "TableHeader": 2, "TableRow": 2}, shape); diff != "" {
		t.Errorf("-want +rendered:\n%s", diff)
	}
	// Cells too many would be dropped without a word.
	var page strings.Builder
	if err := library.Renderer().Render(&page, source, doc); err != nil {
		t.Fatal(err)
	}
	cells := elements(elements(parsed(t, page.String()), "tbody")[0], "td")
	fields := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	name := textOf(cells[0])
	if mention.MatchString(name) {
		t.Errorf("%q mentions somebody", name)
	}
	if got, want := fields(strings.ReplaceAll(name, "\u2060", "")), fields(visible(s, nameLimit)); len(s) < 100 && got != want {
		t.Errorf("the name is rendered as %q, not %q", got, want)
	}
}
