package lab

import (
	"os"
	"os/exec"
	"strings"
)

// Program returns the path of the first of names that is installed on this
// machine, for a test that runs a real program against the lab or the other
// way round. Where none is, the test is skipped with the reason, and fails if
// HSTS_CHECK_REQUIRE_PROGRAMS is set to 1.
func Program(t Test, names ...string) string {
	t.Helper()
	for _, name := range names {
		// Servers are often outside the PATH of those who are not root.
		for _, folder := range []string{"", "/usr/sbin/", "/usr/local/sbin/"} {
			if path, err := exec.LookPath(folder + name); err == nil {
				return path
			}
		}
	}
	missing(t, strings.Join(names, " or ")+" is not installed here")
	return ""
}

// missing ends a test that this machine has not what it takes for, for a reason.
func missing(t Test, reason string) {
	t.Helper()
	if Everything() {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// Everything reports whether all tests are to run, and each of them in full, as
// HSTS_CHECK_REQUIRE_PROGRAMS=1 says.
func Everything() bool { return os.Getenv("HSTS_CHECK_REQUIRE_PROGRAMS") == "1" }

// Slow skips a test that takes too long for everyone's go test, unless
// [Everything] is to run.
func Slow(t Test) {
	t.Helper()
	if !Everything() {
		t.Skip("takes long: HSTS_CHECK_REQUIRE_PROGRAMS=1 runs it")
	}
}

// A Test is what is needed here of a testing.TB: the lab is a part of the
// program, and package testing is not.
type Test interface {
	Helper()
	Name() string
	Log(args ...any)
	Skip(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Cleanup(func())
}
