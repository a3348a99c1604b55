package visit

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// A marionette is a session with Firefox's remote control, whose messages are
// JSON with their length in bytes before them, "16:[0,1,"Command",{}]"
// (firefox-source-docs.mozilla.org/testing/marionette/Protocol.html).
type marionette struct {
	mu   sync.Mutex // one call at a time
	conn net.Conn
	in   *bufio.Reader
	last int // the number of the last call
}

// marionetteAddress is where Firefox listens if it is not told otherwise.
const marionetteAddress = "127.0.0.1:2828"

// connectMarionette waits for a Firefox that is starting, and begins a session in
// which scripts may use what the browser's own code does.
func connectMarionette(patience time.Duration) (*marionette, error) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	var conn net.Conn
	for start := time.Now(); conn == nil; <-ticker.C {
		var err error
		if conn, err = net.Dial("tcp", marionetteAddress); err != nil && time.Since(start) > patience {
			return nil, err
		}
	}
	conn.SetDeadline(time.Now().Add(3 * time.Minute)) // for a browser that hangs
	m := &marionette{conn: conn, in: bufio.NewReader(conn)}
	if _, err := m.receive(); err != nil { // its greeting
		return nil, err
	}
	if err := m.call("WebDriver:NewSession", struct{}{}, nil); err != nil {
		return nil, err
	}
	return m, m.call("Marionette:SetContext", map[string]string{"value": "chrome"}, nil)
}

// call has a command carried out, and reads what it returns into result unless
// that is nil.
func (m *marionette) call(command string, params, result any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	message, err := json.Marshal([]any{0, m.last, command, params})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(message), message); err != nil {
		return err
	}
	answer, err := m.receive()
	if err != nil {
		return err
	}
	// [1, the call's number, an error or null, what it returns]
	var parts [4]json.RawMessage
	if err := json.Unmarshal(answer, &parts); err != nil {
		return err
	}
	if string(parts[2]) != "null" {
		return fmt.Errorf("%s: %.500s", command, parts[2])
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(parts[3], result)
}

func (m *marionette) receive() ([]byte, error) {
	length, err := m.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(length[:len(length)-1])
	if err != nil {
		return nil, err
	}
	message := make([]byte, n)
	_, err = io.ReadFull(m.in, message)
	return message, err
}

// run runs a script, which finds args in its arguments, and reads what it returns
// into result unless that is nil.
func (m *marionette) run(result any, script string, args ...any) error {
	if args == nil {
		args = []any{}
	}
	var returned struct{ Value json.RawMessage }
	err := m.call("WebDriver:ExecuteScript", map[string]any{"script": script, "args": args}, &returned)
	if err != nil || result == nil {
		return err
	}
	return json.Unmarshal(returned.Value, result)
}
