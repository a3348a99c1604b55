package report

import (
	"bytes"
	"strings"
	"testing"

	"hsts-check/audit"
	"hsts-check/visit"
)

func diffWritten(t testing.TB, format string, d Diff, opt Options) string {
	t.Helper()
	for _, f := range DiffFormats {
		if f.Name != format {
			continue
		}
		var out bytes.Buffer
		if err := f.Write(&out, d, meta, opt); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	t.Fatalf("no format %q", format)
	return ""
}

func TestDiffGolden(t *testing.T) {
	news := Compare(banks2013(), banksToday())
	kinds := Compare(everyKind())
	none := Compare(banksToday(), banksToday())
	tests := []struct {
		file, format string
		diff         Diff
		opt          Options
	}{
		{"diff-2013-80", "table", news, Options{Width: 80}},
		{"diff-2013-markdown", "markdown", news, Options{}},
		{"diff-2013-json", "json", news, Options{}},
		{"diff-kinds-30", "table", kinds, Options{Width: 30}},
		{"diff-kinds-80", "table", kinds, Options{Width: 80}},
		{"diff-kinds-80-color", "table", kinds, Options{Width: 80, Color: true}},
		{"diff-kinds-unlimited", "table", kinds, Options{}},
		{"diff-kinds-markdown", "markdown", kinds, Options{}},
		{"diff-kinds-json", "json", kinds, Options{}},
		{"diff-none-80", "table", none, Options{Width: 80}},
		{"diff-none-markdown", "markdown", none, Options{}},
		{"diff-none-json", "json", none, Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) { golden(t, tt.file, diffWritten(t, tt.format, tt.diff, tt.opt)) })
	}
}

// A headline names the bank and what happened to it, in every format, also
// where the bank's log-in is at another host today.
func TestThirteenYearsReadLikeNews(t *testing.T) {
	headlines := []string{
		"ANZ gained HSTS: max-age 1 year, subdomains included; moved to digital.anz.co.nz",
		"ANZ gained HSTS: max-age 1 year, subdomains included; moved to login.anz.com",
		"ASB strengthened its policy: max-age was 126 days and is 1 year; includeSubDomains is new; moved to online.asb.co.nz",
		"BNZ gained HSTS: max-age 1 year, subdomains included, preload; moved to secure.bnz.co.nz",
		"Kiwibank gained HSTS: max-age 1 year",
		"TSB cannot be judged any more: connection refused",
		"SBS moved to secure.sbsbank.co.nz and still has no HSTS",
		"BankDirect is gone; it had no HSTS",
		"Up is new; it has HSTS: max-age 1 year, subdomains included, preload",
	}
	d := Compare(banks2013(), banksToday())
	var said []string
	for _, c := range d.Changes {
		said = append(said, c.Message())
	}
	messages := strings.Join(said, "\n")
	table := strings.Join(strings.Fields(diffWritten(t, "table", d, Options{})), " ")
	markdown := strings.NewReplacer(`\`, "").Replace(diffWritten(t, "markdown", d, Options{}))
	json := diffWritten(t, "json", d, Options{})
	for _, h := range headlines {
		for medium, text := range map[string]string{"messages": messages, "table": table, "markdown": markdown, "json": json} {
			if !strings.Contains(text, h) {
				t.Errorf("%s: no %q in\n%s", medium, h, text)
			}
		}
	}
}

func TestDiffTableFitsEveryWidth(t *testing.T) {
	d := Compare(everyKind())
	for width := 24; width <= 260; width++ {
		out := diffWritten(t, "table", d, Options{Width: width})
		for l := range strings.Lines(out) {
			if n := columns(strings.TrimSuffix(l, "\n")); n > width {
				t.Fatalf("%d columns: a line of %d: %q", width, n, l)
			}
		}
		flat := strings.Join(strings.Fields(out), "")
		for _, c := range d.Changes {
			for _, word := range strings.Fields(c.Message()) {
				if !strings.Contains(flat, word) {
					t.Fatalf("%d columns: %q of %q is lost", width, word, c.Message())
				}
			}
		}
	}
}

func TestDiffColorIsNeverAlone(t *testing.T) {
	d := Compare(everyKind())
	for _, width := range []int{30, 80, 0} {
		plain := diffWritten(t, "table", d, Options{Width: width})
		colored := diffWritten(t, "table", d, Options{Width: width, Color: true})
		if colored == plain {
			t.Errorf("%d columns: no colours", width)
		}
		if got := sgr.ReplaceAllString(colored, ""); got != plain {
			t.Errorf("%d columns: the words differ with colours", width)
		}
	}
}

func TestDiffOfHostileValues(t *testing.T) {
	for name, s := range nasty {
		t.Run(name, func(t *testing.T) {
			before, after := hostile(s), hostile(s)
			before = append(before, hostile(s + "x")[0])
			after[0].Verdict, after[0].Host = audit.Unknown, "h"+s
			after[0].Exchanges = []audit.Exchange{{Probe: visit.ProbePage, URL: "https://" + s}}
			d := Compare(before, after)
			if len(d.Changes) == 0 {
				t.Fatal("nothing changed, and nothing was tested")
			}
			for _, f := range DiffFormats {
				for _, width := range []int{0, 20, 80} {
					out := diffWritten(t, f.Name, d, Options{Width: width})
					if bad := actors(strings.ReplaceAll(out, "@\u2060", "@")); bad != "" {
						t.Errorf("%s at %d: %s", f.Name, width, bad)
					}
				}
			}
			for l := range strings.Lines(diffWritten(t, "markdown", d, Options{})) {
				if strings.HasPrefix(l, "|") && len(markdownSplit(t, strings.TrimSpace(l))) != 4 {
					t.Errorf("markdown: not four cells in %.300q", l)
				}
			}
		})
	}
}

func TestDiffWriteErrorsAreReturned(t *testing.T) {
	d := Compare(nil, many(200))
	for _, f := range DiffFormats {
		for n := range 2 {
			if f.Name == "table" && n > 0 {
				continue // written at once
			}
			if err := f.Write(&broken{n: n}, d, meta, Options{Width: 80}); err == nil {
				t.Errorf("%s, Write %d fails: no error", f.Name, n+1)
			}
		}
	}
}
