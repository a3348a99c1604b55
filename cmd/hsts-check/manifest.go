package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/moby/sys/atomicwriter"
	"github.com/spf13/pflag"
)

// A manifest says which run has made a file of records: it stands beside it, and
// what belongs to another run does not go on there.
type manifest struct {
	Schema  int      `json:"schema"` // rises when a member changes its meaning
	Tool    string   `json:"tool"`
	Run     string   `json:"run,omitempty"`
	Vantage string   `json:"vantage,omitempty"`
	Lists   []string `json:"lists,omitempty"` // as they were named; none for the built-in ones
	// Flags are those that decide what a record says, where they were given.
	// None of them holds a password.
	Flags map[string]string `json:"flags,omitempty"`
}

const manifestSchema = 1

// decisive are the flags with which another run would see other facts.
var decisive = []string{"allow-private", "browser", "cacert", "connect-to", "ipv4", "ipv6", "probe", "proxy", requestsAdd, "resolve", "user-agent"}

// requestsAdd stands for all flags that add to requests. What they add is secret:
// a digest tells whether it is the same.
const requestsAdd = "requests"

// manifestOf names the manifest of a file.
func manifestOf(path string) string { return path + ".run" }

// newManifest describes a run.
func newManifest(f *pflag.FlagSet) *manifest {
	value := func(name string) string { return f.Lookup(name).Value.String() }
	m := &manifest{
		Schema: manifestSchema, Tool: "hsts-check " + version(),
		Run: value("run"), Vantage: value("vantage"), Lists: f.Args(),
		Flags: make(map[string]string),
	}
	for _, name := range decisive {
		if f.Lookup(name) == nil {
			continue
		}
		if v := value(name); v != f.Lookup(name).DefValue {
			m.Flags[name] = v
		}
	}
	if u, err := url.Parse(m.Flags["proxy"]); err == nil && u.User != nil {
		u.User = url.User(u.User.Username())
		m.Flags["proxy"] = u.String()
	}
	return m
}

// adds notes the digest of what is added to requests, "" for nothing.
func (m *manifest) adds(digest string) {
	if digest != "" {
		m.Flags[requestsAdd] = digest
	}
}

// write puts the manifest beside a file. A nil one takes away what stands there:
// the file is none of a run.
func (m *manifest) write(path string, perm fs.FileMode) error {
	name := manifestOf(path)
	if m == nil {
		if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return atomicwriter.WriteFile(name, append(text, '\n'), perm)
}

// readManifest returns nil for a file without one.
func readManifest(path string) (*manifest, error) {
	if real, err := resolved(path); err == nil { // it stands beside what a link leads to
		path = real
	}
	name := manifestOf(path)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var m manifest
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	switch {
	case err != nil:
		return nil, withHint(fmt.Errorf("cannot read %s: %w", name, cause(err)), "it says which run has made %s: remove it if you know that it is this one", path)
	case m.Schema > manifestSchema:
		return nil, fmt.Errorf("%s has schema %d, from a later version of hsts-check", name, m.Schema)
	}
	return &m, nil
}

// differs names the first of the flags by which two runs differ, and says how
// each of them has it; empty where none does. The list makes no difference:
// each record says which site it is of.
func (m *manifest) differs(other *manifest, flags ...string) (one, another string) {
	for _, name := range append(flags, decisive...) {
		if m.value(name) != other.value(name) {
			return m.flag(name), other.flag(name)
		}
	}
	return "", ""
}

func (m *manifest) value(name string) string {
	switch name {
	case "run":
		return m.Run
	case "vantage":
		return m.Vantage
	}
	return m.Flags[name]
}

// flag says how a run has a flag.
func (m *manifest) flag(name string) string {
	value := m.value(name)
	switch {
	case name == requestsAdd && value == "":
		return "no -H, -u, -b or -E"
	case name == requestsAdd:
		return "values of its own for -H, -u, -b or -E"
	}
	switch value {
	case "":
		return "no --" + name
	case "true":
		return "--" + name
	}
	return "--" + name + " " + value
}

// from says which lists a file was made from; "" where no manifest tells.
func (m *manifest) from() string {
	if m == nil || len(m.Lists) == 0 {
		return ""
	}
	return " (it was made from " + strings.Join(m.Lists, " ") + ")"
}
