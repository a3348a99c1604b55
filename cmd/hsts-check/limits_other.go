//go:build !unix

package main

// openFiles returns how many files the program may have open at once: as many
// as it likes, where the system has no such limit.
func openFiles() int { return 1 << 20 }

// takeWriteErrors has nothing to do where no signal stands for an error.
func takeWriteErrors() {}
