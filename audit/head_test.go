package audit

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadHead(t *testing.T) {
	ok := func(h head) head {
		if h.proto == "" {
			h.proto = "HTTP/1.1"
		}
		if h.status == 0 {
			h.status = 200
		}
		return h
	}
	tests := []struct {
		name, in string
		want     head
	}{
		{"one field", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\n\r\nbody", head{sts: []string{"max-age=1"}}},
		{"each field line is kept apart", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a\r\nX: y\r\nSTRICT-TRANSPORT-SECURITY:\tb \r\n\r\n", head{sts: []string{"a", "b"}}},
		{"an empty field counts", "HTTP/1.1 200 OK\r\nStrict-Transport-Security:\r\n\r\n", head{sts: []string{""}}},
		{"a blank before the colon is told", "HTTP/1.1 200 OK\r\nStrict-Transport-Security : a\r\n\r\n", head{sts: []string{"a"}, stsBlank: []int{0}}},
		{"a blank before the name is another name", "HTTP/1.1 200 OK\r\n Strict-Transport-Security: a\r\n\r\n", head{}},
		{"another name", "HTTP/1.1 200 OK\r\nStrict-Transport-Policy__: a\r\n\r\n", head{}},
		{"bytes stay as they are", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: a=\"\x01\xff\"\r\n\r\n", head{sts: []string{"a=\"\x01\xff\""}}},
		{"lines may end in LF", "HTTP/1.1 200 OK\nStrict-Transport-Security: a\nLocation: /x\n\n", head{sts: []string{"a"}, location: single{"/x", true, false}}},
		{"a folded value is one", "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1;\r\n \t includeSubDomains\r\n\r\n", head{sts: []string{"max-age=1; includeSubDomains"}}},
		{"a fold of another field hides nothing", "HTTP/1.1 200 OK\r\nX: a\r\n Strict-Transport-Security: b\r\n\r\n", head{}},
		{"lines without a colon are skipped", "HTTP/1.1 200 OK\r\nnonsense\r\nStrict-Transport-Security: a\r\n\r\n", head{sts: []string{"a"}}},
		{"early hints teach nothing", "HTTP/1.1 103 Early Hints\r\nStrict-Transport-Security: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", head{}},
		{"a status line without a status", "HTTP/1.1\r\n\r\n", head{}},
		{"HTTP/1.0", "HTTP/1.0 404 Not Found\r\n\r\n", head{proto: "HTTP/1.0", status: 404}},
		{"stray bytes before the status line", "xxHTTP/1.1 200 OK\r\n\r\n", head{}},
		{"a stray byte that is no UTF-8", "\x85HTTP/1.1 404 Not Found\r\n\r\n", head{status: 404}},
		{"the same Location twice", "HTTP/1.1 302 F\r\nLocation: /a\r\nLocation: /a\r\n\r\n", head{status: 302, location: single{"/a", true, false}}},
		{"lengths do not count when chunked", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
			head{length: single{"1", true, true}, chunked: true}},
		{"the same length twice in one field", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n", head{length: single{"2", true, false}}},
		{"a comma in quotes", "HTTP/1.1 200 OK\r\nContent-Disposition: inline; filename=\"a\\\", b\"\r\n\r\n",
			head{disposition: single{"inline; filename=\"a\\\", b\"", true, false}}},
		{"two carriage returns do not end the head", "HTTP/1.1 200 OK\r\n\r\r\nStrict-Transport-Security: a\r\n\r\n", head{sts: []string{"a"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for reader, r := range map[string]io.Reader{"at once": strings.NewReader(tt.in), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.in))} {
				got, _, err := readHead(r, nil)
				if want := ok(tt.want); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s: got %+v, %v; want %+v", reader, got, err, want)
				}
			}
		})
	}
}

func TestReadHeadRefuses(t *testing.T) {
	tests := []struct{ name, in string }{
		{"not HTTP", "SSH-2.0-OpenSSH_9.6\r\n\r\n"},
		{"not HTTP and no end", "220 mail ESMTP\r\n"},
		{"a status that is no number", "HTTP/1.1 OK\r\n\r\n"},
		{"two Locations", "HTTP/1.1 302 F\r\nLocation: /a\r\nLocation: /b\r\n\r\n"},
		{"an empty Location and another", "HTTP/1.1 302 F\r\nLocation:\r\nLocation: /b\r\n\r\n"},
		{"two lengths in one field", "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"},
		{"an empty length and another", "HTTP/1.1 200 OK\r\nContent-Length:\r\nContent-Length: 2\r\n\r\n"},
		{"two lengths and another coding than chunked", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: identity\r\n\r\n"},
		{"two lengths, and chunks that HTTP/1.0 does not know", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{"two dispositions in one field", "HTTP/1.1 200 OK\r\nContent-Disposition: inline, attachment\r\n\r\n"},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"},
		{"a head without end", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 20000)},
		{"interim answers without end", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 4000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if h, _, err := readHead(strings.NewReader(tt.in), nil); !errors.Is(err, errHead) {
				t.Errorf("got %+v, %v", h, err)
			}
		})
	}
	if _, _, err := readHead(strings.NewReader("HTTP/1.1 200 OK\r\nX: y\r\n"), nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a head that is cut off: %v", err)
	}
	if _, _, err := readHead(strings.NewReader("HTTP/1.1 200 OK\r\nX: y\r\n\r\r\n"), nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a head that seems to end: %v", err)
	}
}

// FuzzReadHead holds the reader to its bounds, and to reading the same however
// the bytes arrive.
func FuzzReadHead(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1;\r\n preload\r\nLocation: /\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 103 E\n\nHTTP/1.1 302\nStrict-Transport-Security : a\nContent-Length: 1\n\r\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		h, buf, err := readHead(strings.NewReader(string(in)), nil)
		again, _, err2 := readHead(iotest.OneByteReader(strings.NewReader(string(in))), nil)
		if !reflect.DeepEqual(h, again) || (err == nil) != (err2 == nil) {
			t.Errorf("at once: %+v, %v; byte by byte: %+v, %v", h, err, again, err2)
		}
		if cap(buf) > 2*maxHead {
			t.Errorf("the buffer grew to %d bytes", cap(buf))
		}
		if err == nil && (h.status < 100 || h.status > 999) {
			t.Errorf("status %d", h.status)
		}
	})
}
