package hsts

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// A reaction is what one client did with a header.
type reaction struct {
	Noted             bool    `json:"noted"`
	IncludeSubDomains bool    `json:"include_subdomains"`
	StoredMaxAge      *uint64 `json:"stored_max_age_s"`
	Debatable         bool    `json:"debatable"`
}

// TestHeadersTruth compares what the store remembers of 257 field values with
// what browsers did.
func TestHeadersTruth(t *testing.T) {
	rows := 0
	for line := range lines(t, "testdata/truth/headers.jsonl") {
		var row struct {
			ID        string   `json:"id"`
			Note      string   `json:"note"`
			HeaderB64 string   `json:"header_b64"`
			RFC6797   reaction `json:"rfc6797"`
			Chromium  reaction `json:"chromium"`
			Firefox   reaction `json:"firefox"`
		}
		decode(t, line, &row)
		field, err := base64.StdEncoding.DecodeString(row.HeaderB64)
		if err != nil {
			t.Fatal(err)
		}
		rows++
		for client, want := range map[Client]reaction{RFC6797: row.RFC6797, Chromium: row.Chromium, Firefox: row.Firefox} {
			if want.Debatable {
				continue
			}
			got := react(client, string(field), strings.Contains(row.Note, "probed after 4 s"))
			if got.Noted != want.Noted || got.IncludeSubDomains != want.IncludeSubDomains {
				t.Errorf("%s %q: %v noted %v, subdomains %v; truth %v, %v", row.ID, field, client,
					got.Noted, got.IncludeSubDomains, want.Noted, want.IncludeSubDomains)
			}
			if want.StoredMaxAge != nil && *got.StoredMaxAge != *want.StoredMaxAge {
				t.Errorf("%s %q: %v keeps %d s, truth %d s", row.ID, field, client, *got.StoredMaxAge, *want.StoredMaxAge)
			}
		}
	}
	if rows < 257 {
		t.Errorf("only %d rows", rows)
	}
}

// react visits a fresh host once with the field and asks for it and for a
// subdomain of it afterwards.
func react(c Client, field string, wait bool) reaction {
	now := time.Unix(1e9, 0)
	s := Store{Client: c, Now: func() time.Time { return now }}
	s.Note("host.test", []string{strings.Trim(field, " \t")}, true)
	if wait {
		now = now.Add(4 * time.Second)
	}
	p, noted := s.Lookup("host.test")
	_, sub := s.Lookup("sub.host.test")
	return reaction{Noted: noted, IncludeSubDomains: sub, StoredMaxAge: &p.MaxAge}
}

func lines(t *testing.T, file string) func(yield func([]byte) bool) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func([]byte) bool) {
		in := bufio.NewScanner(bytes.NewReader(data))
		in.Buffer(nil, 1<<20)
		for in.Scan() && yield(in.Bytes()) {
		}
	}
}

func decode(t *testing.T, line []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(line, v); err != nil {
		t.Fatal(err)
	}
}
