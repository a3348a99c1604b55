package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"hsts-check/audit"
	"hsts-check/visit"
)

// NDJSON writes one record a line, as [audit.Result] encodes. None is longer than
// what [Reader] reads.
func NDJSON(w io.Writer) (func(audit.Result) error, error) {
	return func(r audit.Result) error {
		line, err := encode(record(r))
		if len(line) > maxRecord {
			line, err = encode(record(tooLong(r)))
		}
		if err != nil {
			return err
		}
		_, err = w.Write(line)
		return err
	}, nil
}

// tooLong is the record of a site of which more is known than a record may hold.
func tooLong(r audit.Result) audit.Result {
	const most = 64 << 10 // as long as a line of a list
	cut := func(s string) string { return strings.ToValidUTF8(s[:min(len(s), most)], "") }
	return audit.Result{
		Schema: r.Schema, ID: cut(r.ID), Run: cut(r.Run), Vantage: cut(r.Vantage), Group: cut(r.Group), Name: cut(r.Name), URL: cut(r.URL),
		CheckedAt: r.CheckedAt, Verdict: audit.Unknown,
		Error: &audit.Error{Kind: visit.KindInternal, Message: fmt.Sprintf("what is known of the site makes a record of more than %d MiB", maxRecord>>20)},
	}
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
