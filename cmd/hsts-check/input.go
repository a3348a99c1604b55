package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
	"hsts-check/lists"
	"hsts-check/visit"
)

// maxList is how much of a list file is read for checking, in bytes; a longer
// one is piped in.
const maxList = 256 << 20

// mostRepeats is how many sites that stand twice are told one by one.
const mostRepeats = 100

// Input is what is to be surveyed.
type input struct {
	sites     iter.Seq[audit.Site]
	known     int   // how many sites there are; -1 when only their end will tell
	elsewhere int   // sites of other shards that were read so far
	repeats   int   // sites that stand twice
	endless   bool  // the deadline came, and a stream did not end
	refused   error // a stream is no list
}

// input makes sites of the arguments. List files are read and checked whole;
// every fault of every one of them is in the error. What cannot be read twice
// is streamed.
func (p *program) input(ctx context.Context, args []string, how reading) (*input, error) {
	// Each line of a list leaves something behind, and its text may be long.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	all := new(input)
	if len(args) == 0 {
		sites := lists.Builtin()
		all.sites, all.known = slices.Values(sites), len(sites)
		how.shard.take(all)
		return all, nil
	}
	var parts []iter.Seq[audit.Site]
	var errs []error
	var streams []string
	once := &lists.Once{Tell: func(s audit.Site, before visit.Position) { all.repeat(p, s, before) }}
	for _, arg := range args {
		sites, known, stream, err := p.open(arg, how.columns, once)
		switch {
		case err != nil:
			errs = append(errs, err)
		case stream != nil:
			if how.slurp {
				stream = &slurped{Reader: stream}
			}
			reader := &lists.Reader{Columns: lists.Columns(how.columns), How: func(said string) { p.say("-: %s", said) }}
			parts = append(parts, all.listed(once.Of(all.watch(ctx, terms{}.stream(reader.Stream(stream)), how.end))))
			streams = append(streams, strconv.Quote(arg))
		default:
			parts = append(parts, sites)
			all.known += known
		}
	}
	if len(streams) > 1 {
		errs = append(errs, withHint(fmt.Errorf("%s: standard input or a pipe is read once, and one only", strings.Join(streams, " and ")), "join them first: cat A B | hsts-check -"))
	}
	if len(streams) > 0 {
		all.known = -1
	}
	all.sites = func(yield func(audit.Site) bool) {
		for _, part := range parts {
			for s := range part {
				if !yield(s) {
					return
				}
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if more := all.repeats - mostRepeats; more > 0 {
		p.say("%s more sites that stand twice: each counted once", text.Number(more))
	}
	how.shard.take(all)
	return all, nil
}

// repeat reports a site that has stood before.
func (in *input) repeat(p *program, s audit.Site, before visit.Position) {
	if in.repeats++; in.repeats > mostRepeats {
		return
	}
	at, where := s.URL, "an argument before"
	if s.Pos.Line > 0 {
		at = fmt.Sprintf("%s:%d", s.Pos.File, s.Pos.Line)
	}
	switch {
	case before.Line > 0 && before.File == s.Pos.File:
		where = fmt.Sprintf("line %d", before.Line)
	case before.Line > 0:
		where = fmt.Sprintf("%s:%d", before.File, before.Line)
	}
	p.say("%s: the same site as %s: counted once", at, where)
}

// listed ends a stream that turns out to be no list.
func (in *input) listed(sites iter.Seq[audit.Site]) iter.Seq[audit.Site] {
	return func(yield func(audit.Site) bool) {
		for s := range sites {
			if fault, bad := s.Fault.(lists.Fault); bad && fault.Line == 0 {
				in.refused = withHint(fault, kindsHint)
				return
			}
			if !yield(s) {
				return
			}
		}
	}
}

// complaint is what is wrong with an input of which so many sites were taken.
func (in *input) complaint(sites int) error {
	switch {
	case in.refused != nil:
		return in.refused
	case in.endless:
		return withHint(fmt.Errorf("standard input was still open %s after the deadline: what comes later is not in the results", patience),
			"the list has to end: cat LIST | hsts-check -")
	case sites+in.elsewhere == 0:
		return withHint(errors.New("no site was read"), "write one a line: a name and a URL, or a host name alone")
	}
	return nil
}

// open returns the sites of one argument and their number, or where they stream
// from: an existing path is a list, else it is a site.
func (p *program) open(arg string, columns columns, once *lists.Once) (sites iter.Seq[audit.Site], known int, stream io.Reader, err error) {
	if arg == "-" {
		return nil, 0, p.stdin, nil
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return nil, 0, nil, withHint(fmt.Errorf("%s is a directory, not a list", arg), "name the lists in it: %s", filepath.Join(arg, "*.txt"))
	case err == nil && !info.Mode().IsRegular():
		return nil, 0, &lateFile{name: arg}, nil
	case err == nil:
		list, err := p.readList(arg, columns, once)
		if err != nil {
			return nil, 0, nil, err
		}
		return list.All(), list.Sites, nil, nil
	case !errors.Is(err, os.ErrNotExist) || looksLikeFile(arg):
		return nil, 0, nil, withHint(fmt.Errorf("cannot read %s: %w", arg, cause(err)), argumentHint)
	}
	site, err := lists.Site(arg)
	switch {
	case err != nil:
		return nil, 0, nil, p.noSite(arg, err)
	case once.Again(site):
		return slices.Values([]audit.Site{}), 0, nil, nil
	}
	return slices.Values([]audit.Site{site}), 1, nil, nil
}

const argumentHint = "an argument is a list file, a URL, a host name, or - for standard input"

// noSite says why an argument is nothing that can be surveyed. A single word
// may have been meant as a command.
func (p *program) noSite(arg string, err error) error {
	if !isWord(arg) {
		return withHint(err, argumentHint)
	}
	if _, ok := p.commands()[arg]; ok {
		return withHint(fmt.Errorf("%q is a command and goes first", arg), "hsts-check %s --help says how", arg)
	}
	err = fmt.Errorf("%q is neither a command, a list file, nor a host name with a dot", arg)
	if name := nearest(arg, p.commandNames()); name != "" {
		return withHint(err, "did you mean hsts-check %s? For a host of that name write https://%s", name, arg)
	}
	return withHint(err, "the commands are %s; for a host of that name write https://%s", listed(p.commandNames()), arg)
}

// misspelt is the error of a first argument that is much like a command: what
// stands behind it is for that, and nothing to tell of. It is nil where the
// argument may be something else.
func (p *program) misspelt(arg string) error {
	if !isWord(arg) || nearest(arg, p.commandNames()) == "" {
		return nil
	}
	if _, err := os.Lstat(arg); err == nil {
		return nil
	}
	return p.noSite(arg, nil)
}

// isWord reports whether an argument may be meant as a command.
func isWord(arg string) bool {
	return !strings.HasPrefix(arg, "-") && !strings.ContainsFunc(arg, func(r rune) bool { return !('a' <= r && r <= 'z' || r == '-') })
}

// looksLikeFile tells a list that is missing from a host name, by a folder in
// its name or an ending that no host has.
func looksLikeFile(arg string) bool {
	if strings.Contains(arg, "://") {
		return false
	}
	return fileEndings[strings.ToLower(filepath.Ext(arg))] || strings.HasPrefix(arg, ".") || strings.HasPrefix(arg, "~") || filepath.IsAbs(arg)
}

// fileEndings are of files that people take for lists, and no top-level domains,
// as .md and .zip are.
var fileEndings = map[string]bool{
	".txt": true, ".text": true, ".csv": true, ".tsv": true, ".tab": true, ".list": true, ".lst": true, ".urls": true, ".hosts": true,
	".json": true, ".jsonl": true, ".ndjson": true, ".xml": true, ".opml": true, ".html": true, ".htm": true, ".markdown": true,
	".yml": true, ".yaml": true, ".toml": true, ".ini": true, ".conf": true, ".cfg": true, ".log": true, ".dat": true,
	".gz": true, ".zst": true, ".bz2": true, ".xz": true, ".tar": true, ".tgz": true, ".7z": true,
	".xls": true, ".xlsx": true, ".ods": true, ".doc": true, ".docx": true, ".odt": true, ".pdf": true, ".rtf": true, ".parquet": true,
}

const (
	listHint  = "a line is a name and a URL, or a host name alone; # begins a comment"
	kindsHint = "a list is lines of a name and a URL, CSV, JSON, links in Markdown, a sitemap, OPML or a hosts file"
)

// readList reads a list file whole and says how, unless it is of the own format.
func (p *program) readList(name string, columns columns, once *lists.Once) (*lists.List, error) {
	content, err := readText(name)
	if err != nil {
		return nil, err
	}
	l := (&lists.Reader{Columns: lists.Columns(columns)}).Check(content, name, once)
	hint := listHint
	if l.Said != "" {
		hint = fmt.Sprintf("%s: %s; --columns decides otherwise", name, l.Said)
	}
	ofTerms := make(terms)
	faults := l.Faults
	if l.Terms {
		faults = append(faults, ofTerms.faults(l.All())...)
		slices.SortStableFunc(faults, func(a, b lists.Fault) int { return cmp.Compare(a.Line, b.Line) })
	}
	var errs []error
	for _, f := range faults {
		switch {
		case ofTerms[f]:
			errs = append(errs, withHint(f, "%s", termsHint))
			continue
		case f.Line == 0:
			hint = kindsHint
		}
		errs = append(errs, withHint(f, "%s", hint))
	}
	if l.More > 0 {
		errs = append(errs, fmt.Errorf("%s: %s more faults", name, text.Number(l.More)))
	}
	switch {
	case len(errs) > 0:
	case l.Said == "" && len(columns) > 0:
		p.say("%s: --columns does nothing here: the list is lines of a name and a URL", name)
	case l.Said != "":
		p.say("%s: %s: %s", name, text.Plural(l.Sites, "site"), l.Said)
	}
	return l, errors.Join(errs...)
}

// readText reads a file into as much memory as it takes.
func readText(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, withHint(fmt.Errorf("cannot read %s: %w", name, cause(err)), argumentHint)
	}
	defer f.Close()
	var text bytes.Buffer
	if info, err := f.Stat(); err == nil && info.Size() <= maxList {
		text.Grow(int(info.Size()) + bytes.MinRead)
	}
	if _, err := text.ReadFrom(io.LimitReader(f, maxList+1)); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, cause(err))
	}
	if text.Len() > maxList {
		return nil, withHint(fmt.Errorf("%s is longer than %d MiB", name, maxList>>20), "stream it: hsts-check - < %s", name)
	}
	return text.Bytes(), nil
}

// A lateFile is opened by the first Read: to open a pipe may take until
// somebody writes to it.
type lateFile struct {
	name string
	*os.File
}

func (f *lateFile) Read(b []byte) (n int, err error) {
	if f.File == nil {
		if f.File, err = os.Open(f.name); err != nil {
			return 0, err
		}
	}
	return f.File.Read(b)
}
