package main

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"hsts-check/audit"
	"hsts-check/internal/lab"
	"hsts-check/visit"
)

const demoUsage = `hsts-check demo [flags]

The survey of 2013 replayed as far as its results survive, and a group of
instructive faults, against servers inside this program: no network needed.

  hsts-check demo
  hsts-check demo -o demo.html    the same as a page, in a file
  hsts-check demo --only partly   the sites that are partly protected

Exit status: 0 done, 2 it could not run, 130 interrupted.

`

// demo surveys the lab, by the same path as a survey of the internet.
func (p *program) demo(ctx context.Context, args []string) (int, error) {
	f := p.flags("hsts-check demo", demoUsage, writingHelp)
	var what writing
	what.register(f)
	if err := p.parse(f, args); err != nil {
		return 0, err
	}
	if f.NArg() > 0 {
		return 0, withHint(errors.New("demo takes no sites"), "to survey sites, leave out demo")
	}
	auditor := &audit.Auditor{
		Timeout: 5 * time.Second, UserAgent: userAgent(), Probes: []audit.Probe{visit.ProbeHTTP},
		Vantage: "a replay inside the program, not the internet",
	}
	if what.preloads.file != "" { // today's list says nothing of 2013
		var err error
		if p.preloads, err = what.preloads.read(p); err != nil {
			return 0, err
		}
		auditor.Preload = p.preloads
	}
	sites, closeLab, err := stage(auditor)
	if err != nil {
		return 0, err
	}
	defer closeLab()
	p.say("this is a replay: the survey of 2013, as far as its results survive, on servers inside this program")
	d, err := p.delivery(what, gating{})
	if err != nil {
		return 0, err
	}
	defer d.out.release()
	ctl := interruptible(ctx)
	defer p.catch(ctl, auditor.Timeout)()
	if err := d.out.open(nil); err != nil {
		return 0, err
	}
	results := auditor.Survey(ctl.hard, ctl.until(slices.Values(sites)))
	return d.close(p.visit(ctl, results, &input{known: len(sites)}, d, false)), nil
}

// stage starts the lab with the demo's hosts and leads an auditor there.
func stage(auditor *audit.Auditor) (sites []audit.Site, closeLab func(), err error) {
	var hosts []lab.Host
	for _, d := range lab.Demo() {
		hosts = append(hosts, d.Hosts...)
		sites = append(sites, audit.Site{Group: d.Group, Name: d.Name, URL: d.URL})
	}
	l, err := lab.Start(hosts...)
	if err != nil {
		return nil, nil, err
	}
	auditor.Roots = x509.NewCertPool()
	auditor.Roots.AppendCertsFromPEM(l.CAPEM())
	auditor.ConnectTo, err = parseAll("--connect-to", l.ConnectTo(), visit.ParseConnectTo, "")
	return sites, l.Close, err
}
