package audit_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/internal/browsertest"
	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// TestChromium holds what is said of Chromium to the browser itself. Each case
// is a fresh host: the browser visits it over https, is then sent to http:// on
// the host and on a subdomain, and what went out is compared with what a visit
// of our own says would go out.
func TestChromium(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("on Linux alone Chromium takes its authorities from a file that a test can write")
	}
	cases := append(chromiumValues(t), chromiumAnswers...)
	if !lab.Everything() {
		cases = oneOf(6, cases)
	}
	hosts := []lab.Host{{Name: "*.test", Plain: &lab.Answer{Status: 204}}}
	for i := range cases {
		h := &cases[i].host
		if h.Name == "" {
			h.Name = fmt.Sprintf("case%d.test", i)
		}
		h.Plain = &lab.Answer{Status: 204}
		h.Paths = map[string]lab.Answer{"/probe": {Status: 204}}
		hosts = append(hosts, *h)
	}
	l, err := lab.Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	browser := startChromium(t, l)
	auditor := &audit.Auditor{Roots: l.CA}
	for _, s := range l.ConnectTo() {
		c, err := visit.ParseConnectTo(s)
		if err != nil {
			t.Fatal(err)
		}
		auditor.ConnectTo = append(auditor.ConnectTo, c)
	}
	var sites []audit.Site
	for _, c := range cases {
		sites = append(sites, audit.Site{URL: c.url()})
	}
	results := make(map[string]audit.Result)
	for r := range auditor.Survey(t.Context(), slices.Values(sites)) {
		results[r.URL] = r
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			goTo(t, browser, c.url())
			seen := went{askFor(t, browser, l, c.host.Name), askFor(t, browser, l, "sub."+c.host.Name)}
			c.compare(t, seen, results[c.url()])
		})
	}
}

// oneOf returns the first of each n cases.
func oneOf(n int, cases []chromiumCase) (some []chromiumCase) {
	for group := range slices.Chunk(cases, n) {
		some = append(some, group[0])
	}
	return some
}

// A chromiumCase is a host, which the test names unless its name matters.
type chromiumCase struct {
	name string
	host lab.Host
}

// A went holds the schemes over which the host and a subdomain were asked for
// when the browser was sent to http://.
type went struct{ host, subdomain string }

func (c chromiumCase) url() string { return "https://" + c.host.Name + "/" }

// askFor sends the browser to http:// on a host and returns the scheme of the
// request that arrives.
func askFor(t *testing.T, browser context.Context, l *lab.Lab, host string) string {
	goTo(t, browser, "http://"+host+"/probe")
	for _, r := range l.Requests() {
		if scheme, ok := strings.CutSuffix(r.URL, "://"+host+"/probe"); ok {
			return scheme
		}
	}
	return "nothing"
}

