package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"hsts-check/audit"
	"hsts-check/internal/text"
)

//go:embed assets
var assetFiles embed.FS

// assets is parsed when first asked for: most runs write no such report.
var assets = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(assetFiles, "assets/*.html", "assets/*.svg"))
})

// asset returns a file that goes into a report as it is. Line ends are what a
// browser makes of them before it hashes, whatever a checkout did to them.
func asset(name string) string {
	b, err := assetFiles.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

func stylesheet(name string) template.CSS { return template.CSS(asset(name)) }

// HTML writes one file that holds all it needs: the result as a picture, then
// each group's table, whose rows open, then what was found and how to fix it.
// All of it reads without the script, which searches, filters and sorts. With
// opt.Since it tells what changed.
//
// The file takes under 150 kB and 1 kB a site. Of more than 2,000 sites it has
// rows for those that are not protected or unknown, and where that is too much,
// for fewer and with less of each; it says so, and an index has the names and
// verdicts of all. With opt.Only it has rows for these verdicts. The picture counts
// all sites.
func HTML(w io.Writer, results []audit.Result, meta Meta, opt Options) error {
	out := bounded{most: 150_000 + 1000*len(results)}
	for i, d := range details {
		out.Reset()
		err := assets().ExecuteTemplate(&out, "page.html", newHTMLPage(results, meta, opt, d))
		if err == nil {
			break
		}
		if !errors.Is(err, errFull) || i == len(details)-1 {
			return err
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

// A bounded buffer refuses to hold as much as most or more.
type bounded struct {
	bytes.Buffer
	most int
}

var errFull = errors.New("too much for one page")

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) >= b.most {
		return 0, errFull
	}
	return b.Buffer.Write(p)
}

// A detail is how much the page shows: so many rows and changes, so many
// findings and exchanges of each, and so many characters of what a site sent.
type detail struct {
	rows, changes     int
	each              int
	name, url, text   int
	addresses, opened bool // where exchanges went; that rows open at all
}

// details are tried in this order. The last one fits whatever was sent: its
// rows take less than what the page of one site may.
var details = []detail{
	{rows: mostRows, changes: 2000, each: 30, name: nameLimit, url: urlLimit, text: 2000, addresses: true, opened: true},
	{rows: mostRows, changes: 1000, each: 8, name: 100, url: 300, text: 300, opened: true},
	{rows: mostRows, changes: 500, each: 3, name: 60, url: 120, text: 120, opened: true},
	{rows: mostRows, changes: 200, name: 60, url: 120, text: 120},
	{rows: 40, changes: 10, name: 40, url: 60, text: 60},
}

const (
	wholeRows = 2000 // a page shows all of so many sites
	mostRows  = 5000 // and has no more rows than these
)

// An htmlPage is what the template shows. All its strings are escaped as
// [visible] does; the template escapes them for their place in the page.
type htmlPage struct {
	CSP    string
	Style  template.CSS
	Script template.JS

	Title, Lead, Overall string
	Sites                int
	Bars                 []bar
	MoreBars             int
	Key                  []keyEntry
	Ages                 ageChart
	Standards            []standardRow
	Changes              *htmlChanges
	Groups               []htmlGroup
	Index                []indexGroup
	Indexed              int      // sites in the index
	Notes                []string // on what is left out
	Rules                []htmlRule
	Hows                 []htmlHow
	Footer               string
}

func newHTMLPage(results []audit.Result, meta Meta, opt Options, d detail) htmlPage {
	results, places := fold(results)
	all := opt.tally(results)
	sites := all.Total.Sites()
	p := htmlPage{
		Style: stylesheet("page.css"), Script: template.JS(asset("page.js")),
		Title: opt.title(all),
		Lead:  Leader(all.Groups), Overall: all.Total.String(), Sites: sites,
		Key: key(all.Total), Ages: newAgeChart(all), Standards: standardRows(all),
		Changes: newHTMLChanges(opt.Since, d), Rules: htmlRules(all),
		Footer: meta.footer(),
	}
	p.Hows = howsOf(p.Rules)
	p.CSP = contentSecurityPolicy(string(p.Style), string(p.Script))
	p.Bars, _, p.MoreBars = newBars(all.Groups, 80)
	show := opt.Shows
	if len(opt.Only) > 0 {
		p.Notes = append(p.Notes, opt.leftOut(results)+".")
	} else if sites > wholeRows {
		show = func(r audit.Result) bool { return r.Verdict != audit.Protected }
		p.Notes = append(p.Notes, "Of more than 2,000 sites, those that are not protected or could not be judged are below.")
	}
	var shown int
	p.Groups, shown = htmlGroups(results, places, all, show, opt, d)
	if wanted := opt.shown(results); shown < len(wanted) {
		p.Index, p.Indexed = newIndex(wanted, all, d), len(wanted)
	}
	p.Notes = append(p.Notes, p.leftOut(shown)...)
	if d != details[0] {
		p.Notes = append(p.Notes, "To keep this page short, long values are cut and details left out. They are in the results as NDJSON: -o results.ndjson.")
	}
	return p
}

// leftOut says which sites have no row.
func (p *htmlPage) leftOut(shown int) (notes []string) {
	if shown == p.Sites {
		return nil
	}
	notes = append(notes, fmt.Sprintf("%s of %s are below, and the picture counts all.", text.Number(shown), text.Plural(p.Sites, "site")))
	if p.Indexed > 0 {
		notes = append(notes, fmt.Sprintf("The index behind them has the names and verdicts of %s, and the search looks there too.", text.Plural(p.Indexed, "site")))
	}
	if max(shown, p.Indexed) < p.Sites {
		notes = append(notes, "The rest is in the results as CSV or NDJSON: -o results.csv or -o results.ndjson.")
	}
	return []string{strings.Join(notes, " ")}
}

// contentSecurityPolicy lets the page use its own style and script, known by
// their hashes, and nothing else.
func contentSecurityPolicy(style, script string) string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hash(style), hash(script))
}
