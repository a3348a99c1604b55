package lists

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
)

// foreignKinds are what people take for lists, by media type or its beginning,
// and what to do with it instead.
var foreignKinds = []struct{ mime, is, do string }{
	{"text/html", "an HTML page", "write the addresses in it into a list, one a line"},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml", "an Excel workbook", "save its sheet as CSV"},
	{"application/vnd.ms-excel", "an Excel workbook", "save its sheet as CSV"},
	{"application/vnd.oasis.opendocument.spreadsheet", "a spreadsheet", "save its sheet as CSV"},
	{"application/vnd.openxmlformats-officedocument.wordprocessingml", "a Word document", "save it as plain text"},
	{"application/msword", "a Word document", "save it as plain text"},
	{"application/vnd.oasis.opendocument", "an OpenDocument file", "save it as plain text"},
	{"application/x-ole-storage", "an old Office document", "save it as CSV or plain text"},
	{"application/pdf", "a PDF", "copy the list out of it as plain text"},
	{"text/rtf", "an RTF document", "save it as plain text"},
	{"application/zip", "a ZIP archive", "unpack it and name the list in it"},
	{"application/x-tar", "a tar archive", "unpack it and name the list in it"},
	{"application/x-7z-compressed", "a 7z archive", "unpack it and name the list in it"},
	{"application/vnd.rar", "a RAR archive", "unpack it and name the list in it"},
	{"application/x-xz", "packed with xz", "unpack it, or stream it: xz -dc FILE | hsts-check -"},
	{"application/x-bzip2", "packed with bzip2", "unpack it, or stream it: bzip2 -dc FILE | hsts-check -"},
	{"application/vnd.apache.parquet", "a Parquet file", "write it as CSV"},
	{"application/vnd.sqlite3", "an SQLite database", "write its table as CSV"},
	{"image/", "an image", "name a list"},
	{"audio/", "a sound", "name a list"},
	{"video/", "a film", "name a list"},
	{"application/x-elf", "a program", "name a list"},
	{"application/vnd.microsoft.portable-executable", "a program", "name a list"},
	{"application/x-mach-binary", "a program", "name a list"},
}

// foreign refuses what is no list of any kind by the beginning of the file.
func foreign(b []byte) error {
	if !looksForeign(b) {
		return nil
	}
	for m := mimetype.Detect(b); m != nil; m = m.Parent() {
		for _, k := range foreignKinds {
			if strings.HasPrefix(m.String(), k.mime) {
				return refusal(fmt.Sprintf("this is %s, not a list: %s", k.is, k.do))
			}
		}
	}
	return nil
}

// looksForeign spares lists of text a closer look.
func looksForeign(b []byte) bool {
	start := bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\ufeff")), " \t\r\n")
	if bytes.HasPrefix(start, []byte("<")) || bytes.HasPrefix(start, []byte("%PDF")) || bytes.HasPrefix(start, []byte(`{\rtf`)) {
		return true
	}
	b = b[:min(len(b), 512)]
	return bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\r\n\f", r) }) || !utf8.Valid(b)
}
