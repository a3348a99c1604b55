package audit

import (
	"fmt"
	"strings"
	"time"
)

// CheckWaiver says whether what a list allows is something that can be waived: a
// rule, a bar, or "regression".
func CheckWaiver(what string) error {
	if _, known := waivable(what); !known {
		return fmt.Errorf("no rule or bar is called %q", what)
	}
	return nil
}

// waivable returns the name by which findings and bars know what is waived.
func waivable(what string) (name string, known bool) {
	for _, r := range Rules {
		if strings.EqualFold(what, r.ID) {
			return r.ID, true
		}
	}
	if strings.EqualFold(what, "regression") {
		return "regression", true
	}
	bar, err := ParseBar(what)
	return bar.String(), err == nil
}

// Waiver returns what the list says of letting something pass for the site, nil
// where it does not or did no longer when the site was visited. The name is a
// rule's ID, a bar's String, or "regression".
func (r Result) Waiver(name string) *Waived {
	for i := range r.Allow {
		w := &r.Allow[i]
		if waived, _ := waivable(w.What); waived == name && holds(w.Waived, r.CheckedAt) {
			return &w.Waived
		}
	}
	return nil
}

// Ended returns the waivers that the list has for the site and that held no
// longer when it was visited.
func (r Result) Ended() []Waiver {
	var ended []Waiver
	for i := range r.Allow {
		if w := r.Allow[i]; !holds(w.Waived, r.CheckedAt) {
			ended = append(ended, w)
		}
	}
	return ended
}

// holds reports whether a waiver is in force at a time: through the whole of its
// last day.
func holds(w Waived, now time.Time) bool {
	if w.Until == "" {
		return true
	}
	last, err := time.Parse(time.DateOnly, w.Until)
	return err == nil && now.Before(last.AddDate(0, 0, 1))
}

// waive marks the findings that the list lets pass.
func (r *Result) waive() {
	if len(r.Allow) == 0 {
		return
	}
	for i := range r.Findings {
		r.Findings[i].Waived = r.Waiver(r.Findings[i].Rule)
	}
}
