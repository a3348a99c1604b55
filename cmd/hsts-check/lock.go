package main

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/gofrs/flock"
)

// A lock keeps all runs but one from an output. The system lets go of it when
// the run ends, however that ends; its file is removed by the run itself, or by
// the next one.
//
// The library is flock, for it is what Go programs use where others than Unix
// matter. It leaves the file of a lock to its caller.
type lock struct {
	*flock.Flock
	own bool // the file is the lock's, and not the output itself
}

var errLocked = errors.New("another run of hsts-check is writing it")

// lockOutput takes the lock of an output. Where the folder takes no new file,
// an output that exists is its own lock. It returns nil where the file system
// knows no locks.
func lockOutput(path string) (*lock, error) {
	l := &lock{flock.New(path+".lock", flock.SetPermissions(0o666)), true}
	for {
		got, err := l.TryLock()
		switch {
		case errors.Is(err, fs.ErrPermission) && l.own:
			if info, statErr := os.Stat(path); statErr != nil || !info.Mode().IsRegular() {
				return nil, err
			}
			l = &lock{flock.New(path), false}
			continue
		case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK):
			return nil, nil
		case err != nil:
			return nil, err
		case !got:
			return nil, errLocked
		}
		if l.isThere() {
			return l, nil
		}
		l.Unlock()
	}
}

// isThere reports whether what is locked still stands in the folder: a run that
// ended in between has removed it, and the next one made it anew.
func (l *lock) isThere() bool {
	locked, err := l.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(l.Path())
	return err == nil && os.SameFile(locked, there)
}

// isFile reports whether the output is its own lock.
func (l *lock) isFile() bool { return l != nil && !l.own }

// perm returns the permissions that the user's umask gives to a new file, as the
// lock's has got them.
func (l *lock) perm() fs.FileMode {
	if l != nil && l.own {
		if info, err := l.Stat(); err == nil {
			return info.Mode().Perm()
		}
	}
	return 0o600
}

// release lets the output go. Where an open file can be removed, nobody else
// can have taken the lock by then; elsewhere it is removed after.
func (l *lock) release() {
	if l == nil {
		return
	}
	removed := !l.own || os.Remove(l.Path()) == nil
	l.Unlock()
	if !removed {
		os.Remove(l.Path())
	}
}
