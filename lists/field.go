package lists

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"hsts-check/visit"
)

// separators are what people put between the fields of a line, and leave at its
// end.
const separators = ",;|"

// wraps are the marks that stand around URLs and names.
var wraps = [][2]string{{`"`, `"`}, {"'", "'"}, {"<", ">"}, {"`", "`"}, {"“", "”"}, {"„", "“"}, {"‘", "’"}, {"«", "»"}}

// unwrapped takes off marks that stand around the whole of a field.
func unwrapped(s string) string {
	for _, w := range wraps {
		if len(s) > len(w[0])+len(w[1]) && strings.HasPrefix(s, w[0]) && strings.HasSuffix(s, w[1]) {
			if inner := s[len(w[0]) : len(s)-len(w[1])]; !strings.Contains(inner, w[0]) && !strings.Contains(inner, w[1]) {
				return inner
			}
		}
	}
	return s
}

// quotes are those of them that are put around a name: < begins XML.
var quotes = slices.Concat(wraps[:2], wraps[3:])

// stripped takes off a field what is around it and no part of it: marks, blanks
// and the given characters behind it.
func stripped(s, behind string) string {
	if isPlain(s) {
		return s
	}
	for {
		before := s
		s = strings.TrimFunc(s, isBlank)
		if len(s) > 1 { // a mark alone is not around anything
			s = unwrapped(strings.TrimRight(s, behind))
		}
		if s == before {
			return s
		}
	}
}

// strippedURL is a URL without what stands around it. No URL of a site ends in
// a separator.
func strippedURL(s string) string {
	return stripped(s, separators)
}

// isPlain spares most fields a closer look: nothing stands around them.
func isPlain(s string) bool {
	alnum := func(b byte) bool { return isLetter(b) || '0' <= b && b <= '9' }
	return s == "" || alnum(s[0]) && (alnum(s[len(s)-1]) || s[len(s)-1] == '/')
}

// strippedName is a name without the bullet or number of its line, and without
// what parts it from the URL: "1. ASB," and "- ASB -" are ASB.
func strippedName(s string) string {
	if s = withoutBullet(s); isPlain(s) {
		return s
	}
	for {
		before := s
		if s = strings.TrimRight(strings.TrimFunc(s, isBlank), separators+":"); unwrapped(s) != s {
			return unwrapped(s) // what stands in quotes is the name as it is
		}
		if i := strings.LastIndexFunc(s, isBlank); i >= 0 && isDash(strings.TrimFunc(s[i:], isBlank)) {
			s = s[:i]
		}
		if s == before {
			return s
		}
	}
}

func isDash(s string) bool {
	return s == "-" || s == "–" || s == "—" || s == "->" || s == "→" || s == "="
}

// withoutBullet takes off what begins an item of a list. A number without a dot
// or bracket behind it may be a name.
func withoutBullet(s string) string {
	if s == "" || 'A' <= s[0] && s[0] <= 'z' { // most names
		return s
	}
	mark, rest := s, ""
	if i := strings.IndexFunc(s, isBlank); i >= 0 {
		mark, rest = s[:i], s[i:]
	}
	if r, size := utf8.DecodeRuneInString(mark); size == len(mark) && strings.ContainsRune("-*+•‣◦·–—", r) {
		return strings.TrimFunc(rest, isBlank)
	}
	digits := strings.TrimRight(mark, ".)")
	if digits != mark && digits != "" && strings.Trim(digits, "0123456789") == "" {
		return strings.TrimFunc(rest, isBlank)
	}
	return s
}

// splitRow parts a line into its name and its last field, which has the URL.
func splitRow(line string) (name, last string) {
	line = stripped(line, separators)
	if line == "" {
		return "", ""
	}
	name, last = splitLast(line)
	last = strippedURL(last)
	before, url := splitField(last)
	if before != "" && strings.ContainsAny(url, separators) {
		before, url = "", last // more than two fields: see checkRow
	}
	if strings.Trim(before, "0123456789") == "" && name == "" {
		before = "" // 1,a.org
	}
	if before != "" && name != "" {
		name += " "
	}
	return strippedName(name + before), strippedURL(url)
}

