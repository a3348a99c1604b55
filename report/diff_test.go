package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hsts-check/audit"
	"hsts-check/visit"
)

// The news of one site, which alone is in both surveys.
func TestCompareSite(t *testing.T) {
	const host = "https://a.test/"
	at := func(url string, fields ...string) seen { return page("g", "A", url, fields...) }
	a := func(fields ...string) seen { return at(host, fields...) }
	to := func(to, field, there string) seen { return leading("g", "A", host, to, field, there) }
	unreached := silent("g", "A", host)
	badCert := a(year)
	badCert.chain = []audit.Exchange{{Head: audit.Head{Status: 200, STS: []string{year}}, TLS: &audit.TLS{Error: &audit.Error{Kind: visit.CertExpired, Message: "expired"}}}}
	// The listed host sends nothing of its own; the parent it redirects to covers it.
	const child, parent = "https://login.a.test/", "https://a.test/"
	own := func(field string) seen { return leading("g", "A", child, parent, field, wide) }

	tests := []struct {
		name   string
		before seen
		after  seen
		kind   ChangeKind // empty: no change
		what   string
	}{
		{"the same", a(wide), a(wide), "", ""},
		{"written otherwise, meant the same", a(wide), a("includesubdomains ;MAX-AGE=\"31536000\""), "", ""},
		{"another path", a(wide), at(host+"login", wide), "", ""},
		{"another scheme", at("http://a.test/"), a(), "", ""},
		{"no header, as before", a(), a(), "", ""},
		{"ignored, as before, for another fault", a("max-age=x"), a("max-age"), "", ""},

		{"gained", a(), a(year), ChangeGained, "gained HSTS: max-age 1 year"},
		{"gained, from a switched off one", a("max-age=0"), a(wide), ChangeGained, "gained HSTS: max-age 1 year, subdomains included"},
		{"gained, from an ignored one", a(year + ", x"), a(asked), ChangeGained, "gained HSTS: max-age 1 year, subdomains included, preload"},
		{"gained in part", a(), to("https://b.test/", year, ""), ChangeGained, "gained HSTS in part: max-age 1 year; not every host of its chain is covered; redirects to b.test now"},
		{"gained in one browser", a(), a(year + "; preload="), ChangeGained, "gained HSTS in part: browsers do not agree on the header"},
		{"gained in all but one browser", a(), a("max-age=99999999999999999999"), ChangeGained, "gained HSTS in part: max-age over 1000 years; browsers do not agree on the header"},

		{"lost", a(year), a(), ChangeLost, "lost HSTS: it sends no header any more"},
		{"lost what was partial", to("https://b.test/", year, ""), to("https://b.test/", "", ""), ChangeLost, "lost HSTS: it sends no header any more"},
		{"switched off", a(year), a("max-age=0"), ChangeLost, "lost HSTS: max-age=0 switches it off now"},

		{"a shorter max-age", a(year), a("max-age=31535999"), ChangeWeakened, "weakened its policy: max-age was 1 year and is ~364 days 23 hours"},
		{"a max-age shorter by what units hide", a("max-age=9999999999"), a("max-age=9999999998"), ChangeWeakened, "weakened its policy: max-age was 9999999999 and is 9999999998"},
		{"includeSubDomains gone", a(wide), a(year), ChangeWeakened, "weakened its policy: includeSubDomains is gone"},
		{"preload gone", a(asked), a(wide), ChangeWeakened, "weakened its policy: preload is gone"},
		{"all at once", a(asked), a("max-age=10886400"), ChangeWeakened, "weakened its policy: max-age was 1 year and is 126 days; includeSubDomains is gone; preload is gone"},
		{"weaker counts for more than stronger", a("max-age=10886400; includeSubDomains"), a(year), ChangeWeakened, "weakened its policy: includeSubDomains is gone; but max-age was 126 days and is 1 year"},
		{"ignored for its syntax", a(year), a(year + ", includeSubDomains"), ChangeLost, "is no longer protected: the comma after \"max-age=31536000\" should be a semicolon"},
		{"ignored for a directive that stands twice", a(year), a(year + "; max-age=1"), ChangeLost, "is no longer protected: \"max-age\" is given again, first as \"31536000\", then as \"1\""},
		{"a directive twice that browsers forgive", a(asked), a(asked + "; preload"), "", ""},
		{"ignored for its certificate", a(year), badCert, ChangeLost, "is no longer protected: expired"},
		{"sent twice", a(year), a(year, year), ChangeWeakened, "weakened its policy: the header is sent more than once now"},
		{"sent twice, as before", a(year, year), a(year, year, year), "", ""},
		{"a later host is bare", to("https://b.test/", year, year), to("https://b.test/", year, ""), ChangeWeakened, "weakened its policy: not every host of its chain is covered"},
		{"its own host is bare", to("https://b.test/", year, year), to("https://b.test/", "", year), ChangeWeakened, "weakened its policy: its own host is not covered"},
		{"in part before and now, but by another host", to("https://b.test/", year, ""), to("https://b.test/", "", year), ChangeWeakened, "weakened its policy: its own host is not covered"},
		{"one browser leaves", a(year), a(year + "; preload="), ChangeWeakened, "weakened its policy: browsers do not agree on the header"},

		{"a longer max-age", a("max-age=300"), a(year), ChangeStrengthened, "strengthened its policy: max-age was 5 min and is 1 year"},
		{"includeSubDomains and preload", a(year), a(asked), ChangeStrengthened, "strengthened its policy: includeSubDomains is new; preload is new"},
		{"covered wholly", to("https://b.test/", year, ""), to("https://b.test/", year, year), ChangeStrengthened, "strengthened its policy: it is covered wholly now"},
		{"in part before and now, but by itself", to("https://b.test/", "", year), to("https://b.test/", year, ""), ChangeStrengthened, "strengthened its policy: its own host is covered now"},
		{"sent once", a(year, year), a(year), ChangeStrengthened, "strengthened its policy: the header is not sent more than once any more"},

		{"the parent's policy stands in for the own", own(wide), own(""), "", ""},
		{"the parent's is weaker", own("max-age=63072000; includeSubDomains"), own(""), ChangeWeakened, "weakened its policy: max-age was 2 years and is 1 year"},

		{"a header that is thrown away", a(), a(year + ", x"), ChangeOther, "still has no HSTS: browsers ignore the header it sends now (broken syntax)"},
		{"off, and then nothing", a("max-age=0"), a(), ChangeOther, "still has no HSTS: it sends no header any more"},
		{"nothing, and then off", a(), a("max-age=0"), ChangeOther, "still has no HSTS: max-age=0 switches it off now"},

		{"unknown", a(year), unreached, ChangeUnknown, "cannot be judged any more: connection refused"},
		{"unknown is nothing to lose", a(), unreached, ChangeUnknown, "cannot be judged any more: connection refused"},
		{"unknown as before", unreached, unreached, "", ""},
		{"answered", unreached, a(year), ChangeAnswered, "can be judged now; it has HSTS: max-age 1 year"},
		{"answered with nothing is not lost", unreached, a(), ChangeAnswered, "can be judged now; it has no HSTS"},
		{"answered with what is thrown away", unreached, a("max-age=x"), ChangeAnswered, "can be judged now; it has a header that browsers ignore (max-age not a number)"},
		{"answered, and off", unreached, a("max-age=0"), ChangeAnswered, "can be judged now; it has HSTS switched off by max-age=0"},

		{"moved", a(wide), at("https://b.test/", wide), ChangeMoved, "moved to b.test and keeps its policy"},
		{"moved, still bare", a(), at("https://b.test/"), ChangeMoved, "moved to b.test and still has no HSTS"},
		{"moved, still unknown", unreached, silent("g", "A", "https://b.test/"), ChangeMoved, "moved to b.test and still cannot be judged"},
		{"moved and gained", a(), at("https://b.test/", year), ChangeGained, "gained HSTS: max-age 1 year; moved to b.test"},
		{"moved and lost", a(year), at("https://b.test/"), ChangeLost, "lost HSTS: it sends no header any more; moved to b.test"},
		{"moved and not judged", a(year), silent("g", "A", "https://b.test/"), ChangeUnknown, "cannot be judged any more: connection refused; moved to b.test"},
		{"redirects away", a(year), to("https://b.test/", year, year), ChangeMoved, "redirects to b.test now and keeps its policy"},
		{"redirects elsewhere", to("https://b.test/", year, year), to("https://c.test/", year, year), ChangeMoved, "redirects to c.test now and keeps its policy"},
		{"redirects no more", to("https://b.test/", year, year), a(year), ChangeMoved, "stays on its host now and keeps its policy"},
		{"redirects on the same host", a(year), to("https://A.test/login", year, year), "", ""},
		{"where an unreached site leads is not known", to("https://b.test/", year, year), unreached, ChangeUnknown, "cannot be judged any more: connection refused"},
		{"listed where it redirected to", leading("g", "A", "https://old.test/", host, "", year), a(year), ChangeStrengthened, "strengthened its policy: it is covered wholly now; moved to a.test"},
	}
	seen := make(map[ChangeKind]bool)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Compare(judged(day2013, tt.before), judged(today, tt.after))
			if tt.kind == "" {
				if len(d.Changes) != 0 || d.Same != 1 {
					t.Fatalf("got %q, want no change", d.Changes[0].What)
				}
				return
			}
			if len(d.Changes) != 1 {
				t.Fatalf("%d changes", len(d.Changes))
			}
			c := d.Changes[0]
			if c.Kind != tt.kind || c.What != tt.what {
				t.Errorf("got  %s: %s\nwant %s: %s", c.Kind, c.What, tt.kind, tt.what)
			}
			if want := tt.kind == ChangeLost || tt.kind == ChangeWeakened; c.Regression() != want {
				t.Errorf("%s: a regression is %v", c.Kind, !want)
			}
		})
		seen[tt.kind] = true
	}
	for _, kind := range ChangeKinds {
		if !seen[kind] && kind != ChangeNew && kind != ChangeGone {
			t.Errorf("no row is of the kind %s", kind)
		}
	}
}

