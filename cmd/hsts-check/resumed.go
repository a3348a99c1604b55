package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strconv"
	"sync"

	"hsts-check/audit"
	"hsts-check/report"
)

// A resumed file holds records of a run that ended early. Those that fit are
// kept and their sites not visited again, wherever they stand in it and in the
// list.
//
// Where the file is an output too, no record leaves it before a whole new file
// can take its place: what comes is added at its end, and when the run is
// complete, and not before, the file is written anew in the order of the list.
// What fits no site is copied into another file first, see [resumed.setAside].
type resumed struct {
	name, path string
	sink       *sink // the output that it is too; nil where it is only read
	auditor    *audit.Auditor
	in         *os.File // nil where there is no such file

	kept     map[uint64]*stored // by the ID of the site
	misfits  []stored           // of no site, or of another run
	unlisted int                // of the misfits, of no site
	foreign  int                // of the misfits, of another run
	aside    int                // of the misfits, those that are set aside
	cut      int                // were cancelled: their sites are visited again
	older    int                // have a newer one of the same site
	records  int                // all of these
	end      int64              // of the last record
	unended  bool               // the last line lacks its end

	next func() (audit.Site, bool)
	stop func()

	mu    sync.Mutex
	turns []turn // sites of which no result was delivered yet

	size   int64    // of the output, with what was added
	added  int      // records that were
	order  []placed // of the records delivered, in the order of the list
	sorted bool     // they stand in the file in that order
	err    error    // why a record could not be read again
}

// A stored record is a line of the file.
type stored struct {
	start, end int64
	checked    int64 // nanoseconds
	cut        bool  // the visit was cancelled
	listed     bool  // its site is to be surveyed
}

// A placed record is a line of the output.
type placed struct {
	start, end int64
	moved      *entry // what the list says of its site now; nil where it says so
}

// A turn is a site that comes next: to be visited, or with a kept record.
type turn struct {
	kept  *stored // nil for a visit
	entry entry
}

// An entry is what a list says of a site that is no part of its ID.
type entry struct {
	pos   audit.Position
	terms *audit.Terms // nil for none
}

// readResumed reads the file and notes where its records are. A file that is
// not there has none.
func readResumed(name string, a *audit.Auditor) (*resumed, error) {
	r := &resumed{name: name, auditor: a, kept: make(map[uint64]*stored), sorted: true}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot resume %s: %w", name, cause(err))
	}
	r.in = f
	in := report.NewReader(f)
	for {
		result, err := in.Next()
		switch {
		case len(in.TooLong) > 0: // to put the file in order would lose that line
			f.Close()
			return nil, withHint(fmt.Errorf("cannot resume %s: line %d is too long for a record", name, in.TooLong[0]), "take the line out, or name another file")
		case err == io.EOF, errors.Is(err, report.ErrTorn):
			r.end, r.unended = in.End, in.Unended
			return r, nil
		case err != nil:
			f.Close()
			return nil, withHint(fmt.Errorf("cannot resume %s: %w", name, cause(err)), savedHint)
		}
		r.note(result, stored{start: in.Start, end: in.End, checked: result.CheckedAt.UnixNano(), cut: result.Cancelled()})
	}
}

// note takes in one record of the file. Of several of one site that counts
// which [report.Merge] would take.
func (r *resumed) note(result audit.Result, s stored) {
	r.records++
	id, err := strconv.ParseUint(result.ID, 16, 64)
	if err != nil || result.Run != r.auditor.Run || result.Vantage != r.auditor.Vantage {
		r.foreign++
		r.misfits = append(r.misfits, s)
		return
	}
	was := r.kept[id]
	if was == nil {
		r.kept[id] = &s
		return
	}
	r.older++
	if s.cut && !was.cut || s.cut == was.cut && s.checked < was.checked {
		return
	}
	*was = s
}

// match takes out what is of none of the sites.
func (r *resumed) match(sites iter.Seq[audit.Site]) {
	for site := range sites {
		if s := r.kept[number(site)]; s != nil {
			s.listed = true
		}
	}
	r.dropUnlisted()
}

// dropUnlisted takes out the records that no site was matched with.
func (r *resumed) dropUnlisted() {
	n := len(r.kept)
	r.drop(func(s stored) bool { return !s.listed })
	r.unlisted += n - len(r.kept)
}

// drop makes misfits of kept records.
func (r *resumed) drop(which func(stored) bool) {
	for id, s := range r.kept {
		if which(*s) {
			r.misfits = append(r.misfits, *s)
			delete(r.kept, id)
		}
	}
}

