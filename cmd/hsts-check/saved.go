package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/report"
)

const savedHint = "saved results are what -f ndjson or -o FILE.ndjson has written, in this version of hsts-check or an earlier one"

// load reads saved NDJSON results and judges them by today's rules. Of several
// results of one site from one place the newest counts, see [report.Merge].
func (p *program) load(names ...string) ([]audit.Result, error) {
	all, err := p.loadAll(false, names...)
	return report.Merge(all), err
}

// loadAll reads saved results, all that there are of each site; "-" is standard
// input. What is wrong with any of the files is in the error, but for a last
// record that was cut off: that is told, and left out. A file without any is an
// error as well, as it says nothing of any site, unless it may be empty: then
// it says that sites are missing.
func (p *program) loadAll(mayBeEmpty bool, names ...string) ([]audit.Result, error) {
	var all []audit.Result
	var errs []error
	for i, name := range names {
		if name == "-" && slices.Contains(names[:i], "-") {
			errs = append(errs, withHint(errors.New("standard input is read once, and - stands twice"), "put one of them in a file"))
			continue
		}
		results, err := p.readSaved(name, mayBeEmpty)
		errs = append(errs, err)
		for _, r := range results {
			all = append(all, r.Rejudge(p.preloads))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return all, nil
}

// readSaved reads one file of results.
func (p *program) readSaved(name string, mayBeEmpty bool) ([]audit.Result, error) {
	var results []audit.Result
	err := p.eachSaved(name, mayBeEmpty, p.complain, func(r audit.Result) { results = append(results, r) })
	return results, err
}

// eachSaved does something with each result of one file. Of what is wrong with it
// and leaves the others good, tell is told.
func (p *program) eachSaved(name string, mayBeEmpty bool, tell func(error), do func(audit.Result)) error {
	in, err := p.openSaved(name)
	if err != nil {
		return withHint(fmt.Errorf("cannot read %s: %w", name, cause(err)), savedHint)
	}
	defer in.Close()
	path, name := name, inputName(name)
	content := bufio.NewReaderSize(in, 64<<10)
	if isHAR(content) {
		return p.eachOfHAR(path, content, do)
	}
	n := 0
	err = report.Each(content, func(r audit.Result) {
		n++
		do(r)
	})
	partial := errors.Is(err, report.ErrTorn) || errors.Is(err, report.ErrTooLong)
	if partial {
		for line := range strings.Lines(err.Error()) {
			tell(fmt.Errorf("%s: %s", name, strings.TrimSpace(line)))
		}
	}
	switch {
	case err != nil && !partial:
		return withHint(fmt.Errorf("%s: %w", name, err), savedHint)
	case n == 0 && !mayBeEmpty:
		return withHint(fmt.Errorf("%s: there are no results in it", name), savedHint)
	}
	return nil
}

func (p *program) openSaved(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(p.stdin), nil
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, errors.New("it is a directory")
	}
	return os.Open(name)
}
