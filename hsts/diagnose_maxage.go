package hsts

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	// writeSeconds is what to do where no number can be guessed.
	writeSeconds = "write the number of seconds, such as max-age=300 to begin with"
	neverFilled  = " is a placeholder that was never filled in"
	hasUnit      = " has a unit, but max-age is a plain number of seconds"
)

func adviseMaxAgeAbsent(field string) string {
	if strings.Trim(field, " \t") == "" {
		return "the value is empty: " + writeSeconds
	}
	if wrong := wrapped(field); wrong != "" {
		return wrong
	}
	for d := range directives(field) {
		name := show(d.name)
		switch {
		case strings.HasPrefix(d.name, "#") && nearest(d.name) == "max-age":
			return advice(field, name+` begins with "#", but a header has no comments`, writeSeconds)
		case !nearestMaxAge(d.name):
		case strings.Contains(d.name, "%"):
			return advice(field, name+" is escaped for a URL, which means nothing in a header", writeSeconds)
		case !d.hasValue && strings.ContainsAny(d.name, "0123456789"):
			return advice(field, `"=" is missing in `+name, writeSeconds)
		default:
			return advice(field, name+" should be max-age", writeSeconds)
		}
	}
	return adviseNoName(field)
}

// adviseNoName reports a field without any name that could stand for max-age.
func adviseNoName(field string) string {
	for d := range directives(field) {
		switch name := strings.ToLower(d.name); {
		case d.hasValue:
		case name != "" && strings.Trim(name, "0123456789") == "":
			return advice(field, "the number "+show(name)+` has no "max-age=" before it`, writeSeconds)
		case name == "on", name == "true", name == "yes", name == "enabled", name == "enable":
			return show(d.name) + " switches nothing on, as only max-age does: " + writeSeconds
		case name == "off", name == "false", name == "no", name == "disabled", name == "none":
			return show(d.name) + " switches nothing off, as only max-age does: write max-age=0 for that"
		case name == "strict-transport-security":
			return "the value is only the header's own name: " + writeSeconds
		}
	}
	return "max-age is missing, and it is required: " + writeSeconds
}

var (
	placeholder  = regexp.MustCompile(`^(?:[$@%].*|__.*|.*__|.*\{.*|.*<%.*)$`)
	negative     = regexp.MustCompile(`^-[0-9]+$`)
	numberQuoted = regexp.MustCompile("^['`]?[0-9]+['`]?$")
	numberGlued  = regexp.MustCompile(`^([0-9]+)([^0-9A-Za-z]*)([A-Za-z].*)$`)
	escapedChar  = regexp.MustCompile(`(?i)%[0-9A-F]{2}|&(?:#[0-9]+|amp|apos|gt|lt|nbsp|quot|semi)\b`)
)

func (f Fault) adviseMaxAgeInvalid(field string) string {
	v := f.Value
	value := show(v)
	glued := numberGlued.FindStringSubmatch(v)
	switch {
	case v == "":
		return advice(field, "max-age has no value", writeSeconds)
	case strings.HasSuffix(v, "$"):
		return value + " looks cut off, with the \"$\" that editors show at the edge of a window: write the whole number of seconds"
	case placeholder.MatchString(v):
		return value + neverFilled + ": " + writeSeconds
	case negative.MatchString(v):
		return adviseNegative(v)
	case numberQuoted.MatchString(v):
		return advice(field, "the number in "+show("max-age="+v)+" is in the wrong kind of quotes", "leave them out")
	case escapedChar.MatchString(v):
		return advice(field, show(escapedChar.FindString(v))+" is an escaped character, which means nothing in a header", "type it plainly")
	case glued != nil && glued[2] == "" && nearest(glued[3]) != "":
		return advice(field, fmt.Sprintf("a semicolon is missing between %s and %s", show(glued[1]), show(glued[3])), "write one")
	case glued != nil && nearest(glued[3]) != "":
		return advice(field, fmt.Sprintf("the %s between %s and %s should be a semicolon", show(glued[2]), show(glued[1]), show(glued[3])), "write one")
	}
	return f.adviseNotDigits(field)
}

// adviseNegative tells apart "no, thanks" from a reckoning that went wrong.
func adviseNegative(v string) string {
	if len(v) > len("-86400") {
		return show(v) + " is negative, as when max-age is reckoned from an expiry date that has passed: " + writeSeconds
	}
	return show(v) + " is negative: write max-age=0 to switch HSTS off, or else the number of seconds"
}

// adviseNotDigits reports what people write in place of a number of seconds.
func (f Fault) adviseNotDigits(field string) string {
	value := show(f.Value)
	switch v := strings.ToLower(f.Value); v {
	case "off", "false", "no", "none", "disabled":
		return value + " is not a number: write max-age=0 to switch HSTS off, or else the number of seconds"
	case "never", "infinity", "inf", "infinite", "forever", "unlimited", "always", "max":
		return value + " is not a number, and no policy is endless: " + writeSeconds
	case "nan", "null", "nil", "undefined":
		return value + " is what a program writes when it has no number: " + writeSeconds
	case "on", "true", "yes", "enabled":
		return value + " is not a number: " + writeSeconds
	}
	const digits = "0123456789"
	switch i := strings.IndexFunc(f.Value, func(r rune) bool { return !strings.ContainsRune(digits, r) }); {
	case !strings.ContainsAny(f.Value, digits):
		return value + " is not a number: " + writeSeconds
	case endsInUnit(f.Value):
		return advice(field, value+hasUnit, writeSeconds)
	case i < 0: // quoted pairs hide the digits, or the field is not f's
		return value + " is not a number: " + writeSeconds
	default:
		odd := firstGlyph(f.Value[i:])
		return advice(field, odd.name+" in "+value+" is not a digit", "write digits only")
	}
}

// endsInUnit reports whether a number is written with a unit of time, as in 365d.
func endsInUnit(value string) bool {
	_, size, ok := parseCount(strings.ToLower(value))
	return ok && size == len(value) && noDigits.MatchString(value[size-1:]) && !strings.HasSuffix(value, ".")
}
