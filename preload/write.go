package preload

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
)

// WriteTo writes the list in its compact form, which [Parse] reads: gzip of
// text that begins with the date, and has the entries with their policies
// sorted bytewise.
func (l *List) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a good one
	z.Write(l.text())                                     // a Buffer takes everything
	z.Close()
	return b.WriteTo(w)
}

func (l *List) text() []byte {
	lines := make([]string, 0, len(l.known))
	for name, m := range l.known {
		lines = append(lines, line(name, m))
	}
	slices.Sort(lines)
	var b bytes.Buffer
	b.WriteString(heading)
	if l.date != "" {
		b.WriteString(ofDate + l.date)
	}
	b.WriteByte('\n')
	for _, s := range lines {
		fmt.Fprintln(&b, s)
	}
	return b.Bytes()
}

// line is an entry as a line of the text form.
func line(name string, m mark) string {
	switch {
	case !m.force:
		name = "!" + name
	case m.subs:
		name = "." + name
	}
	if m.policy != "" {
		name += " " + m.policy
	}
	return name
}
