package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hsts-check/audit"
	"hsts-check/lists"
)

// maxList is how much of a list file is read for checking, in bytes; a longer
// one is piped in.
const maxList = 256 << 20

// Input is what is to be surveyed.
type input struct {
	sites iter.Seq[audit.Site]
	known int // how many sites there are; -1 when only their end will tell
}

// input makes sites of the arguments. List files are read and checked whole;
// every fault of every one of them is in the error. What cannot be read twice
// is streamed.
func (p *program) input(ctx context.Context, args []string) (input, error) {
	if len(args) == 0 {
		sites := lists.Builtin()
		return input{slices.Values(sites), len(sites)}, nil
	}
	var all input
	var parts []iter.Seq[audit.Site]
	var errs []error
	streams := 0
	for _, arg := range args {
		sites, stream, err := p.open(ctx, arg)
		switch {
		case err != nil:
			errs = append(errs, err)
			continue
		case stream != nil:
			parts = append(parts, stream)
			streams++
		default:
			parts = append(parts, slices.Values(sites))
		}
		all.known += len(sites)
	}
	if streams > 1 {
		errs = append(errs, errors.New("standard input and pipes are read in one stream: name one of them"))
	}
	if streams > 0 {
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
	return all, errors.Join(errs...)
}

// open makes sites, or a stream of them, of one argument: an existing path is
// a list, else it is a site.
func (p *program) open(ctx context.Context, arg string) (sites []audit.Site, stream iter.Seq[audit.Site], err error) {
	if arg == "-" {
		return nil, watch(ctx, lists.Stream(p.stdin)), nil
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return nil, nil, withHint(fmt.Errorf("%s is a directory, not a list", arg), "name the lists in it: %s", filepath.Join(arg, "*.txt"))
	case err == nil && !info.Mode().IsRegular():
		f, err := os.Open(arg)
		if err != nil {
			return nil, nil, err
		}
		return nil, watch(ctx, lists.Stream(f)), nil
	case err == nil:
		sites, err = readList(arg)
		return sites, nil, err
	case !errors.Is(err, os.ErrNotExist) || looksLikeFile(arg):
		return nil, nil, withHint(fmt.Errorf("cannot read the list: %w", err), "an argument is a list file, a URL, a host name, or - for standard input")
	}
	site, err := lists.Site(arg)
	if err != nil {
		return nil, nil, fmt.Errorf("%s is no list file, and as a site: %w", arg, err)
	}
	if !strings.Contains(arg, "://") && !strings.Contains(arg, ".") && site.Name != "localhost" {
		return nil, nil, withHint(fmt.Errorf("%q is no list file, no command, and no host name with a dot", arg), "for a host of the local network write https://%s/", arg)
	}
	return []audit.Site{site}, nil, nil
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
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxList+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxList {
		return nil, withHint(fmt.Errorf("%s is longer than %d MiB", name, maxList>>20), "stream it: hsts-check - < %s", name)
	}
	sites, faults := lists.Parse(bytes.NewReader(text), name)
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = f
	}
	return sites, errors.Join(errs...)
}

// watch ends a sequence that may block when ctx does. What it is blocked in is
// left to the end of the program.
func watch(ctx context.Context, sites iter.Seq[audit.Site]) iter.Seq[audit.Site] {
	return func(yield func(audit.Site) bool) {
		next := make(chan audit.Site)
		go func() {
			defer close(next)
			for s := range sites {
				select {
				case next <- s:
				case <-ctx.Done():
					return
				}
			}
		}()
		for {
			select {
			case s, ok := <-next:
				if !ok || !yield(s) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}
