package report

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"hsts-check/audit"
	"hsts-check/internal/lab"
	"hsts-check/visit"
)

func TestHTMLOnScreens(t *testing.T) {
	browser := chromium(t)
	before, after := everyKind()
	since := Compare(before, after)
	pages := map[string]string{
		"a survey": htmlOf(t, append(survey(), banksToday()...), Options{Since: &since}),
		"nothing":  htmlOf(t, nil, Options{}),
	}
	for _, name := range []string{"half a megabyte", "combining", "many words"} {
		hostileSince := Compare(hostile("old "+nasty[name]), hostile(nasty[name]))
		pages[name] = htmlOf(t, hostile(nasty[name]), Options{Since: &hostileSince})
	}
	for name, page := range pages {
		for _, s := range screens {
			t.Run(name+" "+s.String(), func(t *testing.T) { testScreen(t, open(t, browser, page, s), s) })
		}
	}
}

func testScreen(t *testing.T, b tab, s screen) {
	call(b, chromedp.Call, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
	if shown := eval[bool](b, `document.querySelector('#tools').checkVisibility()`); shown == (s.noScript || !eval[bool](b, `!!document.querySelector('.sites')`)) {
		t.Errorf("the tools are shown: %v", shown)
	}
	b.run(openAll)
	if hidden := eval[int](b, `Array.from(document.querySelectorAll('.sites tr, .news tr')).filter(e => !e.checkVisibility() && !e.closest('.news thead')).length`); hidden > 0 {
		t.Errorf("%d rows do not open", hidden)
	}
	if over := eval[float64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("the page is %v px wider than the screen", over)
	}
	background := eval[[]float64](b, `getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number)`)
	if dark := background[0] < 128; dark != (s.scheme == "dark") {
		t.Errorf("the background is %v", background)
	}
}

func TestHTMLIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(filepath.Join("testdata", "axe", "node_modules", "axe-core", "axe.min.js"))
	if errors.Is(err, fs.ErrNotExist) {
		missing := "axe-core is not installed here: npm ci --prefix report/testdata/axe"
		if lab.Everything() {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	if err != nil {
		t.Fatal(err)
	}
	browser := chromium(t)
	before, after := everyKind()
	since := Compare(before, after)
	page := htmlOf(t, append(faults(), banksToday()...), Options{Since: &since})
	for _, s := range screens[:4] {
		t.Run(s.String(), func(t *testing.T) {
			b := open(t, browser, page, s)
			testAccessible(b, string(axe))
		})
	}
	t.Run("it finds what is wrong", func(t *testing.T) {
		b := open(t, browser, `<!doctype html><title>x</title><input><p style="color:#eee">faint`, desk)
		if found := violations(b, string(axe)); len(found) < 2 {
			t.Errorf("found %v in a page with a field without a label and faint text", found)
		}
	})
}

func testAccessible(b tab, axe string) {
	b.run(`document.querySelectorAll('.group').forEach(e => e.style.contentVisibility = 'visible')`)
	b.run(openAll)
	b.until(`!document.querySelector('.sites li > a')`) // the fixes are there
	b.run(openAll)
	for _, v := range violations(b, axe) {
		b.Error(v)
	}
}

// violations returns what axe finds that is serious or worse.
func violations(b tab, axe string) []string {
	eval[bool](b, axe+"; true")
	return eval[[]string](b, `axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact))
		.map(v => v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 3).map(n => n.html).join(' ')))`)
}

func TestHTMLRunsNothingThatWasSent(t *testing.T) {
	browser := chromium(t)
	const script, address = `<script>alert(1)</script>`, `javascript:alert(1)`
	r := site("<b>Group</b>", `<img src=x onerror=alert(1)>`, address, script, 1)
	r.Verdict, r.Header = audit.Ignored, []string{script, `"><svg onload=alert(1)>`}
	r.Findings = []audit.Finding{{Rule: "header-syntax", Severity: audit.SeverityError, Message: `</td><script>alert(2)</script>`}}
	r.Exchanges = []audit.Exchange{{Probe: visit.ProbePage, URL: "https://a.example/", Head: audit.Head{Status: 302, Location: address, STS: r.Header}}}
	b := open(t, browser, htmlOf(t, []audit.Result{r}, Options{}), desk)
	b.run(openAll)
	text := eval[string](b, `document.querySelector('.group').innerText`)
	for _, want := range []string{r.Group, r.Name, script, r.Header[1], r.Findings[0].Message, "Location: " + address} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %q as text:\n%s", want, text)
		}
	}
	if n := eval[int](b, `document.querySelectorAll('.group :is(img, script, svg, b b), a[href^="javascript:" i]').length`); n > 0 {
		t.Errorf("%d elements came from what was sent", n)
	}
	// Even if it had become an element, the policy forbids it.
	b.run(`const s = document.createElement('script'); s.textContent = 'window.ran = true'; document.body.append(s)`)
	if eval[bool](b, `window.ran === true`) {
		t.Error("a script that is not the page's own ran")
	}
	if told := b.complaints.take(); len(told) != 1 || !strings.Contains(told[0], "Content Security Policy") {
		t.Errorf("the browser says %q", told)
	}
}

// TestHTMLOfAllThatIsNasty: of the whole corpus nothing runs, is fetched, or
// becomes an element.
func TestHTMLOfAllThatIsNasty(t *testing.T) {
	var results []audit.Result
	for _, name := range slices.Sorted(maps.Keys(nasty)) {
		results = append(results, hostile(nasty[name])...)
	}
	b := open(t, chromium(t), htmlOf(t, results, Options{}), desk)
	b.run(openAll)
	if n := eval[int](b, `document.querySelectorAll('body script').length - 1 + document.querySelectorAll('img, iframe, object, embed, link, base, a[href^="javascript:" i]').length`); n != 0 {
		t.Errorf("%d elements came from what was sent", n)
	}
	if told := b.complaints.take(); len(told) > 0 {
		t.Errorf("the browser says %.500q", told)
	}
}

func TestSVGInChromium(t *testing.T) {
	browser := chromium(t)
	svg := written(t, format(t, "svg"), survey(), Options{})
	b := open(t, browser, `<!doctype html><title>x</title><main></main>`, desk)
	width := eval[float64](b, fmt.Sprintf(`new Promise((done, failed) => {
		const picture = new Image();
		picture.onload = () => done(picture.naturalWidth);
		picture.onerror = () => failed('no picture');
		picture.src = 'data:image/svg+xml,' + encodeURIComponent(%q);
	})`, svg))
	b.complaints.take() // that it asked for the picture
	if width != 760 {
		t.Errorf("it is %v px wide", width)
	}
	over := eval[[]string](b, fmt.Sprintf(`{
		document.querySelector('main').innerHTML = %q;
		const box = document.querySelector('svg').getBoundingClientRect();
		Array.from(document.querySelectorAll('text')).filter(e => {
			const r = e.getBoundingClientRect();
			return r.left < box.left || r.right > box.right || r.bottom > box.bottom;
		}).map(e => e.textContent);
	}`, svg))
	if len(over) > 0 {
		t.Errorf("text leaves the picture: %q", over)
	}
}
