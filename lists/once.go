package lists

import (
	"hash/maphash"
	"iter"

	"hsts-check/visit"
)

// Once finds sites that stand more than once in what is read: those of the same
// group, name and URL, which have one ID and so one record. It keeps 64 bits of
// a hash for each site, so of a hundred million sites one in three thousand
// runs would lose one.
type Once struct {
	// Tell, if it is not nil, is told of each site that stood before, and where.
	Tell  func(again visit.Site, before visit.Position)
	seed  maphash.Seed
	first map[uint64]place
	files []string
}

// A place is a position that takes little room.
type place struct{ file, line uint32 }

// Again reports whether a site has stood before. What has neither name nor URL
// is the end of a list that broke off, and no site.
func (o *Once) Again(s visit.Site) bool {
	if s.Fault != nil && s.Name == "" && s.URL == "" {
		return false
	}
	if o.first == nil {
		o.first, o.seed = make(map[uint64]place), maphash.MakeSeed()
	}
	var h maphash.Hash
	h.SetSeed(o.seed)
	for _, part := range [...]string{s.Group, s.Name, s.URL} {
		h.WriteString(part)
		h.WriteByte(0)
	}
	sum := h.Sum64()
	if at, ok := o.first[sum]; ok {
		if o.Tell != nil {
			o.Tell(s, visit.Position{File: o.files[at.file], Line: int(at.line)})
		}
		return true
	}
	if n := len(o.files); n == 0 || o.files[n-1] != s.Pos.File {
		o.files = append(o.files, s.Pos.File)
	}
	o.first[sum] = place{uint32(len(o.files) - 1), uint32(s.Pos.Line)}
	return false
}

// Of leaves each of the sites once.
func (o *Once) Of(sites iter.Seq[visit.Site]) iter.Seq[visit.Site] {
	return func(yield func(visit.Site) bool) {
		for s := range sites {
			if !o.Again(s) && !yield(s) {
				return
			}
		}
	}
}
