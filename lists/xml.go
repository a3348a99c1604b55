package lists

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"

	"hsts-check/visit"
)

// xml reads a sitemap (https://www.sitemaps.org/protocol.html) or an outline
// (http://opml.org/spec2.opml), as its root says.
func (p *parser) xml(r io.Reader, yield func(visit.Site) bool) error {
	dec := xml.NewDecoder(skipBOM(r))
	dec.CharsetReader = charset.NewReaderLabel
	for {
		tok, err := dec.Token()
		if err != nil {
			return refuseXML(err)
		}
		root, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		switch strings.ToLower(root.Name.Local) {
		case "urlset":
			p.how("url from the locations of a sitemap")
			return p.untilBroken(p.sitemap(dec, yield), yield)
		case "opml":
			p.how(`url from "htmlUrl" or "xmlUrl" of OPML, name from "text", group from the outline around it`)
			return p.untilBroken(p.opml(dec, yield), yield)
		case "sitemapindex":
			return refusal("this is an index of sitemaps: name the sitemaps in it")
		}
		return refusal(fmt.Sprintf("this is XML of another kind, with the root %s: sitemaps and OPML are read", quote(root.Name.Local)))
	}
}

// refuseXML says why a list has no root: as a rule it breaks off, or is none.
func refuseXML(err error) error {
	if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) {
		return refusal("this begins as XML and is none: " + clip(shown(syntax.Msg)))
	}
	if err == io.EOF {
		return refusal("this begins as XML and has nothing in it")
	}
	return err
}

// untilBroken makes a fault of where a list is no XML any more.
func (p *parser) untilBroken(err error, yield func(visit.Site) bool) error {
	if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) {
		p.line = syntax.Line
		yield(p.blank("", fmt.Errorf("what follows is no XML: %s", clip(shown(syntax.Msg)))))
		return nil
	}
	return err
}

// sitemap yields the locations of pages.
func (p *parser) sitemap(dec *xml.Decoder, yield func(visit.Site) bool) error {
	var inside []string
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			p.line, _ = dec.InputPos()
			inside = append(inside, tok.Name.Local)
			if !slices.Equal(inside, []string{"url", "loc"}) {
				continue
			}
			var loc string
			if err := dec.DecodeElement(&loc, &tok); err != nil {
				return err
			}
			inside = inside[:1]
			if !yield(p.cells("", "", strings.TrimSpace(loc))) {
				return nil
			}
		case xml.EndElement:
			inside = inside[:max(len(inside)-1, 0)]
		}
	}
}

// opml yields the outlines with an address: that of the site, not of its feed,
// where both are there.
func (p *parser) opml(dec *xml.Decoder, yield func(visit.Site) bool) error {
	var around []string // texts of the outlines
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if tok.Name.Local != "outline" {
				continue
			}
			p.line, _ = dec.InputPos()
			name := attribute(tok, "text", "title")
			group := ""
			if len(around) > 0 {
				group = around[len(around)-1]
			}
			around = append(around, name)
			if url := attribute(tok, "htmlUrl", "url", "xmlUrl"); url != "" && !yield(p.cells(group, name, url)) {
				return nil
			}
		case xml.EndElement:
			if tok.Name.Local == "outline" {
				around = around[:max(len(around)-1, 0)]
			}
		}
	}
}

// attribute returns the first that is there and not empty.
func attribute(e xml.StartElement, names ...string) string {
	for _, name := range names {
		for _, a := range e.Attr {
			if value := strings.TrimSpace(a.Value); strings.EqualFold(a.Name.Local, name) && value != "" {
				return value
			}
		}
	}
	return ""
}
