package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/visit"
)

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// nasty are values that a server may send. Every writer is tested with each.
var nasty = map[string]string{
	"ANSI colour":           "\x1b[31mred\x1b[0m",
	"ANSI clear screen":     "\x1b[2J\x1b[H",
	"OSC 8 link":            "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
	"OSC title, BEL":        "\x1b]0;title\x07",
	"C1 CSI":                "\u009b31mred",
	"C1 CSI, one byte":      "\x9b31mred",
	"backspace":             "no\b\bYES!",
	"carriage return":       "no\rYES!",
	"newline":               "a\nb\n\n# heading\n| x | y |",
	"CRLF":                  "a\r\nSet-Cookie: x",
	"tab":                   "a\tb",
	"line separators":       "a\u2028b\u2029c\u0085d",
	"NUL and DEL":           "a\x00b\x7fc",
	"bidi override":         "\u202eelpmaxe\u202c",
	"bidi isolate":          "\u2066a\u2069\u2067b\u2069\u2068c\u2069",
	"bidi marks":            "\u200ea\u200fb\u061cc",
	"zero width":            "a\u200bb\u2060c\ufeffd\u00ade",
	"joiners in Latin":      "pay\u200dpal\u200c",
	"Hangul filler":         "a\u3164b\u115fc",
	"tag characters":        "a\U000e0041\U000e007f",
	"invalid UTF-8":         "a\xff\xfe\xc0\xafb",
	"surrogates":            "a\xed\xa0\x80b",
	"replacement character": "a\ufffdb",
	"pipes":                 "a|b||c\\|d\\",
	"backticks":             "a`b``c```d",
	"markdown":              "*a* _b_ ~~c~~ [d](javascript:alert(1)) ![e](x) # f $g$",
	"link":                  "see https://evil.example/ and www.evil.example",
	"list":                  "- a",
	"code block":            "    a",
	"script":                "<script>alert(1)</script>",
	"comment":               "<!-- a --> </table>",
	"entity":                "&lt;b&gt; &copy=1 &#0;",
	"quotes":                `a"b'c"",""d`,
	"formula":               `=HYPERLINK("https://evil.example","click")`,
	"formula, plus":         "+1+1",
	"formula, minus":        "-1+1",
	"formula, at":           "@SUM(A1)",
	"mention":               "@octocat, me@example.org",
	"formula, tab":          "\t=1+1",
	"formula, CR":           "\r=1+1",
	"formula, blank":        " =1+1",
	"formula, full width":   "＝1+1",
	"separators":            "a,b;c",
	"blanks":                "  a  ",
	"printf":                "%s%n%!d",
	"order to GitHub":       "::error::forged",
	"order behind blanks":   "  ::stop-commands::x",
	"order among colons":    ":::add-mask::x",
	"old order to GitHub":   "a ##[add-matcher]/tmp/x",
	"order to Azure":        "###vso[task.setvariable variable=x]y",
	"order to TeamCity":     "##teamcity[buildStatus text='x']",
	"CDATA end":             "a]]>b",
	"half a megabyte":       strings.Repeat("x", 1<<19), // some twenty of them are a record
	"many controls":         strings.Repeat("\x1b", 1<<14),
	"many words":            strings.Repeat("\u202e wort", 1<<11),
	"combining":             "e" + strings.Repeat("\u0301", 5000),
}

// hostile is a survey in which every text is s.
func hostile(s string) []audit.Result {
	url := "https://" + s + "/" + s
	r := audit.Result{
		Schema: audit.Schema, ID: s, Run: s, Vantage: s, Group: s, Name: s, URL: url, Host: s,
		Source: &audit.Position{File: s, Line: 1}, CheckedAt: surveyed, Verdict: audit.Protected,
		Header: []string{s, s}, Policy: &hsts.Policy{MaxAge: 300},
		Findings: []audit.Finding{{Rule: s, Severity: audit.SeverityError, Message: s, Host: s}},
		Exchanges: []audit.Exchange{{
			Probe: visit.ProbePage, URL: s, Address: s, Head: audit.Head{Proto: s, STS: []string{s}, Location: s, Server: s[:min(len(s), 100)]},
			TLS: &audit.TLS{Version: s, Error: &audit.Error{Kind: audit.ErrorKind(s), Message: s}},
		}},
		Error: &audit.Error{Kind: audit.ErrorKind(s), Message: s},
	}
	second := r
	second.Group, second.URL, second.Verdict = "other", s, audit.Verdict(s)
	return []audit.Result{r, second}
}

// actors finds what must never reach a terminal.
func actors(out string) string {
	for i, r := range out {
		switch {
		case r == '\n', ' ' <= r && r <= '~':
		case r == utf8.RuneError && !strings.HasPrefix(out[i:], "\ufffd"):
			return "invalid UTF-8"
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.In(r, unicode.Zl, unicode.Zp):
			return fmt.Sprintf("control or format character %U", r)
		}
	}
	return ""
}

