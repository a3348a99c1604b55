package lists

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"hsts-check/visit"
)

// isHostsFile reports whether each line is an address with names behind it, and
// whether that is clear. One such line in a list of another kind is a slip, so
// one alone has to be that of the machine itself.
func isHostsFile(s *sample) (is, sure bool) {
	for _, line := range s.lines {
		if address, names := hostsLine(line); address == "" || len(names) == 0 {
			return false, true
		}
	}
	address, names := hostsLine(s.lines[0])
	if len(s.lines) > 1 || isMachine(names[0]) {
		return true, true
	}
	return false, s.whole || address == ""
}

// hostsLine takes apart a line of a hosts file, see hosts(5).
func hostsLine(line string) (address string, names []string) {
	line, _, _ = strings.Cut(line, "#")
	fields := strings.FieldsFunc(line, isBlank)
	if len(fields) == 0 {
		return "", nil
	}
	if _, err := netip.ParseAddr(fields[0]); err != nil {
		return "", nil
	}
	return fields[0], fields[1:]
}

// isMachine reports whether a name in a hosts file means the machine itself, or
// all machines, and no site.
func isMachine(name string) bool {
	switch strings.ToLower(name) {
	case "localhost", "localhost.localdomain", "localhost4", "localhost6", "local", "broadcasthost", "0.0.0.0":
		return true
	}
	return strings.HasPrefix(name, "ip6-") || strings.HasSuffix(name, ".localdomain4") || strings.HasSuffix(name, ".localdomain6")
}

// hosts yields the names of a hosts file, each a site of its own. The addresses
// are not used: what the list asks is about the names.
func (p *parser) hosts(r io.Reader, yield func(visit.Site) bool) error {
	p.how("url from the names of a hosts file; left out: its addresses")
	in := bufio.NewReaderSize(r, maxLine)
	for {
		b, err := in.ReadSlice('\n')
		p.line++
		if errors.Is(err, bufio.ErrBufferFull) {
			if !yield(p.fault(string(b), "", fmt.Errorf("the line is longer than %d bytes", maxLine))) {
				return nil
			}
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = in.ReadSlice('\n')
			}
			b = nil
		}
		if err != nil && err != io.EOF {
			return err
		}
		if !p.hostsRow(strings.TrimFunc(strings.TrimRight(strings.TrimPrefix(string(b), "\ufeff"), "\r\n"), isBlank), yield) || err == io.EOF {
			return nil
		}
	}
}

func (p *parser) hostsRow(line string, yield func(visit.Site) bool) bool {
	if line == "" || line[0] == '#' {
		return true
	}
	address, names := hostsLine(line)
	if len(names) == 0 {
		return yield(p.fault("", line, fmt.Errorf("%s is not an address with names behind it, as the lines above are", quote(line))))
	}
	for _, name := range names {
		if isMachine(name) {
			continue
		}
		site := p.site(p.group, "", name)
		if site.Fault == nil && !site.Schemeless {
			site = p.fault("", name, fmt.Errorf("%s follows the address %s: write a host name", quote(name), quote(address)))
		}
		if !yield(site) {
			return false
		}
	}
	return true
}
