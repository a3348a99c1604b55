package lists

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"hsts-check/visit"
)

// maxPage is how much of a Markdown page is read: it is no stream, for a link's
// address may stand at its end.
const maxPage = 16 << 20

// A page is Markdown that is read: its lists of links and its tables.
type page struct {
	*parser
	text       []byte
	yield      func(visit.Site) bool
	seen, ends int // how far its lines are counted
}

// markdown yields the rows of tables, and each link in lists; the heading above
// is the group.
func (p *parser) markdown(r io.Reader, yield func(visit.Site) bool) error {
	b, err := io.ReadAll(io.LimitReader(r, maxPage+1))
	switch {
	case err != nil:
		return err
	case len(b) > maxPage:
		return refusal("this is more Markdown than is read: 16 MiB is the most")
	}
	p.how("url from the links and tables of Markdown, group from its headings")
	pg := &page{parser: p, text: bytes.TrimPrefix(b, []byte("\ufeff")), yield: yield}
	pg.blocks(goldmark.New(goldmark.WithExtensions(extension.Table, extension.Linkify)).Parser().Parse(text.NewReader(pg.text)))
	return nil
}

// blocks reads what a document, a list or a quotation holds. It returns false
// when no more is wanted.
func (pg *page) blocks(parent ast.Node) bool {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		ok := true
		switch {
		case n.Kind() == ast.KindHeading:
			pg.group = oneBlank(shown(pg.plain(n)))
		case n.Kind() == east.KindTable:
			ok = pg.table(n)
		case n.Kind() == ast.KindTextBlock, n.Kind() == ast.KindParagraph:
			ok = pg.paragraph(n, parent.Kind() == ast.KindListItem)
		case n.Type() == ast.TypeBlock && n.Kind() != ast.KindCodeBlock && n.Kind() != ast.KindFencedCodeBlock:
			ok = pg.blocks(n)
		}
		if !ok {
			return false
		}
	}
	return true
}

// paragraph reads an item of a list, or a paragraph that is nothing but links.
// Each link is a site; a line without one is read as in a list of lines, and
// may be prose.
func (pg *page) paragraph(n ast.Node, item bool) bool {
	pg.at(n.Lines().At(0).Start)
	links := linksOf(n)
	if len(links) > 0 {
		if !item && !onlyLinks(n) {
			return true
		}
		for _, link := range links {
			if !pg.link(link) {
				return false
			}
		}
		return true
	}
	for i := 0; i < n.Lines().Len() && item; i++ {
		segment := n.Lines().At(i)
		line := strings.TrimFunc(strings.TrimRight(string(segment.Value(pg.text)), "\r\n"), isBlank)
		if strings.HasPrefix(line, "[") && !startsWithIPv6(line) {
			line = brackets.Replace(line) // of an item they are no heading's
		}
		pg.at(segment.Start)
		if strings.Contains(line, "://") || len(hostsIn(line, "")) > 0 {
			if site, ok := pg.row(line); ok && !pg.yield(site) {
				return false
			}
		}
	}
	return true
}

var brackets = strings.NewReplacer("[", "", "]", "")

// link reads one link, unless it leads to another place of the page or to no
// site at all.
func (pg *page) link(link *ast.Link) bool {
	url, name := unescaped(link.Destination), pg.plain(link)
	if at := offset(link); at > 0 {
		pg.at(at)
	}
	if !beginsURL(url) && !looksLikeSite(url) {
		return true
	}
	return pg.yield(pg.named("", name, url))
}

// named reads a site whose name is the text of its link, which may be the URL.
func (pg *page) named(group, name, url string) visit.Site {
	if looksLikeSite(name) && !strings.ContainsFunc(name, isBlank) && (name == url || strings.Contains(name, "://")) {
		name = ""
	}
	return pg.cells(group, name, url)
}

// table reads a table by its header.
func (pg *page) table(n ast.Node) bool {
	var names []string
	var rows [][]string
	var cells [][]ast.Node
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var texts []string
		var nodes []ast.Node
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			texts, nodes = append(texts, pg.target(cell)), append(nodes, cell)
		}
		if row.Kind() == east.KindTableHeader {
			names = texts
			pg.at(offset(row))
			continue
		}
		rows, cells = append(rows, texts), append(cells, nodes)
	}
	t, err := newTable(names, rows, pg.Columns)
	if errors.Is(err, errNoColumn) {
		return true
	} else if err != nil {
		return pg.yield(pg.blank("", cannotTell(names, err)))
	}
	for i := range rows {
		if !pg.tableRow(rows[i], cells[i], t) {
			return false
		}
	}
	return true
}

func (pg *page) tableRow(row []string, cells []ast.Node, t *table) bool {
	plain := func(i int) string {
		if i < 0 || i >= len(cells) {
			return ""
		}
		return pg.plain(cells[i])
	}
	if len(cells) > 0 {
		pg.at(offset(cells[0]))
	}
	switch {
	case t.url >= len(row) || row[t.url] == "":
		if plain(t.name) == "" {
			return true // nothing in it
		}
		return pg.yield(pg.blank(plain(t.name), fmt.Errorf("no URL: cell %d is empty", t.url+1)))
	case len(linksOf(cells[t.url])) > 1:
		return pg.yield(pg.fault(plain(t.name), plain(t.url), fmt.Errorf("two links in cell %d: give each a row", t.url+1)))
	case t.name < 0:
		name := plain(t.url)
		if name == row[t.url] {
			name = ""
		}
		return pg.yield(pg.named(plain(t.group), name, row[t.url]))
	}
	return pg.yield(pg.named(plain(t.group), plain(t.name), row[t.url]))
}

// target is where the only link of a cell leads, or else the cell's text.
func (pg *page) target(cell ast.Node) string {
	if links := linksOf(cell); len(links) == 1 {
		return unescaped(links[0].Destination)
	}
	return pg.plain(cell)
}

// plain is the text of a node without its marks.
func (pg *page) plain(n ast.Node) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.WriteString(unescaped(n.Segment.Value(pg.text)))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.AutoLink:
			if entering {
				b.Write(n.Label(pg.text))
			}
		case *ast.Image:
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return strings.TrimFunc(b.String(), isBlank)
}

// at says in which line of the page an offset is. They come in order, but for
// those of nested items.
func (pg *page) at(offset int) {
	if offset < pg.seen {
		pg.seen, pg.ends = 0, 0
	}
	pg.ends += bytes.Count(pg.text[pg.seen:offset], []byte("\n"))
	pg.seen, pg.line = offset, pg.ends+1
}

// linksOf returns the links in a node. An address that stands for itself is
// none.
func linksOf(n ast.Node) (links []*ast.Link) {
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := n.(*ast.Link); ok && entering {
			links = append(links, link)
		}
		return ast.WalkContinue, nil
	})
	return links
}

// onlyLinks reports whether no text stands beside the links of a paragraph.
func onlyLinks(n ast.Node) bool {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); c.Kind() != ast.KindLink && (!ok || t.Segment.Len() > 0) {
			return false
		}
	}
	return true
}

// offset is where the first text of a node stands.
func offset(n ast.Node) (at int) {
	ast.Walk(n, func(n ast.Node, _ bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok {
			at = t.Segment.Start
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return at
}

// unescaped resolves entities and backslashes, as Markdown does.
func unescaped(b []byte) string {
	return string(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(b))))
}
