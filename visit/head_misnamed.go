package visit

import (
	"bytes"
	"slices"
)

const stsLower = "strict-transport-security"

// misnomers are names that people send in place of the header's though they are
// no slips of the hand, in lower case.
var misnomers = []string{"hsts", "sts", "strict-transport-policy"}

// Slips of the hand are names that at most maxSlip bytes put in, taken out or
// replaced make of the header's; so are their lengths.
const (
	maxSlip  = 3
	minNear  = len(stsName) - maxSlip
	mostNear = len("X-") + len(stsName) + maxSlip
)

// nearNames holds the names of fields that may be nearly the header's, by their
// lengths alone, until it is known whether the answer has the header itself.
type nearNames struct {
	names [12][]byte
	n     int
}

// add takes in a name. Those that turn out near are appended to found when
// there is no room for more.
func (l *nearNames) add(found []string, name []byte) []string {
	if n := len(name); (n < minNear || n > mostNear) && n != len("STS") && n != len("HSTS") {
		return found
	}
	if l.n == len(l.names) {
		found = l.sift(found)
	}
	l.names[l.n] = name
	l.n++
	return found
}

// sift appends those that are near to found, and forgets all.
func (l *nearNames) sift(found []string) []string {
	for _, name := range l.names[:l.n] {
		if len(found) < maxMisnamed && nearly(name) {
			found = append(found, string(name))
		}
	}
	l.n = 0
	return found
}

// nearly reports whether a name is nearly that of the header: the same but for
// underscores or blanks in place of hyphens, "X-" before it, or a slip of the
// hand.
func nearly(name []byte) bool {
	var buf [mostNear]byte
	for i, b := range name {
		switch b {
		case '_', ' ', '\t':
			b = '-'
		}
		buf[i] = lowered(b)
	}
	plain := buf[:len(name)]
	if slices.Contains(misnomers, string(plain)) || isSlip(plain) {
		return true
	}
	without, extended := bytes.CutPrefix(plain, []byte("x-"))
	return extended && isSlip(without)
}

// isSlip reports whether a name is at most maxSlip edits away from the header's.
// Of one part more than there are edits one is whole, and no further from its
// place than they may have moved it.
func isSlip(name []byte) bool {
	if len(name) < minNear || len(name) > len(stsName)+maxSlip {
		return false
	}
	at := 0
	for _, part := range [maxSlip + 1]string{"strict-", "transp", "ort-sec", "urity"} {
		place := name[min(len(name), max(0, at-maxSlip)):min(len(name), at+len(part)+maxSlip)]
		if bytes.Contains(place, []byte(part)) {
			return edits(name) <= maxSlip
		}
		at += len(part)
	}
	return false
}

// edits returns how many bytes have to be put in, taken out or replaced to turn
// a name into the header's.
func edits(name []byte) int {
	var row [len(stsLower) + 1]int
	for j := range row {
		row[j] = j
	}
	for i, b := range name {
		corner := row[0]
		row[0] = i + 1
		for j := range len(stsLower) {
			cost := corner
			if b != stsLower[j] {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, corner+1, row[j]+1)
		}
	}
	return row[len(stsLower)]
}