func splitLast(line string) (name, last string) {
	i := len(line) - 1
	for i >= 0 && line[i] > ' ' && line[i] < utf8.RuneSelf { // most words; in bytes that is twice as fast
		i--
	}
	i = strings.LastIndexFunc(line[:i+1], isBlank)
	if i < 0 {
		return "", line
	}
	_, size := utf8.DecodeRuneInString(line[i:])
	return strings.TrimRightFunc(line[:i], isBlank), line[i+size:]
}

// splitField parts "ASB,https://a.org/", where a separator stands for a blank.
// What may hold a password stays in one piece, to be redacted.
func splitField(field string) (name, url string) {
	if strings.Contains(field, "@") {
		return "", field
	}
	if i := strings.Index(field, "://"); i >= 0 {
		start := i
		for start > 0 && isLetter(field[start-1]) {
			start--
		}
		if start > 0 && strings.ContainsRune(separators+":=", rune(field[start-1])) && !strings.ContainsAny(field[:start], "/?#") {
			return field[:start-1], field[start:]
		}
	}
	if !hasSeparator(field) {
		return "", field
	}
	head, _, _ := cutAny(field, "/?#")
	if i := strings.LastIndexAny(head, separators); i >= 0 {
		return field[:i], field[i+1:]
	}
	return "", field
}

func isLetter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' }

// hasSeparator reports whether a field may be several. It is asked of each line.
func hasSeparator(s string) bool {
	for i := range len(s) {
		if b := s[i]; b == ',' || b == ';' || b == '|' {
			return true
		}
	}
	return false
}

// checkOneURL refuses a field with a second URL or host behind a blank, a line
// break or a separator. In a query a host may stand, and there alone.
func checkOneURL(field string) error {
	if apart := func(r rune) bool { return isBlank(r) || r == '\n' }; strings.ContainsFunc(field, apart) {
		words := strings.FieldsFunc(field, apart)
		words = slices.DeleteFunc(words, func(word string) bool { return !looksLikeSite(word) })
		if len(words) > 1 {
			return fmt.Errorf("%s and %s are two sites: write each alone", quote(strippedURL(words[0])), quote(strippedURL(words[1])))
		}
	}
	if !hasSeparator(field) {
		return nil
	}
	query := len(field)
	if i := strings.IndexAny(field, "?#"); i >= 0 {
		query = i
	}
	for i := range len(field) {
		if !strings.ContainsRune(separators, rune(field[i])) {
			continue
		}
		behind, _, _ := cutAny(field[i+1:], separators)
		h, _, _ := cutAny(strings.TrimPrefix(behind, "//"), "/?#:")
		switch {
		case !beginsURL(behind) && (i > query || !isHost(h, "")), !strings.ContainsAny(field[:i], ".:"):
		case strings.Contains(field, "@"): // a part may be that of a password
			return fmt.Errorf("%s is more than one site: write each alone", quote(field))
		default:
			return fmt.Errorf("%s and %s are two sites: write each alone", quote(field[:i]), quote(behind))
		}
	}
	return nil
}

// beginsURL reports whether a text is a URL of a site, by its scheme.
func beginsURL(s string) bool {
	scheme, _, found := strings.Cut(s, "://")
	return found && isHTTP(scheme)
}

