package browser

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// measured is when the cookies of the test data were shown to the browsers.
var measured = time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC)

// TestCookiesMeasured has the clients take and send the cookies of
// testdata/cookies.jsonl. A line is a visit to hosts of its own, from which
// Chromium 156 and Firefox ESR 153 had no cookies: each URL, the Set-Cookie
// fields of its answer, and the Cookie field that each browser sent to it.
// Characters stand for bytes.
func TestCookiesMeasured(t *testing.T) {
	type visit struct {
		Steps []struct {
			URL               string
			Set               []string
			Chromium, Firefox string
		}
	}
	visits := readLines[visit](t, "testdata/cookies.jsonl")
	if len(visits) < 653 {
		t.Errorf("only %d visits", len(visits))
	}
	for _, v := range visits {
		for _, c := range []Client{RFC6797, Chromium, Firefox} {
			var j jar
			var set []string
			for _, step := range v.Steps {
				u, want := mustParse(t, step.URL), bytesOf(step.Chromium)
				if c == Firefox {
					want = bytesOf(step.Firefox)
				}
				if got := j.header(u, measured); got != want {
					t.Errorf("%q: %v sends %q to %s, want %q", set, c, got, u, want)
				}
				for _, field := range step.Set {
					set = append(set, strings.Trim(bytesOf(field), blanks)) // as HTTP reads a field
				}
				j.take(c, u, set[len(set)-len(step.Set):], measured)
			}
		}
	}
}

// TestCookieWalls holds the jar to the visits that browsers made to sites which
// redirect until a cookie comes back. A browser that keeps the cookie makes two
// requests, one that does not goes round until it gives up.
func TestCookieWalls(t *testing.T) {
	n := 0
	for _, r := range readLines[seenVisit](t, seenVisits) {
		if r.Class != "cookie-wall" {
			continue
		}
		n++
		u := mustParse(t, r.Visit)
		for _, answer := range r.Servers[0].Answers {
			head, _, _ := strings.Cut(bytesOf(answer.Raw), "\r\n\r\n")
			location, setCookies := readFields(head)
			if location == "" {
				continue
			}
			to, err := u.Resolve(location)
			if err != nil {
				t.Fatal(err)
			}
			for c, s := range map[Client]seen{Chromium: r.Chromium, Firefox: r.Firefox} {
				var j jar
				j.take(c, u, setCookies, measured)
				if got, want := j.header(to, measured), len(s.Requests) == 2; got != "" != want {
					t.Errorf("%s, %s: %v sends %q, the browser kept it: %v", r.ID, r.Why, c, got, want)
				}
			}
		}
	}
	if n < 48 {
		t.Errorf("only %d visits", n)
	}
}

// seenVisits are the visits that both browsers were seen to make, which package
// visit makes whole.
const seenVisits = "../visit/testdata/truth/visits2.jsonl"

type seenVisit struct {
	ID, Class, Why, Visit string
	Servers               []struct{ Answers []struct{ Raw string } }
	Chromium, Firefox     seen
}

type seen struct{ Requests []string }

// readFields returns the Location and the Set-Cookie fields of a head.
func readFields(head string) (location string, setCookies []string) {
	for line := range strings.SplitSeq(head, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		switch value = strings.Trim(value, blanks); name {
		case "Location":
			location = value
		case "Set-Cookie":
			setCookies = append(setCookies, value)
		}
	}
	return location, setCookies
}

