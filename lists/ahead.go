package lists

import (
	"io"
	"time"
)

// linger is how long a site of a stream waits for the lines about it. What comes
// later than that is refused, as the visit has begun.
const linger = time.Second

// An aheadReader reads while nobody asks it to, so that it can be told whether
// more has come.
type aheadReader struct {
	pieces chan piece
	done   chan struct{}
	now    piece
}

type piece struct {
	b   []byte
	err error
}

// readAhead returns a reader of r. A read of r that is under way when it is
// stopped goes on until it returns.
func readAhead(r io.Reader) *aheadReader {
	a := &aheadReader{pieces: make(chan piece), done: make(chan struct{})}
	go func() {
		for {
			b := make([]byte, 32<<10)
			n, err := r.Read(b)
			select {
			case a.pieces <- piece{b[:n], err}:
			case <-a.done:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return a
}

func (a *aheadReader) stop() { close(a.done) }

func (a *aheadReader) Read(b []byte) (int, error) {
	for len(a.now.b) == 0 && a.now.err == nil {
		a.now = <-a.pieces
	}
	n := copy(b, a.now.b)
	a.now.b = a.now.b[n:]
	if len(a.now.b) > 0 {
		return n, nil
	}
	return n, a.now.err
}

// within reports whether something, be it the end, has come or comes in time.
func (a *aheadReader) within(d time.Duration) bool {
	if len(a.now.b) > 0 || a.now.err != nil {
		return true
	}
	select {
	case a.now = <-a.pieces:
		return true
	case <-time.After(d):
		return false
	}
}
