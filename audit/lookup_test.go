package audit

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"hsts-check/visit"
)

// silentDNS gives the machine a name server that never answers, until the test
// ends, and counts how often it is asked.
func silentDNS(t *testing.T) *atomic.Int32 {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := new(atomic.Int32)
	machine := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		asked.Add(1)
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = machine
		server.Close()
	})
	return asked
}

// A machine behind a dead name server is offline: its sites fail at DNS, not
// by being slow.
func TestLookupWithoutAnswerIsDNS(t *testing.T) {
	asked := silentDNS(t)
	site := Site{URL: "https://silent.invalid/"}
	once, twice := Auditor{Timeout: 200 * time.Millisecond}, Auditor{Timeout: 200 * time.Millisecond, Retries: 1}
	want := Error{Kind: visit.KindDNS, Message: "the look-up of silent.invalid got no answer in time"}
	if r := Judge(once.Visit(t.Context(), site), nil); r.Error == nil || *r.Error != want {
		t.Errorf("the error is %v, not %v", r.Error, want)
	}

	first := asked.Swap(0)
	twice.Visit(t.Context(), site)
	if again := asked.Load(); again <= first {
		t.Errorf("asked %d times with a retry, %d without", again, first)
	}
}

func TestLookupCutShortIsCancelled(t *testing.T) {
	silentDNS(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if r := Judge(new(Auditor).Visit(ctx, Site{URL: "https://silent.invalid/"}), nil); r.Error == nil || r.Error.Kind != visit.KindCancelled {
		t.Errorf("the error is %v", r.Error)
	}
}