func readLines[T any](t *testing.T, file string) (rows []T) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// bytesOf returns the bytes that the characters of s stand for.
func bytesOf(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// TestCookieBounds has sizes that were measured with Chromium 156 and Firefox ESR
// 153, which agree on all of them.
func TestCookieBounds(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	u := URL{Scheme: "https", Host: "a.example.org", Path: "/w"}
	for _, test := range []struct {
		name, field string
		kept        bool
	}{
		{"a name and value of 4096 bytes", "a=" + long(4095), true},
		{"a name and value of 4097 bytes", "a=" + long(4096), false},
		{"a name of 4096 bytes", long(4096) + "=", true},
		{"a name of 4097 bytes", long(4097) + "=", false},
		{"4096 bytes without =", long(4096), true},
		{"4097 bytes without =", long(4097), false},
		{"a Path of 1024 bytes is accepted", "a=1; Path=/" + long(1023), false},
		{"a Path of 1025 bytes is ignored", "a=1; Path=/" + long(1024), true},
		{"a Domain of 1024 bytes is accepted", "a=1; Domain=" + long(1024), false},
		{"a Domain of 1025 bytes is ignored", "a=1; Domain=" + long(1025), true},
		{"an ignored Path takes nothing from the one before it", "a=1; Path=/other; Path=/" + long(1024), false},
		{"an ignored Max-Age takes nothing from the one before it", "a=1; Max-Age=0; Max-Age=" + strings.Repeat("1", 1025), false},
		{"an unknown attribute may be of any length", "a=1; b=" + long(9000), true},
		{"any number of attributes is read", "a=1" + strings.Repeat("; x", 70) + "; Path=/other", false},
	} {
		for _, c := range []Client{RFC6797, Chromium, Firefox} {
			var j jar
			j.take(c, u, []string{test.field}, measured)
			if got := j.header(u, measured) != ""; got != test.kept {
				t.Errorf("%s: %v keeps it: %v, want %v", test.name, c, got, test.kept)
			}
		}
	}
}

func TestJar(t *testing.T) {
	later := func(seconds int) time.Time { return measured.Add(time.Duration(seconds) * time.Second) }
	for _, test := range []struct {
		name  string
		from  string
		set   []string
		to    string
		after int // seconds
		want  string
	}{
		{"a cookie lasts to the second before its Max-Age", "https://a.test/", []string{"a=1; Max-Age=5"}, "https://a.test/", 4, "a=1"},
		{"and no longer", "https://a.test/", []string{"a=1; Max-Age=5"}, "https://a.test/", 5, ""},
		{"a cookie lasts until it Expires", "https://a.test/", []string{"a=1; Expires=Wed, 25 Nov 2026 12:00:05 GMT"}, "https://a.test/", 4, "a=1"},
		{"and is gone then", "https://a.test/", []string{"a=1; Expires=Wed, 25 Nov 2026 12:00:05 GMT"}, "https://a.test/", 5, ""},
		{"a second of a day counts in any order", "https://a.test/", []string{"a=1; Expires=2026 25 12:00:01 Nov"}, "https://a.test/", 1, ""},
		{"one without either lasts", "https://a.test/", []string{"a=1"}, "https://a.test/", 1e6, "a=1"},
		{"one without end lasts", "https://a.test/", []string{"a=1; Max-Age=9223372036854775807"}, "https://a.test/", 1e6, "a=1"},
		{"a port makes no difference", "https://a.test:8443/", []string{"a=1; Domain=a.test"}, "https://a.test/", 0, "a=1"},
		{"a name with a dot at its end is another host", "https://a.test./", []string{"a=1"}, "https://a.test/", 0, ""},
		{"a name with a dot at its end has its own cookies", "https://a.test./", []string{"a=1"}, "https://a.test./", 0, "a=1"},
		{"a suffix with a dot at its end is one", "https://a.test./", []string{"a=1; Domain=test."}, "https://b.test./", 0, ""},
		{"a dot is no domain", "https://a.test./", []string{"a=1; Domain=."}, "https://a.test./", 0, ""},
		{"an IPv6 address", "https://[::1]/", []string{"a=1; Domain=[::1]"}, "https://[::1]/", 0, "a=1"},
		{"nothing is sent where nothing fits", "https://a.test/", []string{"a=1"}, "https://b.test/", 0, ""},
	} {
		for _, c := range []Client{RFC6797, Chromium, Firefox} {
			var j jar
			j.take(c, mustParse(t, test.from), test.set, measured)
			if got := j.header(mustParse(t, test.to), later(test.after)); got != test.want {
				t.Errorf("%s: %v sends %q, want %q", test.name, c, got, test.want)
			}
		}
	}
}

// TestJarIsBounded says that a jar that is full keeps what it has, and finds room
// again when a cookie goes.
func TestJarIsBounded(t *testing.T) {
	u := URL{Scheme: "https", Host: "a.test", Path: "/"}
	var j jar
	value := strings.Repeat("x", 4000)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		j.take(Chromium, u, []string{name + "=" + value}, measured)
	}
	names := func() (n []string) {
		for _, k := range j.cookies {
			n = append(n, k.name)
		}
		return n
	}
	if got, want := names(), []string{"a", "b", "c", "d"}; !slices.Equal(got, want) {
		t.Errorf("it keeps %q, want %q", got, want)
	}
	j.take(Chromium, u, []string{"b=1; Max-Age=0", "e=" + value, "e=" + value}, measured)
	if got, want := names(), []string{"a", "c", "d", "e"}; !slices.Equal(got, want) {
		t.Errorf("after one went, it keeps %q, want %q", got, want)
	}
	for len(j.cookies) > 0 {
		j.take(Chromium, u, []string{j.cookies[0].name + "=; Max-Age=0"}, measured)
	}
	if j.size != 0 {
		t.Errorf("an empty jar has the size %d", j.size)
	}
	cookie := cookie{value: strings.Repeat("x", maxCookies-len("a.test")-len("/")-len("=; ")), domain: "a.test", path: "/", expires: measured.Add(1)}
	if j.set(Chromium, u, cookie, measured); j.size != maxCookies {
		t.Errorf("a jar that is full to the last byte has the size %d", j.size)
	}
}

// TestJarKeepsSoManyCookies says that a server which sets thousands of small
// cookies does not make a jar slow.
func TestJarKeepsSoManyCookies(t *testing.T) {
	u := URL{Scheme: "https", Host: "a.test", Path: "/"}
	var j jar
	for n := range 200 {
		j.take(Chromium, u, []string{strconv.Itoa(n) + "=1"}, measured)
	}
	j.take(Chromium, u, []string{"0=2"}, measured)
	if n := len(j.cookies); n != maxCookieCount || j.cookies[n-1].value != "2" {
		t.Errorf("%d cookies, want %d, the last one in place of an older one", n, maxCookieCount)
	}
}

// TestEmptyJarCostsNothing is about the visits to most sites.
func TestEmptyJarCostsNothing(t *testing.T) {
	u := URL{Scheme: "https", Host: "a.test", Path: "/"}
	var j jar
	if n := testing.AllocsPerRun(100, func() {
		j.take(Chromium, u, nil, measured)
		j.header(u, measured)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
