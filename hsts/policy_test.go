package hsts

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func ExampleParse() {
	policy, faults := Parse("max-age=31536000; includeSubDomains")
	fmt.Println(policy.MaxAge, policy.IncludeSubDomains, len(faults))

	_, faults = Parse("max-age=31536000, includeSubDomains")
	fmt.Println(faults[0].Kind, faults[0].Offset)
	// Output:
	// 31536000 true 0
	// header-syntax 16
}

func ExampleRead() {
	policy, accepted := Read(Chromium, "max-age=63072000")
	fmt.Println(policy, accepted)
	// Output: max-age=31536000 true
}

func TestParseFaults(t *testing.T) {
	tests := []struct {
		name, field string
		want        []Fault
	}{
		{"nothing wrong", "max-age=1; includeSubDomains; preload", nil},
		{"an empty field lacks max-age, and that is all", " ", []Fault{{Kind: MaxAgeAbsent, Fatal: true, Offset: 1}}},
		{"a comma breaks the grammar", "max-age=1, preload", []Fault{{Kind: Syntax, Fatal: true, Offset: 9}}},
		{"an open quote is pointed at", `max-age=1; a="b`, []Fault{{Kind: Syntax, Fatal: true, Offset: 13}}},
		{"a control byte in quotes is pointed at", "max-age=1; a=\"b\x01\"", []Fault{{Kind: Syntax, Fatal: true, Offset: 15}}},
		{"a pair of a byte above ASCII is pointed at", "max-age=1; a=\"\\\xff\"", []Fault{{Kind: Syntax, Fatal: true, Offset: 15}}},
		{"a sign is no digit", "max-age=-1", []Fault{{Kind: MaxAgeInvalid, Fatal: true, Offset: 8, Directive: "max-age", Value: "-1"}}},
		{"max-age without a value", "Max-Age", []Fault{{Kind: MaxAgeInvalid, Fatal: true, Directive: "Max-Age"}}},
		{"max-age without a value, later", "preload; max-age", []Fault{{Kind: MaxAgeInvalid, Fatal: true, Offset: 9, Directive: "max-age"}}},
		{"quotes are legal", `max-age="1"`, []Fault{{Kind: MaxAgeQuoted, Offset: 8, Directive: "max-age", Value: "1"}}},
		{"max-age twice", "max-age=1;MAX-AGE=1", []Fault{{Kind: DirectiveRepeated, Fatal: true, Offset: 10, Directive: "MAX-AGE", Value: "1"}}},
		{"includeSubDomains twice", "max-age=1;includeSubDomains;includesubdomains",
			[]Fault{{Kind: DirectiveRepeated, Fatal: true, Offset: 28, Directive: "includesubdomains"}}},
		{"preload twice is forgiven", "max-age=1;preload;preload", []Fault{{Kind: DirectiveRepeated, Offset: 18, Directive: "preload"}}},
		{"an unknown one twice is forgiven", "max-age=1;a;A=2", []Fault{
			{Kind: DirectiveUnknown, Offset: 10, Directive: "a"}, {Kind: DirectiveRepeated, Offset: 12, Directive: "A", Value: "2"}}},
		{"includeSubDomains takes no value", "max-age=1;includeSubDomains=true",
			[]Fault{{Kind: IncludeSubDomainsValue, Fatal: true, Offset: 28, Directive: "includeSubDomains", Value: "true"}}},
		{"stray semicolons are told once", ";;max-age=1;", []Fault{{Kind: DirectiveEmpty}}},
		{"a preload with a value is another directive", "max-age=1;preload=1",
			[]Fault{{Kind: DirectiveUnknown, Offset: 10, Directive: "preload", Value: "1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, got := Parse(tt.field); !slices.Equal(got, tt.want) {
				t.Errorf("Parse(%q)\n got %+v\nwant %+v", tt.field, got, tt.want)
			}
		})
	}
}

func TestParsePolicy(t *testing.T) {
	tests := []struct {
		name, field string
		want        Policy
	}{
		{"all three", "max-age=31536000; includeSubDomains; preload", Policy{31536000, true, true}},
		{"2^64-1 fits", "max-age=18446744073709551615", Policy{MaxAge: math.MaxUint64}},
		{"2^64 is held as 2^64-1", "max-age=18446744073709551616", Policy{MaxAge: math.MaxUint64}},
		{"a quoted pair is resolved", `max-age="\1\0"`, Policy{MaxAge: 10}},
		{"an invalid field has no policy", "max-age=1; includeSubDomains; includeSubDomains", Policy{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, _ := Parse(tt.field); got != tt.want {
				t.Errorf("Parse(%q) = %+v, want %+v", tt.field, got, tt.want)
			}
		})
	}
}

func TestReadControlBytes(t *testing.T) {
	tests := []struct {
		name, field       string
		rfc, chrom, firef bool
	}{
		{"Firefox takes a carriage return in quotes", "max-age=1; a=\"b\rc\"", false, true, true},
		{"and none outside of them", "max-age=1\r", false, false, false},
		{"another control byte is for Chromium alone", "max-age=1; a=\"b\x01c\"", false, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, want := range []bool{tt.rfc, tt.chrom, tt.firef} {
				if _, accepted := Read(Clients[i], tt.field); accepted != want {
					t.Errorf("%v accepts %q: %v, want %v", Clients[i], tt.field, accepted, want)
				}
			}
		})
	}
}

// FuzzParse holds the parser to what is true of every field.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"max-age=31536000; includeSubDomains; preload", `max-age="1"`, `max-age=1; a="\"b"; =`, ";", "max-age=1, preload",
		"\x00", "max-age=99999999999999999999", "max-age=1; preload; preload=\xff", "max-age=0;a=\"\x7f\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		p, faults := Parse(field)
		valid := !slices.ContainsFunc(faults, func(f Fault) bool { return f.Fatal })
		for _, fault := range faults {
			if fault.Offset < 0 || fault.Offset > len(field) {
				t.Errorf("offset %d is not in %q", fault.Offset, field)
			}
		}
		for _, c := range Clients {
			if _, accepted := Read(c, field); c == RFC6797 && accepted != valid {
				t.Errorf("Read and Parse differ on %q", field)
			} else if c == Chromium && valid && !accepted {
				t.Errorf("Chromium forgives more than the RFC, yet not %q", field)
			}
		}
		if !valid && p != (Policy{}) {
			t.Errorf("an invalid field has policy %v", p)
		}
		if again, faults := Parse(p.String()); valid && (again != p || faults != nil) {
			t.Errorf("%q: %v printed and read again is %v, %v", field, p, again, faults)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Parse("max-age=31536000; includeSubDomains; preload")
	}
}
