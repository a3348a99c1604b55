package witness

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hsts-check/audit"
	"hsts-check/visit"
)

// TestFilters: servers that refuse the program and let a browser in, each by
// something else. What the browser saw is judged, and the difference is told.
func TestFilters(t *testing.T) {
	const script = `<script>document.cookie = "pass=1; Secure"; setTimeout(() => location.reload(), 300)</script>`
	refuses := map[string]func(*request) bool{
		"agent":  func(r *request) bool { return strings.Contains(r.head, "hsts-check") },
		"order":  func(r *request) bool { return r.before("Accept-Language", "Accept-Encoding") },
		"hello":  func(r *request) bool { return !slices.ContainsFunc(r.hello.CipherSuites, isGrease) },
		"cookie": func(r *request) bool { return !strings.Contains(r.head, "pass=1") },
	}
	s := serve(t, func(r *request) string {
		if refuse := refuses[strings.Trim(r.path, "/")]; refuse != nil && refuse(r) {
			return answer(403, "", script)
		}
		return answer(200, yearField, "in")
	})
	b, w := s.browser(t, Options{}), s.wire()
	for name := range refuses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := "https://example.com/" + name
			v := w.Visit(t.Context(), visit.Site{URL: url})
			if r := audit.Judge(v, nil); r.Verdict != audit.Unknown || r.Error.Kind != visit.KindBlocked {
				t.Fatalf("the program alone: %s, %v", r.Verdict, r.Error)
			}
			r := audit.Judge(audit.Witness(v, b.Version(), look(t, b, url)), nil)
			vary := slices.ContainsFunc(r.Findings, func(f audit.Finding) bool {
				return f.Rule == "answers-vary" && strings.Contains(f.Message, "the program got 403; Chromium got 200 with max-age=31536000")
			})
			if r.Verdict != audit.Protected || !vary {
				t.Errorf("%s, %v: %+v", r.Verdict, r.Error, r.Findings)
			}
		})
	}
}

// isGrease reports whether a cipher is one of those that stand for none (RFC 8701).
// Of the programs that filters want to know, browsers alone send them.
func isGrease(cipher uint16) bool { return cipher&0x0f0f == 0x0a0a && cipher>>8 == cipher&0xff }

// TestPages: whatever a page does, its main frame's answers are seen and the visit
// ends soon.
func TestPages(t *testing.T) {
	pages := map[string]string{
		"/meta":     answer(200, "", `<meta http-equiv=refresh content="2; url=/in">`),
		"/reload":   answer(200, "", `<script>setTimeout(() => location.href = "/in", 700)</script>`),
		"/endless":  answer(200, yearField, "<p>") + endless,
		"/polls":    answer(200, yearField, `<script>setInterval(() => fetch("/poll" + Math.random()), 100)</script>`),
		"/windows":  answer(200, yearField, `<script>for (let i = 0; i < 1000; i++) window.open("/window" + i, "w" + i)</script>`),
		"/download": answer(200, yearField+"Content-Disposition: attachment; filename=x.bin\r\n", strings.Repeat("x", 4096)),
		"/dialogs":  answer(200, "", `<script>alert(1); confirm(2); prompt(3); location.href = "/in"</script>`),
		"/login":    answer(401, yearField+"WWW-Authenticate: Basic realm=x\r\n", ""),
		"/fields":   answer(200, "strict-transport-security: max-age=1\r\n"+yearField+"Server: x\r\n", ""),
		"/empty":    answer(403, yearField, ""),
		"/nothing":  "HTTP/1.1 204 \r\n" + yearField + "\r\n",
		"/frames":   answer(200, yearField, `<iframe src="https://other.example.com/x"></iframe>`),
		"/hang":     answer(200, yearField, `<script>for (;;);</script>`),
		"/in":       answer(200, yearField, "in"),
	}
	s := serve(t, func(r *request) string {
		if p, ok := pages[r.path]; ok {
			return p
		}
		return answer(200, "", "")
	})
	b := s.browser(t, Options{Deadline: 20 * time.Second})
	t.Run("pages", func(t *testing.T) { showPages(t, b) })
	targets, err := chromedp.Targets(b.tab)
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		if target.Type == "page" && target.URL != "about:blank" {
			t.Errorf("left open: %s %s", target.Type, target.URL)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if opened := slices.DeleteFunc(slices.Clone(s.asked), func(path string) bool { return !strings.HasPrefix(path, "/window") || path == "/windows" }); len(opened) > 20 {
		t.Errorf("%d windows were opened", len(opened))
	}
}

// showPages returns when all have been visited.
func showPages(t *testing.T, b *Browser) {
	for path, want := range map[string][]string{
		"/meta":     {"/meta 200 []", "/in 200 [max-age=31536000]"},
		"/reload":   {"/reload 200 []", "/in 200 [max-age=31536000]"},
		"/endless":  {"/endless 200 [max-age=31536000]"},
		"/polls":    {"/polls 200 [max-age=31536000]"},
		"/windows":  {"/windows 200 [max-age=31536000]"},
		"/download": {"/download 200 [max-age=31536000]"},
		"/dialogs":  {"/dialogs 200 []", "/in 200 [max-age=31536000]"},
		"/login":    {"/login 401 [max-age=31536000]"},
		"/fields":   {"/fields 200 [max-age=1 max-age=31536000]"},
		"/empty":    {"/empty 403 [max-age=31536000]"},
		"/nothing":  {"/nothing 204 [max-age=31536000]"},
		"/hang":     {"/hang 200 [max-age=31536000]"},
		"/frames":   {"/frames 200 [max-age=31536000]"},
	} {
		t.Run(path[1:], func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			var got []string
			for _, x := range look(t, b, "https://example.com"+path) {
				got = append(got, said(x))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
			if took := time.Since(begun); took > 15*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}
