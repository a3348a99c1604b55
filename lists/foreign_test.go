package lists

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestForeign: what is no list is named as what it is, alone, in a file and in a
// stream.
func TestForeign(t *testing.T) {
	packed := func(name string) string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, part := range []string{"[Content_Types].xml", "_rels/.rels", name} {
			f, err := w.Create(part)
			if err != nil {
				t.Fatal(err)
			}
			f.Write([]byte("a.test"))
		}
		w.Close()
		return b.String()
	}
	var tarred bytes.Buffer
	w := tar.NewWriter(&tarred)
	w.WriteHeader(&tar.Header{Name: "list.txt", Size: 7, Mode: 0o644})
	w.Write([]byte("a.test\n"))
	w.Close()
	for _, test := range []struct{ list, want string }{
		{"<!DOCTYPE html>\n<html><body><a href=\"https://a.test\">a</a></body></html>", "this is an HTML page, not a list: write the addresses in it into a list, one a line"},
		{"\n <html lang=en>\na.test", "this is an HTML page, not a list: write the addresses in it into a list, one a line"},
		{"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "this is a PDF, not a list: copy the list out of it as plain text"},
		{packed("xl/workbook.xml"), "this is an Excel workbook, not a list: save its sheet as CSV"},
		{packed("list.txt"), "this is a ZIP archive, not a list: unpack it and name the list in it"},
		{tarred.String(), "this is a tar archive, not a list: unpack it and name the list in it"},
		{"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "this is an image, not a list: name a list"},
		{"BZh91AY&SY\x00", "this is packed with bzip2, not a list: unpack it, or stream it: bzip2 -dc FILE | hsts-check -"},
		{"\x1f\x8bnot gzip", "it cannot be unpacked: gzip: invalid header"},
		{`<?xml version="1.0"?><rss version="2.0"></rss>`, `this is XML of another kind, with the root "rss": sitemaps and OPML are read`},
		{`<sitemapindex><sitemap><loc>https://a.test/s.xml</loc></sitemap></sitemapindex>`, "this is an index of sitemaps: name the sitemaps in it"},
		{`{"schema":2,"id":"5f0c0f3f9b1d2a77","name":"a.test","url":"https://a.test","verdict":"absent","exchanges":[{"url":"https://a.test"}]}` + "\n",
			"these are records of hsts-check, not a list: hsts-check report list"},
		{`{"schema":2,"totals":{"sites":1},"results":[{"schema":2,"id":"5f0c0f3f9b1d2a77","url":"https://a.test","verdict":"absent"}]}`,
			"this is a report of hsts-check: save records with -f ndjson, and report those"},
		{`{ "log": {"version": "1.2", "entries": [{"request": {"url": "https://a.test"}}]}}`, "this is a HAR file, not a list: hsts-check report list"},
		{"{\n \"log\": {\n  \"entries\": [", "this is a HAR file, not a list: hsts-check report list"},
		{`{"a":1}`, `it is not clear which column has the URLs: there are "a": say which with --columns url=NAME`},
		{`[{"a":"https://a.test","b":"https://b.test"}]`, `each of "a", "b" may be the one with the URLs: say which with --columns url=NAME`},
		{`{"a":[1,2]}`, `it is not clear which column has the URLs: there are "a": say which with --columns url=NAME`},
		{`[{"url":"a.test"},}`, `list:1: what follows is no JSON: invalid character '}' looking for beginning of value`},
		{"Name;Umsatz\nASB;3\nBNZ;4\n", `it is not clear which column has the URLs: there are "Name", "Umsatz": say which with --columns url=NAME`},
		{"old website,new website\nhttps://a.test,https://b.test\n", `each of "old website", "new website" may be the one with the URLs: say which with --columns url=NAME`},
		{"A,B\nhttps://a.test,https://b.test\n", `each of "A", "B" may be the one with the URLs: say which with --columns url=NAME`},
	} {
		_, faults := Parse(strings.NewReader(test.list), "list")
		if len(faults) != 1 || faults[0].Error() != "list: "+test.want && faults[0].Error() != test.want {
			t.Errorf("%.40q: %v\nwant %s", test.list, faults, test.want)
		}
		streamed := slices.Collect(new(Reader).Stream(strings.NewReader(test.list)))
		if last := streamed[len(streamed)-1]; last.Fault == nil {
			t.Errorf("%.40q, streamed: %+v", test.list, streamed)
		}
	}
}

func TestColumns(t *testing.T) {
	const list = "old,new,who,where\nhttps://a.test,https://b.test,ASB,NZ\n"
	for _, test := range []struct {
		list    string
		columns Columns
		want    string
	}{
		{list, Columns{"url": "new", "name": "WHO", "group": "where"}, "NZ ASB https://b.test"},
		{list, Columns{"url": "1", "name": ""}, "list a.test https://a.test"},
		{list, Columns{"url": "old", "name": "3"}, "list ASB https://a.test"},
		{list, Columns{"url": "link"}, `list: --columns url=link: there is no such column; there are "old", "new", "who", "where"`},
		{"ASB\ta.test\tb.test\n", Columns{"url": "3", "name": "1"}, "list ASB https://b.test"},
		{`[{"old":"a.test","new":"b.test"}]`, Columns{"url": "new"}, "list b.test https://b.test"},
		{`{"old":"a.test","new":"b.test"}`, Columns{"url": "x"}, `list: --columns url=x: there is no such column; there are "old", "new"`},
		{"| old | new |\n|--|--|\n| a.test | b.test |\n", Columns{"url": "new"}, "list b.test https://b.test"},
		{"[NZ]\nASB a.test\n", Columns{"url": "new"}, "NZ ASB https://a.test"},
		{"url,name\nhttps://b.test,a.test\n", Columns{"name": ""}, "list b.test https://b.test"},
	} {
		sites, faults := (&Reader{Columns: test.columns}).Parse(strings.NewReader(test.list), "list")
		got := ""
		for _, s := range sites {
			got += s.Group + " " + s.Name + " " + s.URL
		}
		for _, f := range faults {
			got += f.Error()
		}
		if got != test.want {
			t.Errorf("%q by %v:\n got %s\nwant %s", test.list, test.columns, got, test.want)
		}
	}
}
