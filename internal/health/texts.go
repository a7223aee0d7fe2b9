package health

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// This file has the texts of the causes. Each says what happens where and since when, and how that differs from normal.

// intervalText says how often an activity logs.
func (a *activity) intervalText() string {
	if plan, ok := a.runs.findSchedule(); ok {
		return "runs " + plan.text
	}
	return "normally every " + formatDuration(math.Max(a.mean, 1))
}

// dueText says when a run was due, "" if there is no schedule.
func (h *Health) dueText(a *activity) string {
	plan, ok := a.runs.findSchedule()
	if !ok {
		return ""
	}
	return "expected by " + h.formatTime(plan.due+plan.grace) + ", runs " + plan.text
}

// describe sets the value, the baseline, the filter and the text of a cause.
func (h *Health) describe(c *cause, now float64) {
	since := h.formatTime(c.since)
	if c.service != nil {
		c.filter = c.service.filter()
	}
	if c.worker != nil {
		c.filter = filter{worker: c.worker.name}
	}
	switch c.kind {
	case redisCause:
		c.value = now - c.since
		c.text = sprint(capitalize(c.subject), ". Since ", since)
	case sourceCause:
		c.text = sprint("No messages on ", c.subject, " since ", since, " (Elva's start): check the name")
	case allCause:
		c.text = sprint("All ", plural(int(c.value), "worker"), " of ", plural(int(c.baseline), "service"), ": no logs since ", since, " (", formatDuration(now-c.since), ")")
		c.value, c.baseline = now-c.since, 0
	case serviceCause:
		h.describeQuietService(c, now, since)
	case halfCause:
		describeQuietWorkers(c, since)
	case workerCause:
		if c.worker == nil {
			describeQuietWorkers(c, since)
		} else {
			h.describeQuietWorker(c, now, since)
		}
	case stormCause, errorsCause:
		h.describeErrors(c, now, since)
	case newCause:
		h.describeNewGroup(c, now, since)
	case warningsCause:
		h.describeWarnings(c, now, since)
	case slowCause:
		h.describeSlow(c, now, since)
	case floodCause:
		h.describeFlood(c, now, since)
	case duplicatesCause:
		c.value, c.baseline = c.duplicateShare()
		c.text = sprint("Duplicate records in ", c.subject, " since ", since, ": ", formatRate(100*c.value), " % of the last minute equal one just before")
	case criticalCause:
		h.describeCritical(c, since)
	case hangCause:
		w := c.worker
		c.value, c.baseline = float64(w.volume.counts.sum(slotOf(now), minuteSlots)), w.volume.base.hour
		c.text = sprint(c.subject, " has logged only from ", w.loggers.stillLogging, " since ", since, ": ", formatRate(c.value), " records in the last minute (baseline ", formatRate(c.baseline), ")")
	case restartsCause:
		r := &c.worker.restarts
		c.value, c.baseline, c.filter.from = float64(r.loopStarts), r.normal, h.wallTime(c.since)
		c.text = sprint(c.subject, " has restarted ", r.loopStarts, " times since ", since)
	case clockCause:
		h.describeClock(c, since)
	}
}

// duplicateShare returns the share of duplicates in the last minute of the workers that log them, and the normal one.
func (c *cause) duplicateShare() (share, normal float64) {
	total, duplicated := 0.0, 0.0
	for _, w := range c.service.workers {
		if d := &w.duplicates; d.since > 0 {
			total, duplicated, normal = total+float64(d.lastTotal), duplicated+float64(d.lastDuplicated), max(normal, d.normalShare)
		}
	}
	return duplicated / max(total, 1), normal
}

func (h *Health) describeQuietWorker(c *cause, now float64, since string) {
	a := &c.worker.activity
	c.value, c.baseline = now-a.last, a.mean
	evidence := formatDuration(c.value) + "; " + a.intervalText()
	if c.worker.missedRun {
		evidence = h.dueText(a)
	}
	c.text = sprint(c.subject, ": no logs since ", since, " (", evidence, ")")
}

func (h *Health) describeQuietService(c *cause, now float64, since string) {
	s := c.service
	a := &s.activity
	c.value, c.baseline = now-a.last, a.mean
	evidence := formatDuration(c.value) + "; "
	if n := s.active + s.reported; n > 1 {
		evidence += plural(n, "worker") + ", "
	}
	evidence += a.intervalText()
	if !c.down {
		evidence = h.dueText(a)
	}
	c.text = sprint("All of ", c.subject, ": no logs since ", since, " (", evidence, ")")
}

// describeQuietWorkers describes that several workers of a service are quiet.
func describeQuietWorkers(c *cause, since string) {
	var hosts []string
	for _, w := range c.service.workers {
		if w.state != active && w.state != quiet {
			continue
		}
		c.baseline++
		if w.state == quiet {
			hosts = append(hosts, strings.TrimSuffix(w.name, "/"+w.key.service))
		}
	}
	c.value = float64(len(hosts))
	slices.Sort(hosts)
	if len(hosts) > maxNames+1 {
		hosts = append(hosts[:maxNames], fmt.Sprintf("%d more", len(hosts)-maxNames))
	}
	c.text = sprint(c.value, " of ", plural(int(c.baseline), "worker"), " of ", c.subject, ": no logs since ", since, " (", strings.Join(hosts, ", "), ")")
}

