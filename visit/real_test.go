package visit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hsts-check/hsts"
	"hsts-check/internal/lab"
)

// How many rows a real browser is shown: as many of each class as of the others,
// as far as a class has them.
const (
	realVisits = 160
	realHeads  = 220
	// Of each kind, in a run that is to be over soon.
	realSample = 24
)

// A realBrowser is a browser with an empty profile.
type realBrowser interface {
	// open sends a tab to a URL.
	open(tab int, url string) error
	// left is told when the tab's visit is over, and of which hosts it was.
	left(tab int, hosts []string) error
	// end ends the browser and returns what it remembers of those hosts.
	end() (map[string]lab.TruthNoted, error)
}

// realTabs is how many visits a browser makes at a time. More would not be
// faster on two cores.
const realTabs = 8

// testReal holds what is said of a client to the browser itself, which visits
// servers of the test data on sockets: what it asks for and what it remembers has
// to be what was measured, and what the client does here.
func testReal(t *testing.T, c hsts.Client, start func(*testing.T, *lab.TruthLab) realBrowser) {
	visits := truthVisits(t)
	heads, err := lab.ReadHeads("testdata/truth/heads.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	visits, heads = spread(repeatable(visits), realVisits), spread(repeatable(heads), realHeads)
	if len(visits) < 100 || len(heads) < 200 {
		t.Fatalf("only %d visits and %d heads", len(visits), len(heads))
	}
	if !lab.Everything() {
		visits, heads = spread(visits, realSample), spread(heads, realSample)
	}
	differ := showReal(t, c, slices.Concat(visits, heads), start)
	t.Logf("%d visits and %d heads; to be repeated: %v", len(visits), len(heads), differ)
	if len(differ) == 0 {
		return
	}
	// A machine that is busy makes a browser lose its patience where it did not
	// when it was measured. What is wrong is wrong again.
	var again []lab.TruthRow
	for _, d := range differ {
		again = append(again, d.row)
	}
	for _, d := range showReal(t, c, again, start) {
		t.Error(d)
	}
}

// repeatable returns the rows that a browser can be shown among others, and that
// take it no time.
func repeatable(rows []lab.TruthRow) (some []lab.TruthRow) {
	for _, row := range rows {
		if unlike[row.ID] == "" && unrepeatable[row.ID] == "" && !slow(&row) {
			some = append(some, row)
		}
	}
	return some
}

// unrepeatable are further rows that are left out, and why.
var unrepeatable = map[string]string{
	"w001":  "Chromium loads it over and over",
	"w002":  "likewise",
	"w004":  "likewise",
	"a0346": "a head that is longer than what is read here",
	"v691":  "a policy of com, which Chromium then has for all hosts below it",
	"v692":  "a policy of test, likewise",
	"v693":  "a policy of in-addr.arpa, likewise",
	"v694":  "Firefox remembers it, but says no when it is asked of a site whose name begins with a digit",
}

// slowRefresh is a refresh, as a field or an element, after a second or more.
var slowRefresh = regexp.MustCompile(`(?i)(refresh: *|content=["']?)[1-9]`)

func slow(row *lab.TruthRow) bool {
	for _, s := range row.Servers {
		if s.State == "silent" {
			return true
		}
		for _, a := range s.Answers {
			if a.Wait() > time.Second || slowRefresh.MatchString(a.Raw) {
				return true
			}
		}
	}
	return false
}

// spread takes n rows, as many of each class as of the others as far as there are as
// many, and from all parts of a class that has more.
func spread(rows []lab.TruthRow, n int) (some []lab.TruthRow) {
	var classes []string
	of := make(map[string][]lab.TruthRow)
	for _, row := range rows {
		if of[row.Class] == nil {
			classes = append(classes, row.Class)
		}
		of[row.Class] = append(of[row.Class], row)
	}
	quota := make(map[string]int)
	for taken, before := 0, -1; taken < n && taken != before; {
		before = taken
		for _, class := range classes {
			if taken < n && quota[class] < len(of[class]) {
				quota[class]++
				taken++
			}
		}
	}
	for _, class := range classes {
		for i := range quota[class] {
			some = append(some, of[class][i*len(of[class])/quota[class]])
		}
	}
	return some
}

// A difference is a row of which a browser does something else.
type difference struct {
	row  lab.TruthRow
	what []string
}

func (d difference) String() string {
	return fmt.Sprintf("%s (%s, %s): %s", d.row.ID, d.row.Class, d.row.Why, strings.Join(d.what, "; "))
}

// showReal has a fresh browser visit rows, and returns those that differ.
func showReal(t *testing.T, c hsts.Client, rows []lab.TruthRow, start func(*testing.T, *lab.TruthLab) realBrowser) (differ []difference) {
	l, err := lab.ServeTruth(rows)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := lab.NameHosts(l.HostsFile()); err != nil {
		t.Fatal(err)
	}
	expected := make([]expectation, len(rows))
	for i := range rows {
		expected[i] = expect(t, c, &rows[i])
	}
	browser := start(t, l)
	visitAll(t, browser, l, expected)
	remembers, err := browser.end()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range expected {
		asked, _ := e.asked(l)
		if what := e.compare(asked, remembers); what != nil {
			differ = append(differ, difference{rows[i], what})
		}
	}
	return differ
}

func visitAll(t *testing.T, browser realBrowser, l *lab.TruthLab, all []expectation) {
	next := make(chan expectation)
	var tabs sync.WaitGroup
	for tab := range realTabs {
		tabs.Go(func() {
			for e := range next {
				if err := browser.open(tab, e.row.Visit); err != nil {
					t.Errorf("%s: %v", e.row.ID, err)
					continue
				}
				e.settle(l)
				if err := browser.left(tab, e.hosts); err != nil {
					t.Errorf("%s: %v", e.row.ID, err)
				}
			}
		})
	}
	for _, e := range all {
		next <- e
	}
	close(next)
	tabs.Wait()
}

// An expectation is what is said of a browser's visit.
type expectation struct {
	row      *lab.TruthRow
	seen     lab.TruthSeen // what the browser was measured to do
	hosts    []string
	requests []string        // what the client asks for here
	noted    map[string]bool // what it remembers
}

func expect(t *testing.T, c hsts.Client, row *lab.TruthRow) expectation {
	e := expectation{row: row, seen: map[hsts.Client]lab.TruthSeen{hsts.Chromium: row.Chromium, hsts.Firefox: row.Firefox}[c], noted: make(map[string]bool)}
	tab, asked := walk(t, row, c)
	e.requests = once(asked)
	for host := range e.seen.Noted {
		_, _, e.noted[host] = tab.Known(host)
	}
	for _, s := range row.Servers {
		if host := strings.ToLower(strings.TrimSuffix(s.Host, ".")); !slices.Contains(e.hosts, host) {
			e.hosts = append(e.hosts, host)
		}
	}
	return e
}

// asked returns the URLs that the browser has asked of the row's servers so far,
// icons and repetitions aside, and when it asked last.
func (e *expectation) asked(l *lab.TruthLab) (urls []string, last time.Time) {
	for _, hit := range l.Hits() {
		if slices.Contains(e.hosts, hit.Host) && !strings.HasSuffix(hit.URL, "/favicon.ico") {
			urls, last = append(urls, hit.URL), hit.At
		}
	}
	return once(urls), last
}

// How long a browser has to have asked for nothing until its visit counts as
// over. Chromium's and Firefox's own patience, which would make them ask again, is
// 3 s and 2.2 s.
const (
	quietAsExpected = 700 * time.Millisecond // where it has asked for all that it should
	quietOtherwise  = 4 * time.Second
	longestVisit    = 20 * time.Second
)

// settle waits for the end of a visit that has just begun.
func (e *expectation) settle(l *lab.TruthLab) {
	start := time.Now()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for now := range ticker.C {
		urls, last := e.asked(l)
		if last.Before(start) {
			last = start
		}
		enough := quietOtherwise
		if slices.Equal(urls, e.requests) {
			enough = quietAsExpected
		}
		if now.Sub(last) >= enough || now.Sub(start) >= longestVisit {
			return
		}
	}
}

// compare says in what a browser differs from what is said of it.
func (e *expectation) compare(asked []string, remembers map[string]lab.TruthNoted) (what []string) {
	if !slices.Equal(asked, e.requests) {
		what = append(what, fmt.Sprintf("the browser asks for %q, the client here for %q", asked, e.requests))
	}
	// Of heads it was not noted what was asked for.
	if measured := once(e.seen.Requests); e.seen.Requests != nil && !slices.Equal(asked, measured) {
		what = append(what, fmt.Sprintf("the browser asks for %q, when it was measured for %q", asked, measured))
	}
	for host, measured := range e.seen.Noted {
		is := remembers[strings.TrimSuffix(host, ".")]
		if is.Noted != e.noted[host] {
			what = append(what, fmt.Sprintf("the browser remembers %s: %v, the client here: %v", host, is.Noted, e.noted[host]))
		}
		if is != measured {
			what = append(what, fmt.Sprintf("the browser remembers %s: %+v, when it was measured: %+v", host, is, measured))
		}
	}
	return what
}
