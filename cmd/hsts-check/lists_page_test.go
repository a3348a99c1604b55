package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hsts-check/lists"
)

// TestListsPageTerms: the example of what stands with a site is read without a
// fault, and written back says the same, what a heading requires with each of
// its sites.
func TestListsPageTerms(t *testing.T) {
	_, section, ok := strings.Cut(readFile(t, "../../docs/lists.md"), "\n## Bars, waivers and notes\n")
	_, example, found := strings.Cut(section, "\n```\n")
	if !ok || !found {
		t.Fatal("the page has no example")
	}
	example, _, _ = strings.Cut(example, "```\n")
	file := filepath.Join(t.TempDir(), "banks.txt")
	if err := os.WriteFile(file, []byte(example), 0o666); err != nil {
		t.Fatal(err)
	}
	p := &program{stderr: io.Discard}
	list, err := p.readList(file, nil, new(lists.Once))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for s := range list.All() {
		got.WriteString(s.Name + "\n" + annotations(s))
	}
	want := `ASB
  require: owasp
SBS
  require: max-age=31536000
  allow: include-subdomains-absent until 2027-03-01, legacy printer
  allow: max-age=31536000 until 2027-03-01, raised step by step
  note: judged from a browser, the site refuses other clients
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", &got, want)
	}
}
