package visit

import (
	"bytes"
	"slices"
	"strings"

	"github.com/lithammer/fuzzysearch/fuzzy"
)

// maxMisnamed is how many fields of one answer are told to be nearly the header.
const maxMisnamed = 4

// misnamed are names that were meant to be the header's and are far from it in
// letters, in lower case.
var misnamed = []string{"hsts", "sts", "x-hsts", "strict-transport", "strict-transport-policy", "transport-security", "http-strict-transport-security"}

// nearlySTS reports whether a field's name may be one that was meant to be the
// header's. It only spares most names a closer look.
func nearlySTS(name []byte) bool {
	if len(name) > 0 && strings.IndexByte("hstxHSTX", name[0]) < 0 {
		return false
	}
	if n := len(name); n >= len(stsName)-3 && n <= len(stsName)+5 {
		lower := bytes.ToLower(name)
		return bytes.Contains(lower, []byte("tr")) && bytes.Contains(lower, []byte("sec"))
	}
	return slices.ContainsFunc(misnamed, func(m string) bool { return len(m) == len(name) && strings.EqualFold(m, string(name)) })
}

// isMisnamed reports whether a name that is not the header's is nearly that: by
// up to three letters, with underscores for hyphens, or with X- before it.
func isMisnamed(name string) bool {
	name = strings.ToLower(name)
	if slices.Contains(misnamed, name) {
		return true
	}
	plain := strings.TrimPrefix(strings.NewReplacer("_", "-", " ", "-").Replace(name), "x-")
	return fuzzy.LevenshteinDistance(plain, strings.ToLower(stsName)) <= 3
}
