package lists

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"hsts-check/visit"
)

// row is a site without its file, which is the same for all of a list.
type row struct {
	line             int
	group, name, url string
}

func rowsOf(sites []visit.Site) []row {
	var rows []row
	for _, s := range sites {
		rows = append(rows, row{s.Pos.Line, s.Group, s.Name, s.URL})
	}
	return rows
}

func TestParse(t *testing.T) {
	for _, test := range []struct {
		name, list string
		want       []row
	}{
		{"the list of the documentation", "# comments and blank lines are skipped; a heading starts a group\n[New Zealand]\n" +
			"ASB              https://online.asb.co.nz/auth/\nSBS (Community)  https://ibank.sbs.net.nz/ui/inetbankindex.aspx\n\nexample.org\n",
			[]row{{3, "New Zealand", "ASB", "https://online.asb.co.nz/auth/"},
				{4, "New Zealand", "SBS (Community)", "https://ibank.sbs.net.nz/ui/inetbankindex.aspx"},
				{6, "New Zealand", "example.org", "https://example.org"}}},
		{"no heading: the file's name", "a.org", []row{{1, "list", "a.org", "https://a.org"}}},
		{"rows above the first heading", "a.org\n[B]\nb.org\n", []row{{1, "list", "a.org", "https://a.org"}, {3, "B", "b.org", "https://b.org"}}},
		{"BOM and CRLF", "\ufeff[A]\r\na.org\r\n\r\n# c\r\nB  b.org\r\n", []row{{2, "A", "a.org", "https://a.org"}, {5, "A", "B", "https://b.org"}}},
		{"BOM before the only row", "\ufeffa.org", []row{{1, "list", "a.org", "https://a.org"}}},
		{"BOM where two files were put together", "a.org\n\ufeff[B]\nb.org", []row{{1, "list", "a.org", "https://a.org"}, {3, "B", "b.org", "https://b.org"}}},
		{"blanks around, a tab between", " [ A  B ] \n\tThe  Bank\t \ta.org \n", []row{{2, "A B", "The Bank", "https://a.org"}}},
		{"no-break and ideographic space, as pasted", "Bank\u00a0A\u00a0a.org\n銀行\u3000b.org", []row{
			{1, "list", "Bank A", "https://a.org"}, {2, "list", "銀行", "https://b.org"}}},
		{"a group again and duplicates are kept", "[A]\na.org\n[B]\na.org\n[A]\na.org", []row{
			{2, "A", "a.org", "https://a.org"}, {4, "B", "a.org", "https://a.org"}, {6, "A", "a.org", "https://a.org"}}},
		{"a group without a site", "[A]\n[B]\nb.org", []row{{3, "B", "b.org", "https://b.org"}}},
		{"names of any script", "[Ngā pēke]\nTe Pēke o Aotearoa https://a.org\n中国银行 https://b.org\nمصرف الراجحي https://c.org\n🏦 d.org", []row{
			{2, "Ngā pēke", "Te Pēke o Aotearoa", "https://a.org"}, {3, "Ngā pēke", "中国银行", "https://b.org"},
			{4, "Ngā pēke", "مصرف الراجحي", "https://c.org"}, {5, "Ngā pēke", "🏦", "https://d.org"}}},
		{"punctuation in names", "Bank #1, \"[old]\" & <co>; C# | 50 % a.org", []row{{1, "list", `Bank #1, "[old]" & <co>; C# | 50 %`, "https://a.org"}}},
		{"the name may look like a host", "Booking.com https://www.booking.com", []row{{1, "list", "Booking.com", "https://www.booking.com"}}},
		{"an IPv6 address is no heading", "[2001:db8::1]\n[::1]:8443/x\n[1:2:3]\na.org", []row{
			{1, "list", "2001:db8::1", "https://[2001:db8::1]"}, {2, "list", "::1", "https://[::1]:8443/x"}, {4, "1:2:3", "a.org", "https://a.org"}}},
		{"a fragment and a query are no comment", "https://a.org/#!/login\nb.org/?q=#x", []row{
			{1, "list", "a.org", "https://a.org/#!/login"}, {2, "list", "b.org", "https://b.org/?q=#x"}}},
		{"a comment may be anything", "a.org\n# \xff \x07 [\n  # b.org\n", []row{{1, "list", "a.org", "https://a.org"}}},
		{"the longest line", strings.Repeat("a", maxLine-len(" a.org")) + " a.org\r\nb.org", []row{
			{1, "list", strings.Repeat("a", maxLine-len(" a.org")), "https://a.org"}, {2, "list", "b.org", "https://b.org"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			sites, faults := Parse(strings.NewReader(test.list), "some/folder/list.txt")
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			if diff := cmp.Diff(test.want, rowsOf(sites), cmp.AllowUnexported(row{})); diff != "" {
				t.Error(diff)
			}
			for _, s := range sites {
				checkSite(t, s)
			}
		})
	}
}

func TestGroupOfFile(t *testing.T) {
	for file, group := range map[string]string{
		"-": "", "banks-nz.txt": "banks-nz", "/lists/nz.banks.csv": "nz.banks", "banks": "banks", ".banks": ".banks", "ngā pēke.txt": "ngā pēke",
	} {
		sites, faults := Parse(strings.NewReader("1,a.org"), file)
		if !strings.HasSuffix(file, ".csv") {
			sites, faults = Parse(strings.NewReader("a.org"), file)
		}
		if len(faults) > 0 || sites[0].Group != group || sites[0].Pos.File != file {
			t.Errorf("%s: %+v, %v", file, sites, faults)
		}
	}
}

func TestParseFaults(t *testing.T) {
	for _, test := range []struct{ name, list, want string }{
		{"a name without URL", "Foo Bar", `list.txt:1: "Foo Bar" has no URL: write it after the name; a heading is [Foo Bar], a host without a dot https://Bar`},
		{"nothing in it", "", `list.txt: no site in it: write one a line, a name and a URL, or a host name`},
		{"comments only", "# a.org\n[A]\n\n", `list.txt: no site in it: write one a line, a name and a URL, or a host name`},
		{"an empty heading", "[  ]\na.org", `list.txt:1: the heading "[  ]" is empty: put the name of the group in it`},
		{"an unclosed heading", "[New Zealand\na.org", `list.txt:1: the heading "[New Zealand" is not closed: put a ] at its end`},
		{"something behind a heading", "[A] # b\na.org", `list.txt:1: "# b" follows a heading: give it a line of its own`},
		{"a control character in a heading", "[A\x1b[0m]\na.org", `list.txt:1: the control character '\x1b': take it out`},
		{"a control character in a name", "A\x07 a.org", `list.txt:1: the control character '\a': take it out`},
		{"a control character in a URL", "a.org/\x7f", `list.txt:1: the control character '\x7f': take it out`},
		{"line endings of old Macs", "a.org\rb.org\r", `list.txt:1: the control character '\r': take it out`},
		{"a line separator", "A\u2028B a.org", `list.txt:1: the control character '\u2028': take it out`},
		{"not UTF-8", "Peke\nT\xe9 a.org", `list.txt:1: "Peke" is neither a URL nor a host name with a dot: where it is a host, write https://Peke
list.txt:2: the byte 0xe9 is not UTF-8: save the list as UTF-8`},
		{"a comment behind a URL", "a.org # the b.org\nhttps://a.org #b\nA #b c.org", `list.txt:1: "#": a comment needs a line of its own
list.txt:2: "#b": a comment needs a line of its own
list.txt:3: "#b": a comment needs a line of its own`},
		{"two URLs", "https://a.org https://b.org", `list.txt:1: two URLs on one line, "https://a.org" and "https://b.org": give each a line`},
		{"all at once, in order", "[A\nFoo\nb.org\nftp://c.org\n[]\n", `list.txt:1: the heading "[A" is not closed: put a ] at its end
list.txt:2: "Foo" is neither a URL nor a host name with a dot: where it is a host, write https://Foo
list.txt:4: "ftp://c.org" has the scheme "ftp": write https or http
list.txt:5: the heading "[]" is empty: put the name of the group in it`},
		{"a binary file: one fault", "\x7fELF\xff\nFoo\nBar\x00\n\xff\n", `list.txt: this is a program, not a list: name a list`},
		{"a NUL byte", "a.org\nFoo\nBar\x00\n\xff\n", `list.txt:3: a NUL byte: this is no list, or a text that was not saved as UTF-8`},
		{"UTF-16 without a mark", "a\x00.\x00o\x00r\x00g\x00", `list.txt:1: a NUL byte: this is no list, or a text that was not saved as UTF-8`},
		{"a line that is too long", "a.org\n" + strings.Repeat("a", maxLine-3) + ".org\n" + strings.Repeat("b ", maxLine*2) + "\nFoo", `list.txt:2: the line is longer than 65536 bytes
list.txt:3: the line is longer than 65536 bytes
list.txt:4: "Foo" is neither a URL nor a host name with a dot: where it is a host, write https://Foo`},
		{"a long word is clipped", strings.Repeat("a", 10000), `list.txt:1: "` + strings.Repeat("a", 100) + `…": the host has 10000 characters: 253 is the most`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, faults := Parse(strings.NewReader(test.list), "list.txt")
			compareFaults(t, test.want, faults)
		})
	}
}

