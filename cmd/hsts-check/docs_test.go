package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSurveysCommandsRun runs every command of docs/surveys.md, in order.
func TestSurveysCommandsRun(t *testing.T) {
	runCommands(t, "../../docs/surveys.md")
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noSlug  = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// TestLinksLead: each link of a document to another one of the project, or to a
// heading in it, leads somewhere, and the README leads to all of docs.
func TestLinksLead(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages: ", err)
	}
	var fromREADME []string
	for _, page := range append(pages, "../../README.md", "../../CONTRIBUTING.md") {
		for _, m := range link.FindAllStringSubmatch(readFile(t, page), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // to the world
			}
			file := page
			if target != "" {
				file = filepath.Join(filepath.Dir(page), filepath.FromSlash(target))
			}
			if filepath.Base(page) == "README.md" {
				fromREADME = append(fromREADME, filepath.Base(file))
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: %v", page, err)
			} else if anchor != "" && !slices.Contains(anchors(readFile(t, file)), anchor) {
				t.Errorf("%s: %s has no heading for #%s", page, file, anchor)
			}
		}
	}
	for _, page := range pages {
		if !slices.Contains(fromREADME, filepath.Base(page)) {
			t.Errorf("the README does not lead to %s", page)
		}
	}
}

// anchors are the names that GitHub gives headings.
func anchors(text string) (all []string) {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		plain := noSlug.ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(strings.TrimSpace(plain), " ", "-"))
	}
	return all
}
