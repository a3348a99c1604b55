//go:build unix && !linux

package witness

import "syscall"

func dieWithParent(*syscall.SysProcAttr) {}
