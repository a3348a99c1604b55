package host

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/idna"
)

// TestEveryCodePoint holds the package to what browsers make of every code
// point from U+0080 in a host name, as testdata/codepoints.txt.gz has it.
func TestEveryCodePoint(t *testing.T) {
	ascii := func(name string) string {
		got, err := ASCII(name)
		if err != nil {
			return "!"
		}
		return got
	}
	checks := map[string]func(r rune) (own, got string){
		"a?b.test": func(r rune) (own, got string) {
			name := "a" + string(r) + "b.test"
			own, _ = idna.Punycode.ToASCII(name)
			return own, ascii(name)
		},
		"?.test": func(r rune) (own, got string) {
			name := string(r) + ".test"
			own, _ = idna.Punycode.ToASCII(name)
			return own, ascii(name)
		},
		"alabel.test": func(r rune) (own, got string) {
			own, _ = idna.Punycode.ToASCII(string(r) + ".test")
			if MalformedALabel(own) {
				return own, "!"
			}
			return own, own
		},
	}
	for _, run := range readRuns(t) {
		for r := run.first; r <= run.last; r++ {
			own, got := checks[run.form](r)
			want := run.outcome
			if want == "=" {
				want = own
			}
			if got != want {
				t.Errorf("%s, %U: %s, browsers: %s", run.form, r, got, want)
			}
		}
	}
}

// TestEveryCodePointOnce says that the file leaves none out.
func TestEveryCodePointOnce(t *testing.T) {
	n := make(map[string]int)
	for _, run := range readRuns(t) {
		n[run.form] += int(run.last - run.first + 1)
	}
	const all = 0x110000 - 0x80 - 0x800 // less ASCII and the surrogates
	for _, form := range []string{"a?b.test", "?.test", "alabel.test"} {
		if n[form] != all {
			t.Errorf("%s: %d code points, want %d", form, n[form], all)
		}
	}
}

// A run of code points in one form of a name has one outcome.
type run struct {
	form        string
	first, last rune
	outcome     string
}

func readRuns(t *testing.T) (runs []run) {
	t.Helper()
	f, err := os.Open("testdata/codepoints.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	form := ""
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			form = strings.Trim(line, "[]")
		default:
			span, outcome, _ := strings.Cut(line, " ")
			first, last, more := strings.Cut(span, "-")
			r := run{form: form, outcome: outcome}
			fmt.Sscanf(first, "%X", &r.first)
			r.last = r.first
			if more {
				fmt.Sscanf(last, "%X", &r.last)
			}
			runs = append(runs, r)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return runs
}
