package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/audit"
	"hsts-check/report"
)

// FuzzResume resumes any file with any list, steps 0 to 9 being the sites of the
// list. Whatever the file held before, each of its records is there after, in it
// or in the file for what fits no site, or a newer one of its site is; and the
// file then has a record for each site of the list, in its order.
func FuzzResume(f *testing.F) {
	f.Add("01", "012")
	f.Add("211", "4321")
	f.Add("Dd4", "34")
	f.Add("f  6", "65")
	f.Add("7~", "87")
	f.Add("8!", "8")
	f.Add("!", "1")
	f.Add("0J?1", "1")
	f.Add("", "9")
	f.Fuzz(func(t *testing.T, lines, steps string) {
		text := fuzzFile(lines)
		var sites []audit.Site
		for _, c := range steps {
			if c >= '0' && c <= '9' && !slices.Contains(sites, fuzzSite(int(c-'0'))) {
				sites = append(sites, fuzzSite(int(c-'0')))
			}
		}
		if len(sites) == 0 {
			return
		}
		name := filepath.Join(t.TempDir(), "out.ndjson")
		write(t, name, text)
		before, err := report.Read(strings.NewReader(text))
		d := fuzzResume(t, name, sites)
		if d == nil {
			if after := readFile(t, name); after != text {
				t.Fatalf("a file that was refused (%v) became %q", err, after)
			}
			return
		}
		after := mustRead(t, name)
		var got []string
		for _, r := range after {
			got = append(got, r.ID)
		}
		var want []string
		for _, s := range sites {
			want = append(want, s.ID())
		}
		if !slices.Equal(got, want) {
			t.Fatalf("the file has %s, not %s", got, want)
		}
		if _, err := os.Stat(name + ".old"); err == nil {
			after = append(after, mustRead(t, name+".old")...)
		}
		for _, r := range before {
			if !slices.ContainsFunc(after, func(a audit.Result) bool {
				return a.ID == r.ID && a.Run == r.Run && a.Vantage == r.Vantage && (r.Cancelled() || !a.CheckedAt.Before(r.CheckedAt))
			}) {
				t.Fatalf("the record %+v is lost", r)
			}
		}
	})
}

func fuzzSite(n int) audit.Site {
	return audit.Site{Name: fmt.Sprint(n), URL: fmt.Sprintf("https://s%d.test", n)}
}

// fuzzFile makes a file of records: 0 to 9 are of sites, a to j of visits to
// these that were cut short, A to J of another run, a blank is an empty line, and
// a question mark what is no record. At the end ! cuts the last record, ~ its
// line's end.
func fuzzFile(lines string) string {
	var b strings.Builder
	for i, c := range lines {
		site, more := c, ""
		switch {
		case c >= '0' && c <= '9':
			site -= '0'
		case c >= 'a' && c <= 'j':
			site, more = c-'a', `,"error":{"kind":"cancelled","message":"the run ended first"}`
		case c >= 'A' && c <= 'J':
			site, more = c-'A', `,"run":"may"`
		case c == ' ':
			b.WriteString("\n")
			continue
		case c == '?':
			b.WriteString("no record\n")
			continue
		default:
			continue
		}
		s := fuzzSite(int(site))
		fmt.Fprintf(&b, `{"schema":2,"id":%q,"group":"","name":%q,"url":%q,"checked_at":"2026-11-22T09:00:%02dZ","verdict":"unknown"%s}`+"\n",
			s.ID(), s.Name, s.URL, i*37%60, more)
	}
	text := b.String()
	switch {
	case strings.HasSuffix(lines, "!"):
		return text[:max(0, len(text)-20)]
	case strings.HasSuffix(lines, "~"):
		return strings.TrimSuffix(text, "\n")
	}
	return text
}

// fuzzResume resumes the file as a survey does that visits nobody; nil where the
// file is refused.
func fuzzResume(t *testing.T, name string, sites []audit.Site) *delivery {
	t.Helper()
	p := &program{stdout: new(bytes.Buffer), stderr: new(bytes.Buffer), quiet: true}
	d, err := p.delivery(writing{format: "csv", color: "never", files: []string{name}, resume: name}, gating{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.out.release()
	in := &input{sites: slices.Values(sites), known: len(sites)}
	if err := d.resume(name, in, new(audit.Auditor), &manifest{}, true); err != nil {
		return nil
	}
	if err := d.out.open(&manifest{}); err != nil {
		t.Fatal(err)
	}
	survey := func(yield func(audit.Result) bool) {
		for s := range in.sites {
			if !yield(audit.Judge(audit.Visit{Site: s, CheckedAt: time.Now()}, nil)) {
				return
			}
		}
	}
	for r, kept := range d.resumed.between(survey) {
		d.take(r, kept)
	}
	if _, err := d.finish(); err != nil {
		t.Fatal(err)
	}
	if err := d.finishResumed(in); err != nil {
		t.Fatal(err)
	}
	return d
}

func mustRead(t *testing.T, name string) []audit.Result {
	t.Helper()
	results, err := report.Read(strings.NewReader(readFile(t, name)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return results
}
