package main

import (
	"fmt"
	"strings"
	"testing"

	"hsts-check/internal/lab"
)

// TestSlurp has a partner that writes everything before it reads, which is more
// than pipes hold each way: without --slurp both would wait forever.
func TestSlurp(t *testing.T) {
	const sites = 1000 // 100 kB of lines, and more of records
	_, flags := startLabFor(t, everyHost)
	p := startProgram(t, append(flags, "-f", "ndjson", "--probe", "none", "--slurp", "-")...)
	filling := strings.Repeat("x", 80)
	var list strings.Builder
	for i := range sites {
		fmt.Fprintf(&list, "Site %d %s  s%d.test\n", i, filling, i)
	}
	list.WriteString("Bad  ftp://bad.test/\n")
	p.write(list.String())
	p.stdin.Close()
	records := readRecords(t, p.end(exitOK))
	if len(records) != sites+1 || records[sites].Error.Kind != "input" {
		t.Fatalf("%d records of %d sites", len(records), sites+1)
	}
}

// TestSlurpWritesNothingBefore: while standard input is open nothing is visited,
// and then everything.
func TestSlurpWritesNothingBefore(t *testing.T) {
	l, flags := startLabFor(t, everyHost)
	p := startProgram(t, append(flags, "-f", "ndjson", "--probe", "none", "--slurp", "-")...)
	p.write("one.test\n")
	p.write("two.test\n")
	if n := len(l.Requests()); n > 0 {
		t.Errorf("%d requests while standard input is open", n)
	}
	p.stdin.Close()
	if n := len(readRecords(t, p.end(exitOK))); n != 2 {
		t.Errorf("%d records", n)
	}
}

// TestDeadline: every site has a record, whether it was reached or not, however
// many come.
func TestDeadline(t *testing.T) {
	const sites = 20_000
	_, flags := startLabFor(t, lab.Host{Name: "*", TLS: lab.Silent})
	p := startProgram(t, append(flags, "-f", "ndjson", "--timeout", "1h", "--deadline", "0.5", "-")...)
	go func() {
		for i := range sites {
			fmt.Fprintf(p.stdin, "s%d.test\n", i)
		}
		p.stdin.Close()
	}()
	records := readRecords(t, p.end(exitOK))
	if len(records) != sites {
		t.Fatalf("%d records of %d sites", len(records), sites)
	}
	for i, r := range records {
		if want := fmt.Sprintf("s%d.test", i); r.Name != want || r.Verdict != "unknown" || r.Error.Kind != "cancelled" {
			t.Fatalf("record %d is %+v", i, r)
		}
	}
	if want := fmt.Sprintf("the deadline came before %d of %d sites were reached\n", sites, sites); !strings.Contains(p.stderr.String(), want) {
		t.Errorf("stderr lacks %q:\n%s", want, &p.stderr)
	}
}

// TestDeadlineAndABar: what was not reached does not pass.
func TestDeadlineAndABar(t *testing.T) {
	_, flags := startLabFor(t, lab.Host{Name: "*", TLS: lab.Silent})
	p := startProgram(t, append(flags, "--timeout", "1h", "--deadline", "0.2", "--require", "rfc6797", "one.test")...)
	p.end(exitUnknown)
}

// TestDeadlineWhileStandardInputIsOpen: a stream without end does not keep the
// run from ending, and it is told that it was not read to its end.
func TestDeadlineWhileStandardInputIsOpen(t *testing.T) {
	_, flags := startLabFor(t, everyHost)
	p := startProgram(t, append(flags, "-f", "ndjson", "--deadline", "0.5", "-")...)
	p.write("one.test\n")
	if n := len(readRecords(t, p.end(exitFailed))); n != 1 {
		t.Errorf("%d records", n)
	}
	if !strings.Contains(p.stderr.String(), "still open 3s after the deadline") {
		t.Errorf("stderr:\n%s", &p.stderr)
	}
}
