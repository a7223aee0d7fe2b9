package health

import "math"

const (
	// minHalf is the minimum number of quiet workers that counts as half of a service.
	minHalf = 3
	// minReported is the minimum number of workers that counts as half if each of them is quiet by its own limit.
	minReported = 2
	// maxApart is how many seconds apart they have stopped at most.
	maxApart = 60
	// halfCloses is the share of quiet workers under which half of the service no longer counts as quiet.
	halfCloses = 1.0 / 3
)

// half detects that half of a service's workers stop at about the same time. A round ends when more than half of them have
// logged since the last one. The time between two rounds varies much less than the gaps of a single worker, so that this is
// noticed before any of them is quiet for too long.
type half struct {
	activity   activity // rounds
	hours      hourlyGaps
	rounds     uint32 // number of rounds that have ended
	logged     int    // workers that have logged in it
	quietSince float64
}

// observe counts a record of w, one of so many workers.
func (f *half) observe(now float64, h *Health, w *worker, workers int) {
	if w.round > f.rounds {
		return
	}
	w.round = f.rounds + 1
	if f.logged++; 2*f.logged <= workers || workers < minHalf {
		return
	}
	f.rounds++
	f.logged = 0
	if gap, ok := f.activity.observe(now, &h.watch, &h.decay, f.quietSince > 0); ok {
		f.hours.add(now-gap, gap)
	}
	f.quietSince = 0
}

// stopped reports whether w has not logged since the last round and no farewell explains that.
func (f *half) stopped(w *worker) bool {
	return w.state == quiet || w.state == active && w.activity.last <= f.activity.last && !w.loggedFarewell()
}

// updateHalfQuiet updates whether half of a service is quiet. It needs the results of updateWorkers.
func (h *Health) updateHalfQuiet(now float64, s *service) {
	f := &s.half
	all, stopped, last, earliest := 0, 0, 0.0, math.Inf(1)
	for _, w := range s.workers {
		if w.state == active || w.state == quiet {
			all++
			if f.stopped(w) {
				stopped++
				last, earliest = max(last, w.activity.last), min(earliest, w.activity.last)
			}
		}
	}
	if f.quietSince > 0 {
		if stopped == 0 || float64(stopped) < halfCloses*float64(all) {
			f.quietSince = 0
		}
		return
	}
	if s.reported >= minReported && s.reported == stopped && 2*stopped >= all && last-earliest <= maxApart {
		f.quietSince = last
		return
	}
	quietFor := f.activity.quietFor(now, &h.watch)
	if quietFor < minQuiet || now-h.watch.resumed < reconnectGrace || stopped < minHalf || 2*stopped < all || s.shortLived() || all-stopped >= s.size.normal() {
		return
	}
	l := f.activity.quietLimit(now, h, &f.hours, s.memberCount)
	if l.seconds == 0 || !l.missedRun && quietFor <= max(l.seconds, s.handoverQuiet(false)) {
		return
	}
	f.quietSince = last
	for _, w := range s.workers {
		if w.state == active && f.stopped(w) {
			h.active.remove(w.id)
			s.active--
			if h.classify(now, w, false); w.state == quiet {
				s.reported++
			}
		}
	}
}
