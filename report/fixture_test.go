package report

import (
	"fmt"
	"time"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/visit"
)

// The survey that the golden files show: that of August 2013 as far as its
// results survive, a group with what else can happen, and one of names in
// other scripts.

var (
	surveyed = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	meta     = Meta{
		Program: "hsts-check", Version: "0.1.0",
		Started: surveyed, Finished: surveyed.Add(2 * time.Minute),
		Run: "2026-11", Vantage: "akl",
		PreloadList: "2026-11-02",
	}
)

// hsbc is 300 characters long.
const hsbc = "https://www.hsbc.co.nz/1/2/HUB_IDV2/IDV_EPP?__IWCountry=&__IWLang=en&__Destination=HUB_IDV_CUSTOMER_MIGRATION" +
	"&__menuType=__REGISTRATION&__registrationType=PIB-Registration&__returnTo=https%3A%2F%2Fwww.hsbc.co.nz%2F1%2F2%2Fpersonal%2Fbanking" +
	"&__campaign=winter-2013&__referrer=newspaper-advertisement-x"

func survey2013() []audit.Result {
	rows := []struct{ group, name, host, path string }{
		{"New Zealand", "ASB", "fnc.asbbank.co.nz", "/1/User/LogOn"},
		{"New Zealand", "ANZ", "secure.anz.co.nz", "/IBCS/pgLogin"},
		{"New Zealand", "BankDirect", "vault.bankdirect.co.nz", "/default.asp"},
		{"New Zealand", "BNZ", "www.bnz.co.nz", "/ib/app/login"},
		{"New Zealand", "HSBC", "www.hsbc.co.nz", hsbc[len("https://www.hsbc.co.nz"):]},
		{"New Zealand", "Kiwibank", "www.ib.kiwibank.co.nz", "/"},
		{"New Zealand", "Rabobank", "secure1.rabodirect.co.nz", "/exp/authenticationDGPEN.jsp"},
		{"New Zealand", "SBS", "sbsbanking.sbs.net.nz", "/secure/"},
		{"New Zealand", "TSB", "homebank.tsbbank.co.nz", "/online/"},
		{"New Zealand", "Westpac", "sec.westpac.co.nz", "/IOLB/Login.jsp"},
		{"Australia", "ANZ", "www.anz.com", "/INETBANK/bankmain.asp"},
		{"Australia", "Bank of China", "ebs.boc.cn", "/BocnetClient/LoginFrameAbroad.do?_locale=en_US"},
		{"Australia", "Bank of Melbourne", "ibanking.bankofmelbourne.com.au", "/ibank/loginPage.action"},
		{"Australia", "Bankwest", "ibs.bankwest.com.au", "/BWLogin/rib.aspx"},
	}
	var results []audit.Result
	for i, r := range rows {
		x := site(r.group, r.name, "https://"+r.host+r.path, r.host, i+1)
		if r.name == "ASB" {
			sends(&x, audit.Protected, "max-age=10886400", hsts.Policy{MaxAge: 10886400})
		} else {
			x.Verdict = audit.Absent
			x.Findings = []audit.Finding{{Rule: "header-absent", Severity: audit.SeverityError, Message: "no Strict-Transport-Security field", Short: "no header", Host: r.host}}
			x.Exchanges = []audit.Exchange{{Probe: visit.ProbePage, URL: x.URL, Address: "203.0.113.7:443", Head: audit.Head{Proto: "HTTP/1.1", Status: 200}, MS: 42, TLS: &audit.TLS{Version: "TLS 1.3"}}}
		}
		results = append(results, x)
	}
	return results
}

