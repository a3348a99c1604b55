package witness

import "syscall"

// dieWithParent has the kernel end the browser when this program ends, however
// that comes. Elsewhere Chromium ends by itself when its pipe is closed.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
