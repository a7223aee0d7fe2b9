package health

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/status"
)

// maxListed bounds how many causes a document lists, since every viewer receives it every 2 s.
const maxListed = 50

// cause is one reason why the state is not ok.
type cause struct {
	kind    int
	down    bool
	since   float64
	service *service
	worker  *worker
	group   *errorGroup
	subject string // names the cause in its text; also orders causes that began at the same time

	// These fields are set by describe.
	value, baseline float64
	text            string
	filter          filter
}

// The kinds of causes, in the order in which the summary names them.
const (
	redisCause = iota
	allCause
	serviceCause
	stormCause
	halfCause
	workerCause
	restartsCause
	criticalCause
	hangCause
	slowCause
	errorsCause
	newCause
	floodCause
	warningsCause
	duplicatesCause
	clockCause
	sourceCause
)

var kindNames = [...]string{
	redisCause: status.CauseRedis, allCause: status.CauseAll, serviceCause: status.CauseService, stormCause: status.CauseStorm, halfCause: status.CauseHalf,
	workerCause: status.CauseWorker, restartsCause: status.CauseRestarts, criticalCause: status.CauseCritical, hangCause: status.CauseHang,
	slowCause: status.CauseSlow, errorsCause: status.CauseErrors, newCause: status.CauseNew, floodCause: status.CauseFlood,
	warningsCause: status.CauseWarnings, duplicatesCause: status.CauseDuplicates, clockCause: status.CauseClock, sourceCause: status.CauseSource,
}

// updateAlarms opens and closes all alarms.
func (h *Health) updateAlarms(now float64) {
	if h.alarmsUpdated == now {
		return
	}
	h.alarmsUpdated = now
	h.updateQuiet(now)
	for _, s := range h.registry.services {
		s.errors.openEarly(now, h, &s.volume.counts)
		s.errors.updateAlarm(now, h, 2, func(minutes int64) float64 { return s.normalRate(&s.errors, now, minutes) })
		s.warnings.updateAlarm(now, h, 2, func(minutes int64) float64 { return s.normalRate(&s.warnings, now, minutes) })
		s.volume.updateAlarms(now, h, &s.activity, nil)
		for _, w := range s.workers {
			if w.state == active {
				w.updateAlarms(now, h)
			}
		}
		s.dominantErrors = 0
	}
	for _, g := range h.groups.byKey {
		g.updateKnown(now)
		if g.rate.counts.ring == nil || g.rate.alarmSince == 0 && now-g.last > hour {
			continue
		}
		g.rate.updateAlarm(now, h, len(windows), func(minutes int64) float64 { return g.normalRate(now, minutes) })
		g.service.updateDominant(now, g)
	}
}

func (w *worker) updateAlarms(now float64, h *Health) {
	if w.service.volume.slowSince > 0 {
		w.volume.slowSince = 0
	} else {
		w.volume.updateAlarms(now, h, &w.activity, func(minutes int64) float64 { return w.siblingsShare(now, minutes) })
	}
	w.loggers.detectHang(now, &h.watch)
	w.duplicates.updateAlarm(now)
	w.restarts.detectLoop(now, w.activity.last, &w.startTimes)
	w.clock.detectOffset(now)
}

// updateDominant makes g the dominant error group of the service if it has the most recent errors. It must have clearly
// more than the current one, so that the name in the text doesn't alternate.
func (s *service) updateDominant(now float64, g *errorGroup) {
	n := float64(g.rate.counts.sum(slotOf(now), minuteSlots)) + float64(g.rate.counts.sum(slotOf(now), 10*minuteSlots))/10
	if g == s.dominant {
		n *= 1.3
	}
	if n > s.dominantErrors || n == s.dominantErrors && s.dominant != nil && g.key < s.dominant.key {
		s.dominantErrors, s.dominant = n, g
	}
}