// cutAny cuts around the first of the characters.
func cutAny(s, chars string) (before, after string, found bool) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// checkRow refuses rows that mean something else than what they would be read
// as: with a comment, a second URL or other text behind the URL.
func checkRow(name, last string) error {
	if strings.Contains(name, "#") || strings.HasPrefix(last, "#") {
		for word := range strings.FieldsFuncSeq(name+" "+last, isBlank) {
			if isComment(word) {
				return fmt.Errorf("%s: a comment needs a line of its own", quote(word))
			}
		}
	}
	if strings.Contains(name, "://") && isSite(last) {
		for word := range strings.FieldsFuncSeq(name, isBlank) {
			if strings.Contains(word, "://") {
				return fmt.Errorf("two URLs on one line, %s and %s: give each a line", quote(word), quote(last))
			}
		}
	}
	if !hasSeparator(last) {
		return nil
	}
	i := strings.IndexAny(last, separators)
	if err := checkOneURL(last); err != nil {
		return err
	}
	if before, _ := splitField(last); before != "" {
		return fmt.Errorf("%s has another field behind its URL: write a name, a blank and a URL", quote(last))
	}
	_, rest, _ := strings.Cut(last[:i], "://")
	if _, path, found := strings.Cut(rest, "/"); found && path == "" && i+1 < len(last) {
		return fmt.Errorf("%s follows the URL %s: write the name first", quote(last[i+1:]), quote(last[:i]))
	}
	return nil
}

// isSite reports whether a field can be read as a site.
func isSite(field string) bool {
	_, err := Site(field)
	return err == nil
}

// isComment lets "Bank #1" be a name.
func isComment(word string) bool {
	return word != "" && word[0] == '#' && (len(word) == 1 || word[1] < '0' || word[1] > '9')
}

// noSite says better than said why a row has no site in its last field.
func noSite(line, name, last, said string) string {
	if strings.Contains(last, "://") || isSite(last) || checkText(line) != nil {
		return said
	}
	if strings.HasSuffix(line, "]") && !strings.Contains(line, "[") {
		return fmt.Sprintf("the heading %s is not opened: put a [ before it", quote(line))
	}
	if word, _, _ := cutAny(last, "/?#"); name == "" && !strings.Contains(last, ";//") || strings.ContainsAny(word, ".:@") || isHTTP(word) {
		return said
	}
	if _, host, found := strings.Cut(last, "//"); found {
		return fmt.Sprintf("%s is not a URL: write https://%s", quote(line), shown(host))
	}
	for word := range strings.FieldsFuncSeq(name, isBlank) {
		if word = strippedURL(word); strings.Contains(word, "://") || len(hostsIn(word, "")) > 0 {
			_, behind, _ := strings.Cut(line, word)
			return fmt.Sprintf("%s follows the URL %s: write the name first, and %%20 for a blank in a URL",
				quote(stripped(strings.TrimLeft(behind, separators), "")), quote(word))
		}
	}
	return fmt.Sprintf("%s has no URL: write it after the name; a heading is [%s], a host without a dot https://%s", quote(line), oneBlank(shown(line)), last)
}

// Line is a site as a line of the own format, which is read as the same site
// again.
func Line(s visit.Site) string {
	line := s.Name + "  " + s.URL
	if !givesName(line, s.Name) {
		return wrapped(s.Name, quotes) + "  " + s.URL
	}
	return line
}

// givesName reports whether a line is one of a site of this name.
func givesName(line, name string) bool {
	p := &parser{Reader: new(Reader), lined: true}
	p.yield = func(visit.Site) bool { return true }
	site, ok := p.row(line)
	return ok && site.Fault == nil && site.Name == name
}

// quotedName parts a line whose name stands in quotes, and is what is in them.
func quotedName(line string) (name, last string, ok bool) {
	if isLetter(line[0]) { // most lines
		return "", "", false
	}
	for _, w := range wraps {
		inside, found := strings.CutPrefix(line, w[0])
		name, rest, closed := strings.Cut(inside, w[1])
		last = strings.TrimFunc(rest, isBlank)
		if found && closed && name != "" && rest != last && last != "" && !strings.ContainsFunc(last, isBlank) {
			return name, strippedURL(last), true
		}
	}
	return "", "", false
}

// wrapped puts marks around a text that has none of them.
func wrapped(s string, marks [][2]string) string {
	for _, w := range marks {
		if !strings.Contains(s, w[0]) && !strings.Contains(s, w[1]) {
			return w[0] + s + w[1]
		}
	}
	return s
}
