package audit

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"hsts-check/hsts"
	"hsts-check/preload"
	"hsts-check/visit"
)

// Hosts of the examples.
const (
	a, plainA     = "https://a.test/", "http://a.test/"
	b, plainB     = "https://b.test/", "http://b.test/"
	www, plainWWW = "https://www.a.test/", "http://www.a.test/"
	withSub       = year + "; includeSubDomains"
	full          = withSub + "; preload"
)

// fires are visits on which a rule fires, once: how bad it is, on which host,
// and what the message must hold of what was seen.
var fires = []struct {
	rule, why string
	visit     []Exchange
	severity  Severity
	host      string
	says      []string
}{
	{"header-absent", "no header", []Exchange{got(a)}, SeverityError, "a.test", []string{"a.test sends no Strict-Transport-Security"}},
	{"header-absent", "a later host has none", []Exchange{moved(a, b, year), got(b)}, SeverityError, "b.test", []string{"b.test sends no"}},
	{"header-absent", "sent over http alone", []Exchange{moved(plainA, a, year), got(a)}, SeverityError, "a.test", []string{"over https"}},
	{"header-absent", "on the redirect to www", []Exchange{moved(a, www), got(www, withSub)}, SeverityError, "a.test", []string{"a.test sends no"}},
	{"header-syntax", "comma for semicolon", []Exchange{got(a, year+", includeSubDomains")}, SeverityError, "a.test",
		[]string{`a.test sends "max-age=31536000, includeSubDomains"`, "browsers ignore the whole header; begin with max-age=300"}},
	{"header-syntax", "Firefox alone accepts it", []Exchange{got(a, firefoxOnly)}, SeverityError, "a.test", []string{`preload="`, "by the RFC the whole header is void"}},
	{"header-syntax", "on a later host", []Exchange{moved(a, b, year), got(b, "max-age:1")}, SeverityError, "b.test", []string{`b.test sends "max-age:1"`}},
	{"header-syntax", "behind a bad certificate too", []Exchange{badCert(got(a, "max-age:1"))}, SeverityError, "a.test", []string{`"max-age:1"`}},
	{"max-age-absent", "none", []Exchange{got(a, "includeSubDomains")}, SeverityError, "a.test", []string{`sends "includeSubDomains"`}},
	{"max-age-absent", "the empty field", []Exchange{got(a, "")}, SeverityError, "a.test", []string{`sends ""`}},
	{"max-age-invalid", "a unit", []Exchange{got(a, "max-age=1y")}, SeverityError, "a.test", []string{`sends "max-age=1y"`}},
	{"directive-repeated", "one that counts", []Exchange{got(a, "max-age=1; Max-Age=1")}, SeverityError, "a.test",
		[]string{`"max-age=1; Max-Age=1"`, "browsers ignore the whole header"}},
	{"directive-repeated", "one that clients forgive", []Exchange{got(a, year+"; preload; preload")}, SeverityInfo, "a.test", []string{"preload; preload"}},
	{"directive-repeated", "an unknown one", []Exchange{got(a, year+"; x; x")}, SeverityInfo, "a.test", []string{"x; x"}},
	{"clients-differ", "Firefox accepts it", []Exchange{got(a, firefoxOnly)}, SeverityWarning, "a.test", []string{`preload="`, "Firefox accepts it", year}},
	{"clients-differ", "Chromium accepts it", []Exchange{got(a, chromiumOnly)}, SeverityWarning, "a.test", []string{`x="\x01"`, "Chromium accepts it"}},
	{"clients-differ", "Firefox ignores it", []Exchange{got(a, notFirefox)}, SeverityWarning, "a.test", []string{notFirefox, "Firefox ignores it"}},
	{"clients-differ", "a blank before the colon", []Exchange{spaced(got(a, year))}, SeverityWarning, "a.test", []string{"blank before the colon", "Chromium reads"}},
	{"clients-differ", "localhost", []Exchange{got("https://localhost/", withSub)}, SeverityWarning, "localhost", []string{"browsers never apply one to localhost"}},
	{"include-subdomains-value", "true", []Exchange{got(a, year+"; includeSubDomains=true")}, SeverityError, "a.test", []string{"includeSubDomains=true"}},
	{"max-age-zero", "zero", []Exchange{got(a, "max-age=0")}, SeverityError, "a.test", []string{"a.test sends max-age=0"}},
	{"max-age-short", "below the first step", []Exchange{got(a, "max-age=299")}, SeverityWarning, "a.test", []string{"max-age=299", "raise it to 300 (5 min)", "31536000 (1 year)"}},
	{"max-age-short", "on a step", []Exchange{got(a, "max-age=604800")}, SeverityWarning, "a.test", []string{"max-age=604800 (7 days)", "raise it to 2592000 (30 days)"}},
	{"max-age-short", "a second less than a year", []Exchange{got(a, "max-age=31535999")}, SeverityWarning, "a.test", []string{"max-age=31535999", "raise it to 31536000 (1 year)"}},
	{"max-age-excessive", "a second over ten years", []Exchange{got(a, "max-age=315360001")}, SeverityInfo, "a.test",
		[]string{"max-age=315360001", "Chromium keeps 1 year"}},
	{"max-age-excessive", "a Unix time", []Exchange{got(a, "max-age=1767225600")}, SeverityInfo, "a.test", []string{"Unix time of 2026-01-01"}},
	{"max-age-excessive", "beyond 64 bits", []Exchange{got(a, notFirefox)}, SeverityInfo, "a.test", []string{"Firefox ignores it"}},
	{"max-age-quoted", "quotes", []Exchange{got(a, `max-age="31536000"`)}, SeverityInfo, "a.test", []string{`max-age="31536000"`}},
	{"directive-unknown", "unknown", []Exchange{got(a, year+"; report")}, SeverityInfo, "a.test", []string{"; report"}},
	{"directive-unknown", "a slip", []Exchange{got(a, year+"; includeSubDomain")}, SeverityWarning, "a.test", []string{"; includeSubDomain"}},
	{"directive-empty", "a semicolon at the end", []Exchange{got(a, year+";")}, SeverityInfo, "a.test", []string{year + ";"}},
	{"field-repeated", "twice the same", []Exchange{got(a, year, year)}, SeverityWarning, "a.test", []string{"2 times", "one meaning"}},
	{"field-repeated", "two spellings of the same", []Exchange{got(a, year, "Max-Age=031536000;")}, SeverityWarning, "a.test", []string{"one meaning"}},
	{"field-repeated", "three, one differs", []Exchange{got(a, year, year, "max-age=0")}, SeverityError, "a.test", []string{"3 times", `"` + year + `"`, `"max-age=0"`}},
	{"field-repeated", "the second is broken", []Exchange{got(a, year, "bogus")}, SeverityError, "a.test", []string{`later "bogus"`}},
	{"include-subdomains-absent", "open", []Exchange{got(a, year)}, SeverityWarning, "a.test", []string{"a.test sends no includeSubDomains"}},
	{"preload-unqualified", "too short", []Exchange{got(a, "max-age=300; includeSubDomains; preload")}, SeverityWarning, "a.test", []string{"max-age is 5 min", "1 year is required"}},
	{"preload-unqualified", "without subdomains", []Exchange{got(a, year+"; preload")}, SeverityWarning, "a.test", []string{"includeSubDomains is missing"}},
	{"preload-unqualified", "on a subdomain", []Exchange{got(www, full)}, SeverityWarning, "www.a.test", []string{"registrable domain", "a.test"}},
	{"preload-unqualified", "on a name without a dot", []Exchange{got("https://intranet/", full)}, SeverityWarning, "intranet", []string{"registrable domain"}},
	{"preload-consent", "on the registrable domain", []Exchange{got(a, full)}, SeverityInfo, "a.test", []string{"a.test sends preload"}},
	{"preload-consent", "whether or not it qualifies", []Exchange{got(a, year+"; preload")}, SeverityInfo, "a.test", nil},
	{"preload-at-risk", "sends too little for any entry", []Exchange{got("https://listed.test/", "max-age=300")}, SeverityWarning, "listed.test", []string{"max-age=300", "10886400", "not known"}},
	{"preload-at-risk", "sends nothing", []Exchange{got("https://listed.test/")}, SeverityWarning, "listed.test", []string{"sends no valid header"}},
	{"preload-at-risk", "is seen by the probe of its parent", []Exchange{got("https://www.listed.test/", full), by(visit.ProbeApex, got("https://listed.test/"))}, SeverityWarning, "listed.test", nil},
	{"preload-at-risk", "sends less than its policy asks", []Exchange{got("https://year.test/", "max-age=10886400; includeSubDomains; preload")}, SeverityWarning, "year.test", []string{"bulk-1-year", "31536000"}},
	{"preload-at-risk", "no longer says preload", []Exchange{got("https://weeks.test/", withSub)}, SeverityWarning, "weeks.test", []string{"bulk-18-weeks", "10886400"}},
	{"certificate-invalid", "no header", []Exchange{badCert(got(a))}, SeverityError, "a.test", []string{"a.test: the certificate expired on 2020-01-01"}},
	{"certificate-invalid", "a header that is ignored", []Exchange{badCert(got(a, year))}, SeverityError, "a.test", []string{"expired", `"` + year + `"`, "browsers ignore it"}},
	{"certificate-invalid", "on a later host", []Exchange{moved(a, b, year), badCert(got(b))}, SeverityError, "b.test", []string{"b.test: the certificate"}},
	{"certificate-invalid", "at two of three addresses", []Exchange{got(a, year), at("192.0.2.1", got(a, year)),
		badCert(at("192.0.2.2", got(a, year))), badCert(at("192.0.2.3", got(a, year)))}, SeverityError, "a.test", []string{"a.test at 192.0.2.2, 192.0.2.3: the certificate expired"}},
	{"certificate-invalid", "at every address", []Exchange{badCert(got(a)), badCert(at("192.0.2.1", got(a))), badCert(at("192.0.2.2", got(a)))}, SeverityError, "a.test", nil},
	{"chain-incomplete", "fetched", []Exchange{unchained(got(a, year))}, SeverityWarning, "a.test", []string{"a.test does not send its intermediate"}},
	{"chain-incomplete", "told once a host", []Exchange{unchained(moved(a, a+"x", year)), unchained(got(a+"x", year))}, SeverityWarning, "a.test", nil},
	{"chain-incomplete", "not available", []Exchange{unjudgedCert(a)}, SeverityWarning, "a.test", []string{"was not judged", "does not answer"}},
	{"host-is-ip", "IPv4", []Exchange{got("https://192.0.2.7/", year)}, SeverityError, "192.0.2.7", []string{"192.0.2.7 is an IP address"}},
	{"host-is-ip", "IPv6", []Exchange{got("https://[2001:db8::7]/", year)}, SeverityError, "2001:db8::7", []string{"2001:db8::7 is an IP address"}},
	{"header-over-http", "on the page", []Exchange{got(plainA, year)}, SeverityWarning, "a.test", []string{`"` + year + `"`}},
	{"header-over-http", "on the redirect that the probe met", []Exchange{got(a, year), by(visit.ProbeHTTP, moved(plainA, a, "max-age=1"))}, SeverityWarning, "a.test", []string{`"max-age=1"`}},
	{"header-over-http", "told once a host", []Exchange{moved(plainA, plainA+"x", year), got(plainA+"x", year)}, SeverityWarning, "a.test", nil},
	{"http-no-redirect", "a page", []Exchange{got(a, year), by(visit.ProbeHTTP, got(plainA))}, SeverityWarning, "a.test", []string{plainA, "status 200"}},
	{"http-no-redirect", "a redirect to nowhere", []Exchange{got(a, year), by(visit.ProbeHTTP, gotStatus(301, plainA))}, SeverityWarning, "a.test", []string{"status 301"}},
	{"http-no-redirect", "the listed page itself", []Exchange{got(plainA)}, SeverityWarning, "a.test", nil},
	{"http-redirects-away", "to www", []Exchange{moved(plainA, www), got(www, year)}, SeverityWarning, "a.test", []string{plainA, "to www.a.test", "https://a.test"}},
	{"http-redirects-away", "by the probe", []Exchange{got(a, year), by(visit.ProbeHTTP, moved(plainA, "https://www.a.test/"))}, SeverityWarning, "a.test", []string{"www.a.test"}},
	{"http-redirects-away", "to a parent that does not cover", []Exchange{moved(plainWWW, a), got(a, year)}, SeverityWarning, "www.a.test", []string{"to a.test"}},
	{"https-downgrade", "to its own http", []Exchange{moved(a, plainA+"x?y=1", year), got(plainA + "x?y=1")}, SeverityError, "a.test",
		[]string{plainA + "x?y=1: Chromium, Firefox and a client that does not try https by itself go there"}},
	{"https-downgrade", "that browsers follow as https fails", []Exchange{
		moved("https://a.example/", "http://b.example/", year), only(lost("https://b.example/", visit.KindRefused), hsts.Chromium, hsts.Firefox), got("http://b.example/"),
	}, SeverityError, "a.example", []string{"http://b.example/: Chromium, Firefox and a client that does not try https by itself go there"}},
	{"https-downgrade", "time and again", []Exchange{moved(a, plainA), moved(plainA, a), moved(a, plainA), got(plainA)}, SeverityError, "a.test",
		[]string{plainA + ": Chromium, Firefox and a client that does not try https by itself go there"}},
	{"https-downgrade", "to two hosts, of which not all go to the first", []Exchange{
		moved("https://a.example/", "http://b.example/"), only(moved("https://b.example/", "https://a.example/x"), hsts.Chromium, hsts.Firefox),
		only(moved("https://a.example/x", "http://c.example/"), hsts.Chromium, hsts.Firefox),
		only(lost("https://c.example/", visit.KindRefused), hsts.Chromium, hsts.Firefox), only(got("http://c.example/"), hsts.Chromium, hsts.Firefox),
		only(got("http://b.example/"), hsts.RFC6797),
	}, SeverityError, "a.example", []string{"http://c.example/: Chromium and Firefox go there"}},
	{"https-downgrade", "that browsers do not follow", []Exchange{
		moved("https://a.example/", "http://b.example/", year), only(got("https://b.example/", year), hsts.Chromium, hsts.Firefox), only(got("http://b.example/"), hsts.RFC6797),
	}, SeverityError, "a.example", []string{"http://b.example/: a client that does not try https by itself goes there"}},
	{"hop-unprotected", "no header", []Exchange{moved(a, b, year), got(b)}, SeverityWarning, "b.test", []string{"b.test is where the page leads", "not covered"}},
	{"hop-unprotected", "an error page", []Exchange{moved(a, b, year), gotStatus(403, b)}, SeverityWarning, "b.test", []string{"status 403 and without the header", "not covered"}},
	{"hop-unprotected", "over http", []Exchange{moved(a, plainB, year), got(plainB)}, SeverityWarning, "b.test", []string{"over plain http"}},
	{"hop-unprotected", "the loop goes by it", []Exchange{moved(a, b, year), stuck(moved(b, a))}, SeverityWarning, "b.test", []string{"status 301 and without the header"}},
	{"chain-cut", "a later host refuses", []Exchange{moved(a, b, year), lost(b, visit.KindRefused)}, SeverityWarning, "b.test", []string{"gave no answer", "lost by refused"}},
	{"chain-cut", "a later host refuses http", []Exchange{moved(a, plainB, year), lost(plainB, visit.KindRefused)}, SeverityWarning, "b.test", []string{"gave no answer"}},
	{"chain-cut", "a later host that is slow decides the verdict", []Exchange{moved(a, b, year), lost(b, visit.KindTimeout)}, SeverityError, "b.test", []string{"lost by timeout"}},
	{"chain-cut", "a later host that is slow over http", []Exchange{moved(a, plainB, year), lost(plainB, visit.KindTimeout)}, SeverityError, "b.test", []string{"lost by timeout"}},
	{"chain-cut", "a policy covers a later host that is slow", []Exchange{moved(a, www, withSub), lost(www, visit.KindTimeout)}, SeverityWarning, "www.a.test", []string{"lost by timeout"}},
	{"chain-cut", "a loop with the header", loop(year), SeverityWarning, "a.test", []string{"redirects in a loop, back to " + a}},
	{"chain-cut", "a loop without", loop(), SeverityError, "a.test", []string{"redirects in a loop, back to " + a}},
	{"chain-cut", "to what is no URL", []Exchange{moved(a, "https://[", year)}, SeverityWarning, "a.test", []string{`redirects to "https://["`, "no IPv6 address"}},
	{"chain-cut", "to another scheme", []Exchange{moved(a, "intent://a", year)}, SeverityWarning, "a.test", []string{"neither http nor https"}},
	{"chain-cut", "the record ends before the way does", []Exchange{moved(a, b, year)}, SeverityError, "b.test", []string{a + " redirects to", "was not visited"}},
	{"first-answer-bare", "a redirect without", []Exchange{moved(a, a+"home"), got(a+"home", year)}, SeverityWarning, "a.test", []string{a + " with status 301", a + "home then has"}},
	{"first-answer-bare", "behind http", []Exchange{moved(plainA, a), moved(a, a+"home"), got(a+"home", year)}, SeverityWarning, "a.test", []string{a + " with status 301"}},
	{"needs-upgrade", "http leads straight to another host", apex(moved(plainApex, wwwApex)), SeverityWarning, "apex.example.org", []string{"straight to www.apex.example.org", "redirect http to https://apex.example.org first"}},
	{"needs-upgrade", "http shows a page", apex(got(plainApex)), SeverityWarning, "apex.example.org", []string{"nowhere else"}},
	{"no-https", "refused", noHTTPS(lost(securePlain, visit.KindRefused)), SeverityError, "plain.example.org", []string{"over http and not over https", "lost by refused"}},
	{"no-https", "reset", noHTTPS(lost(securePlain, visit.KindReset)), SeverityError, "plain.example.org", []string{"lost by reset"}},
	{"no-https", "https refuses, and http answers", []Exchange{lost(a, visit.KindRefused), got(plainA)}, SeverityError, "a.test", []string{"lost by refused"}},
	{"policy-cleared", "the cache", []Exchange{clears(`"cache"`, got(a, year))}, SeverityError, "a.test", []string{`"cache"`, "Firefox forgets"}},
	{"policy-cleared", "everything", []Exchange{clears(`"cookies", "*"`, got(a, year))}, SeverityError, "a.test", []string{`"*"`}},
	{"policy-cleared", "by a later page", []Exchange{moved(a, a+"x", year), clears(`"cache"`, got(a+"x"))}, SeverityError, "a.test", []string{a + "x"}},
	{"policy-cleared", "on a later host", []Exchange{moved(a, b, year), clears(`"cache"`, got(b, year))}, SeverityError, "b.test", nil},
	{"browser-refuses", "a blocked port", []Exchange{moved(a, "https://b.test:6000/", year)}, SeverityError, "b.test", []string{"https://b.test:6000/", "block port 6000"}},
	{"browser-refuses", "a label that begins with a hyphen", []Exchange{only(got("https://-a.test/", year), hsts.RFC6797, hsts.Chromium)}, SeverityError, "-a.test", []string{"Firefox trusts no certificate"}},
	{"header-misnamed", "a slip", []Exchange{misnames(got(a), "Strict-Transport-Secruity")}, SeverityWarning, "a.test", []string{`"Strict-Transport-Secruity"`, "no browser reads"}},
	{"header-misnamed", "two, told once a host", []Exchange{misnames(moved(a, a+"x"), "HSTS", "STS"), misnames(got(a+"x"), "HSTS")}, SeverityWarning, "a.test", []string{`"HSTS" and "STS"`}},
	{"certificate-expiring", "a day less than two weeks of a year", []Exchange{ends(13*day, 365*day, got(a, year))}, SeverityWarning, "a.test", []string{"2026-12-05", "13 days"}},
	{"certificate-expiring", "less than a tenth of 90 days", []Exchange{ends(8*day, 90*day, got(a, year))}, SeverityWarning, "a.test", []string{"8 days"}},
	{"certificate-expiring", "a lifetime that is not known", []Exchange{ends(13*day, 0, got(a, year))}, SeverityWarning, "a.test", []string{"13 days"}},
	{"certificate-expiring", "hours, of a later host", []Exchange{moved(a, b, year), ends(day/4, 90*day, got(b, year))}, SeverityWarning, "b.test", []string{"6 hours"}},
	{"answers-vary", "a filter lets a browser in", []Exchange{seen(got(a, year)), by(visit.ProbeProgram, gotStatus(403, a))}, SeverityWarning, "a.test",
		[]string{"the program got 403; a browser got 200 with max-age=31536000", "refusals too"}},
	{"answers-vary", "a filter hangs up on the program", []Exchange{seen(got(a)), by(visit.ProbeProgram, lost(a, visit.KindReset))}, SeverityWarning, "a.test",
		[]string{"the program got no answer (lost by reset); a browser got 200 without the header"}},
	{"answers-vary", "a filter refuses the browser", []Exchange{got(a, year), by(visit.ProbeBrowser, seen(gotStatus(403, a)))}, SeverityWarning, "a.test",
		[]string{"the program got 200 with max-age=31536000; a browser got 403"}},
	{"error-status", "404", []Exchange{gotStatus(404, a, year)}, SeverityInfo, "a.test", []string{"status 404"}},
	{"error-page-bare", "404 without", []Exchange{got(a, year), by(visit.ProbeErrorPage, gotStatus(404, a+"x"))}, SeverityWarning, "a.test", []string{"status 404", "always"}},
	{"addresses-differ", "one sends none", []Exchange{got(a, year), at("192.0.2.1", got(a, year)), at("192.0.2.2", got(a, year)), at("192.0.2.3", got(a))}, SeverityError, "a.test",
		[]string{`192.0.2.1, 192.0.2.2 send "max-age=31536000"; 192.0.2.3 sends no valid policy`}},
	{"addresses-differ", "two policies", []Exchange{got(a, year), at("192.0.2.1", got(a, year)), at("[2001:db8::1]", got(a, withSub))}, SeverityError, "a.test",
		[]string{`192.0.2.1 sends "max-age=31536000"; 2001:db8::1 sends "max-age=31536000; includeSubDomains"`}},
	{"addresses-differ", "two send none", []Exchange{got(a, year), at("192.0.2.1", got(a)), at("192.0.2.2", got(a, "bogus")), at("192.0.2.3", got(a, year))}, SeverityError, "a.test",
		[]string{`192.0.2.1, 192.0.2.2 send no valid policy; 192.0.2.3 sends "max-age=31536000"`}},
	{"addresses-differ", "a bad certificate at one", []Exchange{got(a, year), at("192.0.2.1", got(a, year)), badCert(at("192.0.2.2", got(a, year)))}, SeverityError, "a.test",
		[]string{"192.0.2.2 has a bad certificate"}},
	{"addresses-differ", "bad certificates at two", []Exchange{got(a, year), badCert(at("192.0.2.1", got(a))), badCert(at("192.0.2.2", got(a))), at("192.0.2.3", got(a, year))}, SeverityError, "a.test",
		[]string{"192.0.2.1, 192.0.2.2 have a bad certificate"}},
	{"apex-unprotected", "no header", []Exchange{got(www, year), by(visit.ProbeApex, got(a))}, SeverityWarning, "a.test", []string{"a.test does not cover its subdomains", "www.a.test"}},
	{"apex-unprotected", "for itself alone", []Exchange{got(www, year), by(visit.ProbeApex, got(a, year))}, SeverityWarning, "a.test", nil},
	{"apex-unprotected", "seen on the page's way", []Exchange{moved(www, a), got(a, year)}, SeverityWarning, "a.test", nil},
	{"www-unprotected", "no header", []Exchange{got(a, year), by(visit.ProbeWWW, got(www))}, SeverityWarning, "www.a.test", []string{"www.a.test answers"}},
	{"www-unprotected", "a redirect to the apex is an answer", []Exchange{got(a, year), by(visit.ProbeWWW, moved(www, a))}, SeverityWarning, "www.a.test", nil},
}

