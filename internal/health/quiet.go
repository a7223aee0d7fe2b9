package health

import (
	"cmp"
	"math"
	"slices"
)

const (
	// minQuiet is the shortest quiet that is reported, in seconds. A slow query or a garbage collection may take nearly
	// as long.
	minQuiet = 15
	// minQuietMeans is the shortest quiet that is reported, in mean gaps.
	minQuietMeans = 3
	// It is longer if gaps deviate more, up to a gap that comes once in minRandomRarity seconds if they are random. Random gaps
	// deviate from the smoothed mean by usualDeviation of it.
	minRandomRarity = 17 * day
	usualDeviation  = 0.8
	// A gap counts as quiet if it is raritySeconds divided by the mean gap, but at least minRarity times rarer than 1/n, n
	// being the number of remembered gaps: twice as rare costs 0.7 mean gaps of delay, seconds for a busy worker and
	// minutes for one that logs seldom. With a half-life of three days a rarity of 64 gives a false alarm in 140 days.
	raritySeconds = 1000
	minRarity     = 16
	// Of an activity younger than a day few gaps are remembered. A gap must be as rare as if they were from a full day, since
	// young pods, of which there are many a day, would be reported more often otherwise.
	firstDay = day
	// A gap counts as quiet only if it is quietMargin times as long as the longest gap that occurred twice.
	quietMargin = 1.5
	// There is enough data about a worker after minGaps gaps and minLife seconds, or minGapsLongLife gaps and longLife
	// seconds.
	minGaps         = 30
	minLife         = 30 * 60
	minGapsLongLife = 10
	longLife        = 6 * hour
	// A younger worker has youngRatio times the median limit of its service after minYoungGaps gaps, if it has at least
	// minSiblings siblings.
	minYoungGaps = 15
	youngRatio   = 2
	minSiblings  = 3
	// The limit of a worker with a mean gap of slowMean seconds or more is randomMargin times a gap that comes once in
	// maxRandomRarity seconds at most, if its gaps deviate by less than randomDeviation: so few gaps leave the tail uncertain
	// by tens of minutes. The margin is for the uncertainty of the mean.
	slowMean        = 60
	randomDeviation = 0.84
	maxRandomRarity = 140 * day
	randomMargin    = 1.1
	// endsAfter is the quiet after which a worker without enough data counts as ended, in seconds.
	endsAfter = 10 * 60
	// An hour of the day that was seen on lowerDays days, lowerWorkerDays worker-days and with lowerGaps gaps lowers the
	// limit to lowerRatio times its longest gap: of n random gaps, one in n² is longer than twice the longest. If the tail
	// is heavier than lightShape, the limit is higher by a factor of e to the power of shapeFactor times the difference.
	lowerDays       = 2
	lowerWorkerDays = 6
	lowerGaps       = 500
	lowerRatio      = 2
	shapeFactor     = 6
	lightShape      = 0.2
	// reconnectGrace is the time after an interruption in which no worker becomes quiet, in seconds: producers must
	// reconnect, too.
	reconnectGrace = 25
	// If all workers of a service have ended for a reason, the service is quiet after minQuietAfterEnds seconds, provided
	// it lived for minLifeAfterEnds seconds.
	minQuietAfterEnds = 10 * 60
	minLifeAfterEnds  = 12 * hour
	// Quiet is reported for shortReport, mediumReport or longReport seconds, depending on how long the worker lived.
	shortReport  = hour
	mediumReport = 6 * hour
	longReport   = 8 * day
	// firstRunRatio is how many times its life Elva must have observed before the first record of a service for that to
	// be the first run of a job. Without this rule, the first run of a nightly job of 40 minutes caused a down state until
	// the next night instead of an hour.
	firstRunRatio = 10
)

// limit is how long an activity may be quiet.
type limit struct {
	seconds   float64 // 0 if there is not enough data
	missedRun bool    // whether a scheduled run is overdue
}

// hasEnoughData reports whether the gaps are sufficient to compute a limit.
func (a *activity) hasEnoughData() bool {
	life := a.last - a.first
	return a.gaps >= minGaps && life >= minLife || a.gaps >= minGapsLongLife && life >= longLife
}

