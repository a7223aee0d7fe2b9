package health

import (
	"math"
	"slices"
)

const (
	// quietLeast is the shortest quiet that is reported, in seconds: below it a slow query or a garbage collection
	// looks like death.
	quietLeast = 15
	// quietMeans is how many mean gaps it is at least.
	quietMeans = 3
	// rarerQuiet is how many times rarer than once in all that is remembered a gap must be: with a half-life of three
	// days, one mistake in 140 days of a worker.
	rarerQuiet = 64
	// quietMargin is how many times the longest gap that was made twice it is at least.
	quietMargin = 1.5
	// A worker can be judged after judgedGaps gaps and judgedLife seconds, or fewGaps and longLife.
	judgedGaps = 30
	judgedLife = 30 * 60
	fewGaps    = 10
	longLife   = 6 * hour
	// A younger one is judged after youngGaps gaps by youngLimits times the median limit of its service, if it has at
	// least youngSiblings siblings.
	youngGaps     = 15
	youngLimits   = 2
	youngSiblings = 3
	// leavesAfter is after how many seconds of quiet a worker that can't be judged has ended.
	leavesAfter = 10 * 60
	// raiseDays is on how many days an hour must have shown a gap for it to raise the limit, by raiseTimes.
	raiseDays  = 2
	raiseTimes = 1.25
	// An hour that was seen on lowerDays days, for lowerWorkerDays days of workers and with lowerGaps gaps lowers the
	// limit to lowerTimes the longest gap that began in it: twice the longest of n random gaps is exceeded by one in n².
	// Where the hours' tails are heavier than lightShape, it is e to the power of lowerShape times that much more.
	lowerDays       = 2
	lowerWorkerDays = 6
	lowerGaps       = 500
	lowerTimes      = 2
	lowerShape      = 6
	lightShape      = 0.2
	// returnsWithin is for how many seconds after a break nothing is called quiet that was not before: producers have
	// to reconnect, too.
	returnsWithin = 20
	// A service all of whose workers logged a farewell is quiet after farewellQuiet seconds at least, if it is
	// farewellLife old.
	farewellQuiet = 10 * 60
	farewellLife  = 12 * hour
	// Half of a service, and halfLeast workers, that are quiet for halfTimes the longest of their last gaps, are
	// reported at once; until they are under halfEnds.
	halfLeast = 3
	halfTimes = 3
	halfPart  = 1.0 / 2
	halfEnds  = 1.0 / 3
	// slotTimes is how many times the longest gap of the hour that quiet must be.
	slotTimes = 2
	// How long quiet is reported depends on the life before it, in seconds.
	shortReport  = hour
	mediumReport = 6 * hour
	longReport   = 8 * day
	// firstRunTimes its life Elva watched before the first record of what may be a job. Without it the first run of a
	// nightly job of 40 minutes was down until the next night; with it for an hour.
	firstRunTimes = 10
)

// limit is how long quiet may be.
type limit struct {
	seconds float64 // 0 while that can't be judged
	missed  bool    // a run by a schedule is missed
}

// judgeable reports whether enough is known of an activity.
func (v *activity) judgeable() bool {
	life := v.last - v.first
	return v.gaps >= judgedGaps && life >= judgedLife || v.gaps >= fewGaps && life >= longLife
}

// limit returns how long an activity may be quiet: by its schedule, or else by its gaps, and by those of the hour.
func (v *activity) limit(now float64, h *Health, hours *slots, members int) (l limit) {
	plan, ok := v.runs.schedule()
	if !ok && !v.judgeable() {
		return l
	}
	least := max(quietLeast, quietMeans*v.mean)
	t := v.limits(now, &h.decay)
	if ok {
		for plan.due <= h.watch.resumed { // this run was not observed
			plan.due += plan.period
		}
		l.seconds = plan.due + plan.grace - v.last
		l.missed = now > plan.due+plan.grace
	} else {
		l.seconds = hours.raise(v.last, max(least, t.limit))
	}
	if lowered := hours.lower(v.last, members); lowered > 0 {
		l.seconds = min(l.seconds, max(least, lowered))
	}
	return l
}