// listed is a preload list with an entry of each kind of policy.
var listed = func() *preload.List {
	list, err := preload.Parse(strings.NewReader(".listed.test\n.bank\n.year.test bulk-1-year\n.weeks.test bulk-18-weeks\n.hand.test custom\n"), "2026-11-02")
	if err != nil {
		panic(err)
	}
	return list
}()

// silent are visits that come near and on which a rule stays silent.
var silent = []struct {
	rule, why string
	visit     []Exchange
}{
	{"header-absent", "a broken header is a header", []Exchange{got(a, "bogus")}},
	{"header-absent", "an empty one too", []Exchange{got(a, "")}},
	{"header-absent", "a parent covers", []Exchange{moved(a, www, withSub), got(www)}},
	{"header-absent", "an error page proves nothing", []Exchange{gotStatus(404, a)}},
	{"header-absent", "nor does a bad certificate", []Exchange{badCert(got(a))}},
	{"header-absent", "a redirect to a page that was refused", []Exchange{moved(a, a+"x"), gotStatus(403, a+"x")}},
	{"header-absent", "nobody asked over https", []Exchange{got(plainA)}},
	{"header-absent", "a later page of the host has it", []Exchange{moved(a, a+"x"), got(a+"x", year)}},
	{"header-syntax", "the grammar is wide", []Exchange{got(a, " ;max-age = \"1\" ;; foo=bar")}},
	{"header-syntax", "the second field is not read", []Exchange{got(a, year, "max-age:1")}},
	{"header-syntax", "over http nobody reads it", []Exchange{got(plainA, "max-age:1")}},
	{"max-age-absent", "any case, anywhere", []Exchange{got(a, "includeSubDomains; MAX-AGE=1")}},
	{"max-age-absent", "told as broken syntax", []Exchange{got(a, "max age")}},
	{"max-age-invalid", "leading zeros", []Exchange{got(a, "max-age=001")}},
	{"max-age-invalid", "more than 64 bits", []Exchange{got(a, notFirefox)}},
	{"directive-repeated", "two unknown ones", []Exchange{got(a, "max-age=1; x; y")}},
	{"clients-differ", "a cap is no other reading", []Exchange{got(a, "max-age=99999999999")}},
	{"clients-differ", "all ignore it", []Exchange{got(a, "bogus")}},
	{"clients-differ", "behind a bad certificate", []Exchange{badCert(got(a, firefoxOnly))}},
	{"clients-differ", "on an IP address", []Exchange{got("https://192.0.2.7/", firefoxOnly)}},
	{"clients-differ", "all ignore it on localhost", []Exchange{got("https://localhost/", firefoxOnly)}},
	{"include-subdomains-value", "an unknown directive may have one", []Exchange{got(a, "max-age=1; includeSubDomain=true")}},
	{"max-age-zero", "one second", []Exchange{got(a, "max-age=1")}},
	{"max-age-zero", "behind a bad certificate it switches nothing off", []Exchange{badCert(got(a, "max-age=0"))}},
	{"max-age-short", "a year", []Exchange{got(a, year)}},
	{"max-age-short", "zero is another matter", []Exchange{got(a, "max-age=0")}},
	{"max-age-excessive", "ten years", []Exchange{got(a, "max-age=315360000")}},
	{"max-age-quoted", "quotes elsewhere", []Exchange{got(a, `max-age=1; x="1"`)}},
	{"directive-unknown", "preload is known", []Exchange{got(a, full)}},
	{"directive-empty", "one between each", []Exchange{got(a, full)}},
	{"field-repeated", "on two pages", []Exchange{moved(a, a+"x", year), got(a+"x", "max-age=1")}},
	{"include-subdomains-absent", "included", []Exchange{got(a, withSub)}},
	{"include-subdomains-absent", "a parent includes them", []Exchange{moved(www, a, year), got(a, withSub)}},
	{"include-subdomains-absent", "switched off", []Exchange{got(a, "max-age=0")}},
	{"include-subdomains-absent", "an IP address has none", []Exchange{got("https://192.0.2.7/", year)}},
	{"preload-unqualified", "the bar is met", []Exchange{got(a, full)}},
	{"preload-unqualified", "below a public suffix of two labels", []Exchange{got("https://a.co.nz/", full)}},
	{"preload-unqualified", "not asked for", []Exchange{got(www, "max-age=1")}},
	{"preload-consent", "on a subdomain it is inert", []Exchange{got(www, full)}},
	{"preload-consent", "not given", []Exchange{got(a, withSub)}},
	{"preload-at-risk", "not on the list", []Exchange{got(a)}},
	{"preload-at-risk", "sends what any entry may", []Exchange{got("https://listed.test/", "max-age=10886400")}},
	{"preload-at-risk", "sends what its policy asks", []Exchange{got("https://weeks.test/", "max-age=10886400; includeSubDomains; preload")}},
	{"preload-at-risk", "an entry made by hand", []Exchange{got("https://hand.test/")}},
	{"preload-at-risk", "a public suffix", []Exchange{got("https://a.bank/")}},
	{"preload-at-risk", "the entry's host was not seen", []Exchange{got("https://www.listed.test/")}},
	{"preload-at-risk", "an error page", []Exchange{gotStatus(403, "https://listed.test/")}},
	{"certificate-invalid", "good", []Exchange{got(a, year), at("192.0.2.1", got(a, year))}},
	{"certificate-invalid", "its issuer could not be asked", []Exchange{unjudgedCert(a)}},
	{"certificate-invalid", "the probe of www", []Exchange{got(a, year), by(visit.ProbeWWW, badCert(got(www)))}},
	{"chain-incomplete", "complete", []Exchange{got(a, year)}},
	{"chain-incomplete", "another fault", []Exchange{badCert(got(a, year))}},
	{"host-is-ip", "a name that looks like one", []Exchange{got("https://192-0-2-7.test/", year)}},
	{"header-over-http", "over https alone", []Exchange{got(a, year), by(visit.ProbeHTTP, moved(plainA, a))}},
	{"http-no-redirect", "redirects", []Exchange{got(a, year), by(visit.ProbeHTTP, moved(plainA, a))}},
	{"http-no-redirect", "an error page proves nothing", []Exchange{got(a, year), by(visit.ProbeHTTP, gotStatus(403, plainA))}},
	{"http-no-redirect", "nor does a server that fails", []Exchange{got(a, year), by(visit.ProbeHTTP, gotStatus(503, plainA))}},
	{"http-no-redirect", "refuses", []Exchange{got(a, year), by(visit.ProbeHTTP, lost(plainA, visit.KindRefused))}},
	{"http-no-redirect", "not asked", []Exchange{got(a, year)}},
	{"http-redirects-away", "an error page with a Location proves nothing", []Exchange{got(a, year), by(visit.ProbeHTTP, withLocation(gotStatus(403, plainA), b))}},
	{"http-redirects-away", "to itself", []Exchange{got(a, year), by(visit.ProbeHTTP, moved(plainA, "https://A.test:443/x"))}},
	{"http-redirects-away", "a trailing dot is no other host", []Exchange{moved("http://a.test./", "https://a.test./"), got("https://a.test./", year)}},
	{"http-redirects-away", "by a relative Location", []Exchange{moved(plainA, "/x"), got(plainA + "x")}},
	{"http-redirects-away", "to a parent that covers it", []Exchange{moved(plainWWW, a), got(a, withSub)}},
	{"http-redirects-away", "a later http host", []Exchange{moved(a, plainB, year), moved(plainB, www), got(www)}},
	{"https-downgrade", "http to http", []Exchange{moved(plainA, plainA+"x"), got(plainA + "x")}},
	{"https-downgrade", "a page with a Location", []Exchange{withLocation(got(a, year), plainA)}},
	{"hop-unprotected", "covered", []Exchange{moved(a, b, year), got(b, year)}},
	{"hop-unprotected", "it was never seen", []Exchange{moved(a, b, year), lost(b, visit.KindRefused)}},
	{"hop-unprotected", "it was never seen over http", []Exchange{moved(a, plainB, year), lost(plainB, visit.KindTimeout)}},
	{"hop-unprotected", "by a parent", []Exchange{moved(a, www, withSub), got(www)}},
	{"hop-unprotected", "the listed host is another matter", []Exchange{got(a)}},
	{"chain-cut", "arrived", []Exchange{moved(a, b, year), got(b, year)}},
	{"chain-cut", "the listed host itself gives no answer", []Exchange{lost(a, visit.KindRefused)}},
	{"chain-cut", "a bad certificate is an answer", []Exchange{moved(a, b, year), badCert(got(b, year))}},
	{"chain-cut", "a bad certificate and nothing behind it is told as such", []Exchange{moved(a, b, year), badCert(lost(b, visit.KindReset))}},
	{"chain-cut", "a redirect without Location", []Exchange{gotStatus(302, a, year)}},
	{"first-answer-bare", "the first has it", []Exchange{moved(a, a+"home", year), got(a + "home")}},
	{"first-answer-bare", "the first has it, if broken", []Exchange{moved(a, a+"home", "bogus"), got(a+"home", year)}},
	{"first-answer-bare", "none has it", []Exchange{moved(a, a+"home"), got(a + "home")}},
	{"first-answer-bare", "the later one switches it off", []Exchange{moved(a, a+"home"), got(a+"home", "max-age=0")}},
	{"first-answer-bare", "the later one is another host's", []Exchange{moved(a, www), got(www, year)}},
	{"first-answer-bare", "a bad certificate is another matter", []Exchange{badCert(moved(a, a+"x")), got(a+"x", year)}},
	{"first-answer-bare", "over http nobody expects it", []Exchange{moved(plainA, a), got(a, year)}},
	{"needs-upgrade", "http leads to https on the same host", apex(moved(plainApex, secureApex))},
	{"needs-upgrade", "browsers are not protected either", []Exchange{moved(plainA, www), got(www, year)}},
	{"needs-upgrade", "the address says https", []Exchange{got(a, year)}},
	{"needs-upgrade", "the probe shows what no client asked for", []Exchange{got(a, year), by(visit.ProbeHTTP, got(plainA))}},
	{"no-https", "nobody has tried https", []Exchange{got(plainA)}},
	{"no-https", "http was not asked", []Exchange{lost(a, visit.KindRefused)}},
	{"no-https", "http does not answer either", []Exchange{lost(plainA, visit.KindRefused), lost(a, visit.KindRefused)}},
	{"no-https", "http says no more than that https is to be asked", []Exchange{moved(plainA, a), lost(a, visit.KindRefused)}},
	{"no-https", "https answers, with a bad certificate", []Exchange{badCert(got(a)), got(plainA)}},
	{"no-https", "https shakes hands and hangs up", []Exchange{ends(90*day, 90*day, lost(a, visit.KindReset)), got(plainA)}},
	{"no-https", "another host answers over http", []Exchange{lost(a, visit.KindRefused), got(plainB)}},
	{"no-https", "a later host", []Exchange{moved(a, plainB, year), moved(plainB, b), lost(b, visit.KindRefused)}},
	{"policy-cleared", "cookies alone", []Exchange{clears(`"cookies"`, got(a, year))}},
	{"policy-cleared", "without the quotes it says nothing", []Exchange{clears(`cache`, got(a, year))}},
	{"policy-cleared", "a later page sets it again", []Exchange{clears(`"cache"`, moved(a, a+"x", year)), got(a+"x", year)}},
	{"policy-cleared", "a parent covers", []Exchange{moved(a, www, withSub), clears(`"cache"`, got(www, year))}},
	{"policy-cleared", "there was none", []Exchange{clears(`"cache"`, got(a))}},
	{"browser-refuses", "a port that is not blocked", []Exchange{moved(a, "https://b.test:8443/", year), got("https://b.test:8443/", year)}},
	{"browser-refuses", "hyphens inside", []Exchange{got("https://r3---sn.test/", year)}},
	{"header-misnamed", "none", []Exchange{got(a)}},
	{"header-misnamed", "over http", []Exchange{got(a, year), by(visit.ProbeHTTP, misnames(moved(plainA, a), "HSTS"))}},
	{"certificate-expiring", "two weeks", []Exchange{ends(14*day, 365*day, got(a, year))}},
	{"certificate-expiring", "a tenth of 90 days", []Exchange{ends(9*day, 90*day, got(a, year))}},
	{"certificate-expiring", "ended before the visit, by another clock", []Exchange{ends(-day, 365*day, got(a, year))}},
	{"certificate-expiring", "expired", []Exchange{badCert(got(a, year))}},
	{"certificate-expiring", "not known", []Exchange{got(a, year)}},
	{"answers-vary", "alike", []Exchange{got(a, year), by(visit.ProbeBrowser, seen(got(a, year)))}},
	{"answers-vary", "both are refused", []Exchange{gotStatus(403, a), by(visit.ProbeBrowser, seen(gotStatus(429, a)))}},
	{"answers-vary", "one of them was too slow", []Exchange{got(a, year), by(visit.ProbeBrowser, seen(lost(a, visit.KindTimeout)))}},
	{"answers-vary", "nobody else has seen it", []Exchange{got(a, year)}},
	{"error-status", "a page", []Exchange{got(a, year)}},
	{"error-status", "without the header", []Exchange{gotStatus(404, a)}},
	{"error-status", "on a later host", []Exchange{moved(a, b, year), gotStatus(404, b, year)}},
	{"error-page-bare", "404 with the header", []Exchange{got(a, year), by(visit.ProbeErrorPage, gotStatus(404, a+"x", year))}},
	{"error-page-bare", "no error page", []Exchange{got(a, year), by(visit.ProbeErrorPage, got(a+"x"))}},
	{"error-page-bare", "the page has none either", []Exchange{got(a), by(visit.ProbeErrorPage, gotStatus(404, a+"x"))}},
	{"error-page-bare", "the page's does not count", []Exchange{got(a, "max-age=0"), by(visit.ProbeErrorPage, gotStatus(404, a+"x"))}},
	{"error-page-bare", "a parent covers and the page itself has none", []Exchange{moved(plainWWW, www, year), moved(www, a), got(a, withSub), by(visit.ProbeErrorPage, gotStatus(404, www+"x"))}},
	{"addresses-differ", "one policy in two spellings", []Exchange{got(a, year), at("192.0.2.1", got(a, year)), at("192.0.2.2", got(a, "MAX-AGE=31536000;"))}},
	{"addresses-differ", "an error page proves nothing", []Exchange{got(a, year), at("192.0.2.1", got(a, year)), at("192.0.2.2", gotStatus(403, a))}},
	{"addresses-differ", "no answer is none", []Exchange{got(a, year), at("192.0.2.1", got(a, year)), at("192.0.2.2", lost(a, visit.KindTimeout))}},
	{"addresses-differ", "all send none", []Exchange{got(a), at("192.0.2.1", got(a)), at("192.0.2.2", got(a, "bogus"))}},
	{"apex-unprotected", "covers", []Exchange{got(www, year), by(visit.ProbeApex, got(a, withSub))}},
	{"apex-unprotected", "an error page proves nothing", []Exchange{got(www, year), by(visit.ProbeApex, gotStatus(403, a))}},
	{"apex-unprotected", "no answer", []Exchange{got(www, year), by(visit.ProbeApex, lost(a, visit.KindDNS))}},
	{"apex-unprotected", "the listed host itself", []Exchange{got(a, year)}},
	{"apex-unprotected", "a public suffix", []Exchange{got("https://co.nz/", year)}},
	{"www-unprotected", "has its own", []Exchange{got(a, year), by(visit.ProbeWWW, got(www, year))}},
	{"www-unprotected", "the apex covers", []Exchange{got(a, withSub), by(visit.ProbeWWW, got(www))}},
	{"www-unprotected", "an error page proves nothing", []Exchange{got(a, year), by(visit.ProbeWWW, gotStatus(403, www))}},
	{"www-unprotected", "no answer", []Exchange{got(a, year), by(visit.ProbeWWW, lost(www, visit.KindDNS))}},
}

