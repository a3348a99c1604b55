package hsts

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

func ExampleFault_Advice() {
	field := "max-age=31536000, includeSubDomains"
	_, faults := Parse(field)
	fmt.Println(faults[0].Advice(field))
	// Output: the comma after "max-age=31536000" should be a semicolon: write "max-age=31536000; includeSubDomains"
}

func ExampleFault_Slip() {
	_, faults := Parse("max-age=31536000; includesSubDomains")
	fmt.Println(faults[0].Slip())
	// Output: includeSubDomains true
}

// adviceTests hold what is said of the first fault of a kind.
var adviceTests = []struct {
	name, field string
	kind        FaultKind
	want        string // all that is said, or the part that matters
}{
	{"quotes around the value", `"max-age=1"`, Syntax, "the whole value is in double quotes, which belong in the server's configuration only: send it without them"},
	{"quotes around the value and always", `"max-age=1" always;`, Syntax, `send it without them and without "always"`},
	{"curly quotes around the value", "“max-age=1;”", Syntax, "in typographic quotes (U+201C, a curly double quote)"},
	{"single quotes around the value", "'max-age=1; preload'", MaxAgeAbsent, "the whole value is in single quotes"},
	{"backquotes around the value", "`max-age=1`", MaxAgeAbsent, "the whole value is in backquotes"},
	{"quotes escaped once too often", `\"max-age=1\"`, Syntax, `the backslash at the beginning is out of place: write "max-age=1"`},
	{"a quote that is not closed", `"max-age=1`, Syntax, `the double quote at the beginning has no match: write "max-age=1"`},
	{"a quote that is not opened", `max-age=1"`, Syntax, `the double quote after "max-age=1" has no match: write "max-age=1"`},
	{"an open quote before the value", `max-age="1; preload`, Syntax, `the double quote after "max-age=" is never closed: write "max-age=1; preload"`},
	{"text before a quote", `max-age=x"1"`, Syntax, `a double quote is out of place after "max-age=x": leave it out`},
	{"a name in quotes", `"max-age"=1`, Syntax, `"max-age" is in double quotes, which only a value may be: write "max-age=1"`},
	{"two quoted values", `"max-age=1", "max-age=1"`, Syntax, "the same value is sent twice, joined by a comma"},

	{"the field's name", "Strict-Transport-Security: max-age=1", Syntax, `the value begins with the header's own name, "Strict-Transport-Security:": write "max-age=1"`},
	{"the field's name and =", "Strict-Transport-Security=max-age=1", Syntax, "the header's own name"},
	{"the field's name bare", "Strict-Transport-Security max-age=1", Syntax, "the header's own name"},
	{"the field's name as a directive", "Strict-Transport-Security; max-age=1", DirectiveUnknown, "is the header's own name: leave it out of the value"},
	{"nothing but the field's name", "Strict-Transport-Security", MaxAgeAbsent, "the value is only the header's own name"},
	{"the short name", "HSTS: max-age=1", Syntax, `the header's own name, "HSTS:"`},
	{"a stray colon", ": max-age=1", Syntax, `a colon precedes the value: write "max-age=1"`},

	{"a curly quote left over", "max-age=1; includeSubDomains“\\", Syntax, `U+201C, a curly double quote, is out of place after "includeSubDomains": write "max-age=1; includeSubDomains"`},
	{"a no-break space", "max-age=1;\u00a0preload", Syntax, `U+00A0, a no-break space, is out of place after "max-age=1;": write "max-age=1; preload"`},
	{"a zero-width space", "max-age=1\u200b", Syntax, "U+200B, a zero-width space,"},
	{"a byte order mark", "\ufeffmax-age=1", Syntax, "U+FEFF, a byte order mark, is out of place at the beginning"},
	{"a no-break hyphen", "max\u2011age=1", Syntax, `U+2011, a no-break hyphen, is out of place after "max": write "max-age=1"`},
	{"a full-width semicolon", "max-age=1；preload", Syntax, `U+FF1B, a full-width ";", is out of place after "max-age=1": write "max-age=1; preload"`},
	{"full-width digits", "max-age=１０", Syntax, `U+FF11, a full-width "1", is out of place after "max-age=": write "max-age=10"`},
	{"a Cyrillic letter", "mаx-age=1", Syntax, "U+0430, a Cyrillic letter,"},
	{"a bidi control", "max-age=1\u202e", Syntax, "U+202E, an invisible character,"},
	{"quotes of an old editor", "max-age=\x931\x94", Syntax, `byte 0x93, a curly double quote in Windows-1252, is out of place after "max-age=": write "max-age=1"`},
	{"a no-break space of an old editor", "max-age=1\xa0", Syntax, "byte 0xA0, a no-break space in Windows-1252,"},
	{"a byte of no meaning", "max-age=x\xf6", Syntax, `byte 0xF6, which is not ASCII, is out of place after "max-age=x": only plain ASCII is allowed there`},
	{"question marks for quotes", "???max-age=1???", Syntax, `"???" at the beginning looks like a quote that an editor could not save: write "max-age=1"`},
	{"NUL", "max-age=1\x00; preload", Syntax, `byte 0x00, NUL, is out of place after "max-age=1": write "max-age=1; preload"`},
	{"a control byte in quotes", "max-age=1; foo=\"\x7f\"", Syntax, "byte 0x7F, a delete, is out of place after `foo=\"`"},

	{"a comma for a semicolon", "max-age=1, includeSubDomains", Syntax, `the comma after "max-age=1" should be a semicolon: write "max-age=1; includeSubDomains"`},
	{"a comma at the end", "max-age=1, ", Syntax, `nothing follows the comma at the end: write "max-age=1"`},
	{"a comma at the beginning", ",max-age=1", Syntax, "nothing precedes the comma"},
	{"a comma after a semicolon", "max-age=1;, preload", Syntax, `a comma follows a semicolon: write "max-age=1; preload"`},
	{"the same field three times", "max-age=1, max-age=1, max-age=1", Syntax, "the same value is sent 3 times, joined by commas, as when a server and a proxy both add the header: send it once"},
	{"fields that mean the same", "max-age=1; Preload;, max-age=1; preload", Syntax, "2 values that mean the same are joined by a comma, as when a server and a proxy both add the header: send one of them"},
	{"fields that differ", "max-age=1, max-age=2; preload", Syntax, "2 different values are joined by a comma, as when a server and a proxy both add the header: send one of them"},
	{"thousands by commas", "max-age=31,536,000", Syntax, `the number "31,536,000" is written with commas: write "max-age=31536000"`},
	{"a date", "max-age=1; expires=Tue, 22 Nov 2027 00:00:00 GMT", Syntax, `"Tue, 22 Nov 2027" is a date, but a policy lasts for a number of seconds: write "max-age=1"`},
	{"a comma in a value that nobody knows", "max-age=1; foo=a,b", Syntax, `"," needs double quotes around the value of "foo", which no client knows: leave it all out`},

	{"a colon for =", "max-age:1; preload", Syntax, `the colon after "max-age" should be an equals sign: write "max-age=1; preload"`},
	{"a line of a script", "maxAge: 300; includeSubDomains: true; on: true", Syntax, `"maxAge:" should be "max-age=": write "max-age=300; includeSubDomains"`},
	{"JSON", `{"max-age": 1, "includeSubDomains": false}`, Syntax, `the value is in brackets: write "max-age=1"`},
	{"a colon and a value", "max-age=1; includeSubDomains: true", Syntax, "includeSubDomains takes no value"},
	{"a colon too many", "max-age=1:", Syntax, `the colon after "max-age=1" is out of place: write "max-age=1"`},
	{"== for =", "max-age==1", Syntax, `two equals signs follow "max-age": write "max-age=1"`},
	{"= after the value", "max-age=1=", Syntax, `the equals sign after "max-age=1" is out of place: write "max-age=1"`},
	{"= before the value", "=1", Syntax, `no name precedes the equals sign: write "max-age=1"`},
	{"= without a value", "max-age=; preload", Syntax, `nothing follows "max-age=": write the number of seconds, such as max-age=300 to begin with`},
	{"= without a value, where none may be", "max-age=1; preload=", Syntax, `preload takes no value, nor an equals sign: write "max-age=1; preload"`},
	{"no =", "max-age 1", Syntax, `"=" is missing between "max-age" and "1": write "max-age=1"`},

	{"no semicolon", "max-age=1; includeSubDomains preload", Syntax, `a semicolon is missing between "includeSubDomains" and "preload": write "max-age=1; includeSubDomains; preload"`},
	{"no semicolon after the number", "max-age=1 includeSubDomains", Syntax, `a semicolon is missing between "max-age=1" and "includeSubDomains"`},
	{"no semicolon between strangers", "max-age=1; foo bar", Syntax, `a semicolon is missing between "foo" and "bar", and no client knows "foo": write "max-age=1"`},
	{"a blank in max-age", "max age=1", Syntax, `"max age" should be one word: write "max-age=1"`},
	{"a blank in includeSubDomains", "max-age=1; include SubDomains; preload", Syntax, `"include SubDomains" should be one word: write "max-age=1; includeSubDomains; preload"`},
	{"a bar for a semicolon", "max-age=1 | preload", Syntax, `the "|" after "max-age=1" should be a semicolon: write "max-age=1; preload"`},
	{"thousands by blanks", "max-age=1 000 000", Syntax, `the number "1 000 000" is written with blanks: write "max-age=1000000"`},
	{"a unit after a blank", "max-age=365 days", Syntax, `"365 days" has a unit, but max-age is a plain number of seconds: write "max-age=31536000"`},
	{"a number in words", "max-age=one year", Syntax, `"one year" is not a number: write the number of seconds, such as max-age=300 to begin with`},
	{"a word after a quoted number", `max-age="1"1`, Syntax, "`max-age=\"1\"`, where a semicolon or the end is due"},

	{"always in the value", "max-age=1; preload  always", Syntax, `"always" is a word of nginx's and Apache's configuration: put it after the closing quote`},
	{"env in the value", "max-age=1 env=HTTPS", Syntax, `"env=HTTPS" is a word of Apache's configuration: put it after the closing quote`},
	{"the next line of nginx", "max-age=1; add_header X-Frame-Options DENY; preload", Syntax, `"add_header X-Frame-Options DENY" is a line of a server's configuration: close the quote before it`},
	{"the next line of Apache", "max-age=1; Header set X-A b", Syntax, `"Header set X-A b" is a line of a server's configuration: close the quote before it`},
	{"a whole line of nginx", `add_header Strict-Transport-Security "max-age=1"`, Syntax, `the value is a whole line of a server's configuration: write "max-age=1"`},
	{"the next header", "max-age=1; X-Frame-Options: DENY", Syntax, `"X-Frame-Options: DENY" is a header of its own: set it on a line of its own`},
	{"a template", "max-age={{ hsts_max_age }}; preload", Syntax, `"{{ hsts_max_age }}" is a placeholder that was never filled in: write the number of seconds, such as max-age=300 to begin with`},
	{"a variable in braces", "max-age=${AGE}", Syntax, `"${AGE}" is a placeholder that was never filled in`},
	{"PHP", "max-age=<?php echo 1 ?>", Syntax, `"<?php echo 1 ?>" is a placeholder that was never filled in`},
	{"the value in brackets", "[max-age=1]", Syntax, `the value is in brackets: write "max-age=1"`},
	{"the number in brackets", "max-age=<1>", Syntax, `the number of max-age is in brackets: write "max-age=1"`},
	{"a bracket elsewhere", "max-age=1; includeSubDomains(x)", Syntax, `the bracket "(" after "includeSubDomains" is out of place: write "max-age=1; includeSubDomains"`},
	{"a comment of a shell", "max-age=1 # one year", Syntax, `"# one year" looks like a comment, but a header has none: write "max-age=1"`},
	{"a comment as a directive", "max-age=1; # one year", Syntax, `"# one year" looks like a comment`},
	{"a comment of C", "max-age=1 // c", Syntax, `"// c" looks like a comment, but a header has none: write "max-age=1"`},
	{"commented out as in C", "//max-age=1", Syntax, `the value begins with "//", but a header has no comments: write "max-age=1"`},
	{"commented out as in a shell", "#max-age=1", MaxAgeAbsent, `"#max-age" begins with "#", but a header has no comments: write "max-age=1"`},
	{"a semicolon escaped for a URL", "max-age=1%3B preload", Syntax, `"%3B" is an escaped character, which means nothing in a header: write "max-age=1; preload"`},
	{"a semicolon escaped for HTML", "max-age=1&#59; preload", MaxAgeInvalid, `"&#59" is an escaped character, which means nothing in a header: write "max-age=1; preload"`},
	{"an ampersand escaped for HTML", "max-age=1&amp; preload", MaxAgeInvalid, `"&amp" is an escaped character`},
	{"a semicolon escaped for a shell", `max-age=1\; preload`, Syntax, `the backslash after "max-age=1" is out of place: write "max-age=1; preload"`},
	{"a slash", "max-age=1/", Syntax, `"/" is out of place after "max-age=1": write "max-age=1"`},

	{"an expiry that has passed", "max-age=-100000000", MaxAgeInvalid, `"-100000000" is negative, as when max-age is reckoned from an expiry date that has passed: write the number of seconds, such as max-age=300 to begin with`},
	{"minus one", "max-age=-1", MaxAgeInvalid, `"-1" is negative: write max-age=0 to switch HSTS off, or else the number of seconds`},
	{"a sign", "max-age=+1", MaxAgeInvalid, `"+" in "+1" is not a digit: write "max-age=1"`},
	{"days", "max-age=365d", MaxAgeInvalid, `"365d" has a unit, but max-age is a plain number of seconds: write "max-age=31536000"`},
	{"a span of ISO 8601", "max-age=P1Y", MaxAgeInvalid, `write "max-age=31536000"`},
	{"seconds by name", "max-age=1s", MaxAgeInvalid, `"1s" has a unit, but max-age is a plain number of seconds: write "max-age=1"`},
	{"a letter is no unit", "max-age=1a", MaxAgeInvalid, `"a" in "1a" is not a digit: write digits only`},
	{"an exponent", "max-age=1E6", MaxAgeInvalid, `"E" in "1E6" is not a digit: write "max-age=1000000"`},
	{"an empty fraction", "max-age=1.0", MaxAgeInvalid, `"." in "1.0" is not a digit: write "max-age=1"`},
	{"a fraction is not guessed", "max-age=1.5", MaxAgeInvalid, `"." in "1.5" is not a digit: write digits only`},
	{"thousands by underscores", "max-age=1_000_000", MaxAgeInvalid, `"_" in "1_000_000" is not a digit: write "max-age=1000000"`},
	{"a hexadecimal number is not guessed", "max-age=0x10", MaxAgeInvalid, `"x" in "0x10" is not a digit: write digits only`},
	{"a blank in the quotes", `max-age="1 "`, MaxAgeInvalid, `" " in "1 " is not a digit: write "max-age=1"`},
	{"single quotes", "max-age='1'; preload", MaxAgeInvalid, `the number in "max-age='1'" is in the wrong kind of quotes: write "max-age=1; preload"`},
	{"off", "max-age=off; preload", MaxAgeInvalid, `"off" is not a number: write max-age=0 to switch HSTS off, or else the number of seconds`},
	{"never", "max-age=never", MaxAgeInvalid, `"never" is not a number, and no policy is endless: write the number of seconds, such as max-age=300 to begin with`},
	{"a failed reckoning", "max-age=NaN", MaxAgeInvalid, `"NaN" is what a program writes when it has no number`},
	{"a word", "max-age=abc", MaxAgeInvalid, `"abc" is not a number: write the number of seconds, such as max-age=300 to begin with`},
	{"a variable", "max-age=$age; preload", MaxAgeInvalid, `"$age" is a placeholder that was never filled in: write the number of seconds, such as max-age=300 to begin with`},
	{"a variable of Windows", "max-age=%AGE%", MaxAgeInvalid, `"%AGE%" is a placeholder that was never filled in`},
	{"glued to the next directive", "max-age=1includeSubDomains", MaxAgeInvalid, `a semicolon is missing between "1" and "includeSubDomains": write "max-age=1; includeSubDomains"`},
	{"joined to the next directive", "max-age=1&preload", MaxAgeInvalid, `the "&" between "1" and "preload" should be a semicolon: write "max-age=1; preload"`},
	{"a number cut off is not guessed", "max-age=12$", MaxAgeInvalid, `"12$" looks cut off, with the "$" that editors show at the edge of a window: write the whole number of seconds`},
	{"no value", "preload; max-age", MaxAgeInvalid, "max-age has no value: write the number of seconds, such as max-age=300 to begin with"},

	{"an empty field", " ", MaxAgeAbsent, "the value is empty: write the number of seconds, such as max-age=300 to begin with"},
	{"no hyphen", "maxage=1", MaxAgeAbsent, `"maxage" should be max-age: write "max-age=1"`},
	{"an underscore", "max_age=1", MaxAgeAbsent, `"max_age" should be max-age: write "max-age=1"`},
	{"a slip", "mag-age=1", MaxAgeAbsent, `"mag-age" should be max-age: write "max-age=1"`},
	{"a name of the kind", "expires=60; preload", MaxAgeAbsent, `"expires" should be max-age: write "max-age=60; preload"`},
	{"no = either", "max-age1", MaxAgeAbsent, `"=" is missing in "max-age1": write "max-age=1"`},
	{"= escaped for a URL", "max-age%3D1", MaxAgeAbsent, `"max-age%3D1" is escaped for a URL, which means nothing in a header: write "max-age=1"`},
	{"a bare number", "2000000; includeSubDomains", MaxAgeAbsent, `the number "2000000" has no "max-age=" before it: write "max-age=2000000; includeSubDomains"`},
	{"the others alone", "includeSubDomains; preload", MaxAgeAbsent, "max-age is missing, and it is required: write the number of seconds, such as max-age=300 to begin with"},
	{"on", "on", MaxAgeAbsent, `"on" switches nothing on, as only max-age does: write the number of seconds, such as max-age=300 to begin with`},
	{"off", "off", MaxAgeAbsent, `"off" switches nothing off, as only max-age does: write max-age=0 for that`},

	{"a slip of includeSubDomains", "max-age=1; includeSubDromains", DirectiveUnknown, `no client knows "includeSubDromains": write includeSubDomains`},
	{"a slip beside what was meant", "max-age=1; includeSubDomain; includeSubDomains", DirectiveUnknown, `no client knows "includeSubDomain": leave it out, as includeSubDomains is there too`},
	{"a directive cut off", "max-age=1; includeSubDom$", DirectiveUnknown, `"includeSubDom$" looks cut off, with the "$" that editors show at the edge of a window: write includeSubDomains`},
	{"a directive in single quotes", "max-age=1; 'preload'", DirectiveUnknown, `the quote in "'preload'" counts as part of the name: write preload`},
	{"a directive commented out", "max-age=1; #preload", DirectiveUnknown, `"#preload" looks like a comment, but a header has none: write preload or nothing`},
	{"preload with a value", "max-age=1; preload=true", DirectiveUnknown, "preload takes no value: write it alone"},
	{"a number for max-age", "1", DirectiveUnknown, `no client knows what the number "1" is: write "max-age=1"`},
	{"a number beside max-age", "max-age=1; 2", DirectiveUnknown, `no client knows "2": leave it out`},
	{"always as a directive", "max-age=1; always", DirectiveUnknown, `"always" is a word of nginx's and Apache's configuration: put it after the closing quote`},
	{"a setting of IIS", "max-age=1; redirectHttpToHttps", DirectiveUnknown, `"redirectHttpToHttps" is a setting of IIS that is not part of the header: leave it out here`},
	{"a command of nginx", "max-age=1; add_header", DirectiveUnknown, `"add_header" is a command of a server's configuration: close the quote before it`},
	{"another header", "max-age=1; X-Frame-Options=DENY", DirectiveUnknown, `"X-Frame-Options" is a header of its own: set it on a line of its own`},
	{"a directive of another header", "max-age=1; report-uri=x", DirectiveUnknown, `"report-uri" is a directive of Content-Security-Policy: put it there`},
	{"a stranger", "max-age=1; foo", DirectiveUnknown, `no client knows "foo": leave it out`},

	{"twice the same", "max-age=1; MAX-AGE=1", DirectiveRepeated, `"MAX-AGE" is given again: once is enough`},
	{"twice with different values", "max-age=1; max-age=2", DirectiveRepeated, `"max-age" is given again, first as "1", then as "2": keep one`},
	{"includeSubDomains=true", "max-age=1; includeSubDomains=true", IncludeSubDomainsValue, `includeSubDomains takes no value, but has "true": write "max-age=1; includeSubDomains"`},
	{"includeSubDomains=false is no off switch", "max-age=1; includeSubDomains=false", IncludeSubDomainsValue, `"false" does not switch includeSubDomains off: leave the directive out for that and write "max-age=1"`},
	{"includeSubDomains with empty quotes", `max-age=1; includeSubDomains=""`, IncludeSubDomainsValue, "not even an empty one"},
	{"a semicolon at the end", "max-age=1;", DirectiveEmpty, "nothing follows the last semicolon: leave it out"},
	{"a semicolon at the beginning", ";max-age=1", DirectiveEmpty, "nothing precedes the first semicolon: leave it out"},
	{"two semicolons", "max-age=1;;preload", DirectiveEmpty, "nothing is between two semicolons: one is enough"},
	{"a number in double quotes", `max-age="1"; preload`, MaxAgeQuoted, `the number of max-age is in double quotes: write "max-age=1; preload"`},
}

