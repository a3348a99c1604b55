package visit

import (
	"strings"
	"testing"

	"hsts-check/browser"
	"hsts-check/hsts"
)

// TestReadHead: a head that somebody else has received is read as the wire's own.
func TestReadHead(t *testing.T) {
	h := ReadHead([]byte("HTTP/1.1 200 OK\r\nStrict-Transport-Security : max-age=1\r\nServer: x\r\nset-cookie: a=b\r\n\r\n"), hsts.Chromium)
	if h.Status != 200 || len(h.STS) != 1 || len(h.STSBlank) != 1 || h.Server != "x" {
		t.Errorf("%+v", h)
	}
	if h := ReadHead([]byte("SSH-2.0-OpenSSH_9.9\r\n"), hsts.Chromium); h.Status != 0 {
		t.Errorf("%+v", h)
	}
}

// TestBound: what is too much for a record is left out, and told.
func TestBound(t *testing.T) {
	big := Exchange{URL: "https://a.test/", Head: Head{Status: 200, STS: []string{strings.Repeat("x", maxHead)}}}
	if got := Bound([]Exchange{big, big, big}); len(got) != 2 || got[0].Error != nil || got[1].Error == nil || got[1].Error.Kind != KindProtocol {
		t.Errorf("%d exchanges", len(got))
	}
	long := Exchange{URL: "https://a.test/" + strings.Repeat("x", browser.MaxURL)}
	if got := Bound([]Exchange{{URL: "https://a.test/"}, long, {}}); len(got) != 1 || got[0].Error == nil || got[0].Error.Kind != KindRedirects {
		t.Errorf("%+v", got)
	}
	if got := Bound([]Exchange{long}); got != nil {
		t.Errorf("%+v", got)
	}
}
