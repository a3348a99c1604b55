//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// openFiles returns how many files the program may have open at once; the Go
// runtime has raised it to what the system allows.
func openFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > 1<<20 {
		return 1 << 20
	}
	return int(limit.Cur)
}

// takeWriteErrors makes a write past the size that files may have an error
// like that of a full disk, and one to a pipe that nobody reads an error like
// others: neither ends the program before its other outputs are written.
func takeWriteErrors() { signal.Ignore(syscall.SIGXFSZ, syscall.SIGPIPE) }
