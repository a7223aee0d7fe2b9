package record

import "time"

// maxAge is the maximum age of a record if its earliest arrival is unknown. Records that claim to be older come from a clock that was never set.
const maxAge = 31 * 24 * time.Hour

// ArrivalBetween estimates the arrival of a recovered record, which was between from and to. It returns the record's time if that lies in
// between, else the nearer bound, or to if the record has no time. If from is zero, a time more than 31 days before to is ignored.
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
