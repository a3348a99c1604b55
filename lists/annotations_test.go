package lists

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/visit"
)

// said writes what a list says with its sites, a line each.
func said(sites []visit.Site) string {
	var b strings.Builder
	for _, s := range sites {
		b.WriteString(s.Name)
		if t := s.Terms; t != nil {
			for _, r := range t.Require {
				b.WriteString(" | require " + r.Bar)
			}
			for _, w := range t.Allow {
				b.WriteString(" | allow " + w.What + " until <" + w.Until + "> because <" + w.Reason + ">")
			}
			if t.Note != "" {
				b.WriteString(" | note " + t.Note)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestAnnotations(t *testing.T) {
	for _, test := range []struct{ name, list, want string }{
		{"nothing", "a.org", "a.org\n"},
		{"a bar", "a.org\n  require: max-age=31536000; includeSubDomains\nb.org", "a.org | require max-age=31536000; includeSubDomains\nb.org\n"},
		{"two bars", "a.org\n  require: owasp\n  require: max-age=1", "a.org | require owasp | require max-age=1\n"},
		{"a waiver", "a.org\n\tallow: max-age-short", "a.org | allow max-age-short until <> because <>\n"},
		{"a waiver with a day", "a.org\n  allow: max-age-short until 2027-03-01", "a.org | allow max-age-short until <2027-03-01> because <>\n"},
		{"a waiver with a reason", "a.org\n  allow: max-age-short, until we know, or not", "a.org | allow max-age-short until <> because <until we know, or not>\n"},
		{"a waiver with both", "a.org\n  allow:  max-age-short   until 2027-03-01 ,  legacy  printer ", "a.org | allow max-age-short until <2027-03-01> because <legacy printer>\n"},
		{"a bar that is waived", "a.org\n  allow: max-age=1; preload until 2027-03-01, x", "a.org | allow max-age=1; preload until <2027-03-01> because <x>\n"},
		{"a note with a URL", "a.org\n  note: see https://x.org", "a.org | note see https://x.org\n"},
		{"several notes", "a.org\n  note: one\n  note: two", "a.org | note one; two\n"},
		{"the key in capitals, and no blank", "a.org\n  Note:x\n  ALLOW:max-age-short", "a.org | allow max-age-short until <> because <> | note x\n"},
		{"the heading's are all its sites'", "[A]\n  require: owasp\n  note: n\na.org\nb.org\n[B]\nc.org", "a.org | require owasp | note n\nb.org | require owasp | note n\nc.org\n"},
		{"below a heading's empty line", "[A]\n\n  require: owasp\n\na.org", "a.org | require owasp\n"},
		{"a site's own bars take the place of the heading's", "[A]\n  require: owasp\n  require: rfc6797\na.org\n  require: max-age=1\n  require: max-age=2\nb.org",
			"a.org | require max-age=1 | require max-age=2\nb.org | require owasp | require rfc6797\n"},
		{"all else adds up", "[A]\n  allow: max-age-short\n  note: h\na.org\n  allow: header-absent\n  note: a\nb.org\n  allow: field-repeated",
			"a.org | allow max-age-short until <> because <> | allow header-absent until <> because <> | note h; a\nb.org | allow max-age-short until <> because <> | allow field-repeated until <> because <> | note h\n"},
		{"sites do not write into each other's", "[A]\n  allow: a\n  allow: b\n  allow: c\na.org\n  allow: x\nb.org\n  allow: y",
			"a.org | allow a until <> because <> | allow b until <> because <> | allow c until <> because <> | allow x until <> because <>\n" +
				"b.org | allow a until <> because <> | allow b until <> because <> | allow c until <> because <> | allow y until <> because <>\n"},
		{"comments between", "a.org\n# c\n  # note: c\n  note: n", "a.org | note n\n"},
		{"BOM and CRLF", "\ufeff[A]\r\n  require: owasp\r\na.org\r\n\u3000note: n\r\n", "a.org | require owasp | note n\n"},
		{"sites may be indented", "[A]\n  a.org\n    note: n\n  B  b.org\n  ASB: https://c.org\n  The X: Y https://d.org\n  e.org:8443\n  https://f.org\n  note://x.org/",
			""},
	} {
		t.Run(test.name, func(t *testing.T) {
			sites, faults := Parse(strings.NewReader(test.list), "list.txt")
			if test.want == "" { // the last line is none
				test.want = "a.org | note n\nB\nASB\nThe X: Y\ne.org\nf.org\n"
				faults = faults[1:]
			}
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			if diff := cmp.Diff(test.want, said(sites)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnnotationLines(t *testing.T) {
	sites, _ := Parse(strings.NewReader("[A]\n  require: owasp\n  allow: x\na.org\n  allow: y\n"), "list.txt")
	terms := sites[0].Terms
	if terms.Require[0].Line != 2 || terms.Allow[0].Line != 3 || terms.Allow[1].Line != 5 {
		t.Errorf("%+v", terms)
	}
}

func TestAnnotationFaults(t *testing.T) {
	const none = ` is about the site or heading directly above it, and there is none: put it below one`
	for _, test := range []struct{ name, list, want string }{
		{"above all", "  require: owasp\na.org", `list.txt:1: "require:"` + none},
		{"behind an empty line", "[A]\na.org\n\n  note: n", `list.txt:4: "note:"` + none},
		{"not indented", "a.org\nnote: see b.org", `list.txt:2: "note:" at the start of a line: indent it to apply it to the site or heading above`},
		{"no such key", "a.org\n  reqire: owasp\n  notes: see https://x.org\n  ASB: the bank https://x.org\n  url: https://x.org\nb.org",
			`list.txt:2: unknown key "reqire": write require, allow or note, or delete the colon if it is a site's name
list.txt:3: unknown key "notes": write require, allow or note, or delete the colon if it is a site's name
list.txt:4: unknown key "ASB": write require, allow or note, or delete the colon if it is a site's name
list.txt:5: unknown key "url": write require, allow or note, or delete the colon if it is a site's name`},
		{"no value", "a.org\n  note:\n  allow: ,x\n  allow: until 2027-03-01", `list.txt:2: "note:" has no value: add one, or delete the line
list.txt:3: "allow:" names nothing: write a rule or a bar, as in "allow: max-age-short until 2027-03-01, reason"
list.txt:4: "allow:" names nothing: write a rule or a bar, as in "allow: max-age-short until 2027-03-01, reason"`},
		{"a bad date", "a.org\n  allow: x until 2027-02-30\n  allow: x until 1.3.2027, r\n  allow: x until 2027-03-01 no comma\n  allow: x until",
			`list.txt:2: "2027-02-30" after "until" is not a date: write it as in "until 2027-03-01, reason"
list.txt:3: "1.3.2027" after "until" is not a date: write it as in "until 2027-03-01, reason"
list.txt:4: "2027-03-01 no comma" after "until" is not a date: write it as in "until 2027-03-01, reason"
list.txt:5: "" after "until" is not a date: write it as in "until 2027-03-01, reason"`},
		{"a control character", "[A]\n  note: \x1b[2J\na.org", `list.txt:2: the control character '\x1b': take it out`},
		{"more than fits in a record", "[A]\n  note: " + strings.Repeat("n", maxTerms-len("; ")) + "\na.org\n  allow: x\n  allow: y, z\nb.org",
			`list.txt:5: the indented lines of a site and its heading take more than 16 KiB: shorten it`},
		{"below a faulty site, in order", "a.org\nFoo Bar\n  note: n\n  allow: ,\nb.org", `list.txt:2: "Foo Bar" has no URL: write it after the name; a heading is [Foo Bar], a host without a dot https://Bar
list.txt:4: "allow:" names nothing: write a rule or a bar, as in "allow: max-age-short until 2027-03-01, reason"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			sites, faults := Parse(strings.NewReader(test.list), "list.txt")
			compareFaults(t, test.want, faults)
			if !slices.ContainsFunc(sites, func(s visit.Site) bool { return s.Name == "a.org" }) {
				t.Errorf("the good site is lost: %+v", sites)
			}
		})
	}
}

// TestAnnotationsOfAFaultyHeading are not those of the group above.
func TestAnnotationsOfAFaultyHeading(t *testing.T) {
	list := "[A]\n  require: owasp\na.org\n[B\n  note: n\nb.org\n"
	sites := slices.Collect(new(Reader).Stream(strings.NewReader(list)))
	if got := said(sites); got != "a.org | require owasp\n[B\nb.org | note n\n" {
		t.Errorf("%s", got)
	}
}

func TestAnnotationsInCSV(t *testing.T) {
	list := "url,require,allow,note\n" +
		"a.org,owasp,\"max-age-short until 2027-03-01, legacy\",\"looked at\nwith a browser\"\n" +
		"b.org,,\"max-age-short\n\nheader-absent, why\",\n" +
		"c.org\n"
	sites, faults := Parse(strings.NewReader(list), "list.csv")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := "a.org | require owasp | allow max-age-short until <2027-03-01> because <legacy> | note looked at with a browser\n" +
		"b.org | allow max-age-short until <> because <> | allow header-absent until <> because <why>\nc.org\n"
	if diff := cmp.Diff(want, said(sites)); diff != "" {
		t.Error(diff)
	}
	_, faults = Parse(strings.NewReader("url,allow,note\na.org,x until then,\nb.org,,\x07\n"), "list.csv")
	compareFaults(t, `list.csv:2: "then" after "until" is not a date: write it as in "until 2027-03-01, reason"
list.csv:3: the control character '\a': take it out`, faults)
}
