package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/moby/sys/atomicwriter"
	"github.com/spf13/pflag"

	"hsts-check/audit"
	"hsts-check/report"
)

// Writing holds the flags that say what is reported and where to.
type writing struct {
	format string
	files  []string
	color  string
}

func (o *writing) register(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "table", "what goes to stdout, `NAME`: "+strings.Join(formatNames(), ", "))
	f.StringArrayVarP(&o.files, "output", "o", nil, "also write `FILE`, format by its ending: "+strings.Join(endings(), " ")+"; repeatable")
	f.StringVar(&o.color, "color", "auto", "colours: auto, always, never (`WHEN`)")
}

func formatNames() []string {
	var names []string
	for _, f := range report.Formats {
		names = append(names, f.Name)
	}
	return names
}

func endings() []string {
	var endings []string
	for _, f := range report.Formats {
		if f.Ending != "" {
			endings = append(endings, f.Ending)
		}
	}
	return endings
}

// A sink is one place where results go: in a stream as they come, or as a
// document at the end.
type sink struct {
	name    string // for messages
	format  report.Format
	options report.Options
	w       io.Writer
	stream  func(audit.Result) error // nil for documents
	close   func() error
	failed  bool
}

// outputs are all places where results go.
type outputs struct {
	sinks   []*sink
	results []audit.Result // kept when a document needs them
	errs    []error
}

// open checks all outputs before the first site is visited.
func (o *writing) open(p *program) (*outputs, error) {
	format, ok := report.Named(o.format)
	if !ok {
		return nil, fmt.Errorf("--format %q: there are %s", o.format, strings.Join(formatNames(), ", "))
	}
	options, err := p.looks(o.color)
	if err != nil {
		return nil, err
	}
	out := &outputs{sinks: []*sink{{name: "standard output", format: format, options: options, w: p.stdout}}}
	seen := make(map[string]bool)
	for _, name := range o.files {
		format, ok := report.ForFile(name)
		if !ok {
			return nil, fmt.Errorf("-o %s: the ending says the format, one of %s", name, strings.Join(endings(), " "))
		}
		path, err := resolved(name)
		if err != nil {
			return nil, fmt.Errorf("-o %s: %w", name, cause(err))
		}
		if seen[path] {
			return nil, fmt.Errorf("-o %s is given twice", name)
		}
		seen[path] = true
		out.sinks = append(out.sinks, &sink{name: name, format: format, w: &file{path: path, whole: format.Stream == nil}})
	}
	return out, out.start()
}

// start opens the files and writes what comes before the first result.
func (out *outputs) start() error {
	var errs []error
	for _, s := range out.sinks {
		if f, ok := s.w.(*file); ok {
			s.close = f.Close
			if err := f.open(); err != nil {
				errs = append(errs, fmt.Errorf("-o %s: %w", s.name, cause(err)))
				continue
			}
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	for _, s := range out.sinks {
		if s.format.Stream != nil {
			stream, err := s.format.Stream(s.w)
			s.stream = stream
			out.note(s, err)
		}
	}
	return nil
}

// add takes in one result. It returns false when no output is left to write
// to.
func (out *outputs) add(r audit.Result) bool {
	alive, documents := false, false
	for _, s := range out.sinks {
		if s.failed {
			continue
		}
		if s.stream == nil {
			documents = true
		} else {
			out.note(s, s.stream(r))
		}
		alive = alive || !s.failed
	}
	if documents {
		out.results = append(out.results, r)
	}
	return alive
}

// finish writes the documents and closes the files. The error holds all that
// went wrong with any output since the start.
func (out *outputs) finish(meta report.Meta) error {
	for _, s := range out.sinks {
		if s.stream == nil && !s.failed {
			out.note(s, s.format.Document(s.w, out.results, meta, s.options))
		}
		if s.close != nil && !s.failed {
			out.note(s, s.close())
		}
	}
	return errors.Join(out.errs...)
}

// note remembers that an output failed, once.
func (out *outputs) note(s *sink, err error) {
	if err == nil {
		return
	}
	s.failed = true
	if errors.Is(err, syscall.EPIPE) {
		err = errPipe
	} else {
		err = fmt.Errorf("cannot write %s: %w", s.name, cause(err))
	}
	out.errs = append(out.errs, err)
}

// errPipe is a reader that has seen enough: nothing to speak of.
var errPipe = errors.New("broken pipe")

// A file is an output file. A whole one is gathered and replaces what was
// there on Close; another grows with each Write. What is not a regular file,
// as a device, is only ever written to.
type file struct {
	path  string
	whole bool
	perm  fs.FileMode
	text  bytes.Buffer
	*os.File
}

// open makes sure that the file can be written, and changes nothing yet of one
// that is to be replaced.
func (f *file) open() (err error) {
	info, err := os.Stat(f.path)
	switch {
	case err == nil && info.IsDir():
		return errors.New("it is a directory")
	case err == nil && !info.Mode().IsRegular():
		f.whole = false
	case err == nil:
		f.perm = info.Mode().Perm()
	}
	if !f.whole {
		f.File, err = os.Create(f.path)
		return err
	}
	if f.perm != 0 {
		existing, err := os.OpenFile(f.path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		existing.Close()
	}
	return f.tryFolder()
}

// tryFolder makes a file beside the one to come and removes it again: that
// shows whether it will be possible, and what permissions a new file gets.
func (f *file) tryFolder() error {
	name := fmt.Sprintf("%s.%d.tmp", f.path, os.Getpid())
	probe, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer os.Remove(name)
	defer probe.Close()
	if info, err := probe.Stat(); err == nil && f.perm == 0 {
		f.perm = info.Mode().Perm()
	}
	return nil
}

func (f *file) Write(b []byte) (int, error) {
	if f.whole {
		return f.text.Write(b)
	}
	return f.File.Write(b)
}

func (f *file) Close() error {
	if f.whole {
		return atomicwriter.WriteFile(f.path, f.text.Bytes(), f.perm)
	}
	return f.File.Close()
}

// resolved returns the path that a name leads to, through links, so that two
// names of one file are known as such and a link is not replaced by a file.
func resolved(name string) (string, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real, nil
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}

// cause drops the operation and the path from an error that is told with the
// name the user gave.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
