package health

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// This file says each cause in words: what, where, since when, how much against what is normal.

// normally says how often an activity logs.
func (v *activity) normally() string {
	if plan, ok := v.runs.schedule(); ok {
		return "runs " + plan.words
	}
	return "normally every " + duration(math.Max(v.mean, 1))
}

// expected says by when a run was due.
func (h *Health) expected(v *activity) string {
	plan, ok := v.runs.schedule()
	if !ok {
		return ""
	}
	return "expected by " + h.clock(plan.due+plan.grace) + ", runs " + plan.words
}

// describe adds to a cause how much it is, against what, where its records are, and the sentence.
func (h *Health) describe(c *cause, now float64) {
	since := h.clock(c.since)
	if c.service != nil {
		c.filter = c.service.filter()
	}
	if c.worker != nil {
		c.filter = filter{worker: c.worker.name}
	}
	switch c.kind {
	case redisCause:
		c.value = now - c.since
		c.text = sprint(sentenceStart(c.subject), ". Since ", since)
	case sourceCause:
		c.text = sprint("No messages on ", c.subject, " since ", since, " (Elva's start): check the name")
	case allCause:
		c.text = sprint("All ", plural(int(c.value), "worker"), " of ", plural(int(c.baseline), "service"), ": no logs since ", since, " (", duration(now-c.since), ")")
		c.value, c.baseline = now-c.since, 0
	case serviceCause:
		h.quietService(c, now, since)
	case halfCause:
		h.quietHalf(c, now, since)
	case workerCause:
		h.quietWorker(c, now, since)
	case stormCause, errorsCause:
		h.tooManyErrors(c, now, since)
	case newCause:
		h.newGroup(c, now, since)
	case warningsCause:
		h.tooManyWarnings(c, now, since)
	case slowCause:
		h.tooFew(c, now, since)
	case floodCause:
		h.flood(c, now, since)
	case duplicatesCause:
		d := &c.service.duplicates
		c.value, c.baseline = float64(d.lastDouble)/max(float64(d.lastAll), 1), d.normal
		c.text = sprint("Duplicate records in ", c.subject, " since ", since, ": ", figure(100*c.value), " % of the last minute equal one just before")
	case criticalCause:
		h.criticals(c, since)
	case hangCause:
		w := c.worker
		c.value, c.baseline = float64(w.volume.counts.sum(slotOf(now), minuteSlots)), w.volume.base.hour
		c.text = sprint(c.subject, " stopped working since ", since, ": only ", w.loggers.rest, " goes on, ", figure(c.value), " records in the last minute (baseline ", figure(c.baseline), ")")
	case restartsCause:
		r := &c.worker.restarts
		c.value, c.baseline, c.filter.from = float64(r.starts), r.normal, h.wall(c.since)
		c.text = sprint(c.subject, " has restarted ", r.starts, " times since ", since)
	case clockCause:
		h.wrongClock(c, since)
	}
}

func (h *Health) quietWorker(c *cause, now float64, since string) {
	v := &c.worker.activity
	c.value, c.baseline = now-v.last, v.mean
	evidence := duration(c.value) + "; " + v.normally()
	if c.worker.missed {
		evidence = h.expected(v)
	}
	c.text = sprint(c.subject, ": no logs since ", since, " (", evidence, ")")
}

func (h *Health) quietService(c *cause, now float64, since string) {
	s := c.service
	v := &s.activity
	c.value, c.baseline = now-v.last, v.mean
	evidence := duration(c.value) + "; "
	if n := s.active + s.reported; n > 1 {
		evidence += plural(n, "worker") + ", "
	}
	evidence += v.normally()
	if !c.down {
		evidence = h.expected(v)
	}
	c.text = sprint("All of ", c.subject, ": no logs since ", since, " (", evidence, ")")
}

func (h *Health) quietHalf(c *cause, now float64, since string) {
	var hosts []string
	for _, w := range c.service.workers {
		if w.state != active && w.state != quiet {
			continue
		}
		c.baseline++
		if w.state == quiet || w.activity.quiet(now, &h.watch) > max(quietLeast, halfTimes*w.activity.longest()) {
			hosts = append(hosts, strings.TrimSuffix(w.name, "/"+w.key.service))
		}
	}
	c.value = float64(len(hosts))
	slices.Sort(hosts)
	if len(hosts) > mostNames+1 {
		hosts = append(hosts[:mostNames], fmt.Sprintf("%d more", len(hosts)-mostNames))
	}
	c.text = sprint(c.value, " of ", plural(int(c.baseline), "worker"), " of ", c.subject, ": no logs since ", since, " (", strings.Join(hosts, ", "), ")")
}

