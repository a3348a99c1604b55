package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"hsts-check/audit"
	"hsts-check/report"
)

// Writing holds the flags that say what is reported and where to.
type writing struct {
	format  string
	files   []string
	only    string
	title   string
	verbose bool
	color   string
	resume  string // a file of results to keep, which may be one of files
	// preloads is the list that says which hosts are preloaded.
	preloads listing
}

// writingHelp describes the flags that register adds.
var writingHelp = `
Report:
  -f, --format NAME       on stdout: ` + strings.Replace(strings.Join(formatNames(), ", "), "markdown", "markdown (md)", 1) + ` (default table)
  -o, --output FILE       also write FILE, in the format of its ending: ` + strings.Join(endings(), " ") + `; repeatable
      --only VERDICTS     show these alone; totals still count all
      --title TEXT        heads HTML, SVG, Markdown and XLSX
  -v, --verbose           each exchange below its site; each visit on stderr
      --color WHEN        auto, always or never (default auto)
` + listingHelp

func (o *writing) register(f *pflag.FlagSet) {
	f.StringVarP(&o.format, "format", "f", "table", "")
	f.StringArrayVarP(&o.files, "output", "o", nil, "")
	f.StringVar(&o.only, "only", "", "")
	f.StringVar(&o.title, "title", "", "")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "")
	f.StringVar(&o.color, "color", "auto", "")
	o.preloads.register(f)
}

// spare makes sure that no output replaces what is to be read: files, "-" for
// standard input, and "" for none. What is resumed may be an output of records.
func (o *writing) spare(p *program, inputs ...string) error {
	for _, input := range append(inputs, o.resume, o.preloads.file) {
		read := statInput(p, input)
		if read == nil {
			continue
		}
		if out := statStream(p.stdout); out != nil && os.SameFile(read, out) {
			return withHint(fmt.Errorf("standard output would replace %s, which is to be read", inputName(input)), "write to another file")
		}
		for _, name := range o.files {
			out, err := os.Stat(name)
			if err != nil || !os.SameFile(read, out) {
				continue
			}
			if format, _ := report.ForFile(name); input != o.resume || format.Name != "ndjson" {
				return withHint(fmt.Errorf("-o %s would replace %s, which is to be read", name, inputName(input)), "name another file")
			}
		}
	}
	return nil
}

// statInput returns what an input is, if it is a regular file.
func statInput(p *program, name string) fs.FileInfo {
	if name == "-" {
		return statStream(p.stdin)
	}
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		return info
	}
	return nil
}

// statStream returns what a stream is, if it is a regular file.
func statStream(stream any) fs.FileInfo {
	f, ok := stream.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		return info
	}
	return nil
}

// inputName is what an input is called in a message.
func inputName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
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
	// end writes the book that stream fills; nil for what is none.
	end    func(report.Meta, *report.Tally) error
	close  func() error
	failed bool
}

// outputs are all places where results go.
type outputs struct {
	sinks []*sink
	errs  []error
}

// options are those of stdout.
func (o *writing) options(p *program) (report.Options, error) {
	options, err := p.looks(o.color)
	if err != nil {
		return options, err
	}
	options.Verbose = o.verbose
	options.Only, err = verdicts(o.only)
	switch {
	case err != nil:
		return options, err
	case o.verbose && p.quiet:
		return options, withHint(errors.New("-q and -v exclude each other"), "leave one of them out")
	case o.resume != "" && o.only != "":
		return options, withHint(errors.New("--only leaves out records that --resume has to find"), "leave it out, and show them later: hsts-check report --only %s %s", o.only, o.resume)
	}
	return options, nil
}

// outputs checks all outputs and takes their locks. It changes nothing yet.
func (o *writing) outputs(p *program, gate audit.Gate) (*outputs, error) {
	format, ok := report.Named(o.format)
	if !ok {
		return nil, unknownFormat(o.format, formatNames())
	}
	options, err := o.options(p)
	if err != nil {
		return nil, err
	}
	options.Gate, options.Title = gate, o.title
	if _, isTerminal := terminal(p.stdout); isTerminal && format.Binary {
		return nil, withHint(fmt.Errorf("--format %s cannot be shown on a terminal", format.Name), "write it to a file: -o survey%s", format.Ending)
	}
	out := &outputs{sinks: []*sink{{name: "standard output", format: format, options: options, w: p.stdout}}}
	seen := make(map[string]string)
	for _, name := range o.files {
		format, ok := report.ForFile(name)
		if !ok {
			return nil, unknownEnding(name)
		}
		path, err := resolved(name)
		if err != nil {
			return nil, unwritable(name, err)
		}
		if other := seen[path]; other != "" {
			return nil, withHint(fmt.Errorf("-o %s and -o %s are one file", other, name), "give each report a file of its own")
		}
		seen[path] = name
		f := &file{path: path, whole: format.Stream == nil, records: format.Name == "ndjson"}
		out.sinks = append(out.sinks, &sink{name: name, format: format, options: report.Options{Gate: gate, Only: options.Only, Title: o.title}, w: f})
	}
	if o.title != "" && !slices.ContainsFunc(out.sinks, func(s *sink) bool { return s.format.Titled }) {
		return nil, withHint(errors.New("--title is for HTML, SVG, Markdown, XLSX and summary"), "write one of them as well: -o survey.html")
	}
	if err := out.files((*file).check); err != nil {
		out.release()
		return nil, err
	}
	return out, nil
}