// unchained says that the intermediate had to be fetched.
func unchained(x Exchange) Exchange {
	x.TLS = &TLS{Version: "TLS 1.3", ChainIncomplete: true}
	return x
}

// unjudgedCert is an exchange whose intermediate could not be fetched.
func unjudgedCert(url string) Exchange {
	x := lost(url, visit.KindTLS)
	x.TLS = &TLS{Error: &Error{Kind: visit.CertUnjudged, Message: "the server does not send its intermediate certificate, and aia.test does not answer"}}
	return x
}

func withLocation(x Exchange, to string) Exchange {
	x.Location = to
	return x
}

// only says which clients made an exchange.
func only(x Exchange, clients ...hsts.Client) Exchange {
	x.Clients = clients
	return x
}

// Hosts of the examples to which browsers go over https by themselves.
const (
	plainApex, secureApex   = "http://apex.example.org/", "https://apex.example.org/"
	wwwApex                 = "https://www.apex.example.org/"
	plainPlain, securePlain = "http://plain.example.org/", "https://plain.example.org/"
)

// apex is a visit of http://apex.example.org/ that the client which does what it is
// told begins with an exchange, and browsers at https, where all is well.
func apex(first Exchange) []Exchange {
	secure := moved(secureApex, wwwApex, year)
	if first.Location != secureApex {
		secure = only(secure, hsts.Chromium, hsts.Firefox)
	}
	last := got(wwwApex, year)
	if first.Location == "" {
		last = only(last, hsts.Chromium, hsts.Firefox)
	}
	return []Exchange{only(first, hsts.RFC6797), secure, last}
}

