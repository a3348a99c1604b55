package report

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"time"

	"hsts-check/audit"
)

// document is what [JSON] writes, except for its last member, results.
type document struct {
	Schema   int       `json:"schema"`
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	Tool     tool      `json:"tool"`
	Run      string    `json:"run,omitempty"`
	Vantage  string    `json:"vantage,omitempty"`
	// PreloadList is the date of the list that records were judged by.
	PreloadList string `json:"preload_list,omitempty"`
	// Only are the verdicts whose results are there; absent when all are.
	Only []audit.Verdict `json:"only,omitempty"`
	// Omitted is how many further sites Only would show, or all, that are
	// counted and have no result here: a document is bounded.
	Omitted int    `json:"omitted,omitempty"`
	Totals  totals `json:"totals"`
}

type tool struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type totals struct {
	count
	// UnknownKinds are the kinds of errors that kept sites from being judged, and
	// Findings the rules that fired and are not waived, the most frequent first.
	UnknownKinds []kindCount `json:"unknown_kinds"`
	// MaxAge counts the sites with a valid policy of their own.
	MaxAge    []ageCount      `json:"max_age"`
	Standards []standardCount `json:"standards"`
	Findings  []ruleCount     `json:"findings"`
	Groups    []groupCount    `json:"groups"` // in list order
}

type kindCount struct {
	Kind  string `json:"kind"`
	Sites int    `json:"sites"`
}

type ruleCount struct {
	Rule  string `json:"rule"`
	Sites int    `json:"sites"`
}

// An ageCount is how many sites have a max-age of From seconds or more, and less
// than the next one's.
type ageCount struct {
	From  uint64 `json:"from"`
	Sites int    `json:"sites"`
}

// A standardCount leaves out sites of which it is not known.
type standardCount struct {
	Standard string `json:"standard"`
	Met      int    `json:"met"`
	Missed   int    `json:"missed"`
}

type groupCount struct {
	Group string `json:"group"`
	count
}

// count holds judged = protected + partial + disabled + ignored + absent, and
// sites = judged + unknown.
type count struct {
	Sites     int `json:"sites"`
	Judged    int `json:"judged"`
	Protected int `json:"protected"`
	Partial   int `json:"partial"`
	Disabled  int `json:"disabled"`
	Ignored   int `json:"ignored"`
	Absent    int `json:"absent"`
	Unknown   int `json:"unknown"`
	Preloaded int `json:"preloaded"`
}

// JSON writes one object: schema, started, finished, tool, run, vantage,
// preload_list, only, omitted, totals over all and by group, and results, whose records are those of
// [NDJSON], one a line.
func JSON(w io.Writer, results []audit.Result, meta Meta, opt Options) error {
	rows, _ := fold(results)
	head := summary(opt.tally(rows), meta)
	head.Only, head.Omitted = opt.Only, opt.omitted(rows)
	shown := opt.shown(results)
	return writeObject(w, head, "results", len(shown), func(i int) any { return record(shown[i]) })
}

// writeObject writes one object: the members of head, and as the last one a
// list of n items, one a line.
func writeObject(w io.Writer, head any, list string, n int, item func(i int) any) error {
	out := bufio.NewWriter(w)
	line, err := encode(head)
	if err != nil {
		return err
	}
	out.Write(bytes.TrimSuffix(line, []byte("}\n")))
	fmt.Fprintf(out, ",%q:[", list)
	separator := "\n"
	for i := range n {
		line, err := encode(item(i))
		if err != nil {
			return err
		}
		out.WriteString(separator)
		out.Write(bytes.TrimSuffix(line, []byte("\n")))
		separator = ",\n"
	}
	if n > 0 {
		out.WriteString("\n")
	}
	out.WriteString("]}\n")
	return out.Flush() // holds the first error of all writes
}

func summary(all *Tally, meta Meta) document {
	t := totals{
		count: counted(all.Total), UnknownKinds: []kindCount{}, Findings: []ruleCount{},
		MaxAge: make([]ageCount, ageBands), Standards: make([]standardCount, len(audit.Standards)), Groups: make([]groupCount, len(all.Groups)),
	}
	for _, c := range ranked(all.kinds, len(all.kinds)) {
		t.UnknownKinds = append(t.UnknownKinds, kindCount{c.name, c.n})
	}
	for _, c := range ranked(all.rules, len(all.rules)) {
		t.Findings = append(t.Findings, ruleCount{c.name, c.n})
	}
	for i, n := range all.ages {
		t.MaxAge[i].Sites = n
		if i > 0 {
			t.MaxAge[i].From = ages[i-1].below
		}
	}
	for i, s := range audit.Standards {
		t.Standards[i] = standardCount{s.Name, all.met[s.Name], all.missed[s.Name]}
	}
	for i, g := range all.Groups {
		t.Groups[i] = groupCount{Group: g.Group, count: counted(g)}
	}
	return document{
		Schema:      audit.Schema,
		Started:     meta.Started.UTC(),
		Finished:    meta.Finished.UTC(),
		Tool:        tool{Name: meta.Program, Version: meta.Version},
		Run:         meta.Run,
		Vantage:     meta.Vantage,
		PreloadList: meta.PreloadList,
		Totals:      t,
	}
}

func counted(s Score) count {
	return count{
		Sites:     s.Sites(),
		Judged:    s.Judged(),
		Protected: s.Count(audit.Protected),
		Partial:   s.Count(audit.Partial),
		Disabled:  s.Count(audit.Disabled),
		Ignored:   s.Count(audit.Ignored),
		Absent:    s.Count(audit.Absent),
		Unknown:   s.Count(audit.Unknown),
		Preloaded: s.Preloaded,
	}
}
