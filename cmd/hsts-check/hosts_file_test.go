package main

import (
	"testing"

	"hsts-check/internal/lab"
)

// TestHostsFile: what the machine's hosts file says of a name decides, with Go's
// resolver and with the C library's. A name that it does not have is not found.
func TestHostsFile(t *testing.T) {
	if !lab.Alone(t) {
		return
	}
	if err := lab.NameHosts([]byte("127.0.0.1 localhost\n127.0.0.7 moved.example.org\n")); err != nil {
		t.Fatal(err)
	}
	for _, resolver := range []string{"go", "cgo"} {
		out, said, _ := shell(t, `GODEBUG=netdns=`+resolver+` exec hsts-check -f ndjson --retries 0 --timeout 2s --probe none https://moved.example.org:8443/ https://other.example.org:8443/`)
		records := readRecords(t, out)
		if len(records) != 2 || records[0].Exchanges[0].Address != "127.0.0.7:8443" || records[1].Error.Kind != "dns" {
			t.Errorf("resolver %s: %s\n%s", resolver, out, said)
		}
	}
}