// TestCompareFindings: what is found now and was not before is a change for the
// worse, unless nobody looked, or it is waived, or it is only worth knowing.
func TestCompareFindings(t *testing.T) {
	finding := func(rule string, severity audit.Severity, short string) audit.Finding {
		return audit.Finding{Rule: rule, Severity: severity, Short: short, Message: short + " in full", Host: "a.test"}
	}
	bare := finding("error-page-bare", audit.SeverityWarning, "error pages lack the header")
	ending := finding("certificate-expiring", audit.SeverityWarning, "certificate ends in 3 days")
	reworded := bare
	reworded.Short, reworded.Message = "other words", "all of them"
	waived := bare
	waived.Waived = &audit.Waived{}
	probed := audit.Exchange{Probe: visit.ProbeErrorPage, URL: "https://a.test/x", Head: audit.Head{Status: 404}}
	with := func(fields []string, probe bool, findings ...audit.Finding) audit.Result {
		r := judged(today, page("g", "A", "https://a.test/", fields...))[0]
		r.Findings = append(slices.Clone(r.Findings), findings...)
		if probe {
			r.Exchanges = append(slices.Clone(r.Exchanges), probed)
		}
		return r
	}
	for _, tt := range []struct {
		name          string
		before, after audit.Result
		kind          ChangeKind
		what          string
	}{
		{"new", with([]string{year}, true), with([]string{year}, true, bare), ChangeWeakened, "got worse: error pages lack the header [error-page-bare]"},
		{"gone", with([]string{year}, true, bare), with([]string{year}, true), ChangeStrengthened, "fixed: error pages lack the header [error-page-bare]"},
		{"one for the other", with([]string{year}, true, bare), with([]string{year}, true, ending), ChangeWeakened, "got worse: certificate ends in 3 days [certificate-expiring]; fixed: error pages lack the header [error-page-bare]"},
		{"in other words", with([]string{year}, true, bare), with([]string{year}, true, reworded), "", ""},
		{"not looked at before", with([]string{year}, false), with([]string{year}, true, bare), "", ""},
		{"not looked at now", with([]string{year}, true, bare), with([]string{year}, false), "", ""},
		{"waived", with([]string{year}, true), with([]string{year}, true, waived), "", ""},
		{"worth knowing", with([]string{year}, true), with([]string{year}, true, finding("error-status", audit.SeverityInfo, "status 404")), "", ""},
		{"with a policy that is weaker", with([]string{wide}, true), with([]string{year}, true, ending), ChangeWeakened, "weakened its policy: includeSubDomains is gone; got worse: certificate ends in 3 days [certificate-expiring]"},
		{"with a policy that is stronger", with([]string{year}, true), with([]string{wide}, true, ending), ChangeWeakened, "strengthened its policy: includeSubDomains is new; got worse: certificate ends in 3 days [certificate-expiring]"},
		{"of a site without a header", with(nil, true), with(nil, true, ending), ChangeWeakened, "still has no HSTS, and got worse: certificate ends in 3 days [certificate-expiring]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := Compare([]audit.Result{tt.before}, []audit.Result{tt.after})
			var kind ChangeKind
			what := ""
			if len(d.Changes) > 0 {
				kind, what = d.Changes[0].Kind, d.Changes[0].What
			}
			if kind != tt.kind || what != tt.what {
				t.Errorf("got  %s: %s\nwant %s: %s", kind, what, tt.kind, tt.what)
			}
		})
	}
}

