package witness

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hsts-check/audit"
	"hsts-check/visit"
)

// TestReadHAR reads small archives in the manner of each browser. What is made of
// each page is a line: its URL, its verdict, and the exchanges or the error.
func TestReadHAR(t *testing.T) {
	for _, tt := range []struct {
		file string
		want []string
	}{
		{"firefox", []string{
			"http://bank.test/?hidden-1 protected: 301 http://bank.test/?hidden-1, 200 https://bank.test/login?hidden-1",
		}},
		{"chromium", []string{
			"https://bank.test/ protected: 302 https://bank.test/, 200 https://www.bank.test/a?hidden-1",
			"https://plain.test/ absent: 200 https://plain.test/",
			"https://cached.test/ unknown: input",
			"https://bad.test/ unknown: 0 https://bad.test/",
			"https://gone.test/ unknown: 0 https://gone.test/",
		}},
		{"others", []string{
			"https://one.test/ protected: 200 https://one.test/",
			"https://old.test/ unknown: input",
			"https://worker.test/ unknown: input",
			"https://still.test/ protected: 304 https://still.test/",
		}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			visits := readHAR(t, tt.file+".har")
			var got []string
			for _, v := range visits {
				got = append(got, inALine(v))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, v := range visits {
				if text, _ := json.Marshal(audit.Judge(v, nil)); strings.Contains(string(text), "SECRET") {
					t.Errorf("a secret is in %s", text)
				}
			}
		})
	}
}

func readHAR(t *testing.T, file string) []visit.Visit {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	visits, err := ReadHAR(f, "saved")
	if err != nil {
		t.Fatal(err)
	}
	return visits
}

func inALine(v visit.Visit) string {
	said := fmt.Sprintf("%s %s: ", v.Site.URL, audit.Judge(v, nil).Verdict)
	if v.Error != nil {
		return said + string(v.Error.Kind)
	}
	var made []string
	for _, x := range v.Exchanges {
		made = append(made, fmt.Sprint(x.Status, " ", x.URL))
	}
	return said + strings.Join(made, ", ")
}

func TestHARTellsWhoMadeIt(t *testing.T) {
	for file, want := range map[string]string{"firefox": "HAR of Firefox 153.0", "chromium": "HAR of WebInspector 537.36"} {
		if v := readHAR(t, file+".har")[0]; v.SeenBy.Browser != want || v.Site.Group != "saved" || v.CheckedAt.IsZero() {
			t.Errorf("%s: %+v", file, v)
		}
	}
}

func TestChromiumJoinsFields(t *testing.T) {
	v := readHAR(t, "chromium.har")[0]
	if diff := cmp.Diff([]string{"max-age=300", "max-age=31536000"}, v.Exchanges[0].STS); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatIsNoHAR(t *testing.T) {
	for text, want := range map[string]string{
		``:                                    "ends too soon",
		`{"log":{"entries":[`:                 "ends too soon",
		`{"other":1}`:                         `no member "log"`,
		`[]`:                                  `found "[" instead of "{"`,
		`{"log":{"entries":{}}}`:              `found "{" instead of "["`,
		`{"log":{"entries":[1]}}`:             "cannot unmarshal",
		`{"log":{"entries":[]}}`:              "without requests",
		`{"log":{"pages":[{"id":"a"}]}}`:      "without requests",
		`{"log":{"entries":[{"request":{}}]}`: "ends too soon",
	} {
		if _, err := ReadHAR(strings.NewReader(text), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// FuzzReadHAR: whatever an archive holds, it is refused or judged, and what stood
// in a query or before an @ is nowhere in the record.
func FuzzReadHAR(f *testing.F) {
	for _, name := range []string{"firefox.har", "chromium.har", "others.har"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		visits, err := ReadHAR(strings.NewReader(text), "g")
		if err != nil {
			return
		}
		for _, v := range visits {
			audit.Judge(v, nil)
			if len(v.Exchanges) == 0 && v.Error == nil {
				t.Errorf("nothing is known of %+v, and no error says why", v)
			}
			for _, x := range v.Exchanges {
				if _, query, asked := strings.Cut(x.URL, "?"); asked && !strings.HasPrefix(query, hiddenQuery) {
					t.Errorf("a query in %q", x.URL)
				}
			}
		}
	})
}