func TestAdvice(t *testing.T) {
	for _, tt := range adviceTests {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := Parse(tt.field)
			for _, f := range faults {
				if f.Kind != tt.kind {
					continue
				}
				if got := f.Advice(tt.field); !strings.Contains(got, tt.want) {
					t.Errorf("%q:\n got %s\nwant %s", tt.field, got, tt.want)
				}
				checkAdvice(t, tt.field, f)
				return
			}
			t.Errorf("%q has no fault %s: %v", tt.field, tt.kind, faults)
		})
	}
}

func TestAdviceOnOtherField(t *testing.T) {
	_, faults := Parse("max-age=1; foo; foo=2; includeSubDomains=1; max-age=2;;")
	faults = append(faults, Fault{Kind: Syntax, Offset: 99}, Fault{Kind: MaxAgeInvalid, Value: "1"}, Fault{Kind: MaxAgeAbsent})
	for _, f := range faults {
		for _, field := range []string{"", "max-age=1"} {
			checkAdvice(t, field, f)
		}
	}
	if got := (Fault{Kind: "other"}).Advice("max-age=1"); got != "" {
		t.Errorf("an unknown kind: %s", got)
	}
}

var suggestion = regexp.MustCompile(`write "(max-age=[^"]*)"`)

// checkAdvice holds advice to what is true of any.
func checkAdvice(t *testing.T, field string, f Fault) {
	t.Helper()
	got := f.Advice(field)
	if got == "" || strings.HasSuffix(got, ".") || len(got) > 800 {
		t.Errorf("%q, %s: advice %q", field, f.Kind, got)
	}
	if strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) >= 0 {
		t.Errorf("%q, %s: advice has characters that cannot be printed: %q", field, f.Kind, got)
	}
	if m := suggestion.FindStringSubmatch(got); m != nil {
		if _, faults := Parse(m[1]); faults != nil {
			t.Errorf("%q, %s: %q is suggested, which has faults", field, f.Kind, m[1])
		}
	}
}