// describeErrors describes an error storm, or too many errors of a service or a group.
func (h *Health) describeErrors(c *cause, now float64, since string) {
	r := &c.service.errors
	if c.group != nil {
		r = &c.group.rate
		c.filter = c.group.filter()
	}
	if r.alarmSince > 0 {
		c.baseline = r.alarmBaseline
	}
	what := ""
	if c.group == nil {
		c.group = c.service.dominant
	}
	if c.group != nil {
		what = c.group.title + ", "
		var where string
		if c.worker, where = h.locate(c.group); where != "" {
			what += where + ", "
		}
	}
	c.filter.level, c.filter.from = "error", h.wallTime(c.since)
	if c.kind == stormCause {
		c.value, _ = c.service.errors.window(now, 1, 1)
		c.text = sprint("Error storm in ", c.service.name(), " since ", since, ": ", what, formatRate(c.value), " errors in the last minute (baseline ", formatRate(c.baseline), ")")
		return
	}
	c.value = r.recentRate(now)
	if r.early {
		all := c.value + float64(c.service.volume.counts.sum(slotOf(now), minuteSlots))
		c.baseline = 0
		c.text = sprint("Many errors in ", c.service.name(), " since ", since, ": ", what, formatRate(c.value), " a minute, ", math.Round(100*c.value/all), " % of its records")
		return
	}
	c.text = sprint("More errors in ", c.service.name(), " since ", since, ": ", what, formatRate(c.value), " a minute (baseline ", formatRate(c.baseline), ")")
}

// recentRate returns the count per minute over the last ten minutes, or since the alarm opened.
func (r *rate) recentRate(now float64) float64 {
	minutes := int64(min(max((now-r.alarmSince)/60, 1), 10))
	n, _ := r.window(now, minutes, 1)
	return n / windowMinutes(now, minutes)
}

func (h *Health) describeNewGroup(c *cause, now float64, since string) {
	g := c.group
	c.value, c.filter = float64(g.count), g.filter()
	c.filter.from = h.wallTime(g.first)
	times := "once"
	if g.count > 1 {
		times = thousands(int(g.count)) + " times"
	}
	var where string
	if c.worker, where = h.locate(g); where != "" {
		where = ", " + where
	}
	c.text = sprint("New error in ", c.service.name(), " since ", since, ": ", g.title, ", ", times, where)
}

// locate says which workers have the errors of a group. It returns the worker with most of them, nil if there is none.
func (h *Health) locate(g *errorGroup) (w *worker, text string) {
	w, only := g.mainWorker()
	all := 0
	for _, other := range g.service.workers {
		if h.active.has(other.id) {
			all++
		}
	}
	n := g.countActive(&h.active)
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

// noisiestWorker returns the worker with more than half of the service's total count, nil if there is none.
func (s *service) noisiestWorker(count func(w *worker) uint32) *worker {
	var noisiest *worker
	var most, total uint32
	for _, w := range s.workers {
		n := count(w)
		total += n
		if n > most {
			most, noisiest = n, w
		}
	}
	if most*2 <= total {
		return nil
	}
	return noisiest
}

func mostly(w *worker) string {
	if w == nil {
		return ""
	}
	return ", mostly " + w.name
}

func (h *Health) describeWarnings(c *cause, now float64, since string) {
	r := &c.service.warnings
	c.value, _ = r.window(now, 1, 1)
	c.baseline = r.alarmBaseline
	c.worker = c.service.noisiestWorker(func(w *worker) uint32 { return w.warnings.sum(slotOf(now), minuteSlots) })
	c.filter.level, c.filter.from = "warning,", h.wallTime(c.since)
	c.text = sprint("Storm of warnings in ", c.subject, " since ", since, ": ", formatRate(c.value), " in the last minute (baseline ", formatRate(c.baseline), ")", mostly(c.worker))
}

func (h *Health) describeSlow(c *cause, now float64, since string) {
	volume := &c.service.volume
	if c.worker != nil {
		volume = &c.worker.volume
	}
	n, length := volume.window(now, volume.slowMinutes, 0)
	c.value, c.baseline = n/length, volume.alarmBaseline
	c.text = sprint(c.subject, " has logged less since ", since, ": ", formatRate(c.value), " records a minute (baseline ", formatRate(c.baseline), ")")
}

func (h *Health) describeFlood(c *cause, now float64, since string) {
	volume := &c.service.volume
	c.value, c.baseline, c.filter.from = float64(volume.counts.sum(slotOf(now), minuteSlots)), volume.alarmBaseline, h.wallTime(c.since)
	c.worker = c.service.noisiestWorker(func(w *worker) uint32 { return w.volume.counts.sum(slotOf(now), minuteSlots) })
	c.text = sprint("Flood of records in ", c.subject, " since ", since, ": ", formatRate(c.value), " in the last minute (baseline ", formatRate(c.baseline), ")", mostly(c.worker))
}

func (h *Health) describeCritical(c *cause, since string) {
	critical := &c.service.critical
	c.value, c.worker, c.group = float64(critical.n), critical.worker, critical.group
	c.filter = filter{level: "critical", from: h.wallTime(critical.since)}
	from := c.subject
	if critical.worker != nil {
		from = critical.worker.name
	}
	c.text = sprint(plural(critical.n, "critical record"), " from ", from, " since ", since, ": ", critical.text)
}

func (h *Health) describeClock(c *cause, since string) {
	c.value = c.worker.clock.offset()
	off := math.Abs(c.value)
	direction := "ahead"
	if c.value < 0 {
		direction = "behind"
	}
	zone := ""
	if remainder := math.Mod(off+zoneTolerance, zoneStep); off > zoneStep/2 && remainder < 2*zoneTolerance {
		zone = " (time zone?)"
		off = math.Round(off/zoneStep) * zoneStep
	}
	c.text = sprint("The clock of ", c.subject, " has been ", formatDuration(off), " ", direction, " since ", since, zone)
}
