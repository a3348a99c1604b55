package preload

import (
	_ "embed"
	"strings"
	"sync"
)

// To refresh the snapshot, with any form of the list that Parse reads:
//
//	PRELOAD_LIST=/path/to/list PRELOAD_DATE=2006-01-02 go generate ./preload
//
// The notice in LICENSE.chromium goes with it, in what is released too.
//
//go:generate go run ./makesnapshot $PRELOAD_LIST $PRELOAD_DATE

//go:embed snapshot.txt.gz
var compact string

// Snapshot returns the list that is part of the package, of [SnapshotDate].
// The first call takes a few hundredths of a second, a program that never asks
// pays nothing.
func Snapshot() *List { return snapshot() }

var snapshot = sync.OnceValue(func() *List {
	l, err := Parse(strings.NewReader(compact), "")
	if err != nil {
		panic("preload: the embedded snapshot: " + err.Error()) // a test would have failed
	}
	return l
})
