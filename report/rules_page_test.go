package report

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/audit"
)

//go:generate go test -run ^TestRulesPage$ -update .

// TestRulesPage holds docs/rules.md to the rules and standards in the code;
// with -update it writes the page.
func TestRulesPage(t *testing.T) {
	const page = "../docs/rules.md"
	if *update {
		if err := os.WriteFile(page, []byte(rulesPage()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), rulesPage()); diff != "" {
		t.Errorf("%s is out of date, run go generate ./...: -page +code\n%s", page, diff)
	}
}

func rulesPage() string {
	var b strings.Builder
	b.WriteString(`<!-- Made from audit/rules.go and audit/standards.go by go generate; do not edit. -->

# Rules and standards

What ` + "`hsts-check rules ID`" + ` says of each. A rule's ID never changes its meaning.

- **error**: users are not protected, or a MUST is broken.
- **warning**: weaker than a SHOULD or an authority's bar.
- **info**: worth knowing.

Where a finding's severity departs from its rule's, the text says when.

| rule | severity | says |
| --- | --- | --- |
`)
	for _, r := range audit.Rules {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.ID, r.ID, r.Severity, r.Title)
	}
	b.WriteString("\n## Standards\n\nPublished bars that sites are held to, and the day on which each was read.\n\n| standard | bar | source | read |\n| --- | --- | --- | --- |\n")
	for _, s := range audit.Standards {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.Name, markdownText(s.Bar, proseLimit), markdownText(s.Source, proseLimit), s.Read)
	}
	b.WriteString("\nA standard that could not be told from what was looked at is neither met nor missed.\n\n## Rules\n")
	for _, r := range audit.Rules {
		fmt.Fprintf(&b, "\n### %s\n\n*%s: %s*\n\n%s\n", r.ID, r.Severity, r.Title, helpMarkdown(r))
	}
	return b.String()
}
