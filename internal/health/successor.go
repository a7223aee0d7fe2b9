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
// explanation. alone is whether half of its service has not stopped with it, so that it may have scaled down.
func (h *Health) classify(now float64, w *worker, alone bool) {
	s := w.service
	before := w.state
	switch {
	case h.assignSuccessor(now, w):
		w.state = replaced
	case before == ended:
	case w.loggedFarewell(),
		w.life() < shortLife && s.shortLived(),
		before == active && alone && s.changing(w) && !(s.expectsFarewell() && w.life() >= jobLife) && s.size.scaledDown(s.active):
		w.state = ended
	case w.activity.quietFor(now, &h.watch) > h.workerReportTime(w):
		w.state = ended
	default:
		w.state = quiet
	}
	w.stateSince = w.activity.last
	if w.state != quiet && before != ended {
		s.noteEnd(w)
	}
}

// assignSuccessor makes the earliest newcomer that can have replaced w its successor. It reports whether there is one.
func (h *Health) assignSuccessor(now float64, w *worker) bool {
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
		s.size.noteRegrown(now, s.active)
		delay = 0
	}
	s.noteReplacement(delay)
	return true
}

// changing reports whether workers such as w come and go: its name is generated, or several workers of its service were
// replaced.
func (s *service) changing(w *worker) bool { return w.generated || s.replacementCount >= wideAfter }

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
