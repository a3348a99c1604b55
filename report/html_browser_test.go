package report

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"hsts-check/audit"
	"hsts-check/internal/browsertest"
)

// chromium starts a browser for all subtests of a test.
func chromium(t *testing.T) context.Context {
	t.Helper()
	tab, _ := browsertest.Chromium(t, nil)
	return tab
}

// A tab shows one page. What the page does besides is complained of when the
// test ends: requests, dialogs, errors, violations of its policy.
type tab struct {
	testing.TB
	ctx        context.Context
	complaints *complaints
}

type complaints struct {
	sync.Mutex
	all []string
}

func (c *complaints) add(format string, args ...any) {
	c.Lock()
	defer c.Unlock()
	c.all = append(c.all, fmt.Sprintf(format, args...))
}

// take returns the complaints so far, which are then forgotten.
func (c *complaints) take() []string {
	c.Lock()
	defer c.Unlock()
	all := c.all
	c.all = nil
	return all
}

type screen struct {
	width    int64
	scheme   string
	noScript bool
}

var desk = screen{width: 1600, scheme: "light"}

func (s screen) String() string {
	if s.noScript {
		return fmt.Sprintf("%d px, %s, no script", s.width, s.scheme)
	}
	return fmt.Sprintf("%d px, %s", s.width, s.scheme)
}

// screens are those on which a page must look right.
var screens = []screen{
	{400, "light", false}, {400, "dark", false}, {1600, "light", false}, {1600, "dark", false},
	{400, "light", true}, {1600, "dark", true},
}

// open shows a page in a tab of its own.
func open(t testing.TB, browser context.Context, page string, s screen) tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page), 0o666); err != nil {
		t.Fatal(err)
	}
	address := "file:///" + strings.TrimPrefix(filepath.ToSlash(file), "/")
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	b := tab{t, ctx, new(complaints)}
	b.watch(address)
	b.do(chromedp.EmulateViewport(s.width, 900))
	call(b, chromedp.Call, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.scheme}},
	})
	call(b, chromedp.Call, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: s.noScript})
	b.do(chromedp.Navigate(address))
	return b
}

// call runs a command of the protocol.
func call[C, P, R any](b tab, run func(context.Context, C, P) (R, error), command C, params P) {
	b.Helper()
	if _, err := run(b.ctx, command, params); err != nil {
		b.Fatal(err)
	}
}

func (b tab) watch(address string) {
	complain := b.complaints.add
	err := chromedp.Listen(b.ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if e.Request.URL != address {
				complain("the page asked for %s", e.Request.URL)
			}
		case *cdpage.EventJavascriptDialogOpening:
			complain("a dialog opened: %q", e.Message)
		case *runtime.EventExceptionThrown:
			complain("a script failed: %s", e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			complain("a script wrote to the console")
		case *log.EventEntryAdded:
			complain("the browser complains: %s", e.Entry.Text)
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		for _, c := range b.complaints.take() {
			b.Error(c)
		}
	})
}

