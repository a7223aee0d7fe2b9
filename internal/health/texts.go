package health

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// This file says each cause: what, where, since when, how much against what is normal.

// normally says how often a voice logs.
func (v *voice) normally(now float64) string {
	if plan, ok := v.runs.schedule(); ok {
		return "runs " + plan.words
	}
	return "normally every " + duration(math.Max(v.mean, 1))
}

// expected says by when a run was due.
func (h *Health) expected(v *voice) string {
	plan, ok := v.runs.schedule()
	if !ok {
		return ""
	}
	return "expected by " + h.clock(plan.due+plan.grace) + ", runs " + plan.words
}

func (h *Health) quietWorker(now float64, w *worker) cause {
	q := now - w.voice.last
	c := cause{
		kind: workerCause, since: w.voice.last, service: w.service, worker: w, value: q, baseline: w.voice.mean,
		subject: w.name(), filter: filter{worker: w.name()},
	}
	evidence := duration(q) + "; " + w.voice.normally(now)
	if w.missed {
		evidence = h.expected(&w.voice)
	}
	c.text = sprint(w.name(), ": no logs since ", h.clock(w.voice.last), " (", evidence, ")")
	return c
}

func (h *Health) quietService(now float64, s *service) cause {
	c := cause{
		kind: serviceCause, down: true, since: s.voice.last, service: s, value: now - s.voice.last, baseline: s.voice.mean,
		subject: s.name(), filter: s.filter(),
	}
	missed := s.missed && s.quiet > 0
	var only *worker
	for _, w := range s.workers {
		if w.state == quiet {
			only = w
			missed = missed || w.missed
		}
	}
	if s.reported == 1 && s.active == 0 && len(s.workers) == 1 {
		c = h.quietWorker(now, only)
		c.down = !missed
		return c
	}
	c.down = !missed
	evidence := duration(now-s.voice.last) + "; "
	if n := s.active + s.reported; n > 1 {
		evidence += plural(n, "worker") + ", "
	}
	evidence += s.voice.normally(now)
	if missed {
		evidence = h.expected(&s.voice)
	}
	c.text = sprint("All of ", s.name(), ": no logs since ", h.clock(s.voice.last), " (", evidence, ")")
	return c
}

func (h *Health) quietHalf(now float64, s *service) cause {
	var list []*worker
	all := 0
	for _, w := range s.workers {
		if w.state == active || w.state == quiet {
			all++
			if q := w.voice.quiet(now, &h.watch); w.state == quiet || q > max(quietLeast, halfTimes*w.voice.longest()) {
				list = append(list, w)
			}
		}
	}
	slices.SortFunc(list, func(a, b *worker) int { return cmp.Compare(a.name(), b.name()) })
	var hosts []string
	for i, w := range list {
		if i == mostNames && len(list) > mostNames+1 {
			hosts = append(hosts, fmt.Sprintf("%d more", len(list)-i))
			break
		}
		hosts = append(hosts, strings.TrimSuffix(w.name(), "/"+w.key.service))
	}
	return cause{
		kind: halfCause, down: true, since: s.half, service: s, value: float64(len(list)), baseline: float64(all), subject: s.name(), filter: s.filter(),
		text: sprint(len(list), " of ", plural(all, "worker"), " of ", s.name(), ": no logs since ", h.clock(s.half), " (", strings.Join(hosts, ", "), ")"),
	}
}

// tooManyErrors is a storm, or more errors than normal.
func (h *Health) tooManyErrors(now float64, s *service) cause {
	n, _ := s.errors.window(now, 1, s.errors.normal)
	c := cause{
		kind: errorsCause, since: s.errors.since, service: s, value: n, baseline: s.errors.normal, subject: s.name(),
		filter: s.filter(),
	}
	if c.since == 0 { // a storm of what is new
		c.since, c.baseline = s.dominant.first, 0
	}
	c.filter.level, c.filter.from = "error", h.wall(c.since)
	what := ""
	if g := s.dominant; g != nil {
		c.group = g
		what = g.title + ", "
		if w, text := h.whereOf(now, g); text != "" {
			c.worker = w
			what += text + ", "
		}
	}
	if s.storms(now) {
		c.kind, c.down = stormCause, true
		c.text = sprint("Error storm in ", s.name(), " since ", h.clock(c.since), ": ", what, figure(n), " errors in the last minute (baseline ", figure(c.baseline), ")")
		return c
	}
	c.value = s.errors.recently(now)
	c.text = sprint("More errors in ", s.name(), " since ", h.clock(c.since), ": ", what, figure(c.value), " a minute (baseline ", figure(c.baseline), ")")
	return c
}