// number is a site's ID, which is 64 bits.
func number(s audit.Site) uint64 {
	id, err := strconv.ParseUint(s.ID(), 16, 64)
	if err != nil {
		panic(err)
	}
	return id
}

// count returns how many sites are kept, as far as that is known.
func (r *resumed) count() int {
	if r == nil {
		return 0
	}
	return len(r.kept)
}

// dropCut gives up the records of visits that were cut short: their sites are
// visited again.
func (r *resumed) dropCut() {
	for id, s := range r.kept {
		if s.cut {
			r.cut++
			delete(r.kept, id)
		}
	}
}

// rest yields the sites that are to be visited, and notes the turns of all.
func (r *resumed) rest(sites iter.Seq[audit.Site]) iter.Seq[audit.Site] {
	r.next, r.stop = iter.Pull(sites)
	return func(yield func(audit.Site) bool) {
		for {
			site, ok := r.next()
			if !ok || r.turn(site) == nil && !yield(site) {
				return
			}
		}
	}
}

// turn notes that a site is next, and returns its record if it has one.
func (r *resumed) turn(site audit.Site) *stored {
	kept := r.kept[number(site)]
	if kept != nil {
		kept.listed = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turns = append(r.turns, turn{kept, entry{site.Pos, site.Terms}})
	return kept
}

// upTo returns the turns before the next visit, and drops that one's.
func (r *resumed) upTo() []turn {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := slices.IndexFunc(r.turns, func(t turn) bool { return t.kept == nil })
	kept, rest := r.turns, []turn(nil)
	if n >= 0 {
		kept, rest = r.turns[:n], r.turns[n+1:]
	}
	r.turns = rest
	return kept
}

// between yields kept records and the results of a survey of the rest, in the
// order of the list, and says which are kept. When the survey is interrupted,
// it still yields what is kept of the sites after.
func (r *resumed) between(survey iter.Seq[audit.Result]) iter.Seq2[audit.Result, bool] {
	return func(yield func(audit.Result, bool) bool) {
		if r == nil {
			for result := range survey {
				if !yield(result, false) {
					return
				}
			}
			return
		}
		defer r.stop()
		for result := range survey {
			if !r.deliver(r.upTo(), yield) {
				return
			}
			start := r.size
			if !yield(result, false) {
				return
			}
			r.place(placed{start, r.size, nil})
		}
		for {
			if !r.deliver(r.upTo(), yield) {
				return
			}
			if len(r.turns) > 0 {
				continue
			}
			site, more := r.next()
			if !more {
				return
			}
			r.turn(site)
		}
	}
}

// deliver yields kept records.
func (r *resumed) deliver(kept []turn, yield func(audit.Result, bool) bool) bool {
	for _, t := range kept {
		result, err := r.record(t.kept.start, t.kept.end)
		if err != nil {
			r.err = fmt.Errorf("cannot read %s again: %w", r.name, cause(err))
			return false
		}
		at := placed{t.kept.start, t.kept.end, nil}
		if !t.entry.isOf(result) {
			at.moved, r.sorted = &t.entry, false
			t.entry.write(&result)
		}
		r.place(at)
		if !yield(result.Rejudge(r.auditor.Preload), true) {
			return false
		}
	}
	return true
}

// place notes where in the output the record of the next site of the list is.
func (r *resumed) place(at placed) {
	if r.sink == nil {
		return
	}
	if n := len(r.order); n > 0 && r.order[n-1].end > at.start {
		r.sorted = false
	}
	r.order = append(r.order, at)
}

// record reads one record again.
func (r *resumed) record(start, end int64) (audit.Result, error) {
	result, err := report.NewReader(io.NewSectionReader(r.in, start, end-start)).Next()
	return result, err
}

// isOf reports whether a result says the same of its site.
func (e entry) isOf(result audit.Result) bool {
	again := result
	e.write(&again)
	if (again.Source == nil) != (result.Source == nil) || again.Source != nil && *again.Source != *result.Source {
		return false
	}
	was, errWas := json.Marshal(result.Terms) // the lines of terms are not in a record
	is, errIs := json.Marshal(again.Terms)
	return errWas == nil && errIs == nil && bytes.Equal(was, is)
}

// write makes a result say what the list says.
func (e entry) write(result *audit.Result) {
	result.Source, result.Terms = nil, audit.Terms{}
	if e.pos != (audit.Position{}) {
		result.Source = &e.pos
	}
	if e.terms != nil {
		result.Terms = *e.terms
	}
}
