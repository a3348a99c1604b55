package audit

import (
	"slices"
	"strings"
	"testing"

	"hsts-check/visit"
)

// gate is what a command line asks for.
func gate(t *testing.T, bar, failOn string) Gate {
	t.Helper()
	var g Gate
	if bar != "" {
		b, err := ParseBar(bar)
		if err != nil {
			t.Fatal(err)
		}
		g.Bars = append(g.Bars, b)
	}
	for _, name := range strings.Fields(failOn) {
		if err := g.FailOn(name); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func TestGate(t *testing.T) {
	const passes, unknown = "", "unknown"
	info, warns := []Exchange{got(a, full)}, []Exchange{got(a, year)} // preload-consent, include-subdomains-absent
	tests := []struct {
		why, bar, failOn string
		visit            []Exchange
		want             string // how what is missing begins, or one of the above
	}{
		{"nothing is asked for", "", "", []Exchange{got(a)}, passes},
		{"nothing is asked for, and nothing is known", "", "", []Exchange{lost(a, visit.KindTimeout)}, passes},

		{"info is the least", "", "info", info, "preload-consent: "},
		{"info is less than a warning", "", "warning", info, passes},
		{"a warning is more than info", "", "info", warns, "include-subdomains-absent: "},
		{"a warning itself", "", "warning", warns, "include-subdomains-absent: "},
		{"a warning is less than an error", "", "error", warns, passes},
		{"an error", "", "error", []Exchange{got(a)}, "header-absent: "},
		{"of two severities the lesser counts", "", "error info", info, "preload-consent: "},
		{"in any order", "", "info error", info, "preload-consent: "},
		{"a rule by its name", "", "preload-consent", info, "preload-consent: "},
		{"another rule", "", "preload-consent", warns, passes},
		{"a rule beside a severity", "", "error preload-consent", info, "preload-consent: "},

		{"a max-age met exactly", "max-age=31536000", "", []Exchange{got(a, year)}, passes},
		{"a second less", "max-age=31536000", "", []Exchange{got(a, "max-age=31535999")}, "max-age under 1 year"},
		{"a second more", "max-age=31536000", "", []Exchange{got(a, "max-age=31536001")}, passes},
		{"subdomains are asked for", "max-age=1; includeSubDomains", "", []Exchange{got(a, year)}, "no includeSubDomains"},
		{"subdomains are there", "max-age=1; includeSubDomains", "", []Exchange{got(a, withSub)}, passes},
		{"preload is asked for", "max-age=1; preload", "", []Exchange{got(a, withSub)}, "no preload"},
		{"a parent's policy is one", "max-age=31536000; includeSubDomains", "", []Exchange{moved(a, www, withSub), got(www)}, passes},
		{"what a broken field leaves standing", "max-age=31536000", "", []Exchange{moved(a, a+"x", year), got(a+"x", "bogus")}, passes},
		{"what another page sets at the end", "max-age=31536000", "", []Exchange{moved(a, a+"x", year), got(a+"x", "max-age=1")}, "max-age under 1 year"},
		{"partly protected", "max-age=1", "", []Exchange{moved(a, b, year), got(b)}, "not every host"},
		{"switched off", "max-age=1", "", []Exchange{got(a, "max-age=0")}, "HSTS is switched off"},
		{"ignored", "max-age=1", "", []Exchange{got(a, "bogus")}, "browsers ignore"},
		{"absent", "max-age=1", "", []Exchange{got(a)}, "no header"},
		{"a standard that is met", "rfc6797", "", []Exchange{got(a, year)}, passes},
		{"a standard that is missed", "rfc6797", "", []Exchange{got(a)}, "misses rfc6797: "},
		{"a standard that was not probed for", "hstspreload", "", []Exchange{got(a, full)}, unknown},

		{"a site that could not be judged", "max-age=1", "", []Exchange{lost(a, visit.KindTimeout)}, unknown},
		{"by a severity it cannot be either", "", "error", []Exchange{lost(a, visit.KindTimeout)}, unknown},
		{"one that could not be judged and breaks a rule has failed", "max-age=1", "error", []Exchange{badCert(got(a))}, "certificate-invalid: "},
		{"one whose standing is not known and that misses a bar has failed", "hstspreload", "preload-consent", []Exchange{got(a, full)}, "preload-consent: "},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			s := gate(t, tt.bar, tt.failOn).Judge(Judge(visitOf(tt.visit...), nil))
			begins := func(m Miss) bool { return strings.HasPrefix(m.Message, tt.want) }
			switch {
			case s.Unknown != (tt.want == unknown), s.Unknown && len(s.Missing) > 0:
				t.Errorf("unknown %v, missing %q", s.Unknown, s.Missing)
			case tt.want == passes && len(s.Missing) > 0:
				t.Errorf("missing %q", s.Missing)
			case tt.want != passes && tt.want != unknown && !slices.ContainsFunc(s.Missing, begins):
				t.Errorf("missing %q, want %q", s.Missing, tt.want)
			}
		})
	}
}