// resume makes an output of records go on with what is in it, and returns it;
// nil where the file of that name is none.
func (out *outputs) resume(name string, r *resumed) *sink {
	path, err := resolved(name)
	if err != nil {
		return nil
	}
	for _, s := range out.sinks {
		if f, ok := s.w.(*file); ok && f.records && f.path == path {
			f.resumed, r.path = r, path
			return s
		}
	}
	return nil
}

// open empties the outputs, but for one that is resumed, and writes what comes
// before the first result. Until then every input has been read and checked, as
// far as it has an end. A survey names its run.
func (out *outputs) open(run *manifest) error {
	if err := out.files(func(f *file) error { return f.open(run) }); err != nil {
		return err
	}
	out.start()
	return nil
}

// release lets other runs have the outputs.
func (out *outputs) release() {
	for _, s := range out.sinks {
		if f, ok := s.w.(*file); ok {
			f.lock.release()
		}
	}
}

// files does something with each output file.
func (out *outputs) files(do func(*file) error) error {
	var errs []error
	for _, s := range out.sinks {
		if f, ok := s.w.(*file); ok {
			s.close = f.Close
			if err := do(f); err != nil {
				errs = append(errs, unwritable(s.name, err))
			}
		}
	}
	return errors.Join(errs...)
}

func unwritable(name string, err error) error {
	told := fmt.Errorf("cannot write %s: %w", name, cause(err))
	switch {
	case errors.Is(err, errLocked):
		return withHint(told, "wait until it ends, or name another file")
	case errors.Is(err, fs.ErrNotExist):
		return withHint(told, "make the folder first: %s", filepath.Dir(name))
	}
	return withHint(told, "name a file that you may write to")
}

// start writes what comes before the first result.
func (out *outputs) start() {
	for _, s := range out.sinks {
		var err error
		switch {
		case s.format.Stream != nil:
			s.stream, err = s.format.Stream(s.w)
		case s.format.Book != nil:
			s.stream, s.end, err = s.format.Book(s.w, s.options)
		}
		out.note(s, err)
	}
}

// add takes in one result. It returns false when no output is left to write
// to. A kept one stands in the file that is resumed already.
func (out *outputs) add(r audit.Result, kept bool) bool {
	alive := false
	for _, s := range out.sinks {
		f, _ := s.w.(*file)
		if s.stream != nil && !s.failed && !(kept && f != nil && f.resumed != nil) && s.options.Shows(r) {
			out.note(s, s.stream(r))
		}
		alive = alive || !s.failed
	}
	return alive
}

// documents reports whether an output waits for all results.
func (out *outputs) documents() bool {
	return slices.ContainsFunc(out.sinks, func(s *sink) bool { return s.format.Document != nil })
}

// only are the verdicts that documents show; none means all.
func (out *outputs) only() []audit.Verdict { return out.sinks[0].options.Only }

// finish writes the documents, with the changes if there are any to tell, and
// closes the files. The error holds all that went wrong with any output since
// the start.
func (out *outputs) finish(shown []audit.Result, changes *report.Diff, all *report.Tally, meta report.Meta) error {
	for _, s := range out.sinks {
		switch {
		case s.failed:
		case s.end != nil:
			out.note(s, s.end(meta, all))
		case s.stream == nil:
			s.options.Since, s.options.Tally = changes, all
			out.note(s, s.write(shown, meta))
		}
		if s.close != nil && !s.failed {
			out.note(s, s.close())
		}
	}
	return errors.Join(out.errs...)
}

// write writes a whole document.
func (s *sink) write(shown []audit.Result, meta report.Meta) error {
	err := s.format.Document(s.w, shown, meta, s.options)
	if err != nil || s.options.Since == nil || s.format.Changes == nil {
		return err
	}
	if _, err := io.WriteString(s.w, "\n"); err != nil {
		return err
	}
	return s.format.Changes(s.w, *s.options.Since, meta, s.options)
}

// tellsChanges reports whether what goes to stdout says what changed.
func (out *outputs) tellsChanges() bool { return out.sinks[0].format.Changes != nil }

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

// isPipe knows that reader by the error of a file too; those of connections
// are of other types.
func isPipe(err error) bool {
	var path *fs.PathError
	return err == errPipe || errors.As(err, &path) && path.Err == syscall.EPIPE
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
	if target, err := os.Readlink(path); err == nil { // to nothing yet
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
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
