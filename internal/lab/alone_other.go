//go:build !linux

package lab

// Alone skips the test: a network of its own is available on Linux alone. See
// the function for Linux.
func Alone(t Test) bool {
	t.Helper()
	missing(t, "a network of its own for this test is available on Linux alone")
	return false
}

// NameHosts is never reached, as [Alone] reports false.
func NameHosts(hostsFile []byte) error { return nil }
