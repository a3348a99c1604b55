package visit

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"mime"
	"net"
	"net/http/httputil"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/net/html"

	"hsts-check/browser"
)

// Bounds of what is read of a page in search of where it leads on to.
const (
	// maxPage is how many bytes of a page without the header are read, and how
	// many they may decode to. What stands for a redirect stands at the top.
	maxPage = 64 << 10
	// maxLeadingPage is the same of a page with the header: a page that is
	// there only to lead on is short, and others are not worth the time.
	maxLeadingPage = 4 << 10
	// pagePatience is how long a page may take to come.
	pagePatience = 3 * time.Second
)

// lead sets Refresh to what a meta element of the page says in its place, if
// the answer is a page and has no such field. Conn is where the rest of the body
// comes from. Nothing of the page is run, and what goes wrong with its body does
// not matter.
func (r *reply) lead(conn io.Reader) {
	if r.Refresh != "" || r.Status == 0 || browser.IsRedirect(r.Status) && r.Location != "" || !isPage(r.contentType) {
		return
	}
	most := int64(maxPage)
	if len(r.STS) > 0 {
		most = int64(len(r.rest))
		if 0 <= r.length && r.length <= maxLeadingPage {
			most = r.length
		}
	}
	if most <= int64(len(r.rest)) && r.leadsNowhere() {
		return
	}
	if c, ok := conn.(net.Conn); ok && most > int64(len(r.rest)) {
		c.SetReadDeadline(time.Now().Add(pagePatience))
	}
	r.Refresh = r.clip("refresh", []byte(MetaRefresh(decoded(r.body(conn, most), r.contentEncoding))), maxValue)
}

// leadsNowhere reports whether no meta element begins in what has come of the
// page, as far as bytes can tell: most pages with the header end here, and spare
// the work of a tokenizer.
func (r *reply) leadsNowhere() bool {
	if r.chunked || r.contentEncoding != "" {
		return false
	}
	for rest := r.rest; ; {
		i := bytes.IndexByte(rest, '<')
		if i < 0 {
			return true
		}
		rest = rest[i+1:]
		if len(rest) >= 4 && bytes.EqualFold(rest[:4], []byte("meta")) {
			return false
		}
	}
}

// isPage reports whether a Content-Type is one whose meta elements browsers
// accept. An answer without one is taken for a page where it looks like one.
func isPage(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return contentType == "" || err == nil && (kind == "text/html" || kind == "application/xhtml+xml")
}

// body returns the reader of an answer's body, of which it reads at most so many
// bytes of what the connection brings.
func (r *reply) body(conn io.Reader, most int64) io.Reader {
	raw := io.LimitReader(io.MultiReader(bytes.NewReader(r.rest), conn), most)
	switch {
	case r.chunked:
		return httputil.NewChunkedReader(raw)
	case r.length >= 0:
		return io.LimitReader(raw, r.length)
	}
	return raw
}

// decoded undoes a Content-Encoding; what is encoded in another way, or more
// than once, reads as nothing.
func decoded(body io.Reader, encoding string) io.Reader {
	switch strings.ToLower(encoding) {
	case "", "identity":
		return body
	case "gzip", "x-gzip":
		if z, err := gzip.NewReader(body); err == nil {
			return z
		}
	case "deflate": // RFC 9110 section 8.4.1.2: zlib's form; some send it bare
		var head [2]byte
		n, _ := io.ReadFull(body, head[:])
		whole := io.MultiReader(bytes.NewReader(head[:n]), body)
		if n == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
			return flate.NewReader(body)
		}
		return flate.NewReader(whole)
	case "br":
		return brotli.NewReader(body)
	case "zstd": // RFC 9659: windows of 8 MiB at the most
		if z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(8<<20), zstd.WithDecoderLowmem(true)); err == nil {
			return z.IOReadCloser()
		}
	}
	return strings.NewReader("")
}

// MetaRefresh returns the content of the first meta element of a page that
// stands for a Refresh field; "" for none. Elements inside of scripts, comments,
// noscript and template are none.
func MetaRefresh(page io.Reader) string {
	tokens := html.NewTokenizer(io.LimitReader(page, maxPage))
	tokens.SetMaxBuf(maxPage)
	templates := 0
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return ""
		case html.EndTagToken:
			if name, _ := tokens.TagName(); string(name) == "template" && templates > 0 {
				templates--
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := tokens.TagName()
			switch {
			case string(name) == "template":
				templates++
			case string(name) == "meta" && more && templates == 0:
				if content := refreshOf(tokens); content != "" {
					return content
				}
			}
		}
	}
}

// refreshOf returns the content of the meta element at hand if it stands for a
// Refresh field that leads anywhere.
func refreshOf(tokens *html.Tokenizer) string {
	var equiv, content string
	var seen []string
	for more := true; more; {
		var key, value []byte
		key, value, more = tokens.TagAttr()
		name := string(key)
		if slices.Contains(seen, name) { // the first of a name counts
			continue
		}
		seen = append(seen, name)
		switch name {
		case "http-equiv":
			equiv = string(value)
		case "content":
			content = string(value)
		}
	}
	if _, _, leads := browser.ParseRefresh(content); leads && strings.EqualFold(equiv, "refresh") {
		return content
	}
	return ""
}
