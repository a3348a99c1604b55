package lab

import (
	"net"
	"os"
	"slices"
	"testing"
)

// TestAlone asks for a network of its own and looks what is there.
func TestAlone(t *testing.T) {
	if !Alone(t) {
		return
	}
	interfaces, err := net.Interfaces()
	if err != nil || len(interfaces) != 1 || interfaces[0].Flags&(net.FlagLoopback|net.FlagUp) != net.FlagLoopback|net.FlagUp {
		t.Errorf("interfaces %v, %v; want loopback alone, and that up", interfaces, err)
	}
	if left, err := os.ReadDir("/tmp"); err != nil || len(left) != 0 {
		t.Errorf("/tmp has %v, %v; want an empty one", left, err)
	}
	if os.Getpid() != 1 {
		t.Errorf("process %d, want the first one", os.Getpid())
	}
	// Else whoever sets the variable would have these mounts on the whole machine.
	own, err := namespaces()
	if err != nil {
		t.Fatal(err)
	}
	for name, outer := range map[string][]string{
		"the process's own namespaces": own,
		"one that is its own":          {"net:[1]", own[1], "pid:[1]"},
		"none":                         nil,
	} {
		if err := settle(outer, own); err == nil {
			t.Errorf("settled though the process is said to come from %s", name)
		}
	}
	if err := NameHosts([]byte("127.20.0.9 only-here.example.org\n")); err != nil {
		t.Fatal(err)
	}
	if got, err := net.LookupHost("only-here.example.org"); err != nil || !slices.Equal(got, []string{"127.20.0.9"}) {
		t.Errorf("looked up %v, %v", got, err)
	}
	Listen(t, "127.20.0.9:443")
}
