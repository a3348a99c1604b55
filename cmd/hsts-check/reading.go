package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"hsts-check/audit"
)

// Reading holds the flags that say which sites are taken, and till when.
type reading struct {
	columns  columns
	shard    shard
	slurp    bool
	deadline seconds
	end      time.Time // of the whole run, by deadline; zero for none
}

func (o *reading) register(f *pflag.FlagSet) {
	o.columns = make(columns)
	f.Var(o.columns, "columns", "")
	f.Var(&o.shard, "shard", "")
	f.BoolVar(&o.slurp, "slurp", false, "")
	f.Var(&o.deadline, "deadline", "")
	f.Lookup("deadline").DefValue = "" // none
}

// start begins to count the time of the run.
func (o *reading) start(f *pflag.FlagSet) error {
	if !f.Changed("deadline") {
		return nil
	}
	if o.deadline <= 0 {
		return withHint(fmt.Errorf("--deadline is %s: it takes more than 0", o.deadline.String()), "leave it out for none")
	}
	o.end = time.Now().Add(time.Duration(o.deadline))
	return nil
}

// A shard is one of count parts of all sites: those whose ID, as a number,
// leaves the remainder index. So each site is in one shard, the same for
// whoever has the list. The zero value is all of them.
type shard struct{ index, count uint64 }

func (s *shard) Type() string { return "shard" }

func (s *shard) String() string {
	if s.count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.index, s.count)
}

func (s *shard) Set(text string) error {
	before, after, _ := strings.Cut(text, "/")
	index, errIndex := strconv.ParseUint(before, 10, 32)
	count, errCount := strconv.ParseUint(after, 10, 32)
	switch {
	case errIndex != nil || errCount != nil:
		return errors.New("write I/N: 0/4 is the first of four shards, 3/4 the last")
	case count == 0:
		return errors.New("there is no shard of 0: 0/1 is all sites")
	case index >= count:
		return fmt.Errorf("shards are counted from 0: the last of %d is %d/%d", count, count-1, count)
	}
	s.index, s.count = index, count
	return nil
}

// has reports whether a site falls in the shard. Where the input itself broke off,
// each shard has to say so.
func (s *shard) has(site audit.Site) bool {
	if s.count == 0 || site.Fault != nil && site.Name == "" && site.URL == "" {
		return true
	}
	id, err := strconv.ParseUint(site.ID(), 16, 64)
	if err != nil {
		panic(err) // an ID is 64 bits
	}
	return id%s.count == s.index
}

// take leaves in the input the sites of the shard.
func (s *shard) take(in *input) {
	if s.count == 0 {
		return
	}
	all := in.sites
	in.sites = func(yield func(audit.Site) bool) {
		for site := range all {
			if !s.has(site) {
				in.elsewhere++
			} else if !yield(site) {
				return
			}
		}
	}
	if in.known >= 0 { // then they can be read twice
		in.known = 0
		for range in.sites {
			in.known++
		}
	}
}

// A slurped reader reads all there is before it gives anything away.
type slurped struct {
	io.Reader
	text *bytes.Reader // nil before the first Read
	err  error
}

func (s *slurped) Read(b []byte) (int, error) {
	if s.text == nil {
		text, err := io.ReadAll(s.Reader)
		s.text, s.err = bytes.NewReader(text), err
	}
	if n, _ := s.text.Read(b); n > 0 {
		return n, nil
	}
	if s.err != nil {
		return 0, s.err
	}
	return 0, io.EOF
}

// patience is how long after the deadline a stream may be silent before it is
// taken to have no end.
const patience = 3 * time.Second

// watch ends a stream of sites that may block when the run does: when it is
// interrupted, or when, after the deadline, nothing comes any more. What it is
// blocked in is left to the end of the program.
func (in *input) watch(ctx context.Context, sites iter.Seq[audit.Site], end time.Time) iter.Seq[audit.Site] {
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
		var silent <-chan time.Time
		for {
			if !end.IsZero() {
				silent = time.After(max(time.Until(end), 0) + patience)
			}
			select {
			case s, ok := <-next:
				if !ok || !yield(s) {
					return
				}
			case <-ctx.Done():
				return
			case <-silent:
				in.endless = true
				return
			}
		}
	}
}
