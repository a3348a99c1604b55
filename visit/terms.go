package visit

// Terms is what a list says with a site, as the list's author wrote it. A visit
// does not use it: what it means is for the judge.
type Terms struct {
	// Require are the bars to ask of the site in place of those of the run;
	// none where the list asks for no other.
	Require []Requirement `json:"require,omitempty"`
	// Allow is what may be wrong with the site all the same.
	Allow []Waiver `json:"allow,omitempty"`
	// Note is for readers: a line of text, "" for none.
	Note string `json:"note,omitempty"`
}

// A Requirement is one bar that a list asks of a site. It encodes to the text
// alone.
type Requirement struct {
	Bar  string
	Line int // of the list; 0 where that is not known
}

func (r Requirement) MarshalText() ([]byte, error) { return []byte(r.Bar), nil }

func (r *Requirement) UnmarshalText(text []byte) error {
	*r = Requirement{Bar: string(text)}
	return nil
}

// A Waiver lets one thing pass for a site.
type Waiver struct {
	// What is the ID of a rule, or a bar.
	What string `json:"what"`
	Waived
	Line int `json:"-"` // of the list; 0 where that is not known
}

// Waived says for how long something is let pass, and why.
type Waived struct {
	// Until is the last day, in UTC, as YYYY-MM-DD; "" is forever.
	Until  string `json:"until,omitempty"`
	Reason string `json:"reason,omitempty"`
}
