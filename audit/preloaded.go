package audit

import (
	"fmt"

	"golang.org/x/net/publicsuffix"

	"hsts-check/hsts"
)

// lookUp finds the listed host on the preload list.
func (e *evidence) lookUp() {
	list := e.list
	if list == nil || len(e.hosts) == 0 {
		return
	}
	entry, ok := list.Lookup(e.hosts[0])
	if !ok {
		return
	}
	e.preloaded = &Preloaded{Entry: entry.Name, IncludeSubDomains: entry.IncludeSubDomains, List: list.Date()}
	e.policy = entry.Policy
}

// What entries of the preload list must go on sending, by their policy
// (https://hstspreload.org, continued requirements, and the list's own
// comments), in seconds. Entries made by hand have other policies and need
// nothing.
var continued = map[string]uint64{
	"bulk-18-weeks": eighteenWeeks,
	"bulk-1-year":   oneYear,
}

// eighteenWeeks is the least that any entry made by submission must send.
const eighteenWeeks = 18 * 7 * 86400

// checkAtRisk asks whether the entry that covers the host could stay on the
// list with what its own host sends, where that was seen. A list without
// policies does not tell how much an entry must send: then only less than any
// of them may is told, and nothing of public suffixes, which are on the list by
// agreement.
func checkAtRisk(e *evidence) []Finding {
	if e.preloaded == nil {
		return nil
	}
	name := e.preloaded.Entry
	least, bulk := continued[e.policy]
	if suffix, _ := publicsuffix.PublicSuffix(name); suffix == name || e.policy != "" && !bulk {
		return nil
	}
	a := firstSecure(e.answers, name)
	if a == nil || a.Untrusted() || a.Status >= 400 && len(a.STS) == 0 {
		return nil
	}
	sent := hsts.Policy{}
	if p := a.teaches(); p != nil {
		sent = *p
	}
	const tooLittle = "preloaded, but sends too little to stay on the list"
	says := "sends max-age=" + fmt.Sprint(sent.MaxAge)
	if a.teaches() == nil {
		says = "sends no valid header"
	}
	switch {
	case e.policy == "" && sent.MaxAge < eighteenWeeks:
		return []Finding{find(name, "is preloaded and %s: the list drops entries that fail for over 30 days, and none may send less than %d; its policy is not known", says, uint64(eighteenWeeks)).
			short("%s", tooLittle)}
	case e.policy != "" && (sent.MaxAge < least || !sent.IncludeSubDomains || !sent.Preload):
		return []Finding{find(name, "is preloaded under the policy %s and sends %s: the list drops entries that fail for over 30 days; send max-age=%d, includeSubDomains and preload", e.policy, quote(sent.String()), least).
			short("%s", tooLittle)}
	}
	return nil
}
