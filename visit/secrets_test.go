package visit

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"hsts-check/browser"
	"hsts-check/hsts"
	"hsts-check/internal/lab"
)

// TestNoSecretInRecords, whatever a server sends back and however it writes it.
func TestNoSecretInRecords(t *testing.T) {
	const password, token = `p@ss w"rd\7`, "tok-EN/12+34=="
	cookie := "s3ss10n-0f-m1ne"
	spellings := []string{password, token, cookie, url.QueryEscape(password), url.PathEscape(password), url.QueryEscape(token), strings.ToLower(url.QueryEscape(token)), "bWU6cEBzcyB3InJkXDc="}
	for i, s := range spellings {
		for _, field := range []string{
			"Location: https://a.test/next?x=%s&y=1", "Location: /%s/", "Location: https://b.test/#%s", "Location: %s", "Location: https://me:%s@a.test/x", "Location: //a.test/%s",
			"Location: https://%s.b.test/", "Location: gopher://%s/", "Location: https://a.test:99999/%s", "Location: https://a.test:25/%s",
			"Refresh: 0; url=/x?%s", "Refresh: %s", "Server: %s", "Clear-Site-Data: %s", "Strict-Transport-Security: max-age=300; %s", "Strict-Transport-Security: %s",
			"Strict-Transport-Security: max-age=300; x=\"%s\"", "WWW-Authenticate: %s", "Retry-After: %s", "Strict-Transport-Securty: %s", "%s",
			"Server: " + strings.Repeat("x", maxServer-6) + "%s", "Location: https://a.test/" + strings.Repeat("x", 170) + "%s" + strings.Repeat("x", 100),
			"Location: https://a.test:99999/" + strings.Repeat("x", 165) + "%s", "Location: /" + strings.Repeat("x", maxValue-8) + "%s",
		} {
			t.Run(fmt.Sprintf("%d %.40s", i, field), func(t *testing.T) {
				_, w := lead(t, lab.Host{Name: "a.test", Paths: map[string]lab.Answer{"/": {Status: 302, Fields: []string{fmt.Sprintf(field, s)}}}}, lab.Sends("b.test"), lab.Host{Name: "*.b.test", TLS: lab.Reset})
				w.Request = adds(t, "Authorization: Bearer "+token, "X-Key: "+token, "Cookie: id="+cookie)
				w.Request.User = urlUser("me", password)
				v := visitSite(t, w, "https://a.test/")
				text, err := json.Marshal(v.Exchanges)
				if err != nil {
					t.Fatal(err)
				}
				record := strings.ToLower(string(text))
				decoded, _ := url.QueryUnescape(strings.ReplaceAll(record, "+", "%2B"))
				for _, secret := range []string{`p@ss`, "tok-en", "s3ss10n", "bwu6ceb"} {
					if strings.Contains(record, secret) || strings.Contains(decoded, secret) {
						t.Errorf("the record holds %q: %s", secret, text)
					}
				}
			})
		}
	}
}

// TestMaskedRecordReplays: from the masked Location clients come to the masked
// exchange behind it.
func TestMaskedRecordReplays(t *testing.T) {
	l, w := lead(t, lab.Host{Name: "a.test", Paths: map[string]lab.Answer{"/": {Location: "https://a.test/p%40ss%20word?next=p@ss+word"}}, Answer: lab.STS(year)})
	w.Request.User = urlUser("me", "p@ss word")
	v := visitSite(t, w, "https://a.test/")
	if len(v.Exchanges) != 2 || v.Exchanges[0].Location != "https://a.test/***?next=***" || v.Exchanges[1].URL != "https://a.test/***?next=***" {
		t.Errorf("exchanges %+v", v.Exchanges)
	}
	if got := l.Requests(); len(got) < 2 || got[1].URL != "https://a.test/p%40ss%20word?next=p@ss+word" {
		t.Errorf("requests %q", got)
	}
	u, err := browser.ParseURL(v.Exchanges[0].URL)
	if to, err2 := u.Resolve(v.Exchanges[0].Location); err != nil || err2 != nil || to.String() != v.Exchanges[1].URL {
		t.Errorf("leads to %s: %v, %v", to, err, err2)
	}
}

