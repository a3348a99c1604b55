package witness

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// CanTrust says why Chromium cannot be told of authorities of one's own here; nil
// where it can. On Linux it reads them from an NSS database, which certutil
// writes; elsewhere from the system, which is not for one program to change.
func CanTrust() error {
	if runtime.GOOS != "linux" {
		return errors.New("further authorities are read from the system alone here: add them there, and leave out --cacert")
	}
	if _, err := exec.LookPath("certutil"); err != nil {
		return errors.New("it takes certutil to tell Chromium of further authorities: install libnss3-tools (Debian, Ubuntu) or nss-tools (Fedora)")
	}
	return nil
}

// trust makes the browser trust some authorities, in PEM, and returns the
// environment for that. Its home is then a folder of its own.
func trust(ctx context.Context, home string, authorities []byte) (env []string, err error) {
	if authorities == nil {
		return nil, nil
	}
	if err := CanTrust(); err != nil {
		return nil, err
	}
	db := filepath.Join(home, ".pki", "nssdb")
	if err := os.MkdirAll(db, 0o700); err != nil {
		return nil, err
	}
	if err := certutil(ctx, "-N", "-d", "sql:"+db, "--empty-password"); err != nil {
		return nil, err
	}
	for i, one := range certificates(authorities) {
		name := filepath.Join(home, fmt.Sprintf("ca%d.pem", i))
		if err := os.WriteFile(name, one, 0o600); err != nil {
			return nil, err
		}
		if err := certutil(ctx, "-A", "-d", "sql:"+db, "-n", fmt.Sprintf("ca%d", i), "-t", "C,,", "-i", name); err != nil {
			return nil, err
		}
	}
	return []string{"HOME=" + home, "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "XDG_DATA_HOME="}, nil
}

func certutil(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, "certutil", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("certutil %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

// certificates takes a file of PEM apart: certutil reads the first of it alone.
func certificates(text []byte) (each [][]byte) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return each
		}
		if block.Type == "CERTIFICATE" {
			each = append(each, pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
		}
	}
}
