package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"hsts-check/audit"
	"hsts-check/lists"
)

// maxList is how much of a list file is read for checking, in bytes; a longer
// one is piped in.
const maxList = 256 << 20

// mostFaults is how many faults of one list are told: a file that is no list
// has one a line.
const mostFaults = 100

// Input is what is to be surveyed.
type input struct {
	sites     iter.Seq[audit.Site]
	known     int  // how many sites there are; -1 when only their end will tell
	elsewhere int  // sites of other shards that were read so far
	endless   bool // the deadline came, and a stream did not end
}

// input makes sites of the arguments. List files are read and checked whole;
// every fault of every one of them is in the error. What cannot be read twice
// is streamed.
func (p *program) input(ctx context.Context, args []string, how reading) (*input, error) {
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
	for _, arg := range args {
		sites, stream, err := p.open(arg)
		switch {
		case err != nil:
			errs = append(errs, err)
			continue
		case stream != nil:
			if how.slurp {
				stream = &slurped{Reader: stream}
			}
			parts = append(parts, all.watch(ctx, terms{}.stream(lists.Stream(stream)), how.end))
			streams = append(streams, strconv.Quote(arg))
		default:
			parts = append(parts, slices.Values(sites))
		}
		all.known += len(sites)
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
	how.shard.take(all)
	return all, nil
}

// complaint is what is wrong with an input of which so many sites were taken.
func (in *input) complaint(sites int) error {
	switch {
	case in.endless:
		return withHint(fmt.Errorf("standard input was still open %s after the deadline: what comes later is not in the results", patience),
			"the list has to end: cat LIST | hsts-check -")
	case sites+in.elsewhere == 0:
		return withHint(errors.New("no site was read"), "write one a line: a name and a URL, or a host name alone")
	}
	return nil
}

// open makes sites of one argument, or finds where they stream from: an existing
// path is a list, else it is a site.
func (p *program) open(arg string) (sites []audit.Site, stream io.Reader, err error) {
	if arg == "-" {
		return nil, p.stdin, nil
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return nil, nil, withHint(fmt.Errorf("%s is a directory, not a list", arg), "name the lists in it: %s", filepath.Join(arg, "*.txt"))
	case err == nil && !info.Mode().IsRegular():
		return nil, &lateFile{name: arg}, nil
	case err == nil:
		sites, err = readList(arg)
		return sites, nil, err
	case !errors.Is(err, os.ErrNotExist) || looksLikeFile(arg):
		return nil, nil, withHint(fmt.Errorf("cannot read %s: %w", arg, cause(err)), argumentHint)
	}
	site, err := lists.Site(arg)
	if err != nil {
		return nil, nil, p.noSite(arg, err)
	}
	return []audit.Site{site}, nil, nil
}

const argumentHint = "an argument is a list file, a URL, a host name, or - for standard input"

// noSite says why an argument is nothing that can be surveyed. A single word
// may have been meant as a command.
func (p *program) noSite(arg string, err error) error {
	if strings.ContainsFunc(arg, func(r rune) bool { return !('a' <= r && r <= 'z' || r == '-') }) {
		return withHint(err, argumentHint)
	}
	if _, ok := p.commands()[arg]; ok {
		return withHint(fmt.Errorf("%q is a command and goes first", arg), "hsts-check %s --help says how", arg)
	}
	return withHint(fmt.Errorf("%q is no command, no list file, and no host name with a dot", arg),
		"the commands are %s; for a host of that name write https://%s",
		strings.Join(slices.Sorted(maps.Keys(p.commands())), ", "), arg)
}

// looksLikeFile tells a list that is missing from a host name, by a folder in
// its name or an ending that no host has.
func looksLikeFile(arg string) bool {
	if strings.Contains(arg, "://") {
		return false
	}
	switch strings.ToLower(filepath.Ext(arg)) {
	case ".txt", ".csv", ".tsv", ".list", ".lst", ".json", ".ndjson", ".xml", ".html":
		return true
	}
	return strings.HasPrefix(arg, ".") || strings.HasPrefix(arg, "~") || filepath.IsAbs(arg)
}

func readList(name string) ([]audit.Site, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, withHint(fmt.Errorf("cannot read %s: %w", name, cause(err)), argumentHint)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxList+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, cause(err))
	}
	if len(text) > maxList {
		return nil, withHint(fmt.Errorf("%s is longer than %d MiB", name, maxList>>20), "stream it: hsts-check - < %s", name)
	}
	sites, faults := lists.Parse(bytes.NewReader(text), name)
	ofTerms := make(terms)
	faults = append(faults, ofTerms.faults(sites)...)
	slices.SortStableFunc(faults, func(a, b lists.Fault) int { return cmp.Compare(a.Line, b.Line) })
	var errs []error
	for _, f := range faults[:min(len(faults), mostFaults)] {
		hint := "a line is a name and a URL, or a host name alone; # begins a comment"
		if ofTerms[f] {
			hint = termsHint
		}
		errs = append(errs, withHint(f, "%s", hint))
	}
	if more := len(faults) - mostFaults; more > 0 {
		errs = append(errs, fmt.Errorf("%s: %d more faults", name, more))
	}
	return sites, errors.Join(errs...)
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
