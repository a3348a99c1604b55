// Package hsts reads Strict-Transport-Security fields as RFC 6797 and as real
// browsers do, and keeps what a browser would remember of the hosts that sent
// them. It touches no network and has no opinion about a policy.
package hsts

import (
	"math"
	"strconv"
	"strings"
)

// A Policy is what one valid Strict-Transport-Security field says
// (RFC 6797 section 6.1).
type Policy struct {
	// MaxAge is in seconds. Zero tells a browser to forget the host; values
	// of 2^64 and more are held as [math.MaxUint64].
	MaxAge            uint64 `json:"max_age"`
	IncludeSubDomains bool   `json:"include_subdomains"`
	// Preload is the directive of the preload list's owners; RFC 6797 does not
	// know it and browsers skip it.
	Preload bool `json:"preload"`
}

// String writes the policy as a field value that [Parse] reads back to the
// same policy.
func (p Policy) String() string {
	s := "max-age=" + strconv.FormatUint(p.MaxAge, 10)
	if p.IncludeSubDomains {
		s += "; includeSubDomains"
	}
	if p.Preload {
		s += "; preload"
	}
	return s
}

// A FaultKind names what is wrong with a field.
type FaultKind string

// Kinds of faults.
const (
	Syntax                 FaultKind = "header-syntax"            // the grammar of RFC 6797 section 6.1 is broken
	MaxAgeAbsent           FaultKind = "max-age-absent"           // section 6.1.1: REQUIRED
	MaxAgeInvalid          FaultKind = "max-age-invalid"          // section 6.1.1: not 1*DIGIT
	MaxAgeQuoted           FaultKind = "max-age-quoted"           // legal, refused by some
	DirectiveRepeated      FaultKind = "directive-repeated"       // section 6.1, 2nd requirement
	DirectiveUnknown       FaultKind = "directive-unknown"        // section 6.1: skipped
	DirectiveEmpty         FaultKind = "directive-empty"          // nothing between semicolons
	IncludeSubDomainsValue FaultKind = "include-subdomains-value" // section 6.1.2: valueless
)

// A Fault is one thing wrong with a field.
type Fault struct {
	Kind FaultKind
	// Fatal: a client that keeps to RFC 6797 ignores the whole field. The
	// repetition of a directive that clients skip anyway, preload among them,
	// is not: every browser measured forgives it.
	Fatal bool
	// Offset is the byte of the field at which the fault shows, its length
	// where something is missing at the end.
	Offset int
	// Directive is the name of the directive concerned as it was written,
	// Value what stood behind its "=", without the quotes.
	Directive, Value string
}

// Parse reads a field's value by the strict reading of RFC 6797 section 6.1.
// The policy is valid when no fault is fatal; otherwise it is zero. Faults
// come in the order of their bytes, each kind but [DirectiveUnknown] and
// [DirectiveRepeated] at most once.
func Parse(field string) (Policy, []Fault) {
	return read(RFC6797, field)
}

// read interprets field as client c does.
func read(c Client, field string) (Policy, []Fault) {
	r := reading{scanner: scanner{client: c, field: field}}
	r.empty = strings.Trim(field, " \t") == "" // then max-age-absent says it all
	for r.next() {
		r.directive()
	}
	if !r.ok {
		r.fault(Fault{Kind: Syntax, Fatal: true, Offset: r.pos})
	} else if !r.maxAge {
		r.fault(Fault{Kind: MaxAgeAbsent, Fatal: true, Offset: len(field)})
	}
	if r.fatal {
		return Policy{}, r.faults
	}
	return r.policy, r.faults
}

// A reading is a field half read.
type reading struct {
	scanner
	policy  Policy
	maxAge  bool // max-age was seen
	empty   bool // an empty directive was told
	skipped map[string]bool
	faults  []Fault
	fatal   bool
}

func (r *reading) fault(f Fault) {
	r.faults = append(r.faults, f)
	r.fatal = r.fatal || f.Fatal
}

// directive takes in what the scanner stands on.
func (r *reading) directive() {
	d := r.current
	f := Fault{Offset: d.start, Directive: d.name, Value: d.value}
	switch {
	case d.name == "" && !d.hasValue:
		if !r.empty {
			f.Kind = DirectiveEmpty
			r.fault(f)
		}
		r.empty = true
	case strings.EqualFold(d.name, "max-age"):
		r.readMaxAge(d, f)
	case strings.EqualFold(d.name, "includeSubDomains"):
		r.readIncludeSubDomains(d, f)
	default:
		r.skip(d, f)
	}
}

func (r *reading) readMaxAge(d directive, f Fault) {
	f.Fatal = true
	if r.maxAge {
		f.Kind = DirectiveRepeated
		r.fault(f)
		return
	}
	r.maxAge = true
	seconds, ok := parseSeconds(r.client, d)
	if !ok {
		f.Kind = MaxAgeInvalid
		if d.hasValue {
			f.Offset = d.valueAt
		}
		r.fault(f)
		return
	}
	r.policy.MaxAge = seconds
	if d.quoted {
		r.fault(Fault{Kind: MaxAgeQuoted, Offset: d.valueAt, Directive: d.name, Value: d.value})
	}
}

func (r *reading) readIncludeSubDomains(d directive, f Fault) {
	f.Fatal = true
	switch {
	case r.policy.IncludeSubDomains:
		f.Kind = DirectiveRepeated
		r.fault(f)
	case d.hasValue:
		f.Kind, f.Offset = IncludeSubDomainsValue, d.valueAt
		r.fault(f)
	}
	r.policy.IncludeSubDomains = true
}

// skip takes in a directive that RFC 6797 does not define.
func (r *reading) skip(d directive, f Fault) {
	name := strings.ToLower(d.name)
	if r.skipped[name] {
		f.Kind = DirectiveRepeated
		r.fault(f)
		return
	}
	if name == "preload" && !d.hasValue {
		if r.policy.Preload {
			f.Kind = DirectiveRepeated
			r.fault(f)
		}
		r.policy.Preload = true
		return
	}
	if r.skipped == nil {
		r.skipped = make(map[string]bool)
	}
	r.skipped[name] = true
	f.Kind = DirectiveUnknown
	r.fault(f)
}

// parseSeconds reads the value of max-age: 1*DIGIT, after the quoted pairs of
// a quoted string are resolved. Firefox does not resolve them, and refuses
// what does not fit 64 bits; for the others that is [math.MaxUint64].
func parseSeconds(c Client, d directive) (seconds uint64, ok bool) {
	overflow := false
	for i := 0; i < len(d.value); i++ {
		b := d.value[i]
		if b == '\\' && d.quoted && c != Firefox && i+1 < len(d.value) {
			i++
			b = d.value[i]
		}
		if b < '0' || b > '9' {
			return 0, false
		}
		ok = true
		digit := uint64(b - '0')
		if seconds > (math.MaxUint64-digit)/10 {
			overflow = true
		}
		seconds = seconds*10 + digit
	}
	if overflow {
		return math.MaxUint64, ok && c != Firefox
	}
	return seconds, ok
}
