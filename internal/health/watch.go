package health

import "math"

const (
	// pauseTimes the normal time between two checks, and at least pauseLeast seconds, without one are a pause of Elva
	// itself: the process was suspended, or starved. A heartbeat of 2 s is late by a fraction of a second.
	pauseTimes = 4
	pauseLeast = 10
	// pauseChecks is from how many checks on their normal interval is known.
	pauseChecks = 8
	// clockSteps is by how many seconds Elva's clock may go back before that counts as a step of it.
	clockSteps = 5
)

// watch records in which time records could be observed. Quiet is counted in it: a break of Redis and a pause of Elva
// itself convict nobody, and reset nobody's quiet. All times are Unix seconds.
type watch struct {
	now     float64 // the newest record or check
	lost    float64 // how many seconds could not be observed, in all
	resumed float64 // when the last break ended
	offset  float64 // added to Elva's clock, so that time never goes back
	checks  int
	checked float64 // the last check
	every   float64 // the normal time between two checks
	due     float64 // from when on the next check is late enough for a pause
}

func newWatch(started float64) watch {
	return watch{now: started, due: math.Inf(1)}
}

// record notes that a record arrived, and returns the time to count it for.
func (w *watch) record(at float64) float64 {
	at += w.offset
	if at > w.due {
		w.interrupt(at)
		w.due = math.Inf(1)
	}
	w.now = max(w.now, at)
	return at
}

// check notes that the state is asked for. live is whether all that is published arrives, and since when. It returns
// the time that it is now.
func (w *watch) check(at float64, live bool, since float64) float64 {
	at += w.offset
	if at < w.now-clockSteps {
		w.offset += w.now - at
		at = w.now
	}
	at = max(at, w.now)
	switch {
	case !live, at > w.due:
		w.interrupt(at)
	default:
		w.interrupt(min(since+w.offset, at))
	}
	if w.checks > 0 {
		w.every += (at - w.checked - w.every) / float64(min(w.checks, pauseChecks))
	}
	w.checks++
	w.now, w.checked = at, at
	w.due = math.Inf(1)
	if w.checks > pauseChecks {
		w.due = at + max(pauseTimes*w.every, pauseLeast)
	}
	return at
}

// interrupt notes that nothing was observed until a time.
func (w *watch) interrupt(until float64) {
	if until > w.now {
		w.lost += until - w.now
		w.now = until
		w.resumed = until
	}
}
