package preload

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestSnapshot(t *testing.T) {
	l := Snapshot()
	if l.Date() != SnapshotDate || l.Len() != snapshotLen {
		t.Errorf("%d entries of %s, want %d of %s", l.Len(), l.Date(), snapshotLen, SnapshotDate)
	}
	if err := l.CheckSize(); err != nil {
		t.Error(err)
	}
	_, entries, _ := bytes.Cut(l.text(), []byte("\n"))
	if sum := fmt.Sprintf("%x", sha256.Sum256(entries)); sum != snapshotSum {
		t.Errorf("the sum of the entries is %s, want %s", sum, snapshotSum)
	}
	if len(compact) > 650_000 {
		t.Errorf("it takes %d bytes of every program that has it in it", len(compact))
	}
	if again := Snapshot(); again != l {
		t.Error("the second call loads it again")
	}
}

// The embedded list, entry by entry, is the one that it was made from.
func TestSnapshotAgainstSource(t *testing.T) {
	file := cmp.Or(os.Getenv("HSTS_CHECK_PRELOAD_SOURCE"), "../../shared/data/chromium-preload-"+SnapshotDate+".txt")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("set HSTS_CHECK_PRELOAD_SOURCE to the list of %s as text: %v", SnapshotDate, err)
	}
	rest := maps.Clone(Snapshot().known)
	for line := range strings.FieldsSeq(string(source)) {
		name, subs := strings.CutPrefix(line, ".")
		if m, ok := rest[name]; !ok || m != (mark{subs: subs, force: true}) {
			t.Errorf("%s: the snapshot has %+v, %v", line, m, ok)
		}
		delete(rest, name)
	}
	if len(rest) > 0 {
		t.Errorf("the snapshot has %d entries that its source has not, such as %s", len(rest), slices.Min(slices.Collect(maps.Keys(rest))))
	}
}

// 40 MB is what the snapshot may take, all that it allocates while it loads
// included.
func TestSnapshotMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	l := parse(t, compact)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 40_000_000 {
		t.Errorf("loading allocates %d bytes", n)
	}
	runtime.KeepAlive(l)
}

// The notice is a condition of the licence.
func TestNotice(t *testing.T) {
	notice, err := os.ReadFile("LICENSE.chromium")
	if err != nil || !bytes.Contains(notice, []byte("The Chromium Authors")) || !bytes.Contains(notice, []byte("Redistributions in binary form")) {
		t.Errorf("%s: %v", filepath.Base("LICENSE.chromium"), err)
	}
}
