package visit

import (
	"net"
	"net/netip"
	"testing"

	"hsts-check/internal/lab"
)

// TestHostsFile: what the machine's hosts file says of a name decides, with the C
// library's resolver too, which finds no absolute name there.
func TestHostsFile(t *testing.T) {
	t.Setenv("GODEBUG", "netdns=cgo") // for the process that Alone starts
	if !lab.Alone(t) {
		return
	}
	if err := lab.NameHosts([]byte("127.0.0.1 localhost\n127.0.0.7 moved.example.org\n")); err != nil {
		t.Fatal(err)
	}
	defer func(r *net.Resolver) { net.DefaultResolver = r }(net.DefaultResolver)
	net.DefaultResolver = new(net.Resolver)
	addrs, err := resolve(t.Context(), "ip", "moved.example.org")
	if err != nil || len(addrs) != 1 || addrs[0].Unmap() != netip.MustParseAddr("127.0.0.7") {
		t.Errorf("%v, %v", addrs, err)
	}
}
