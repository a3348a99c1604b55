package preload

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

var compare = cmp.AllowUnexported(List{}, mark{})

func TestParse(t *testing.T) {
	json, err := os.ReadFile("testdata/list.json")
	if err != nil {
		t.Fatal(err)
	}
	coded := base64.StdEncoding.EncodeToString(json)
	wantJSON := List{"2026-11-22", map[string]mark{
		"pinned.example": {"test", false, false},
		"example":        {"public-suffix", true, true},
		"lines.test":     {"custom", true, true},
		"www.lines.test": {"bulk-18-weeks", false, true},
		"false.test":     {"bulk-legacy", false, true},
		"no-policy.test": {"", true, true},
	}, 5}
	text := heading + ofDate + "2026-11-02\n.a.test\nb.test bulk-1-year\n\n# c.test\n!d.test\n"
	wantText := List{"2026-11-02", map[string]mark{
		"a.test": {"", true, true},
		"b.test": {"bulk-1-year", false, true},
		"d.test": {"", false, false},
	}, 2}
	for _, test := range []struct {
		name, list string
		want       List
	}{
		{"Chromium's JSON", string(json), wantJSON},
		{"with a byte order mark", "\ufeff" + string(json), wantJSON},
		{"with CRLF", strings.ReplaceAll(string(json), "\n", "\r\n"), wantJSON},
		{"without comments", string(json[bytes.Index(json, []byte("\n{")):]), wantJSON},
		{"base64 of it", coded, wantJSON},
		{"base64 of it in lines", wrap(coded, 76, "\r\n"), wantJSON},
		{"gzip of it", compressed(string(json)), wantJSON},
		{"text", text, wantText},
		{"text with CRLF and blanks around", strings.ReplaceAll(text, "\n", " \r\n\t"), wantText},
		{"compact", compressed(text), wantText},
		{"the same twice", ".a.test\n.A.test\nb.test bulk-1-year\n!d.test\n!d.test\n", List{"2026-11-22", wantText.known, 2}},
		{"other forms of names", ".A.Test.\nb.TEST bulk-1-year\n!ｄ。test", List{"2026-11-22", wantText.known, 2}},
		{"one long label is not base64", strings.Repeat("a", 63), List{"2026-11-22", map[string]mark{strings.Repeat("a", 63): {"", false, true}}, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, err := Parse(iotest.HalfReader(strings.NewReader(test.list)), "2026-11-22")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, *l, compare); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseFaults(t *testing.T) {
	const twice = "{\"entries\": [\n{ \"name\": \"a.test\", \"include_subdomains\": true, \"mode\": \"force-https\" },\n// b\n{\n\"name\": \"a.test\", \"mode\": \"force-https\" }]}"
	long := strings.Repeat("x", 200)
	for _, test := range []struct{ name, list, want string }{
		{"nothing", "", "there is no entry in it: is it the preload list?"},
		{"comments only", "# a\n\n", "there is no entry in it: is it the preload list?"},
		{"nothing that preloads", "!a.test\n", "there is no entry in it: is it the preload list?"},
		{"a web page", "\n<!DOCTYPE html>", `line 2: "<!DOCTYPE" is not a host name: correct it, or fetch the list again`},
		{"two dots", ".a.test\n..b.test", `line 2: ".b.test" is not a host name: correct it, or fetch the list again`},
		{"an asterisk", "*.a.test", `line 1: "*.a.test" is not a host name: correct it, or fetch the list again`},
		{"a dot", ".", `line 1: "" is not a host name: correct it, or fetch the list again`},
		{"both signs", "!.a.test", `line 1: ".a.test" is not a host name: correct it, or fetch the list again`},
		{"terminal escapes", "a\x1b[2J.test", `line 1: "a\x1b[2J.test" is not a host name: correct it, or fetch the list again`},
		{"a long line", "a." + long, `line 1: "a.` + long[:98] + `" is not a host name: correct it, or fetch the list again`},
		{"base64 of something else", long, "it is base64 of something else than Chromium's list"},
		{"a third word", "a.test custom yes", `line 1: "custom yes" is not a policy such as bulk-1-year`},
		{"twice", ".a.test\n.b.test\na.test\n", `line 3: "a.test" is listed twice with different policies: delete one`},
		{"twice, in another case", "a.test\n!A.TEST.\n", `line 2: "a.test" is listed twice with different policies: delete one`},
		{"date", heading + ofDate + "2 November\na.test", `line 1: "2 November" is not a date: write it as in 2006-01-02`},
		{"compact, cut off", compressed(".a.test\n.b.test\n")[:20], "cannot decompress it, fetch it again: unexpected EOF"},
		{"compact, bits flipped", compressed(".a.test\n")[:20] + "\x00\x00\x00\x00\x00\x00\x00\x00", "cannot decompress it, fetch it again: "},
		{"base64, cut off", base64.StdEncoding.EncodeToString([]byte(twice))[:81], "cannot decode its base64, fetch it again: unexpected EOF"},

		{"JSON without entries", "\n{\"pinsets\": []}", `line 2: there is no "entries" in it: is it Chromium's transport_security_state_static.json?`},
		{"JSON with no entry", `{"entries": []}`, "there is no entry in it: is it the preload list?"},
		{"JSON, cut off", twice[:40], "the list is cut off: fetch it again"},
		{"JSON, cut off between entries", twice[:strings.Index(twice, "//")], "the list is cut off: fetch it again"},
		{"JSON, cut off behind the entries", `{"entries": [{"name": "a.test", "mode": "force-https"}]`, "the list is cut off: fetch it again"},
		{"JSON, cut off in a comment", "// a", "the list is cut off: fetch it again"},
		{"JSON, cut off in a string", `{"entries": [{"name": "\`, "the list is cut off: fetch it again"},
		{"JSON, cut off in a long comment", `{"entries": [ /* `, "the list is cut off: fetch it again"},
		{"JSON twice", twice, `line 4: "a.test" is listed twice with different policies: delete one`},
		{"JSON and more", "{\"entries\": [{\"name\":\"a.test\",\"mode\":\"force-https\"}]}\n,", "line 2: something follows the list: delete it"},
		{"JSON with a trailing comma", "{\"entries\": [\n{\"name\":\"a.test\",\"mode\":\"force-https\"},\n]}", "line 3: invalid character ']' looking for beginning of value"},
		{"JSON with a broken entry", "{\"entries\": [\n{\"name\":\"a.test\"},\n{\"name\":\n'b'}]}", "line 3: invalid character '\\'' looking for beginning of value"},
		{"JSON with a broken member", "{\n\"pinsets\": x,\n\"entries\": []}", "line 2: invalid character 'x' looking for beginning of value"},
		{"JSON with a broken name of a member", "{\n1: []}", "line 2: invalid character '1'"},
		{"JSON entries that are an object", "{\n\"entries\":\n{}}", `line 3: there is "{" where Chromium's list has "["`},
		{"JSON entry without a name", "{\"entries\": [\n{\"mode\":\"force-https\"}]}", `line 2: "" is not a host name: correct it, or fetch the list again`},
		{"JSON entry with an unknown mode", "{\"entries\": [\n{\"name\":\"a.test\",\"mode\":\"force-http3\"}]}", `line 2: "a.test" has the mode "force-http3": only force-https is known`},
		{"JSON entry with a blank in the policy", "{\"entries\": [\n{\"name\":\"a.test\",\"policy\":\"a\\nb\"}]}", `line 2: "a\nb" is not a policy such as bulk-1-year`},
		{"JSON entry that is a number", "{\"entries\": [\n1]}", "line 2: an entry cannot be a JSON number"},
		{"JSON name that is a number", "{\"entries\": [{\n\"name\":1}]}", "line 1: name cannot be a JSON number"},
		{"JSON flag that is a string", "{\"entries\": [\n{\"include_subdomains\":\"no\"}]}", "line 2: include_subdomains cannot be a JSON string"},
		{"half a comment", "/ a", "line 1: invalid character '/' looking for beginning of value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, err := Parse(strings.NewReader(test.list), "")
			if err == nil {
				t.Fatalf("it has %d entries", l.Len())
			}
			if got := err.Error(); got != test.want && !(strings.HasSuffix(test.want, ": ") && strings.HasPrefix(got, test.want)) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestParseDate(t *testing.T) {
	for _, test := range []struct{ name, list, date, want string }{
		{"of the caller", "a.test", "2026-11-22", "2026-11-22"},
		{"of nobody", "a.test", "", ""},
		{"of the list, which goes first", heading + ofDate + "2026-11-02\na.test", "2026-11-22", "2026-11-02"},
		{"a heading without one", heading + "\na.test", "2026-11-22", "2026-11-22"},
	} {
		l, err := Parse(strings.NewReader(test.list), test.date)
		if err != nil || l.Date() != test.want {
			t.Errorf("%s: %v, %v, want %s", test.name, l, err, test.want)
		}
	}
	if _, err := Parse(strings.NewReader("a.test"), "22.11.2026"); err == nil || err.Error() != `"22.11.2026" is not a date: write it as in 2006-01-02` {
		t.Error(err)
	}
}

func TestParseReadError(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Parse(io.MultiReader(strings.NewReader("a.test\n"), iotest.ErrReader(broken)), ""); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// A list of any form and size takes a bounded amount of memory.
func TestParseBounds(t *testing.T) {
	bomb := strings.Repeat(compressed(strings.Repeat("\n", MaxSize/64)), 65)
	var many strings.Builder
	for i := range maxEntries + 1 {
		fmt.Fprintf(&many, "%x\n", i)
	}
	for _, test := range []struct {
		name, want string
		list       io.Reader
	}{
		{"endless", "the list is longer than 67108864 bytes", zeros{}},
		{"endless when decompressed", "cannot decompress it, fetch it again: the list is longer than 67108864 bytes", strings.NewReader(bomb)},
		{"too many entries", "line 1048577: the list has more than 1048576 entries", strings.NewReader(many.String())},
	} {
		if _, err := Parse(test.list, ""); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}

func TestWriteTo(t *testing.T) {
	json, err := os.ReadFile("testdata/list.json")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	n, err := parse(t, string(json)).WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Errorf("wrote %d bytes and says %d: %v", b.Len(), n, err)
	}
	z, err := gzip.NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	const want = `# Chromium's HSTS preload list
!pinned.example test
.example public-suffix
.lines.test custom
.no-policy.test
false.test bulk-legacy
www.lines.test bulk-18-weeks
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	closed, w := io.Pipe()
	closed.Close()
	if _, err := parse(t, "a.test").WriteTo(w); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	checkRewritten(t, Snapshot())
}

// checkRewritten: what is written reads as the same list.
func checkRewritten(t *testing.T, l *List) {
	t.Helper()
	var b bytes.Buffer
	if _, err := l.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	again, err := Parse(&b, "")
	if err != nil {
		t.Fatal(err)
	}
	if again.date != l.date || again.size != l.size || !maps.Equal(again.known, l.known) {
		t.Error(cmp.Diff(l, again, compare))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func compressed(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.String()
}

func wrap(s string, width int, end string) string {
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + end)
		s = s[width:]
	}
	return b.String() + s + end
}
