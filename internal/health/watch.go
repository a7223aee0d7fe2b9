package health

import "math"

const (
	// Elva itself was paused, that is, its process was suspended or starved, if the time between two checks was pauseRatio
	// times the normal interval and at least minPause seconds. Normally the check of every 2 s is late by a fraction of a
	// second.
	pauseRatio = 4
	minPause   = 10
	// minChecks is how many checks must have been made before their normal interval is known.
	minChecks = 8
	// minClockStep is how many seconds Elva's clock must go back to count as having been set.
	minClockStep = 5
)

// watch measures observed time. An interruption of Redis or a pause of Elva itself neither makes a worker quiet nor ends
// its quiet. All times are Unix seconds.
type watch struct {
	now           float64 // time of the newest record or check
	unobserved    float64 // total time in which records could not be observed
	resumed       float64 // when the last interruption ended
	offset        float64 // added to Elva's clock, so that time never goes back
	checks        int
	lastCheck     float64
	checkInterval float64 // normal time between two checks
	lateAfter     float64 // a check after this time means that Elva was paused
}

func newWatch(started float64) watch {
	return watch{now: started, lateAfter: math.Inf(1)}
}

// observe notes that a record arrived, and returns the time at which to count it.
func (w *watch) observe(at float64) float64 {
	at += w.offset
	if at > w.lateAfter {
		w.interrupt(at)
		w.lateAfter = math.Inf(1)
	}
	w.now = max(w.now, at)
	return at
}

// check notes a request for the state. live and since say whether records can be observed and when that last changed.
// check returns the current time.
func (w *watch) check(at float64, live bool, since float64) float64 {
	at += w.offset
	if at < w.now-minClockStep {
		w.offset += w.now - at
		at = w.now
	}
	at = max(at, w.now)
	switch {
	case !live, at > w.lateAfter:
		w.interrupt(at)
	default:
		w.interrupt(min(since+w.offset, at))
	}
	if w.checks > 0 {
		w.checkInterval += (at - w.lastCheck - w.checkInterval) / float64(min(w.checks, minChecks))
	}
	w.checks++
	w.now, w.lastCheck = at, at
	w.lateAfter = math.Inf(1)
	if w.checks > minChecks {
		w.lateAfter = at + max(pauseRatio*w.checkInterval, minPause)
	}
	return at
}

// interrupt notes that records could not be observed from the last record or check until a time.
func (w *watch) interrupt(until float64) {
	if until > w.now {
		w.unobserved += until - w.now
		w.now = until
		w.resumed = until
	}
}