// Told shows the changes as one line each: kind, name and URL.
func told(d Diff) string {
	var lines []string
	for _, c := range d.Changes {
		lines = append(lines, fmt.Sprintf("%s %s %s", c.Kind, c.Result().Name, c.Result().URL))
	}
	return strings.Join(lines, "\n")
}

func TestCompareFindsSitesAgain(t *testing.T) {
	seenFrom := func(vantage string, s seen) seen {
		s.vantage = vantage
		return s
	}
	a := page("g", "A", "https://a.test/", year)
	tests := []struct {
		name          string
		before, after []seen
		want          string
		same          int
	}{
		{"by ID, in any order",
			[]seen{a, page("g", "B", "https://b.test/")},
			[]seen{page("g", "B", "https://b.test/"), a}, "", 2},
		{"by URL, under another name and group",
			[]seen{a}, []seen{page("h", "Bank A", "https://a.test/", year)}, "", 1},
		{"by URL before name: two sites swapped names",
			[]seen{a, page("g", "B", "https://b.test/")},
			[]seen{page("g", "B", "https://a.test/", year), page("g", "A", "https://b.test/")}, "", 2},
		{"by name, at another URL",
			[]seen{a}, []seen{page("g", "A", "https://b.test/", year)}, "moved A https://b.test/", 0},
		{"not by the name of another group",
			[]seen{a}, []seen{page("h", "A", "https://b.test/", year)}, "new A https://b.test/\ngone A https://a.test/", 0},
		{"not by a name that stood twice",
			[]seen{a, page("g", "A", "https://a2.test/")}, []seen{page("g", "A", "https://b.test/", year)},
			"new A https://b.test/\ngone A https://a.test/\ngone A https://a2.test/", 0},
		{"not by a name that stands twice",
			[]seen{a}, []seen{a, page("g", "A", "https://b.test/")}, "new A https://b.test/", 1},
		{"one URL in more rows than before",
			[]seen{a}, []seen{page("g", "X", "https://a.test/", year), a}, "new X https://a.test/", 1},
		{"the last result of a site counts",
			[]seen{a}, []seen{page("g", "A", "https://a.test/"), a}, "", 1},
		{"from each vantage for itself",
			[]seen{seenFrom("akl", a), seenFrom("syd", page("g", "A", "https://a.test/"))},
			[]seen{seenFrom("syd", a), seenFrom("akl", a)}, "gained A https://a.test/", 1},
		{"not from another vantage",
			[]seen{seenFrom("akl", a)}, []seen{seenFrom("syd", a)}, "new A https://a.test/\ngone A https://a.test/", 0},
		{"in the order of the new survey, gone sites last",
			[]seen{page("g", "Z", "https://z.test/"), page("g", "Y", "https://y.test/"), a},
			[]seen{page("g", "N", "https://n.test/"), page("g", "A", "https://a.test/")},
			"new N https://n.test/\nlost A https://a.test/\ngone Z https://z.test/\ngone Y https://y.test/", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Compare(judged(day2013, tt.before...), judged(today, tt.after...))
			if got := told(d); got != tt.want || d.Same != tt.same {
				t.Errorf("got, %d the same:\n%s\nwant, %d the same:\n%s", d.Same, got, tt.same, tt.want)
			}
		})
	}
}

