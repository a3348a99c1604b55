package visit

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hsts-check/hsts"
	"hsts-check/internal/browsertest"
	"hsts-check/internal/lab"
)

func TestFirefoxVisits(t *testing.T) {
	lab.Program(t, "firefox-esr")
	lab.Program(t, "certutil")
	if lab.Alone(t) {
		testReal(t, hsts.Firefox, startFirefox)
	}
}

// A firefox is driven over Marionette.
type firefox struct {
	*marionette
	exited chan error

	mu        sync.Mutex
	remembers map[string]lab.TruthNoted
}

// firefoxPrefs leave all that steers a visit as it is by default. They end
// traffic of the browser's own and what it does on spec, have it look up hosts in
// /etc/hosts though there is no network but loopback, and have all sites share a
// few processes, for speed.
const firefoxPrefs = `
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.newtabpage.enabled", false);
user_pref("browser.region.network.url", "");
user_pref("browser.safebrowsing.downloads.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.search.update", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage", "about:blank");
user_pref("browser.startup.page", 0);
user_pref("browser.topsites.contile.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("dom.ipc.processCount", 2);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("fission.autostart", false);
user_pref("media.gmp-manager.updateEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.disablePrefetch", true);
user_pref("network.http.speculative-parallel-limit", 0);
user_pref("network.manage-offline-status", false);
user_pref("network.predictor.enabled", false);
user_pref("network.prefetch-next", false);
user_pref("network.proxy.type", 0);
user_pref("network.trr.mode", 5);
user_pref("security.OCSP.enabled", 0);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.enabled", false);
`

func startFirefox(t *testing.T, l *lab.TruthLab) realBrowser {
	home := t.TempDir()
	profile := filepath.Join(home, "profile")
	browsertest.Trust(t, profile, l.CAPEM())
	browsertest.Write(t, filepath.Join(profile, "user.js"), []byte(firefoxPrefs))
	cmd := exec.CommandContext(t.Context(), lab.Program(t, "firefox-esr"),
		"--headless", "--no-remote", "--profile", profile, "--marionette", "--remote-allow-system-access", "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+home, "MOZ_CRASHREPORTER_DISABLE=1", "LC_ALL=C.UTF-8", "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = 10 * time.Second // for its helpers, which hold its output too
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := &firefox{exited: make(chan error, 1), remembers: make(map[string]lab.TruthNoted)}
	go func() { b.exited <- cmd.Wait() }()
	t.Cleanup(func() { cmd.Process.Kill() })
	var err error
	if b.marionette, err = connectMarionette(30 * time.Second); err != nil {
		t.Fatalf("Firefox does not start: %v", err)
	}
	return b
}

// open loads the URL as a link does: one that a user types with its scheme is not
// upgraded to https.
func (b *firefox) open(tab int, url string) error {
	return b.run(nil, `
		const [number, url] = arguments;
		const triggeringPrincipal = Services.scriptSecurityManager.getSystemPrincipal();
		const tab = gBrowser.addTab("about:blank", {triggeringPrincipal, skipAnimation: true});
		(window.labTabs ||= {})[number] = tab;
		tab.linkedBrowser.fixupAndLoadURIString(url, {triggeringPrincipal, hasValidUserGestureActivation: true});`, tab, url)
}

// left asks what Firefox remembers of the hosts, which it keeps apart by the site
// that a page is of: here, the host's own.
func (b *firefox) left(tab int, hosts []string) error {
	var remembers map[string]lab.TruthNoted
	err := b.run(&remembers, `
		const [number, hosts] = arguments;
		const service = Cc["@mozilla.org/ssservice;1"].getService(Ci.nsISiteSecurityService);
		const knows = host => {
			const uri = URL.parse("https://" + host + "/")?.URI;
			return !!uri && service.isSecureURI(uri, {partitionKey: "(https," + Services.eTLD.getSchemelessSite(uri) + ")"});
		};
		gBrowser.removeTab(window.labTabs[number]);
		return Object.fromEntries(hosts.map(host => [host, {noted: knows(host), include_subdomains: knows("sub." + host)}]));`, tab, hosts)
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.Copy(b.remembers, remembers)
	return err
}

func (b *firefox) end() (map[string]lab.TruthNoted, error) {
	if err := b.call("Marionette:Quit", map[string]any{"flags": []string{"eForceQuit"}}, nil); err != nil {
		return nil, err
	}
	b.conn.Close()
	select {
	case err := <-b.exited:
		return b.remembers, err
	case <-time.After(20 * time.Second):
		return nil, fmt.Errorf("Firefox does not end")
	}
}