// tooManyErrors is a storm of errors, or more than normal of a service or of a group.
func (h *Health) tooManyErrors(c *cause, now float64, since string) {
	r := &c.service.errors
	if c.group != nil {
		r = &c.group.rate
		c.filter = c.group.filter()
	}
	if r.since > 0 {
		c.baseline = r.normal
	}
	what := ""
	if c.group == nil {
		c.group = c.service.dominant
	}
	if c.group != nil {
		what = c.group.title + ", "
		var where string
		if c.worker, where = h.whereOf(c.group); where != "" {
			what += where + ", "
		}
	}
	c.filter.level, c.filter.from = "error", h.wall(c.since)
	if c.kind == stormCause {
		c.value, _ = c.service.errors.window(now, 1, 1)
		c.text = sprint("Error storm in ", c.service.name(), " since ", since, ": ", what, figure(c.value), " errors in the last minute (baseline ", figure(c.baseline), ")")
		return
	}
	c.value = r.recently(now)
	c.text = sprint("More errors in ", c.service.name(), " since ", since, ": ", what, figure(c.value), " a minute (baseline ", figure(c.baseline), ")")
}

// recently returns how many a minute there were in the last ten minutes, or since the alarm began.
func (r *rate) recently(now float64) float64 {
	minutes := int64(min(max((now-r.since)/60, 1), 10))
	n, _ := r.window(now, minutes, 1)
	return n / windowMinutes(now, minutes)
}

func (h *Health) newGroup(c *cause, now float64, since string) {
	g := c.group
	c.value, c.filter = float64(g.count), g.filter()
	c.filter.from = h.wall(g.first)
	times := "once"
	if g.count > 1 {
		times = thousands(int(g.count)) + " times"
	}
	var where string
	if c.worker, where = h.whereOf(g); where != "" {
		where = ", " + where
	}
	c.text = sprint("New error in ", c.service.name(), " since ", since, ": ", g.title, ", ", times, where)
}

// whereOf says which workers have the errors of a group, and returns the one that has most of them, if there is one.
func (h *Health) whereOf(g *errorGroup) (w *worker, text string) {
	w, only := g.where()
	all := 0
	for _, other := range g.service.workers {
		if h.active.has(other.id) {
			all++
		}
	}
	n := g.activeWorkers(&h.active)
	switch {
	case w != nil && (only || n <= 1):
		return w, "on " + w.name + " only"
	case w != nil:
		return w, "mostly " + w.name
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

func mostly(w *worker) string {
	if w == nil {
		return ""
	}
	return ", mostly " + w.name
}

func (h *Health) tooManyWarnings(c *cause, now float64, since string) {
	r := &c.service.warnings
	c.value, _ = r.window(now, 1, 1)
	c.baseline = r.normal
	c.worker = c.service.loudest(func(w *worker) uint32 { return w.warnings.sum(slotOf(now), minuteSlots) })
	c.filter.level, c.filter.from = "warning,", h.wall(c.since)
	c.text = sprint("Storm of warnings in ", c.subject, " since ", since, ": ", figure(c.value), " in the last minute (baseline ", figure(c.baseline), ")", mostly(c.worker))
}

func (h *Health) tooFew(c *cause, now float64, since string) {
	v := &c.service.volume
	if c.worker != nil {
		v = &c.worker.volume
	}
	n, length := v.window(now, v.minutes, 0)
	c.value, c.baseline = n/length, v.level
	c.text = sprint(c.subject, " logs less since ", since, ": ", figure(c.value), " records a minute (baseline ", figure(c.baseline), ")")
}

func (h *Health) flood(c *cause, now float64, since string) {
	v := &c.service.volume
	c.value, c.baseline, c.filter.from = float64(v.counts.sum(slotOf(now), minuteSlots)), v.level, h.wall(c.since)
	c.worker = c.service.loudest(func(w *worker) uint32 { return w.volume.counts.sum(slotOf(now), minuteSlots) })
	c.text = sprint("Flood of records in ", c.subject, " since ", since, ": ", figure(c.value), " in the last minute (baseline ", figure(c.baseline), ")", mostly(c.worker))
}

func (h *Health) criticals(c *cause, since string) {
	x := &c.service.critical
	c.value, c.worker, c.group = float64(x.n), x.worker, x.group
	c.filter = filter{level: "critical", from: h.wall(x.since)}
	from := c.subject
	if x.worker != nil {
		from = x.worker.name
	}
	c.text = sprint(plural(x.n, "critical record"), " since ", since, " from ", from, ": ", x.text)
}

func (h *Health) wrongClock(c *cause, since string) {
	c.value, _ = c.worker.clock.median()
	off := math.Abs(c.value)
	direction := "ahead"
	if c.value < 0 {
		direction = "behind"
	}
	zone := ""
	if rest := math.Mod(off+zoneNear, zoneStep); off > zoneStep/2 && rest < 2*zoneNear {
		zone = " (time zone?)"
		off = math.Round(off/zoneStep) * zoneStep
	}
	c.text = sprint("The clock of ", c.subject, " has been ", duration(off), " ", direction, " since ", since, zone)
}
