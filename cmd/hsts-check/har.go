package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"hsts-check/audit"
	"hsts-check/witness"
)

// maxHAR bounds a HAR file, in bytes.
const maxHAR = 1 << 30

const harHint = "a HAR file is what the network panel of a browser's developer tools saves"

// isHAR reports whether what comes next is an HTTP archive: an object that begins
// with its log. Records begin otherwise.
func isHAR(r *bufio.Reader) bool {
	start, _ := r.Peek(512)
	start = bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\uFEFF")))
	rest, isObject := bytes.CutPrefix(start, []byte("{"))
	return isObject && bytes.HasPrefix(bytes.TrimSpace(rest), []byte(`"log"`))
}

// eachOfHAR does something with the result of each page of a HAR file. Its group is
// the file's name without its ending; none, for standard input.
func (p *program) eachOfHAR(path string, r *bufio.Reader, do func(audit.Result)) error {
	group := ""
	if path != "-" {
		group = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	if start, _ := r.Peek(3); string(start) == "\uFEFF" {
		r.Discard(3)
	}
	limited := &io.LimitedReader{R: r, N: maxHAR}
	visits, err := witness.ReadHAR(limited, group)
	switch {
	case err != nil && limited.N == 0:
		return withHint(fmt.Errorf("%s: it is longer than %d MiB", inputName(path), maxHAR>>20), "save it without content, or fewer pages at once")
	case err != nil:
		return withHint(fmt.Errorf("%s: %w", inputName(path), err), harHint)
	}
	for _, v := range visits {
		do(audit.Judge(v, p.preloads))
	}
	return nil
}
