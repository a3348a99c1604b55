package main

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"hsts-check/internal/text"
	"hsts-check/preload"
)

// chromiumList is a list of n entries in Chromium's own form.
func chromiumList(n int) string {
	var b strings.Builder
	b.WriteString("// A comment.\n{ \"entries\": [\n")
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `{ "name": "s%d.test", "policy": "bulk-1-year", "mode": "force-https", "include_subdomains": true }`, i)
	}
	b.WriteString("\n] }\n")
	return b.String()
}

// isolate gives the test a cache of its own and returns where the copy of the
// list is in it.
func isolate(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
		t.Setenv(name, t.TempDir())
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"} {
		t.Setenv(name, "")
	}
	name, err := cachedList()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// library serves lists over https; it returns its URL and its authority.
func library(t *testing.T) (url, ca string) {
	t.Helper()
	full := chromiumList(60_000)
	var compact bytes.Buffer
	if _, err := preload.Snapshot().WriteTo(&compact); err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	mux := http.NewServeMux()
	serve := func(path, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			w.Write([]byte(body))
		})
	}
	for path, when := range map[string]time.Time{"/tomorrow": time.Now().AddDate(0, 0, 3), "/old": time.Now().AddDate(-1, 0, -3)} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Last-Modified", when.UTC().Format(http.TimeFormat))
			w.Write([]byte(full))
		})
	}
	serve("/base64", base64.StdEncoding.EncodeToString([]byte(full)))
	serve("/raw", full)
	serve("/compact", compact.String())
	serve("/small", chromiumList(1000))
	serve("/broken", full[:len(full)/2])
	serve("/page", "<!doctype html><title>Sign in</title>")
	mux.HandleFunc("/torn", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "9999999")
		w.Write([]byte(full))
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		blanks := bytes.Repeat([]byte(" "), 1<<20)
		for range preload.MaxSize>>20 + 1 {
			w.Write(blanks)
		}
	})
	mux.HandleFunc("/stalls", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("{"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.Handle("/moved", http.RedirectHandler("/raw", http.StatusFound))
	mux.Handle("/downgrade", http.RedirectHandler(plain.URL, http.StatusFound))
	s := httptest.NewUnstartedServer(mux)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL, ca
}

func updateFrom(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out, said strings.Builder
	status := run(t.Context(), append([]string{"preload", "--update"}, args...), strings.NewReader(""), &out, &said)
	if out.Len() > 0 {
		t.Errorf("on stdout: %s", out.String())
	}
	return status, said.String()
}

func TestPreloadUpdate(t *testing.T) {
	copied := isolate(t)
	url, ca := library(t)
	file := filepath.Join(t.TempDir(), "list.json")
	if err := os.WriteFile(file, []byte(chromiumList(50_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	day := time.Now().UTC().Format(time.DateOnly)
	for _, tt := range []struct{ from, want string }{
		{url + "/base64", "60,000 entries of " + day},
		{url + "/raw", "60,000 entries of " + day},
		{url + "/moved", "60,000 entries of " + day},
		{file, "50,000 entries of "},
		{url + "/compact", "entries of " + preload.SnapshotDate},
	} {
		status, said := updateFrom(t, "--from", tt.from, "--cacert", ca)
		if status != exitOK || !strings.Contains(said, tt.want) || !strings.Contains(said, " in "+copied+"\n") {
			t.Errorf("%s: status %d, %s", tt.from, status, said)
		}
		list, err := readPreloadList(copied)
		if err != nil || !strings.Contains(said, "hsts-check: "+text.Number(list.Len())+" entries of "+list.Date()) {
			t.Errorf("%s: the copy is not what is said: %v", tt.from, err)
		}
	}
}

// TestPreloadUpdateIsUsed: the newest of the copy and the built-in list.
func TestPreloadUpdateIsUsed(t *testing.T) {
	isolate(t)
	url, ca := library(t)
	day := time.Now().UTC().Format(time.DateOnly)
	for _, tt := range []struct{ from, date, hint string }{
		{"/raw", day, ""},
		{"/compact", preload.SnapshotDate, "hint: the list inside the program is of " + preload.SnapshotDate},
	} {
		if _, said := updateFrom(t, "--from", url+tt.from, "--cacert", ca); strings.Contains(said, "hint:") != (tt.hint != "") || !strings.Contains(said, tt.hint) {
			t.Errorf("%s: %s", tt.from, said)
		}
		if list, err := new(listing).read(&program{}); err != nil || list.Date() != tt.date {
			t.Errorf("%s: the list in use is of %s, %v", tt.from, list.Date(), err)
		}
	}
}

// TestCachedListThatIsNotTrusted: what others may have written, or what bears a
// date that cannot be right, is told and passed over. What the program writes
// itself it trusts, whatever the umask.
func TestCachedListThatIsNotTrusted(t *testing.T) {
	copied := isolate(t)
	url, ca := library(t)
	if status, said := updateFrom(t, "--from", url+"/raw", "--cacert", ca); status != exitOK {
		t.Fatal(said)
	}
	used := func() (date, said string) {
		var stderr strings.Builder
		list, err := new(listing).read(&program{stderr: &stderr})
		if err != nil {
			t.Fatal(err)
		}
		return list.Date(), stderr.String()
	}
	if date, said := used(); date == preload.SnapshotDate || said != "" {
		t.Errorf("the copy is not used: %s", said)
	}
	dated := func(when time.Time) {
		write(t, copied, "# Chromium's HSTS preload list of "+when.UTC().Format(time.DateOnly)+"\n.listed.test bulk-1-year\n")
	}
	for _, tt := range []struct {
		why, want string
		spoil     func()
	}{
		{"dated in the future", "the list is dated", func() { dated(time.Now().AddDate(0, 0, 3)) }},
		{"writable by the group", "preload-list.gz can be written by others (permissions 0664)", func() { os.Chmod(copied, 0o664) }},
		{"writable by all", "preload-list.gz can be written by others (permissions 0646)", func() { os.Chmod(copied, 0o646) }},
		{"in a folder that is", "hsts-check can be written by others (permissions 0777)", func() { os.Chmod(filepath.Dir(copied), 0o777) }},
	} {
		if runtime.GOOS == "windows" && tt.want[0] != 't' {
			continue
		}
		dated(time.Now())
		os.Chmod(copied, 0o644)
		os.Chmod(filepath.Dir(copied), 0o755)
		tt.spoil()
		date, said := used()
		if date != preload.SnapshotDate || !strings.Contains(said, tt.want) || !strings.Contains(said, "hint: it is not used; make it anew: hsts-check preload --update") {
			t.Errorf("%s: the list of %s is used, and stderr says %q", tt.why, date, said)
		}
	}
}

// TestPreloadUpdateFails: whatever goes wrong, the copy stays.
func TestPreloadUpdateFails(t *testing.T) {
	copied := isolate(t)
	url, ca := library(t)
	if status, said := updateFrom(t, "--from", url+"/raw", "--cacert", ca); status != exitOK {
		t.Fatal(said)
	}
	before, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ why, from, want string }{
		{"too small", url + "/small", "looks like a part of one"},
		{"dated in the future", url + "/tomorrow", "set the clock, or the list's date"},
		{"out of date", url + "/old", "it is more than a year old"},
		{"broken", url + "/broken", "/broken: the list is cut off"},
		{"no list", url + "/page", "/page: "},
		{"the connection ends early", url + "/torn", "unexpected EOF"},
		{"too long", url + "/endless", "longer than 67108864 bytes"},
		{"it stalls", url + "/stalls", "no answer within 500ms"},
		{"not found", url + "/nothing", "404 Not Found"},
		{"over http", strings.Replace(url, "https", "http", 1) + "/raw", "over https only"},
		{"redirected to http", url + "/downgrade", "over https only"},
		{"another scheme", "file:///etc/hosts", "over https only"},
		{"no such file", "nothing.json", "nothing.json"},
		{"a file that is no list", "preload.go", "preload.go: "},
		{"nobody there", "https://127.0.0.1:1/", "refused"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			timeout := map[bool]string{true: "500ms", false: "30s"}[tt.why == "it stalls"]
			failsToUpdate(t, copied, before, tt.want, "--from", tt.from, "--cacert", ca, "--timeout", timeout)
		})
	}
	t.Run("not verified", func(t *testing.T) {
		failsToUpdate(t, copied, before, "certificate", "--from", url+"/raw")
	})
}

// TestPreloadUpdateRefuses what would do nothing.
func TestPreloadUpdateRefuses(t *testing.T) {
	copied := isolate(t)
	for _, args := range [][]string{{"example.org"}, {"--format", "json"}, {"--resolve", "a.test:443:127.0.0.1"}, {"--preload-list", "x"}, {"--probe", "all"}} {
		failsToUpdate(t, copied, nil, "--update ", args...)
	}
}

func failsToUpdate(t *testing.T, copied string, before []byte, want string, args ...string) {
	t.Helper()
	status, said := updateFrom(t, args...)
	if status != exitFailed || !strings.Contains(said, want) || !strings.Contains(said, "\nhint: ") {
		t.Errorf("status %d: %s", status, said)
	}
	after, _ := os.ReadFile(copied)
	if !bytes.Equal(before, after) {
		t.Error("the copy has changed")
	}
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(copied), "*"))
	if len(files) > 1 {
		t.Errorf("files are left: %q", files)
	}
}

// TestPreloadUpdateGoesThroughTheProxy that is asked for.
func TestPreloadUpdateGoesThroughTheProxy(t *testing.T) {
	isolate(t)
	asked := ""
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.Host
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	status, said := updateFrom(t, "--proxy", proxy.URL)
	if status != exitFailed || asked != "CONNECT chromium.googlesource.com:443" || !strings.Contains(said, "Forbidden") {
		t.Errorf("status %d, asked %q: %s", status, asked, said)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 94812: "94,812", 1234567: "1,234,567"} {
		if got := text.Number(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
