package report

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// columns returns how many columns of a terminal s takes. Characters of
// ambiguous width are narrow, as terminals have them today whatever the locale,
// so that the same results give the same table everywhere.
func columns(s string) int {
	if isPlain(s) {
		return len(s)
	}
	return displaywidth.String(s)
}

// padded returns s with blanks behind it up to so many columns.
func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(width-columns(s), 0))
}

// first returns the beginning of s that fits into so many columns. No mark is
// parted from its letter, and no flag halved.
func first(s string, width int) string {
	used, end := 0, 0
	for g := displaywidth.StringGraphemes(s); g.Next(); {
		if used += g.Width(); used > width {
			break
		}
		end += len(g.Value())
	}
	return s[:end]
}

// last returns the end of s that fits into so many columns.
func last(s string, width int) string {
	over, start := columns(s)-width, 0
	for g := displaywidth.StringGraphemes(s); over > 0 && g.Next(); {
		over -= g.Width()
		start += len(g.Value())
	}
	return s[start:]
}

// A margin is how wide the lines of a text may be.
type margin struct {
	width int // in columns; 0 for any
	// hang is by how much less the lines after the first have, which are
	// indented as much.
	hang int
	// urls: a URL that is wider stays whole all the same, to be clicked or cut
	// out by programs.
	urls bool
}

// wrap breaks s into lines of at most so many columns, between words where it
// can; 0 is no limit. There is always one line.
func wrap(s string, width int) []string { return margin{width: width}.wrap(s) }

func (m margin) wrap(s string) []string {
	if m.width <= 0 || columns(s) <= m.width {
		return []string{s}
	}
	var lines []string
	line, indent := "", ""
	end := func() {
		lines = append(lines, indent+line)
		line, indent = "", strings.Repeat(" ", m.hang)
	}
	room := func() int { return max(m.width-len(indent), 1) }
	for _, word := range strings.Fields(s) {
		if line != "" && columns(line)+1+columns(word) > room() {
			end()
		}
		if line != "" {
			line += " "
		}
		line += word
		for columns(line) > room() && !(m.urls && strings.Contains(line, "://")) {
			head := first(line, room())
			if head == "" {
				break // one character is wider than the line
			}
			rest := line[len(head):]
			line = head
			end()
			line = rest
		}
	}
	if line != "" || lines == nil {
		end()
	}
	return lines
}

// hung wraps s with its further lines indented.
func (m margin) hung(s string) []string {
	m.hang = gap
	return m.wrap(s)
}

// Columns sets rows in columns that are two blanks apart, escaped for a terminal.
// A cell that is very wide sticks out of its own row alone.
func Columns(rows [][]string) []string {
	const most = 64
	var widths []int
	for _, cells := range rows {
		for i, c := range cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			cells[i] = Visible(c)
			if w := columns(cells[i]); w <= most {
				widths[i] = max(widths[i], w)
			}
		}
	}
	lines := make([]string, len(rows))
	for i, cells := range rows {
		for j, c := range cells {
			lines[i] += padded(c, widths[j]) + strings.Repeat(" ", gap)
		}
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

func longest(lines []string) int {
	n := 0
	for _, l := range lines {
		n = max(n, columns(l))
	}
	return n
}