func TestHostileValues(t *testing.T) {
	for name, s := range nasty {
		results := hostile(s)
		t.Run(name, func(t *testing.T) {
			for _, opt := range []Options{{}, {Width: 80}, {Width: 200}, {Width: 20}, {Verbose: true}, {Width: 40, Verbose: true}} {
				out := written(t, format(t, "table"), results, opt)
				if bad := actors(out); bad != "" {
					t.Errorf("table at %d: %s", opt.Width, bad)
				}
				if len(out) > 100_000 {
					t.Errorf("table at %d: %d bytes", opt.Width, len(out))
				}
			}
			testHostileMarkdown(t, written(t, format(t, "markdown"), results, Options{}))
			testHostileCSV(t, s, written(t, format(t, "csv"), results, Options{}))
			testHostileJSON(t, s, results)
		})
	}
}

func testHostileMarkdown(t *testing.T, out string) {
	if bad := actors(strings.ReplaceAll(out, "@\u2060", "@")); bad != "" {
		t.Errorf("markdown: %s", bad)
	}
	rows := 0
	for l := range strings.Lines(out) {
		if !strings.HasPrefix(l, "|") {
			continue
		}
		rows++
		cells := markdownSplit(t, strings.TrimSpace(l))
		if len(cells) != len(markdownHeadings) {
			t.Errorf("markdown: %d cells in %.300q", len(cells), l)
		}
	}
	if rows != 6 {
		t.Errorf("markdown: %d rows, want a heading, a rule and one of each group", rows)
	}
	// Nothing that begins markup stands unescaped, but for what the writer
	// itself puts down: bold verdict, words and leader, italic footer, links and
	// footnotes.
	bare := regexp.MustCompile(`\\[[:punct:]]`).ReplaceAllString(out, "")
	for _, own := range []string{
		`\[\^[0-9]+\]`, `\*\*(?:YES!|partly|off|ignored|no|\?|says preload|on list)\*\*`,
		`(?m)^## |^\*\*|\*\*$|^\*|\*$|\| \[|\]\(https://|&(amp|lt|gt);`,
	} {
		bare = regexp.MustCompile(own).ReplaceAllString(bare, "")
	}
	if i := strings.IndexAny(bare, "<>`*_~[]&#$"); i >= 0 {
		t.Errorf("markdown: bare %q in %.300q", bare[i], bare[max(i-20, 0):])
	}
}

// markdownSplit splits a row as the GFM specification does: at each bar that
// no backslash stands before, inside code spans too.
func markdownSplit(t *testing.T, row string) []string {
	t.Helper()
	var cells []string
	start := 1
	for i := 1; i < len(row); i++ {
		switch row[i] {
		case '\\':
			i++
		case '|':
			cells = append(cells, row[start:i])
			start = i + 1
		}
	}
	if start != len(row) {
		t.Errorf("markdown: the row ends inside a cell: %.300q", row)
	}
	return cells
}

func testHostileCSV(t *testing.T, s, out string) {
	if bad := actors(strings.ReplaceAll(out, "\r\n", "\n")); bad != "" {
		t.Errorf("csv: %s", bad)
	}
	if n := strings.Count(out, "\n"); n != 3 {
		t.Errorf("csv: %d lines, want the names and one a site", n)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll() // same number of fields in all, or an error
	if err != nil {
		t.Fatalf("csv: %v", err)
	}
	for _, row := range rows {
		for i, cell := range row {
			if trimmed := strings.TrimLeft(cell, " "); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@\t\r") {
				t.Errorf("csv: column %s is a formula: %.100q", csvColumns[i], cell)
			}
			if n := utf8.RuneCountInString(cell); n > cellLimit {
				t.Errorf("csv: column %s has %d characters", csvColumns[i], n)
			}
		}
	}
	if isPlain(s) && len(s) < 1000 && !mayOrder(s) && strings.TrimPrefix(rows[1][1], "'") != s {
		t.Errorf("csv: the name reads back as %q", rows[1][1])
	}
}

// The records hold every byte, and yet nothing in them acts on a terminal.
func testHostileJSON(t *testing.T, s string, results []audit.Result) {
	want := string([]rune(s)) // each bad byte becomes one U+FFFD
	check := func(format string, r audit.Result) {
		if r.Name != want || r.Header[1] != want || r.Error.Message != want || r.Exchanges[0].Location != want {
			t.Errorf("%s: the record differs: %.100q", format, r.Name)
		}
	}
	lines := written(t, format(t, "ndjson"), results, Options{})
	if bad := actors(lines); bad != "" {
		t.Errorf("ndjson: %s", bad)
	}
	if n := strings.Count(lines, "\n"); n != len(results) {
		t.Errorf("ndjson: %d lines", n)
	}
	for l := range strings.Lines(lines) {
		var r audit.Result
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatalf("ndjson: %v", err)
		}
		check("ndjson", r)
	}
	out := written(t, format(t, "json"), results, Options{})
	if bad := actors(out); bad != "" {
		t.Errorf("json: %s", bad)
	}
	var doc struct{ Results []audit.Result }
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("json: %v", err)
	}
	for _, r := range doc.Results {
		check("json", r)
	}
}

