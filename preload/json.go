package preload

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// parseJSON reads Chromium's own form. It overwrites data.
func (l *List) parseJSON(data []byte) error {
	blankComments(data)
	l.known = make(map[string]mark)
	p := jsonParser{list: l, dec: json.NewDecoder(bytes.NewReader(data)), data: data}
	err := p.read()
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the list is cut off: fetch it again")
	case errors.As(err, &kind):
		err = fmt.Errorf("%s cannot be a JSON %s", cmp.Or(kind.Field, "an entry"), kind.Value)
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:p.begin], []byte("\n")), err)
}

type jsonParser struct {
	list  *List
	dec   *json.Decoder
	data  []byte
	begin int // where in data that begins which is being read
}

// read takes in the list, an object with other members beside the entries.
func (p *jsonParser) read() error {
	if err := p.expect(json.Delim('{')); err != nil {
		return err
	}
	found := false
	for p.more() {
		member, err := p.dec.Token()
		switch {
		case err != nil:
		case member == "entries":
			found = true
			err = p.readEntries()
		default:
			err = p.dec.Decode(&json.RawMessage{})
		}
		if err != nil {
			return err
		}
	}
	if err := p.expect(json.Delim('}')); err != nil {
		return err
	}
	if !found {
		return errors.New(`there is no "entries" in it: is it Chromium's transport_security_state_static.json?`)
	}
	if p.more(); len(bytes.TrimSpace(p.data[p.dec.InputOffset():])) > 0 {
		return errors.New("something follows the list: delete it")
	}
	return nil
}

func (p *jsonParser) readEntries() error {
	if err := p.expect(json.Delim('[')); err != nil {
		return err
	}
	for p.more() {
		var e struct {
			Name              string `json:"name"`
			Policy            string `json:"policy"`
			Mode              string `json:"mode"`
			IncludeSubDomains bool   `json:"include_subdomains"`
		}
		if err := p.dec.Decode(&e); err != nil {
			return err
		}
		if e.Mode != "" && e.Mode != "force-https" {
			return fmt.Errorf("%.100q has the mode %.100q: only force-https is known", e.Name, e.Mode)
		}
		if err := p.list.add(e.Name, mark{e.Policy, e.IncludeSubDomains, e.Mode != ""}); err != nil {
			return err
		}
	}
	return p.expect(json.Delim(']'))
}

// more reports whether the array or object goes on, and sets begin to where.
func (p *jsonParser) more() bool {
	more := p.dec.More()
	p.begin = int(p.dec.InputOffset())
	p.begin = len(p.data) - len(bytes.TrimLeft(p.data[p.begin:], ",: \t\r\n"))
	return more
}

func (p *jsonParser) expect(want json.Delim) error {
	p.more()
	got, err := p.dec.Token()
	if err == nil && got != want {
		err = fmt.Errorf("there is %.40q where Chromium's list has %q", fmt.Sprint(got), want.String())
	}
	return err
}

// blankComments overwrites // and /* */ comments with blanks, so that places
// and lines stay what they are.
func blankComments(data []byte) {
	for i := 0; i < len(data); {
		switch rest := data[i:]; {
		case rest[0] == '"':
			i += stringLen(rest)
		case bytes.HasPrefix(rest, []byte("//")):
			i += blank(rest, "\n")
		case bytes.HasPrefix(rest, []byte("/*")):
			i += blank(rest, "*/")
		default:
			i++
		}
	}
}

// stringLen is the length of the JSON string that data begins with.
func stringLen(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// blank overwrites data up to and with end, apart from line breaks, and returns
// how much that is.
func blank(data []byte, end string) int {
	n := len(data)
	if i := bytes.Index(data[2:], []byte(end)); i >= 0 {
		n = 2 + i + len(end)
	}
	for i, b := range data[:n] {
		if b != '\n' {
			data[i] = ' '
		}
	}
	return n
}
