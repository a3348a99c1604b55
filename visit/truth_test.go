package visit

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/internal/lab"
)

// unlike are the rows of which a client does something else here than the browser
// did, and why.
var unlike = map[string]string{
	"v014": "Firefox gave up after a reset; in other runs it fell back",
	"v443": "the browsers' resolver knew no name with a dot at its end",
}

// TestVisitsTruth has each client make every visit that browsers made, against
// the same servers in memory, and compares what it asks for and what it
// remembers with what the browser did.
func TestVisitsTruth(t *testing.T) {
	for _, row := range truthVisits(t) {
		t.Run(row.ID+" "+row.Class, func(t *testing.T) {
			for c, seen := range map[hsts.Client]lab.TruthSeen{hsts.Chromium: row.Chromium, hsts.Firefox: row.Firefox} {
				tab, asked := walk(t, &row, c)
				if got, want := once(asked), once(seen.Requests); !slices.Equal(got, want) && unlike[row.ID] == "" {
					t.Errorf("%s: %v asks for %q, the browser asked for %q", row.Why, c, got, want)
				}
				for host, want := range seen.Noted {
					if _, _, noted := tab.Known(host); noted != want.Noted && unlike[row.ID] == "" {
						t.Errorf("%s: %v remembers %s: %v, the browser: %v", row.Why, c, host, noted, want.Noted)
					}
				}
			}
		})
	}
}

// truthVisits reads all visits that browsers were measured with.
func truthVisits(t *testing.T) (rows []lab.TruthRow) {
	t.Helper()
	for _, name := range []string{"visits2.jsonl", "visits3.jsonl"} {
		some, err := lab.ReadTruth("testdata/truth/" + name)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, some...)
	}
	if len(rows) < 464 {
		t.Fatalf("only %d rows", len(rows))
	}
	return rows
}

// walk sends one client to a row's address and returns it with the URLs of the
// requests that reached a server.
func walk(t *testing.T, row *lab.TruthRow, c hsts.Client) (tab *browser.Tab, asked []string) {
	u, err := browser.ParseURL(row.Visit)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1.8e9, 0)
	tab = browser.Open(c, u, false, func() time.Time { return now })
	for n := 0; n < 100; n++ {
		request, any := tab.Next()
		if !any {
			return tab, asked
		}
		x, cookies, reached := serve(row, request)
		if reached {
			asked = append(asked, request.URL.String())
		}
		a := x.Answer(c, n)
		a.SetCookie = cookies.readBy(c)
		tab.Take(request.URL, a)
	}
	t.Errorf("%v does not come to an end", c)
	return tab, asked
}

// serve answers a request as a row's servers do, and reports whether it reached
// one.
func serve(row *lab.TruthRow, request browser.Request) (x Exchange, setCookies cookieLines, reached bool) {
	x.URL = request.URL.String()
	s := row.At(strings.Trim(request.URL.Host, "[]"), request.URL.EffectivePort())
	tls := request.URL.Scheme == "https"
	switch {
	case s == nil:
		x.Error = &Error{Kind: KindRefused}
		return x, setCookies, false
	case s.State == "silent":
		x.Error, x.MS = &Error{Kind: KindTimeout}, 6000
		return x, setCookies, false
	case s.State == "reset", tls && s.Scheme == "http":
		x.Error = &Error{Kind: KindReset}
		return x, setCookies, false
	case tls:
		x.TLS = &TLS{}
		if s.State != "" && s.State != "ok" {
			x.TLS.Error = &Error{Kind: CertInvalid}
			return x, setCookies, false
		}
	}
	fields := map[string]string{"host": request.URL.Host, "connection": "keep-alive"}
	for _, f := range new(visitor).withWire().navigation(request.URL) {
		fields[strings.ToLower(f.name)] = f.value
	}
	if request.Cookie != "" {
		fields["cookie"] = request.Cookie
	}
	a := s.Answer(tls, request.URL.Path, fields)
	body := bytes.NewReader(a.Bytes())
	r, _, err := readReply(body, nil)
	if err == nil {
		r, err = fromSite(r, nil)
	}
	x.MS = a.Wait().Milliseconds()
	if err != nil {
		x.Error = describe(err)
		return x, setCookies, true
	}
	r.lead(body)
	x.Head, x.Otherwise = r.Head, r.otherwise
	return x, r.setCookies, true
}

func (v *visitor) withWire() *visitor {
	v.Wire = new(Wire)
	return v
}

// once drops requests that repeat the one before, and fragments: browsers try
// again by themselves where nothing came.
func once(urls []string) (all []string) {
	for _, u := range urls {
		u, _, _ = strings.Cut(u, "#")
		if len(all) == 0 || all[len(all)-1] != u {
			all = append(all, u)
		}
	}
	return all
}
