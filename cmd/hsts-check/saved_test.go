package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// savedRecord is a line of saved results: a site of that name which answers
// with that field, and a verdict that no rule gives it.
func savedRecord(name, vantage, field string) string {
	return fmt.Sprintf(`{"schema":1,"id":"of another version","vantage":%q,"group":"g","name":%q,"url":"https://%s.test/","checked_at":"2026-11-22T09:00:00Z","verdict":"disabled",`+
		`"exchanges":[{"probe":"page","url":"https://%s.test/","status":200,"sts":[%q],"ms":1,"tls":{"error":null}}]}`+"\n", vantage, name, name, name, field)
}

func TestLoad(t *testing.T) {
	const year = "max-age=31536000"
	a, b := savedRecord("a", "", year), savedRecord("b", "", year)
	newA := savedRecord("a", "", "max-age=0; includeSubDomains")
	tests := []struct {
		name  string
		files []string // "-" is what is on stdin
		stdin string
		want  string // name, vantage and verdict of each result
		told  string // on stderr
		err   string
	}{
		{name: "judged by today's rules", files: []string{a}, want: "a protected"},
		{name: "the order of files and lines", files: []string{b, a}, want: "b protected, a protected"},
		{name: "the last word in the first place", files: []string{a + b, newA}, want: "a disabled, b protected"},
		{name: "and within one file", files: []string{a + b + newA}, want: "a disabled, b protected"},
		{name: "each vantage for itself", files: []string{a, savedRecord("a", "syd", "max-age=0")}, want: "a protected, a syd disabled"},
		{name: "standard input", files: []string{a, "-"}, stdin: b, want: "a protected, b protected"},
		{name: "a last record cut off", files: []string{a + b[:50], b}, want: "a protected, b protected", told: "hsts-check: 0.ndjson: the last record is cut off and was dropped\n"},
		{name: "on standard input", files: []string{"-"}, stdin: a + b[:50], want: "a protected", told: "hsts-check: standard input: the last record is cut off and was dropped\n"},
		{name: "nothing but a cut off record", files: []string{b[:50]}, err: "0.ndjson: there are no results in it", told: "hsts-check: 0.ndjson: the last record is cut off and was dropped\n"},
		{name: "a line that is too long", files: []string{a + strings.Repeat("x", 17<<20) + "\n" + b}, want: "a protected, b protected", told: "hsts-check: 0.ndjson: line 2: too long for a record, and skipped\n"},
		{name: "a cut in the middle", files: []string{a, a + b[:50] + "\n" + a}, err: "1.ndjson: line 2: it is not a record: "},
		{name: "all that is wrong", files: []string{"", "name,url\n"}, err: "0.ndjson: there are no results in it\n1.ndjson: line 1: it is not a record: "},
		{name: "standard input twice", files: []string{"-", "-"}, stdin: a, err: "standard input is read once, and - stands twice"},
		{name: "nothing on standard input", files: []string{"-"}, err: "standard input: there are no results in it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			names := make([]string, len(tt.files))
			for i, text := range tt.files {
				if names[i] = fmt.Sprintf("%d.ndjson", i); text == "-" {
					names[i] = "-"
				} else if err := os.WriteFile(names[i], []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			var stderr bytes.Buffer
			p := &program{stdin: strings.NewReader(tt.stdin), stderr: &stderr}
			results, err := p.load(names...)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			var got []string
			for _, r := range results {
				got = append(got, strings.Join(strings.Fields(r.Name+" "+r.Vantage+" "+string(r.Verdict)), " "))
			}
			if got := strings.Join(got, ", "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if stderr.String() != tt.told {
				t.Errorf("told %q, want %q", stderr.String(), tt.told)
			}
		})
	}
}

func TestLoadNamesTheFileThatIsMissing(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.ndjson")
	_, err := (&program{}).load(missing)
	if err == nil || !strings.HasPrefix(err.Error(), "cannot read "+missing+": ") {
		t.Errorf("got %v", err)
	}
}