// TestMaskLeavesFactsAlone: no verdict hangs on what is masked, and what the list
// says is no secret.
func TestMaskLeavesFactsAlone(t *testing.T) {
	_, w := lead(t, lab.Host{Name: "www.domain.test", Answer: lab.Answer{Location: "https://next.domain.test/31536000/https", Fields: []string{`Strict-Transport-Security: max-age=31536000; includeSubDomains; preload`, `Clear-Site-Data: "cache"`}}}, lab.Sends("next.domain.test"))
	w.Request = adds(t, "X-A: 31536000", "X-B: max-age=31536000", "X-C: domain", "X-D: preload", "X-E: https", "X-F: cache")
	x := visitSite(t, w, "https://www.domain.test/").Exchanges[0]
	if x.URL != "https://www.domain.test/" || x.STS[0] != "max-age=31536000; includeSubDomains; preload" || x.ClearSiteData != `"cache"` || x.Location != "https://next.domain.test/***/***" {
		t.Errorf("exchange %+v", x)
	}
}

// TestMaskedHost: the name of a host that was made of a secret is still one.
func TestMaskedHost(t *testing.T) {
	_, w := lead(t, lab.Host{Name: "a.test", Answer: lab.Answer{Location: "https://T0ken-of-mine.b.test/"}}, lab.Sends("*.b.test", year))
	w.Request = adds(t, "X-Key: T0ken-of-mine")
	v := visitSite(t, w, "https://a.test/")
	if len(v.Exchanges) != 2 || v.Exchanges[0].Location != "https://hidden.b.test/" || v.Exchanges[1].URL != "https://hidden.b.test/" {
		t.Errorf("exchanges %+v", v.Exchanges)
	}
}

// TestHideEverywhere in an exchange.
func TestHideEverywhere(t *testing.T) {
	const s = "s3cret-of-mine"
	head := Head{STS: []string{s}, Misnamed: []string{s}, Location: s, Refresh: s, ClearSiteData: s, Server: s, Authenticate: []string{s}}
	x := Exchange{URL: "https://a.test/" + s, Head: head, Otherwise: map[hsts.Client]Head{hsts.Firefox: head}, Accept: s,
		TLS: &TLS{Error: &Error{Message: s}}, Error: &Error{Message: s}}
	was, _ := json.Marshal(x)
	hidden := x
	secrets{s}.hider(browser.URL{}).hide(&hidden)
	if text, _ := json.Marshal(hidden); strings.Contains(string(text), s) {
		t.Errorf("the record holds it: %s", text)
	}
	if is, _ := json.Marshal(x); string(is) != string(was) {
		t.Errorf("what the visit goes on with has changed: %s", is)
	}
}

// TestBasicIsHidden in both alphabets, padded or not.
func TestBasicIsHidden(t *testing.T) {
	const pair = "me:??>>?\xff~~"
	r := Request{User: urlUser("me", pair[3:])}
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		token := e.EncodeToString([]byte(pair))
		if hidden := r.secrets().hideIn("/"+token, false); strings.Trim(hidden, "=") != "/***" {
			t.Errorf("%s: %s", token, hidden)
		}
	}
}

func FuzzHide(f *testing.F) {
	f.Add("s3cret", "https://a.test/?s3%63ret#s3cret", true)
	f.Add(`p"w\d`, `redirects to "https://a.test/p\"w\\d"`, false)
	f.Add("50%25 or 50%", "/50%25 or 50%", false)
	f.Add("50%25 or 50%", "/50%2525+or+50%", false)
	f.Add("max-age=1", "max-age=1; x=max-age=1", true)
	f.Add("***+", "/******+", true)
	f.Add("*\t\t\tq", `*"`, true)
	f.Fuzz(func(t *testing.T, secret, text string, cut bool) {
		var s secrets
		s.add(secret)
		if len(s) == 0 {
			return
		}
		if hidden := s.hideIn(text, cut); strings.Contains(hidden, secret) && !strings.Contains(secret, "*") {
			t.Errorf("%q in %q: %q", secret, text, hidden)
		}
		h := s.hider(browser.URL{Scheme: "https", Host: "a.test", Path: "/"})
		hidden := h.policy(text)
		for _, c := range hsts.Clients {
			was, ok := hsts.Read(c, text)
			is, still := hsts.Read(c, hidden)
			if ok != still || was != is {
				t.Errorf("%q without %q is %q: %v reads %v, %v, not %v, %v", text, secret, hidden, c, is, still, was, ok)
			}
		}
		h.url(text)
	})
}