// recently returns how many a minute there were in the last ten minutes, or since the alarm began.
func (r *rate) recently(now float64) float64 {
	minutes := int64(min(max((now-r.since)/60, 1), 10))
	n, _ := r.window(now, minutes, 1)
	return n / windowMinutes(now, minutes)
}

func (h *Health) moreOfGroup(now float64, g *errorGroup) cause {
	w, where := h.whereOf(now, g)
	c := cause{
		kind: errorsCause, since: g.rate.since, service: g.service, group: g, worker: w, value: g.rate.recently(now), baseline: g.rate.normal,
		subject: g.title, filter: g.filter(h.wall(g.rate.since)),
	}
	if where != "" {
		where = ", " + where
	}
	c.text = sprint("More errors in ", g.service.name(), " since ", h.clock(c.since), ": ", g.title, ", ", figure(c.value), " a minute (baseline ", figure(c.baseline), ")", where)
	return c
}

func (h *Health) newGroup(now float64, g *errorGroup) cause {
	w, where := h.whereOf(now, g)
	times := "once"
	if g.count > 1 {
		times = thousands(int(g.count)) + " times"
	}
	if where != "" {
		where = ", " + where
	}
	return cause{
		kind: newCause, since: g.first, service: g.service, group: g, worker: w, value: float64(g.count), subject: g.title, filter: g.filter(h.wall(g.first)),
		text: sprint("New error in ", g.service.name(), " since ", h.clock(g.first), ": ", g.title, ", ", times, where),
	}
}

// whereOf says which workers have the errors of a group.
func (h *Health) whereOf(now float64, g *errorGroup) (w *worker, text string) {
	w, only := g.where(h)
	all := 0
	for _, other := range g.service.workers {
		if h.active.has(other.id) {
			all++
		}
	}
	n := g.activeWorkers(&h.active)
	switch {
	case w != nil && (only || n <= 1):
		return w, "on " + w.name() + " only"
	case w != nil:
		return w, "mostly " + w.name()
	case n == 0:
		return nil, ""
	case n == all && n > 1:
		return nil, fmt.Sprintf("on all %d workers", n)
	}
	return nil, fmt.Sprintf("on %d of %s", n, plural(all, "worker"))
}

// loudest returns the worker that has more than half of what count returns, nil if there is none.
func (s *service) loudest(count func(w *worker) uint32) *worker {
	var most *worker
	var best, total uint32
	for _, w := range s.workers {
		n := count(w)
		total += n
		if n > best {
			best, most = n, w
		}
	}
	if best*2 <= total {
		return nil
	}
	return most
}

func (h *Health) tooManyWarnings(now float64, s *service) cause {
	n, _ := s.warnings.window(now, 1, 1)
	w := s.loudest(func(w *worker) uint32 { return w.warnings.sum(slotOf(now), minuteSlots) })
	c := cause{
		kind: warningsCause, since: s.warnings.since, service: s, worker: w, value: n, baseline: s.warnings.normal, subject: s.name(), filter: s.filter(),
		text: sprint("Storm of warnings in ", s.name(), " since ", h.clock(s.warnings.since), ": ", figure(n), " in the last minute (baseline ", figure(s.warnings.normal), ")", mostly(w)),
	}
	c.filter.level, c.filter.from = "warning,", h.wall(c.since)
	return c
}

func mostly(w *worker) string {
	if w == nil {
		return ""
	}
	return ", mostly " + w.name()
}