// noHTTPS is a visit of http://plain.example.org/ for which browsers try https
// first.
func noHTTPS(first Exchange) []Exchange {
	return []Exchange{only(first, hsts.Chromium, hsts.Firefox), got(plainPlain)}
}

// loop is a visit of a page that redirects to itself, as long as each client
// follows.
func loop(sts ...string) []Exchange {
	all := slices.Repeat([]Exchange{moved(a, a, sts...)}, 20)
	return append(all, only(moved(a, a, sts...), hsts.RFC6797, hsts.Firefox))
}

// clears adds Clear-Site-Data.
func clears(types string, x Exchange) Exchange {
	x.ClearSiteData = types
	return x
}

// misnames adds fields that were meant to be the header.
func misnames(x Exchange, names ...string) Exchange {
	x.Misnamed = names
	return x
}

const day = 24 * time.Hour

// ends says how long a certificate still lasts, and how long it lasts in all, 0
// for what is not known.
func ends(left, lifetime time.Duration, x Exchange) Exchange {
	after := visitOf().CheckedAt.Add(left)
	x.TLS = &TLS{Version: "TLS 1.3", NotAfter: &after}
	if lifetime > 0 {
		before := after.Add(-lifetime)
		x.TLS.NotBefore = &before
	}
	return x
}

