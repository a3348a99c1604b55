package lists

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/browser"
	"hsts-check/visit"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "a.org", "\ufeff[New Zealand]\r\nASB https://online.asb.co.nz/auth/\r\n# c\r\n", "[A\n[]\n[A] b\n[::1]:8443\n",
		"Foo Bar\nftp://a.org\nhttps://me:secret@a.org\na.org:0\na.org # b\na.org https://b.org\n", "1,a.org\n2,b.org\n",
		"name,url,country\n\"A, B\",https://a.org/?q=1,X\n,,\nC\"\n", "url;group\na.org;\xff\n", "bücher.example\nमौ.भारत\nxn--a.org\n",
		"a.org, b.org\nA (b.test) https://a.test\n- B.co.nz; <https://www.b.co.nz/>,\n192.0.2.1 a.org\n1. St.George,a.com\n",
		"A,https://a.test/,b.test\nme@b.org a.org\nhttps://a.org/ B|b.org\n10.0.0.0/8\n", "a\x00b", "\xff\xfea\x00", "a.org\rb.org", "A\u00a0B\u3000a.org", "\"", "a.org\n\ufeffb.org", "#\n[#]\n #",
	} {
		f.Add([]byte(seed), "list.txt")
		f.Add([]byte(seed), "list.csv")
		f.Add([]byte(seed), "-")
	}
	kinds, err := filepath.Glob("testdata/kinds/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, kind := range kinds {
		list, err := os.ReadFile(kind)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(list, "list.csv")
	}
	f.Fuzz(func(t *testing.T, list []byte, file string) {
		sites, faults := Parse(bytes.NewReader(list), file)
		if len(sites)+len(faults) == 0 {
			t.Error("neither a site nor a fault")
		}
		line := 0
		for _, s := range sites {
			if fault, bad := s.Fault.(Fault); bad && fault.Row {
				checkFaulty(t, s)
				continue
			}
			checkSite(t, s)
			checkOwnName(t, s)
			if s.Pos.File != file || s.Pos.Line < line || s.Fault != nil {
				t.Errorf("behind line %d: %+v", line, s)
			}
			line = s.Pos.Line
		}
		for _, fault := range faults {
			if fault.File != file || fault.Msg == "" || checkText(fault.Msg) != nil || strings.ContainsAny(fault.Msg, "\n\t") {
				t.Errorf("fault %+v", fault)
			}
		}
		compareWithStream(t, list)
	})
}

// hostLike finds what a reader would take for a host in a name.
var hostLike = regexp.MustCompile(`(?i)(?:^|[^\pL\pM\pN\p{Cf}._-])((?:[a-z0-9][a-z0-9-]*\.)+(?:org|com|test|nz))(?:$|[^\pL\pM\pN\p{Cf}._-])`)

// checkOwnName: no site is visited under a name that holds another host. It
// asks more simply than the code does, and so of fewer names.
func checkOwnName(t *testing.T, s visit.Site) {
	u, err := browser.ParseURL(s.URL)
	if err != nil || asciiHost(s.Name) == strings.TrimSuffix(u.Hostname(), ".") {
		return // checkSite tells, or the host is the name
	}
	visited := strings.ToLower(u.Hostname())
	for _, m := range hostLike.FindAllStringSubmatch(s.Name, -1) {
		h := strings.ToLower(m[1])
		last := m[1][strings.LastIndexByte(m[1], '.')+1:]
		asName := last != strings.ToLower(last) && last != strings.ToUpper(last) // Mr.Org
		if !asName && !isSuffix(h) && !strings.HasSuffix("."+strings.TrimSuffix(visited, "."), "."+h) {
			t.Errorf("%s is visited as %q", s.URL, s.Name)
		}
	}
}