// causes returns the current causes, the worst first.
func (h *Health) causes(d *status.Document, now float64) []cause {
	list := h.redisCauses(h.causeBuf[:0], d, now)
	for _, s := range h.registry.services {
		list = h.quietCauses(list, s)
		list = s.causes(list, now)
		for _, w := range s.workers {
			if w.state == active {
				list = w.causes(list)
			}
		}
	}
	list = h.mergeQuiet(list)
	for _, g := range h.groups.byKey {
		list = g.causes(list, now)
	}
	slices.SortFunc(list, func(a, b cause) int {
		if a.down != b.down {
			if a.down {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.since, b.since), cmp.Compare(a.subject, b.subject))
	})
	h.causeBuf = list
	return list
}

// redisCauses adds a problem with the connection to Redis, or else the sources that have not delivered any record: their
// names may be wrong.
func (h *Health) redisCauses(list []cause, d *status.Document, now float64) []cause {
	switch d.Redis.State {
	case status.Down, status.Denied, status.Closed:
		return append(list, cause{kind: redisCause, down: true, since: seconds(d.Redis.Since), subject: d.Redis.Text})
	}
	if d.Redis.LastRecord.IsZero() || now-h.started < sourceGrace || d.Redis.State != status.Live {
		return list
	}
	for _, s := range d.Redis.Sources {
		if s.Kind != status.List && s.Records == 0 {
			list = append(list, cause{kind: sourceCause, since: h.started, subject: s.Name})
		}
	}
	return list
}

// sourceGrace is how many seconds after the start a source without records is not reported yet.
const sourceGrace = 60

// quietCauses adds one cause if a service, half of it, or many of its workers are quiet, or else one for each quiet worker.
func (h *Health) quietCauses(list []cause, s *service) []cause {
	if s.quietSince > 0 || s.active == 0 && s.reported > 0 {
		return append(list, s.quietCause())
	}
	if s.half.quietSince > 0 {
		return append(list, cause{kind: halfCause, down: true, since: s.half.quietSince, service: s, subject: s.name()})
	}
	if s.reported > maxNames {
		return append(list, cause{kind: workerCause, since: s.quietWorkersSince(), service: s, subject: s.name()})
	}
	for _, w := range s.workers {
		if w.state == quiet {
			list = append(list, cause{kind: workerCause, since: w.activity.last, service: s, worker: w, subject: w.name})
		}
	}
	return list
}

// quietWorkersSince returns the earliest last record of the quiet workers.
func (s *service) quietWorkersSince() float64 {
	since := math.Inf(1)
	for _, w := range s.workers {
		if w.state == quiet {
			since = min(since, w.activity.last)
		}
	}
	return since
}

// quietCause returns the cause for a service that is quiet as a whole. A missed run only degrades the state.
func (s *service) quietCause() cause {
	c := cause{kind: serviceCause, since: s.activity.last, service: s, subject: s.name()}
	missed := s.missedRun && s.quietSince > 0
	for _, w := range s.workers {
		if w.state == quiet {
			missed = missed || w.missedRun
			if s.reported == 1 && len(s.workers) == 1 {
				c.kind, c.worker, c.subject = workerCause, w, w.name
			}
		}
	}
	c.down = !missed
	return c
}

// mergeQuiet replaces the causes of quiet services by a single one if nothing is active.
func (h *Health) mergeQuiet(list []cause) []cause {
	c := cause{kind: allCause, down: true}
	services := 0.0
	for _, cause := range list {
		if cause.kind == serviceCause && cause.down {
			services++
			c.value += float64(max(cause.service.reported, 1))
			c.since = max(c.since, cause.since)
		}
	}
	if services < 2 || h.active.count() > 0 {
		return list
	}
	c.baseline = services
	list = slices.DeleteFunc(list, func(c cause) bool { return c.kind == serviceCause && c.down })
	return append(list, c)
}

