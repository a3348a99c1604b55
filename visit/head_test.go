package visit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"hsts-check/hsts"
)

const okLine = "HTTP/1.1 200 OK\r\n"

// read has a response read at once, or fails the test.
func read(t *testing.T, in string) reply {
	t.Helper()
	r, _, err := readReply(strings.NewReader(in), nil)
	if err != nil {
		t.Fatalf("%.60q: %v", in, err)
	}
	return r
}

func TestReadReply(t *testing.T) {
	tests := []struct {
		name, in string
		want     Head
	}{
		{"one field", okLine + "Strict-Transport-Security: max-age=1\r\n\r\nbody", Head{STS: []string{"max-age=1"}}},
		{"each field line is kept apart", okLine + "Strict-Transport-Security: a\r\nX: y\r\nSTRICT-TRANSPORT-SECURITY:\tb \r\n\r\n", Head{STS: []string{"a", "b"}}},
		{"an empty field counts", okLine + "Strict-Transport-Security:\r\n\r\n", Head{STS: []string{""}}},
		{"a blank before the colon is told", okLine + "Strict-Transport-Security : a\r\n\r\n", Head{STS: []string{"a"}, STSBlank: []int{0}}},
		{"a blank before the name is another name", okLine + " Strict-Transport-Security: a\r\n\r\n", Head{}},
		{"bytes stay as they are", okLine + "Strict-Transport-Security: a=\"\x01\xff\"\r\n\r\n", Head{STS: []string{"a=\"\x01\xff\""}}},
		{"lines may end in LF", "HTTP/1.1 200 OK\nStrict-Transport-Security: a\nLocation: /x\n\n", Head{STS: []string{"a"}, Location: "/x"}},
		{"a folded value is one", okLine + "Strict-Transport-Security: max-age=1;\r\n \t includeSubDomains\r\n\r\n", Head{STS: []string{"max-age=1; includeSubDomains"}}},
		{"a fold of another field hides nothing", okLine + "X: a\r\n Strict-Transport-Security: b\r\n\r\n", Head{}},
		{"lines without a colon are skipped", okLine + "nonsense\r\nStrict-Transport-Security: a\r\n\r\n", Head{STS: []string{"a"}}},
		{"early hints teach nothing", "HTTP/1.1 103 Early Hints\r\nStrict-Transport-Security: a\r\n\r\n" + okLine + "\r\n", Head{}},
		{"a status line without a status", "HTTP/1.1\r\n\r\n", Head{}},
		{"HTTP/1.0", "HTTP/1.0 404 Not Found\r\n\r\n", Head{Proto: "HTTP/1.0", Status: 404}},
		{"stray bytes before the status line", "xxHTTP/1.1 200 OK\r\n\r\n", Head{}},
		{"an empty line before the status line", "\r\n" + okLine + "\r\n", Head{}},
		{"a tab behind the status", "HTTP/1.1 404\tNot Found\r\n\r\n", Head{Status: 404}},
		{"a status under 100", "HTTP/1.1 30 X\r\n\r\n", Head{Status: 30}},
		{"a status of nought is still an answer", "HTTP/1.1 0 X\r\n\r\n", Head{Status: 1}},
		{"a stray byte that is no UTF-8", "\x85HTTP/1.1 404 Not Found\r\n\r\n", Head{Status: 404}},
		{"the same Location twice", "HTTP/1.1 302 F\r\nLocation: /a\r\nLocation: /a\r\n\r\n", Head{Status: 302, Location: "/a"}},
		{"the same length twice in one field", okLine + "Content-Length: 2, 2\r\n\r\n", Head{}},
		{"a comma in quotes", okLine + "Content-Disposition: inline; filename=\"a\\\", b\"\r\n\r\n", Head{}},
		{"two carriage returns do not end the head", okLine + "\r\r\nStrict-Transport-Security: a\r\n\r\n", Head{STS: []string{"a"}}},
		{"a head of 200 KiB", okLine + "X: " + strings.Repeat("y", 200<<10) + "\r\nStrict-Transport-Security: a\r\n\r\n", Head{STS: []string{"a"}}},
		{"a refresh", okLine + "Refresh: 0;url=/x\r\n\r\n", Head{Refresh: "0;url=/x"}},
		{"Clear-Site-Data in two lines", okLine + "Clear-Site-Data: \"cookies\"\r\nClear-Site-Data: \"cache\"\r\n\r\n", Head{ClearSiteData: `"cookies", "cache"`}},
		{"a name with underscores", okLine + "Strict_Transport_Security: a\r\n\r\n", Head{Misnamed: []string{"Strict_Transport_Security"}}},
		{"a name with a letter missing", okLine + "Strict-Transport-Securty: a\r\n\r\n", Head{Misnamed: []string{"Strict-Transport-Securty"}}},
		{"another name altogether", okLine + "HSTS: a\r\n\r\n", Head{Misnamed: []string{"HSTS"}}},
		{"a misspelt name beside the right one", okLine + "HSTS: a\r\nStrict-Transport-Security: b\r\n\r\n", Head{STS: []string{"b"}}},
		{"a name as long as the header's", okLine + "Access-Control-Max-Age-X-: a\r\n\r\n", Head{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want.Proto == "" {
				tt.want.Proto = "HTTP/1.1"
			}
			if tt.want.Status == 0 {
				tt.want.Status = 200
			}
			for reader, r := range map[string]io.Reader{"at once": strings.NewReader(tt.in), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.in))} {
				got, _, err := readReply(r, nil)
				if err != nil || !reflect.DeepEqual(got.Head, tt.want) || got.otherwise != nil {
					t.Errorf("%s: got %+v, otherwise %+v, %v; want %+v", reader, got.Head, got.otherwise, err, tt.want)
				}
			}
		})
	}
}

