package browser

import (
	"strings"
	"testing"
	"time"
)

// TestParseRefresh has forms that were shown to Chromium 156 and Firefox ESR 153
// in a Refresh field. They agree on all of them but for those that say so.
func TestParseRefresh(t *testing.T) {
	for _, test := range []struct {
		name, content, ref string
	}{
		{"a semicolon", "0;url=/x", "/x"},
		{"a comma", "0,url=/x", "/x"},
		{"a blank", "0 url=/x", "/x"},
		{"without url", "0;/x", "/x"},
		{"a blank and no url", "0 /x", "/x"},
		{"url in any case", "0;uRL=/x", "/x"},
		{"spaces wherever they may be", " \t\f0 ; URL\t=\t/x ", "/x"},
		{"spaces around a comma", "0 , /x", "/x"},
		{"u is not url", "0;u", "u"},
		{"ur is not url", "0; ur=/x", "ur=/x"},
		{"url without an equals sign is a path", "0;url /x", "url /x"},
		{"url alone is a path", "0;url", "url"},
		{"an equals sign too many belongs to the URL", "0;url==/x", "=/x"},
		{"a semicolon too many belongs to the URL", "0;;/x", ";/x"},
		{"a semicolon behind a comma belongs to the URL", "0,;/x", ";/x"},
		{"a comma behind a semicolon belongs to the URL", "0;,/x", ",/x"},
		{"what follows belongs to the URL", "0;url=/x; foo", "/x; foo"},
		{"a second refresh belongs to the URL", "0;url=/x,0;url=/y", "/x,0;url=/y"},
		{"quotation marks", `0; URL="/x"`, "/x"},
		{"single quotation marks", "0;url='/x'", "/x"},
		{"quotation marks without url", `0;"/x"`, "/x"},
		{"what follows a quotation mark is nothing", `0;"/x"y`, "/x"},
		{"an open quotation mark", `0;"/x`, "/x"},
		{"the other quotation mark does not close", `0;url='/x"y'`, `/x"y`},
		{"quotation marks inside others", `0;url="'/x'"`, "'/x'"},
		{"spaces inside quotation marks", `0;url=" /x "`, "/x"},
		{"the first quotation mark closes (Firefox; in Chromium the last one)", `0;url="/x"y"z`, "/x"},
		{"a fraction", "0.5;/x", "/x"},
		{"a fraction without a whole", ".5;/x", "/x"},
		{"a period without a fraction", "0.;/x", "/x"},
		{"periods", "0.2.3;/x", "/x"},
		{"a period alone (Firefox; Chromium refuses it)", ".;/x", "/x"},
		{"zeros", "00;/x", "/x"},
		{"a second number belongs to the URL", "0 0;/x", "0;/x"},
		{"a no-break space belongs to the URL", "0;\u00a0/x", "\u00a0/x"},

		{"nothing", "", ""},
		{"no time", ";/x", ""},
		{"a time that is none", "x;/x", ""},
		{"a negative time", "-1;/x", ""},
		{"a negative zero", "-0;/x", ""},
		{"a sign", "+0;/x", ""},
		{"an exponent", "1e0;/x", ""},
		{"nothing between the time and the URL", "0/x", ""},
		{"a letter behind the time", "0x;/x", ""},
		{"a colon", "0:/x", ""},
		{"a no-break space before the separator", "0\u00a0;/x", ""},
		{"U+000B is no space (Firefox; to Chromium it is)", "0\v;/x", ""},
		{"the page itself", "0", ""},
		{"the page itself, with a separator", "0;", ""},
		{"the page itself, with a separator and blanks", "0 ; ", ""},
		{"the page itself, with an empty URL", "0;url=", ""},
		{"the page itself, with an empty URL in quotation marks", `0;url=""`, ""},
		{"the page itself, with a blank URL", `0;url=" "`, ""},
	} {
		delay, ref, ok := ParseRefresh(test.content)
		if ref != test.ref || ok != (test.ref != "") || delay != 0 {
			t.Errorf("%s, %q: %v, %q, %v, want %q", test.name, test.content, delay, ref, ok, test.ref)
		}
	}
}

func TestParseRefreshDelay(t *testing.T) {
	for content, want := range map[string]time.Duration{
		"5;/x":            5 * time.Second,
		"05;/x":           5 * time.Second,
		"5.9;/x":          5 * time.Second, // the fraction is nothing to the standard
		"2147483647;/x":   2147483647 * time.Second,
		"0000000000;/x":   0,
		"00000000007 ;/x": 7 * time.Second,
	} {
		if delay, _, ok := ParseRefresh(content); delay != want || !ok {
			t.Errorf("%q: %v, %v, want %v", content, delay, ok, want)
		}
	}
	for _, content := range []string{"2147483648;/x", "99999999999999999999;/x"} {
		if _, _, ok := ParseRefresh(content); ok {
			t.Errorf("%q: a time that nobody lives to see leads on", content)
		}
	}
}

// TestRefreshesMeasured holds ParseRefresh to the visits that browsers made to
// pages with a Refresh field of an unusual form.
func TestRefreshesMeasured(t *testing.T) {
	n := 0
	for _, r := range readLines[seenVisit](t, seenVisits) {
		if !strings.HasPrefix(r.Why, "header form ") {
			continue
		}
		n++
		_, form, _ := strings.Cut(r.Servers[0].Answers[0].Raw, "Refresh: ")
		form, _, _ = strings.Cut(form, "\r\n")
		asked := []string{r.Visit}
		if _, ref, ok := ParseRefresh(form); ok {
			to, err := mustParse(t, r.Visit).Resolve(ref)
			if err != nil {
				t.Fatal(err)
			}
			asked = append(asked, to.String())
		}
		for _, browser := range [][]string{r.Chromium.Requests, r.Firefox.Requests} {
			if got, want := strings.Join(asked, " "), strings.Join(browser, " "); got != want {
				t.Errorf("%s, %q: %s, the browser asked for %s", r.ID, form, got, want)
			}
		}
	}
	if n < 9 {
		t.Errorf("only %d visits", n)
	}
}
