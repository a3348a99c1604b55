package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hsts-check/lists"
)

// The header's name, and where a response begins, as curl prints it with -i and
// with -v.
var (
	headerName    = regexp.MustCompile(`(?i)strict-transport-security`)
	responseStart = regexp.MustCompile(`^(< )?HTTP/\d\S*(?: +(\d+))?`)
)

var errNoHeader = errors.New("no Strict-Transport-Security in this answer")

// pastedValues returns the header's values in what people paste: values
// themselves, one a line, header lines, whole responses, lines of a server's
// configuration. Of a response only the header counts, and of several fields the
// first, as in browsers; a response without one is an error.
func pastedValues(text string) (values []string, err error) {
	if site := pastedSite(text); site != "" {
		return nil, withHint(fmt.Errorf("%s is a site, not a header", site), "to visit it: hsts-check %s", site)
	}
	lines := pastedLines(text)
	if responseStart.MatchString(firstOf(lines)) {
		return responseValues(lines)
	}
	for _, line := range lines {
		value, found := configuredValue(line)
		if found || !headerName.MatchString(text) && !strings.Contains(text, "<hsts ") {
			values = append(values, value)
		}
	}
	return values, nil
}

func pastedLines(text string) []string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return lines
}

// pastedSite returns what was meant to be visited: a URL or a host.
func pastedSite(text string) string {
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, "= \t\n;,") && !strings.Contains(text, "://") || headerName.MatchString(text) || !strings.Contains(text, ".") {
		return ""
	}
	if _, err := lists.Site(text); err != nil {
		return ""
	}
	return text
}

// firstOf returns the first line that is not blank.
func firstOf(lines []string) string {
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// responseValues returns the first field of each response.
func responseValues(lines []string) (values []string, err error) {
	answers := responses(lines)
	for _, a := range answers {
		if a.sent {
			values = append(values, a.field)
		}
	}
	switch {
	case len(values) == 0 && len(answers) > 1:
		return nil, withHint(fmt.Errorf("%w, nor in the %d before it", errNoHeader, len(answers)-1), answerHint)
	case len(values) == 0:
		return nil, withHint(errNoHeader, answerHint)
	}
	return values, nil
}

// A response is one of several that follow each other, as curl -L prints them.
type response struct {
	field string // the first, which counts
	sent  bool
}

// responses takes apart what is pasted. What a proxy answers to CONNECT, and what
// only comes before an answer, is none.
func responses(lines []string) []response {
	var all []response
	inHead := false
	for _, line := range lines {
		if m := responseStart.FindStringSubmatch(line); m != nil {
			interim := strings.HasPrefix(m[2], "1") || strings.Contains(strings.ToLower(line), "connection established")
			if inHead = !interim; inHead {
				all = append(all, response{})
			}
			continue
		}
		line = strings.TrimPrefix(strings.TrimPrefix(line, "< "), "<")
		name, value, colon := strings.Cut(line, ":")
		switch {
		case strings.TrimSpace(line) == "":
			inHead = false
		case inHead && colon && strings.EqualFold(strings.TrimSpace(name), "Strict-Transport-Security"):
			if a := &all[len(all)-1]; !a.sent {
				*a = response{value, true}
			}
		}
	}
	return all
}

// bareAnswers says which of several pasted responses lack the header; empty where
// none does, or all do.
func bareAnswers(text string) []string {
	answers := responses(pastedLines(text))
	if !slices.ContainsFunc(answers, func(a response) bool { return a.sent }) {
		return nil
	}
	var said []string
	for i, a := range answers {
		if !a.sent {
			said = append(said, fmt.Sprintf("answer %d of %d has no Strict-Transport-Security", i+1, len(answers)))
		}
	}
	return said
}

const answerHint = "the header is sent over https alone: curl -sI https://HOST/ | hsts-check header -"

// configuredValue returns the value that a line sets the header to, and whether it
// is about the header at all; without it, the line is the value.
func configuredValue(line string) (value string, found bool) {
	if value, found = iisValue(line); found {
		return value, true
	}
	at := headerName.FindStringIndex(line)
	if at == nil {
		return line, false
	}
	rest := strings.ReplaceAll(line[at[1]:], `\ `, " ") // HAProxy's blank
	if at[0] > 0 && at[0]+len("strict-transport-security") < len(line) && strings.ContainsRune(`"'`, rune(line[at[0]-1])) {
		if quote := line[at[0]-1]; rest != "" && rest[0] == quote { // "name", then the value
			rest = rest[1:]
		} else if i := strings.LastIndexByte(rest, quote); i >= 0 { // "name: value"
			rest = rest[:i]
		}
	}
	rest = strings.TrimLeft(rest, " \t")
	if after, colon := strings.CutPrefix(rest, ":"); colon {
		rest = strings.TrimSpace(after)
		switch {
		case len(rest) > 1 && (rest[0] == '"' || rest[0] == '\''):
			return quoted(rest), true // YAML, JSON
		case strings.Contains(line, `\ `):
			return unquoted(rest), true
		}
		return rest, true
	}
	rest = strings.TrimLeft(rest, " \t,=>")
	rest = strings.TrimPrefix(rest, "value=")
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		return quoted(rest), true
	}
	return unquoted(rest), true
}

// quoted returns what is in the quotes that a text begins with.
func quoted(s string) string {
	inside, _, _ := strings.Cut(s[1:], s[:1])
	return inside
}

// behindValue is what servers let stand behind a value that is not in quotes.
var behindValue = regexp.MustCompile(`(\s+(always|env=\S+|if\s.*|unless\s.*|"expr=.*)|\s*[)};])+\s*$`)

func unquoted(s string) string { return behindValue.ReplaceAllString(s, "") }

// iisValue reads IIS's own elements: hsts of a site, and add of customHeaders.
func iisValue(line string) (value string, found bool) {
	var element struct {
		XMLName    xml.Name
		Name       string `xml:"name,attr"`
		Value      string `xml:"value,attr"`
		MaxAge     string `xml:"max-age,attr"`
		SubDomains string `xml:"includeSubDomains,attr"`
		Preload    string `xml:"preload,attr"`
	}
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "<hsts ") && !strings.HasPrefix(line, "<add ") {
		return "", false
	}
	if !strings.HasSuffix(line, "/>") {
		line = strings.TrimSuffix(line, ">") + "/>"
	}
	if xml.Unmarshal([]byte(line), &element) != nil {
		return "", false
	}
	if element.XMLName.Local == "add" {
		return element.Value, strings.EqualFold(element.Name, "Strict-Transport-Security")
	}
	value = "max-age=" + element.MaxAge
	if strings.EqualFold(element.SubDomains, "true") {
		value += "; includeSubDomains"
	}
	if strings.EqualFold(element.Preload, "true") {
		value += "; preload"
	}
	return value, true
}