// of returns the findings of one rule.
func of(rule string, r Result) []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Rule != rule })
}

func TestRulesFire(t *testing.T) {
	for _, tt := range fires {
		t.Run(tt.rule+"/"+tt.why, func(t *testing.T) {
			found := of(tt.rule, Judge(visitOf(tt.visit...), listed))
			if len(found) != 1 {
				t.Fatalf("%d findings, want one: %+v", len(found), found)
			}
			if f := found[0]; f.Severity != tt.severity || f.Host != tt.host {
				t.Errorf("%s on %q; want %s on %q", f.Severity, f.Host, tt.severity, tt.host)
			}
			for _, text := range tt.says {
				if !strings.Contains(found[0].Message, text) {
					t.Errorf("%q does not say %q", found[0].Message, text)
				}
			}
		})
	}
}

func TestRulesStaySilent(t *testing.T) {
	for _, tt := range silent {
		t.Run(tt.rule+"/"+tt.why, func(t *testing.T) {
			if found := of(tt.rule, Judge(visitOf(tt.visit...), listed)); len(found) > 0 {
				t.Errorf("%+v", found)
			}
		})
	}
}

// TestRulesAreComplete holds the list to what its readers rely on, and each
// rule to a visit on which it fires and one on which it does not.
func TestRulesAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules {
		if r.ID == "" || seen[r.ID] || strings.Trim(r.ID, "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Errorf("ID %q is empty, there already, or no plain name", r.ID)
		}
		seen[r.ID] = true
		if n := len(strings.Fields(r.Title)); n < 2 || n > 5 {
			t.Errorf("%s: the title %q has %d words", r.ID, r.Title, n)
		}
		if r.Source == "" || r.Help == "" {
			t.Errorf("%s has no source or no help", r.ID)
		}
		if r.Severity != SeverityError && r.Severity != SeverityWarning && r.Severity != SeverityInfo {
			t.Errorf("%s: severity %q", r.ID, r.Severity)
		}
		for _, line := range strings.Split(r.Help, "\n") {
			if len(line) > 100 || strings.TrimRight(line, " \t") != line {
				t.Errorf("%s: the help has a line that is long or ends in blanks: %q", r.ID, line)
			}
		}
		firing, near := 0, 0
		for _, tt := range fires {
			if tt.rule == r.ID {
				firing++
			}
		}
		for _, tt := range silent {
			if tt.rule == r.ID {
				near++
			}
		}
		switch {
		case r.check == nil && !strings.Contains(r.Help, "hsts-check report"):
			t.Errorf("%s has no check, and its help does not say that it is about several results", r.ID)
		case r.check != nil && (firing == 0 || near == 0):
			t.Errorf("%s has %d examples on which it fires and %d on which it does not", r.ID, firing, near)
		}
	}
	for _, tt := range fires {
		if !seen[tt.rule] {
			t.Errorf("an example of %q, which is no rule", tt.rule)
		}
	}
	for _, tt := range silent {
		if !seen[tt.rule] {
			t.Errorf("an example of %q, which is no rule", tt.rule)
		}
	}
}

