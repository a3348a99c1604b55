package visit

import (
	"strings"
	"testing"
	"time"

	"hsts-check/browser"
	"hsts-check/internal/lab"
)

// TestIntermediateInAPrivateNetwork: no certificate of a public site may have
// us ask around in a private network.
func TestIntermediateInAPrivateNetwork(t *testing.T) {
	v := (&Wire{Timeout: 5 * time.Second}).visitor(t.Context())
	v.public = true
	for _, host := range []string{"127.0.0.1", "10.0.0.7", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "private.dns.test"} {
		if _, err := v.fetchShared(t.Context(), root("http", host)); err == nil || !strings.Contains(err.Error(), "private: not followed") {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// TestProbesOfAPrivateSite: where a site of an intranet leads the way to the
// internet, its own host may still be probed.
func TestProbesOfAPrivateSite(t *testing.T) {
	_, w := lead(t, lab.Host{Name: "lab.dns.test"})
	w.Probes = []Probe{ProbeHTTP}
	// Connect by DNS, but to the lab's ports.
	for i := range w.ConnectTo {
		w.ConnectTo[i].ToHost = ""
	}
	u := browser.URL{Scheme: "https", Host: "lab.dns.test", Path: "/"}
	v := w.visitor(t.Context())
	v.public = true
	v.made = []made{{Exchange: Exchange{Head: Head{Status: 200}, Address: "127.0.0.1:443"}, url: u}}
	v.probes(t.Context(), u)
	if x := v.made[1]; x.Error != nil || x.Status != 301 {
		t.Errorf("probe %+v, error %v", x, x.Error)
	}
}
