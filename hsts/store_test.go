package hsts

import (
	"fmt"
	"testing"
	"time"
)

func ExampleStore() {
	var store Store
	store.Note("example.org", []string{"max-age=31536000; includeSubDomains"}, true)
	policy, covered := store.Lookup("login.example.org")
	fmt.Println(policy, covered)
	// Output: max-age=31536000; includeSubDomains true
}

func TestStore(t *testing.T) {
	tests := []struct {
		name    string
		note    func(*Store)
		host    string
		covered bool
	}{
		{"nothing learnt over http", func(s *Store) { s.Note("a.test", []string{"max-age=9"}, false) }, "a.test", false},
		{"no field", func(s *Store) { s.Note("a.test", nil, true) }, "a.test", false},
		{"the first field alone counts", func(s *Store) { s.Note("a.test", []string{"bogus", "max-age=9"}, true) }, "a.test", false},
		{"case and trailing dot", func(s *Store) { s.Note("A.test.", []string{"max-age=9"}, true) }, "a.TEST", true},
		{"U-label and A-label", func(s *Store) { s.Note("münchen.test", []string{"max-age=9"}, true) }, "xn--mnchen-3ya.test", true},
		{"an underscore is kept", func(s *Store) { s.Note("A_b.test", []string{"max-age=9"}, true) }, "a_B.test", true},
		{"a policy never covers the parent", func(s *Store) { s.Note("www.a.test", []string{"max-age=9; includeSubDomains"}, true) }, "a.test", false},
		{"a parent without includeSubDomains does not cover", func(s *Store) { s.Note("a.test", []string{"max-age=9"}, true) }, "www.a.test", false},
		{"a grandparent covers past a narrower parent", func(s *Store) {
			s.Note("a.test", []string{"max-age=9; includeSubDomains"}, true)
			s.Note("b.a.test", []string{"max-age=9"}, true)
		}, "c.b.a.test", true},
		{"max-age=0 forgets", func(s *Store) {
			s.Note("a.test", []string{"max-age=9"}, true)
			s.Note("a.test", []string{"max-age=0"}, true)
		}, "a.test", false},
		{"a broken field forgets nothing", func(s *Store) {
			s.Note("a.test", []string{"max-age=9"}, true)
			s.Note("a.test", []string{"max-age=0x"}, true)
		}, "a.test", true},
		{"localhost", func(s *Store) { s.Note("localhost", []string{"max-age=9"}, true) }, "localhost", false},
		{"below localhost", func(s *Store) { s.Note("a.localhost", []string{"max-age=9"}, true) }, "a.localhost", false},
		{"IPv4", func(s *Store) { s.Note("127.0.0.1", []string{"max-age=9"}, true) }, "127.0.0.1", false},
		{"IPv6", func(s *Store) { s.Note("[::1]", []string{"max-age=9"}, true) }, "::1", false},
		{"the empty name", func(s *Store) { s.Note("", []string{"max-age=9"}, true) }, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s Store
			tt.note(&s)
			if _, covered := s.Lookup(tt.host); covered != tt.covered {
				t.Errorf("Lookup(%q) covered = %v", tt.host, covered)
			}
		})
	}
}

// TestStoreOfPublicSuffixes: what a public suffix says of the sites below it.
func TestStoreOfPublicSuffixes(t *testing.T) {
	for _, tt := range []struct {
		from, host string
		firefox    bool
	}{
		{"example.co.uk", "a.b.example.co.uk", true},
		{"co.uk", "example.co.uk", false},
		{"github.io", "a.github.io", false},
		{"a.github.io", "b.a.github.io", true},
		{"amazonaws.com", "a.s3.amazonaws.com", false}, // s3.amazonaws.com is one
		{"amazonaws.com", "a.amazonaws.com", true},
		{"kobe.jp", "a.b.kobe.jp", false},
		{"city.kobe.jp", "a.city.kobe.jp", true},
		{"test", "a.test", false}, // is not on the list
		{"a.test", "b.a.test", true},
	} {
		for _, c := range Clients {
			s := Store{Client: c}
			s.Note(tt.from, []string{"max-age=9; includeSubDomains"}, true)
			if _, covered := s.Lookup(tt.host); covered != (tt.firefox || c != Firefox) {
				t.Errorf("%v: %s covers %s: %v", c, tt.from, tt.host, covered)
			}
			if _, covered := s.Lookup(tt.from); !covered {
				t.Errorf("%v: %s does not cover itself", c, tt.from)
			}
		}
	}
}

func TestStoreExpiry(t *testing.T) {
	now := time.Unix(0, 0)
	s := Store{Now: func() time.Time { return now }}
	s.Note("a.test", []string{"max-age=9"}, true)
	s.Note("b.test", []string{"max-age=18446744073709551615"}, true)
	now = now.Add(9 * time.Second)
	if _, covered := s.Lookup("a.test"); covered {
		t.Error("a policy outlives its max-age")
	}
	if _, covered := s.Lookup("b.test"); !covered {
		t.Error("a huge max-age has overflowed")
	}
}

func TestIsIP(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "[::1]": true, "127.1": true, "0x7f000001": true, "2130706433": true, "1.2.3.4.": true,
		"example.org": false, "": false, "1.example": false, "a.0xg": false, "a.1x": false,
	} {
		if got := IsIP(host); got != want {
			t.Errorf("IsIP(%q) = %v", host, got)
		}
	}
}