// raise returns the limit of quiet that began at a time, raised to what this hour has shown.
func (s *slots) raise(began, limit float64) float64 {
	h := s.seen(began)
	if h.days >= raiseDays {
		limit = max(limit, raiseTimes*float64(h.second))
	}
	return limit
}

// lower returns the limit that the hour in which quiet began sets, 0 where too little is known of it. members is how many
// workers have shown it.
func (s *slots) lower(began float64, members int) float64 {
	h := s.at(began)
	h.roll(dayOf(began))
	if h.days < lowerDays || int(h.days)*members < lowerWorkerDays || h.gaps < lowerGaps {
		return 0
	}
	return lowerTimes * math.Exp(lowerShape*max(s.shape()-lightShape, 0)) * float64(max(h.highest, h.today))
}

// shape returns how heavy the tail of the gaps within an hour is: the mean logarithm of how much the longest gap of the
// days exceeds the second longest one is the shape of a Pareto distribution.
func (s *slots) shape() float64 {
	sum, n := 0.0, 0.0
	for d := range s {
		for i := range s[d] {
			if h := &s[d][i]; h.days >= lowerDays && h.second > 0 {
				sum += math.Log(float64(h.highest / h.second))
				n++
			}
		}
	}
	return sum / max(n, 1)
}

// limitOf returns the limit of a worker. It is 0 while that can't be judged.
func (h *Health) limitOf(now float64, w *worker) limit {
	l := w.activity.limit(now, h, &w.service.slots, w.service.members)
	if l.seconds == 0 {
		l.seconds = h.siblings(now, w)
	}
	if l.seconds > 0 {
		l.seconds = max(l.seconds, w.service.takesOver(w))
	}
	return l
}

// siblings returns the limit of a young worker, 0 if its siblings are too few or live too shortly to give one.
func (h *Health) siblings(now float64, w *worker) float64 {
	s := w.service
	if w.activity.gaps < youngGaps || s.shortLived() {
		return 0
	}
	if s.siblingsAt != now {
		s.siblingsAt, s.siblingLimit = now, h.siblingLimit(now, s)
	}
	if s.siblingLimit == 0 {
		return 0
	}
	return max(youngLimits*s.siblingLimit, w.activity.limits(now, &h.decay).limit)
}

// siblingLimit returns the median limit of the workers of a service that are active, 0 if they are too few.
func (h *Health) siblingLimit(now float64, s *service) float64 {
	h.limits = h.limits[:0]
	for _, w := range s.workers {
		if w.state == active && w.activity.gaps >= youngGaps {
			h.limits = append(h.limits, max(quietLeast, quietMeans*w.activity.mean, w.activity.limits(now, &h.decay).limit))
		}
	}
	if len(h.limits) <= youngSiblings {
		return 0
	}
	slices.Sort(h.limits)
	return h.limits[len(h.limits)/2]
}

// judgeQuiet finds who is quiet, and why.
func (h *Health) judgeQuiet(now float64) {
	h.active = bitset{}
	for _, s := range h.registry.services {
		h.judgeWorkers(now, s)
		h.judgeHalf(now, s)
		h.judgeService(now, s)
	}
}

// judgeWorkers judges the workers of a service, those that logged last the longest ago first.
func (h *Health) judgeWorkers(now float64, s *service) {
	s.members = s.active + s.reported
	s.active, s.reported = 0, 0
	settled := now-h.watch.resumed >= returnsWithin
	h.ending, h.newcomers = h.ending[:0], h.newcomers[:0]
	for _, w := range s.workers {
		if w.newcomer && !w.used {
			h.newcomers = append(h.newcomers, w)
		}
		switch w.state {
		case active:
			q := w.activity.quiet(now, &h.watch)
			if q >= quietLeast && settled && h.isTooQuiet(now, w, q) {
				h.ending = append(h.ending, w)
				continue
			}
			s.active++
			h.active.add(w.id)
		case quiet:
			h.ending = append(h.ending, w)
		case ended: // its successor may come yet
			if now-w.activity.last < replacedBeforeWide {
				h.ending = append(h.ending, w)
			}
		}
	}
	slices.SortFunc(h.ending, func(a, b *worker) int {
		switch {
		case a.activity.last < b.activity.last:
			return -1
		case a.activity.last > b.activity.last:
			return 1
		}
		return a.id - b.id
	})
	for _, w := range h.ending {
		h.end(now, w)
		if w.state == quiet {
			s.reported++
		}
	}
}

