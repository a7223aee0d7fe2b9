package health

import (
	"math"
	"strings"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// jobLife is the life under which a worker may be a job, in seconds: a message such as "done" ends it.
	jobLife = 2 * hour
	// shortLife is the mean life under which the workers of a service are short-lived, in seconds.
	shortLife = 2 * hour
	// minShortEnds is how many workers must have ended before that is known.
	minShortEnds = 3
	// farewellShare is the share of ends with a farewell over which one without is no scaling down.
	farewellShare = 0.8
	// maxLives is the number of ends over which the mean life and the share of farewells are smoothed.
	maxLives = 16
	// wideAfter is the number of replacements after which a service's hosts count as changing, like generated ones.
	wideAfter = 3
	// If workers of a service are replaced, their quiet is reported only after handoverRatio times the longest recent
	// handover, bounded by minHandoverQuiet and maxHandoverQuiet seconds.
	minHandoverQuiet = 30
	maxHandoverQuiet = 10 * 60
	handoverRatio    = 1.25
)

// service is a deployed program: the workers on one channel whose names differ only in variable parts.
type service struct {
	key     serviceKey
	field   bool // whether the name comes from a field of the records, not from their logger
	workers []*worker

	activity    activity
	volume      volume
	errors      rate
	warnings    rate
	workerHours hourlyGaps // gaps of its workers
	ownHours    hourlyGaps // gaps of the service as a whole
	half        half
	size        size

	quietSince     float64     // when the service as a whole became quiet; 0 if it is not quiet
	missedRun      bool        // whether it is quiet because it missed a run
	dominant       *errorGroup // the group with the most recent errors
	dominantErrors float64     // the number of those errors, weighted
	active         int         // active workers at the last check
	reported       int         // quiet workers at the last check
	memberCount    int         // the sum of both at the check before
	siblingLimit   float64     // cached medianLimit
	siblingsAt     float64     // when siblingLimit was computed
	critical       critical

	meanLife         float64 // mean life of the workers that ended, in seconds
	ends             int     // workers that ended
	farewells        float64 // smoothed share of those that logged a farewell
	replacementCount int
	handover         float64 // longest recent time between a worker's end and its successor's start, in seconds

	groupCount int // error groups
	seenOnce   int // error groups with a single error
	errorCount int // all errors
}

type serviceKey struct{ name, channel string }

// name returns the displayed name of the service.
func (s *service) name() string {
	if s.key.name == "" {
		return s.key.channel
	}
	return s.key.name
}

// observe counts a record. isError is whether its level is error or higher.
func (s *service) observe(now float64, h *Health, w *worker, isError, isWarning bool) {
	if gap, ok := s.activity.observe(now, &h.watch, &h.decay, s.quietSince > 0); ok {
		s.ownHours.add(now-gap, gap)
	}
	s.quietSince = 0
	s.half.observe(now, h, w, s.memberCount)
	slot := slotOf(now)
	switch {
	case isError:
		s.errors.counts.add(slot)
		s.errorCount++
	case isWarning:
		s.warnings.counts.add(slot)
	}
	if !isError {
		s.volume.counts.add(slot)
	}
}

// noteEnd notes the end of a worker.
func (s *service) noteEnd(w *worker) {
	s.ends++
	over := float64(min(s.ends, maxLives))
	s.meanLife += (w.life() - s.meanLife) / over
	farewell := 0.0
	if w.loggedFarewell() {
		farewell = 1
	}
	s.farewells += (farewell - s.farewells) / over
}

// expectsFarewell reports whether the workers of the service normally log a farewell before they end.
func (s *service) expectsFarewell() bool {
	return s.ends >= minShortEnds && s.farewells > farewellShare
}

// shortLived reports whether the workers of the service normally end soon.
func (s *service) shortLived() bool { return s.ends >= minShortEnds && s.meanLife < shortLife }

// noteReplacement notes that a worker was replaced by one that started delay seconds later.
func (s *service) noteReplacement(delay float64) {
	s.replacementCount++
	s.handover = max(delay, s.handover*0.9)
}

// handoverQuiet returns the minimum quiet of a worker for which a successor may still start, 0 if the service's workers
// are not replaced or their successors always started before their end. generated is whether the worker's name is generated.
func (s *service) handoverQuiet(generated bool) float64 {
	if s.replacementCount < wideAfter && !(generated && s.replacementCount > 0) || s.handover == 0 {
		return 0
	}
	return min(max(minHandoverQuiet, handoverRatio*s.handover), maxHandoverQuiet)
}

const (
	// loopWindow is the time in which three starts make a crash loop, in seconds.
	loopWindow = 10 * 60
	// maxNormalRestarts is the normal number of starts in that time above which there is no crash loop to report.
	maxNormalRestarts = 0.5
	// A crash loop ends when the worker logs for loopCalm times the longest interval between its last starts, or has not
	// started for longLoopCalm times that interval: the pauses of a crash loop double. Both last minLoopCalm seconds at
	// least.
	minLoopCalm  = 60
	loopCalm     = 1.25
	longLoopCalm = 3
	// restartPeriods is the number of periods of ten minutes over which the normal number is smoothed: a day.
	restartPeriods = 24 * 3600 / loopWindow
)

// restartRate is how often a worker restarts.
type restartRate struct {
	thisPeriod int     // starts in the current ten minutes
	normal     float64 // mean number of starts in ten minutes
	periods    int     // periods of ten minutes that were learned
	loopSince  float64 // when the crash loop began, 0 if there is none
	loopStarts int     // starts since then
}

