package record

import "time"

// A record may name any time. What is before 1970 or from 2200 on is no instant: it stays in the fields as published, and nothing
// else sees it. Within these bounds Unix times are not negative, nanoseconds since 1970 fit into 64 bits, and the
// distance of any two fits into a time.Duration, so that no arithmetic can overflow. What lies outside is a sentinel in practice
// (.NET's and Go's year 1, SQL's and .NET's year 9999), or a number that is none of a time.
const (
	firstSecond = 0          // 1970-01-01T00:00:00Z
	endSecond   = 7258118400 // 2200-01-01T00:00:00Z
)

// instant returns the time of a Unix time, unless it is out of bounds. Every time of a record is made here.
func instant(seconds, nanos int64) (time.Time, bool) {
	if seconds < firstSecond || seconds >= endSecond || nanos < 0 || nanos >= 1e9 {
		return time.Time{}, false
	}
	return time.Unix(seconds, nanos).UTC(), true
}

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
