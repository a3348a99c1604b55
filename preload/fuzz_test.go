package preload

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	json, err := os.ReadFile("testdata/list.json")
	if err != nil {
		f.Fatal(err)
	}
	const text = heading + ofDate + "2026-11-02\n.a.test\nb.test bulk-1-year\n# c\n!d.test\n"
	for _, seed := range []string{
		"", string(json), string(json[:len(json)/2]), base64.StdEncoding.EncodeToString(json), text, compressed(text), compressed(text)[:30],
		"\ufeff.a.test\r\n", "a.test\na.test\n", "{}", "{\"entries\":[1]}", "//", "/*", "{\"entries\":[{\"name\":\"a\",\"mode\":\"force-https\",\"include_subdomains\":true}]}",
		"{\"\\\"//\":[{}],\"entries\":[{\"name\":\"a.-\"}],\"entries\":[]}", strings.Repeat("Ly8K", 20), "\x1f\x8b", ".\n!\n!.\n", "A.test\na.test.\n.bücher.test\n", heading + ofDate + "\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		l, err := Parse(strings.NewReader(string(list)), "")
		if err != nil {
			if msg := err.Error(); l != nil || msg == "" || len(msg) > 1000 || strings.ContainsAny(msg, "\n\x1b") {
				t.Errorf("%v, %q", l, msg)
			}
			return
		}
		checkRewritten(t, l)
		size := 0
		for name, m := range l.known {
			if m.force {
				size++
			}
			if e, ok := l.Lookup(name); ok != m.force || e != (Entry{name, m.subs, m.policy}) {
				t.Errorf("Lookup(%q) = %+v, %v", name, e, ok)
			}
			if e, ok := l.Lookup("x." + name); e.Name == name && ok != m.subs {
				t.Errorf("Lookup(%q) = %+v, %v", "x."+name, e, ok)
			}
		}
		if size == 0 || size != l.Len() {
			t.Errorf("%d entries, Len says %d", size, l.Len())
		}
	})
}

func FuzzLookup(f *testing.F) {
	for _, seed := range []string{
		"", ".", "bank", "x.BANK.", "x..bank", "x.www.figma.com", "1.0.0.1", "1.0x1", "[::1]", "φ.google.com", "xn--7xa.google.com", "xn--.bank",
		"bücher。bank", "\xff.bank", "ß.bank", "a\u200d.bank", strings.Repeat("x.", 125) + "bank", "localhost", "_a.-b.bank", "K.bank",
	} {
		f.Add(seed)
	}
	l := Snapshot()
	f.Fuzz(func(t *testing.T, host string) {
		e, ok := l.Lookup(host)
		if _, listed := l.known[e.Name]; listed != (e.Name != "") || ok && !listed {
			t.Errorf("%+v, %v", e, ok)
		}
		name, valid := canonical(host)
		if !valid {
			if ok {
				t.Errorf("%q is listed and no host name", host)
			}
			return
		}
		if ok && name != e.Name && !(e.IncludeSubDomains && strings.HasSuffix(name, "."+e.Name)) {
			t.Errorf("%+v does not cover %q", e, name)
		}
		for _, same := range []string{name, name + ".", strings.ToUpper(name)} {
			// Chromium, too, has no name for an A-label that is none.
			if again, still := l.Lookup(same); (again != e || still != ok) && !strings.Contains(name, "xn--") {
				t.Errorf("Lookup(%q) = %+v, %v and Lookup(%q) = %+v, %v", host, e, ok, same, again, still)
			}
		}
	})
}
