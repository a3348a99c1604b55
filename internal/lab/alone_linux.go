package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// aloneVar is set in the environment of a process that Alone has started, to the
// namespaces of the process that did.
const aloneVar = "HSTS_CHECK_LAB_ALONE"

// aloneTimeout bounds such a process. It is far more than any test takes, and for
// one that hangs.
const aloneTimeout = 4 * time.Minute

// Alone reports whether this process is one that Alone has started. If not, it
// runs the test that calls it once more, in a process with a network of its own
// where nothing but loopback is, with all ports free, and with an own /etc/hosts,
// /tmp and process numbers: whatever the test leaves behind ends with it. The
// caller has then only to return. Where the machine does not permit that, the
// test is skipped with the reason, and fails if HSTS_CHECK_REQUIRE_PROGRAMS is
// set to 1.
func Alone(t Test) bool {
	t.Helper()
	spaces, err := namespaces()
	if err != nil {
		t.Fatal(err)
	}
	if outer := os.Getenv(aloneVar); outer != "" {
		if err := settle(strings.Fields(outer), spaces); err != nil {
			t.Fatal(err)
		}
		return true
	}
	if os.Geteuid() != 0 {
		missing(t, "only root can make a network of its own for this test")
		return false
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout="+aloneTimeout.String())
	cmd.Env = append(os.Environ(), aloneVar+"="+strings.Join(spaces, " "), "TMPDIR=/tmp")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) {
		missing(t, "this machine lets no test make a network of its own")
		return false
	}
	t.Log("\n" + string(out))
	if err != nil {
		t.Fatal(err)
	}
	return false
}

// namespaces names the network, the mounts and the process numbers that this
// process is in.
func namespaces() (names []string, err error) {
	for _, kind := range []string{"net", "mnt", "pid"} {
		name, err := os.Readlink("/proc/self/ns/" + kind)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// settle makes the namespaces of this process a place to live in. It touches
// nothing unless each is another than that of the process that started this one:
// what it mounts would be mounted for the whole machine.
func settle(outer, own []string) error {
	for _, name := range own {
		if slices.Contains(outer, name) || len(outer) != len(own) {
			return fmt.Errorf("%s is set to %q, but this process is in %q: not all its own", aloneVar, outer, own)
		}
	}
	// What is mounted from here on is for this process alone.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return os.NewSyscallError("mount /", err)
	}
	for folder, system := range map[string]string{"/tmp": "tmpfs", "/proc": "proc"} {
		if err := syscall.Mount(system, folder, system, 0, ""); err != nil {
			return os.NewSyscallError("mount "+folder, err)
		}
	}
	return loopbackUp()
}

// loopbackUp switches on the network interface lo, which a new network has
// switched off.
func loopbackUp() error {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer syscall.Close(s)
	request := struct { // struct ifreq, netdevice(7)
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{name: [syscall.IFNAMSIZ]byte{'l', 'o'}, flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(s), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return os.NewSyscallError("ioctl SIOCSIFFLAGS", errno)
	}
	return nil
}

// NameHosts makes a process that [Alone] has started, and those that it starts,
// find hosts by what /etc/hosts is now to say, and ask no name server.
func NameHosts(hostsFile []byte) error {
	folder, err := os.MkdirTemp("", "etc")
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"hosts": hostsFile, "resolv.conf": nil} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
		if err := syscall.Mount(file, "/etc/"+name, "", syscall.MS_BIND, ""); err != nil {
			return os.NewSyscallError("mount /etc/"+name, err)
		}
	}
	return nil
}