// tooFew is a worker, or a service if there is none, that logs too little.
func (h *Health) tooFew(now float64, s *service, w *worker, v *volume) cause {
	n, length := v.window(now, v.minutes, 0)
	n /= length
	c := cause{kind: slowCause, since: v.slow, service: s, worker: w, value: n, baseline: v.level, subject: s.name(), filter: s.filter()}
	if w != nil {
		c.subject, c.filter = w.name(), filter{worker: w.name()}
	}
	c.text = sprint(c.subject, " logs less since ", h.clock(v.slow), ": ", figure(n), " records a minute (baseline ", figure(v.level), ")")
	return c
}

func (h *Health) flood(now float64, s *service) cause {
	n := float64(s.volume.counts.sum(slotOf(now), minuteSlots))
	w := s.loudest(func(w *worker) uint32 { return w.volume.counts.sum(slotOf(now), minuteSlots) })
	c := cause{
		kind: floodCause, since: s.volume.flood, service: s, worker: w, value: n, baseline: s.volume.level, subject: s.name(), filter: s.filter(),
		text: sprint("Flood of records in ", s.name(), " since ", h.clock(s.volume.flood), ": ", figure(n), " in the last minute (baseline ", figure(s.volume.level), ")", mostly(w)),
	}
	c.filter.from = h.wall(c.since)
	return c
}

func (h *Health) duplicated(now float64, s *service) cause {
	d := &s.duplicates
	share := float64(d.lastDouble) / max(float64(d.lastAll), 1)
	return cause{
		kind: duplicatesCause, since: d.since, service: s, value: share, baseline: d.normal, subject: s.name(), filter: s.filter(),
		text: sprint("Duplicate records in ", s.name(), " since ", h.clock(d.since), ": ", figure(100*share), " % of the last minute equal one just before"),
	}
}

func (h *Health) criticals(now float64, s *service) cause {
	x := &s.critical
	c := cause{
		kind: criticalCause, since: x.since, service: s, group: x.group, worker: x.worker, value: float64(x.n), subject: s.name(),
		filter: filter{level: "critical", from: h.wall(x.since)},
	}
	from := s.name()
	if x.worker != nil {
		from = x.worker.name()
	}
	c.text = sprint(plural(x.n, "critical record"), " since ", h.clock(x.since), " from ", from, ": ", x.text)
	return c
}

func (h *Health) hang(now float64, w *worker) cause {
	n := float64(w.volume.counts.sum(slotOf(now), minuteSlots))
	return cause{
		kind: hangCause, since: w.loggers.since, service: w.service, worker: w, value: n, baseline: w.volume.base.hour, subject: w.name(), filter: filter{worker: w.name()},
		text: sprint(w.name(), " stopped working since ", h.clock(w.loggers.since), ": only ", w.loggers.rest, " goes on, ", figure(n), " records in the last minute (baseline ", figure(w.volume.base.hour), ")"),
	}
}

func (h *Health) restarting(now float64, w *worker) cause {
	r := &w.restarts
	return cause{
		kind: restartsCause, since: r.since, service: w.service, worker: w, value: float64(r.starts), baseline: r.normal, subject: w.name(), filter: filter{worker: w.name(), from: h.wall(r.since)},
		text: sprint(w.name(), " has restarted ", r.starts, " times since ", h.clock(r.since)),
	}
}

func (h *Health) wrongClock(now float64, w *worker) cause {
	difference, _ := w.clock.median()
	off := math.Abs(difference)
	direction := "ahead"
	if difference < 0 {
		direction = "behind"
	}
	zone := ""
	if rest := math.Mod(off+zoneNear, zoneStep); off > zoneStep/2 && rest < 2*zoneNear {
		zone = " (time zone?)"
		off = math.Round(off/zoneStep) * zoneStep
	}
	return cause{
		kind: clockCause, since: w.clock.off, service: w.service, worker: w, value: difference, subject: w.name(), filter: filter{worker: w.name()},
		text: sprint("The clock of ", w.name(), " has been ", duration(off), " ", direction, " since ", h.clock(w.clock.off), zone),
	}
}
