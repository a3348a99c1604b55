package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"hsts-check/audit"
)

// ErrTorn is returned by [Read] for results whose last line was cut off, as by
// a kill in the middle of a write. All results before it are good.
var ErrTorn = errors.New("the last record is cut off and was dropped")

// maxRecord bounds a line of saved results, in bytes. A record of ten hops with
// heads as long as they are read comes to less than a tenth of it.
const maxRecord = 16 << 20

// Read reads saved NDJSON results. Its errors name the line, but for [ErrTorn];
// the results before an error are returned with it.
func Read(r io.Reader) ([]audit.Result, error) {
	var results []audit.Result
	lines := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		line, err := readLine(lines)
		whole := err == nil
		if err != nil && err != io.EOF {
			return results, fmt.Errorf("line %d: %w", n, err)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			result, err := decode(text)
			switch {
			case err != nil && !whole && n > 1:
				return results, ErrTorn
			case err != nil:
				return results, fmt.Errorf("line %d: %w", n, err)
			}
			results = append(results, result)
		}
		if !whole {
			return results, nil
		}
	}
}

// readLine reads up to and including a line's end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxRecord {
			return nil, fmt.Errorf("it is longer than %d MiB", maxRecord>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// decode reads one record.
func decode(line []byte) (audit.Result, error) {
	var r audit.Result
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("it is no record: %w", err)
	}
	switch {
	case r.Schema == 0 || r.ID == "" || r.Verdict == "":
		return r, errors.New("it is no record of a survey: save one with -f ndjson")
	case r.Schema > audit.Schema:
		return r, fmt.Errorf("it has schema %d, from a later version of hsts-check; this one reads up to %d", r.Schema, audit.Schema)
	}
	return r, nil
}
