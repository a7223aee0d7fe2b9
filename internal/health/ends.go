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
	case w.saidFarewell(),
		w.life() < shortLife && s.shortLived(),
		w.generated && s.grown >= growsAfter && !s.deploying(w.voice.last):
		w.state = ended
	case w.voice.quiet(now, &h.watch) > reportFor(w.life(), w.generated, w.newcomer):
		w.state = ended
	default:
		w.state = quiet
	}
	w.since = w.voice.last
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
		if c.isSuccessor(w, wide) && (best == nil || c.voice.first < best.voice.first || c.voice.first == best.voice.first && c.id < best.id) {
			best = c
		}
	}
	if best == nil {
		return false
	}
	best.used = true
	if delay := best.voice.first - w.voice.last; delay <= replacedAfter {
		s.replace(w.voice.last, delay)
	} else {
		best.late = true
		s.replace(best.voice.first, 0)
	}
	return true
}

// isSuccessor reports whether c may have replaced w.
func (c *worker) isSuccessor(w *worker, wide bool) bool {
	if c.used || c == w || c.voice.first < w.voice.first+succeedsAfter {
		return false
	}
	later := c.voice.first - w.voice.last
	if wide {
		return later >= -replacedBeforeWide
	}
	return later >= -replacedBefore && later <= replacedAfter
}
