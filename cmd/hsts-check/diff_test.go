package main

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hsts-check/audit"
	"hsts-check/internal/lab"
	"hsts-check/lists"
)

// surveyLab surveys sites in a lab and returns the file of the results.
func surveyLab(t *testing.T, list []audit.Site, hosts []lab.Host) string {
	t.Helper()
	l, err := lab.Start(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	folder := t.TempDir()
	sites, ca, saved := filepath.Join(folder, "banks.txt"), filepath.Join(folder, "ca.pem"), filepath.Join(folder, "saved.ndjson")
	for name, text := range map[string][]byte{sites: listFile(list), ca: l.CAPEM()} {
		if err := os.WriteFile(name, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	args := append(labFlags(l, ca), "--probe", "none", "-o", saved, sites)
	if status := run(t.Context(), args, nil, &stdout, &stderr); status != exitOK {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	return saved
}

func listFile(sites []audit.Site) []byte {
	var b bytes.Buffer
	for i, s := range sites {
		if i == 0 || s.Group != sites[i-1].Group {
			fmt.Fprintf(&b, "[%s]\n", s.Group)
		}
		fmt.Fprintf(&b, "%s  %s\n", s.Name, s.URL)
	}
	return b.Bytes()
}

// banksThen are the banks of the survey of 2013, as far as its results survive.
func banksThen() (sites []audit.Site, hosts []lab.Host) {
	for _, d := range lab.Demo() {
		if d.Group == "New Zealand" || d.Group == "Australia" {
			sites = append(sites, audit.Site{Group: d.Group, Name: d.Name, URL: d.URL})
			hosts = append(hosts, d.Hosts...)
		}
	}
	return sites, hosts
}

// banksNow are the banks of today where they are. What they send is made up.
func banksNow() (sites []audit.Site, hosts []lab.Host) {
	sites = lists.Builtin()
	for _, s := range sites {
		u, err := url.Parse(s.URL)
		if err != nil {
			panic(err)
		}
		h := lab.Sends(u.Hostname(), "max-age=31536000; includeSubDomains")
		switch s.Name {
		case "SBS":
			h = lab.Sends(h.Name)
		case "TSB":
			h.TLS = lab.Refused
		}
		hosts = append(hosts, h)
	}
	return sites, hosts
}

func TestDiffFrom2013ReadsLikeNews(t *testing.T) {
	sites, hosts := banksThen()
	before := surveyLab(t, sites, hosts)
	sites, hosts = banksNow()
	after := surveyLab(t, sites, hosts)
	var stdout, stderr bytes.Buffer
	if status := run(t.Context(), []string{"diff", "--exit-code", before, after}, nil, &stdout, &stderr); status != exitFellShort {
		t.Errorf("status %d: %s", status, stderr.String())
	}
	for _, headline := range []string{
		"no YES! ANZ gained HSTS: max-age 1 year, subdomains included; moved to digital.anz.co.nz",
		"ASB strengthened its policy: max-age was 126 days and is 1 year; includeSubDomains is new; moved to online.asb.co.nz",
		"ANZ gained HSTS: max-age 1 year, subdomains included; moved to login.anz.com",
		"Kiwibank gained HSTS: max-age 1 year, subdomains included",
		"Bank of Melbourne gained HSTS: max-age 1 year, subdomains included",
		"SBS moved to secure.sbsbank.co.nz and still has no HSTS",
		"TSB cannot be judged any more: connection refused; moved to online.tsb.co.nz",
		"BankDirect is gone; it had no HSTS",
		"Heartland Bank is new; it has HSTS: max-age 1 year, subdomains included",
		"New Zealand: 8 of 9 protected (89%), 1 unknown; before: 1 of 10 protected (10%)",
		"before: New Zealand (10%) is ahead of Australia (0%)",
	} {
		if !strings.Contains(strings.Join(strings.Fields(stdout.String()), " "), headline) {
			t.Errorf("no %q in\n%s", headline, stdout.String())
		}
	}
}
