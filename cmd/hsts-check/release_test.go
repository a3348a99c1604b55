package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestSnapshotRelease makes a release of the last commit, for this system alone,
// and looks into what would be published. It runs where goreleaser and syft are,
// and needs them nowhere: to build the two takes longer than all other tests.
func TestSnapshotRelease(t *testing.T) {
	for _, program := range []string{"goreleaser", "syft"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed here: CONTRIBUTING.md says how to", program)
		}
	}
	if runtime.GOOS != "linux" {
		t.Skip("its packages are for Linux")
	}
	dist := snapshot(t)
	archive := one(t, dist, "*.tar.gz")
	files := unpack(t, archive)
	if string(files["NOTICE"]) != notice {
		t.Errorf("the archive's NOTICE is not that of the program: %.100q", files["NOTICE"])
	}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", "docs/hsts-check.1", "contrib/gearman-survey"} {
		if len(files[name]) == 0 {
			t.Errorf("the archive has no %s", name)
		}
	}
	program := filepath.Join(t.TempDir(), "hsts-check")
	if err := os.WriteFile(program, files["hsts-check"], 0o777); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(program, "--version").Output()
	if text := string(said); err != nil || !strings.HasPrefix(text, "hsts-check v") || !strings.HasSuffix(text, " "+runtime.Version()+"\n") {
		t.Errorf("--version says %q, %v", text, err)
	}
	checkSBOM(t, archive+".sbom.json", program)
	checkPackage(t, one(t, dist, "*.deb"))
	if one(t, dist, "*.rpm") == "" || one(t, dist, "checksums.txt") == "" {
		t.Error("the release lacks a package or the checksums")
	}
}

// snapshot makes the release in a clone, whose folder dist it returns.
func snapshot(t *testing.T) string {
	t.Helper()
	root, clone := filepath.Join("..", ".."), filepath.Join(t.TempDir(), "hsts-check")
	if out, err := exec.Command("git", "clone", "-q", root, clone).CombinedOutput(); err != nil {
		t.Skipf("this is no clone of the repository: %s", out)
	}
	config := filepath.Join(clone, ".goreleaser.yaml")
	text := readFile(t, config)
	for _, replace := range [][2]string{
		{"goos: [linux, darwin, windows]", "goos: [" + runtime.GOOS + "]"},
		{"goarch: [amd64, arm64]", "goarch: [" + runtime.GOARCH + "]"},
	} {
		if !strings.Contains(text, replace[0]) {
			t.Fatalf(".goreleaser.yaml has no %q", replace[0])
		}
		text = strings.Replace(text, replace[0], replace[1], 1)
	}
	if err := os.WriteFile(config, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	// What comes before is for who releases: it asks for the newest of all.
	cmd := exec.Command("goreleaser", "release", "--snapshot", "--clean", "--skip=before")
	cmd.Dir = clone
	cmd.Env = append(os.Environ(), "SYFT_CHECK_FOR_APP_UPDATE=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("goreleaser: %v\n%s", err, out)
	}
	return filepath.Join(clone, "dist")
}

// one returns the only file of a pattern.
func one(t *testing.T, folder, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(names) != 1 {
		t.Fatalf("there are %d files %s: %q, %v", len(names), pattern, names, err)
	}
	return names[0]
}

// unpack returns the files of an archive by their names.
func unpack(t *testing.T, archive string) map[string][]byte {
	t.Helper()
	packed, err := gzip.NewReader(strings.NewReader(readFile(t, archive)))
	if err != nil {
		t.Fatal(err)
	}
	return untar(t, packed)
}

func untar(t *testing.T, r io.Reader) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	for in := tar.NewReader(r); ; {
		header, err := in.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
}

// checkSBOM checks that a bill of materials, which is SPDX, names each module that
// the go command has put into a program, and Go itself.
func checkSBOM(t *testing.T, name, program string) {
	t.Helper()
	var bill struct {
		SPDXVersion string `json:"spdxVersion"`
		Packages    []struct {
			Name        string `json:"name"`
			VersionInfo string `json:"versionInfo"`
		} `json:"packages"`
	}
	if err := json.Unmarshal([]byte(readFile(t, name)), &bill); err != nil || bill.SPDXVersion == "" {
		t.Fatalf("%s is no SPDX: %v", name, err)
	}
	have := make(map[string]bool)
	for _, p := range bill.Packages {
		have[p.Name+" "+p.VersionInfo] = true
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"stdlib " + info.GoVersion}
	for _, module := range info.Deps {
		want = append(want, module.Path+" "+module.Version)
	}
	for _, module := range want {
		if !have[module] {
			t.Errorf("%s is in the program and not in its SBOM", module)
		}
	}
}

// checkPackage checks the NOTICE of a package.
func checkPackage(t *testing.T, deb string) {
	t.Helper()
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Log("no dpkg-deb here to look into the package with")
		return
	}
	out, err := exec.Command("dpkg-deb", "--fsys-tarfile", deb).Output()
	if err != nil {
		t.Fatal(err)
	}
	files := untar(t, bytes.NewReader(out))
	if string(files["./usr/share/doc/hsts-check/NOTICE"]) != notice || len(files["./usr/bin/hsts-check"]) == 0 {
		t.Errorf("the package lacks the program or its NOTICE: it has %d files", len(files))
	}
}
