package visit

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"hsts-check/hsts"
)

// A step is one visit of a browser.
type step struct {
	Scheme, Host, Cert string
	Port, Status, Wait int
	Fields             []truthField
	SubFields          []truthField `json:"sub_fields"`
	HTML               string
}

type truthField struct {
	Name     string
	ValueB64 string `json:"value_b64"`
}

// head writes the fields into a response's head and has it read.
func (s step) head(t *testing.T, fields []truthField) Head {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d Status\r\n", max(s.Status, 200))
	for _, f := range fields {
		value, err := base64.StdEncoding.DecodeString(f.ValueB64)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, value)
	}
	b.WriteString("\r\n")
	r, _, err := readReply(&b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Head
}

// TestStoreTruth replays what browsers were shown and compares what the store
// covers afterwards with what they did.
func TestStoreTruth(t *testing.T) {
	data, err := os.ReadFile("../hsts/testdata/truth/visits.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for in := bufio.NewScanner(bytes.NewReader(data)); in.Scan(); rows++ {
		var row struct {
			ID     string
			Steps  []step
			Probes map[string]string
			RFC    map[string]any
			// Noted and include_subdomains sum up the probes self and sub.
			Chromium, Firefox struct {
				Noted             bool
				IncludeSubDomains bool `json:"include_subdomains"`
			}
		}
		if err := json.Unmarshal(in.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		for _, c := range hsts.Clients {
			covered := browse(t, c, row.Steps)
			for probe, target := range row.Probes {
				u, _ := url.Parse(target)
				got := covered(u.Hostname())
				want, _ := row.RFC[probe].(bool)
				switch {
				case c != hsts.RFC6797 && probe == "self":
					want = map[hsts.Client]bool{hsts.Chromium: row.Chromium.Noted, hsts.Firefox: row.Firefox.Noted}[c]
				case c != hsts.RFC6797 && probe == "sub":
					want = map[hsts.Client]bool{hsts.Chromium: row.Chromium.IncludeSubDomains, hsts.Firefox: row.Firefox.IncludeSubDomains}[c]
				case strings.HasSuffix(u.Hostname(), "localhost"):
					want = false // where the RFC's letter and every browser differ, we side with browsers
				}
				if got != want {
					t.Errorf("%s: %v on %s %s: covered %v, truth %v", row.ID, c, probe, target, got, want)
				}
			}
		}
	}
	if rows < 65 {
		t.Errorf("only %d rows", rows)
	}
}

// browse makes the steps as a client would: one that is asked to go to a
// covered host over http goes there over https.
func browse(t *testing.T, c hsts.Client, steps []step) (covered func(host string) bool) {
	now := time.Unix(1e9, 0)
	store := &hsts.Store{Client: c, Now: func() time.Time { return now }}
	covered = func(host string) bool { _, ok := store.Lookup(host); return ok }
	for _, s := range steps {
		x := Exchange{URL: s.Scheme + "://" + s.Host + "/", TLS: &TLS{}}
		if covered(s.Host) {
			x.URL = "https://" + s.Host + "/"
		}
		if s.Cert != "good" {
			x.TLS.Error = &Error{Kind: CertInvalid, Message: s.Cert}
		}
		h := s.head(t, s.Fields)
		x.Head = h
		learn(store, x, s.Host)
		if len(s.SubFields) > 0 {
			_, image, _ := strings.Cut(s.HTML, `src="`)
			image, _, _ = strings.Cut(image, `"`)
			h := s.head(t, s.SubFields)
			u, err := url.Parse(image)
			if err != nil {
				t.Fatal(err)
			}
			learn(store, Exchange{URL: image, Head: h}, u.Hostname())
		}
		now = now.Add(time.Duration(s.Wait) * time.Second)
	}
	return covered
}

// learn has a store take in what an exchange with a host teaches.
func learn(s *hsts.Store, x Exchange, host string) {
	if a := x.Answer(s.Client, 0); a.Secure && a.Policy != nil {
		s.Set(host, *a.Policy)
	}
}
