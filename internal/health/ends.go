package health

const (
	// succeedsAfter is how many seconds after a worker its successor must have begun: siblings are no successors.
	succeedsAfter = 30
	// A successor begins at most replacedBefore seconds before the last record of whom it replaces (a rolling deploy
	// starts the new one first), or replacedBeforeWide where hosts come and go (blue and green), and at most
	// replacedAfter later, or at any time.
	replacedBefore     = 10 * 60
	replacedBeforeWide = 60 * 60
	replacedAfter      = 10 * 60
)

// end says why a worker is quiet: it was replaced, it ended, or something is wrong.
func (h *Health) end(now float64, w *worker) {
	s := w.service
	before := w.state
	switch {
	case h.succeed(w):
		w.state = replaced
	case before == ended:
	case w.loggedFarewell(),
		w.life() < shortLife && s.shortLived(),
		w.generated && s.grown >= growsAfter && !s.deploying(w.activity.last):
		w.state = ended
	case w.activity.quiet(now, &h.watch) > h.reportWorker(w):
		w.state = ended
	default:
		w.state = quiet
	}
	w.since = w.activity.last
	if w.state != quiet && before == active {
		s.ended(w.life())
	}
}

// succeed finds the successor of a worker among those that began later, the earliest one that is nobody else's.
func (h *Health) succeed(w *worker) bool {
	s := w.service
	wide := w.generated || s.replaced >= wideAfter
	var best *worker
	for _, c := range h.newcomers {
		if c.isSuccessor(w, wide) && (best == nil || c.activity.first < best.activity.first || c.activity.first == best.activity.first && c.id < best.id) {
			best = c
		}
	}
	if best == nil {
		return false
	}
	best.used = true
	if delay := best.activity.first - w.activity.last; delay <= replacedAfter {
		s.replace(w.activity.last, delay)
	} else {
		best.late = true
		s.replace(best.activity.first, 0)
	}
	return true
}

// isSuccessor reports whether c may have replaced w.
func (c *worker) isSuccessor(w *worker, wide bool) bool {
	if c.used || c == w || c.activity.first < w.activity.first+succeedsAfter {
		return false
	}
	later := c.activity.first - w.activity.last
	if wide {
		return later >= -replacedBeforeWide
	}
	return later >= -replacedBefore && later <= replacedAfter
}