// TestGateIsAskedFor: each kind of demand is one, which a site that could not be
// judged does not meet.
func TestGateIsAskedFor(t *testing.T) {
	dead := Judge(visitOf(lost(a, visit.KindTimeout)), nil)
	if new(Gate).Judge(dead).Unknown {
		t.Error("the zero gate asks for something")
	}
	for _, name := range []string{"info", "header-absent", "regression"} {
		if !gate(t, "", name).Judge(dead).Unknown {
			t.Errorf("%s asks for nothing", name)
		}
	}
	if !gate(t, "max-age=1", "").Judge(dead).Unknown {
		t.Error("a bar asks for nothing")
	}
	if g := gate(t, "", "regression"); !g.Regressions || g.Fails(Finding{Rule: "header-absent", Severity: SeverityError}) {
		t.Error("a regression is no finding")
	}
	for _, name := range []string{"", "notice", "max-age"} {
		if err := new(Gate).FailOn(name); err == nil {
			t.Errorf("%q: no error", name)
		}
	}
}

func TestParseBar(t *testing.T) {
	for in, want := range map[string]string{
		"OWASP": "owasp", "max-age=1": "max-age=1", `includeSubDomains; MAX-AGE="1"`: "max-age=1; includeSubDomains",
		"best": "", "": "", "max-age=0": "", "max-age=x": "", "includeSubDomains;": "", "max-age=1; includeSubDomain": "",
	} {
		bar, err := ParseBar(in)
		if (err == nil) != (want != "") || bar.String() != want {
			t.Errorf("%q: %q, %v", in, bar, err)
		}
	}
}

// TestBarOfWhatIsNotKnown: of a site that could not be judged no bar is known to be
// met or missed.
func TestBarOfWhatIsNotKnown(t *testing.T) {
	for _, in := range []string{"max-age=1", "rfc6797", "hstspreload"} {
		bar, err := ParseBar(in)
		if err != nil {
			t.Fatal(err)
		}
		if missing, known := bar.Missing(Judge(visitOf(lost(a, visit.KindTimeout)), nil)); known {
			t.Errorf("%s: known, missing %q", in, missing)
		}
	}
}

// TestReasonComesFirst: of a site that is partly protected, the finding that says
// why comes before all others.
func TestReasonComesFirst(t *testing.T) {
	tests := []struct {
		why  string
		page []Exchange
		want string
	}{
		{"only browsers that try https by themselves", apex(moved(plainApex, wwwApex, "bogus")), "needs-upgrade apex.example.org"},
		{"http leads elsewhere, and no browser tries https", []Exchange{moved(plainA, www, year), got(www, year)}, "http-redirects-away a.test"},
		{"a later host has none", []Exchange{moved(a, b, "max-age=1;"), got(b)}, "header-absent b.test"},
		{"a later host is slow", []Exchange{moved(a, b, "max-age=1;"), lost(b, visit.KindTimeout)}, "chain-cut b.test"},
		{"Firefox forgets", []Exchange{clears(`"cache"`, got(a, year+";"))}, "policy-cleared a.test"},
		{"one client accepts it", []Exchange{got(a, firefoxOnly)}, "clients-differ a.test"},
		{"the listed host has none, and ends at an error page", []Exchange{moved(a, b), moved(b, a+"x", year), gotStatus(403, a+"x")}, "header-absent a.test"},
		{"the record ends on a host that is covered", []Exchange{moved(a, a+"x", year+";")}, "chain-cut a.test"},
		{"what is wrong with a covered host is no reason", []Exchange{moved(a, b, year), badCert(got(b, year))}, "certificate-invalid b.test"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			r := Judge(visitOf(tt.page...), nil)
			if r.Verdict != Partial || len(r.Findings) == 0 || r.Findings[0].Rule+" "+r.Findings[0].Host != tt.want {
				t.Errorf("%s, %+v", r.Verdict, r.Findings)
			}
		})
	}
}
