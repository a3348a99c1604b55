package lab

import (
	"net"
	"runtime"
	"time"
)

// CheckLeaks returns a function that waits for the goroutines started since to
// end. The test must not be parallel.
func CheckLeaks(t Test) func() {
	before := runtime.NumGoroutine()
	return func() {
		t.Helper()
		for range 500 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		stacks := make([]byte, 1<<16)
		t.Errorf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
	}
}

// Listen opens a listener that the end of the test closes.
func Listen(t Test, addr string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// DeadAddr is where nobody listens: the near end of a connection.
func DeadAddr(t Test) string {
	t.Helper()
	c, err := net.Dial("tcp", Listen(t, "127.0.0.1:0").Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.LocalAddr().String()
}
