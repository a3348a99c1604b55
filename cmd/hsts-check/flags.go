package main

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/net/http/httpproxy"

	"hsts-check/audit"
	"hsts-check/visit"
)

// Visiting holds the flags that say how sites are visited.
type visiting struct {
	concurrency int
	rate        float64
	timeout     seconds
	retries     int
	userAgent   string
	cacert      string
	authorities []byte // those in it
	proxy       string
	ipv4, ipv6  bool
	resolve     []string
	connectTo   []string
	probe       string
	private     bool
	run         string
	vantage     string
}

// visitingHelp describes the flags that register adds.
var visitingHelp = `
Visits:
  -c, --concurrency N     visits under way at once (default 64)
      --rate N            start at most N sites a second
      --timeout DUR       longest time for one exchange (default 10s)
      --retries N         tries again after timeout, reset, refusal (default 1)
  -A, --user-agent NAME   User-Agent to send in place of hsts-check's own
      --cacert FILE       trust authorities in FILE (PEM), not the platform's
  -x, --proxy URL         go through a proxy: http, https, socks5, socks5h
  -4, --ipv4, -6, --ipv6  IPv4 addresses only, or IPv6 only
      --resolve HOST:PORT:ADDR[,ADDR]  where a host is, not by DNS; repeatable
      --connect-to H1:P1:H2:P2  connect to H2:P2 in place of H1:P1; repeatable
      --allow-private     let public sites redirect into private networks
      --probe LIST        beside the page: ` + probeNames() + `; all, none (default http)
      --run NAME, --vantage NAME  for each record: which run, seen from where
`

func (o *visiting) register(f *pflag.FlagSet) {
	o.timeout = seconds(visit.DefaultTimeout)
	f.IntVarP(&o.concurrency, "concurrency", "c", visit.DefaultConcurrency, "")
	f.Float64Var(&o.rate, "rate", 0, "")
	f.Var(&o.timeout, "timeout", "")
	f.IntVar(&o.retries, "retries", 1, "")
	f.StringVarP(&o.userAgent, "user-agent", "A", "", "")
	f.StringVar(&o.cacert, "cacert", "", "")
	f.StringVarP(&o.proxy, "proxy", "x", "", "")
	f.BoolVarP(&o.ipv4, "ipv4", "4", false, "")
	f.BoolVarP(&o.ipv6, "ipv6", "6", false, "")
	f.StringArrayVar(&o.resolve, "resolve", nil, "")
	f.StringArrayVar(&o.connectTo, "connect-to", nil, "")
	f.BoolVar(&o.private, "allow-private", false, "")
	f.StringVar(&o.probe, "probe", "http", "")
	f.StringVar(&o.run, "run", "", "")
	f.StringVar(&o.vantage, "vantage", "", "")
}

// auditor makes what the flags describe, or says which of them is wrong.
func (o *visiting) auditor() (*audit.Auditor, error) {
	a := &audit.Auditor{
		Concurrency: o.concurrency, Rate: o.rate, Timeout: time.Duration(o.timeout), Retries: o.retries,
		UserAgent: cmp.Or(o.userAgent, userAgent()), Run: o.run, Vantage: o.vantage, AllowPrivate: o.private,
	}
	switch {
	case o.concurrency < 1:
		return nil, withHint(fmt.Errorf("--concurrency is %d: it takes 1 and more", o.concurrency), "leave it out for %d", visit.DefaultConcurrency)
	case o.rate < 0:
		return nil, withHint(fmt.Errorf("--rate is %g: it takes more than 0", o.rate), "leave it out for no limit")
	case o.timeout <= 0:
		return nil, withHint(fmt.Errorf("--timeout is %s: it takes more than 0", o.timeout.String()), "leave it out for %s", visit.DefaultTimeout)
	case o.retries < 0:
		return nil, withHint(fmt.Errorf("--retries is %d: it takes 0 and more", o.retries), "0 tries everything once")
	case o.ipv4 && o.ipv6:
		return nil, withHint(errors.New("-4 and -6 exclude each other"), "leave both out to use either")
	case strings.ContainsAny(o.userAgent, "\r\n\x00"):
		return nil, withHint(fmt.Errorf("--user-agent %q holds a line break", o.userAgent), "write it on one line")
	case o.ipv4:
		a.Family = 4
	case o.ipv6:
		a.Family = 6
	}
	var errs [5]error
	a.Probes, errs[0] = probes(o.probe)
	a.Roots, o.authorities, errs[1] = roots(o.cacert)
	a.Proxy, errs[2] = o.proxyFunc()
	a.Resolve, errs[3] = parseAll("--resolve", o.resolve, visit.ParseResolve, "www.example.org:443:192.0.2.1")
	a.ConnectTo, errs[4] = parseAll("--connect-to", o.connectTo, visit.ParseConnectTo, "www.example.org:443:192.0.2.1:8443")
	return a, errors.Join(errs[:]...)
}