// learnPeriod adds the ten minutes that end now to the mean.
func (r *restartRate) learnPeriod() {
	if r.loopSince == 0 {
		r.periods = min(r.periods+1, restartPeriods)
		r.normal += (float64(r.thisPeriod) - r.normal) / float64(r.periods)
	}
	r.thisPeriod = 0
}

// detectLoop begins or ends a crash loop, by the last starts of the worker and the time of its last record.
func (r *restartRate) detectLoop(now, last float64, starts *[maxStarts]float64) {
	interval := max(starts[0]-starts[1], starts[1]-starts[2])
	calm := last-starts[0] > max(minLoopCalm, loopCalm*interval) || now-starts[0] > max(minLoopCalm, longLoopCalm*interval)
	switch {
	case r.loopSince > 0 && calm:
		r.loopSince = 0
	case r.loopSince == 0 && !calm && starts[2] > 0 && starts[0]-starts[2] <= loopWindow && r.normal < maxNormalRestarts:
		r.loopSince, r.loopStarts = starts[2], 3
	}
}

// duplicates counts a worker's records of the current minute that equal one of its last records.
type duplicates struct {
	total, duplicated         uint32
	lastTotal, lastDuplicated uint32 // counts of the previous minute
	normalShare               float64
	minutes                   int     // minutes that were learned
	since                     float64 // when the alarm opened, 0 if there is none
}

const (
	// duplicateShare is the share of duplicates in a minute that is too high.
	duplicateShare = 0.3
	// minDuplicateRecords is how many records a full minute must have, minDuplicateSoon the current minute.
	minDuplicateRecords = 10
	minDuplicateSoon    = 16
)

// updateAlarm opens the alarm if the current minute already has too many duplicates.
func (d *duplicates) updateAlarm(now float64) {
	if d.since == 0 && d.minutes >= minLearnedMinutes && d.total >= minDuplicateSoon && float64(d.duplicated) >= max(duplicateShare, 3*d.normalShare)*float64(d.total) {
		d.since = math.Floor(now/60) * 60
		d.lastTotal, d.lastDuplicated = d.total, d.duplicated
	}
}

// learn adds the minute that ends at now to the normal share, and opens or closes the alarm.
func (d *duplicates) learn(now float64) {
	share := 0.0
	if d.total > 0 {
		share = float64(d.duplicated) / float64(d.total)
	}
	switch {
	case d.since > 0:
		if share < duplicateShare/2 {
			d.since = 0
		}
	case d.minutes >= minLearnedMinutes && d.total >= minDuplicateRecords && share >= max(duplicateShare, 3*d.normalShare):
		d.since = now - 60
	case d.total > 0:
		d.minutes++
		d.normalShare += (share - d.normalShare) / float64(min(d.minutes, hourMinutes))
	}
	d.lastTotal, d.lastDuplicated, d.total, d.duplicated = d.total, d.duplicated, 0, 0
}

const (
	// criticalFor is the time that a critical record is reported, in seconds.
	criticalFor = 2 * 60
	// A critical record is normal if its group had more than normalCriticalErrors errors, over more than
	// normalCriticalLife seconds.
	normalCriticalErrors = 5
	normalCriticalLife   = 2 * hour
	// maxQuote is how many bytes of a message a sentence quotes at most.
	maxQuote = 80
)

// critical is the recent critical records of a service.
type critical struct {
	since, last float64 // times of the first and the last of them
	n           int
	worker      *worker     // the last record's
	group       *errorGroup // the last record's
	text        string      // start of the first message
}

// observe counts a critical record.
func (c *critical) observe(now float64, w *worker, g *errorGroup, r *record.Record) {
	if now-c.last > criticalFor {
		text, _, _ := strings.Cut(r.Message, "\n")
		*c = critical{since: now, text: clipTo(text, maxQuote)}
	}
	c.n++
	c.last, c.worker, c.group = now, w, g
}

// reported reports whether there are critical records to report.
func (c *critical) reported(now float64) bool {
	normal := c.group != nil && c.group.count > normalCriticalErrors && c.since-c.group.first > normalCriticalLife && c.group.rate.alarmSince == 0
	return c.n > 0 && now-c.last < criticalFor && !normal
}

// gapDecay is the factor by which the remembered longest gaps shrink each day. They halve in two weeks.
const gapDecay = 0.95

// hourlyGaps remembers the longest gaps by the hour of the day in which they began, for weekdays and for weekends.
type hourlyGaps [2][24]hourGaps

type hourGaps struct {
	day                    int64   // the newest day, counted from 1970
	days                   uint16  // number of days before it
	gaps                   uint32  // number of gaps on all days
	today                  float32 // longest gap of the newest day
	highest, secondHighest float32 // longest gaps of the days before
}

// hour returns the gaps of the hour in which a time lies.
func (s *hourlyGaps) hour(now float64) *hourGaps {
	days := 0
	if weekend(now) {
		days = 1
	}
	return &s[days][hourOfDay(now)]
}

// add records a gap, in seconds, under the hour of the day in which it began.
func (s *hourlyGaps) add(began, gap float64) {
	h := s.hour(began)
	h.startDay(dayOf(began))
	h.today = max(h.today, float32(gap))
	h.gaps++
}

func dayOf(now float64) int64 { return (int64(now) - index(int64(now), 24*3600)) / (24 * 3600) }

// startDay makes today the newest day, unless it already is.
func (h *hourGaps) startDay(today int64) {
	if today <= h.day {
		return
	}
	if h.day > 0 {
		h.days++
		h.highest, h.secondHighest = h.highest*gapDecay, h.secondHighest*gapDecay
		h.highest, h.secondHighest = max(h.highest, h.today), max(h.secondHighest, min(h.highest, h.today))
	}
	h.day, h.today = today, 0
}