// vague is advice that says no more than that a character is in the way.
var vague = regexp.MustCompile(`^"." is out of place`)

// countVague checks what is said of a field and returns how much is vague.
func countVague(t *testing.T, field string) (n int) {
	t.Helper()
	_, faults := Parse(field)
	for _, f := range faults {
		checkAdvice(t, field, f)
		if vague.MatchString(f.Advice(field)) {
			n++
		}
	}
	return n
}

func TestAdviceTruth(t *testing.T) {
	n := 0
	for line := range lines(t, "testdata/truth/headers.jsonl") {
		var row struct {
			HeaderB64 string `json:"header_b64"`
		}
		decode(t, line, &row)
		field, err := base64.StdEncoding.DecodeString(row.HeaderB64)
		if err != nil {
			t.Fatal(err)
		}
		n += countVague(t, string(field))
	}
	if n > 4 {
		t.Errorf("advice is vague %d times", n)
	}
}

// TestAdviceWild reads values that real sites have sent, one a line. They may
// not be passed on, so they are looked for where HSTS_CHECK_WILD_HEADERS says
// or beside the project.
func TestAdviceWild(t *testing.T) {
	file, err := os.Open(cmp.Or(os.Getenv("HSTS_CHECK_WILD_HEADERS"), "../../shared/data/wild-headers.txt"))
	if err != nil {
		t.Skipf("values from the wild are not part of the project: %v", err)
	}
	defer file.Close()
	values, vagueOnes := 0, 0
	for in := bufio.NewScanner(file); in.Scan(); values++ {
		vagueOnes += countVague(t, in.Text())
	}
	if values == 0 || vagueOnes > 0 {
		t.Errorf("advice is vague on %d of %d values", vagueOnes, values)
	}
}

