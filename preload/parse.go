package preload

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// MaxSize is the most that [Parse] reads of a list, in bytes, and the most that
// may come out when it is decompressed.
const MaxSize = 64 << 20

// maxEntries is a bound of what a list takes in memory; 191,907 is the most
// that Chromium's ever had.
const maxEntries = 1 << 20

// Parse reads a list in any of these forms and finds out which it is:
//
//   - Chromium's net/http/transport_security_state_static.json, comments and all,
//     or base64 of it, as chromium.googlesource.com serves it with ?format=TEXT
//   - the compact form that [List.WriteTo] writes, which is gzip of text
//   - that text: a name a line, with a leading dot if its subdomains are
//     included or a leading ! if it preloads nothing, and then perhaps a blank
//     and its policy; lines that begin with # are comments
//
// Date, in the form "2006-01-02", is the day that the list is of where it names
// none itself, as only the compact form does; it may be empty. The error says
// in which line of the list the fault is; it does not know the file's name.
func Parse(r io.Reader, date string) (*List, error) {
	if err := checkDate(date); err != nil && date != "" {
		return nil, err
	}
	data, err := readAll(r)
	if err != nil {
		return nil, err
	}
	if data, err = unpack(data); err != nil {
		return nil, err
	}
	l := &List{date: date}
	if isJSON(data) {
		err = l.parseJSON(data)
	} else {
		err = l.parseText(string(data))
	}
	if err != nil {
		return nil, err
	}
	if l.size == 0 {
		return nil, errors.New("there is no entry in it: is it the preload list?")
	}
	return l, nil
}

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the list is longer than %d bytes", MaxSize)
	}
	return data, err
}

// unpack takes off gzip, a byte order mark and base64.
func unpack(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = readAll(z)
		}
		if err != nil {
			return nil, fmt.Errorf("cannot decompress it, fetch it again: %w", err)
		}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !isBase64(data) {
		return data, nil
	}
	decoded, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(data)))
	if err != nil {
		return nil, fmt.Errorf("cannot decode its base64, fetch it again: %w", err)
	}
	if !isJSON(decoded) {
		return nil, errors.New("it is base64 of something else than Chromium's list")
	}
	return decoded, nil
}

// isJSON looks for what JSON with comments begins with and no name does.
func isJSON(data []byte) bool {
	data = bytes.TrimSpace(data)
	return len(data) > 0 && (data[0] == '{' || data[0] == '/')
}

// isBase64 looks for a first line longer than a label, so no name, that has
// nothing but the letters of base64.
func isBase64(data []byte) bool {
	line := bytes.TrimSpace(data[:min(len(data), 80)])
	line, _, _ = bytes.Cut(line, []byte("\n"))
	return len(line) > 63 && !bytes.ContainsFunc(bytes.TrimRight(line, "\r="), func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '+' || r == '/')
	})
}

// heading is the comment that the compact form begins with; a date may follow.
const (
	heading = "# Chromium's HSTS preload list"
	ofDate  = " of "
)

func (l *List) parseText(text string) error {
	l.known = make(map[string]mark, min(strings.Count(text, "\n"), maxEntries))
	line := 0
	for s := range strings.Lines(text) {
		line++
		s = strings.TrimSpace(s)
		if s == "" || s[0] == '#' {
			if date, ok := strings.CutPrefix(s, heading+ofDate); ok {
				l.date = date
				if err := checkDate(date); err != nil {
					return fmt.Errorf("line %d: %w", line, err)
				}
			}
			continue
		}
		name, policy, _ := strings.Cut(s, " ")
		m := mark{policy: policy, force: true}
		switch name[0] {
		case '.':
			name, m.subs = name[1:], true
		case '!':
			name, m.force = name[1:], false
		}
		if err := l.add(name, m); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
	return nil
}

// add takes in an entry. Chromium's list of 2017 had one host twice, in upper
// case and in lower.
func (l *List) add(listed string, m mark) error {
	name, ok := canonical(listed)
	switch {
	case !ok:
		return fmt.Errorf("%.100q is not a host name: correct it, or fetch the list again", listed)
	case m.policy != "" && !isName(m.policy):
		return fmt.Errorf("%.100q is not a policy such as bulk-1-year", m.policy)
	case len(l.known) == maxEntries:
		return fmt.Errorf("the list has more than %d entries", maxEntries)
	}
	m.subs = m.subs && m.force // without which it means nothing
	if before, twice := l.known[name]; twice {
		if before != m {
			return fmt.Errorf("%q is listed twice with different policies: delete one", name)
		}
		return nil
	}
	l.known[name] = m
	if m.force {
		l.size++
	}
	return nil
}

func checkDate(date string) error {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return fmt.Errorf("%.100q is not a date: write it as in 2006-01-02", date)
	}
	return nil
}
