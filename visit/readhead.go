package visit

import (
	"bytes"
	"fmt"

	"hsts-check/browser"
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

// Bound leaves out what of the exchanges of a page is too much for a record, as the
// bounds of a [Wire.Visit] are. The last one that is left tells of it.
func Bound(made []Exchange) []Exchange {
	held := 0
	for i := range made {
		if len(made[i].URL) > browser.MaxURL {
			if i == 0 {
				return nil
			}
			made[i-1].Error = &Error{Kind: KindRedirects, Message: fmt.Sprintf("leads to a URL of more than %d KiB, which hsts-check does not follow", browser.MaxURL>>10)}
			return made[:i]
		}
		if held += made[i].size(); held > maxFields {
			made[i].Error = tooMuch()
			return made[:i+1]
		}
	}
	return made
}

// tooMuch says of an exchange that its site's record takes no more.
func tooMuch() *Error {
	return &Error{Kind: KindProtocol, Message: fmt.Sprintf("the answers of this site hold more than %d KiB of fields", maxFields>>10)}
}
