package lists

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseCSV(t *testing.T) {
	for _, test := range []struct {
		name, list string
		want       []row
	}{
		{"rank and domain, as in the Tranco list", "1,google.com\r\n2,r3---sn.example.org\r\n3,a_b.example.org\r\n", []row{
			{1, "list", "google.com", "https://google.com"}, {2, "list", "r3---sn.example.org", "https://r3---sn.example.org"},
			{3, "list", "a_b.example.org", "https://a_b.example.org"}}},
		{"a header, columns in any order and case, others skipped", "\ufeffNote,URL,Country,Name,Seen\nx,https://a.org/login,New Zealand,ASB,2026\n,b.org,,,\n", []row{
			{2, "New Zealand", "ASB", "https://a.org/login"}, {3, "list", "b.org", "https://b.org"}}},
		{"domain", "domain\na.org\n", []row{{2, "list", "a.org", "https://a.org"}}},
		{"hostname", "name,hostname\nA,a.org\n", []row{{2, "list", "A", "https://a.org"}}},
		{"url goes before domain and host, group before country", "host,domain,url,country,group\nh.org,d.org,u.org,C,G\n", []row{{2, "G", "u.org", "https://u.org"}}},
		{"lines are the file's, with comments, blank lines and line breaks in quotes", "# banks\n\nurl,note\n\"a.org\",\"one\ntwo\"\n# c\n\nb.org,\n", []row{
			{4, "list", "a.org", "https://a.org"}, {8, "list", "b.org", "https://b.org"}}},
		{"separators and quotes in cells", "name,url\n\"Bank, \"\"The\"\"\",\"https://a.org/?q=1,2\"\n", []row{{2, "list", `Bank, "The"`, "https://a.org/?q=1,2"}}},
		{"semicolons", "# a, b\nname;url\nA, B;https://a.org/,x\n", []row{{3, "list", "A, B", "https://a.org/,x"}}},
		{"tabs", "name\turl\nA\thttps://a.org\n", []row{{2, "list", "A", "https://a.org"}}},
		{"one column, with separators in URLs", "url\na.org/;x\n", []row{{2, "list", "a.org", "https://a.org/;x"}}},
		{"no header", "ASB,https://a.org\n\"ANZ, \"\"the\"\" bank\",https://b.org\n", []row{{1, "list", "ASB", "https://a.org"}, {2, "list", `ANZ, "the" bank`, "https://b.org"}}},
		{"rows of nothing, and a row shorter than the header", ",,\nurl,name,note\n,,\na.org\n , ,\n", []row{{4, "list", "a.org", "https://a.org"}}},
		{"empty cells behind the header's last", "url,name\na.org,A,,\n", []row{{2, "list", "A", "https://a.org"}}},
		{"blanks around cells", "url , name\n a.org\t,  The  Bank \n", []row{{2, "list", "The Bank", "https://a.org"}}},
		{"the report of a survey", "group,name,url,verdict\nNew Zealand,ASB,https://a.org/,protected\n", []row{{2, "New Zealand", "ASB", "https://a.org/"}}},
		{"other cells may hold anything", "url,memo\na.org,\xff\x1b\n", []row{{2, "list", "a.org", "https://a.org"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			sites, faults := Parse(strings.NewReader(test.list), "list.CSV")
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			if diff := cmp.Diff(test.want, rowsOf(sites), cmp.AllowUnexported(row{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseCSVFaults(t *testing.T) {
	for _, test := range []struct{ name, list, want string }{
		{"nothing in it", "", `list.csv: no site in it: write one a line, a name and a URL, or a host name`},
		{"a header only", "url,name\n,,\n", `list.csv: no site in it: write one a line, a name and a URL, or a host name`},
		{"all at once, on the file's lines", "name,url\nA,\n\"B\nB\",b.org\nC,ftp://c.org\n# D\nE,Foo\nF,f.org,x\n\xff,g.org\nH\",h.org\n", `list.csv:2: no URL: cell 2 is empty
list.csv:3: the control character '\n': take it out
list.csv:5: "ftp://c.org" has the scheme "ftp": write https or http
list.csv:7: "Foo" is neither a URL nor a host name with a dot: where it is a host, write https://Foo
list.csv:8: 3 cells under a header of 2: put a cell that holds a separator in quotes
list.csv:9: the byte 0xff is not UTF-8: save the list as UTF-8
list.csv:10: bare " in non-quoted-field: put the cell in quotes and double each quote in it`},
		{"a quote that is not closed", "url\na.org\n\"b.org\nc.org\n", `list.csv:3: extraneous or missing " in quoted-field: put the cell in quotes and double each quote in it`},
		{"a control character in a group", "url,group\na.org,A\x1b[0m\n", `list.csv:2: the control character '\x1b': take it out`},
		{"a rank without domain", "1,a.org\n2\n", `list.csv:2: no URL: cell 2 is empty`},
		{"two words", "url\nFoo bar.org\n", `list.csv:2: "Foo bar.org" is not a URL: it has a blank in it`},
		{"a row that is too long", "url,note\na.org," + strings.Repeat("x", maxLine) + "\n", `list.csv:2: the row is longer than 65536 bytes: close its quotes`},
		{"a binary file: one fault", "PK\n\"\xff\nx\x00\n", `list.csv:3: a NUL byte: this is no list, or a text that was not saved as UTF-8`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, faults := Parse(strings.NewReader(test.list), "list.csv")
			compareFaults(t, test.want, faults)
		})
	}
}