// goTo sends the browser's tab to a URL and returns when the head of the
// answer has been read. Whether a page came of it does not matter.
func goTo(t *testing.T, browser context.Context, url string) {
	t.Helper()
	if _, err := chromedp.Call(browser, page.Navigate, page.NavigateParams{URL: url}); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

func (c chromiumCase) compare(t *testing.T, chromium went, r audit.Result) {
	if store := storeSays(t, r.Exchanges, c.host.Name); store != chromium {
		t.Errorf("Chromium: %+v; its store here: %+v", chromium, store)
	}
	if record := recordSays(r.Clients); record != chromium {
		t.Errorf("Chromium: %+v; the record: %+v", chromium, record)
	}
}

// storeSays has Chromium's store note what a visit saw.
func storeSays(t *testing.T, exchanges []audit.Exchange, host string) went {
	store := hsts.Store{Client: hsts.Chromium}
	for _, x := range exchanges {
		u, err := url.Parse(x.URL)
		if err != nil {
			t.Fatal(err)
		}
		store.Note(u.Hostname(), x.ReadBy(hsts.Chromium).STS, x.TLS != nil && x.TLS.Error == nil)
	}
	_, covered := store.Lookup(host)
	_, subdomain := store.Lookup("sub." + host)
	return went{schemeIf(covered), schemeIf(subdomain)}
}

// recordSays returns what a result's record claims of Chromium.
func recordSays(c *audit.Clients) went {
	if c == nil || !c.Chromium.Noted {
		return went{"http", "http"}
	}
	return went{"https", schemeIf(*c.Chromium.IncludeSubDomains)}
}

func schemeIf(covered bool) string {
	if covered {
		return "https"
	}
	return "http"
}

// startChromium returns the context of the tab of a browser that has no way to
// anything but the lab.
//
// Without --ignore-certificate-errors, which changes what a browser notes.
func startChromium(t *testing.T, l *lab.Lab) context.Context {
	tab, _ := browsertest.Chromium(t, l.CAPEM(),
		chromedp.Flag("disable-quic", true),
		// Upgrades to https that are not HSTS. The case without a header shows
		// that none is left.
		chromedp.Flag("disable-features", "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable"),
		chromedp.Flag("host-resolver-rules",
			fmt.Sprintf("MAP *.test:443 %s, MAP *.test:80 %s, MAP * ~NOTFOUND", l.TLSAddr(), l.HTTPAddr())),
	)
	if err := chromedp.Do(tab, chromedp.Func(browsertest.Unfollowed)); err != nil {
		t.Fatal(err)
	}
	return tab
}

// chromiumValues are values of every group of those that browsers were measured
// with, up to four a group, evenly spread.
func chromiumValues(t *testing.T) (cases []chromiumCase) {
	data, err := os.ReadFile("../hsts/testdata/truth/headers.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID, Group string
		HeaderB64 string `json:"header_b64"`
	}
	var groups []string
	rows := make(map[string][]row)
	for line := range bytes.Lines(data) {
		var r row
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if rows[r.Group] == nil {
			groups = append(groups, r.Group)
		}
		rows[r.Group] = append(rows[r.Group], r)
	}
	for _, group := range groups {
		if group == "sequence" { // these wait for a policy to expire
			continue
		}
		all := rows[group]
		for i, n := 0, min(len(all), 4); i < n; i++ {
			r := all[i*len(all)/n]
			value, err := base64.StdEncoding.DecodeString(r.HeaderB64)
			if err != nil {
				t.Fatal(err)
			}
			cases = append(cases, chromiumCase{name: group + " " + r.ID, host: lab.Host{Answer: lab.STS(string(value))}})
		}
	}
	if len(cases) < 60 {
		t.Fatalf("only %d values", len(cases))
	}
	return cases
}

const (
	okLine = "HTTP/1.1 200 OK\r\n"
	stsOf  = "Strict-Transport-Security: "
	goodV  = "max-age=1000000; includeSubDomains"
	good   = stsOf + goodV + "\r\n"
	theEnd = "Connection: close\r\n\r\n"
)

// chromiumAnswers are heads and hosts at which readers go wrong.
var chromiumAnswers = []chromiumCase{
	raw("no field", okLine+theEnd),

	raw("a folded value is one", okLine+stsOf+"max-age=1000000;\r\n includeSubDomains\r\n"+theEnd),
	raw("a fold is a blank, inside a number too", okLine+stsOf+"max-age=1000\r\n 000\r\n"+theEnd),
	raw("a value that begins after a fold", okLine+stsOf+"\r\n\tmax-age=1000000\r\n"+theEnd),
	raw("a field in the fold of another is none", okLine+"X: a\r\n "+good+theEnd),
	raw("a fold of blanks alone does not end the head", okLine+"X: a\r\n \r\n"+good+theEnd),
	raw("a first line that begins with a blank is skipped", okLine+" "+good+theEnd),

	raw("an empty field is the first", okLine+stsOf+"\r\n"+good+theEnd),
	raw("a name without a colon is skipped", okLine+"Strict-Transport-Security\r\n"+good+theEnd),
	raw("a blank before the colon", okLine+"Strict-Transport-Security : "+goodV+"\r\n"+theEnd),
	raw("a vertical tab before the colon is another name", okLine+"Strict-Transport-Security\v: "+goodV+"\r\n"+theEnd),

	raw("lines end in LF", strings.ReplaceAll(okLine+good+theEnd, "\r", "")),
	raw("a head without an end", okLine+good),
	raw("a carriage return ends the value", okLine+stsOf+"max-age=1000000\r; includeSubDomains\r\n"+theEnd),
	raw("a carriage return in another field begins the header", okLine+"X: y\r"+good+theEnd),
	raw("a carriage return ends a quoted value early", okLine+stsOf+"max-age=1000000; a=\"b\rc\"\r\n"+theEnd),
	raw("a carriage return in another field begins the first header", okLine+"X: y\r"+stsOf+"max-age=0\r\n"+good+theEnd),
	raw("a carriage return too many at the end", okLine+stsOf+goodV+"\r\r\n"+theEnd),
	raw("two carriage returns do not end the head", okLine+"\r\r\n"+good+theEnd),
	raw("two carriage returns and no end", okLine+good+"\r\r\n"),
	raw("a carriage return in another field", okLine+"X: a\rb\r\n"+good+theEnd),

	raw("NUL in a quoted value", okLine+stsOf+"max-age=1000000; a=\"\x00\"\r\n"+theEnd),
	raw("NUL in another field", okLine+good+"X: \x00\r\n"+theEnd),
	raw("NUL in the status line", "HTTP/1.1 200 O\x00K\r\n"+good+theEnd),
	raw("NUL in an interim answer", "HTTP/1.1 103 Early Hints\r\nX: \x00\r\n\r\n"+okLine+good+theEnd),

	raw("early hints teach nothing", "HTTP/1.1 103 Early Hints\r\n"+good+"\r\n"+okLine+theEnd),
	raw("the answer after early hints does", "HTTP/1.1 103 Early Hints\r\n\r\n"+okLine+good+theEnd),
	overHTTP2("early hints over HTTP/2 teach nothing", lab.Answer{Interim: []lab.Answer{{Status: 103, Fields: []string{stsOf + goodV}}}}),
	raw("a change of protocol teaches nothing", "HTTP/1.1 101 Switching Protocols\r\n"+good+theEnd),
	raw("four stray bytes", "xxxx"+okLine+good+theEnd),

	raw("two lengths", okLine+good+"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
	raw("the same length twice", okLine+good+"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab"),
	raw("two lengths of chunks", okLine+good+"Content-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	raw("two lengths in one field", okLine+good+"Content-Length: 1, 2\r\n\r\nab"),
	raw("an empty length and another", okLine+good+"Content-Length:\r\nContent-Length: 2\r\n\r\nab"),
	raw("two lengths and no chunks", okLine+good+"Content-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: identity\r\n\r\nab"),
	raw("two lengths of chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\n"+good+"Content-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	raw("two places to go to", "HTTP/1.1 302 Found\r\n"+good+"Location: /a\r\nLocation: /b\r\n"+theEnd),
	raw("no place and one", "HTTP/1.1 302 Found\r\n"+good+"Location:\r\nLocation: /b\r\n"+theEnd),
	overHTTP2("two places over HTTP/2", lab.Answer{Fields: []string{stsOf + goodV, "Location: /a", "Location: /b"}}),
	raw("the same place twice", okLine+good+"Location: /a\r\nLocation: /a\r\n"+theEnd),
	raw("two dispositions", okLine+good+"Content-Disposition: inline\r\nContent-Disposition: attachment\r\n"+theEnd),

	raw("two dispositions in one field", okLine+good+"Content-Disposition: inline, attachment\r\n"+theEnd),
	raw("a comma in a disposition's quotes", okLine+good+"Content-Disposition: inline; filename=\"a, b\"\r\n"+theEnd),

	raw("a status for proxies", "HTTP/1.1 407 Proxy Authentication Required\r\n"+good+theEnd),
	raw("after 100 KiB", okLine+"X: "+strings.Repeat("y", 100<<10)+"\r\n"+good+theEnd),
	raw("after 300 KiB", okLine+"X: "+strings.Repeat("y", 300<<10)+"\r\n"+good+theEnd),

	{name: "expired", host: lab.Host{Name: "expired.test", Cert: lab.CertExpired, Answer: lab.STS(goodV)}},
	{name: "a redirect to an expired one", host: lab.Host{Answer: lab.Answer{Location: "https://expired.test/", Fields: []string{stsOf + goodV}}}},
	{name: "of another host", host: lab.Host{Cert: lab.CertWrongHost, Answer: lab.STS(goodV)}},
	{name: "of an unknown authority", host: lab.Host{Cert: lab.CertUnknownCA, Answer: lab.STS(goodV)}},
	{name: "self-signed", host: lab.Host{Cert: lab.CertSelfSigned, Answer: lab.STS(goodV)}},
	{name: "intermediate from AIA", host: lab.Host{Cert: lab.CertNoIntermediate, Answer: lab.STS(goodV)}},
	{name: "RSA key exchange", host: lab.Host{TLS: lab.RSAKeyExchange, Answer: lab.STS(goodV)}},
	{name: "P-521 only", host: lab.Host{TLS: lab.OnlyP521, Answer: lab.STS(goodV)}},
	{name: "TLS 1.1 only", host: lab.Host{TLS: lab.OldTLS, Answer: lab.STS(goodV)}},
	overHTTP2("HTTP/2 only", lab.STS(goodV)),
	{name: "a page that wants its cookie back", host: lab.Host{Cookie: "id=1", Answer: lab.STS(goodV)}},
}

func raw(name, answer string) chromiumCase {
	return chromiumCase{name: name, host: lab.Host{Answer: lab.Answer{Raw: answer}}}
}

func overHTTP2(name string, a lab.Answer) chromiumCase {
	return chromiumCase{name: name, host: lab.Host{TLS: lab.OnlyH2, Answer: a}}
}
