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

// userAgent names the program and its version to the servers it visits.
func userAgent() string { return "hsts-check/" + version() }

// fullVersion adds the commit and its date, so far as they are known.
func fullVersion() string {
	text := "hsts-check " + version()
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return text
	}
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if commit := settings["vcs.revision"]; commit != "" {
		text += " (" + commit[:min(len(commit), 12)] + ", " + settings["vcs.time"] + ")"
	}
	return text
}