// TestReadReplyRefuses: what no client reads.
func TestReadReplyRefuses(t *testing.T) {
	tests := []struct{ name, in string }{
		{"not HTTP", "SSH-2.0-OpenSSH_9.6\r\n\r\n"},
		{"not HTTP and no end", "220 mail ESMTP\r\n"},
		{"two Locations", "HTTP/1.1 302 F\r\nLocation: /a\r\nLocation: /b\r\n\r\n"},
		{"an empty Location and another", "HTTP/1.1 302 F\r\nLocation:\r\nLocation: /b\r\n\r\n"},
		{"two lengths in one field", okLine + "Content-Length: 1, 2\r\n\r\n"},
		{"an empty length and another", okLine + "Content-Length:\r\nContent-Length: 2\r\n\r\n"},
		{"two lengths and another coding than chunked", okLine + "Content-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: identity\r\n\r\n"},
		{"two lengths, and chunks that HTTP/1.0 does not know", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{"two lengths", okLine + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"},
		{"a NUL in a value", okLine + "X: \x00\r\n\r\n"},
		{"a change of protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n" + "x"},
		{"a head without end", okLine + strings.Repeat("X: y\r\n", 80000)},
		{"interim answers without end", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 12000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if h, _, err := readReply(strings.NewReader(tt.in), nil); err == nil {
				t.Errorf("got %+v", h)
			}
		})
	}
	if _, _, err := readReply(strings.NewReader("SSH-2.0-OpenSSH_9.6\r\n\r\n"), nil); !errors.Is(err, errHead) {
		t.Errorf("not HTTP: %v", err)
	}
	if _, _, err := readReply(strings.NewReader(""), nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("nothing at all: %v", err)
	}
}

// TestReadingsDiffer: what one browser reads and the other does not.
func TestReadingsDiffer(t *testing.T) {
	tests := []struct {
		name, in string
		reads    hsts.Client
	}{
		{"a status that is no number", "HTTP/1.1 OK\r\n\r\n", hsts.Chromium},
		{"a version of 0.9", "HTTP/0.9 200 OK\r\n\r\n", hsts.Chromium},
		{"a protocol in small letters", "http/1.1 200 OK\r\n\r\n", hsts.Chromium},
		{"a head that is cut off", okLine + "X: y\r\n", hsts.Firefox},
		{"a head that seems to end", okLine + "X: y\r\n\r\r\n", hsts.Firefox},
		{"a NUL in a name", okLine + "X\x00: y\r\n\r\n", hsts.Firefox},
		{"two dispositions in one field", okLine + "Content-Disposition: inline, attachment\r\n\r\n", hsts.Firefox},
		{"two lengths of chunks", okLine + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n0\r\n\r\n", hsts.Chromium},
		{"an interim answer that changes the protocol", "HTTP/1.1 101 S\r\n\r\n" + okLine + "\r\n", hsts.Chromium},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, tt.in)
			x := Exchange{URL: "https://a.test/", Head: got.Head, Otherwise: got.otherwise}
			for _, c := range []hsts.Client{hsts.Chromium, hsts.Firefox} {
				h := x.ReadBy(c)
				if (h.Status != 0) != (c == tt.reads) {
					t.Errorf("%v reads %+v", c, h)
				}
			}
			if got.Status != 0 || got.refusal == nil {
				t.Errorf("a reader of the RFC reads %+v, %v", got.Head, got.refusal)
			}
		})
	}
	chunks := read(t, okLine+"Strict-Transport-Security: max-age=1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
	if chunks.otherwise[hsts.Firefox].Status != 0 || len(chunks.otherwise) != 1 || chunks.Status != 200 || chunks.refusal != nil {
		t.Errorf("a body without a chunk: %+v, otherwise %+v, %v; want that Firefox alone reads nothing", chunks.Head, chunks.otherwise, chunks.refusal)
	}
	torn := read(t, okLine+"Strict-Transport-Security: max-age=1\rb\r\n\r\n")
	if got := torn.otherwise[hsts.Chromium].STS; len(got) != 1 || got[0] != "max-age=1" || torn.STS[0] != "max-age=1\rb" {
		t.Errorf("a carriage return in a value: %+v, otherwise %+v", torn.Head, torn.otherwise)
	}
}