func compareFaults(t *testing.T, want string, faults []Fault) {
	t.Helper()
	var got []string
	for _, f := range faults {
		got = append(got, f.Error())
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), got); diff != "" {
		t.Error(diff)
	}
}

func TestParseKeepsGoodRowsBesideFaults(t *testing.T) {
	sites, faults := Parse(strings.NewReader("[A\na.org\nFoo\nb.org"), "list.txt")
	want := []row{{2, "A", "a.org", "https://a.org"}, {4, "A", "b.org", "https://b.org"}}
	if diff := cmp.Diff(want, rowsOf(sites), cmp.AllowUnexported(row{})); diff != "" || len(faults) != 2 {
		t.Error(diff, faults)
	}
}

func TestReadError(t *testing.T) {
	broken := func() io.Reader {
		return io.MultiReader(strings.NewReader("1,a.org\n2,b.o"), iotest.ErrReader(errors.New("disk on fire")))
	}
	for _, file := range []string{"list.txt", "list.csv"} {
		sites, faults := Parse(broken(), file)
		if n := len(faults); n == 0 || faults[n-1] != (Fault{File: file, Line: 2, Msg: "disk on fire"}) {
			t.Errorf("faults: %v", faults)
		}
		if slices.ContainsFunc(sites, func(s visit.Site) bool { return s.Pos.Line > 1 }) {
			t.Errorf("a torn row became a site: %v", sites)
		}
	}
}
