package visit

import (
	"bytes"

	"hsts-check/hsts"
)

// ReadHead returns what a client reads of a response head that somebody else has
// received, the empty line at its end included. The zero Head is none.
func ReadHead(head []byte, c hsts.Client) Head {
	r, _, err := readReply(bytes.NewReader(head), nil)
	if err != nil {
		return Head{}
	}
	if h, other := r.otherwise[c]; other {
		return h
	}
	return r.Head
}
