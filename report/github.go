package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"hsts-check/audit"
)

// GitHub writes a workflow command a finding, which GitHub Actions shows at the
// site's line of the list
// (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
// An unknown site is a warning of its own, a bar that is missed an error. A
// notice says that not all sites are shown. What the list waives is left out.
func GitHub(w io.Writer, results []audit.Result, _ Meta, opt Options) error {
	out := bufio.NewWriter(w)
	rows, _ := fold(results)
	if note := opt.leftOut(rows); note != "" {
		fmt.Fprintf(out, "::notice title=hsts-check::%s\n", commandData.Replace(note))
	}
	for _, r := range opt.shown(results) {
		for _, f := range remarks(r, opt) {
			if f.Waived != nil {
				continue
			}
			fmt.Fprintf(out, "::%s %s::%s\n", command(f.Severity), commandProperties(r, f),
				commandData.Replace(visible(f.Message, proseLimit)+" ("+visible(f.Rule, nameLimit)+")"))
		}
	}
	return out.Flush() // holds the first error of all writes
}

func command(s audit.Severity) string {
	switch s {
	case audit.SeverityError:
		return "error"
	case audit.SeverityInfo:
		return "notice"
	}
	return "warning"
}

func commandProperties(r audit.Result, f audit.Finding) string {
	title := "title=" + commandProperty.Replace(siteName(r)+": "+visible(ruleOf(f.Rule).Title, nameLimit))
	file, line := listLine(r)
	if file == "" {
		return title
	}
	return fmt.Sprintf("file=%s,line=%d,%s", commandProperty.Replace(visible(file, urlLimit)), line, title)
}

// What the runner reads back, as its own toolkit writes it. [visible] has left
// no line end, so that a command cannot end early; no property holds a colon,
// so that none can begin the message.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
