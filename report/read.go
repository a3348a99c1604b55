package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"hsts-check/audit"
	"hsts-check/visit"
)

// ErrTorn is returned by [Read] for results whose last line was cut off, as by
// a kill in the middle of a write. All results before it are good.
var ErrTorn = errors.New("the last record is cut off and was dropped")

// maxRecord bounds a line of saved results, in bytes: none that is longer is
// written, or read. The longest that a visit makes, with all that is kept of its
// answers escaped, is less than a quarter of it.
const maxRecord = 16 << 20

// recordStart is what a record begins with; so a file of a single line that was
// cut off is known for what it is.
var recordStart = []byte(`{"schema":`)

// ErrTooLong is returned by [Read] for results with lines that are longer than any
// record. They are no records, and all others are good.
var ErrTooLong = errors.New("too long for a record, and skipped")

// Read reads saved NDJSON results. Its errors name the line, but for [ErrTorn];
// the results before an error are returned with it, and with ErrTorn and
// [ErrTooLong] those behind it too.
func Read(r io.Reader) ([]audit.Result, error) {
	var results []audit.Result
	err := Each(r, func(result audit.Result) { results = append(results, result) })
	return results, err
}

// Each does something with each of saved NDJSON results, as it is read. Its errors
// are those of [Read].
func Each(r io.Reader, do func(audit.Result)) error {
	in := NewReader(r)
	for {
		result, err := in.Next()
		switch {
		case err == io.EOF:
			return in.tooLong()
		case errors.Is(err, ErrTorn):
			return errors.Join(in.tooLong(), err)
		case err != nil:
			return err
		}
		do(result)
	}
}

// A Reader reads saved NDJSON results one by one.
type Reader struct {
	in    *bufio.Reader
	lines int
	ended bool
	// Start and End are the offsets of the last result read and behind it, its
	// line end included: a file cut there holds whole records only.
	Start, End int64
	// Unended: the line of that result had no end, as it was the last.
	Unended bool
	// TooLong holds the numbers of lines that are longer than any record, and were
	// skipped.
	TooLong []int
	offset  int64
}

// NewReader returns a reader of r.
func NewReader(r io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 64<<10)}
}

// Next returns the next result. At the end it returns [io.EOF], or [ErrTorn]
// for a last line that was cut off; other errors name the line.
func (r *Reader) Next() (audit.Result, error) {
	for !r.ended {
		r.lines++
		start := r.offset
		line, size, err := readLine(r.in)
		r.offset += size
		r.ended = err != nil
		switch {
		case err != nil && err != io.EOF:
			return audit.Result{}, fmt.Errorf("line %d: %w", r.lines, err)
		case size > maxRecord:
			r.TooLong = append(r.TooLong, r.lines)
			continue
		}
		text := bytes.TrimSpace(line)
		if len(text) == 0 {
			continue
		}
		result, err := decode(text)
		switch {
		case err != nil && r.ended && (r.lines > 1 || bytes.HasPrefix(text, recordStart)):
			return result, ErrTorn
		case err != nil:
			return result, fmt.Errorf("line %d: %w", r.lines, err)
		}
		r.Start, r.End, r.Unended = start, r.offset, r.ended
		return result, nil
	}
	return audit.Result{}, io.EOF
}

// tooLong is what to say of the lines that were skipped, nil for none.
func (r *Reader) tooLong() error {
	var errs []error
	for _, line := range r.TooLong {
		errs = append(errs, fmt.Errorf("line %d: %w", line, ErrTooLong))
	}
	return errors.Join(errs...)
}

// readLine reads up to and including a line's end, and returns how many bytes
// that was. Of a line that is longer than any record it keeps no more than that.
func readLine(r *bufio.Reader) (line []byte, size int64, err error) {
	for {
		part, err := r.ReadSlice('\n')
		size += int64(len(part))
		if size <= maxRecord {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, size, err
		}
	}
}

// decode reads one record.
func decode(line []byte) (audit.Result, error) {
	var r audit.Result
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("it is not a record: %w", err)
	}
	switch {
	case r.Schema == 0 || r.ID == "" || r.Verdict == "":
		return r, errors.New("it is not a record of a survey: save one with -f ndjson")
	case r.Schema > audit.Schema:
		return r, fmt.Errorf("it has schema %d, from a later version of hsts-check; this one reads up to %d", r.Schema, audit.Schema)
	case r.Schema == 1:
		upgrade(&r)
	}
	return r, nil
}

// upgrade puts into fields what records of schema 1 said in words alone.
func upgrade(r *audit.Result) {
	for i := range r.Exchanges {
		if e := r.Exchanges[i].Error; e != nil && e.Kind == visit.KindDNS && strings.HasPrefix(e.Message, "no address found for ") {
			e.NoSuchHost = true
		}
	}
}
