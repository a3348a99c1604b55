package hsts

import (
	"fmt"
	"strings"
)

// Advice says in one clause what is wrong with the field that [Parse] returned
// the fault for, and what was probably meant or how to put it right:
//
//	the comma after "max-age=1" should be a semicolon: write "max-age=1; includeSubDomains"
//
// It leaves out who sent the field and what comes of it. The clause has no
// full stop and holds printable characters only, whatever the field holds;
// what it quotes is cut short. A field that it suggests is always valid. For a
// kind that is not a fault of this package it is "".
func (f Fault) Advice(field string) string {
	switch f.Kind {
	case Syntax:
		return adviseSyntax(field)
	case MaxAgeAbsent:
		return adviseMaxAgeAbsent(field)
	case MaxAgeInvalid:
		return f.adviseMaxAgeInvalid(field)
	case MaxAgeQuoted:
		return advice(field, "the number of max-age is in double quotes", "leave them out")
	case DirectiveRepeated:
		return f.adviseRepeated(field)
	case DirectiveUnknown:
		return f.adviseUnknown(field)
	case DirectiveEmpty:
		return f.adviseEmpty(field)
	case IncludeSubDomainsValue:
		return f.adviseIncludeSubDomains(field)
	}
	return ""
}

// advice joins what is wrong with what to write, or with what to do where that
// cannot be told.
func advice(field, wrong, todo string) string {
	if p, ok := Meant(field); ok {
		return wrong + ": write " + show(p.String())
	}
	return wrong + ": " + todo
}

func (f Fault) adviseIncludeSubDomains(field string) string {
	wrong := "includeSubDomains takes no value, but has " + show(f.Value)
	switch strings.ToLower(f.Value) {
	case "":
		wrong = "includeSubDomains takes no value, not even an empty one"
	case "0", "false", "no", "off":
		wrong = fmt.Sprintf("%s does not switch includeSubDomains off: leave the directive out for that", show(f.Value))
		if p, ok := Meant(field); ok {
			wrong += " and write " + show(p.String())
		}
		return wrong
	}
	return advice(field, wrong, "write includeSubDomains alone")
}

func (f Fault) adviseRepeated(field string) string {
	for d := range directives(field) {
		if !strings.EqualFold(d.name, f.Directive) {
			continue
		}
		if d.value != f.Value {
			return fmt.Sprintf("%s is given again, first as %s, then as %s: keep one", show(f.Directive), show(d.value), show(f.Value))
		}
		break
	}
	return show(f.Directive) + " is given again: once is enough"
}

func (f Fault) adviseEmpty(field string) string {
	switch {
	case strings.Trim(field[f.at(field):], "; \t") == "":
		return "nothing follows the last semicolon: leave it out"
	case strings.Trim(field[:f.at(field)], "; \t") == "":
		return "nothing precedes the first semicolon: leave it out"
	}
	return "nothing is between two semicolons: one is enough"
}

// at is the fault's offset, kept inside of a field that it does not belong to.
func (f Fault) at(field string) int {
	return max(0, min(f.Offset, len(field)))
}

// outsiders are names, in lower case, that are at home elsewhere.
var outsiders = map[string]string{
	"always":                    "a word of nginx's and Apache's configuration: put it after the closing quote",
	"env":                       "a word of Apache's configuration: put it after the closing quote",
	"redirecthttptohttps":       "a setting of IIS that is not part of the header: leave it out here",
	"enabled":                   "a setting of IIS that is not part of the header: leave it out here",
	"strict-transport-security": "the header's own name: leave it out of the value",
	"stricttransportsecurity":   "the header's own name: leave it out of the value",
	"hsts":                      "a name of the header: leave it out of the value",
	"upgrade-insecure-requests": "a directive of Content-Security-Policy: put it there",
	"nosniff":                   "a value of X-Content-Type-Options: put it there",
	"deny":                      "a value of X-Frame-Options: put it there",
	"sameorigin":                "a value of X-Frame-Options: put it there",
	"httponly":                  "an attribute of cookies: put it into Set-Cookie",
	"secure":                    "an attribute of cookies: put it into Set-Cookie",
	"samesite":                  "an attribute of cookies: put it into Set-Cookie",
	"report-to":                 "a directive of Content-Security-Policy: put it there",
	"report-uri":                "a directive of Content-Security-Policy: put it there",
}

func (f Fault) adviseUnknown(field string) string {
	name := show(f.Directive)
	if right, ok := f.Slip(); ok {
		return f.adviseSlip(field, right)
	}
	if home := outsiders[strings.ToLower(f.Directive)]; home != "" {
		return name + " is " + home
	}
	switch {
	case commandName.MatchString(f.Directive):
		return name + " is a command of a server's configuration: close the quote before it"
	case isHeaderName(f.Directive):
		return name + " is a header of its own: set it on a line of its own"
	case strings.HasPrefix(f.Directive, "#"):
		return name + " looks like a comment, but a header has none: leave it out"
	}
	number := onlyDigits.MatchString(f.Directive)
	if (number || nearestMaxAge(f.Directive)) && !has(field, "max-age") {
		if number {
			return advice(field, "no client knows what the number "+name+" is", writeSeconds)
		}
		return "no client knows " + name + ": write max-age"
	}
	return "no client knows " + name + ": leave it out"
}

// adviseSlip reports a directive that is nearly right.
func (f Fault) adviseSlip(field, right string) string {
	name := show(f.Directive)
	wrong, todo := "no client knows "+name, "write "+right
	switch bare := strings.Trim(f.Directive, "'`"); {
	case strings.EqualFold(f.Directive, right):
		wrong, todo = right+" takes no value", "write it alone"
	case strings.EqualFold(bare, right) && bare != f.Directive:
		wrong = "the quote in " + name + " counts as part of the name"
	case strings.HasPrefix(f.Directive, "#"):
		wrong = name + " looks like a comment, but a header has none"
		todo += " or nothing"
	case strings.HasSuffix(f.Directive, "$"):
		wrong = name + " looks cut off, with the \"$\" that editors show at the edge of a window"
	}
	if !strings.EqualFold(f.Directive, right) && has(field, right) {
		todo = "leave it out, as " + right + " is there too"
	}
	return wrong + ": " + todo
}

// has reports whether a field has a directive, rightly spelt.
func has(field, name string) bool {
	for d := range directives(field) {
		if strings.EqualFold(d.name, name) {
			return true
		}
	}
	return false
}

// directives yields those of a field, up to where its grammar breaks. It looks
// no further than [maxMeant], so that a field of a thousand faults costs little.
func directives(field string) func(yield func(directive) bool) {
	return func(yield func(directive) bool) {
		for s := (scanner{field: field[:min(len(field), maxMeant)]}); s.next(); {
			if !yield(s.current) {
				return
			}
		}
	}
}
