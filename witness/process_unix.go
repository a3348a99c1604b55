//go:build unix

package witness

import (
	"os/exec"
	"syscall"
)

// leadGroup makes a browser the first of a process group: whatever it starts is in
// there, and is ended with it. A Ctrl-C in the terminal does not reach it, so that
// the visits under way may end.
func leadGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
