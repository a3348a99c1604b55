package main

import (
	"fmt"
	"strings"

	"hsts-check/audit"
	"hsts-check/internal/text"
)

// resume leaves in the input the sites that have no record of this run in a
// file. Nothing was written to any output yet. Of a file that is one, what fits
// no site is copied into another file first.
func (d *delivery) resume(name string, in *input, a *audit.Auditor, run *manifest, force bool) error {
	r, err := readResumed(name, a)
	if err != nil {
		return err
	}
	d.resumed, r.sink = r, d.out.resume(name, r)
	was, err := readManifest(name)
	if err != nil {
		return err
	}
	unlike := r.unlike(was, run)
	if in.known >= 0 {
		r.match(in.sites)
	}
	r.dropCut()
	if r.records > 0 && len(r.kept)+r.cut == 0 {
		if unlike == "" {
			unlike = "none of its records fits: " + r.others() + was.from()
		}
		if !force {
			return withHint(fmt.Errorf("cannot resume %s: %s", name, unlike), "%s", r.wayOut())
		}
		d.say("%s is not resumed: %s", name, unlike)
	}
	if err := r.setAside(); err != nil {
		return unwritable(asideOf(name), err)
	}
	if force && len(r.kept)+r.cut == 0 {
		r.end, r.unended, r.records = 0, false, 0 // all of it stands in the other file
	}
	d.tellResumed(in)
	in.sites = r.rest(in.sites)
	return nil
}

// tellResumed says what is kept, as far as that is known before the list ends.
func (d *delivery) tellResumed(in *input) {
	r := d.resumed
	switch {
	case r.in == nil:
		d.say("resuming %s: it does not exist yet", r.name)
	case in.known < 0:
		d.say("resuming %s: its %s records are matched with the sites as they come", r.name, text.Number(r.records))
	default:
		d.say("resuming %s: %s", r.name, r.told())
	}
	if in.known > 0 && len(r.kept) >= in.known {
		d.hint("no site is left to visit: a new survey takes a file and a --run of its own")
	}
}

// wayOut says what can be done about a file that does not fit.
func (r *resumed) wayOut() string {
	if r.sink == nil {
		return "name a file of this run, or leave out --resume"
	}
	return fmt.Sprintf("give this run a file of its own; or start anew with --force: what is in %s goes to %s", r.name, asideOf(r.name))
}

// told says how many records are kept and what the others are.
func (r *resumed) told() string {
	said := fmt.Sprintf("kept %s of %s", text.Number(len(r.kept)), text.Number(r.records))
	if others := r.others(); others != "" {
		return said + ": " + others
	}
	return said
}

// others says what the records are that are not kept.
func (r *resumed) others() string {
	var said []string
	say := func(n int, one, many string) {
		switch {
		case n == 1:
			said = append(said, "1 "+one)
		case n > 1:
			said = append(said, text.Number(n)+" "+many)
		}
	}
	say(r.unlisted, "is not on the list", "are not on the list")
	say(r.foreign, "is of another run", "are of another run")
	if r.aside > 0 {
		said[len(said)-1] += " (still in " + asideOf(r.name) + ")"
	}
	say(r.cut, "was cut short", "were cut short")
	say(r.older, "is older than another of its site", "are older than others of their sites")
	return strings.Join(said, ", ")
}

// finish puts the records of a complete run in the order of the list. Until
// then all that stood in the file is still there.
func (d *delivery) finishResumed(in *input) error {
	r := d.resumed
	switch {
	case r == nil:
		return nil
	case r.err != nil:
		return r.err
	case r.sink == nil || r.sink.failed:
		return nil
	}
	if in.known < 0 {
		r.dropUnlisted()
		if err := r.setAside(); err != nil {
			return unwritable(asideOf(r.name), err)
		}
		d.say("%s: %s", r.name, r.told())
	}
	if r.sorted && r.records+r.added == len(r.order) {
		return nil
	}
	if err := r.rewrite(); err != nil {
		return unwritable(r.name, err)
	}
	return nil
}

// unlike says why nothing in the file fits the run that its manifest is held
// against; "" where something may.
func (r *resumed) unlike(was, run *manifest) string {
	if was == nil || r.records == 0 {
		return ""
	}
	a, b := was.differs(run, "run", "vantage")
	if a == "" {
		return ""
	}
	r.foreign += len(r.kept)
	r.drop(func(stored) bool { return true })
	return fmt.Sprintf("it was made with %s, and this run has %s", a, b)
}