// TestHeadsTruth: each head that browsers were shown is read as each read it.
func TestHeadsTruth(t *testing.T) {
	data, err := os.ReadFile("testdata/truth/heads.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	in := bufio.NewScanner(bytes.NewReader(data))
	for in.Buffer(nil, 1<<20); in.Scan(); rows++ {
		type noted struct {
			Noted             bool
			IncludeSubDomains bool `json:"include_subdomains"`
		}
		var row struct {
			ID, Why, Raw      string
			Chromium, Firefox noted
		}
		if err := json.Unmarshal(in.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		raw := latin1(row.Raw)
		for how, r := range map[string]io.Reader{"at once": bytes.NewReader(raw), "halved": io.MultiReader(bytes.NewReader(raw[:len(raw)/2]), bytes.NewReader(raw[len(raw)/2:]))} {
			got, _, err := readReply(r, nil)
			if err == nil && got.Status == 407 {
				_, err = fromSite(got, nil)
			}
			for c, want := range map[hsts.Client]noted{hsts.Chromium: row.Chromium, hsts.Firefox: row.Firefox} {
				var is noted
				x := Exchange{URL: "https://a.test/", Head: got.Head, Otherwise: got.otherwise, TLS: &TLS{}}
				if a := x.Answer(c, 0); err == nil && a.Policy != nil && !(c == hsts.Firefox && a.ClearsSiteData) {
					is = noted{a.Policy.MaxAge > 0, a.Policy.IncludeSubDomains && a.Policy.MaxAge > 0}
				}
				if is != want && row.ID != "a0346" { // whose head is longer than what is read
					t.Errorf("%s %v, %s: %+v, want %+v (%s)", row.ID, c, how, is, want, row.Why)
				}
			}
		}
	}
	if rows < 662 {
		t.Errorf("only %d rows", rows)
	}
}

// latin1 returns the bytes that a string of the test data stands for.
func latin1(s string) []byte {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

func BenchmarkReadReply(b *testing.B) {
	in := okLine + "Date: Tue, 24 Nov 2026 10:00:00 GMT\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 5120\r\n" +
		strings.Repeat("X-Filler: "+strings.Repeat("y", 60)+"\r\n", 10) + "Strict-Transport-Security: max-age=31536000\r\n\r\n"
	r, buf := strings.NewReader(in), make([]byte, 0, 4<<10)
	b.ReportAllocs()
	for b.Loop() {
		r.Reset(in)
		if _, _, err := readReply(r, buf); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzReadReply holds the reader to its bounds, and to reading the same however
// the bytes arrive.
func FuzzReadReply(f *testing.F) {
	f.Add([]byte(okLine + "Strict-Transport-Security: max-age=1;\r\n preload\r\nLocation: /\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 103 E\n\nHTTP/1.1 302\nStrict-Transport-Security : a\nContent-Length: 1\n\r\r\n"))
	f.Add([]byte(okLine + "Strict-Transport-Security: a\rb\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, buf, err := readReply(bytes.NewReader(in), nil)
		again, _, err2 := readReply(iotest.OneByteReader(bytes.NewReader(in)), nil)
		if !reflect.DeepEqual(got.Head, again.Head) || !reflect.DeepEqual(got.otherwise, again.otherwise) || (err == nil) != (err2 == nil) {
			t.Errorf("at once: %+v, %+v, %v; byte by byte: %+v, %+v, %v", got.Head, got.otherwise, err, again.Head, again.otherwise, err2)
		}
		if cap(buf) > 2*maxHead {
			t.Errorf("the buffer grew to %d bytes", cap(buf))
		}
		heads := []Head{got.Head}
		for _, h := range got.otherwise {
			heads = append(heads, h)
		}
		for _, h := range heads {
			if h.Status < 0 || h.Status > 999 {
				t.Errorf("status %d", h.Status)
			}
			for _, field := range h.STS {
				if strings.Contains(field, "\n") {
					t.Errorf("a field holds a line end: %q", field)
				}
			}
		}
	})
}