// parseAll reads the values of a repeatable flag. A hint shows the example.
func parseAll[T any](flag string, values []string, parse func(string) (T, error), example string) ([]T, error) {
	var parsed []T
	for _, value := range values {
		v, err := parse(value)
		if err != nil {
			return nil, withHint(fmt.Errorf("%s: %w", flag, err), "as in %s %s", flag, example)
		}
		parsed = append(parsed, v)
	}
	return parsed, nil
}

// probes reads names of probes, separated by commas.
func probes(list string) ([]audit.Probe, error) {
	var asked []audit.Probe
	for name := range strings.SplitSeq(list, ",") {
		p := audit.Probe(strings.TrimSpace(name))
		switch {
		case p == "all":
			asked = slices.Clone(visit.AllProbes)
		case p == "none" && !strings.Contains(list, ","):
			return nil, nil
		case !slices.Contains(visit.AllProbes, p):
			return nil, withHint(fmt.Errorf("--probe %q is not known", name), "there are %s, all, and none", probeNames())
		case !slices.Contains(asked, p):
			asked = append(asked, p)
		}
	}
	return asked, nil
}

func probeNames() string {
	var names []string
	for _, p := range visit.AllProbes {
		names = append(names, string(p))
	}
	return strings.Join(names, ", ")
}

// roots are the authorities in a file, and what stands there, in PEM; nil for the
// platform's, where none is named.
func roots(file string) (*x509.CertPool, []byte, error) {
	if file == "" {
		trustFallback()
		return nil, nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, withHint(fmt.Errorf("--cacert %s: %w", file, cause(err)), pemHint)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, nil, withHint(fmt.Errorf("--cacert %s: there is no certificate in it", file), pemHint)
	}
	return pool, pem, nil
}

const pemHint = "it takes a file of certificates in PEM: -----BEGIN CERTIFICATE-----"

// proxyFunc is the proxy of --proxy for every URL, but for hosts that NO_PROXY
// names; without the flag, the usual environment variables decide.
func (o *visiting) proxyFunc() (func(*url.URL) (*url.URL, error), error) {
	env := httpproxy.FromEnvironment()
	if o.proxy == "" {
		return environmentProxy(env)
	}
	u, err := visit.ParseProxy(o.proxy)
	if err != nil {
		return nil, withHint(fmt.Errorf("--proxy: %w", err), "as in --proxy http://proxy.example.org:3128")
	}
	if env.NoProxy == "" {
		return func(*url.URL) (*url.URL, error) { return u, nil }, nil
	}
	return (&httpproxy.Config{HTTPProxy: u.String(), HTTPSProxy: u.String(), NoProxy: env.NoProxy}).ProxyFunc(), nil
}

// environmentProxy is what the environment's variables say of proxies; nil where
// they say nothing. One that cannot be read is an error, as to go without would
// show sites what the user wanted hidden.
func environmentProxy(env *httpproxy.Config) (func(*url.URL) (*url.URL, error), error) {
	if env.HTTPProxy == "" && env.HTTPSProxy == "" {
		return nil, nil
	}
	for name, proxy := range map[string]*string{"HTTP_PROXY": &env.HTTPProxy, "HTTPS_PROXY": &env.HTTPSProxy} {
		if *proxy == "" {
			continue
		}
		u, err := visit.ParseProxy(*proxy)
		if err != nil {
			return nil, withHint(fmt.Errorf("the environment's %s: %w", name, err), "as in %s=http://proxy.example.org:3128; unset it to go without", name)
		}
		*proxy = u.String()
	}
	return env.ProxyFunc(), nil
}

// Seconds is a duration as Go writes it, or a plain number of seconds as curl
// takes it.
type seconds time.Duration

func (s *seconds) String() string { return time.Duration(*s).String() }
func (s *seconds) Type() string   { return "duration" }

func (s *seconds) Set(text string) error {
	if n, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(n) < 1e9 {
		*s = seconds(n * float64(time.Second))
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return errors.New("not a duration: write 10s, 1m, or seconds")
	}
	*s = seconds(d)
	return nil
}