func TestRuleByID(t *testing.T) {
	if r, ok := RuleByID("max-age-short"); !ok || r.ID != "max-age-short" {
		t.Errorf("%v, %v", r, ok)
	}
	if r, ok := RuleByID("max-age"); ok {
		t.Errorf("found %v", r)
	}
}

// TestFindingsAreInOrder: by rule, and within a rule the listed host first.
func TestFindingsAreInOrder(t *testing.T) {
	r := Judge(visitOf(moved(a, b, "max-age=1"), got(b, "max-age=1;")), nil)
	var told []string
	for _, f := range r.Findings {
		told = append(told, f.Rule+" "+f.Host)
	}
	want := []string{
		"max-age-short a.test", "max-age-short b.test", "directive-empty b.test",
		"include-subdomains-absent a.test", "include-subdomains-absent b.test",
	}
	if !slices.Equal(told, want) {
		t.Errorf("%q\nwant %q", told, want)
	}
}

// TestMessages holds what people read to one form, whatever the site sends.
func TestMessages(t *testing.T) {
	var visits [][]Exchange
	for _, tt := range fires {
		visits = append(visits, tt.visit)
	}
	for _, tt := range silent {
		visits = append(visits, tt.visit)
	}
	for _, field := range []string{
		"\x1b[31mred", "max-age=1;\tx=\"\x00\x7f\x85\"", "max-age=1; \u202e=\"\u2028\"", "\xff\xfe", "=cmd()|<script>",
		strings.Repeat("max-age=1; ", 1000), year + "; x=\"" + strings.Repeat("\u65e5", 1000) + `"`,
	} {
		visits = append(visits, []Exchange{got(a, field, "\x07"+field)}, []Exchange{badCert(got(a, field))}, []Exchange{got(plainA, field)},
			[]Exchange{stuck(moved(a, field))}, []Exchange{moved(a, b, year), lost(b, ErrorKind(field))})
	}
	for _, v := range visits {
		r := Judge(visitOf(v...), nil)
		for _, f := range r.Findings {
			checkMessage(t, f)
		}
		if why := r.Reason().Short; why == "" && r.Verdict != Protected {
			t.Errorf("no reason is given for the verdict %s: %+v", r.Verdict, r.Findings)
		}
	}
}

