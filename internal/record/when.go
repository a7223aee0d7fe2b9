package record

import "time"

// maxAge is how old a record can be that is found without a bound to its arrival: what says more has a clock that was never set.
// Lists of the newest records hold hours or days of them.
const maxAge = 31 * 24 * time.Hour

// ArrivalBetween returns when a record that is found late arrived: its own time, if that is between the two, else the nearer of them,
// and to if it has none. With a zero from nothing is known of its age: then a time more than 31 days before to counts as none.
func (r *Record) ArrivalBetween(from, to time.Time) time.Time {
	oldest := from
	if oldest.IsZero() {
		oldest = to.Add(-maxAge)
	}
	switch {
	case r.Time.IsZero() || r.Time.After(to):
		return to
	case r.Time.After(oldest):
		return r.Time
	case from.IsZero():
		return to
	}
	return from
}
