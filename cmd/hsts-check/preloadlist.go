package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/pflag"

	"hsts-check/preload"
)

// staleAfter is when a preload list is too old to go unremarked: it shrinks as
// well as grows, so an old one says "preloaded" of sites that were dropped.
const staleAfter = 180 * 24 * time.Hour

// Listing holds the flag that names the preload list.
type listing struct{ file string }

// listingHelp describes the flag that register adds.
const listingHelp = `      --preload-list FILE  in place of the newer of built-in and cached list
`

func (o *listing) register(f *pflag.FlagSet) {
	f.StringVar(&o.file, "preload-list", "", "")
}

// read returns the list of the flag, or else the newest of the user's cached
// copy and the one inside the program. A cached copy that cannot be read is
// told and passed over.
func (o *listing) read(p *program) (*preload.List, error) {
	if o.file != "" {
		list, err := readPreloadList(o.file)
		if err == nil {
			err = checkAge(list, time.Now())
		}
		if err != nil {
			return nil, withHint(fmt.Errorf("--preload-list: %w", err), "it takes Chromium's transport_security_state_static.json, or a copy that preload --update has made")
		}
		return list, nil
	}
	list := preload.Snapshot()
	name, err := cachedList()
	if err != nil {
		return list, nil // a user without a home has no copy
	}
	cached, err := readPreloadList(name)
	if err == nil {
		err = errors.Join(trusted(name), checkAge(cached, time.Now()))
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		p.complain(withHint(err, "it is not used; make it anew: hsts-check preload --update"))
	case cached.Date() > list.Date():
		return cached, nil
	}
	return list, nil
}

// othersWrite are the permissions of group and world to write.
const othersWrite = 0o022

// trusted makes sure that nobody else can write a cached file or put another in
// its place. Windows has no such permissions.
func trusted(name string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	for _, path := range []string{name, filepath.Dir(name)} {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if perm := info.Mode().Perm(); perm&othersWrite != 0 {
			return fmt.Errorf("%s can be written by others (permissions %04o): chmod go-w %s", path, perm, path)
		}
	}
	return nil
}

// checkAge refuses a list whose date cannot be right, or that is so old that
// most of what it says of some sites is not. A clock may be a day off.
func checkAge(list *preload.List, now time.Time) error {
	date, err := time.Parse(time.DateOnly, list.Date())
	switch today := now.UTC().Format(time.DateOnly); {
	case err != nil: // it has none
		return nil
	case date.After(now.Add(24 * time.Hour)):
		return fmt.Errorf("the list is dated %s, and today is %s: set the clock, or the list's date", list.Date(), today)
	case date.Before(now.AddDate(-1, 0, -1)):
		return fmt.Errorf("the list is of %s, and today is %s: it is more than a year old", list.Date(), today)
	}
	return nil
}

// readPreloadList reads a list file. Where it bears no date, that of the file
// is taken.
func readPreloadList(name string) (*preload.List, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	date := ""
	if info, err := f.Stat(); err == nil {
		date = info.ModTime().UTC().Format(time.DateOnly)
	}
	list, err := preload.Parse(f, date)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// cachedList is where the user's copy of the list is.
func cachedList() (string, error) {
	folder, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, "hsts-check", "preload-list.gz"), nil
}

// remarkAge hints at a list that is long out of date, where it says of a site
// that it is preloaded.
func (d *delivery) remarkAge(now time.Time) {
	date, err := time.Parse(time.DateOnly, d.preloads.Date())
	if d.preloaded && err == nil && now.Sub(date) > staleAfter {
		d.hint("the preload list is of %s, and sites leave it: hsts-check preload --update", d.preloads.Date())
	}
}
