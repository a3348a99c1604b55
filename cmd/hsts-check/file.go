package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/sys/atomicwriter"
)

// A file is an output file. A whole one is gathered and replaces what was
// there on Close; another grows with each Write. What is not a regular file,
// as a device, is only ever written to.
type file struct {
	path    string
	whole   bool
	lock    *lock
	perm    fs.FileMode
	text    bytes.Buffer
	growing *os.File // nil for a whole one
	resumed *resumed // what is in it and stays; nil where it begins anew
	records bool     // it takes records, so a manifest may stand beside it
}

// check makes sure that the file can be written and that no other run does, and
// changes nothing yet: it may be that another one cannot. What is not a regular
// file stays open, since a pipe is opened but once.
func (f *file) check() error {
	info, err := os.Stat(f.path)
	switch {
	case err != nil:
		return f.take()
	case info.IsDir():
		return errors.New("it is a directory")
	}
	existing, err := os.OpenFile(f.path, os.O_WRONLY, 0)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		f.whole, f.records, f.growing = false, false, existing
		return nil
	}
	existing.Close()
	f.perm = info.Mode().Perm()
	return f.take()
}

// take locks the file. The file of the lock shows whether the folder takes a
// new one, and what permissions that gets. What runs that were killed have left
// beside the file is removed.
func (f *file) take() (err error) {
	if f.lock, err = lockOutput(f.path); err != nil {
		return err
	}
	if f.whole && f.lock.isFile() {
		return fs.ErrPermission
	}
	if f.perm == 0 {
		f.perm = f.lock.perm()
	}
	removeLeft(f.path)
	return nil
}

// removeLeft removes the temporary files that atomicwriter has left of a file
// where the program was killed. Who calls it has the file's lock.
func removeLeft(path string) {
	folder := filepath.Dir(path)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		for _, of := range []string{path, manifestOf(path), asideOf(path)} {
			number, ok := strings.CutPrefix(e.Name(), ".tmp-"+filepath.Base(of))
			if ok && number != "" && strings.Trim(number, "0123456789") == "" {
				os.Remove(filepath.Join(folder, e.Name()))
			}
		}
	}
}

// open makes a growing file ready for what comes first, and empties it unless
// it goes on with what is in it. Only then it is the run's, and a manifest says
// so: at any time what is in the file is of the run that the manifest names.
func (f *file) open(run *manifest) (err error) {
	switch {
	case f.whole || f.growing != nil:
		return nil
	case f.resumed != nil:
		f.growing, err = f.resumed.open()
	default:
		f.growing, err = os.Create(f.path)
	}
	if err == nil && f.records {
		err = run.write(f.path, f.perm)
	}
	return err
}

func (f *file) Write(b []byte) (int, error) {
	if f.whole {
		return f.text.Write(b)
	}
	n, err := f.growing.Write(b)
	if f.resumed != nil {
		f.resumed.wrote(n)
	}
	return n, err
}

// Close puts the file in its place.
func (f *file) Close() error {
	if f.whole {
		return atomicwriter.WriteFile(f.path, f.text.Bytes(), f.perm)
	}
	return f.growing.Close()
}
