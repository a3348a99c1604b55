package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/moby/sys/atomicwriter"

	"hsts-check/report"
)

// open opens the output behind its last record. What a kill has left of one
// that was not whole goes.
func (r *resumed) open() (*os.File, error) {
	f, err := os.OpenFile(r.path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(r.end); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r.size, err = f.Seek(0, io.SeekEnd)
	if err == nil && r.unended {
		_, err = f.WriteString("\n")
		r.size++
	}
	if err == nil && r.in == nil {
		r.in, err = os.Open(r.path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// wrote counts what was added to the output.
func (r *resumed) wrote(n int) {
	r.size += int64(n)
	r.added++
}

// line returns a record as it stands in the file, without its end.
func (r *resumed) line(start, end int64) ([]byte, error) {
	text := make([]byte, end-start)
	_, err := r.in.ReadAt(text, start)
	return bytes.TrimSpace(text), err
}

// asideOf names the file for records that fit no site.
func asideOf(path string) string { return path + ".old" }

// setAside copies the records of an output that fit no site into the file that
// [asideOf] names, behind those that are there already. It takes the place of
// the old one when it is whole, so at any time each record is in one of the two
// files at least.
func (r *resumed) setAside() error {
	if r.sink == nil || len(r.misfits) == r.aside {
		return nil
	}
	slices.SortFunc(r.misfits, func(a, b stored) int { return cmp.Compare(a.start, b.start) })
	r.aside = len(r.misfits)
	name := asideOf(r.path)
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	have := make(map[string]bool)
	for line := range bytes.Lines(old) {
		have[string(bytes.TrimSpace(line))] = true
	}
	return r.replace(name, func(w io.Writer) error {
		if len(old) > 0 {
			w.Write(bytes.TrimSuffix(old, []byte("\n")))
			w.Write([]byte("\n"))
		}
		for _, s := range r.misfits {
			line, err := r.line(s.start, s.end)
			if err != nil {
				return err
			}
			if !have[string(line)] { // a run that was killed had set it aside
				w.Write(append(line, '\n'))
			}
		}
		return nil
	})
}

// rewrite puts the records that were delivered, and no others, in the place of
// the output, in the order of the list. One of whose site the
// list says something else now says that, and is judged by it.
func (r *resumed) rewrite() error {
	return r.replace(r.path, func(w io.Writer) error {
		emit, err := report.NDJSON(w)
		if err != nil {
			return err
		}
		for _, at := range r.order {
			if at.moved == nil {
				line, err := r.line(at.start, at.end)
				if err != nil {
					return err
				}
				w.Write(append(line, '\n'))
				continue
			}
			result, err := r.record(at.start, at.end)
			if err != nil {
				return err
			}
			at.moved.write(&result)
			if err := emit(result.Rejudge(r.auditor.Preload)); err != nil {
				return err
			}
		}
		return nil
	})
}

// replace writes a file aside and puts it in its place when it is whole. The
// library cannot give a file up: it is left open and removed.
func (r *resumed) replace(name string, write func(io.Writer) error) error {
	info, err := r.in.Stat()
	if err != nil {
		return err
	}
	file, err := atomicwriter.New(name, info.Mode().Perm())
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20) // holds the first error of all writes
	if err := errors.Join(write(out), out.Flush()); err != nil {
		removeLeft(r.path)
		return err
	}
	if name == r.path {
		r.in.Close() // or Windows would not replace it
	}
	return file.Close()
}
