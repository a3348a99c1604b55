package visit

import (
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"

	"hsts-check/browser"
	"hsts-check/hsts"
)

// secrets are texts that a record must not hold: a server may send back what it
// was sent.
type secrets []string

const (
	// leastSecret is how long a text is, in bytes, that is looked for: shorter
	// ones stand everywhere.
	leastSecret = 4
	// leastWord is the same of a part of a longer value.
	leastWord = 8
	// masked stands where a secret was, and maskedHost in the name of a host, which
	// may have no asterisk. Neither changes how what is around it reads.
	masked     = "***"
	maskedHost = "hidden"
)

func (s *secrets) add(texts ...string) {
	for _, text := range texts {
		if len(text) >= leastSecret && !slices.Contains(*s, text) {
			*s = append(*s, text)
		}
	}
	// The longest first, so that no part of one is left where it holds another.
	slices.SortStableFunc(*s, func(a, b string) int { return len(b) - len(a) })
}

func (s *secrets) addCookie(pair string) {
	name, value, ok := strings.Cut(pair, "=")
	if !ok {
		value = name
	}
	s.add(value, strings.Trim(value, `"`))
}

// secrets returns what is secret of a request, but for its jar's cookies.
func (r *Request) secrets() secrets {
	s := slices.Clone(r.filed)
	if r.User != nil {
		password, _ := r.User.Password()
		s.add(r.User.Username(), password)
		s.addBasic(r.basic())
	}
	for name, values := range r.Header {
		if harmless(name) {
			continue
		}
		for _, value := range values {
			s.add(value)
			s.addBasic(value)
			for _, word := range strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(" \t,;=\"&", c) }) {
				if len(word) >= leastWord {
					s.add(word)
				}
			}
			if scheme, token, ok := strings.Cut(value, " "); ok && strings.EqualFold(name, "Authorization") && !strings.Contains(scheme, "=") {
				s.add(strings.TrimSpace(token))
			}
			if strings.EqualFold(name, "Cookie") {
				for pair := range strings.SplitSeq(value, ";") {
					s.addCookie(strings.TrimSpace(pair))
				}
			}
		}
	}
	return s
}

// addBasic adds what the value of an Authorization field for Basic
// authentication holds, if it is one.
func (s *secrets) addBasic(value string) {
	scheme, token, _ := strings.Cut(value, " ")
	pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(token))
	if !strings.EqualFold(scheme, "Basic") || err != nil {
		return
	}
	user, password, _ := strings.Cut(string(pair), ":")
	// Whoever sends the token on may leave out what pads it, or write it as
	// URLs have it (RFC 4648 section 5).
	s.add(user, password, string(pair), base64.RawStdEncoding.EncodeToString(pair), base64.RawURLEncoding.EncodeToString(pair))
}

// without returns those that a text does not hold: what the list says is no
// secret.
func (s secrets) without(text string) secrets {
	return slices.DeleteFunc(slices.Clone(s), func(secret string) bool { return find(text, 0, secret) >= 0 })
}

// A hider takes secrets out of the exchanges of one site, whose URL is no secret.
type hider struct{ host, path secrets }

func (s secrets) hider(listed browser.URL) hider {
	return hider{host: s.without(listed.Host), path: s.without(listed.Path)}
}

// hide takes secrets out of an exchange. The same secret becomes the same
// everywhere, so that clients that replay the record go from a Location to the
// exchange behind it.
func (h hider) hide(x *Exchange) {
	x.URL = h.url(x.URL)
	x.Head = h.head(x.Head)
	x.Accept = h.path.hideIn(x.Accept, false)
	x.Error = h.err(x.Error)
	if x.TLS != nil {
		t := *x.TLS
		t.Error = h.err(t.Error)
		x.TLS = &t
	}
	x.Otherwise = maps.Clone(x.Otherwise)
	for c, head := range x.Otherwise {
		x.Otherwise[c] = h.head(head)
	}
}

func (h hider) err(e *Error) *Error {
	if e == nil {
		return nil
	}
	hidden := *e
	hidden.Message = h.host.hideIn(e.Message, true)
	return &hidden
}

func (h hider) head(head Head) Head {
	cut := func(name string) bool { return head.Cut[name] > 0 }
	head.STS = slices.Clone(head.STS)
	for i, value := range head.STS {
		head.STS[i] = h.policy(value)
	}
	head.Misnamed = slices.Clone(head.Misnamed)
	for i, name := range head.Misnamed {
		head.Misnamed[i] = h.path.hideIn(name, false)
	}
	head.Location = h.urlCut(head.Location, cut("location"))
	if delay, ref, ok := browser.ParseRefresh(head.Refresh); ok && delay >= 0 && ref != "" {
		before, after, _ := strings.Cut(head.Refresh, ref)
		head.Refresh = before + h.urlCut(ref, cut("refresh")) + h.path.hideIn(after, cut("refresh"))
	} else {
		head.Refresh = h.path.hideIn(head.Refresh, cut("refresh"))
	}
	if hidden := h.path.hideIn(head.ClearSiteData, cut("clear_site_data")); clearsPolicies(hidden) == clearsPolicies(head.ClearSiteData) {
		head.ClearSiteData = hidden
	}
	head.Server = h.path.hideIn(head.Server, cut("server"))
	for i, scheme := range head.Authenticate {
		head.Authenticate = slices.Clone(head.Authenticate)
		head.Authenticate[i] = h.path.hideIn(scheme, false)
	}
	return head
}

