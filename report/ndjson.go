package report

import (
	"bytes"
	"encoding/json"
	"io"

	"hsts-check/audit"
)

// NDJSON writes one record a line, as [audit.Result] encodes.
func NDJSON(w io.Writer) (func(audit.Result) error, error) {
	return func(r audit.Result) error {
		line, err := encode(record(r))
		if err != nil {
			return err
		}
		_, err = w.Write(line)
		return err
	}, nil
}

// record is the result as it is written: times are in UTC.
func record(r audit.Result) audit.Result {
	r.CheckedAt = r.CheckedAt.UTC()
	return r
}

// encode returns v as one line of JSON, its newline included. Bytes that are
// not UTF-8 become U+FFFD.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // these files are not embedded in pages, and < is easier to grep for
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return jsonText(b.Bytes()), nil
}
