package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/net/http/httpproxy"

	"hsts-check/audit"
	"hsts-check/visit"
	"hsts-check/witness"
)

// Browsing holds the flags that have a real browser visit sites too.
type browsing struct {
	when string // never, unsure or always
	path string
	tabs int
}

// browsingHelp describes the flags that register adds.
const browsingHelp = `
Browser:
      --browser=WHEN      in a survey, visit with a real Chromium too: unsure
                          (bare --browser: what was refused, or lacks a policy),
                          always, or never (default never)
      --browser-path FILE  the Chromium to start: $CHROME, or one that is found
      --browser-tabs N    visits of it under way at once (default 4)
`

const defaultTabs = 4

func (o *browsing) register(f *pflag.FlagSet) {
	f.StringVar(&o.when, "browser", "never", "")
	f.Lookup("browser").NoOptDefVal = "unsure"
	f.StringVar(&o.path, "browser-path", "", "")
	f.IntVar(&o.tabs, "browser-tabs", defaultTabs, "")
}

// wants reports whether a browser is to visit the site of a result.
func (o *browsing) wants(r audit.Result) bool {
	switch o.when {
	case "always":
		return r.Visited()
	case "unsure":
		return r.Visited() && r.Unsure()
	}
	return false
}

// isMeant reports whether an argument was meant as the value of --browser, as no
// file has its name.
func (o *browsing) isMeant(arg string) bool {
	_, err := os.Stat(arg)
	return err != nil && slices.Contains([]string{"never", "unsure", "always"}, arg)
}

// options are how the browser is started that the flags ask for; nil for none. What
// it cannot be told is an error, before any visit.
func (o *browsing) options(f *pflag.FlagSet, how *visiting, a *audit.Auditor) (*witness.Options, error) {
	switch {
	case o.when != "never" && o.when != "unsure" && o.when != "always":
		return nil, withHint(fmt.Errorf("--browser %q is not known", o.when), "there are unsure, always and never; a list goes before it, or after --browser=unsure")
	case o.when != "never" && slices.ContainsFunc(f.Args(), o.isMeant):
		return nil, withHint(errors.New("--browser takes its value behind an equals sign"), "write --browser=unsure, --browser=always or --browser=never")
	case o.tabs < 1:
		return nil, withHint(fmt.Errorf("--browser-tabs is %d: it takes 1 and more", o.tabs), "leave it out for %d", defaultTabs)
	case o.when == "never":
		return nil, nil
	}
	for _, name := range []string{"header", "user", "cookie", "cert"} {
		if flag := f.Lookup(name); flag != nil && flag.Changed {
			return nil, withHint(fmt.Errorf("--browser and --%s exclude each other: Chromium would show it to more hosts than the listed one", name), "leave one of them out")
		}
	}
	path, err := witness.Find(cmp.Or(o.path, os.Getenv("CHROME")))
	if errors.Is(err, witness.ErrNone) {
		return nil, withHint(fmt.Errorf("--browser: %w", err), "install the package chromium (Debian, Fedora, Alpine, Homebrew), chromium-browser (Ubuntu) or google-chrome-stable; or name a program with --browser-path")
	} else if err != nil {
		return nil, withHint(fmt.Errorf("--browser: %w", err), "name a Chromium or Chrome with --browser-path or $CHROME")
	}
	if how.cacert != "" {
		if err := witness.CanTrust(); err != nil {
			return nil, fmt.Errorf("--browser and --cacert: %w", err)
		}
	}
	network := how.network(a)
	flags, err := network.Flags()
	if err != nil {
		return nil, withHint(fmt.Errorf("--browser: %w", err), "leave it out, or do without --browser")
	}
	deadline := browserTimeouts * time.Duration(how.timeout)
	return &witness.Options{
		Path: path, UserAgent: how.userAgent, CACert: how.authorities, Network: flags, Proxied: network.Proxied(), Named: network.Named,
		AllowPrivate: how.private, Deadline: deadline, StartPatience: deadline,
	}, nil
}

// browserTimeouts is how many times the timeout of one exchange a browser gets for
// a site, and to start.
const browserTimeouts = 3

// network is what the flags and the environment say of it to a browser.
func (o *visiting) network(a *audit.Auditor) witness.Network {
	n := witness.Network{Family: a.Family, Resolve: a.Resolve, ConnectTo: a.ConnectTo}
	env := httpproxy.FromEnvironment()
	n.Bypass = env.NoProxy
	of := func(proxy string) string { return cmp.Or(o.proxy, proxy) }
	if u, err := visit.ParseProxy(of(env.HTTPProxy)); err == nil {
		n.HTTP = u
	}
	if u, err := visit.ParseProxy(of(env.HTTPSProxy)); err == nil {
		n.HTTPS = u
	}
	return n
}

// browserFault is what to say of a browser that cannot be used.
func browserFault(err error) error {
	return withHint(fmt.Errorf("no site was looked at again: %s", strings.TrimPrefix(err.Error(), "--browser: ")), "start that program by hand to see what ails it, or name another with --browser-path")
}
