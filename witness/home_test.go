package witness

import (
	"testing"
	"time"

	"hsts-check/internal/lab"
)

// TestNoRequestsOfItsOwn: the browser asks for what it is sent to and for nothing
// else, none of its maker's servers.
func TestNoRequestsOfItsOwn(t *testing.T) {
	lab.Slow(t)
	l, b := meet(t, Options{}, lab.Host{Name: "*", Plain: &lab.Answer{}}, lab.Sends("a.test", year))
	time.Sleep(3 * time.Second)
	look(t, b, "https://a.test/")
	time.Sleep(3 * time.Second)
	for _, r := range l.Requests() {
		if r.URL != "https://a.test/" && r.URL != "https://a.test/favicon.ico" {
			t.Errorf("it asked for %s", r.URL)
		}
	}
}
