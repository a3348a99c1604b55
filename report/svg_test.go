package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/audit"
)

func TestSVGGolden(t *testing.T) {
	golden(t, "svg", strings.ReplaceAll(written(t, format(t, "svg"), survey(), Options{}), asset("chart.css"), "…"))
}

// wellFormed reads an SVG as XML and returns its texts by element.
func wellFormed(t *testing.T, svg string) map[string][]string {
	t.Helper()
	texts := make(map[string][]string)
	var open []string
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return texts
		}
		if err != nil {
			t.Fatalf("not XML: %v in %.2000s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) == 0 && token.Name != (xml.Name{Space: "http://www.w3.org/2000/svg", Local: "svg"}) {
				t.Fatalf("the root is %v", token.Name)
			}
			open = append(open, token.Name.Local)
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" {
					t.Errorf("<%s %s=%q>", token.Name.Local, a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				texts[open[len(open)-1]] = append(texts[open[len(open)-1]], string(token))
			}
		}
	}
}

func TestSVGHostileValues(t *testing.T) {
	for name, s := range nasty {
		t.Run(name, func(t *testing.T) {
			out := written(t, format(t, "svg"), hostile(s), Options{})
			if bad := actors(strings.ReplaceAll(out, "■", "")); bad != "" {
				t.Error(bad)
			}
			if len(out) > 20_000 {
				t.Errorf("%d bytes", len(out))
			}
			if n := len(wellFormed(t, out)["script"]); n > 0 {
				t.Error("it has a script")
			}
		})
	}
}

func TestSVGSaysWhatItShows(t *testing.T) {
	texts := wellFormed(t, written(t, format(t, "svg"), survey(), Options{}))
	groups, total := Scores(survey())
	if got := texts["title"]; len(got) != 1 || !strings.Contains(got[0], "HSTS survey of ") {
		t.Errorf("the title is %q", got)
	}
	said := strings.Join(texts["desc"], "")
	if !strings.Contains(said, total.String()) {
		t.Errorf("no score of all in %q", said)
	}
	for _, g := range groups {
		if !strings.Contains(said, groupName(g.Group)+": "+g.String()) {
			t.Errorf("no score of %s in %q", g.Group, said)
		}
	}
	if !strings.Contains(said, Leader(groups)) {
		t.Errorf("no leader in %q", said)
	}
}

func TestSVGOfFewAndMany(t *testing.T) {
	alone := []audit.Result{{Verdict: audit.Protected}, {Verdict: audit.Absent}}
	out := written(t, format(t, "svg"), alone, Options{})
	if !strings.Contains(out, ">1 of 2 protected (50%)<") || strings.Contains(out, "Ungrouped") {
		t.Errorf("sites without a group: %s", out)
	}
	wellFormed(t, written(t, format(t, "svg"), nil, Options{}))

	var groups []audit.Result
	for i := range 200 {
		groups = append(groups, audit.Result{Group: fmt.Sprint("g", i), Verdict: audit.Absent})
	}
	out = written(t, format(t, "svg"), groups, Options{})
	wellFormed(t, out)
	if n := strings.Count(out, `class="score"`); n != mostBars {
		t.Errorf("%d bars, want %d", n, mostBars)
	}
	if !strings.Contains(out, "and 160 groups more") {
		t.Error("the other groups are not told")
	}
}

func TestBarsAreSortedByShare(t *testing.T) {
	var groups []Score
	for _, g := range []struct {
		name     string
		verdicts []audit.Verdict
	}{
		{"not known", []audit.Verdict{audit.Unknown}},
		{"none", []audit.Verdict{audit.Absent}},
		{"half", []audit.Verdict{audit.Protected, audit.Absent, audit.Unknown}},
		{"all", []audit.Verdict{audit.Protected}},
		{"none too", []audit.Verdict{audit.Disabled}},
	} {
		s := Score{Group: g.name}
		for _, v := range g.verdicts {
			s.Add(v)
		}
		groups = append(groups, s)
	}
	bars, judged, _ := newBars(groups, 80)
	var names []string
	for _, b := range bars {
		names = append(names, b.Name)
	}
	if got, want := strings.Join(names, ", "), "all, half, none, none too, not known"; got != want {
		t.Errorf("the bars are %s, not %s", got, want)
	}
	// Half as many are unknown as were judged: two thirds of the width and one.
	if judged != 66 {
		t.Errorf("judged sites take %v%%", judged)
	}
	half := bars[1].Parts
	if diff := cmp.Diff([]part{
		{"protected", "YES!", 1, "0.00%", "33.00%"}, {"absent", "no", 1, "33.00%", "33.00%"}, {"unknown", "unknown", 1, "67.00%", "33.00%"},
	}, half); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if p := bars[4].Parts; len(p) != 1 || p[0].X != "67.00%" || p[0].Width != "33.00%" {
		t.Errorf("what is all unknown is %+v", p)
	}
}

// TestSVGHasAKey of the verdicts that it shows, and no others.
func TestSVGHasAKey(t *testing.T) {
	out := written(t, format(t, "svg"), []audit.Result{{Verdict: audit.Protected}, {Verdict: audit.Unknown}}, Options{})
	for word, want := range map[string]bool{"every host of the page is covered": true, "could not be judged: beside the bar": true, "no header": false} {
		if strings.Contains(out, word) != want {
			t.Errorf("%q in the key: %v", word, !want)
		}
	}
}

func TestPartsFillTheBar(t *testing.T) {
	var s Score
	for i, v := range audit.Verdicts {
		for range i {
			s.Add(v)
		}
	}
	s.Add("of a later version")
	parts := verdictParts(s, 80)
	total, last := 0, ""
	for _, p := range parts {
		total += p.Count
		last = p.Class
		if p.Count == 0 {
			t.Errorf("an empty part: %+v", p)
		}
	}
	if total != s.Sites() || last != "unknown" || parts[len(parts)-2].Class != "other" {
		t.Errorf("%d of %d sites are in the bar, %+v", total, s.Sites(), parts)
	}
	if parts[0].X != "0.00%" || parts[1].X != parts[0].Width {
		t.Errorf("the parts do not join: %+v", parts)
	}
}