func TestVantagesAreNamedWhereThereAreSeveral(t *testing.T) {
	from := func(vantage string, fields ...string) seen {
		s := page("g", "A", "https://a.test/", fields...)
		s.vantage = vantage
		return s
	}
	message := func(before, after []seen) string {
		return Compare(judged(day2013, before...), judged(today, after...)).Changes[0].Message()
	}
	one := message([]seen{from("akl", year)}, []seen{from("akl")})
	two := message([]seen{from("akl", year), from("syd", year)}, []seen{from("akl", year), from("syd")})
	if want := "A lost HSTS: it sends no header any more"; one != want || two != want+" (seen from syd)" {
		t.Errorf("got %q and %q", one, two)
	}
}

func TestDiffSummary(t *testing.T) {
	a, b := page("g", "A", "https://a.test/", year), page("g", "B", "https://b.test/")
	gained := page("g", "B", "https://b.test/", year)
	before, after := everyKind()
	tests := []struct {
		name          string
		before, after []audit.Result
		want          string
	}{
		{"no change", judged(day2013, a, b), judged(today, a, b), "no change in 2 sites"},
		{"in one site", judged(day2013, a), judged(today, a), "no change in 1 site"},
		{"one of two", judged(day2013, a, b), judged(today, a, gained), "1 change: 1 gained; 1 site as it was"},
		{"all", judged(day2013, b), judged(today, gained), "1 change: 1 gained"},
		{"every kind", before, after, "13 changes: 1 gained, 3 lost, 1 weakened, 1 strengthened, 1 still unprotected, 1 moved, 1 not judged any more, 1 judged again, 1 new, 2 gone; 1 site as it was"},
		{"nothing with nothing", nil, nil, "no change in 0 sites"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Compare(tt.before, tt.after).Summary(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCommonSites(t *testing.T) {
	before, after := everyKind()
	if got := Compare(before, after).Common(); got != 11 {
		t.Errorf("%d of 11 sites are in both", got)
	}
	if got := Compare(judged(day2013, page("g", "A", "https://a.test/")), judged(today, page("g", "B", "https://b.test/"))).Common(); got != 0 {
		t.Errorf("%d sites in both of two lists that share none", got)
	}
}

func TestMergeKeepsTheLastWordInTheFirstPlace(t *testing.T) {
	r := func(id, vantage, name string) audit.Result { return audit.Result{ID: id, Vantage: vantage, Name: name} }
	results := []audit.Result{r("1", "", "old"), r("2", "", "two"), r("1", "akl", "elsewhere"), r("1", "", "new")}
	before := fmt.Sprint(results)
	var got []string
	for _, m := range Merge(results) {
		got = append(got, m.Name)
	}
	if want := []string{"new", "two", "elsewhere"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if fmt.Sprint(results) != before {
		t.Error("the results were changed")
	}
}

// The fuzzer's bytes pick sites, names, hosts and answers of two surveys from
// a few of each, so that they meet.
func FuzzCompare(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 1, 1, 1, 1}, []byte{0, 0, 1, 0})
	f.Add([]byte{0, 1, 2, 3, 0, 1, 3, 4, 1, 0, 9, 9}, []byte{0, 1, 2, 5, 0, 1, 2, 5})
	f.Fuzz(func(t *testing.T, b, a []byte) {
		before, after := picked(b), picked(a)
		d := Compare(before, after)
		accounted(t, d, Merge(before), Merge(after))
		for _, c := range d.Changes {
			if c.What == "" || !slices.Contains(ChangeKinds, c.Kind) {
				t.Errorf("a change of kind %q says %q", c.Kind, c.What)
			}
			if c.Regression() && (c.Old.Verdict == audit.Unknown || c.New.Verdict == audit.Unknown) {
				t.Errorf("made up of an unknown side: %s", c.Message())
			}
		}
		if same := Compare(after, after); len(same.Changes) != 0 {
			t.Errorf("compared with itself: %s", same.Changes[0].Message())
		}
		for _, format := range DiffFormats {
			diffWritten(t, format.Name, d, Options{Width: 40})
		}
	})
}

// accounted: each site of either side is in one change or the same.
func accounted(t *testing.T, d Diff, before, after []audit.Result) {
	t.Helper()
	type key struct{ id, vantage string }
	old, now := make(map[key]int), make(map[key]int)
	for _, c := range d.Changes {
		if (c.Old == nil) != (c.Kind == ChangeNew) || (c.New == nil) != (c.Kind == ChangeGone) {
			t.Errorf("a change of kind %s has the wrong sides", c.Kind)
		}
		if c.Old != nil {
			old[key{c.Old.ID, c.Old.Vantage}]++
		}
		if c.New != nil {
			now[key{c.New.ID, c.New.Vantage}]++
		}
		if c.Old != nil && c.New != nil && c.Old.Vantage != c.New.Vantage {
			t.Errorf("compared across vantages: %s", c.Message())
		}
	}
	for _, side := range []struct {
		told  map[key]int
		sites []audit.Result
	}{{old, before}, {now, after}} {
		known := make(map[key]bool)
		for _, r := range side.sites {
			known[key{r.ID, r.Vantage}] = true
		}
		for k, n := range side.told {
			if n != 1 || !known[k] {
				t.Errorf("site %v is told %d times", k, n)
			}
		}
		if len(side.told)+d.Same != len(side.sites) {
			t.Errorf("%d sites told and %d the same, of %d", len(side.told), d.Same, len(side.sites))
		}
	}
}

func picked(b []byte) []audit.Result {
	pick := func(from []string, b byte) string { return from[int(b)%len(from)] }
	hosts := []string{"a.test", "www.a.test", "b.test", "192.0.2.1", "xn--bcher-kva.test", "bücher.test", "%zz", ""}
	fields := []string{"", year, wide, asked, "max-age=0", "max-age=x", year + "; preload=", "max-age=99999999999999999999", "\xff"}
	var sites []seen
	for ; len(b) >= 4 && len(sites) < 50; b = b[4:] {
		url := pick([]string{"https://", "http://", "htps:"}, b[0]/8) + pick(hosts, b[0]) + pick([]string{"/", "/x"}, b[1]/64)
		s := page(pick([]string{"", "g"}, b[1]/8), pick([]string{"A", "B", ""}, b[1]), url)
		if field := pick(fields, b[2]); field != "" {
			s.chain[0].STS = []string{field}
		}
		switch b[3] % 6 {
		case 1:
			s = silent(s.group, s.name, url)
		case 2:
			s = leading(s.group, s.name, url, "https://"+pick(hosts, b[3]/8), pick(fields, b[2]), pick(fields, b[2]/16))
		case 3:
			s.chain = nil
		case 4:
			s.chain[0].STS = append(s.chain[0].STS, year)
		case 5:
			s.vantage = pick([]string{"akl", "syd"}, b[3]/8)
		}
		sites = append(sites, s)
	}
	return judged(today, sites...)
}