func (b tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// eval returns what an expression is in the page.
func eval[T any](b tab, expression string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return v
}

// run does something in the page.
func (b tab) run(script string) {
	b.Helper()
	eval[int](b, "{"+script+"\n} 0")
}

// visibleNames is an expression: the names of the rows that are seen.
const visibleNames = `Array.from(document.querySelectorAll('.sites tbody')).filter(e => e.checkVisibility()).map(e => e.rows[0].cells[0].textContent.trim())`

const openAll = `document.querySelectorAll('details').forEach(d => d.open = true)`

// until waits for something to become true in the page.
func (b tab) until(expression string) {
	b.Helper()
	for range 100 {
		if eval[bool](b, expression) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Errorf("never so: %s", expression)
}

// shows waits until the page shows just these rows.
func (b tab) shows(names ...string) {
	b.Helper()
	var got []string
	for range 100 {
		if got = eval[[]string](b, visibleNames); slices.Equal(got, names) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Errorf("the page shows %q, want %q", got, names)
}

func (b tab) choose(id, value string) {
	b.Helper()
	b.run(fmt.Sprintf(`const s = document.getElementById(%q); s.value = %q; s.dispatchEvent(new Event('change', {bubbles: true}))`, id, value))
	if got := eval[string](b, fmt.Sprintf(`document.getElementById(%q).value`, id)); got != value {
		b.Errorf("%s offers no %q", id, value)
	}
}

// banksAndFaults has two groups, and each verdict.
func banksAndFaults() []audit.Result { return append(banksToday()[:4], faults()...) }

func names(results []audit.Result, keep func(audit.Result) bool) []string {
	var names []string
	for _, r := range results {
		if keep(r) {
			names = append(names, r.Name)
		}
	}
	return names
}

func TestHTMLInChromium(t *testing.T) {
	browser := chromium(t)
	results := banksAndFaults()
	all := names(results, func(audit.Result) bool { return true })
	page := htmlOf(t, results, Options{})
	sub := func(name string, test func(tab)) {
		t.Run(name, func(t *testing.T) { test(open(t, browser, page, desk)) })
	}

	sub("search", func(b tab) {
		b.shows(all...)
		b.do(chromedp.SendKeys("#search", "KIWI ib."))
		b.shows("Kiwibank")
		if got := eval[string](b, `document.querySelector('#count').textContent`); got != fmt.Sprintf("1 of %d rows shown", len(all)) {
			b.Errorf("the count says %q", got)
		}
		if got := eval[int](b, `Array.from(document.querySelectorAll('.group')).filter(e => e.checkVisibility()).length`); got != 1 {
			b.Errorf("%d groups are shown, want the one that has a row", got)
		}
		b.do(chromedp.SendKeys("#search", "nonesuch"))
		b.shows()
		b.click("#tools button[type=reset]")
		b.shows(all...)
	})
	sub("search by the button", func(b tab) {
		b.run(`document.querySelector('#search').value = 'kiwi'`)
		b.click("#tools button[type=submit]")
		b.shows("Kiwibank")
	})
	sub("search in what a row opens to", func(b tab) {
		b.do(chromedp.SendKeys("#search", "comma at byte 17"))
		b.shows("Comma")
	})
	sub("filter", func(b tab) {
		b.choose("group", results[0].Group)
		b.shows(all[:4]...)
		b.choose("group", results[4].Group)
		b.choose("verdict", "ignored")
		b.shows("Expired", "Comma")
		b.choose("rule", "header-syntax")
		b.shows("Comma")
		b.choose("verdict", "unknown")
		b.shows()
	})
	sub("filter by a finding, from its fix", func(b tab) {
		b.click("#certificate-invalid button")
		b.shows("Expired")
	})
	sub("filter after a row was opened", func(b tab) {
		b.click(`.ignored summary`)
		b.choose("rule", "certificate-invalid")
		b.shows("Expired")
	})
	sub("sort", func(b tab) {
		faults, banks := all[4:], all[:4]
		head := func(column int) string {
			return fmt.Sprintf(".group:last-of-type .sites thead th:nth-child(%d)", column)
		}
		sorted := func(column int, direction string, names ...string) {
			b.Helper()
			b.click(head(column) + " button")
			b.shows(append(slices.Clone(banks), names...)...)
			if got := eval[string](b, fmt.Sprintf(`document.querySelector(%q).ariaSort ?? ''`, head(column))); got != direction {
				b.Errorf("column %d is sorted %q, want %q", column, got, direction)
			}
		}
		byName := slices.Clone(faults)
		slices.Sort(byName)
		sorted(1, "ascending", byName...)
		slices.Reverse(byName)
		sorted(1, "descending", byName...)
		sorted(1, "", faults...)
		sorted(3, "ascending", "People First Bank (Heritage + People's Choice)", "Odd", "Apex", "Off", "Expired", "Comma", "Listed", "Gone", "Slow", "Bad")
		sorted(4, "ascending", "Apex", "Expired", "Comma", "Gone", "Slow", "Bad", "Listed", "Off", "People First Bank (Heritage + People's Choice)", "Odd")
		sorted(4, "descending", "Odd", "People First Bank (Heritage + People's Choice)", "Off", "Apex", "Expired", "Comma", "Gone", "Slow", "Bad", "Listed")
	})
	sub("open a row by keyboard", testOpenRow)

	listed := slices.Clone(results[:3])
	listed[1].Preloaded = &audit.Preloaded{Entry: listed[1].Host}
	t.Run("sort with the preload list", func(t *testing.T) {
		b := open(t, browser, htmlOf(t, listed, Options{}), desk)
		b.click(".sites thead th:nth-child(5) button")
		b.shows("ANZ", "BNZ", "ASB")
		b.click(".sites thead th:nth-child(6) button")
		b.shows("BNZ", "ANZ", "ASB")
	})
}

// TestHTMLFindsEverySite: above 2,000 sites the search finds those as well that
// have no row.
func TestHTMLFindsEverySite(t *testing.T) {
	results := many(2500)
	results[7] = site("Far Away", "Needle & Thread", "https://needle.example/", "max-age=31536000", 7)
	results[7].Verdict = audit.Protected
	b := open(t, chromium(t), htmlOf(t, results, Options{}), desk)
	found := func() []string {
		return eval[[]string](b, `Array.from(document.querySelectorAll('#found li'), e => e.checkVisibility() && e.textContent)`)
	}
	if shown := found(); len(shown) > 0 {
		t.Errorf("from the start it shows %q", shown)
	}
	b.do(chromedp.SendKeys("#search", "needle thr"))
	b.until(`document.querySelectorAll('#found li').length === 1`)
	if shown := found(); shown[0] != "YES! Needle & Thread needle.example" {
		t.Errorf("it finds %q", shown)
	}
	if got := eval[string](b, `document.querySelector('#count').textContent`); !strings.HasPrefix(got, "0 of ") || !strings.HasSuffix(got, " rows shown; 1 of 2500 sites in the index") {
		t.Errorf("the count says %q", got)
	}
	b.choose("verdict", "absent")
	b.until(`document.querySelector('#found').hidden`)
	b.choose("verdict", "protected")
	b.choose("group", "Far Away")
	b.until(`document.querySelectorAll('#found li').length === 1`)
	b.click("#tools button[type=reset]")
	b.until(`document.querySelector('#found').hidden`)
	b.choose("verdict", "protected") // of which there are more than are shown
	b.until(`document.querySelectorAll('#found li').length === 200`)
}

// click activates an element. A click of the mouse goes to where the element
// was, and misses it on a machine that is slow to lay the page out.
func (b tab) click(selector string) {
	b.Helper()
	b.run(fmt.Sprintf(`document.querySelector(%q).click()`, selector))
}

func testOpenRow(b tab) {
	const opened = `document.querySelectorAll('.sites tbody')[8].rows[1]` // Comma
	if eval[bool](b, opened+`.checkVisibility()`) {
		b.Error("a row is open from the start")
	}
	b.run(`document.querySelectorAll('.sites summary')[8].focus()`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(opened + `.checkVisibility() && !!` + opened + `.querySelector('details')`)
	b.click(`.sites li summary`)
	text := eval[string](b, opened+`.innerText`)
	for _, want := range []string{
		"max-age=31536000, includeSubDomains",             // the header
		"a comma at byte 17 where a semicolon should be",  // the finding
		"Semicolons separate the directives",              // its fix
		"https://comma.example/ → 200", "203.0.113.7:443", // the exchange
		"open to preload submission: the fix", "not for the notes", // the other finding
	} {
		if !strings.Contains(text, want) {
			b.Errorf("the opened row has no %q:\n%s", want, text)
		}
	}
	b.run(`document.querySelectorAll('.sites summary')[8].focus()`)
	b.do(chromedp.KeyEvent(kb.Enter))
	if eval[bool](b, opened+`.checkVisibility()`) {
		b.Error("the row does not close again")
	}
}
