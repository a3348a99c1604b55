package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"hsts-check/lists"
)

// Columns are those of --columns, in pflag's terms.
type columns lists.Columns

func (c columns) Type() string { return "columns" }

func (c columns) String() string {
	var said []string
	for _, role := range slices.Sorted(maps.Keys(c)) {
		said = append(said, role+"="+c[role])
	}
	return strings.Join(said, ",")
}

// role begins an entry of --columns: what a column is called may have a comma in
// it.
var role = regexp.MustCompile(`(?:^|,)\s*([A-Za-z]*)\s*=`)

func (c columns) Set(text string) error {
	found := role.FindAllStringSubmatchIndex(text, -1)
	if len(found) == 0 || found[0][0] != 0 {
		return fmt.Errorf("write what has what: url=Website,name=Bank,group=Country")
	}
	for i, at := range found {
		end := len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		name := strings.ToLower(text[at[2]:at[3]])
		if name != "url" && name != "name" && name != "group" {
			return fmt.Errorf("there is no %q: a list has url, name and group", text[at[2]:at[3]])
		}
		c[name] = strings.TrimSpace(text[at[1]:end])
	}
	if url, asked := c["url"]; asked && url == "" {
		return fmt.Errorf("no site is without a URL: write url=Website")
	}
	return nil
}
