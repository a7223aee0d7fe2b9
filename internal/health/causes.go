package health

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/status"
)

// cause is one thing that is wrong.
type cause struct {
	kind            int // in the order in which causes are said
	down            bool
	since           float64
	service         *service
	worker          *worker
	group           *errorGroup
	value, baseline float64
	text            string
	filter          filter
	subject         string // orders causes that began at the same time
}

// The kinds of causes, in the order in which they are said.
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
		s.volume.judge(now, h, &s.voice, nil)
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
	w.volume.judge(now, h, &w.voice, func(minutes int64) float64 { return w.lowered(now, minutes) })
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
	var list []cause
	if c, ok := h.linkCause(d, now); ok {
		list = append(list, c)
	}
	list = append(list, h.sourceCauses(d, now)...)
	for _, s := range h.registry.services {
		list = h.quietCauses(list, now, s)
		list = h.serviceCauses(list, now, s)
		for _, w := range s.workers {
			if w.state == active {
				list = h.workerCauses(list, now, w)
			}
		}
	}
	list = h.allQuiet(list, now)
	for _, g := range h.groups.byKey {
		list = h.groupCauses(list, now, g)
	}
	slices.SortFunc(list, func(a, b cause) int {
		switch {
		case a.down != b.down && a.down:
			return -1
		case a.down != b.down:
			return 1
		}
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.since, b.since), cmp.Compare(a.subject, b.subject), cmp.Compare(a.text, b.text))
	})
	return list
}

// quietCauses adds the quiet of a service, of half of it, or of some of its workers.
func (h *Health) quietCauses(list []cause, now float64, s *service) []cause {
	if s.quiet > 0 || s.active == 0 && s.reported > 0 {
		return append(list, h.quietService(now, s))
	}
	if s.half > 0 {
		return append(list, h.quietHalf(now, s))
	}
	for _, w := range s.workers {
		if w.state == quiet {
			list = append(list, h.quietWorker(now, w))
		}
	}
	return list
}

// allQuiet makes one cause of the quiet of everything.
func (h *Health) allQuiet(list []cause, now float64) []cause {
	var last float64
	services, workers := 0, 0
	for _, c := range list {
		if c.kind == serviceCause && c.down {
			services++
			workers += max(c.service.reported, 1)
			last = max(last, c.since)
		}
	}
	if services < 2 || h.active.count() > 0 {
		return list
	}
	list = slices.DeleteFunc(list, func(c cause) bool { return c.kind == serviceCause && c.down })
	return append(list, cause{
		kind: allCause, down: true, since: last, value: now - last,
		text: sprint("All ", plural(workers, "worker"), " of ", plural(services, "service"), ": no logs since ", h.clock(last), " (", duration(now-last), ")"),
	})
}

// serviceCauses adds what is wrong with the rates of a service.
func (h *Health) serviceCauses(list []cause, now float64, s *service) []cause {
	if s.storms(now) || s.errors.since > 0 && (s.dominant == nil || !s.dominant.isNew(now)) {
		list = append(list, h.tooManyErrors(now, s))
	}
	if s.warnings.since > 0 && s.warnings.storm {
		list = append(list, h.tooManyWarnings(now, s))
	}
	if s.volume.slow > 0 && !s.shortLived() {
		list = append(list, h.tooFew(now, s, nil, &s.volume))
	}
	if s.volume.flood > 0 {
		list = append(list, h.flood(now, s))
	}
	if s.duplicates.since > 0 {
		list = append(list, h.duplicated(now, s))
	}
	if s.critical.reported(now) {
		list = append(list, h.criticals(now, s))
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

// workerCauses adds what is wrong with an active worker.
func (h *Health) workerCauses(list []cause, now float64, w *worker) []cause {
	switch {
	case w.loggers.since > 0:
		list = append(list, h.hang(now, w))
	case w.volume.slow > 0 && w.service.volume.slow == 0:
		list = append(list, h.tooFew(now, w.service, w, &w.volume))
	}
	if w.restarts.since > 0 {
		list = append(list, h.restarting(now, w))
	}
	if w.clock.off > 0 {
		list = append(list, h.wrongClock(now, w))
	}
	return list
}

// groupCauses adds what is wrong with an error group, unless the service's cause says it.
func (h *Health) groupCauses(list []cause, now float64, g *errorGroup) []cause {
	s := g.service
	switch {
	case g.isNew(now):
		if s.dominant != g || !s.storms(now) {
			list = append(list, h.newGroup(now, g))
		}
	case g.rate.since > 0 && s.errors.since == 0:
		list = append(list, h.moreOfGroup(now, g))
	}
	return list
}

// linkCause is what is wrong with the link to Redis.
func (h *Health) linkCause(d *status.Document, now float64) (c cause, ok bool) {
	switch d.Redis.State {
	case status.Down, status.Refused, status.Closed:
		since := seconds(d.Redis.Since)
		return cause{kind: redisCause, down: true, since: since, value: now - since, text: sentenceStart(d.Redis.Text) + " (since " + h.clock(since) + ")"}, true
	}
	return c, false
}

// sourceCauses are the sources that never brought a record: their names may be wrong.
func (h *Health) sourceCauses(d *status.Document, now float64) (list []cause) {
	if d.Redis.LastRecord.IsZero() || now-h.started < sourceWaits || d.Redis.State != status.Live {
		return nil
	}
	for _, s := range d.Redis.Sources {
		if s.Kind != status.List && s.Records == 0 {
			list = append(list, cause{
				kind: sourceCause, since: h.started, subject: s.Name,
				text: sprint("No messages on ", s.Name, " since ", h.clock(h.started), " (Elva's start): check the name"),
			})
		}
	}
	return list
}

// sourceWaits is for how many seconds a source may bring nothing after the start.
const sourceWaits = 60

// document returns the cause as the document has it.
func (h *Health) document(c *cause) status.Cause {
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
		d.Worker = c.worker.name()
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
