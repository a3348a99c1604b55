package report

import (
	"strings"
	"testing"

	"hsts-check/audit"
)

func TestShorten(t *testing.T) {
	const bank = "https://ibanking.bankofmelbourne.com.au/ibank/loginPage.action"
	tests := []struct {
		name  string
		url   string
		width int
		want  string
	}{
		{"it fits", bank, 62, bank},
		{"no limit", bank, 0, bank},
		{"a whole segment of the path stays", bank, 61, "https://ibanking.bankofmelbourne.com.au/iba…/loginPage.action"},
		{"the host stays whole", bank, 50, "https://ibanking.bankofmelbourne.com.au/…ge.action"},
		{"and if only the host fits", bank, 41, "https://ibanking.bankofmelbourne.com.au/…"},
		{"the end of the host says whose it is", bank, 30, "https://i…ofmelbourne.com.au/…"},
		{"a host alone", "https://ibanking.bankofmelbourne.com.au", 30, "https://ib…kofmelbourne.com.au"},
		{"a query without a path", "https://a.example?x=" + strings.Repeat("y", 50), 30, "https://a.example?…yyyyyyyyyyy"},
		{"no scheme", "ibanking.bankofmelbourne.com.au/ibank", 24, "ibankin…lbourne.com.au/…"},
		{"wide characters are never halved", "https://例え.example/ああああああああああ", 30, "https://例え.example/…ああああ"},
		{"one column", bank, 1, "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := shorten(tt.url, tt.width)
			if tt.width > 0 && columns(got) > tt.width {
				t.Errorf("%q takes %d columns of %d", got, columns(got), tt.width)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name  string
		s     string
		width int
		want  string
	}{
		{"it fits", "Bank of China", 13, "Bank of China"},
		{"between words", "Bank of China", 12, "Bank of|China"},
		{"a long word", "Donaudampfschiff", 6, "Donaud|ampfsc|hiff"},
		{"wide characters", "中国工商银行", 5, "中国|工商|银行"},
		{"a mark stays on its letter", "e\u0301e\u0301e\u0301", 2, "e\u0301e\u0301|e\u0301"},
		{"one character wider than the line", "中国", 1, "中国"},
		{"nothing", "", 5, ""},
		{"no limit", "Bank of China", 0, "Bank of China"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(wrap(tt.s, tt.width), "|"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A table fits its terminal, whatever the width, and loses no name on the way.
func TestTableFitsEveryWidth(t *testing.T) {
	results := append(survey(), visited()...)
	for width := 24; width <= 260; width++ {
		out := written(t, format(t, "table"), results, Options{Width: width, Verbose: width%2 == 0})
		for l := range strings.Lines(out) {
			if n := columns(strings.TrimSuffix(l, "\n")); n > width {
				t.Fatalf("%d columns: a line of %d: %q", width, n, l)
			}
		}
		flat := strings.Join(strings.Fields(out), "")
		for _, r := range results {
			// The words of a name that wraps stand on several lines.
			for _, word := range strings.Fields(r.Name) {
				if width >= 60 && !strings.Contains(flat, word) {
					t.Fatalf("%d columns: %q of the name %q is lost", width, word, r.Name)
				}
			}
		}
		for _, v := range []string{"YES!", "partly", "off", "ignored", "?", "no"} {
			if !strings.Contains(out, v) {
				t.Fatalf("%d columns: no %q", width, v)
			}
		}
	}
}

func TestUnlimitedTableShowsURLsWhole(t *testing.T) {
	out := written(t, format(t, "table"), survey(), Options{})
	for _, r := range survey() {
		if !strings.Contains(out, r.URL) {
			t.Errorf("no %s", r.URL)
		}
	}
	if len(hsbc) != 300 {
		t.Errorf("the long URL has %d characters", len(hsbc))
	}
}

// The rows of all groups stand under each other: every verdict begins in the
// same column.
func TestColumnsLineUpAcrossGroups(t *testing.T) {
	for _, width := range []int{80, 120, 200, 0} {
		at := -1
		for l := range strings.Lines(written(t, format(t, "table"), survey(), Options{Width: width})) {
			before, _, found := strings.Cut(l, "YES!")
			if !found {
				continue
			}
			if at >= 0 && columns(before) != at {
				t.Errorf("%d columns: a verdict in column %d, others in %d: %q", width, columns(before), at, l)
			}
			at = columns(before)
		}
		if at < 0 {
			t.Errorf("%d columns: no verdict", width)
		}
	}
}

func TestColorIsNeverAlone(t *testing.T) {
	for _, width := range []int{40, 80, 200, 0} {
		plain := written(t, format(t, "table"), survey(), Options{Width: width})
		colored := written(t, format(t, "table"), survey(), Options{Width: width, Color: true})
		if colored == plain {
			t.Errorf("%d columns: no colours", width)
		}
		if got := sgr.ReplaceAllString(colored, ""); got != plain {
			t.Errorf("%d columns: the words differ with colours", width)
		}
	}
}

func TestNarrowTableFoldsThePolicy(t *testing.T) {
	r := survey2013()[:1]
	out := written(t, format(t, "table"), r, Options{Width: 30})
	if !strings.Contains(out, "max-age=10886400") {
		t.Errorf("no policy in\n%s", out)
	}
	if fit([]row{newRow(audit.Result{}, viewpoints{}, Options{})}, nil, margin{width: 1}).foldPolicy != true {
		t.Error("one column is not enough for a policy")
	}
}
