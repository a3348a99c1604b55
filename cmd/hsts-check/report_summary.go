package main

import (
	"hash/maphash"
	"os"

	"hsts-check/audit"
)

// streams reports whether the numbers alone are asked for, of files that can be
// read twice: then no record need be kept.
func (o *writing) streams(by gating, expect string, names []string) bool {
	if o.format != "summary" || len(o.files) > 0 || by.baseline != "" || expect != "" {
		return false
	}
	for _, name := range names {
		if info, err := os.Stat(name); name == "-" || err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// A recordIndex knows which records count: of several of one site the newest.
type recordIndex struct {
	seed maphash.Seed
	// newest are the records that count so far, by a hash of their sites' IDs: two of
	// a hundred million share one in one run of some thousand.
	newest map[uint64]indexed
	// places: sites were seen from several places, so that a site's verdict is made
	// of several records.
	places  bool
	vantage string
	records int
}

// An indexed record is the one that counts so far.
type indexed struct {
	at        int // its number among all records
	checked   int64
	cancelled bool
}

// add takes in the next record.
func (x *recordIndex) add(r audit.Result) {
	if x.records == 0 {
		x.vantage = r.Vantage
	}
	x.places = x.places || r.Vantage != x.vantage
	key := maphash.String(x.seed, r.ID)
	now := indexed{x.records, r.CheckedAt.UnixNano(), r.Cancelled()}
	x.records++
	if old, ok := x.newest[key]; ok && (now.cancelled && !old.cancelled || now.cancelled == old.cancelled && now.checked < old.checked) {
		return
	}
	x.newest[key] = now
}

// counts returns which records count, by their number.
func (x *recordIndex) counts() []bool {
	counts := make([]bool, x.records)
	for _, r := range x.newest {
		counts[r.at] = true
	}
	return counts
}

// reportSummary writes the numbers of saved results. It is not done where all
// records are needed after all.
func (p *program) reportSummary(what writing, by gating, names []string) (status int, done bool, err error) {
	d, err := p.delivery(what, by)
	if err != nil {
		return 0, true, err
	}
	defer d.out.release()
	if err := d.out.open(nil); err != nil {
		return 0, true, err
	}
	done, err = p.summed(d, names)
	if !done || err != nil {
		return 0, done, err
	}
	return d.close(d.finish()), true, nil
}

// summed reads the files twice, first for which records count, and gives those to
// the outputs one by one. It is false where all records are needed after all.
func (p *program) summed(d *delivery, names []string) (done bool, err error) {
	x := recordIndex{seed: maphash.MakeSeed(), newest: make(map[uint64]indexed)}
	for _, name := range names {
		if err := p.eachSaved(name, false, func(error) {}, x.add); err != nil || x.places {
			return false, nil // the other way tells of it
		}
	}
	counts, at := x.counts(), 0
	x.newest = nil
	for _, name := range names {
		err := p.eachSaved(name, false, p.complain, func(r audit.Result) {
			if counts[at] {
				d.add(r.Rejudge(p.preloads))
			}
			at++
		})
		if err != nil {
			return true, err
		}
	}
	return true, nil
}