// compareWithStream: what is streamed is what would be parsed, faults in place.
func compareWithStream(t *testing.T, list []byte) {
	if bytes.IndexByte(list, 0) >= 0 { // Parse gives up on it, Stream does not
		for s := range new(Reader).Stream(bytes.NewReader(list)) {
			checkFaulty(t, s)
		}
		return
	}
	sites, faults := Parse(bytes.NewReader(list), "-")
	var streamed []visit.Site
	var streamedFaults []Fault
	for s := range new(Reader).Stream(bytes.NewReader(list)) {
		checkFaulty(t, s)
		if fault, bad := s.Fault.(Fault); bad && fault.Line == 0 {
			return // Parse gives that alone
		}
		if fault, _ := s.Fault.(Fault); s.Fault == nil || fault.Row {
			streamed = append(streamed, s)
		} else {
			streamedFaults = append(streamedFaults, s.Fault.(Fault))
		}
	}
	if len(sites)+len(streamedFaults) == 0 {
		faults = nil // that there is no site
	}
	if diff := cmp.Diff(sites, streamed); diff != "" || !slices.Equal(faults, streamedFaults) {
		t.Errorf("sites: %s\nfaults: %s", diff, cmp.Diff(faults, streamedFaults))
	}
}

func checkFaulty(t *testing.T, s visit.Site) {
	if s.Fault != nil && checkText(s.Group+s.Name+s.URL) != nil {
		t.Errorf("a record cannot show %+v", s)
	}
}

// A list of a million names is to be read in about a second.
func BenchmarkParse(b *testing.B) {
	const lines = 1_000_000
	var plain, named, csv bytes.Buffer
	for i := range lines {
		fmt.Fprintf(&plain, "site%d.example.org\n", i)
		fmt.Fprintf(&named, "The Bank No %d   https://www.site%d.example.org/login\n", i, i)
		fmt.Fprintf(&csv, "%d,site%d.example.org\n", i+1, i)
	}
	for _, list := range []struct {
		file string
		data []byte
	}{{"plain.txt", plain.Bytes()}, {"named.txt", named.Bytes()}, {"tranco.csv", csv.Bytes()}} {
		b.Run(list.file, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(list.data)))
			for b.Loop() {
				if sites, faults := Parse(bytes.NewReader(list.data), list.file); len(sites) != lines || faults != nil {
					b.Fatal(len(sites), faults)
				}
			}
		})
	}
	b.Run("check", func(b *testing.B) { // as the program reads a file
		b.ReportAllocs()
		b.SetBytes(int64(named.Len()))
		for b.Loop() {
			if l := new(Reader).Check(named.Bytes(), "named.txt", new(Once)); l.Sites != lines {
				b.Fatal(l.Sites, l.Faults)
			}
		}
	})
	b.Run("stream", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(plain.Len()))
		for b.Loop() {
			n := 0
			for range new(Reader).Stream(bytes.NewReader(plain.Bytes())) {
				n++
			}
			if n != lines {
				b.Fatal(n)
			}
		}
	})
}

// FuzzRoundTrip: what a list can hold is written as a heading and a line that give
// the same site again.
func FuzzRoundTrip(f *testing.F) {
	for _, seed := range [][2]string{
		{"New Zealand", "ASB"}, {"[x]", "# x"}, {"Korea [South]", "[Closed] Bank"}, {"a]", "1. FC"}, {"", "- x -"}, {`"x"`, `"x"`}, {`""`, `''`},
		{"::1", "require: x"}, {"{a}", "a https://a.org/"}, {"[a](b)", "note: n"}, {"#", "a.org"}, {"“a”", "«“»"}, {"x", "ASB:"}, {"a, b", "a, b;"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, group, name string) {
		var table bytes.Buffer
		w := csv.NewWriter(&table)
		w.WriteAll([][]string{{"url", "name", "group"}, {"https://a.org/", name, group}})
		sites, faults := Parse(&table, "-")
		if len(sites) != 1 || len(faults) > 0 {
			t.Skip()
		}
		s := sites[0]
		text := Heading(s.Group) + "\n" + Line(s) + "\n"
		again, faults := Parse(strings.NewReader(text), "-")
		if len(faults) > 0 {
			t.Fatalf("%q: %v", text, faults)
		}
		if got := again[len(again)-1]; got.Group != s.Group || got.Name != s.Name || got.URL != s.URL {
			t.Errorf("%q gives group %q, name %q, %s; want %q, %q", text, got.Group, got.Name, got.URL, s.Group, s.Name)
		}
	})
}
