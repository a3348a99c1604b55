package witness

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"hsts-check/internal/lab"
	"hsts-check/visit"
)

// TestPrivateNetworks: a page at a public address leads nobody into a private
// network, neither by a redirect nor by a part of it, unless that is allowed.
func TestPrivateNetworks(t *testing.T) {
	path := lab.Program(t, "chromium", "chromium-browser", "google-chrome")
	ip := lab.Program(t, "ip")
	if !lab.Alone(t) {
		return
	}
	const public = "93.184.215.14" // any will do: this network has nobody else in it
	if out, err := exec.CommandContext(t.Context(), ip, "address", "add", public+"/32", "dev", "lo").CombinedOutput(); err != nil {
		t.Fatalf("ip: %v: %s", err, out)
	}
	if err := lab.NameHosts([]byte(public + " public.example.org other.example.org\n127.0.0.1 inside.example.org localhost\n")); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var inside []string
	serveAt(t, "127.0.0.1:8088", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		inside = append(inside, r.URL.Path)
	})
	serveAt(t, public+":8088", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "http://inside.example.org:8088/redirected", http.StatusFound)
		case "/parts":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<img src="http://127.0.0.1:8088/image"><iframe src="http://inside.example.org:8088/frame"></iframe>
				<script>
				fetch("http://localhost:8088/fetched", {mode: "no-cors"})
				new WebSocket("ws://127.0.0.1:8088/socket")
				new EventSource("http://127.0.0.1:8088/events")
				navigator.sendBeacon("http://127.0.0.1:8088/beacon", "x")
				const code = 'fetch("http://127.0.0.1:8088/worker", {mode: "no-cors"})'
				new Worker(URL.createObjectURL(new Blob([code])))
				new SharedWorker(URL.createObjectURL(new Blob([code.replace("worker", "shared")])))
				window.open("http://127.0.0.1:8088/window")
				</script>`)
		case "/elsewhere":
			http.Redirect(w, r, "http://other.example.org:8088/", http.StatusFound)
		}
	})
	b, err := Start(t.Context(), Options{Path: path, Network: []string{"--no-proxy-server"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	seen := look(t, b, "http://public.example.org:8088/redirect")
	if last := seen[len(seen)-1]; last.Status != 0 || last.Error == nil || last.Error.Kind != visit.KindRedirects || !strings.Contains(last.Error.Message, "private: not followed") {
		t.Errorf("redirect: %+v, %v", last, last.Error)
	}
	look(t, b, "http://public.example.org:8088/parts")
	if seen := look(t, b, "http://public.example.org:8088/elsewhere"); len(seen) != 2 || seen[1].Status != 200 {
		t.Errorf("from a public site to another: %v", seen)
	}
	mu.Lock()
	if len(inside) > 0 {
		t.Errorf("asked inside for %q", inside)
	}
	mu.Unlock()
	if seen := look(t, b, "http://inside.example.org:8088/listed"); len(seen) != 1 || seen[0].Status != 200 {
		t.Errorf("the user's own site: %v", seen)
	}
	b.AllowPrivate = true
	look(t, b, "http://public.example.org:8088/redirect")
	mu.Lock()
	defer mu.Unlock()
	if !slices.Contains(inside, "/redirected") {
		t.Errorf("where it is allowed, asked for %q", inside)
	}
}

// TestForgetsInside: where a private network answered all the same, nothing of that
// is kept.
func TestForgetsInside(t *testing.T) {
	answers := func(url, address string) visit.Exchange {
		return visit.Exchange{URL: url, Address: address, Head: visit.Head{Status: 200}}
	}
	for name, tt := range map[string]struct {
		browser Browser
		seen    []visit.Exchange
		kept    []bool
	}{
		"from outside to inside": {Browser{}, []visit.Exchange{answers("https://a.test/", "93.184.215.14:443"), answers("https://b.test/", "10.0.0.1:443")}, []bool{true, false}},
		"an intranet":            {Browser{}, []visit.Exchange{answers("https://a.test/", "10.0.0.1:443"), answers("https://b.test/", "10.0.0.2:443")}, []bool{true, true}},
		"allowed":                {Browser{Options: Options{AllowPrivate: true}}, []visit.Exchange{answers("https://a.test/", "93.184.215.14:443"), answers("https://b.test/", "10.0.0.1:443")}, []bool{true, true}},
		"named": {Browser{Options: Options{Named: func(host, port string) bool { return host == "b.test" && port == "443" }}},
			[]visit.Exchange{answers("https://a.test/", "93.184.215.14:443"), answers("https://b.test/", "10.0.0.1:443")}, []bool{true, true}},
		"no answer": {Browser{}, []visit.Exchange{answers("https://a.test/", "93.184.215.14:443"), {URL: "https://b.test/"}}, []bool{true, false}},
	} {
		tt.browser.forget(tt.seen)
		for i, x := range tt.seen {
			if kept := x.Status != 0; kept != tt.kept[i] || !kept && x.Address != "" && x.Error == nil {
				t.Errorf("%s: %d: %+v", name, i, x)
			}
		}
	}
}

func serveAt(t *testing.T, address string, handler http.HandlerFunc) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
}
