package report

import (
	"encoding/xml"
	"strings"
	"testing"

	"hsts-check/audit"
)

// A junitRead is what a reader of JUnit's XML finds, whoever wrote it.
type junitRead struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Suites   []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Cases    []struct {
			Class   string      `xml:"classname,attr"`
			Name    string      `xml:"name,attr"`
			File    string      `xml:"file,attr"`
			Line    string      `xml:"line,attr"`
			Time    string      `xml:"time,attr"`
			Failure []faultRead `xml:"failure"`
			Error   []faultRead `xml:"error"`
			Output  string      `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type faultRead struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func readJUnit(t *testing.T, out string) junitRead {
	t.Helper()
	var read junitRead
	decoder := xml.NewDecoder(strings.NewReader(out))
	if err := decoder.Decode(&read); err != nil {
		t.Fatalf("%v in %.300q", err, out)
	}
	if rest := out[decoder.InputOffset():]; rest != "\n" {
		t.Errorf("more behind the end: %.300q", rest)
	}
	return read
}

func TestJUnitFailsWhereTheGateDoes(t *testing.T) {
	bar, err := audit.ParseBar("max-age=31536000; includeSubDomains")
	if err != nil {
		t.Fatal(err)
	}
	unprobed, err := audit.ParseBar("internetnl")
	if err != nil {
		t.Fatal(err)
	}
	gates := map[string]audit.Gate{
		"nothing asked":           {},
		"a policy":                {Bars: []audit.Bar{bar}},
		"what cannot be told":     {Bars: []audit.Bar{unprobed}},
		"two bars":                {Bars: []audit.Bar{unprobed, bar}},
		"errors":                  {Severity: audit.SeverityError},
		"warnings":                {Severity: audit.SeverityWarning},
		"everything":              {Severity: audit.SeverityInfo},
		"a rule":                  {Rules: []string{"max-age-short"}},
		"a bar and a severity":    {Bars: []audit.Bar{bar}, Severity: audit.SeverityInfo},
		"regressions, none found": {Regressions: true},
	}
	results := append(survey(), sites()...)
	for name, gate := range gates {
		t.Run(name, func(t *testing.T) {
			read := readJUnit(t, written(t, format(t, "junit"), results, Options{Gate: gate}))
			byGroup := make(map[string]int) // the next case of a group
			failures, errors := 0, 0
			for _, r := range results {
				for _, s := range read.Suites {
					if s.Name != r.Group {
						continue
					}
					c := s.Cases[byGroup[r.Group]]
					byGroup[r.Group]++
					missing := gate.Judge(r)
					failed, unknown := len(missing.Missing) > 0, missing.Unknown || r.Verdict == audit.Unknown
					if len(c.Failure) > 0 != failed || len(c.Error) > 0 != (unknown && !failed) {
						t.Errorf("%s: %d failures and %d errors, the gate says %+v", c.Name, len(c.Failure), len(c.Error), missing)
					}
					failures, errors = failures+len(c.Failure), errors+len(c.Error)
					var messages []string
					for _, m := range missing.Missing {
						messages = append(messages, m.Message)
					}
					if failed && (c.Failure[0].Message != strings.Join(messages, "; ") || strings.Count(c.Failure[0].Text, "\n") != len(missing.Missing)) {
						t.Errorf("%s: fails for %+v, the gate says %q", c.Name, c.Failure, messages)
					}
				}
			}
			if read.Tests != len(results) || read.Failures != failures || read.Errors != errors {
				t.Errorf("counted %d tests, %d failures, %d errors, want %d, %d, %d", read.Tests, read.Failures, read.Errors, len(results), failures, errors)
			}
		})
	}
}

func TestJUnitCases(t *testing.T) {
	read := readJUnit(t, written(t, format(t, "junit"), sites(), gated(t)))
	suite := read.Suites[0]
	if suite.Name != "Sites" || suite.Tests != 3 || suite.Failures != 1 || suite.Errors != 1 {
		t.Errorf("suite %q has %d tests, %d failures, %d errors", suite.Name, suite.Tests, suite.Failures, suite.Errors)
	}
	weak, strong, down := suite.Cases[0], suite.Cases[1], suite.Cases[2]
	if weak.Class != "Sites" || weak.Name != "Weak https://weak.test/" || weak.File != "sites.txt" || weak.Line != "1" || weak.Time != "0.042" {
		t.Errorf("got %+v", weak)
	}
	failure := "max-age under 1 year; no includeSubDomains\nregression: weakened its policy: "
	if len(weak.Failure) != 1 || weak.Failure[0].Type != "protected" || !strings.HasPrefix(weak.Failure[0].Text, failure) {
		t.Errorf("failures %+v, want one that begins %q", weak.Failure, failure)
	}
	if want := "verdict: protected\nwarning: weak.test sends max-age=300 ]]> " + `[\x5bATTACHMENT|x]]` + " (max-age-short)\n"; weak.Output != want {
		t.Errorf("output %q, want %q", weak.Output, want)
	}
	if len(strong.Failure)+len(strong.Error) > 0 || strong.Output != "verdict: protected\n" {
		t.Errorf("got %+v", strong)
	}
	if want := (faultRead{"could not be judged (refused): connection refused", "refused", "could not be judged (refused): connection refused\n"}); len(down.Error) != 1 || down.Error[0] != want {
		t.Errorf("errors %+v, want %+v", down.Error, want)
	}
}

func TestJUnitSetsCasesApart(t *testing.T) {
	here, there := sites()[0], sites()[0]
	here.Vantage, there.Vantage = "akl", "fra"
	alone := sites()[0]
	alone.Group, alone.Source, alone.Name = "", nil, ""
	alone.Exchanges = []audit.Exchange{{MS: 1_002}, {MS: -5}, {MS: 59_000}}
	read := readJUnit(t, written(t, format(t, "junit"), []audit.Result{here, alone, there}, Options{}))
	first, second := read.Suites[0], read.Suites[1]
	if len(first.Cases) != 2 || first.Cases[0].Name == first.Cases[1].Name {
		t.Errorf("one site seen from two places: %+v", first.Cases)
	}
	if c := second.Cases[0]; c.Class == "" || c.Name != "https://weak.test/" || c.File != "" || c.Line != "" || c.Time != "60.002" {
		t.Errorf("a site named as an argument: %+v", c)
	}
	if read := readJUnit(t, written(t, format(t, "junit"), nil, Options{})); read.Tests != 0 || len(read.Suites) != 0 {
		t.Errorf("no sites: %+v", read)
	}
}

func TestHostileJUnit(t *testing.T) {
	check := func(t *testing.T, s string) {
		results := hostile(s)
		results[1].Verdict = audit.Unknown
		for _, opt := range []Options{{}, {Gate: audit.Gate{Severity: audit.SeverityInfo}}} {
			out := written(t, format(t, "junit"), results, opt)
			if bad := actors(out); bad != "" {
				t.Error(bad)
			}
			if len(out) > 200_000 {
				t.Errorf("%d bytes", len(out))
			}
			read := readJUnit(t, out)
			if len(read.Suites) != 2 || len(read.Suites[0].Cases) != 1 || len(read.Suites[1].Cases) != 1 {
				t.Fatalf("not a case a site: %+v", read)
			}
			if strings.Contains(read.Suites[0].Cases[0].Output, "[[") {
				t.Error("an attachment is ordered")
			}
			if n := strings.Count(out, "<"); n > 60 { // elements and CDATA sections are all that is left
				t.Errorf("%d times <", n)
			}
		}
	}
	for name, s := range nasty {
		t.Run(name, func(t *testing.T) { check(t, s) })
	}
	for _, s := range []string{"a]]>b", "]]><failure/>", "]]", "\ufffe\uffff", "[[ATTACHMENT|/etc/passwd]]", "[[[[x", "<![CDATA["} {
		t.Run(s, func(t *testing.T) { check(t, s) })
	}
}
