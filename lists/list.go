package lists

import (
	"bytes"
	"iter"

	"hsts-check/visit"
)

// mostFaults is how many faults of a list are kept: a file that is no list has
// one a line.
const mostFaults = 100

// A List is a list file that was read whole, to see what is in it. Its sites are
// read again when they are wanted: the text takes a small part of the memory
// that they would.
type List struct {
	Sites  int     // that it has, those that stood before apart
	Said   string  // how it was read, see [Reader]
	Faults []Fault // all that it has, in order, but for those beyond a hundred
	More   int     // faults beyond a hundred
	Terms  bool    // something stands with a site

	reader *Reader
	file   string
	text   []byte
	again  []int // rows that stood before, counted from 0
}

// Check reads a list whole. The sites are those that [Reader.Parse] returns, each
// once.
func (o *Reader) Check(text []byte, file string, once *Once) *List {
	l := &List{file: file, text: text, reader: &Reader{Columns: o.Columns}}
	reader := &Reader{Columns: o.Columns, How: func(said string) { l.Said = said }}
	row := 0
	err := reader.parse(bytes.NewReader(text), file, func(s visit.Site) bool {
		switch fault, bad := s.Fault.(Fault); {
		case bad && !fault.Row:
			l.fault(fault)
			return true
		case once.Again(s):
			l.Terms = l.Terms || s.Terms != nil
			l.again = append(l.again, row)
		default:
			l.Sites++
			l.Terms = l.Terms || s.Terms != nil
		}
		row++
		return true
	})
	if fault, alone := whole(file, err, row+len(l.Faults)); fault.Msg != "" {
		if alone {
			l.Faults, l.More = nil, 0
		}
		l.fault(fault)
	}
	return l
}

func (l *List) fault(f Fault) {
	if len(l.Faults) == mostFaults {
		l.More++
		return
	}
	l.Faults = append(l.Faults, f)
}

// All yields the sites of a list without faults. It can be ranged over more than
// once.
func (l *List) All() iter.Seq[visit.Site] {
	return func(yield func(visit.Site) bool) {
		row, again := 0, l.again
		l.reader.parse(bytes.NewReader(l.text), l.file, func(s visit.Site) bool {
			row++
			if len(again) > 0 && again[0] == row-1 {
				again = again[1:]
				return true
			}
			return yield(s)
		})
	}
}