// quietLimit returns how long an activity may be quiet, 0 seconds if there is not enough data: by its schedule, or else by its gaps, and
// less in an hour of the day in which it is never quiet for so long. members is the number of workers that contribute to hours.
func (a *activity) quietLimit(now float64, h *Health, hours *hourlyGaps, members int) (limit limit) {
	next, ok := a.runs.findSchedule()
	ok = ok && a.last < next.due // else it logs without the pauses of a job
	if !ok && !a.hasEnoughData() {
		return limit
	}
	lowest := a.minQuiet()
	tail := a.gapTail(now, h)
	if ok {
		for next.due <= h.watch.resumed { // this run was not observed
			next.due += next.period
		}
		limit.seconds = next.due + next.grace - a.last
		limit.missedRun = now > next.due+next.grace
	} else {
		limit.seconds = max(lowest, min(tail.limit, max(tail.least, a.randomLimit())))
	}
	if lowered := hours.lowerLimit(a.last, members); lowered > 0 {
		limit.seconds = min(limit.seconds, max(lowest, lowered))
	}
	return limit
}

// lowerLimit returns the limit by the hour of the day in which quiet began, 0 if there is not enough data. members is the
// number of workers that contribute to s.
func (s *hourlyGaps) lowerLimit(began float64, members int) float64 {
	h := s.hour(began)
	h.startDay(dayOf(began))
	if h.days < lowerDays || int(h.days)*members < lowerWorkerDays || h.gaps < lowerGaps {
		return 0
	}
	return lowerRatio * math.Exp(shapeFactor*max(s.tailShape()-lightShape, 0)) * float64(max(h.highest, h.today))
}

// tailShape estimates the shape of the gaps' tail as that of a Pareto distribution: the mean logarithm of the ratio between
// the longest and the second longest gap of an hour.
func (s *hourlyGaps) tailShape() float64 {
	sum, n := 0.0, 0.0
	for d := range s {
		for i := range s[d] {
			if h := &s[d][i]; h.days >= lowerDays && h.secondHighest > 0 {
				sum += math.Log(float64(h.highest / h.secondHighest))
				n++
			}
		}
	}
	return sum / max(n, 1)
}

// workerLimit returns the limit of a worker, which has 0 seconds if there is not enough data.
func (h *Health) workerLimit(now float64, w *worker) limit {
	limit := w.activity.quietLimit(now, h, &w.service.workerHours, w.service.memberCount)
	if limit.seconds == 0 {
		limit.seconds = h.youngLimit(now, w)
	}
	if limit.seconds > 0 {
		limit.seconds = max(limit.seconds, w.service.handoverQuiet(w.generated))
	}
	return limit
}

// youngLimit returns the limit of a young worker by its siblings, 0 if they are too few or short-lived.
func (h *Health) youngLimit(now float64, w *worker) float64 {
	s := w.service
	if w.activity.gaps < minYoungGaps || s.shortLived() {
		return 0
	}
	if s.siblingsAt != now {
		s.siblingsAt, s.siblingLimit = now, h.medianLimit(now, s)
	}
	if s.siblingLimit == 0 {
		return 0
	}
	return max(youngRatio*s.siblingLimit, w.activity.gapTail(now, h).limit)
}

// medianLimit returns the median limit of the active workers of a service, 0 if they are too few.
func (h *Health) medianLimit(now float64, s *service) float64 {
	h.limitBuf = h.limitBuf[:0]
	for _, w := range s.workers {
		if w.state == active && w.activity.gaps >= minYoungGaps {
			h.limitBuf = append(h.limitBuf, max(w.activity.minQuiet(), w.activity.gapTail(now, h).limit))
		}
	}
	if len(h.limitBuf) <= minSiblings {
		return 0
	}
	slices.Sort(h.limitBuf)
	return h.limitBuf[len(h.limitBuf)/2]
}

// updateQuiet updates the states of all workers and services.
func (h *Health) updateQuiet(now float64) {
	h.active = bitset{}
	for _, s := range h.registry.services {
		h.updateWorkers(now, s)
		h.updateHalfQuiet(now, s)
		h.updateServiceQuiet(now, s)
	}
}