// policy hides secrets in a Strict-Transport-Security field. One that happens to
// be a piece of the policy itself, such as 31536000, is left there: no verdict
// may hang on what is hidden.
func (h hider) policy(field string) string {
	for _, secret := range h.path {
		hidden := secrets{secret}.hideIn(field, false)
		if hidden == field {
			continue
		}
		same, accepted := true, false
		for _, c := range hsts.Clients {
			was, ok := hsts.Read(c, field)
			is, still := hsts.Read(c, hidden)
			same = same && ok == still && was == is
			accepted = accepted || ok
		}
		switch {
		case same:
			field = hidden
		case !accepted:
			return masked
		}
	}
	return field
}

// urlCut does what url does of a reference that may have been cut.
func (h hider) urlCut(ref string, cut bool) string {
	if cut {
		ref = h.path.hideEnd(ref)
	}
	return h.url(ref)
}

// url hides secrets in a URL or a reference. Its scheme is none.
func (h hider) url(ref string) string {
	scheme, rest, ok := strings.Cut(ref, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		if rest, ok = strings.CutPrefix(ref, "//"); !ok {
			return h.path.hideIn(ref, false)
		}
		return "//" + h.authority(rest)
	}
	return scheme + "://" + h.authority(rest)
}

// authority hides secrets in what begins with a host.
func (h hider) authority(rest string) string {
	rest = h.host.hideIn(rest, false)
	end := strings.IndexAny(rest, `/?#\`)
	if end < 0 {
		end = len(rest)
	}
	return strings.ReplaceAll(rest[:end], masked, maskedHost) + h.path.hideIn(rest[end:], false)
}

// hideIn hides secrets in a text, and, where it may have been cut, what begins
// one at its end or before a quotation mark.
func (s secrets) hideIn(text string, cut bool) string {
	for _, secret := range s {
		for from := 0; ; {
			at := find(text, from, secret)
			if at < 0 {
				break
			}
			end, _ := match(text, at, secret)
			text = text[:at] + masked + text[end:]
			from = at + len(masked)
		}
	}
	if cut {
		return s.hideEnd(text)
	}
	return text
}

// hideEnd hides what begins a secret where a text was cut.
func (s secrets) hideEnd(text string) string {
	for _, secret := range s {
		for at := 0; at < len(text); at++ {
			if end, n := match(text, at, secret); n >= leastSecret && n < len(secret) && cutOff.MatchString(text[end:]) {
				text = text[:at] + masked + strings.TrimLeft(text[end:], "%0123456789abcdefABCDEF")
				at += len(masked) - 1
			}
		}
	}
	return text
}

// cutOff matches what may stand behind the cut, where one may have gone through a
// byte that is percent-encoded.
var cutOff = regexp.MustCompile(`^(%[0-9A-Fa-f]?)?("|$)`)

// find returns where a secret stands in a text, from an offset on; -1 for
// nowhere.
func find(text string, from int, secret string) int {
	for at := from; at < len(text); at++ {
		if _, n := match(text, at, secret); n == len(secret) {
			return at
		}
	}
	return -1
}

// match returns how many bytes of a secret stand in a text at an offset, and
// where they end there: as they are, as URLs and forms encode them, quoted as in
// messages, or in another case as in hosts.
func match(text string, at int, secret string) (end, n int) {
	for end = at; n < len(secret) && end < len(text); n++ {
		b, long := secret[n], 0
		switch rest := text[end:]; {
		case rest[0] == '%' && len(rest) > 2 && unhex(rest[1])<<4|unhex(rest[2]) == int(b):
			long = len("%XX")
		case rest[0] == '\\' && len(rest) > 1 && rest[1] == b:
			long = len(`\"`)
		}
		plain := lowered(text[end]) == lowered(b) || text[end] == '+' && b == ' ' || text[end] == '/' && b == '\\'
		switch {
		case plain && long > 0: // a percent sign or backslash, which may stand for itself
			end1, n1 := match(text, end+1, secret[n+1:])
			end2, n2 := match(text, end+long, secret[n+1:])
			if n1 > n2 {
				return end1, n + 1 + n1
			}
			return end2, n + 1 + n2
		case plain:
			end++
		case long > 0:
			end += long
		case b == '\t' && n > 0: // URLs lose them
		default:
			return end, n
		}
	}
	return end, n
}

// unhex returns the value of a hexadecimal digit, and for anything else what
// makes no byte.
func unhex(b byte) int {
	switch b = lowered(b); {
	case digit(b):
		return int(b - '0')
	case 'a' <= b && b <= 'f':
		return int(b-'a') + 10
	}
	return 1 << 8
}