// causes adds the causes that concern a service, apart from quiet.
func (s *service) causes(list []cause, now float64) []cause {
	add := func(kind int, since float64) {
		list = append(list, cause{kind: kind, down: kind == stormCause, since: since, service: s, subject: s.name()})
	}
	switch {
	case s.hasStorm(now) && s.errors.alarmSince == 0: // a storm of a new group
		add(stormCause, s.dominant.first)
	case s.hasStorm(now):
		add(stormCause, s.errors.alarmSince)
	case s.errors.alarmSince > 0 && (s.dominant == nil || !s.dominant.isNew(now)):
		add(errorsCause, s.errors.alarmSince)
	}
	if s.warnings.alarmSince > 0 && s.warnings.storm {
		add(warningsCause, s.warnings.alarmSince)
	}
	if s.volume.slowSince > 0 && !s.shortLived() {
		add(slowCause, s.volume.slowSince)
	}
	if s.volume.floodSince > 0 {
		add(floodCause, s.volume.floodSince)
	}
	list = s.duplicatesCause(list)
	if s.critical.reported(now) {
		add(criticalCause, s.critical.since)
	}
	return list
}

// duplicatesCause adds one cause for all workers of the service that log duplicates.
func (s *service) duplicatesCause(list []cause) []cause {
	n := 0
	c := cause{kind: duplicatesCause, since: math.Inf(1), service: s, subject: s.name()}
	for _, w := range s.workers {
		if d := &w.duplicates; w.state == active && d.since > 0 {
			n++
			c.since, c.worker = min(c.since, d.since), w
		}
	}
	if n == 0 {
		return list
	}
	if n > 1 {
		c.worker = nil
	} else {
		c.subject = c.worker.name
	}
	return append(list, c)
}

// hasStorm reports whether there is an error storm: many more errors than normal, or many of a new group.
func (s *service) hasStorm(now float64) bool {
	if g := s.dominant; g != nil && g.isNew(now) && g.rate.counts.sum(slotOf(now), minuteSlots) >= stormPerMinute {
		return true
	}
	return s.errors.alarmSince > 0 && s.errors.storm
}

// causes adds the causes that concern an active worker.
func (w *worker) causes(list []cause) []cause {
	add := func(kind int, since float64) {
		list = append(list, cause{kind: kind, since: since, service: w.service, worker: w, subject: w.name})
	}
	switch {
	case w.loggers.hangSince > 0:
		add(hangCause, w.loggers.hangSince)
	case w.volume.slowSince > 0:
		add(slowCause, w.volume.slowSince)
	}
	if w.restarts.loopSince > 0 {
		add(restartsCause, w.restarts.loopSince)
	}
	if w.clock.offSince > 0 {
		add(clockCause, w.clock.offSince)
	}
	return list
}

// causes adds the cause that concerns an error group, unless a cause of its service covers it.
func (g *errorGroup) causes(list []cause, now float64) []cause {
	s := g.service
	switch {
	case g.isNew(now):
		if s.dominant != g || !s.hasStorm(now) {
			list = append(list, cause{kind: newCause, since: g.first, service: s, group: g, subject: g.title})
		}
	case g.rate.alarmSince > 0 && s.errors.alarmSince == 0:
		list = append(list, cause{kind: errorsCause, since: g.rate.alarmSince, service: s, group: g, subject: g.title})
	}
	return list
}

// document returns the cause in the form of the status document.
func (h *Health) document(c *cause, now float64) status.Cause {
	h.describe(c, now)
	d := status.Cause{
		Kind: kindNames[c.kind], State: status.Degraded, Text: c.text + ".", Since: h.wallTime(c.since),
		Value: round(c.value), Baseline: round(c.baseline), Filter: c.filter.String(),
	}
	if c.down {
		d.State = status.Down
	}
	if c.service != nil {
		d.Service = c.service.name()
	}
	if c.worker != nil {
		d.Worker = c.worker.name
	}
	if c.group != nil {
		d.Group = c.group.title
	}
	return d
}

// wallTime converts a time of the watch to a time by Elva's clock.
func (h *Health) wallTime(s float64) time.Time {
	return fromSeconds(s - h.watch.offset).Round(time.Millisecond)
}

// round rounds to three decimal places to keep the document short.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }
