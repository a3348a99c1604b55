package lists

import (
	"strings"
	"testing"

	"hsts-check/browser"
	"hsts-check/visit"
)

func TestBuiltin(t *testing.T) {
	count := map[string]int{}
	for _, s := range Builtin() {
		count[s.Group]++
		checkSite(t, s)
	}
	if count["New Zealand"] != 10 || count["Australia"] != 24 || len(count) != 2 {
		t.Errorf("sites a group: %v", count)
	}
	first := Builtin()[0]
	want := visit.Site{Group: "New Zealand", Name: "ANZ", URL: "https://digital.anz.co.nz/preauth/web/service/login",
		Pos: visit.Position{File: "banks-nz.txt", Line: 7}}
	if first != want {
		t.Errorf("first site: %+v\nwant %+v", first, want)
	}
}

func TestSurvey2013(t *testing.T) {
	var nz []string
	au := 0
	for _, s := range Survey2013() {
		checkSite(t, s)
		switch s.Group {
		case "New Zealand":
			nz = append(nz, s.Name)
			if s.Pos.File != "2013/banks-nz.txt" {
				t.Errorf("%s stands in %s", s.Name, s.Pos.File)
			}
		case "Australia":
			au++
		}
	}
	if len(nz) != 10 || nz[0] != "ASB" || nz[9] != "Westpac" || au != 16 {
		t.Errorf("New Zealand %q, Australia %d", nz, au)
	}
}

// checkSite holds for every site without a fault.
func checkSite(t *testing.T, s visit.Site) {
	t.Helper()
	u, err := browser.ParseURL(s.URL)
	_, authority, _ := strings.Cut(s.URL, "://")
	if i := strings.IndexAny(authority, `/?#\`); i >= 0 {
		authority = authority[:i]
	}
	switch {
	case err != nil:
		t.Error(err)
	case u.Hostname() == "" || strings.Contains(authority, "@"):
		t.Errorf("%q is not the URL of a site", s.URL)
	case s.Name == "":
		t.Errorf("%q has no name", s.URL)
	case checkText(s.Name) != nil || checkText(s.Group) != nil || checkText(s.URL) != nil:
		t.Errorf("control characters or bytes that are not UTF-8 in %+v", s)
	}
}
