package visit

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"hsts-check/hsts"
	"hsts-check/internal/browsertest"
	"hsts-check/internal/lab"
)

func TestChromiumVisits(t *testing.T) {
	lab.Program(t, "chromium")
	lab.Program(t, "certutil")
	if lab.Alone(t) {
		testReal(t, hsts.Chromium, startChromium)
	}
}

// A chromium is driven over its debugging protocol.
type chromium struct {
	tabs    []context.Context // the browser's first tab and its others
	profile string

	mu    sync.Mutex
	hosts []string // what left was told of
}

// startChromium starts the browser without a cache.
func startChromium(t *testing.T, l *lab.TruthLab) realBrowser {
	first, profile := browsertest.Chromium(t, l.CAPEM())
	b := &chromium{tabs: []context.Context{first}, profile: profile}
	for len(b.tabs) < realTabs {
		tab, cancel := chromedp.NewContext(first)
		t.Cleanup(cancel)
		b.tabs = append(b.tabs, tab)
	}
	for _, tab := range b.tabs {
		if err := chromedp.Do(tab, chromedp.Func(browsertest.Unfollowed), chromedp.Func(withoutCache)); err != nil {
			t.Fatalf("Chromium opens no tab: %v", err)
		}
	}
	return b
}

func withoutCache(ctx context.Context, _ *chromedp.Target) error {
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		return err
	}
	_, err := chromedp.Call(ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	return err
}

// open returns when the head of the last answer has been read, or when there is
// none in time.
func (b *chromium) open(tab int, url string) error {
	ctx, cancel := context.WithTimeout(b.tabs[tab], longestVisit)
	defer cancel()
	_, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: url})
	if ctx.Err() != nil && b.tabs[tab].Err() == nil {
		return nil
	}
	return err
}

func (b *chromium) left(tab int, hosts []string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hosts = append(b.hosts, hosts...)
	return nil
}

// end reads the file in which Chromium keeps what it remembers, which is whole
// when the browser has ended.
func (b *chromium) end() (map[string]lab.TruthNoted, error) {
	if err := chromedp.Cancel(b.tabs[0]); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(b.profile, "Default", "TransportSecurity"))
	if err != nil {
		return nil, err
	}
	var store transportSecurity
	if err := json.Unmarshal(data, &store); err != nil {
		return nil, err
	}
	remembers := make(map[string]lab.TruthNoted)
	for _, host := range b.hosts {
		remembers[host] = store.find(host)
	}
	return remembers, nil
}

// A transportSecurity is the file TransportSecurity of a profile.
type transportSecurity struct {
	STS []struct {
		Host       string  // hashed
		Subdomains bool    `json:"sts_include_subdomains"`
		Expiry     float64 // Unix time in seconds
	}
}

// find returns what is remembered of a host: by its own entry, or else by that of
// a parent which includes subdomains.
func (s *transportSecurity) find(host string) (n lab.TruthNoted) {
	for name, own := host, true; name != ""; own = false {
		hash := hashedHost(name)
		for _, e := range s.STS {
			if e.Host == hash && (own || e.Subdomains) && e.Expiry > float64(time.Now().Unix()) {
				return lab.TruthNoted{Noted: true, IncludeSubDomains: e.Subdomains}
			}
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return n
}

// hashedHost is how Chromium writes a host: the hash of its labels, each with its
// length before it, as in DNS messages (RFC 1035 section 3.1).
func hashedHost(host string) string {
	var b []byte
	for label := range strings.SplitSeq(host, ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	sum := sha256.Sum256(append(b, 0))
	return base64.StdEncoding.EncodeToString(sum[:])
}
