package main

import (
	"runtime/debug"
	"testing"
)

func TestSourceOfTheProgram(t *testing.T) {
	recorded := []debug.BuildSetting{
		{Key: "vcs", Value: "git"},
		{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"},
		{Key: "vcs.time", Value: "2026-11-22T13:35:15Z"},
		{Key: "vcs.modified", Value: "false"},
	}
	if got, want := source(recorded), " (0123456789ab, 2026-11-22T13:35:15Z)"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	if got := source(recorded[:1]); got != "" {
		t.Errorf("%q of what no repository holds", got)
	}
}