// isTooQuiet reports whether a worker has been quiet for too long. One that can't be judged just ends.
func (h *Health) isTooQuiet(now float64, w *worker, q float64) bool {
	l := h.limitOf(now, w)
	if l.seconds == 0 {
		if q >= leavesAfter {
			w.state, w.since = ended, w.activity.last
			w.service.ended(w.life())
			return false
		}
		return false
	}
	w.missed = l.missed
	return l.missed || q > l.seconds
}

// judgeService judges the service as a whole, by its own activity: its workers may live shortly.
func (h *Health) judgeService(now float64, s *service) {
	v := &s.activity
	q := v.quiet(now, &h.watch)
	if s.quiet > 0 {
		if q > h.reportService(s) {
			s.quiet = 0
		}
		return
	}
	if q < quietLeast || now-h.watch.resumed < returnsWithin {
		return
	}
	l := v.limit(now, h, &s.own, 1)
	if l.seconds == 0 {
		return
	}
	if s.active == 0 && s.reported == 0 { // every end was explained
		l.seconds = max(l.seconds, farewellQuiet) // replaced by what may be slow to start
		if v.last-v.first < farewellLife {
			return
		}
	}
	if (l.missed || q > l.seconds) && q < h.reportService(s) {
		s.quiet, s.missed = v.last, l.missed
	}
}

// judgeHalf judges whether half of the workers fell quiet at about the same time. It follows judgeWorkers.
func (h *Health) judgeHalf(now float64, s *service) {
	all, stopped, first := 0, 0, now
	for _, w := range s.workers {
		if w.state != active && w.state != quiet {
			continue
		}
		all++
		q := w.activity.quiet(now, &h.watch)
		longest := max(quietLeast, halfTimes*w.activity.longest(), raiseTimes*w.activity.runs.pause(w.activity.last))
		slot := s.slots.seen(w.activity.last)
		longest = max(longest, slotTimes*float64(max(slot.highest, slot.today)))
		if w.activity.gaps >= judgedGaps && q > longest && now-h.watch.resumed >= returnsWithin {
			stopped++
			first = min(first, w.activity.last)
		}
	}
	for _, c := range h.newcomers { // the successors of some that are not known to have ended yet
		if !c.used && c.state == active && now-c.activity.first < replacedBeforeWide {
			stopped--
		}
	}
	switch {
	case s.half > 0 && float64(stopped) < halfEnds*float64(all):
		s.half = 0
	case s.half == 0 && stopped >= halfLeast && float64(stopped) >= halfPart*float64(all):
		s.half = first
	}
}

// firstRun reports whether what a service has logged so far looks like the first run of a job: one worker, for a short part
// of the time since Elva's start. It may as well be dead, so it is reported, but not until the next run.
func (h *Health) firstRun(s *service) bool {
	life := s.activity.last - s.activity.first
	return len(s.workers) == 1 && life < jobLife && s.activity.first-h.started >= firstRunTimes*life
}

// reportService returns for how many seconds the quiet of a service is reported.
func (h *Health) reportService(s *service) float64 {
	if h.firstRun(s) {
		return shortReport
	}
	return reportFor(s.activity.last-s.activity.first, false, true)
}

// reportWorker returns for how many seconds the quiet of a worker is reported.
func (h *Health) reportWorker(w *worker) float64 {
	if h.firstRun(w.service) {
		return shortReport
	}
	return reportFor(w.life(), w.generated, w.newcomer)
}

// reportFor returns for how many seconds the quiet of what lived so long is reported.
func reportFor(life float64, generated, newcomer bool) float64 {
	switch {
	case !newcomer && !generated: // it belongs to what was there from the start
		return longReport
	case life < judgedLife:
		return shortReport
	case life < jobLife:
		return mediumReport
	case generated:
		return day
	}
	return longReport
}