// updateWorkers updates the states of the workers of a service. It classifies those that were quiet first before others,
// so that they get the earliest successors.
func (h *Health) updateWorkers(now float64, s *service) {
	s.memberCount = s.active + s.reported
	s.active, s.reported = 0, 0
	settled := now-h.watch.resumed >= reconnectGrace
	h.toClassify, h.newcomers = h.toClassify[:0], h.newcomers[:0]
	for _, w := range s.workers {
		if w.maySucceed() {
			h.newcomers = append(h.newcomers, w)
		}
		switch w.state {
		case active:
			quietFor := w.activity.quietFor(now, &h.watch)
			if quietFor >= minQuiet && settled && h.checkQuiet(now, w, quietFor) {
				h.toClassify = append(h.toClassify, w)
				continue
			}
			s.active++
			h.active.add(w.id)
		case quiet:
			h.toClassify = append(h.toClassify, w)
		case ended: // it may still have a successor
			if now-w.activity.last < maxOverlapWide {
				h.toClassify = append(h.toClassify, w)
			}
		}
	}
	slices.SortFunc(h.toClassify, func(a, b *worker) int {
		return cmp.Or(cmp.Compare(a.activity.last, b.activity.last), a.id-b.id)
	})
	for _, w := range h.toClassify {
		h.classify(now, w, true)
		if w.state == quiet {
			s.reported++
		}
	}
	s.size.count(s.active + s.reported)
}

// checkQuiet reports whether a worker has been quiet for too long. A worker without enough data becomes ended instead.
func (h *Health) checkQuiet(now float64, w *worker, quietFor float64) bool {
	l := h.workerLimit(now, w)
	if l.seconds == 0 {
		if quietFor >= endsAfter {
			w.state, w.stateSince = ended, w.activity.last
			w.service.noteEnd(w)
		}
		return false
	}
	w.missedRun = l.missedRun
	return l.missedRun || quietFor > l.seconds
}

// updateServiceQuiet updates whether the service as a whole is quiet, by its own activity. That also works for services
// whose workers are short-lived.
func (h *Health) updateServiceQuiet(now float64, s *service) {
	a := &s.activity
	quietFor := a.quietFor(now, &h.watch)
	if s.quietSince > 0 {
		if quietFor > h.serviceReportTime(s) {
			s.quietSince = 0
		}
		return
	}
	if quietFor < minQuiet || now-h.watch.resumed < reconnectGrace {
		return
	}
	l := a.quietLimit(now, h, &s.ownHours, 1)
	if l.seconds == 0 {
		return
	}
	if s.active == 0 && s.reported == 0 { // all workers ended for a reason; their successors may start slowly
		l.seconds = max(l.seconds, minQuietAfterEnds)
		if a.last-a.first < minLifeAfterEnds {
			return
		}
	}
	if (l.missedRun || quietFor > l.seconds) && quietFor < h.serviceReportTime(s) {
		s.quietSince, s.missedRun = a.last, l.missedRun
	}
}

// isFirstRun reports whether the records of a service look like the first run of a job: a single worker logged for a short
// part of the time since Elva's start. Its quiet may be a failure, so it is reported, but only shortly.
func (h *Health) isFirstRun(s *service) bool {
	life := s.activity.last - s.activity.first
	return life < jobLife && s.activity.first-h.observedFrom >= firstRunRatio*life
}

// serviceReportTime returns for how many seconds the quiet of a service is reported.
func (h *Health) serviceReportTime(s *service) float64 {
	if h.isFirstRun(s) {
		return shortReport
	}
	return reportTime(s.activity.last-s.activity.first, false, true)
}

// workerReportTime returns for how many seconds the quiet of a worker is reported.
func (h *Health) workerReportTime(w *worker) float64 {
	if h.isFirstRun(w.service) {
		return shortReport
	}
	return reportTime(w.life(), w.generated, w.newcomer)
}

// reportTime returns for how many seconds quiet is reported after a life of so many seconds.
func reportTime(life float64, generated, newcomer bool) float64 {
	switch {
	case !newcomer && !generated: // as old as its service
		return longReport
	case life < minLife:
		return shortReport
	case life < jobLife:
		return mediumReport
	case generated:
		return day
	}
	return longReport
}
