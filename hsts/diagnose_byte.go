package hsts

import (
	"fmt"
	"regexp"
	"strings"
)

// oddGlyph reports a character that is not plain ASCII.
func (s snag) oddGlyph() string {
	todo := "leave it out"
	switch s.plain {
	case "", `"`, "'", "`":
	case " ":
		todo = "type a plain space"
	case "?":
		todo = "only plain ASCII is allowed there"
	default:
		todo = "type a plain " + quote(s.plain)
	}
	return s.advise(s.name+" is out of place "+s.where(), todo)
}

// noValue reports an equals sign with nothing after it.
func (s snag) noValue() string {
	wrong := "nothing follows " + show(s.before)
	switch right := nearest(s.current.name); right {
	case "max-age":
		return s.advise(wrong, writeSeconds)
	case "":
		return s.advise(wrong, "leave it out")
	default:
		return s.advise(right+" takes no value, nor an equals sign", "write it alone")
	}
}

func (s snag) doubleQuote() string {
	inside, _, closed := strings.Cut(s.rest[1:], `"`)
	switch {
	case closed && s.before == "" && inside != "" && len(inside) <= maxShown:
		return s.advise(show(inside)+" is in double quotes, which only a value may be", "leave them out")
	case closed:
		return s.advise("a double quote is out of place "+s.where(), "leave it out")
	case s.current.hasValue && s.current.value == "" && strings.HasSuffix(s.before, "="):
		return s.advise("the double quote "+s.where()+" is never closed", "write a value in double quotes or without any")
	}
	return s.advise("the double quote "+s.where()+" has no match", "leave it out")
}

var (
	commasInNumber = regexp.MustCompile(`[0-9]{1,3}(?:,[0-9]{3})+\b`)
	// dateIn finds a date as in an Expires field.
	dateIn = regexp.MustCompile(`(?i)\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*, *[0-9]{1,2}[ -][a-z]{3}[a-z]*(?:[ -][0-9]{4})?`)
)

func (s snag) comma() string {
	if number := s.matchAt(commasInNumber); number != "" {
		return s.advise("the number "+show(number)+" is written with commas", "write its digits only")
	}
	if date := s.matchAt(dateIn); date != "" {
		return s.advise(show(date)+" is a date, but a policy lasts for a number of seconds", writeSeconds)
	}
	switch {
	case strings.Trim(s.rest, ", \t") == "":
		return s.advise("nothing follows the comma at the end", "leave it out")
	case s.before == "":
		return s.advise("nothing precedes the comma at the beginning", "leave it out")
	case strings.HasSuffix(s.before, ";"):
		return s.advise("a comma follows a semicolon", "leave it out")
	case s.foreignValue():
		return s.other()
	}
	return s.advise("the comma "+s.where()+" should be a semicolon", "write one")
}

func (s snag) colon() string {
	name := s.current.name
	behind := strings.TrimLeft(s.rest[1:], " \t")
	switch right := nearest(name); {
	case s.foreignValue():
		return s.other()
	case name == "", s.current.hasValue, behind == "", behind[0] == ';':
		return s.advise("the colon "+s.where()+" is out of place", "leave it out")
	case right == "max-age" && !strings.EqualFold(name, right):
		return s.advise(fmt.Sprintf("%s should be %s", show(name+":"), show(right+"=")), writeSeconds)
	case right == "includeSubDomains", right == "preload":
		return s.advise(right+" takes no value, after a colon or otherwise", "write it alone")
	}
	return s.advise("the colon "+s.where()+" should be an equals sign", "write one")
}

func (s snag) equals() string {
	switch {
	case s.current.name == "":
		return s.advise("no name precedes the equals sign", "write max-age before it and a number of seconds after it")
	case s.current.value == "" && !s.current.quoted:
		return s.advise("two equals signs follow "+show(s.current.name), "write one")
	}
	return s.advise("the equals sign "+s.where()+" is out of place", "leave it out")
}

func (s snag) bracket() string {
	switch {
	case s.pos == 0 && strings.ContainsAny(s.field, "=:"):
		return s.advise("the value is in brackets", "leave them out")
	case s.current.hasValue && s.current.value == "" && nearest(s.current.name) == "max-age":
		return s.advise("the number of max-age is in brackets", "leave them out")
	}
	return s.advise(fmt.Sprintf("the bracket %s %s is out of place", s.name, s.where()), "leave it out")
}

