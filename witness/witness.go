// Package witness has a real Chromium visit sites and records what it saw: facts
// in the form of package visit, of which it forms no opinion. Nothing that could
// steer a visit is changed: the browser is as it is by default, with an empty
// profile, and with cookies, caches and policies of its own for each site.
package witness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// Bounds of a browser as a whole.
const (
	// DefaultDeadline bounds all that is done for one site.
	DefaultDeadline = 30 * time.Second
	// startPatience is how long a browser may take to start: many times what it
	// takes on a machine that is busy.
	startPatience = 30 * time.Second
	// endPatience is how long it may take to end by itself.
	endPatience = 5 * time.Second
	// oldest is the first version whose --headless=new is the browser itself
	// (https://developer.chrome.com/docs/chromium/new-headless).
	oldest = 112
)

// Options say how a browser is started. The zero value works.
type Options struct {
	// Path is the program; "" looks for one, see [Find].
	Path string
	// UserAgent is sent as the User-Agent field; "" means Chromium's own, which
	// says HeadlessChrome.
	UserAgent string
	// CACert holds authorities in PEM, to be trusted beside Chromium's own; nil for
	// none. See [CanTrust].
	CACert []byte
	// Network are the flags that lead Chromium to hosts, see [Network.Flags].
	Network []string
	// Proxied says that they lead to a proxy. What is reached by way of one counts
	// as public, as nobody knows where that went.
	Proxied bool
	// Named reports whether the user has said where a host and port is: then it may
	// be asked for whatever its address is. Nil for no host.
	Named func(host, port string) bool
	// AllowPrivate lets sites of the internet at large lead into networks that are
	// not part of it.
	AllowPrivate bool
	// Deadline bounds all that is done for one site; 0 means DefaultDeadline.
	Deadline time.Duration
	// StartPatience is how long the browser may take to start; 0 means half a minute.
	StartPatience time.Duration
}

// A Browser is one that runs. Its methods may be called concurrently.
type Browser struct {
	Options
	version string
	tab     context.Context // its first tab, which stays empty
	end     context.CancelFunc
	home    string // its profile, and what else it writes
}

// Start starts a browser. It runs until [Browser.Close], or until ctx ends.
func Start(ctx context.Context, o Options) (*Browser, error) {
	path, err := Find(o.Path)
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "hsts-check-chromium-")
	if err != nil {
		return nil, err
	}
	b := &Browser{Options: o, home: home}
	env, err := trust(ctx, home, o.CACert)
	if err == nil {
		err = b.start(ctx, path, env)
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// start starts the program at path, and waits until it answers.
func (b *Browser) start(ctx context.Context, path string, env []string) error {
	ctx, b.end = context.WithCancel(ctx)
	allocator, cancelAllocator := chromedp.NewExecAllocator(ctx, append(b.flags(),
		chromedp.ExecPath(path), chromedp.Env(env...), chromedp.ModifyCmdFunc(leadGroup))...)
	silent := func(string, ...any) {}
	tab, cancelTab := chromedp.NewContext(allocator, chromedp.WithLogf(silent), chromedp.WithErrorf(silent))
	stop := b.end
	b.tab, b.end = tab, func() {
		stop()
		cancelTab()
		cancelAllocator()
	}
	timely := time.AfterFunc(cmp.Or(b.StartPatience, startPatience), stop)
	err := b.meet(path)
	if !timely.Stop() {
		return fmt.Errorf("%s did not start within %s", path, cmp.Or(b.StartPatience, startPatience))
	}
	return err
}

// meet waits for the browser's first answer and its first tab, and refuses one that
// is too old.
func (b *Browser) meet(path string) error {
	v, err := chromedp.CallBrowser(b.tab, browser.GetVersion, cdp.Empty{})
	if err != nil {
		return fmt.Errorf("%s does not start: %s", path, reason(err))
	}
	_, number, _ := strings.Cut(v.Product, "/")
	major, _, _ := strings.Cut(number, ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldest {
		return fmt.Errorf("%s is %q, which is too old: version %d is the first that will do", path, v.Product, oldest)
	}
	if err := chromedp.Do(b.tab); err != nil {
		return fmt.Errorf("%s opens no tab: %s", path, reason(err))
	}
	b.version = "Chromium " + number
	return nil
}

// flags are those of the command line. None of them changes what a page makes of
// the browser or the browser of a page.
func (b *Browser) flags() []chromedp.ExecAllocatorOption {
	flags := []chromedp.ExecAllocatorOption{
		chromedp.Flag("headless", "new"),
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.UserDataDir(filepath.Join(b.home, "profile")),
		// No requests of the browser's own: to its maker's servers, that is.
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-default-apps", true),
		chromedp.Flag("disable-extensions", true),
		chromedp.Flag("disable-component-extensions-with-background-pages", true),
		chromedp.Flag("disable-client-side-phishing-detection", true),
		chromedp.Flag("disable-features", "NetworkTimeServiceQuerying,OptimizationHints,MediaRouter,Translate"),
		// Where that has no switch, to nobody.
		chromedp.Flag("component-updater", "url-source=http://127.0.0.1:9/"),
		chromedp.Flag("gaia-url", "http://127.0.0.1:9/"),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("disable-breakpad", true),
		chromedp.Flag("metrics-recording-only", true),
		// One visit is one: a page that failed is not asked for again and again.
		chromedp.Flag("disable-auto-reload", true),
		// Nothing of the machine's: no window, sound, keyring or small /dev/shm.
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("mute-audio", true),
		chromedp.Flag("password-store", "basic"),
		chromedp.Flag("use-mock-keychain", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("lang", "en-US"),
	}
	if b.UserAgent != "" {
		flags = append(flags, chromedp.UserAgent(b.UserAgent))
	}
	for _, flag := range b.Network {
		name, value, found := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		if found {
			flags = append(flags, chromedp.Flag(name, value))
		} else {
			flags = append(flags, chromedp.Flag(name, true))
		}
	}
	return flags
}

// Version names the browser and its version: "Chromium 156.0.8078.108".
func (b *Browser) Version() string { return b.version }

// Close ends the browser and removes its profile.
func (b *Browser) Close() {
	if b.tab != nil && b.tab.Err() == nil && b.version != "" {
		ctx, cancel := context.WithTimeout(b.tab, endPatience)
		chromedp.Cancel(ctx)
		cancel()
	}
	if b.end != nil {
		b.end()
	}
	for range 50 { // its processes may still write while they end
		if os.RemoveAll(b.home) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// ErrGone is returned for a browser that has ended by itself.
var ErrGone = errors.New("the browser has ended")

// gone says why the browser is not there any more; nil where it is.
func (b *Browser) gone() error {
	if b.tab.Err() == nil {
		return nil
	}
	return ErrGone
}

// reason is what a failed start has to say, on one line.
func reason(err error) string {
	var exit *exec.ExitError
	text := strings.TrimSpace(strings.TrimPrefix(err.Error(), "chrome failed to start:"))
	switch {
	case errors.As(err, &exit):
		return "it ended with " + exit.Error()
	case text == "" || errors.Is(err, context.Canceled):
		return "it ended at once and said nothing"
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	const most = 300
	said := lines[len(lines)-1]
	return said[:min(len(said), most)]
}
