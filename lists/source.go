package lists

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxHead bounds what is looked at before a list is read, in bytes.
const maxHead = 64 << 10

// A head is the beginning of a list, looked at before it is read. It takes no
// more than it has to: on a pipe, what comes next may be hours away.
type head struct {
	r   io.Reader
	b   []byte
	err error // that came behind b
}

// more reads once more. It returns false where there is no more to look at.
func (h *head) more() bool {
	if h.err != nil || len(h.b) >= maxHead {
		return false
	}
	h.b = slices.Grow(h.b, maxHead-len(h.b))
	n, err := h.r.Read(h.b[len(h.b):maxHead])
	h.b, h.err = h.b[:len(h.b)+n], err
	return true
}

// atLeast reads so many bytes, or all there are.
func (h *head) atLeast(n int) []byte {
	for len(h.b) < n && h.more() {
	}
	return h.b
}

// all is the list from its beginning.
func (h *head) all() io.Reader {
	if h.err != nil {
		return io.MultiReader(bytes.NewReader(h.b), errReader{h.err})
	}
	return io.MultiReader(bytes.NewReader(h.b), h.r)
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// skipBOM leaves out a byte order mark.
func skipBOM(r io.Reader) io.Reader {
	h := &head{r: r}
	if b := h.atLeast(len("\ufeff")); bytes.HasPrefix(b, []byte("\ufeff")) {
		h.b = h.b[len("\ufeff"):]
	}
	return h.all()
}

// unpacked reads what gzip or zstd have packed, and anything else as it is.
func unpacked(r io.Reader) (io.Reader, error) {
	h := &head{r: r}
	first := h.atLeast(1)
	if len(first) == 0 || first[0] != 0x1f && first[0] != 0x28 {
		return h.all(), nil
	}
	switch b := h.atLeast(4); {
	case bytes.HasPrefix(b, []byte("\x1f\x8b")): // RFC 1952 section 2.3.1
		return gzip.NewReader(h.all())
	case bytes.HasPrefix(b, []byte("\x28\xb5\x2f\xfd")): // RFC 8878 section 3.1.1
		return zstd.NewReader(h.all(), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
	}
	return h.all(), nil
}

// decoded reads UTF-16 with a byte order mark as UTF-8, and anything else as it
// is.
func decoded(r io.Reader) io.Reader {
	h := &head{r: r}
	first := h.atLeast(1)
	if len(first) == 0 || first[0] != 0xff && first[0] != 0xfe {
		return h.all()
	}
	if b := h.atLeast(2); bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return transform.NewReader(h.all(), unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	}
	return h.all()
}
