// Package browsertest starts real browsers for tests.
package browsertest

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hsts-check/internal/lab"
)

// Chromium starts Chromium without a screen, with an empty profile and no traffic
// of its own, and returns the context of its first tab. All that steers a visit is
// as it is by default. The browser trusts the authority ca, in PEM, if there is
// one. The end of the test ends it; where there is none, the test is skipped as
// [lab.Program] says.
func Chromium(t *testing.T, ca []byte, options ...chromedp.ExecAllocatorOption) (tab context.Context, profile string) {
	t.Helper()
	program := lab.Program(t, "chromium", "chromium-browser", "google-chrome", "chrome")
	home := t.TempDir()
	if ca != nil {
		Trust(t, filepath.Join(home, ".pki", "nssdb"), ca)
	}
	profile = filepath.Join(home, "profile")
	// 2: no connections and no look-ups on spec. A lab keeps such connections for
	// long, and the browser stops at 256.
	Write(t, filepath.Join(profile, "Default", "Preferences"), []byte(`{"net": {"network_prediction_options": 2}}`))
	options = slices.Concat(chromedp.DefaultExecAllocatorOptions[:], []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program),
		chromedp.Env("HOME="+home, "TMPDIR="+t.TempDir(), "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "XDG_DATA_HOME="),
		chromedp.UserDataDir(profile),
		chromedp.DisableGPU,
		chromedp.NoSandbox, // root gets none, and all pages are ours
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("disable-component-update", true),
	}, options)
	// Far more than any test takes: for a browser that hangs.
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	t.Cleanup(func() { endProcesses(t, profile) })
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	tab, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("%s does not start: %v", program, err)
	}
	t.Cleanup(func() {
		if tab.Err() != nil { // the test has ended it
			return
		}
		if err := chromedp.Cancel(tab); err != nil {
			t.Errorf("%s does not end: %v", program, err)
		}
	})
	return tab, profile
}

// Unfollowed is for tabs whose pages are replaced fast: chromedp follows the DOM
// of each, loses track, and then answers no more.
func Unfollowed(ctx context.Context, tab *chromedp.Target) error {
	for _, domain := range []string{"DOM", "Page", "Runtime"} {
		if err := tab.Call(ctx, domain+".disable", nil, nil); err != nil {
			return err
		}
	}
	return nil
}