func faults() []audit.Result {
	long := site("Faults", "People First Bank (Heritage + People's Choice)", "https://www.peoplefirstbank.example/", "www.peoplefirstbank.example", 1)
	sends(&long, audit.Protected, "max-age=63072000; includeSubDomains; preload", hsts.Policy{MaxAge: 63072000, IncludeSubDomains: true, Preload: true})

	apex := site("Faults", "Apex", "http://apex.example/", "apex.example", 2)
	sends(&apex, audit.Partial, "max-age=31536000", hsts.Policy{MaxAge: 31536000})
	apex.Policy, apex.Header, apex.Clients = nil, nil, nil
	apex.Exchanges = append([]audit.Exchange{{Probe: visit.ProbePage, URL: "http://apex.example/", Head: audit.Head{Status: 301, Location: "https://www.apex.example/"}, MS: 3}}, apex.Exchanges...)
	apex.Exchanges[1].URL = "https://www.apex.example/"
	apex.Findings = []audit.Finding{{Rule: "http-redirects-away", Severity: audit.SeverityWarning, Message: "http redirects to another host first, so nothing teaches apex.example", Short: "apex.example is never taught: http goes straight to www", Host: "apex.example"}}

	off := site("Faults", "Off", "https://off.example/", "off.example", 3)
	sends(&off, audit.Disabled, "max-age=0", hsts.Policy{})
	off.Findings = []audit.Finding{{Rule: "max-age-zero", Severity: audit.SeverityError, Message: "max-age=0: browsers forget the host", Short: "max-age=0", Host: "off.example"}}

	expired := site("Faults", "Expired", "https://expired.example/", "expired.example", 4)
	sends(&expired, audit.Ignored, "max-age=31536000", hsts.Policy{})
	expired.Policy, expired.Clients = nil, nil
	expired.Findings = []audit.Finding{{Rule: "certificate-invalid", Severity: audit.SeverityError, Message: "a header was sent, but browsers ignore it: the certificate expired on 2026-11-01", Short: "the certificate expired on 2026-11-01", Host: "expired.example"}}

	comma := site("Faults", "Comma", "https://comma.example/", "comma.example", 5)
	sends(&comma, audit.Ignored, "max-age=31536000, includeSubDomains", hsts.Policy{})
	comma.Policy, comma.Clients = nil, &audit.Clients{}
	comma.Findings = []audit.Finding{
		{Rule: "header-syntax", Severity: audit.SeverityError, Message: "a comma at byte 17 where a semicolon should be", Short: "the comma after \"max-age=31536000\" should be a semicolon", Host: "comma.example"},
		{Rule: "preload-consent", Severity: audit.SeverityInfo, Message: "not for the notes", Short: "not for the notes", Host: "comma.example"},
	}

	gone := site("Faults", "Gone", "https://gone.example/", "gone.example", 6)
	gone.Verdict, gone.Error = audit.Unknown, &audit.Error{Kind: visit.KindDNS, Message: "no such host"}
	gone.Exchanges = []audit.Exchange{{Probe: visit.ProbePage, URL: gone.URL, MS: 5, Error: gone.Error}}

	slow := site("Faults", "Slow", "https://slow.example/login", "slow.example", 7)
	slow.Verdict, slow.Error = audit.Unknown, &audit.Error{Kind: visit.KindTimeout, Message: "no answer within 10 s"}

	odd := site("Faults", "Odd", "https://odd.example/", "odd.example", 8)
	sends(&odd, audit.Protected, "max-age=9999999999", hsts.Policy{MaxAge: 9999999999})

	bad := audit.Result{
		Schema: audit.Schema, ID: "0000000000000000", Group: "Faults", Name: "Bad", URL: "htps://bad.example/",
		Source: &audit.Position{File: "faults.txt", Line: 9}, CheckedAt: surveyed, Verdict: audit.Unknown,
		Error: &audit.Error{Kind: visit.KindInput, Message: `scheme "htps" is neither https nor http`},
	}
	listed := site("Faults", "Listed", "https://listed.example/", "listed.example", 10)
	listed.Verdict, listed.Preloaded = audit.Absent, &audit.Preloaded{Entry: "listed.example", IncludeSubDomains: true, List: "2026-11-02"}
	listed.Findings = []audit.Finding{{Rule: "header-absent", Severity: audit.SeverityError, Message: "no Strict-Transport-Security field", Short: "no header", Host: "listed.example"}}
	return []audit.Result{long, apex, off, expired, comma, gone, slow, odd, bad, listed}
}

func scripts() []audit.Result {
	names := []struct{ name, host string }{
		{"Te Pūtea Matua", "www.rbnz.example"},
		{"Te Tari Taake Māori", "māori.example"},
		{"中国工商银行", "xn--fiq228c.example"},
		{"三菱UFJ銀行 ｵﾝﾗｲﾝ", "direct.example"},
		{"البنك المركزي", "xn--mgb.example"},
		{"بانک ملی می\u200cخواهم", "bmi.example"},
		{"भारतीय स्टेट बैंक", "sbi.example"},
		{"ธนาคารไทยพาณิชย์", "scb.example"},
		{"🇳🇿 Kiwi 👨🏽 ✈️", "flag.example"},
		{"Ångström e\u0301te\u0301", "combining.example"},
		{"국민은행", "kb.example"},
	}
	var results []audit.Result
	for i, n := range names {
		r := site("世界 / Te Ao", n.name, "https://"+n.host+"/login", n.host, i+1)
		sends(&r, audit.Protected, "max-age=15552000; includeSubDomains", hsts.Policy{MaxAge: 15552000, IncludeSubDomains: true})
		results = append(results, r)
	}
	return results
}

