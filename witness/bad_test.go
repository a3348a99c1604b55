package witness

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hsts-check/internal/lab"
)

// TestBadBrowsers: programs that are no browser of use are told as what they are,
// soon, and leave nothing behind.
func TestBadBrowsers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	answer := func(id, product string) string { // a moment after the first question
		return "dd bs=1 count=1 <&3 >&2 2>/dev/null; sleep 0.2\n" + `printf '{"id":` + id + `,"result":{"protocolVersion":"1.3","product":"` + product + `","revision":"","userAgent":"","jsVersion":""}}\0' >&4` + "\n"
	}
	for name, tt := range map[string]struct{ script, says string }{
		"crashes":        {"echo 'error while loading shared libraries: libnss3.so' >&2; exit 127", "does not start: error while loading shared libraries: libnss3.so"},
		"dies":           {"kill -SEGV $$", "does not start: "},
		"says nothing":   {"exit 0", "does not start: it ended at once and said nothing"},
		"hangs":          {"sleep 300", "did not start within 1.5s"},
		"is too old":     {answer("1", "HeadlessChrome/90.0.4430.212") + answer("2", "HeadlessChrome/90.0.4430.212") + "sleep 300", `is "HeadlessChrome/90.0.4430.212", which is too old: version 112 is the first that will do`},
		"opens no tab":   {answer("1", "Chrome/156.0.1.2") + answer("2", "Chrome/156.0.1.2") + "sleep 300", "did not start within 1.5s"},
		"is no chromium": {answer("1", "Netscape") + answer("2", "Netscape") + "sleep 300", `is "Netscape", which is too old`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			path := filepath.Join(t.TempDir(), "chromium")
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"+tt.script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			_, err := Start(t.Context(), Options{Path: path, StartPatience: 1500 * time.Millisecond})
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v", err)
			}
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
			if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); len(left) > 0 {
				t.Errorf("left %q", left)
			}
		})
	}
}

// TestNoBrowser: a program that is not there is told as such.
func TestNoBrowser(t *testing.T) {
	if _, err := Find(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "cannot be started: no such file") {
		t.Errorf("%v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if found, err := Find(""); err != nil && !errors.Is(err, ErrNone) || runtime.GOOS == "linux" && err == nil {
		t.Errorf("%q, %v", found, err)
	}
}

// TestBrowserEnds: one that ends in the middle of a visit is told from a site that
// gives no answer.
func TestBrowserEnds(t *testing.T) {
	_, b := meet(t, Options{}, lab.Host{Name: "silent.test", TLS: lab.Silent})
	time.AfterFunc(time.Second, func() { chromedp.FromContext(b.tab).Browser.Process().Kill() })
	begun := time.Now()
	if seen, err := b.Visit(t.Context(), "https://silent.test/"); !errors.Is(err, ErrGone) {
		t.Errorf("%v, %v", seen, err)
	}
	if _, err := b.Visit(t.Context(), "https://silent.test/"); !errors.Is(err, ErrGone) {
		t.Errorf("the next visit: %v", err)
	}
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("took %s", took)
	}
}

// TestDeadline: a site that says nothing takes its time and no more.
func TestDeadline(t *testing.T) {
	_, b := meet(t, Options{Deadline: 2 * time.Second}, lab.Host{Name: "silent.test", TLS: lab.Silent})
	begun := time.Now()
	seen := look(t, b, "https://silent.test/")
	if len(seen) != 1 || seen[0].Error == nil || seen[0].Error.Kind != "timeout" {
		t.Errorf("%+v", seen)
	}
	if took := time.Since(begun); took > 12*time.Second {
		t.Errorf("took %s", took)
	}
}
