package lists

import (
	"slices"
	"strings"
	"unicode"
)

// The words by which lists call their columns, in lower case and without blanks,
// likelier ones first: where two columns of a list are in question, the word
// that stands before the other decides.
var (
	urlWords = []string{
		"url", "urls", "uri", "siteurl", "weburl", "websiteurl", "loginurl", "loginpage", "officialwebsite", "website", "websites",
		"websiteaddress", "webaddress", "webaddr", "webadresse", "webseite", "webpage", "web", "www", "homepage", "homepageurl",
		"internetaddress", "internetadresse", "internetseite", "siteweb", "siteinternet", "adresseweb", "sitioweb", "paginaweb",
		"páginaweb", "sitoweb", "sitointernet", "hjemmeside", "nettside", "nettsted", "hemsida", "webbplats", "kotisivu", "verkkosivu", "stronawww",
		"stronainternetowa", "strona", "webovástránka", "сайт", "вебсайт", "адрес", "網站", "网站", "网址", "網址", "ウェブサイト", "サイト", "웹사이트",
		"origin", "domain", "domains", "domainname", "domäne", "domaine", "dominio", "domínio", "домен", "域名", "ドメイン", "fqdn", "dnsname",
		"host", "hosts", "hostname", "servername", "site", "sites", "landingpage", "link", "href", "loc",
	}
	nameWords = []string{
		"name", "bank", "bankname", "sitename", "organization", "organisation", "organizationname", "organisationname", "institution", "institutionname", "institut",
		"instnm", "company", "companyname", "title", "displayname", "label", "brand", "entity", "business", "university", "school", "hospital", "member",
		"merchant", "shop", "service", "bezeichnung", "firma", "unternehmen", "organisationsname", "nom", "banque", "entreprise", "nombre", "banco",
		"empresa", "nome", "banca", "azienda", "naam", "bedrijf", "navn", "namn", "nimi", "nazwa", "název", "név", "название", "имя", "банк",
		"имябанка", "名称", "名稱", "名前", "名字", "银行", "銀行", "이름", "itemlabel",
	}
	groupWords = []string{
		"group", "country", "countryname", "countrycode", "agency", "agencyname", "department", "ministry", "category", "categories", "sector", "industry",
		"land", "pays", "país", "pais", "paese", "kraj", "maa", "země", "страна", "国", "国家", "國家", "国名", "국가", "gruppe", "groupe", "grupo", "gruppo",
		"kategorie", "catégorie", "categoría", "categoria", "behörde", "region", "state", "tld", "section", "tag", "type",
	}
)

// fit says how well a column's name fits one of the words: 0 is not at all, and
// anything from exactly upwards is the word itself.
func fit(column string, words []string) int {
	parts := wordsOf(column)
	if len(parts) == 0 {
		return 0
	}
	if i := slices.Index(words, strings.Join(parts, "")); i >= 0 {
		return exactly + len(words) - i
	}
	if n := len(parts); n > 1 && parts[n-1] == "label" { // what Wikidata calls the name of a thing
		return fit(strings.Join(parts[:n-1], " "), words)
	}
	if i := slices.Index(words, parts[len(parts)-1]); i >= 0 {
		return atItsEnd + len(words) - i
	}
	best := 0
	for _, part := range parts {
		if i := slices.Index(words, part); i >= 0 {
			best = max(best, len(words)-i)
		}
	}
	return best
}

const (
	exactly  = 2000 // country_code is a country code
	atItsEnd = 1000 // the bank's website is a website
)

// wordsOf takes apart a column's name: countryLabel, country_code, "Domain Name",
// WEBADDR.
func wordsOf(column string) []string {
	var b strings.Builder
	lower := false
	for _, r := range column {
		if unicode.IsUpper(r) && lower {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) {
			r = ' '
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(b.String())
}
