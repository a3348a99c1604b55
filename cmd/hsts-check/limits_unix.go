//go:build unix

package main

import "syscall"

// openFiles returns how many files the program may have open at once; the Go
// runtime has raised it to what the system allows.
func openFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > 1<<20 {
		return 1 << 20
	}
	return int(limit.Cur)
}