func checkMessage(t *testing.T, f Finding) {
	t.Helper()
	const most = 400
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if f.Message == "" || len(f.Message) > most || strings.HasSuffix(f.Message, ".") || strings.ContainsFunc(f.Message, unprintable) {
		t.Errorf("%s: %d bytes, %q", f.Rule, len(f.Message), f.Message)
	}
	if n := utf8.RuneCountInString(f.Short); n == 0 || n > MostShort || strings.HasSuffix(f.Short, ".") || strings.ContainsFunc(f.Short, unprintable) {
		t.Errorf("%s: the short text has %d characters, %q", f.Rule, n, f.Short)
	}
	if f.Host == "" || !strings.HasPrefix(f.Message, f.Host) {
		t.Errorf("%s: host %q, message %q", f.Rule, f.Host, f.Message)
	}
}

// TestOffsets: what is said of a header points into it.
func TestOffsets(t *testing.T) {
	for field, want := range map[string]int{
		year + ", includeSubDomains": len(year), "max-age=1; max-age=2": 11, "max-age=1y": 8, "includeSubDomains": 17,
	} {
		r := Judge(visitOf(got(a, field)), nil)
		i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Offset != nil })
		if i < 0 || *r.Findings[i].Offset != want {
			t.Errorf("%q: %+v", field, r.Findings)
		}
	}
}
