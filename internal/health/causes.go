package health

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/status"
)

// mostListed bounds how many causes a document lists: it goes to every viewer every 2 s.
const mostListed = 50

// cause is one thing that is wrong.
type cause struct {
	kind    int
	down    bool
	since   float64
	service *service
	worker  *worker
	group   *errorGroup
	subject string // orders causes that began at the same time

	// What describe adds.
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

// judge brings all alarms up to date.
func (h *Health) judge(now float64) {
	if h.judged == now {
		return
	}
	h.judged = now
	h.judgeQuiet(now)
	for _, s := range h.registry.services {
		s.errors.judge(now, h, 2, func(int64) float64 { return s.errorsNormal(now) })
		s.warnings.judge(now, h, 2, func(int64) float64 { return s.warningsNormal(now) })
		s.volume.judge(now, h, &s.activity, nil)
		s.duplicates.judge(now)
		for _, w := range s.workers {
			if w.state == active {
				w.judge(now, h)
			}
		}
		s.most = 0
	}
	for _, g := range h.groups.byKey {
		g.age(now)
		if g.rate.counts.ring == nil || g.rate.since == 0 && now-g.last > hour {
			continue
		}
		g.rate.judge(now, h, len(windows), func(minutes int64) float64 { return g.normal(now, minutes) })
		g.service.dominate(now, g)
	}
}

func (w *worker) judge(now float64, h *Health) {
	w.volume.judge(now, h, &w.activity, func(minutes int64) float64 { return w.lowered(now, minutes) })
	w.loggers.judge(now, &h.watch)
	w.restarts.judge(now, &w.starts)
	w.clock.judge(now)
}

// dominate finds the group that most of the service's errors of the last ten minutes are of. It changes only for a group
// that has clearly more, so that no name changes while nothing changes.
func (s *service) dominate(now float64, g *errorGroup) {
	n := float64(g.rate.counts.sum(slotOf(now), minuteSlots)) + float64(g.rate.counts.sum(slotOf(now), 10*minuteSlots))/10
	if g == s.dominant {
		n *= 1.3
	}
	if n > s.most || n == s.most && s.dominant != nil && g.key < s.dominant.key {
		s.most, s.dominant = n, g
	}
}

// causes returns what is wrong, the worst first.
func (h *Health) causes(d *status.Document, now float64) []cause {
	list := h.linkCauses(h.found[:0], d, now)
	for _, s := range h.registry.services {
		list = h.quietCauses(list, s)
		list = s.causes(list, now)
		for _, w := range s.workers {
			if w.state == active {
				list = w.causes(list)
			}
		}
	}
	list = h.allQuiet(list)
	for _, g := range h.groups.byKey {
		list = g.causes(list, now)
	}
	slices.SortFunc(list, func(a, b cause) int {
		switch {
		case a.down != b.down && a.down:
			return -1
		case a.down != b.down:
			return 1
		}
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.since, b.since), cmp.Compare(a.subject, b.subject))
	})
	h.found = list
	return list
}

// linkCauses adds what is wrong with the link to Redis, and the sources that never brought a record: their names may be
// wrong.
func (h *Health) linkCauses(list []cause, d *status.Document, now float64) []cause {
	switch d.Redis.State {
	case status.Down, status.Denied, status.Closed:
		return append(list, cause{kind: redisCause, down: true, since: seconds(d.Redis.Since), subject: d.Redis.Text})
	}
	if d.Redis.LastRecord.IsZero() || now-h.started < sourceWaits || d.Redis.State != status.Live {
		return list
	}
	for _, s := range d.Redis.Sources {
		if s.Kind != status.List && s.Records == 0 {
			list = append(list, cause{kind: sourceCause, since: h.started, subject: s.Name})
		}
	}
	return list
}

// sourceWaits is for how many seconds a source may bring nothing after the start.
const sourceWaits = 60

// quietCauses adds the quiet of a service, of half of it, or of some of its workers.
func (h *Health) quietCauses(list []cause, s *service) []cause {
	if s.quiet > 0 || s.active == 0 && s.reported > 0 {
		return append(list, s.quietCause())
	}
	if s.half > 0 {
		return append(list, cause{kind: halfCause, down: true, since: s.half, service: s, subject: s.name()})
	}
	for _, w := range s.workers {
		if w.state == quiet {
			list = append(list, cause{kind: workerCause, since: w.activity.last, service: s, worker: w, subject: w.name})
		}
	}
	return list
}

