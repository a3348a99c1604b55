package report

import (
	"strings"
	"time"

	"hsts-check/audit"
	"hsts-check/visit"
)

// A seen is a site and what its page's chain showed, from which the verdict
// follows.
type seen struct {
	group, name, url, vantage string
	chain                     []audit.Exchange
}

func judged(day time.Time, sites ...seen) []audit.Result {
	var results []audit.Result
	for i, s := range sites {
		v := audit.Visit{
			Site:      audit.Site{Group: s.group, Name: s.name, URL: s.url, Pos: audit.Position{File: "banks.txt", Line: i + 1}},
			CheckedAt: day.Add(time.Duration(i) * time.Second),
		}
		for _, x := range s.chain {
			x.Probe = visit.ProbePage
			if x.URL == "" {
				x.URL = s.url
			}
			v.Exchanges = append(v.Exchanges, x)
		}
		r := audit.Judge(v, nil)
		r.Vantage = s.vantage
		results = append(results, r)
	}
	return results
}

// page is a site whose page answers with these fields.
func page(group, name, url string, fields ...string) seen {
	return seen{group: group, name: name, url: url, chain: []audit.Exchange{{Head: audit.Head{Status: 200, STS: fields}}}}
}

// silent is a site that could not be reached.
func silent(group, name, url string) seen {
	return seen{group: group, name: name, url: url, chain: []audit.Exchange{
		{Error: &audit.Error{Kind: visit.KindRefused, Message: "connection refused"}},
	}}
}

// leading is a site that redirects to another URL, which answers with no
// field; both hosts' fields are given in turn.
func leading(group, name, url, to, field, fieldThere string) seen {
	fields := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	return seen{group: group, name: name, url: url, chain: []audit.Exchange{
		{Head: audit.Head{Status: 302, Location: to, STS: fields(field)}},
		{URL: to, Head: audit.Head{Status: 200, STS: fields(fieldThere)}},
	}}
}

var (
	day2013 = time.Date(2013, 8, 14, 9, 0, 0, 0, time.UTC)
	today   = surveyed
)

const (
	year  = "max-age=31536000"
	wide  = year + "; includeSubDomains"
	asked = wide + "; preload"
	nz    = "New Zealand"
	au    = "Australia"
)

// banks2013 is the survey of 2013 as far as its results survive. It published
// a yes or a no for each bank: what ASB sent is made up.
func banks2013() []audit.Result {
	var sites []seen
	for _, r := range survey2013() {
		s := page(r.Group, r.Name, r.URL)
		if r.Name == "ASB" {
			s = page(r.Group, r.Name, r.URL, "max-age=10886400")
		}
		sites = append(sites, s)
	}
	return judged(day2013, sites...)
}

// banksToday are banks where they are today. What they send is made up.
func banksToday() []audit.Result {
	return judged(today,
		page(nz, "ANZ", "https://digital.anz.co.nz/preauth/web/service/login", wide),
		page(nz, "ASB", "https://online.asb.co.nz/auth/", wide),
		page(nz, "BNZ", "https://secure.bnz.co.nz/auth/personal-login", asked),
		page(nz, "Kiwibank", "https://www.ib.kiwibank.co.nz/login/", year),
		leading(nz, "Westpac", "https://bank.westpac.co.nz/one/app.html", "https://login.westpac.co.nz/", "max-age=15552000", ""),
		page(nz, "SBS", "https://secure.sbsbank.co.nz/personal/"),
		page(nz, "Rabobank", "https://mysecure.rabobank.co.nz/", year+", includeSubDomains"),
		page(nz, "The Co-operative Bank", "https://www.co-operativebank.co.nz/", year),
		silent(nz, "TSB", "https://online.tsb.co.nz/"),
		page(nz, "Heartland Bank", "https://www.heartland.co.nz/"),
		page(au, "ANZ", "https://login.anz.com/internetbanking", wide),
		page(au, "Bank of Melbourne", "https://ibanking.bankofmelbourne.com.au/ibank/loginPage.action"),
		page(au, "Bankwest", "https://ibs.bankwest.com.au/Session/PersonalLogin", year),
		page(au, "Up", "https://up.com.au/", asked),
	)
}

// everyKind has a change of each kind in two surveys.
func everyKind() (before, after []audit.Result) {
	const a, b = "Banks", "Shops"
	before = judged(day2013,
		page(a, "Gains", "https://gains.test/"),
		page(a, "Loses", "https://loses.test/", year),
		page(a, "Switches off", "https://off.test/", year),
		page(a, "Weakens", "https://weakens.test/", asked),
		page(a, "Slips", "https://slips.test/", wide),
		page(a, "Stays", "https://stays.test/", wide),
		page(b, "Strengthens", "https://strengthens.test/", "max-age=300"),
		page(b, "Tries", "https://tries.test/"),
		page(b, "Moves", "https://www.moves.test/", wide),
		page(b, "Falls silent", "https://silent.test/", wide),
		silent(b, "Answers", "https://answers.test/"),
		page(b, "Closes", "https://closes.test/", wide),
		page("Old towns", "Leaves", "https://leaves.test/"),
	)
	after = judged(today,
		page(b, "Strengthens", "https://strengthens.test/", wide),
		page(b, "Tries", "https://tries.test/", year+"; max-age=1"),
		page(b, "Moves", "https://new.moves.test/", wide),
		silent(b, "Falls silent", "https://silent.test/"),
		page(b, "Answers", "https://answers.test/", year),
		page(b, "Opens", "https://opens.test/", year),
		page(a, "Gains", "https://gains.test/", wide),
		page(a, "Loses", "https://loses.test/"),
		page(a, "Switches off", "https://off.test/", "max-age=0"),
		page(a, "Weakens", "https://weakens.test/", "max-age=10886400"),
		page(a, "Slips", "https://slips.test/", year+", includeSubDomains"),
		page(a, "Stays", "https://stays.test/", strings.ToLower(wide)),
	)
	return before, after
}
