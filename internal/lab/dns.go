package lab

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// NewDNS returns a DNS for tests, inside the process.
func NewDNS() *DNS {
	d := &DNS{addrs: map[string][]string{
		"lab.dns.test":     {"127.0.0.1"},
		"both.dns.test":    {"127.0.0.1", "::1"},
		"six.dns.test":     {"::1"},
		"public.dns.test":  {"192.175.48.7"},
		"private.dns.test": {"10.0.0.7", "fd00::7"},
		"mixed.dns.test":   {"10.0.0.7", "192.175.48.7", "127.0.0.1"},
	}}
	for i := range 1000 {
		addr := netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)})
		d.addrs["many.dns.test"] = append(d.addrs["many.dns.test"], addr.String())
	}
	return d
}

// Resolver returns what asks this DNS and no other.
func (f *DNS) Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: f.dial}
}

// A DNS knows some hosts under dns.test: lab, both, six, public, private, mixed
// and many, which says what addresses they have. To servfail.dns.test it answers
// that it fails, to silent.dns.test nothing, and all other hosts do not exist.
type DNS struct {
	addrs map[string][]string

	mu    sync.Mutex
	asked map[string]int // questions by name, for A and AAAA together
}

func (f *DNS) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer ours.Close()
		for f.answer(ours) == nil {
		}
	}()
	return theirs, nil
}

// answer reads one question and answers it, with lengths before both as DNS
// has it over TCP.
func (f *DNS) answer(c net.Conn) error {
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return err
	}
	in := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c, in); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(in); err != nil {
		return err
	}
	name := strings.TrimSuffix(m.Questions[0].Name.String(), ".")
	f.mu.Lock()
	if f.asked == nil {
		f.asked = map[string]int{}
	}
	f.asked[name]++
	f.mu.Unlock()
	if name == "silent.dns.test" {
		_, err := io.Copy(io.Discard, c)
		return err
	}
	f.fill(&m, name)
	out, err := m.Pack()
	if err == nil {
		_, err = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
	}
	return err
}

func (f *DNS) fill(m *dnsmessage.Message, name string) {
	m.Response, m.RecursionAvailable = true, true
	m.Additionals = nil
	switch addrs, ok := f.addrs[name]; {
	case name == "servfail.dns.test":
		m.RCode = dnsmessage.RCodeServerFailure
	case !ok:
		m.RCode = dnsmessage.RCodeNameError
	default:
		for _, text := range addrs {
			addr := netip.MustParseAddr(text)
			h := dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: 60}
			switch {
			case addr.Is4() && m.Questions[0].Type == dnsmessage.TypeA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: addr.As4()}})
			case addr.Is6() && m.Questions[0].Type == dnsmessage.TypeAAAA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
			}
		}
	}
}

// Questions returns how often a name was asked for, both kinds of address
// together.
func (f *DNS) Questions(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[name]
}
