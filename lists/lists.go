// Package lists holds the built-in lists of sites and reads list files.
package lists

import (
	"embed"
	"fmt"

	"hsts-check/visit"
)

//go:embed banks-nz.txt banks-au.txt 2013/banks-nz.txt 2013/banks-au.txt
var files embed.FS

// Builtin returns the sites of the built-in lists: the banks of New Zealand and
// Australia.
func Builtin() []visit.Site { return embedded("banks-nz.txt", "banks-au.txt") }

// Survey2013 returns the sites of the survey of August 2013, as they were
// listed then.
func Survey2013() []visit.Site { return embedded("2013/banks-nz.txt", "2013/banks-au.txt") }

// embedded panics on a fault: the files are part of the program.
func embedded(names ...string) []visit.Site {
	var all []visit.Site
	for _, name := range names {
		f, err := files.Open(name)
		if err != nil {
			panic(err)
		}
		sites, faults := Parse(f, name)
		if len(faults) > 0 {
			panic(fmt.Sprint("built-in list: ", faults[0]))
		}
		all = append(all, sites...)
	}
	return all
}
