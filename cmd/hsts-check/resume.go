package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"hsts-check/audit"
	"hsts-check/report"
)

// resume delivers the records that a file begins with, as far as they are of
// the sites, in their order, and of this run; it returns the sites that are
// left, and what is to be called when they are done with. A file that is an
// output too is cut behind those records. Until then nothing in it is touched,
// and what is kept never is. A file that is not there keeps nothing.
func (d *delivery) resume(name string, sites iter.Seq[audit.Site], a *audit.Auditor) (rest iter.Seq[audit.Site], done func(), err error) {
	next, done := iter.Pull(sites)
	f, err := os.Open(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, done, fmt.Errorf("cannot resume %s: %w", name, cause(err))
	}
	var end int64
	site, more := next()
	if err == nil {
		defer f.Close()
		in := report.NewReader(f)
		for more {
			r, err := in.Next()
			if err != nil && err != io.EOF && !errors.Is(err, report.ErrTorn) {
				return nil, done, withHint(fmt.Errorf("cannot resume %s: %w", name, err), savedHint)
			}
			if err != nil || in.End == end || !sameSite(r, site, a) || !d.keep(r.Rejudge(a.Preload)) {
				break
			}
			end = in.End
			site, more = next()
		}
	}
	d.say("resuming %s: %s kept", name, count(d.sites, -1))
	return from(site, more, next), done, d.out.cut(end)
}

// sameSite reports whether a record is a site's, of this run, and final.
func sameSite(r audit.Result, s audit.Site, a *audit.Auditor) bool {
	return r.ID == s.ID() && r.Run == a.Run && r.Vantage == a.Vantage && !r.Cancelled()
}

// from yields a site, if there is one, and those that come next.
func from(site audit.Site, more bool, next func() (audit.Site, bool)) iter.Seq[audit.Site] {
	return func(yield func(audit.Site) bool) {
		for more && yield(site) {
			site, more = next()
		}
	}
}

// cut drops what follows the kept records in outputs that are resumed.
func (out *outputs) cut(offset int64) error {
	return out.files(func(f *file) error { return f.cut(offset) })
}