func FuzzAdvice(f *testing.F) {
	for _, tt := range adviceTests {
		f.Add(tt.field)
	}
	f.Add(strings.Repeat("max-age=1,", 500))
	f.Add("\"\\\xff“” max age = p1y { %3b foo_bar x-y: ???" + strings.Repeat("é", 40))
	f.Fuzz(func(t *testing.T, field string) {
		_, faults := Parse(field)
		for _, fault := range faults[:min(len(faults), 20)] {
			checkAdvice(t, field, fault)
			if meant, ok := fault.Slip(); ok && fault.Kind != DirectiveUnknown || ok != (meant != "") {
				t.Errorf("%q: %v is a slip of %q", field, fault, meant)
			}
		}
	})
}

func TestSlip(t *testing.T) {
	for name, want := range map[string]string{
		"maxage": "max-age", "max_age": "max-age", "maxAge": "max-age", "max--age": "max-age", "mag-age": "max-age", "'max-age": "max-age",
		"includeSubDomain": "includeSubDomains", "includesSubDomains": "includeSubDomains", "includeSubDomaines": "includeSubDomains",
		"include-subdomains": "includeSubDomains", "includeSubDromains": "includeSubDomains", "inclueSubDomains": "includeSubDomains",
		"subdomains": "includeSubDomains", "includeSub": "includeSubDomains", "includeSubdomainsx": "includeSubDomains",
		"includeSubscribers": "includeSubDomains", "includeSubDom$": "includeSubDomains", "includeSubDomains!": "includeSubDomains",
		"reload": "preload", "preloaded": "preload", "pr$": "preload", "pre-load": "preload",
		"always": "", "env": "", "foo": "", "redirectHttpToHttps": "", "add_header": "", "Strict-Transport-Security": "", "31536000": "",
		"$": "", "enabled": "", "upload": "", "expires": "", "X-Frame-Options": "", "report-uri": "", strings.Repeat("preload", 20): "",
	} {
		got, ok := Fault{Kind: DirectiveUnknown, Directive: name}.Slip()
		if got != want || ok != (want != "") {
			t.Errorf("Slip of %q = %q, %v; want %q", name, got, ok, want)
		}
	}
	if got, ok := (Fault{Kind: DirectiveRepeated, Directive: "preload"}).Slip(); ok {
		t.Errorf("a repeated directive is a slip of %q", got)
	}
}