func (s snag) slash() string {
	switch {
	case !strings.HasPrefix(s.rest, "//") && !strings.HasPrefix(s.rest, "/*"):
		return s.other()
	case s.pos == 0:
		return s.advise(fmt.Sprintf("the value begins with %s, but a header has no comments", show(s.rest[:2])), "leave it out")
	}
	return s.comment(s.rest)
}

func (s snag) comment(text string) string {
	return s.advise(show(text)+" looks like a comment, but a header has none", "leave it out")
}

// questionMark reports what editors and converters leave for characters that
// they cannot write.
func (s snag) questionMark() string {
	marks := s.rest[:len(s.rest)-len(strings.TrimLeft(s.rest, "?"))]
	if len(marks) > 1 {
		return s.advise(fmt.Sprintf("%s %s looks like a quote that an editor could not save", show(marks), s.where()), "leave it out")
	}
	return s.advise("the question mark "+s.where()+" is out of place", "leave it out")
}

// foreignValue reports whether the byte is in the value of a directive that no
// client knows.
func (s snag) foreignValue() bool {
	return s.current.hasValue && nearest(s.current.name) == ""
}

// other reports a character that only a quoted value may hold, or nothing.
func (s snag) other() string {
	if s.foreignValue() {
		return fmt.Sprintf("%s needs double quotes around the value of %s, which no client knows: leave it all out",
			s.name, show(s.current.name))
	}
	return s.advise(fmt.Sprintf("%s is out of place %s", s.name, s.where()), "leave it out")
}

var (
	numberAtEnd = regexp.MustCompile(`[0-9]+$`)
	onlyDigits  = regexp.MustCompile(`^[0-9]+$`)
	noDigits    = regexp.MustCompile(`^[^0-9]+$`)
)

// nextWord reports a word where a directive should have ended.
func (s snag) nextWord() string {
	word := s.word()
	name, _, _ := strings.Cut(word, "=")
	switch {
	case strings.HasPrefix(s.before, "#"):
		return s.comment(s.field[s.current.start:])
	case strings.HasPrefix(word, "#"), word == "--":
		return s.comment(s.rest)
	case strings.EqualFold(name, "always"), strings.EqualFold(name, "env"):
		return show(word) + " is " + outsiders[strings.ToLower(name)]
	case escapedChar.MatchString(s.before):
		return s.advise(show(escapedChar.FindString(s.before))+" is an escaped character, which means nothing in a header", "type it plainly")
	case letters(word) == "" && noDigits.MatchString(word), strings.EqualFold(word, "and"):
		return s.advise(fmt.Sprintf("the %s %s should be a semicolon", show(word), s.where()), "write one")
	case s.current.hasValue && nearest(s.current.name) == "max-age" && nearest(name) == "":
		return s.afterNumber(word)
	case !s.current.hasValue && torn(s.current.name, name) != "":
		return s.advise(show(s.current.name+" "+name)+" should be one word", "write "+torn(s.current.name, name))
	case !s.current.hasValue && nearestMaxAge(s.current.name) && onlyDigits.MatchString(word):
		return s.advise(fmt.Sprintf(`"=" is missing between %s and %s`, show(s.current.name), show(word)), writeSeconds)
	}
	wrong := fmt.Sprintf("a semicolon is missing between %s and %s", showEnd(s.before), show(word))
	if nearest(s.current.name) == "" && nearest(name) == "" {
		wrong += ", and no client knows " + show(s.current.name)
	}
	return s.advise(wrong, "write one")
}

// afterNumber reports a word after max-age's value that is no directive.
func (s snag) afterNumber(word string) string {
	number := numberAtEnd.FindString(s.before)
	switch {
	case s.current.quoted:
	case number == "":
		return show(s.current.value+" "+word) + " is not a number: " + writeSeconds
	case onlyDigits.MatchString(word):
		rest, _, _ := strings.Cut(s.rest, ";")
		return s.advise("the number "+show(number+" "+rest)+" is written with blanks", "write its digits only")
	case secondsPer[strings.ToLower(word)] > 0:
		return s.advise(show(number+" "+word)+hasUnit, writeSeconds)
	}
	return s.advise(show(word)+" follows "+showEnd(s.before)+", where a semicolon or the end is due", "leave it out")
}