var runnerOrder = regexp.MustCompile(`(?m)##[A-Za-z]*\[.*|^\s*::[A-Za-z-]*[G-Zg-z-][A-Za-z-]*( .*)?::.*`)

// ordersIn finds what a CI system would obey if out were printed in a step.
func ordersIn(out string) string { return runnerOrder.FindString(out) }

// TestNothingSentOrdersTheRunner prints every format into the log of a step.
func TestNothingSentOrdersTheRunner(t *testing.T) {
	for name, s := range nasty {
		t.Run(name, func(t *testing.T) {
			results, before := hostile(s), hostile("old "+s)
			for _, f := range Formats {
				for _, opt := range []Options{{}, {Width: 40, Verbose: true}} {
					out := written(t, f, results, opt)
					if f.Name == "github" { // its own orders, see TestGitHubCannotBeForged
						out = regexp.MustCompile(`(?m)^::error .*?::`).ReplaceAllString(out, "")
					}
					if given := ordersIn(out); given != "" {
						t.Errorf("%s orders %.200q", f.Name, given)
					}
				}
			}
			for _, f := range DiffFormats {
				if given := ordersIn(diffWritten(t, f.Name, Compare(before, results), Options{Width: 40})); given != "" {
					t.Errorf("diff as %s orders %.200q", f.Name, given)
				}
			}
		})
	}
}

func TestVisible(t *testing.T) {
	tests := []struct {
		name, s string
		limit   int
		want    string
	}{
		{"plain", "max-age=1", 100, "max-age=1"},
		{"ESC", "\x1b[31m", 100, `\x1b[31m`},
		{"line ends and tabs", "a\r\n\tb", 100, `a\r\n\tb`},
		{"C1 is told from a stray byte", "\u0085\x85", 100, `\u0085\x85`},
		{"bidi", "\u202e", 100, `\u202e`},
		{"beyond the BMP", "\U000e0041", 100, `\U000e0041`},
		{"Māori", "Māori", 100, "Māori"},
		{"ideographic space", "三菱　銀行", 100, "三菱　銀行"},
		{"a joiner that Persian needs", "می\u200cخواهم", 100, "می\u200cخواهم"},
		{"a joiner that Latin does not", "a\u200cb", 100, `a\u200cb`},
		{"a joiner at the start", "\u200cb", 100, `\u200cb`},
		{"as long as the limit", "abcde", 5, "abcde"},
		{"longer", "abcdef", 5, "abcd…"},
		{"longer, other letters", "ābcdef", 5, "ābcd…"},
		{"exact, other letters", "ābcde", 5, "ābcde"},
		{"an order to GitHub's runner", "::error::x", 100, `\x3a:error\x3a:x`},
		{"its old form, anywhere", "a ##[group]", 100, `a \x23#[group]`},
		{"an order to Azure Pipelines", "###vso[x]", 100, `#\x23#vso[x]`},
		{"IPv6 addresses are no orders", "[::ffff:192.0.2.1]:443 2001:db8::1 ::", 100, "[::ffff:192.0.2.1]:443 2001:db8::1 ::"},
		{"headings are no orders", "## a [b] ##", 100, "## a [b] ##"},
		{"an escape is not cut", "abc\x1b", 5, `abc…`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := visible(tt.s, tt.limit); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzVisible(f *testing.F) {
	for _, s := range nasty {
		if len(s) < 1000 {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := visible(s, 100)
		joined := strings.NewReplacer("\u200c", "", "\u200d", "").Replace(out)
		if bad := actors(joined); bad != "" || strings.Contains(out, "\n") {
			t.Errorf("%q: %s", s, bad)
		}
		if again := visible(out, 100); again != out {
			t.Errorf("%q is escaped to %q and that to %q", s, out, again)
		}
		if given := ordersIn(out); given != "" {
			t.Errorf("%q orders %q", s, given)
		}
		if n := utf8.RuneCountInString(out); n > 100 {
			t.Errorf("%d characters", n)
		}
		var b bytes.Buffer
		if err := csvRow(&b, []string{s, "end"}); err != nil {
			t.Fatal(err)
		}
		if rows, err := csv.NewReader(&b).ReadAll(); err != nil || len(rows) != 1 || len(rows[0]) != 2 {
			t.Errorf("%q: reads back as %q, %v", s, rows, err)
		}
		if cells := markdownSplit(t, "|"+markdownText(s, 100)+"|"+markdownURL("https://"+s)+"|"); len(cells) != 2 {
			t.Errorf("%q: %d cells", s, len(cells))
		}
	})
}