// visited are sites whose exchanges hold all there is to show of one.
func visited() []audit.Result {
	ends := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	good := site("Visited", "Good", "https://good.example/a/rather/long/path/that/does/not/fit/into/eighty/columns.html", "good.example", 1)
	sends(&good, audit.Protected, "max-age=31536000", hsts.Policy{MaxAge: 31536000})
	good.Exchanges[0].TLS = &audit.TLS{Version: "TLS 1.3", NotAfter: &ends, ChainIncomplete: true}
	good.Exchanges = append(good.Exchanges, audit.Exchange{
		Probe: visit.ProbeHTTP, URL: "http://good.example/", Address: "203.0.113.7:80", Head: audit.Head{Proto: "HTTP/1.1", Status: 301, Location: good.URL}, MS: 7,
	})
	hostile := site("Visited", "Hostile", "https://hostile.example/", "hostile.example", 2)
	hostile.Verdict = audit.Ignored
	hostile.Exchanges = []audit.Exchange{
		{Probe: visit.ProbePage, URL: hostile.URL, Address: "203.0.113.8:443", Head: audit.Head{Proto: "HTTP/2.0", Status: 302, STS: []string{"max-age=1\x1b[2J", "", "max-age=2"}, STSBlank: []int{2}, Location: "https://\u202egro.elpmaxe/\n"}, MS: 1234,
			TLS: &audit.TLS{Version: "TLS 1.2", Error: &audit.Error{Kind: visit.CertSelfSigned, Message: "the certificate is self-signed"}}},
		{Probe: visit.ProbePage, URL: "https://gone.example/", MS: 10000, Error: &audit.Error{Kind: visit.KindTimeout, Message: "no answer in time"}},
		{Probe: visit.ProbeErrorPage, URL: "https://hostile.example/nothing", Address: "203.0.113.8:443", MS: 3,
			Error: &audit.Error{Kind: visit.KindTLS, Message: "TLS handshake failed: \x07"}},
	}
	unvisited := site("Visited", "Unvisited", "https://unvisited.example/", "unvisited.example", 3)
	unvisited.Verdict, unvisited.Error = audit.Unknown, &audit.Error{Kind: visit.KindCancelled, Message: "the run ended first"}
	return []audit.Result{good, hostile, unvisited}
}

func survey() []audit.Result {
	return append(append(survey2013(), faults()...), scripts()...)
}

func site(group, name, url, host string, line int) audit.Result {
	return audit.Result{
		Schema: audit.Schema, ID: audit.Site{Group: group, Name: name, URL: url}.ID(),
		Run: meta.Run, Vantage: meta.Vantage, Group: group, Name: name, URL: url, Host: host,
		Source:    &audit.Position{File: "survey.txt", Line: line},
		CheckedAt: surveyed.Add(time.Duration(line) * time.Second),
	}
}

func sends(r *audit.Result, v audit.Verdict, field string, p hsts.Policy) {
	yes := p.MaxAge > 0
	noted := audit.Noted{Noted: yes, MaxAge: &p.MaxAge, IncludeSubDomains: &p.IncludeSubDomains}
	r.Verdict, r.Header, r.Policy = v, []string{field}, &p
	r.Clients = &audit.Clients{Chromium: noted, Firefox: noted}
	r.Exchanges = []audit.Exchange{{
		Probe: visit.ProbePage, URL: r.URL, Address: "203.0.113.7:443", Head: audit.Head{Proto: "HTTP/1.1", Status: 200, STS: r.Header}, MS: 42, TLS: &audit.TLS{Version: "TLS 1.3"},
	}}
}

// many returns n results in the proportions of a real survey.
func many(n int) []audit.Result {
	source := append(survey2013(), faults()...)
	results := make([]audit.Result, n)
	for i := range results {
		results[i] = source[i%len(source)]
		results[i].Group = fmt.Sprintf("Group %d", i/(n/4+1))
		results[i].Name = fmt.Sprintf("%s %d", results[i].Name, i)
	}
	return results
}
