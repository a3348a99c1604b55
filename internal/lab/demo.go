package lab

import (
	"net/http"
	"net/url"
)

// A DemoSite is one row of the demo and the hosts that it needs.
type DemoSite struct {
	Group, Name, URL string
	Hosts            []Host
}

// Demo returns the rows of the demo in order: the survey of 2013 as far as its
// results survive, then one row for each of the traps that make surveys wrong.
func Demo() []DemoSite { return append(survey2013(), traps()...) }

// survey2013 has the ten New Zealand banks of the survey, of which ASB alone
// sent the header, and the four Australian banks whose results survive. The
// URLs are the survey's. It published a yes or a no for each and nothing else:
// whatever these hosts do besides is what any healthy host of the lab does.
func survey2013() []DemoSite {
	const nz, au = "New Zealand", "Australia"
	rows := []DemoSite{
		{Group: nz, Name: "ASB", URL: "https://fnc.asbbank.co.nz/1/User/LogOn"},
		{Group: nz, Name: "ANZ", URL: "https://secure.anz.co.nz/IBCS/pgLogin"},
		{Group: nz, Name: "BankDirect", URL: "https://vault.bankdirect.co.nz/default.asp"},
		{Group: nz, Name: "BNZ", URL: "https://www.bnz.co.nz/ib/app/login"},
		{Group: nz, Name: "HSBC", URL: "https://www.hsbc.co.nz/1/2/HUB_IDV2/IDV_EPP?__IWCountry=&__IWLang=en&__Destination=HUB_IDV_CUSTOMER_MIGRATION&__menuType=__REGISTRATION&__registrationType=PIB-Registration"},
		{Group: nz, Name: "Kiwibank", URL: "https://www.ib.kiwibank.co.nz/"},
		{Group: nz, Name: "Rabobank", URL: "https://secure1.rabodirect.co.nz/exp/authenticationDGPEN.jsp"},
		{Group: nz, Name: "SBS", URL: "https://sbsbanking.sbs.net.nz/secure/"},
		{Group: nz, Name: "TSB", URL: "https://homebank.tsbbank.co.nz/online/"},
		{Group: nz, Name: "Westpac", URL: "https://sec.westpac.co.nz/IOLB/Login.jsp"},
		{Group: au, Name: "ANZ", URL: "https://www.anz.com/INETBANK/bankmain.asp"},
		{Group: au, Name: "Bank of China", URL: "https://ebs.boc.cn/BocnetClient/LoginFrameAbroad.do?_locale=en_US"},
		{Group: au, Name: "Bank of Melbourne", URL: "https://ibanking.bankofmelbourne.com.au/ibank/loginPage.action"},
		{Group: au, Name: "Bankwest", URL: "https://ibs.bankwest.com.au/BWLogin/rib.aspx"},
	}
	for i := range rows {
		h := Sends(hostOf(rows[i].URL))
		if rows[i].Name == "ASB" {
			// The survey said "YES!", not what ASB sent: the value is ours.
			h = Sends(h.Name, "max-age=10886400")
		}
		rows[i].Hosts = []Host{h}
	}
	return rows
}

// traps have a host each, under the reserved domain test (RFC 2606), so that
// none is the subdomain of another. None is protected: the demo compares
// countries, and faults must not lead.
func traps() []DemoSite {
	const year = "max-age=31536000"
	trap := func(name, url string, h Host, more ...Host) DemoSite {
		h.Name = hostOf(url)
		return DemoSite{"Instructive faults", name, url, append([]Host{h}, more...)}
	}
	return []DemoSite{
		trap("switched off by max-age=0", "https://switched-off.test/",
			Host{Answer: STS("max-age=0")}),
		trap("two fields, bad one first", "https://two-fields.test/",
			Host{Answer: STS("includeSubDomains", year)}),
		trap("comma for semicolon", "https://comma.test/",
			Host{Answer: STS(year + ", includeSubDomains")}),
		trap("expired certificate", "https://expired.test/",
			Host{Answer: STS(year), Cert: CertExpired}),
		trap("unknown authority", "https://unknown-ca.test/",
			Host{Answer: STS(year), Cert: CertUnknownCA}),
		trap("header over http only", "http://over-http.test/",
			Host{Plain: &Answer{Location: "https://over-http.test/", Fields: STS(year).Fields}}),
		trap("apex redirects to www", "http://apex.test/",
			Host{Answer: STS(year), Plain: &Answer{Location: "https://www.apex.test/"}},
			Sends("www.apex.test", year)),
		trap("browsers disagree", "https://browsers-differ.test/",
			Host{Answer: STS(year + "; preload=")}),
		trap("intermediate missing", "https://no-intermediate.test/",
			Host{Answer: STS(year), Cert: CertNoIntermediateDeadAIA}),
		trap("403 without the header", "https://forbidden.test/",
			Host{Answer: Answer{Status: http.StatusForbidden}}),
		trap("connection reset", "https://reset.test/",
			Host{TLS: Reset, HTTP: Reset}),
		trap("redirect loop", "https://loop.test/",
			Host{Answer: Answer{Status: http.StatusFound, Location: "https://loop.test/"}}),
	}
}

func hostOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		panic(err) // a typing error above
	}
	return u.Hostname()
}
