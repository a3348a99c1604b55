package report

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"hsts-check/audit"
	"hsts-check/hsts"
	"hsts-check/visit"
)

// parsedMetrics has Prometheus' own parser read what was written.
func parsedMetrics(t *testing.T, out string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(out))
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, out)
	}
	return families
}

// of returns the values of a metric by the label that tells its samples apart.
func of(families map[string]*dto.MetricFamily, metric, label string) map[string]float64 {
	values := make(map[string]float64)
	for _, m := range families[metric].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == label {
				values[l.GetValue()] = m.GetGauge().GetValue()
			}
		}
	}
	return values
}

func TestOpenMetrics(t *testing.T) {
	ends := time.Unix(1800000000, 0).UTC()
	exchange := audit.Exchange{Probe: visit.ProbePage, URL: "https://good.test/", TLS: &audit.TLS{NotAfter: &ends}}
	results := []audit.Result{
		{Group: "g", Name: "Good", URL: "https://good.test/", Host: "good.test", Verdict: audit.Protected, CheckedAt: today, Exchanges: []audit.Exchange{exchange},
			Policy: &hsts.Policy{MaxAge: 300, IncludeSubDomains: true}, Findings: []audit.Finding{{Severity: audit.SeverityWarning}, {Severity: audit.SeverityError, Waived: &audit.Waived{}}}},
		{Group: "g", Name: `Bad "one" \`, URL: "https://bad.test/", Host: "bad.test", Verdict: audit.Absent, CheckedAt: today, Findings: []audit.Finding{{Severity: audit.SeverityError}}},
		{Group: "g", Name: "Gone", URL: "https://gone.test/", Verdict: audit.Unknown, Vantage: "akl"},
	}
	opt := Options{Gate: audit.Gate{Severity: audit.SeverityError}}
	out := written(t, format(t, "openmetrics"), results, opt)
	families := parsedMetrics(t, out)
	const bad = `Bad "one" \`
	for _, tt := range []struct {
		metric, label string
		want          map[string]float64
	}{
		{"hsts_site_protected", "site", map[string]float64{"Good": 1, bad: 0}},
		{"hsts_site_falls_short", "site", map[string]float64{"Good": 0, bad: 1}},
		{"hsts_site_max_age_seconds", "site", map[string]float64{"Good": 300}},
		{"hsts_site_include_subdomains", "site", map[string]float64{"Good": 1}},
		{"hsts_site_certificate_expiry_timestamp_seconds", "site", map[string]float64{"Good": 1800000000}},
		{"hsts_site_checked_timestamp_seconds", "site", map[string]float64{"Good": float64(today.Unix()), bad: float64(today.Unix())}},
		{"hsts_site_verdict", "verdict", map[string]float64{"protected": 0, "partial": 0, "disabled": 0, "ignored": 0, "absent": 0, "unknown": 1}}, // the last site's
		{"hsts_site_verdict", "vantage", map[string]float64{"akl": 1}},
	} {
		got := of(families, tt.metric, tt.label)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.metric, diff)
		}
	}
	if !strings.HasSuffix(out, "# EOF\n") {
		t.Error("OpenMetrics asks for an end")
	}
}

// TestHostileMetrics: whatever a list or a server says, the file is read, and no
// sample stands twice.
func TestHostileMetrics(t *testing.T) {
	for name, s := range nasty {
		t.Run(name, func(t *testing.T) {
			results := hostile(s)
			results = append(results, results[0]) // the same labels
			families := parsedMetrics(t, written(t, format(t, "openmetrics"), results, Options{}))
			if n := len(families["hsts_site_protected"].GetMetric()); n > 2 {
				t.Errorf("%d samples of 2 sites", n)
			}
		})
	}
}