// quietCause is the quiet of all of a service. A run that is missed is no reason to be down.
func (s *service) quietCause() cause {
	c := cause{kind: serviceCause, since: s.activity.last, service: s, subject: s.name()}
	missed := s.missed && s.quiet > 0
	for _, w := range s.workers {
		if w.state == quiet {
			missed = missed || w.missed
			if s.reported == 1 && len(s.workers) == 1 {
				c.kind, c.worker, c.subject = workerCause, w, w.name
			}
		}
	}
	c.down = !missed
	return c
}

// allQuiet makes one cause of the quiet of everything.
func (h *Health) allQuiet(list []cause) []cause {
	c := cause{kind: allCause, down: true}
	services := 0.0
	for _, x := range list {
		if x.kind == serviceCause && x.down {
			services++
			c.value += float64(max(x.service.reported, 1))
			c.since = max(c.since, x.since)
		}
	}
	if services < 2 || h.active.count() > 0 {
		return list
	}
	c.baseline = services
	list = slices.DeleteFunc(list, func(c cause) bool { return c.kind == serviceCause && c.down })
	return append(list, c)
}

// causes adds what is wrong with the rates of a service.
func (s *service) causes(list []cause, now float64) []cause {
	add := func(kind int, since float64) {
		list = append(list, cause{kind: kind, down: kind == stormCause, since: since, service: s, subject: s.name()})
	}
	switch {
	case s.storms(now) && s.errors.since == 0: // of what is new
		add(stormCause, s.dominant.first)
	case s.storms(now):
		add(stormCause, s.errors.since)
	case s.errors.since > 0 && (s.dominant == nil || !s.dominant.isNew(now)):
		add(errorsCause, s.errors.since)
	}
	if s.warnings.since > 0 && s.warnings.storm {
		add(warningsCause, s.warnings.since)
	}
	if s.volume.slow > 0 && !s.shortLived() {
		add(slowCause, s.volume.slow)
	}
	if s.volume.flood > 0 {
		add(floodCause, s.volume.flood)
	}
	if s.duplicates.since > 0 {
		add(duplicatesCause, s.duplicates.since)
	}
	if s.critical.reported(now) {
		add(criticalCause, s.critical.since)
	}
	return list
}

// storms reports whether there is a storm of errors: many more than normal, or many of a group that is new.
func (s *service) storms(now float64) bool {
	if g := s.dominant; g != nil && g.isNew(now) && g.rate.counts.sum(slotOf(now), minuteSlots) >= stormMinute {
		return true
	}
	return s.errors.since > 0 && s.errors.storm
}

// causes adds what is wrong with an active worker.
func (w *worker) causes(list []cause) []cause {
	add := func(kind int, since float64) {
		list = append(list, cause{kind: kind, since: since, service: w.service, worker: w, subject: w.name})
	}
	switch {
	case w.loggers.since > 0:
		add(hangCause, w.loggers.since)
	case w.volume.slow > 0 && w.service.volume.slow == 0:
		add(slowCause, w.volume.slow)
	}
	if w.restarts.since > 0 {
		add(restartsCause, w.restarts.since)
	}
	if w.clock.off > 0 {
		add(clockCause, w.clock.off)
	}
	return list
}

// causes adds what is wrong with an error group, unless the service's cause says it.
func (g *errorGroup) causes(list []cause, now float64) []cause {
	s := g.service
	switch {
	case g.isNew(now):
		if s.dominant != g || !s.storms(now) {
			list = append(list, cause{kind: newCause, since: g.first, service: s, group: g, subject: g.title})
		}
	case g.rate.since > 0 && s.errors.since == 0:
		list = append(list, cause{kind: errorsCause, since: g.rate.since, service: s, group: g, subject: g.title})
	}
	return list
}

// document returns the cause as the document has it.
func (h *Health) document(c *cause, now float64) status.Cause {
	h.describe(c, now)
	d := status.Cause{
		Kind: kindNames[c.kind], State: status.Degraded, Text: c.text + ".", Since: h.wall(c.since),
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

// wall returns a time by Elva's clock.
func (h *Health) wall(s float64) time.Time {
	return fromSeconds(s - h.watch.offset).Round(time.Millisecond)
}

// round keeps three places, so that the document is not made of digits.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }
