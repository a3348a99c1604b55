package main

import (
	"cmp"
	"runtime/debug"
)

// version is the module's version, as the go command recorded it: a tag, a
// pseudo-version, or "devel".
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "(devel)" {
		return "devel"
	}
	return cmp.Or(info.Main.Version, "devel")
}

// userAgent names the program and its version to the servers it visits, in the
// form of [visit.DefaultUserAgent].
func userAgent() string { return "Mozilla/5.0 (compatible; hsts-check/" + version() + ")" }

// fullVersion adds the commit and its date, so far as they are known, and the Go
// that the program was built with, whose standard library is in it.
func fullVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "hsts-check " + version()
	}
	return "hsts-check " + version() + source(info.Settings) + " " + info.GoVersion
}

// source is the commit and its date as the go command recorded them; "" for
// what was built outside of a repository.
func source(settings []debug.BuildSetting) string {
	vcs := make(map[string]string)
	for _, s := range settings {
		vcs[s.Key] = s.Value
	}
	commit := vcs["vcs.revision"]
	if commit == "" {
		return ""
	}
	return " (" + commit[:min(len(commit), 12)] + ", " + vcs["vcs.time"] + ")"
}
