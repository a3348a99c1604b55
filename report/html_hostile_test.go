package report

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hsts-check/audit"
)

func TestHTMLPolicyKnowsItsStyleAndScript(t *testing.T) {
	page := htmlOf(t, survey(), Options{})
	doc := parsed(t, page)
	hash := func(element string) string {
		found := elements(doc, element)
		if len(found) != 1 {
			t.Fatalf("%d %ss", len(found), element)
		}
		sum := sha256.Sum256([]byte(found[0].FirstChild.Data))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	want := "default-src 'none'; style-src " + hash("style") + "; script-src " + hash("script") + "; base-uri 'none'; form-action 'none'"
	policy := elements(doc, "meta")[1]
	if got := attribute(policy, "content"); got != want || attribute(policy, "http-equiv") != "Content-Security-Policy" {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if strings.Index(page, "Content-Security-Policy") > strings.Index(page, "<style>") {
		t.Error("the policy stands below what it is about")
	}
}

func TestHTMLHostileValues(t *testing.T) {
	for name, s := range nasty {
		t.Run(name, func(t *testing.T) {
			since := Compare(hostile("old "+s), hostile(s))
			page := htmlOf(t, hostile(s), Options{Since: &since})
			if bad := actors(strings.ReplaceAll(page, asset("page.css"), "")); bad != "" {
				t.Error(bad)
			}
			testInert(t, parsed(t, page))
			doc := parsed(t, page)
			if rows := rowsOf(doc); len(rows) != 2 {
				t.Errorf("%d rows, want 2", len(rows))
			} else if shown, want := textOf(rows[0]), strings.Join(strings.Fields(visible(s, 100)), " "); len(s) < 100 && !strings.Contains(shown, want) {
				t.Errorf("no %q in %q", want, shown)
			}
		})
	}
}

// testInert makes sure that a page has no elements, handlers or addresses but
// those of the template.
func testInert(t *testing.T, doc *html.Node) {
	t.Helper()
	known := strings.Fields(`html head meta title style body header h1 h4 p nav ul li a main section h2 h3 span svg defs pattern circle rect dl div dt dd
		table caption thead tbody tr th td form label input select option button details summary b i code small ol br
		article pre footer script sup`)
	for _, e := range elements(doc, "") {
		if !slices.Contains(known, e.Data) {
			t.Errorf("an element %q", e.Data)
		}
		for _, a := range e.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "action":
				t.Errorf("<%s %s=%q>", e.Data, a.Key, a.Val)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "http://"):
				t.Errorf("a link to %q", a.Val)
			}
		}
	}
	if n := len(elements(doc, "script")) + len(elements(doc, "style")); n != 2 {
		t.Errorf("%d scripts and styles, want 2", n)
	}
}

func TestHTMLLinksOnlyWebAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"https://example.org/":     true,
		"HTTP://example.org/a?b#c": true,
		"https://māori.example/":   true,
		"javascript:alert(1)":      false,
		"JavaScript://a/%0aalert":  false,
		"data:text/html,x":         false,
		"htps://example.org/":      false,
		"//example.org/":           false,
		"https:":                   false,
		"https://a b/":             false,
		"":                         false,
		"https://a/" + strings.Repeat("x", urlLimit): false,
	} {
		page := htmlOf(t, []audit.Result{{Name: "x", URL: address, Verdict: audit.Absent}}, Options{})
		if got := len(elements(rowsOf(parsed(t, page))[0], "a")) > 0; got != want {
			t.Errorf("%.50q is a link: %v, want %v", address, got, want)
		}
	}
}
