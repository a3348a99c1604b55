package witness

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"hsts-check/audit"
	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// oddRows are rows of measured visits that are no test of what is recorded, and why.
var oddRows = map[string]string{
	"w001": "Chromium loads it over and over", "w002": "likewise", "w004": "likewise",
	"v443": "the browsers' resolver knew no name with a dot at its end",
	"v691": "a policy of com, which Chromium has for all hosts below it", "v692": "likewise, of test", "v693": "likewise, of in-addr.arpa",
}

// How many rows are shown to the browser, if not all are to be, and at once.
const (
	sampleRows = 12
	manyRows   = 240
	rowsAtOnce = 4
)

// TestTruth shows visits of the test data to Chromium: what it was measured to
// remember of the listed host is what its exchanges, as they are recorded, are
// judged to make it remember.
func TestTruth(t *testing.T) {
	path := lab.Program(t, "chromium")
	lab.Program(t, "certutil")
	if !lab.Alone(t) {
		return
	}
	rows := truthRows(t)
	l, err := lab.ServeTruth(rows)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	if err := lab.NameHosts(l.HostsFile()); err != nil {
		t.Fatal(err)
	}
	b, err := Start(t.Context(), Options{Path: path, CACert: l.CAPEM(), Network: []string{"--no-proxy-server"}, Deadline: 15 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	queue := make(chan lab.TruthRow)
	var tabs sync.WaitGroup
	for range rowsAtOnce {
		tabs.Go(func() {
			for row := range queue {
				// A machine that is busy makes a browser lose its patience. What is
				// wrong is wrong again.
				if wrong := differs(t, b, row); wrong != "" {
					if wrong = differs(t, b, row); wrong != "" {
						t.Errorf("%s (%s, %s): %s", row.ID, row.Class, row.Why, wrong)
					}
				}
			}
		})
	}
	for _, row := range rows {
		queue <- row
	}
	close(queue)
	tabs.Wait()
	t.Logf("%d rows", len(rows))
}

// truthRows are those that take no time, from all parts of the data.
func truthRows(t *testing.T) []lab.TruthRow {
	t.Helper()
	var all []lab.TruthRow
	for _, name := range []string{"visits2.jsonl", "visits3.jsonl"} {
		rows, err := lab.ReadTruth("../visit/testdata/truth/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if oddRows[row.ID] == "" && !slow(&row) {
				all = append(all, row)
			}
		}
	}
	most := sampleRows
	if lab.Everything() {
		most = manyRows
	}
	var some []lab.TruthRow
	for i := range most {
		some = append(some, all[i*len(all)/most])
	}
	return some
}

func slow(row *lab.TruthRow) bool {
	for _, s := range row.Servers {
		if s.State == "silent" {
			return true
		}
		for _, a := range s.Answers {
			if a.Wait() > time.Second {
				return true
			}
		}
	}
	return false
}

// differs says in what a row is judged otherwise than it was measured; "" for
// nothing.
func differs(t *testing.T, b *Browser, row lab.TruthRow) string {
	seen, err := b.Visit(t.Context(), row.Visit)
	if err != nil {
		return err.Error()
	}
	// What the program saw has no say here: it was refused.
	refused := visit.Exchange{Probe: visit.ProbePage, URL: row.Visit, Head: visit.Head{Status: 403}}
	v := audit.Visit{Site: visit.Site{URL: row.Visit}, CheckedAt: time.Now(), Exchanges: []visit.Exchange{refused}}
	r := audit.Judge(audit.Witness(v, b.Version(), seen), nil)
	host := r.Host
	measured, ok := row.Chromium.Noted[host]
	if !ok {
		return ""
	}
	if last := seen[len(seen)-1].Error; last != nil && strings.Contains(last.Message, "ERR_INVALID_REDIRECT") {
		return "" // Chromium heeds the header of such an answer, and shows it to nobody
	}
	noted := r.Clients != nil && r.Clients.Chromium.Noted
	if noted == measured.Noted {
		return ""
	}
	var asked []string
	for _, x := range seen {
		u, _ := url.Parse(x.URL)
		asked = append(asked, fmt.Sprintf("%s %d %q %v", u, x.Status, x.STS, x.Error))
	}
	return fmt.Sprintf("%s is judged to be remembered: %v, and was measured: %v\n%s", host, noted, measured.Noted, strings.Join(asked, "\n"))
}
