package health

import "math"

const (
	// minSuccessorDelay is how many seconds after a worker its successor must have started. Workers that started together
	// are siblings.
	minSuccessorDelay = 30
	// A successor starts at most maxOverlap seconds before the last record of the worker that it replaces (a rolling
	// deployment starts the new one first) and at most maxHandover seconds after it. In services whose hosts change, it
	// may start maxOverlapWide seconds before (blue-green deployment) and at any time after.
	maxOverlap     = 10 * 60
	maxOverlapWide = 60 * 60
	maxHandover    = 10 * 60
	// A worker that was first seen minEarlyDelay seconds after its service, but too soon to count as a newcomer, is a
	// successor only if it started within maxEarlyHandover seconds of the last record of the other: it may also be one that
	// logs seldom.
	minEarlyDelay    = 10
	maxEarlyHandover = 15
)

// classify sets the state of a worker that has been quiet for too long: replaced, ended, or quiet if there is no
// explanation.
func (h *Health) classify(now float64, w *worker) {
	s := w.service
	before := w.state
	switch {
	case h.assignSuccessor(w):
		w.state = replaced
	case before == ended:
	case w.loggedFarewell(),
		w.life() < shortLife && s.shortLived(),
		s.changing(w) && s.active >= s.fewestWorkers():
		w.state = ended
	case w.activity.quietFor(now, &h.watch) > h.workerReportTime(w):
		w.state = ended
	default:
		w.state = quiet
	}
	w.stateSince = w.activity.last
	if w.state != quiet && before != ended {
		s.noteEnd(w.life())
	}
}

// assignSuccessor makes the earliest newcomer that can have replaced w its successor. It reports whether there is one.
func (h *Health) assignSuccessor(w *worker) bool {
	s := w.service
	wide := s.changing(w)
	var best *worker
	for _, c := range h.newcomers {
		if c.canReplace(w, wide) && (best == nil || c.activity.first < best.activity.first || c.activity.first == best.activity.first && c.id < best.id) {
			best = c
		}
	}
	if best == nil {
		return false
	}
	best.explained = true
	delay := best.activity.first - w.activity.last
	if delay > maxHandover {
		delay = 0
		s.staff.noteShortage(best.activity.first, s.active-1)
	}
	s.noteReplacement(delay)
	return true
}

// changing reports whether workers such as w come and go: its name is generated, or several workers of its service were
// replaced.
func (s *service) changing(w *worker) bool { return w.generated || s.replacementCount >= wideAfter }

const (
	// staffMinutes is the time that a service must have had fewer workers for that to be normal, in minutes: longer than a
	// deployment that stops a worker before it starts its successor.
	staffMinutes = 10
	// missingCounts is how long a quiet worker still counts, in seconds. After a night without some workers their number is
	// normal.
	missingCounts = 12 * hour
)

// staff is how few workers a service normally has. With at least as many, an end is no fault in a service whose workers
// come and go: it scales down.
type staff struct {
	most   int    // in the current ten minutes
	fewest [2]int // the lowest value of most today and on the day before, 0 if unknown
	day    int64

	// A shortage that ended by itself is normal from the second one on.
	shortage   int     // how few workers were active in the last shortage, 0 if there was none
	shortageAt float64 // when it ended
	shortages  int
}

// count notes the current number of workers, including those that became quiet recently.
func (f *staff) count(n int) { f.most = max(f.most, n) }

// noteShortage notes that a worker has replaced one that had stopped long before, so that there were only n until now.
func (f *staff) noteShortage(now float64, n int) {
	if f.shortage == 0 {
		f.shortage, f.shortageAt = max(n, 1), now
	}
}

// learn ends the current ten minutes, in which there are so many active workers at last; complete is whether they were
// observed from their beginning.
func (f *staff) learn(now float64, active int, complete bool) {
	if f.shortage > 0 && now-f.shortageAt > 2*60*staffMinutes { // a deployment would have ended
		if f.fewest[0] > 0 && active >= f.fewest[0] {
			if f.shortages++; f.shortages >= 2 {
				f.fewest[0] = min(f.fewest[0], f.shortage)
			}
		}
		f.shortage = 0
	}
	if day := dayOf(now); complete && day != f.day {
		f.fewest[1], f.fewest[0], f.day = f.fewest[0], f.most, day
	}
	if complete {
		f.fewest[0] = min(f.fewest[0], f.most)
	}
	f.most = 0
}

// fewestWorkers returns how few workers the service normally has. Before that is known, no number is normal.
func (s *service) fewestWorkers() int {
	switch f := s.staff.fewest; {
	case f[0] == 0:
		return math.MaxInt
	case f[1] == 0:
		return f[0]
	default:
		return min(f[0], f[1])
	}
}

// maySucceed reports whether w started late enough to be the successor of another worker of its service.
func (w *worker) maySucceed() bool {
	return !w.explained && (w.newcomer || w.activity.first >= w.service.activity.first+minEarlyDelay)
}

// canReplace reports whether w may be the successor of old. wide allows a longer time between them.
func (w *worker) canReplace(old *worker, wide bool) bool {
	later := w.activity.first - old.activity.last
	if w.explained || w == old {
		return false
	}
	if !w.newcomer {
		return w.activity.first >= old.activity.first+minEarlyDelay && math.Abs(later) <= maxEarlyHandover
	}
	if w.activity.first < old.activity.first+minSuccessorDelay {
		return false
	}
	if wide {
		return later >= -maxOverlapWide
	}
	return later >= -maxOverlap && later <= maxHandover
}
