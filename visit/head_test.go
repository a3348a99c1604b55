package visit

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"hsts-check/hsts"
)

// arrivals returns a reader of the bytes for each way in which they may arrive.
func arrivals(in string) map[string]io.Reader {
	return map[string]io.Reader{
		"at once":      strings.NewReader(in),
		"in halves":    io.MultiReader(strings.NewReader(in[:len(in)/2]), strings.NewReader(in[len(in)/2:])),
		"byte by byte": iotest.OneByteReader(strings.NewReader(in)),
	}
}

// TestReadReply has what all clients read alike.
func TestReadReply(t *testing.T) {
	sts := func(values ...string) reply { return reply{Head: Head{STS: values}} }
	tests := []struct {
		name, in string
		want     reply // Proto HTTP/1.1, Status 200 and length -1 where it has none
	}{
		{"one field", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\n\r\nbody", sts("max-age=1")},
		{"each field line is kept apart", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\r\nX: y\r\nSTRICT-TRANSPORT-SECURITY:\tb \r\n\r\n", sts("a", "b")},
		{"an empty field counts", "HTTP/1.1 200 OK\r\nStrict-Transport-Security:\r\n\r\n", sts("")},
		{"a blank before the colon is told", "HTTP/1.1 200 OK\r\nStrict-Transport-Security : a\r\n\r\n", reply{Head: Head{STS: []string{"a"}, STSBlank: []int{0}}}},
		{"a blank before the name is another name", "HTTP/1.1 200 OK\r\n Strict-Transport-Security: a\r\n\r\n", reply{Head: Head{Misnamed: []string{" Strict-Transport-Security"}}}},
		{"another name", "HTTP/1.1 200 OK\r\nStrict-Transport-Policy__: a\r\n\r\n", reply{}},
		{"bytes stay as they are", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a=\"\x01\xff\"\r\n\r\n", sts("a=\"\x01\xff\"")},
		{"lines may end in LF", "HTTP/1.1 200 OK\nStrict-Transport-Security: a\nLocation: /x\n\n", reply{Head: Head{STS: []string{"a"}, Location: "/x"}}},
		{"a folded value is one", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1;\r\n includeSubDomains\r\n\r\n", sts("max-age=1; includeSubDomains")},
		{"a value folded twice is one", "HTTP/1.1 200 OK\r\nStrict-Transport-Security:\r\n a;\r\n b\r\nX: y\r\n z\r\n\r\n", sts("a; b")},
		{"a fold of another field hides nothing", "HTTP/1.1 200 OK\r\nX: a\r\n Strict-Transport-Security: b\r\n\r\n", reply{}},
		{"a fold of a line that is no field is none", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\r\n: x\r\n b\r\n\r\n", sts("a")},
		{"lines without a colon are skipped", "HTTP/1.1 200 OK\r\nnonsense\r\nStrict-Transport-Security: a\r\n\r\n", sts("a")},
		{"early hints teach nothing", "HTTP/1.1 103 Early Hints\r\nStrict-Transport-Security: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", reply{}},
		{"nor does what comes before it", "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\n\r\n\r\nHTTP/1.1 404 N\r\n\r\nx", reply{Head: Head{Status: 404}}},
		{"a status line without a status", "HTTP/1.1\r\n\r\n", reply{}},
		{"a status line with LF alone", "HTTP/1.1 404\n\n", reply{Head: Head{Status: 404}}},
		{"a tab behind the status", "HTTP/1.1 404\tNot Found\r\n\r\n", reply{Head: Head{Status: 404}}},
		{"a status below 100", "HTTP/1.1 020 X\r\nStrict-Transport-Security: a\r\n\r\n", reply{Head: Head{Status: 20, STS: []string{"a"}}}},
		{"a status of 0 is none", "HTTP/1.1 0 X\r\n\r\n", reply{}},
		{"a status above 599", "HTTP/1.1 999 X\r\n\r\n", reply{Head: Head{Status: 999}}},
		{"HTTP/1.0", "HTTP/1.0 404 Not Found\r\n\r\n", reply{Head: Head{Proto: "HTTP/1.0", Status: 404}}},
		{"a version without its second number", "HTTP/1. 200 OK\r\n\r\n", reply{Head: Head{Proto: "HTTP/1.0"}}},
		{"stray bytes before the status line", "xxHTTP/1.1 200 OK\r\n\r\n", reply{}},
		{"an empty line before the status line", "\r\n\r\nHTTP/1.1 404 OK\r\nStrict-Transport-Security: a\r\n\r\n", reply{Head: Head{Status: 404, STS: []string{"a"}}}},
		{"a stray byte that is no UTF-8", "\x85HTTP/1.1 404 Not Found\r\n\r\n", reply{Head: Head{Status: 404}}},
		{"the same Location twice", "HTTP/1.1 302 F\r\nLocation: /a\r\nLocation:  /a \r\n\r\n", reply{Head: Head{Status: 302, Location: "/a"}}},
		{"a length", "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", reply{length: 12}},
		{"a length that is not a number", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", reply{}},
		{"an empty length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", reply{}},
		{"a length that is too great", "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n", reply{}},
		{"the same length twice in one field", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n", reply{length: 2}},
		{"the same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n", reply{length: 2}},
		{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", reply{chunked: true}},
		{"chunks of another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", reply{chunked: true}},
		{"chunks in a second field", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", reply{chunked: true}},
		{"chunks that HTTP/1.0 does not know", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", reply{Head: Head{Proto: "HTTP/1.0"}}},
		{"a comma in quotes", "HTTP/1.1 200 OK\r\nContent-Disposition: inline; filename=\"a\\\", b\"\r\n\r\n", reply{}},
		{"the same disposition twice", "HTTP/1.1 200 OK\r\nContent-Disposition: inline\r\nContent-Disposition: inline\r\n\r\n", reply{}},
		{"two carriage returns do not end the head", "HTTP/1.1 200 OK\r\n\r\r\nStrict-Transport-Security: a\r\n\r\n", sts("a")},
		{"a carriage return in the reason", "HTTP/1.1 404 a\rb\r\nStrict-Transport-Security: a\r\n\r\n", reply{Head: Head{Status: 404, STS: []string{"a"}}}},
		{"cookies of any status", "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2; Secure\r\n\r\n", reply{setCookies: cookieLines{all: []string{"a=1", "b=2; Secure"}}}},
		{"cookies are bounded together", "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: " + strings.Repeat("x", maxSetCookie-2) + "\r\nSet-Cookie: b=2\r\n\r\n",
			reply{setCookies: cookieLines{all: []string{"a=1", "b=2"}}}},
		{"what the wire needs", "HTTP/1.1 503 S\r\nRetry-After: 1\r\nRetry-After: 2\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\n\r\n",
			reply{Head: Head{Status: 503, RetryAfter: "2"}, retryAfter: "2", contentType: "text/html", contentEncoding: "gzip, br"}},
		{"Refresh and Clear-Site-Data are joined", "HTTP/1.1 200 OK\r\nRefresh: 0\r\nRefresh: url=/\r\nClear-Site-Data: \"cookies\"\r\nClear-Site-Data: \"cache\"\r\n\r\n",
			reply{Head: Head{Refresh: "0, url=/", ClearSiteData: `"cookies", "cache"`}}},
		{"the first Server field", "HTTP/1.1 200 OK\r\nServer: nginx/1.26.3\r\nServer: Apache\r\n\r\n", reply{Head: Head{Server: "nginx/1.26.3"}}},
		{"a long Server field is cut", "HTTP/1.1 200 OK\r\nServer: " + strings.Repeat("x", 101) + "\r\n\r\n",
			reply{Head: Head{Server: strings.Repeat("x", 100), Cut: map[string]int{"server": 101}}}},
		{"names are as long as the header's", "HTTP/1.1 200 OK\r\nLocatioN_: /\r\nLocatiox: /\r\nStrict-Transport\rSecurity\r\n\r\n", reply{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want.Proto == "" {
				want.Proto = "HTTP/1.1"
			}
			if want.Status == 0 {
				want.Status = 200
			}
			if want.length == 0 {
				want.length = -1
			}
			for how, r := range arrivals(tt.in) {
				got, _, err := readReply(r, nil)
				got.rest = nil
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s:\n got %+v, %v\nwant %+v", how, got, err, want)
				}
			}
		})
	}
}

func TestReadReplyRest(t *testing.T) {
	for _, in := range []string{"HTTP/1.1 200 OK\r\n\r\nbody", "HTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 OK\n\r\nbody", "HTTP/1.1 2000 OK\r\n\r\nbody"} {
		if r, _, err := readReply(strings.NewReader(in), nil); err != nil || string(r.rest) != "body" {
			t.Errorf("%q: %q is left, %v", in, r.rest, err)
		}
	}
}

// head writes what a client reads in short: its status and the header's fields,
// or "none" for no answer.
func (r *reply) head(c hsts.Client, err error) string {
	h := r.Head
	if other, ok := r.otherwise[c]; ok {
		h = other
	}
	if err != nil || h.Status == 0 {
		return "none"
	}
	if field, ok := h.Field(c); ok {
		return fmt.Sprintf("%d %s", h.Status, field)
	}
	return fmt.Sprint(h.Status)
}

func TestReadReplyOtherwise(t *testing.T) {
	const sts = "Strict-Transport-Security: a\r\n"
	tests := []struct {
		name, in               string
		rfc, chromium, firefox string
	}{
		{"a status that is not a number", "HTTP/1.1 OK\r\n" + sts + "\r\n", "none", "200 a", "none"},
		{"a status of four digits", "HTTP/1.1 2000 OK\r\n" + sts + "\r\n", "none", "2000 a", "none"},
		{"a status of more than 32 bits", "HTTP/1.1 99999999999 OK\r\n" + sts + "\r\n", "none", "2147483647 a", "none"},
		{"a status with something behind it", "HTTP/1.1 404, OK\r\n" + sts + "\r\n", "none", "404 a", "none"},
		{"a status before a tab counts for Firefox", "HTTP/1.1 \t404 X\r\n" + sts + "\r\n", "200 a", "200 a", "404 a"},
		{"nothing behind the space", "HTTP/1.1 \r\n" + sts + "\r\n", "none", "200 a", "none"},
		{"no version", "HTTP 200 OK\r\n" + sts + "\r\n", "none", "200 a", "none"},
		{"HTTP/0.9", "HTTP/0.9 404 OK\r\n" + sts + "\r\n", "none", "404 a", "none"},
		{"HTTP in small letters", "http/1.1 200 OK\r\n" + sts + "\r\n", "none", "200 a", "none"},
		{"HTTP/3 behind a blank", " HTTP/3 200\r\n" + sts + "\r\n", "200 a", "200 a", "200 a"},
		{"HTTP/2 behind another byte", "xHTTP/2 200\r\n" + sts + "\r\n", "none", "200 a", "none"},
		{"the name of SHOUTcast", "ICY 404 N\r\n" + sts + "\r\n", "none", "none", "404 a"},
		{"five bytes before the status line", "12345HTTP/1.1 200 OK\r\n" + sts + "\r\n", "none", "none", "none"},
		{"five bytes behind an interim answer", "HTTP/1.1 100 C\r\n\r\n12345HTTP/1.1 200 OK\r\n" + sts + "\r\n", "none", "none", "200 a"},
		{"an interim answer of four digits", "HTTP/1.1 0100 C\r\n\r\nHTTP/1.1 200 OK\r\n" + sts + "\r\n", "none", "200 a", "none"},
		{"a change of protocol", "HTTP/1.1 101 S\r\n" + sts + "\r\nHTTP/1.1 200 OK\r\n" + sts + "\r\n", "none", "200 a", "101 a"},
		{"nothing behind it", "HTTP/1.1 101 S\r\n" + sts + "\r\n", "none", "none", "101 a"},
		{"two Locations in an interim answer", "HTTP/1.1 103 E\r\nLocation: /a\r\nLocation: /b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "none", "none", "none"},

		{"a carriage return in the value", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\rb\r\n\r\n", "200 a\rb", "200 a", "200 a\rb"},
		{"two at its end", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\r\r\n\r\n", "200 a\r", "200 a", "200 a\r"},
		{"one and a fold", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a;\r b\r\n\r\n", "200 a;\r b", "200 a; b", "200 a;\r b"},
		{"one and the header", "HTTP/1.1 200 OK\r\nX: y\rStrict-Transport-Security: a\r\n\r\n", "200", "200 a", "200"},
		{"a line that begins with one", "HTTP/1.1 200 OK\r\nX: y\n\rStrict-Transport-Security: a\r\n\r\n", "200", "200 a", "200"},
		{"a tab in a fold", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a;\r\n \tb\r\n\r\n", "200 a; b", "200 a; b", "200 a; \tb"},
		{"a blank before the colon of the first", "HTTP/1.1 200 OK\r\nStrict-Transport-Security\t : a\r\nStrict-Transport-Security: b\r\n\r\n", "200 b", "200 a", "200 b"},

		{"a NUL in the value", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\x00\r\n\r\n", "none", "none", "none"},
		{"a NUL in another value", "HTTP/1.1 200 OK\r\n" + sts + "X: \x00\r\n\r\n", "none", "none", "none"},
		{"a NUL in a name", "HTTP/1.1 200 OK\r\n" + sts + "X\x00: y\r\n\r\n", "none", "none", "200 a"},
		{"a NUL behind what is no name", "HTTP/1.1 200 OK\r\n" + sts + "a b: \x00\r\n\r\n", "none", "none", "200 a"},
		{"a NUL in no field", "HTTP/1.1 200 OK\r\n" + sts + "\x00\r\n\r\n", "none", "none", "200 a"},
		{"a NUL before the status line", "\x00HTTP/1.1 200 OK\r\n" + sts + "\r\n", "none", "none", "200 a"},
		{"a NUL in the body", "HTTP/1.1 200 OK\r\n" + sts + "\r\n\x00", "200 a", "200 a", "200 a"},

		{"a head that ends with the connection", "HTTP/1.1 200 OK\r\n" + sts, "none", "none", "200 a"},
		{"so does one that is chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + sts, "none", "none", "200 a"},
		{"a field that ends with it", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\r", "none", "none", "200 a"},
		{"an interim answer that ends with it", "HTTP/1.1 100 C\r\n" + sts, "none", "none", "100"},
		{"an interim answer and nothing", "HTTP/1.1 103 E\r\n" + sts + "\r\n", "none", "none", "103"},
		{"two interim answers and nothing", "HTTP/1.1 103 E\r\n\r\nHTTP/1.1 102 P\r\n\r\n", "none", "none", "102"},
		{"an interim answer and no other", "HTTP/1.1 103 E\r\n\r\nx\r\n", "none", "none", "103"},

		{"two lengths, chunked", "HTTP/1.1 200 OK\r\n" + sts + "Content-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "200 a", "200 a", "none"},
		{"a comma at the end of a length, chunked", "HTTP/1.1 200 OK\r\n" + sts + "Content-Length: 1,\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "200 a", "200 a", "none"},
		{"a comma in a length's quotes", "HTTP/1.1 200 OK\r\n" + sts + "Content-Length: \"1,2\"\r\n\r\nx", "none", "200 a", "none"},
		{"two dispositions in one field", "HTTP/1.1 200 OK\r\n" + sts + "Content-Disposition: inline, attachment\r\n\r\n", "200 a", "none", "200 a"},
		{"Location and a blank before its colon", "HTTP/1.1 302 F\r\nLocation : /a\r\nLocation: /b\r\n" + sts + "\r\n", "302 a", "none", "302 a"},
		{"the same Location, folded otherwise", "HTTP/1.1 302 F\r\nLocation: /a\r\n b\r\nLocation: /a\r\n\tb\r\n" + sts + "\r\n", "302 a", "302 a", "none"},

		{"just as long as Chromium allows", long(maxHead) + sts + "\r\n", "200 a", "200 a", "200 a"},
		{"longer than that", long(maxHead+1) + sts + "\r\n", "none", "none", "200 a"},
		{"just as long as Firefox allows", long(firefoxHead) + sts + "\r\n", "none", "none", "200 a"},
		{"longer than that", long(firefoxHead+1) + sts + "\r\n", "none", "none", "none"},
		{"long only with an interim answer", "HTTP/1.1 103 E\r\n\r\n" + long(maxHead) + sts + "\r\n", "200 a", "200 a", "200 a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for how, reader := range arrivals(tt.in) {
				r, _, err := readReply(reader, nil)
				for i, want := range []string{tt.rfc, tt.chromium, tt.firefox} {
					c := hsts.Clients[i]
					if got := r.head(c, err); got != want {
						t.Errorf("%s: %v reads %q, want %q (%v, %v)", how, c, got, want, err, r.refusal)
					}
				}
				if err == nil && (r.Status == 0) != (r.refusal != nil) {
					t.Errorf("%s: status %d, refused for %v", how, r.Status, r.refusal)
				}
			}
		})
	}
}

// long returns the beginning of a head that has n bytes with the header and the
// empty line behind it.
func long(n int) string {
	begin := "HTTP/1.1 200 OK\r\nX: "
	rest := len("\r\nStrict-Transport-Security: a\r\n\r\n")
	return begin + strings.Repeat("y", n-len(begin)-rest) + "\r\n"
}

// TestReadReplyBody has what only Firefox looks at, and what its reading is.
func TestReadReplyBody(t *testing.T) {
	const sts = "Strict-Transport-Security: a\r\n"
	chunked := func(status string) string {
		return "HTTP/1.1 " + status + "\r\n" + sts + "Transfer-Encoding: chunked\r\n\r\n"
	}
	length := func(status, more string) string {
		return "HTTP/1.1 " + status + "\r\n" + sts + "Content-Length: 3\r\n" + more + "\r\n"
	}
	tests := []struct{ name, in, want string }{
		{"a chunk", chunked("200 OK") + "3\r\nabc\r\n0\r\n\r\n", "200 a"},
		{"a chunk that breaks off", chunked("200 OK") + "3\r\na", "200 a"},
		{"an empty line before it", chunked("200 OK") + "\r\n3\r\na", "200 a"},
		{"an extension", chunked("200 OK") + "3;x=\"y\"\r\na", "200 a"},
		{"a size as strtoul takes it", chunked("200 OK") + " \t+0xA z\r\na", "200 a"},
		{"a last chunk alone", chunked("200 OK") + "0\r\n\r\n", "200 a"},
		{"a last chunk and a trailer", chunked("200 OK") + "0\r\nX: y\r\n\r\n", "200 a"},
		{"a last chunk that breaks off", chunked("200 OK") + "0\r\nX: y\r\n", "none"},
		{"no chunk", chunked("200 OK"), "none"},
		{"no chunk in an error page", chunked("404 N"), "404 a"},
		{"no chunk in a redirect", chunked("302 F"), "302 a"},
		{"no chunk where there is no body", chunked("204 N"), "204 a"},
		{"a size line that breaks off", chunked("200 OK") + "3", "none"},
		{"a chunk without a byte", chunked("200 OK") + "3\r\n", "none"},
		{"a size that is not a number", chunked("200 OK") + "zz\r\nabc", "none"},
		{"so in an error page", chunked("404 N") + "zz\r\nabc", "none"},
		{"a negative size", chunked("200 OK") + "-1\r\nabc", "none"},
		{"a size of more than 32 bits", chunked("200 OK") + "100000000\r\nabc", "none"},
		{"a size of more than 64 bits", chunked("200 OK") + "10000000000000000\r\nabc", "none"},
		{"chunks between blanks, which Firefox takes for such", "HTTP/1.1 200 OK\r\n" + sts + "Transfer-Encoding: x chunked\r\n\r\nzz\r\n", "none"},
		{"chunks in HTTP/1.0 too", "HTTP/1.0 200 OK\r\n" + sts + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "none"},
		{"no chunk in HTTP/1.0", "HTTP/1.0 200 OK\r\n" + sts + "Transfer-Encoding: chunked\r\n\r\n", "200 a"},
		{"no chunk in HTTP/2, sent as HTTP/1", "HTTP/2 200 OK\r\n" + sts + "Transfer-Encoding: chunked\r\n\r\n", "none"},
		{"another coding", "HTTP/1.1 200 OK\r\n" + sts + "Transfer-Encoding: xchunked, chunked;q=1\r\n\r\nzz\r\n", "200 a"},
		{"no size line within reach", chunked("200 OK") + strings.Repeat("0", 1<<20), "200 a"},
		{"a body that breaks off", length("200 OK", "") + "a", "200 a"},
		{"a body that never begins", length("200 OK", ""), "none"},
		{"so in an error page", length("404 N", ""), "404 a"},
		{"so in HTTP/1.0", strings.Replace(length("200 OK", ""), "1.1", "1.0", 1), "200 a"},
		{"so with a Content-Encoding", length("200 OK", "Content-Encoding: gzip\r\n"), "200 a"},
		{"an empty body", strings.Replace(length("200 OK", ""), "3", "0", 1), "200 a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for how, reader := range arrivals(tt.in) {
				r, _, err := readReply(reader, nil)
				if got := r.head(hsts.Firefox, err); got != tt.want {
					t.Errorf("%s: Firefox reads %q, want %q", how, got, tt.want)
				}
				if r.head(hsts.RFC6797, err) == "none" || r.head(hsts.RFC6797, err) != r.head(hsts.Chromium, err) {
					t.Errorf("%s: the others read %+v, %v", how, r, err)
				}
				if r.head(hsts.Firefox, err) == r.head(hsts.RFC6797, err) && r.otherwise != nil {
					t.Errorf("%s: otherwise is %+v", how, r.otherwise)
				}
			}
		})
	}
}

// TestReadReplyWaits has what is done where a body is late.
func TestReadReplyWaits(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	late := io.MultiReader(strings.NewReader(head), iotest.ErrReader(os.ErrDeadlineExceeded))
	if r, _, err := readReply(late, nil); err != nil || r.head(hsts.Firefox, nil) != "200 a" {
		t.Errorf("a body that is late: %+v, %v", r, err)
	}
	broken := io.MultiReader(strings.NewReader(head), iotest.ErrReader(io.ErrClosedPipe))
	if r, _, err := readReply(broken, nil); err != nil || r.head(hsts.Firefox, nil) != "none" || r.head(hsts.Chromium, nil) != "200 a" {
		t.Errorf("a body that fails: %+v, %v", r, err)
	}
	none := io.MultiReader(strings.NewReader("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), iotest.ErrReader(errors.New("it was read")))
	if r, _, err := readReply(none, nil); err != nil || r.otherwise != nil {
		t.Errorf("without the header nothing is waited for: %+v, %v", r, err)
	}
}

func TestReadReplyRefuses(t *testing.T) {
	tests := []struct{ name, in string }{
		{"not HTTP", "SSH-2.0-OpenSSH_9.6\r\n\r\n"},
		{"not HTTP and no end", "220 mail ESMTP\r\n"},
		{"not HTTP and short", "220\r\n"},
		{"a status that is not a number, and a NUL", "HTTP/1.1 OK\x00\r\n\r\n"},
		{"two Locations", "HTTP/1.1 302 F\r\nLocation: /a\r\nLocation: /b\r\n\r\n"},
		{"an empty Location and another", "HTTP/1.1 302 F\r\nLocation:\r\nLocation: /b\r\n\r\n"},
		{"two lengths in one field", "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"},
		{"an empty length and another", "HTTP/1.1 200 OK\r\nContent-Length:\r\nContent-Length: 2\r\n\r\n"},
		{"two spellings of a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 02\r\n\r\n"},
		{"two lengths and another coding than chunked", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: identity\r\n\r\n"},
		{"two lengths, and chunks that HTTP/1.0 does not know", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{"two dispositions", "HTTP/1.1 200 OK\r\nContent-Disposition: inline\r\nContent-Disposition: attachment\r\n\r\n"},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"},
		{"a head without end", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 100000)},
		{"interim answers without end", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 20000)},
		{"junk without end behind an interim answer", "HTTP/1.1 100 Continue\r\n\r\n" + strings.Repeat("x", 400000)},
		{"a status line too far behind an interim answer", "HTTP/1.1 100 Continue\r\n\r\n" + strings.Repeat("x", firefoxJunk+1) + "HTTP/1.1 200 OK\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for how, reader := range arrivals(tt.in) {
				if r, _, err := readReply(reader, nil); !errors.Is(err, errHead) {
					t.Errorf("%s: got %+v, %v", how, r, err)
				}
			}
		})
	}
}

// TestReadReplyEndless has interim answers without end, of which the last that is
// read is cut at every place.
func TestReadReplyEndless(t *testing.T) {
	const interim = "HTTP/1.1 100 Continue\r\n\r\n"
	for n := range interim {
		in := "HTTP/1.1 100 " + strings.Repeat("C", n) + "\r\n\r\n" + strings.Repeat(interim, 2*firefoxHead/len(interim))
		if r, _, err := readReply(strings.NewReader(in), nil); !errors.Is(err, errHead) {
			t.Errorf("%d bytes more: %+v, %v", n, r, err)
		}
	}
}

func TestReadReplyEnds(t *testing.T) {
	if _, _, err := readReply(strings.NewReader(""), nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the end: %v", err)
	}
	for in, firefox := range map[string]string{
		"HTTP/1.1 100 C\r\n\r\n":            "100",
		"HTTP/1.1 200 OK\r\nX: y\r\n":       "200",
		"HTTP/1.1 200 OK\r\nX: y\r\n\r\r\n": "200",
	} {
		r, _, err := readReply(strings.NewReader(in), nil)
		if err != nil || !errors.Is(r.refusal, io.ErrUnexpectedEOF) || r.head(hsts.Firefox, nil) != firefox {
			t.Errorf("%q and the end: %+v, %v", in, r, err)
		}
	}
	failed := errors.New("the connection failed")
	for _, in := range []string{"", "HTTP/1.1 100 C\r\n\r\n", "HTTP/1.1 200 OK\r\nX: y\r\n"} {
		if _, _, err := readReply(io.MultiReader(strings.NewReader(in), iotest.ErrReader(failed)), nil); !errors.Is(err, failed) {
			t.Errorf("%q and a failure: %v", in, err)
		}
	}
	if _, _, err := readReply(io.MultiReader(strings.NewReader("220"), iotest.ErrReader(failed)), nil); !errors.Is(err, errHead) {
		t.Errorf("another protocol and a failure: %v", err)
	}
	// Chromium has its answer, and Firefox still looks for one.
	small := io.MultiReader(strings.NewReader("HTTP/1.1 100 C\r\n\r\nhttp 404\r\n\r\n"), iotest.ErrReader(failed))
	if r, _, err := readReply(small, nil); err != nil || r.head(hsts.Chromium, nil) != "404" || !errors.Is(r.refusal, failed) {
		t.Errorf("a failure that only Firefox sees: %+v, %v", r, err)
	}
	// A server that waits for more is not waited for.
	banner := io.MultiReader(strings.NewReader("220 mail ESMTP\r\n"), iotest.ErrReader(failed))
	if _, _, err := readReply(banner, nil); !errors.Is(err, errHead) {
		t.Errorf("another protocol: %v", err)
	}
}

func TestMisnamed(t *testing.T) {
	tests := []struct {
		name, sent string
		near       bool
	}{
		{"the header itself", "Strict-Transport-Security", false},
		{"underscores", "Strict_Transport_Security", true},
		{"blanks", "Strict Transport Security", true},
		{"no hyphens", "StrictTransportSecurity", true},
		{"a letter missing", "Strict-Transport-Securty", true},
		{"the first letter missing", "trict-Transport-Security", true},
		{"a letter too many", "Stricts-Transport-Security", true},
		{"two letters in each other's place", "Strict-Transprot-Security", true},
		{"three slips", "Strikt-Tranport-Securiti", true},
		{"four slips", "Strikt-Tranport-Secriti", false},
		{"a plus sign behind it", "Strict-Transport-Security+", true},
		{"X before it", "X-Strict-Transport-Security", true},
		{"x before a slip", "x-strict-transport-securty", true},
		{"its short name", "HSTS", true},
		{"its shorter name", "sts", true},
		{"a near word", "Strict-Transport-Policy", true},
		{"another header of its length", "X-Content-Security-Policy", false},
		{"a header that ends alike", "Content-Security-Policy", false},
		{"another of three letters", "Via", false},
		{"another of four", "Vary", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			field := tt.sent + ": max-age=1\r\n"
			r, _, err := readReply(strings.NewReader("HTTP/1.1 200 OK\r\n"+field+"X: y\r\n\r\n"), nil)
			if want := map[bool][]string{true: {tt.sent}}[tt.near]; err != nil || !slices.Equal(r.Misnamed, want) {
				t.Errorf("got %q, %v, want %q", r.Misnamed, err, want)
			}
			r, _, err = readReply(strings.NewReader("HTTP/1.1 200 OK\r\n"+field+"Strict-Transport-Security: a\r\n\r\n"), nil)
			if err != nil || r.Misnamed != nil {
				t.Errorf("beside the header: %q, %v", r.Misnamed, err)
			}
		})
	}
	many := strings.Repeat("X-Content-Type-Options: nosniff\r\n", 30)
	r, _, err := readReply(strings.NewReader("HTTP/1.1 200 OK\r\nHSTS: a\r\n"+many+"STS: b\r\n\r\n"), nil)
	if err != nil || !slices.Equal(r.Misnamed, []string{"HSTS", "STS"}) {
		t.Errorf("among many: %q, %v", r.Misnamed, err)
	}
	r, _, err = readReply(strings.NewReader("HTTP/1.1 200 OK\r\nHSTS: a\r\n"+many+"Strict-Transport-Security: b\r\n\r\n"), nil)
	if err != nil || r.Misnamed != nil {
		t.Errorf("among many, beside the header: %q, %v", r.Misnamed, err)
	}
}

// TestReadReplyTruth reads each head that was shown to the browsers, and
// compares what they noted with what their readings teach.
func TestReadReplyTruth(t *testing.T) {
	file, err := os.Open("testdata/truth/heads.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	type noted struct {
		Noted             bool
		IncludeSubDomains bool `json:"include_subdomains"`
	}
	rows := 0
	in := bufio.NewScanner(file)
	for in.Buffer(nil, 1<<20); in.Scan(); rows++ {
		var row struct {
			ID, Why, Raw      string
			Chromium, Firefox noted
		}
		if err := json.Unmarshal(in.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		var raw []byte
		for _, r := range row.Raw { // it is Latin-1
			raw = append(raw, byte(r))
		}
		for how, reader := range arrivals(string(raw)) {
			r, _, err := readReply(reader, nil)
			for c, want := range map[hsts.Client]noted{hsts.Chromium: row.Chromium, hsts.Firefox: row.Firefox} {
				if got := noted(teaches(&r, c, err)); got != want {
					t.Errorf("%s (%s) %s: %v %+v, truth %+v (%v)", row.ID, row.Why, how, c, got, want, err)
				}
			}
		}
	}
	if in.Err() != nil || rows < 662 {
		t.Errorf("only %d rows, %v", rows, in.Err())
	}
}

// teaches tells what a browser notes from its reading of a reply: nothing where
// the status is a proxy's to send, and in Firefox, nothing beside a
// Clear-Site-Data field that clears it.
func teaches(r *reply, c hsts.Client, err error) (result struct {
	Noted             bool
	IncludeSubDomains bool `json:"include_subdomains"`
}) {
	h := r.Head
	if other, ok := r.otherwise[c]; ok {
		h = other
	}
	field, ok := h.Field(c)
	if err != nil || !ok || h.Status == 0 || h.Status == 407 || c == hsts.Firefox && clearsPolicies(h.ClearSiteData) {
		return result
	}
	p, accepted := hsts.Read(c, field)
	result.Noted = accepted && p.MaxAge > 0
	result.IncludeSubDomains = result.Noted && p.IncludeSubDomains
	return result
}

// FuzzReadReply holds the reader to its bounds, and to reading the same however
// the bytes arrive.
func FuzzReadReply(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1;\r\n preload\r\nLocation: /\r\n\r\n",
		"HTTP/1.1 103 E\n\nHTTP/1.1 302\nStrict-Transport-Security : a\nContent-Length: 1\n\r\r\n",
		"HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc",
		" HTTP/2 2000\r\nStrict_Transport-Security: a\rSet-Cookie: b\r\nContent-Disposition: a, b\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var first reply
		var firstErr error
		for how, reader := range arrivals(string(in)) {
			r, buf, err := readReply(reader, nil)
			r.rest = nil
			if first.Proto == "" && firstErr == nil && first.otherwise == nil {
				first, firstErr = r, err
			}
			r.refusal, first.refusal = nil, nil // its words may depend on it
			if !reflect.DeepEqual(r, first) || (err == nil) != (firstErr == nil) {
				t.Errorf("%s: %+v, %v; otherwise %+v, %v", how, r, err, first, firstErr)
			}
			if cap(buf) > 2*firefoxHead {
				t.Errorf("the buffer grew to %d bytes", cap(buf))
			}
			for _, c := range hsts.Clients {
				h := r.Head
				if other, ok := r.otherwise[c]; ok {
					h = other
				}
				if h.Status < 0 || err != nil && h.Status != 0 {
					t.Errorf("%v: status %d, %v", c, h.Status, err)
				}
				if slices.ContainsFunc(h.STS, func(field string) bool { return strings.Contains(field, "\n") }) {
					t.Errorf("%v: %q", c, h.STS)
				}
				if h.Status == 0 && !reflect.DeepEqual(h, Head{}) {
					t.Errorf("%v reads no answer, and %+v", c, h)
				}
			}
		}
	})
}

// BenchmarkReadReply reads the head of an ordinary answer.
func BenchmarkReadReply(b *testing.B) {
	const head = "HTTP/1.1 200 OK\r\n" +
		"Date: Tue, 25 Nov 2025 10:00:00 GMT\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\n" +
		"Content-Length: 48211\r\nConnection: keep-alive\r\nVary: Accept-Encoding\r\n" +
		"Strict-Transport-Security: max-age=31536000; includeSubDomains; preload\r\n" +
		"X-Frame-Options: SAMEORIGIN\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: strict-origin-when-cross-origin\r\n" +
		"Content-Security-Policy: default-src 'self'; img-src 'self' data: https://images.example.org; script-src 'self' 'nonce-4AEemGb0xJpt'\r\n" +
		"Cache-Control: no-cache, no-store, must-revalidate, max-age=0\r\nETag: W/\"bc53-18f3e1b2a90\"\r\n" +
		"X-Request-Id: 7b8f6f1e-36b4-4f0e-9a60-0a1f3c2d4e5f\r\nAccess-Control-Allow-Origin: https://www.example.org\r\n" +
		"Cross-Origin-Opener-Policy: same-origin\r\nalt-svc: h3=\":443\"; ma=86400\r\n\r\n<!doctype html>"
	buf := make([]byte, 0, 4<<10)
	in := strings.NewReader(head)
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		in.Reset(head)
		if _, _, err := readReply(in, buf); err != nil {
			b.Fatal(err)
		}
	}
}

// TestHeadsCostLittle: what a head of any shape has the program allocate is some
// times its own size, and not that times its fields.
func TestHeadsCostLittle(t *testing.T) {
	const size = 200 << 10
	heads := map[string]string{
		"one folded field":  "X: a" + strings.Repeat("\r\n b", size/5),
		"a folded header":   "Strict-Transport-Security: max-age=1" + strings.Repeat("\r\n x", size/5),
		"misspelled names":  strings.Repeat("Strict-Transport-Securitx: x\r\n", size/30),
		"stray CRs":         "X: " + strings.Repeat("a\r", size/2),
		"names and nothing": strings.Repeat("X\r\n", size/3),
	}
	for _, name := range []string{"Server", "Refresh", "Clear-Site-Data", "Content-Encoding", "Location", "Set-Cookie", "Content-Length", "Transfer-Encoding", "Strict-Transport-Security"} {
		line := name + ": 1\r\n"
		heads[name] = strings.Repeat(line, size/len(line))
	}
	for name, fields := range heads {
		t.Run(name, func(t *testing.T) {
			head := "HTTP/1.1 200 OK\r\n" + strings.TrimSuffix(fields, "\r\n") + "\r\n\r\n"
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, _, err := readReply(strings.NewReader(head), nil); err != nil && !errors.Is(err, errHead) {
				t.Error(err)
			}
			runtime.ReadMemStats(&after)
			if times := (after.TotalAlloc - before.TotalAlloc) / size; times > 100 {
				t.Errorf("it allocates %d times its size", times)
			}
		})
	}
}
