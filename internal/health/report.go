package health

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/status"
)

// Fill writes the health at the time now into d, except for the lists of workers and error groups. d.Redis must be set,
// since the state depends on it. Times in sentences are in now's location.
func (h *Health) Fill(d *status.Document, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fill(d, now, 2)
}

// FillAll is like Fill, but includes the lists of workers and error groups and the counts of an hour.
func (h *Health) FillAll(d *status.Document, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.fill(d, now, minutesKept)
	workers := make([]*worker, 0, len(h.registry.workers))
	for _, w := range h.registry.workers {
		workers = append(workers, w)
	}
	slices.SortFunc(workers, func(a, b *worker) int {
		if a.state == quiet && b.state == quiet {
			return cmp.Or(cmp.Compare(a.activity.last, b.activity.last), cmp.Compare(a.id, b.id))
		}
		return cmp.Or(cmp.Compare(stateOrder(a.state), stateOrder(b.state)), cmp.Compare(a.key.host, b.key.host), cmp.Compare(a.key.service, b.key.service), cmp.Compare(a.key.channel, b.key.channel))
	})
	d.Workers = make([]status.Worker, 0, len(workers))
	for _, w := range workers {
		d.Workers = append(d.Workers, w.document(at, h))
	}
	groups := make([]*errorGroup, 0, len(h.groups.byKey))
	for _, g := range h.groups.byKey {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b *errorGroup) int {
		return cmp.Or(cmp.Compare(b.last, a.last), cmp.Compare(a.title, b.title), cmp.Compare(a.key, b.key))
	})
	d.ErrorGroups = make([]status.ErrorGroup, 0, len(groups))
	for _, g := range groups {
		d.ErrorGroups = append(d.ErrorGroups, g.document(at, h))
	}
	for _, c := range h.changes {
		d.Changes = append(d.Changes, status.Change{At: h.wallTime(c.at), State: c.state, Text: c.text})
	}
}

// stateOrder returns the position of a state in the list of workers.
func stateOrder(s workerState) int {
	return [...]int{quiet: 0, active: 1, replaced: 2, ended: 3}[s]
}

// fill implements Fill with the counts of the last minutes. It returns now as the watch has it.
func (h *Health) fill(d *status.Document, now time.Time, minutes int64) float64 {
	live := d.Redis.State == status.Live
	at := h.watch.check(seconds(now), live, seconds(d.Redis.Since))
	h.zone = now.Location()
	h.advance()
	h.updateAlarms(at)
	h.counters.advance(now.Unix())
	d.V, d.At, d.Uptime = status.Version, now.UTC(), seconds(now)-h.started
	h.counters.fill(d, int64(h.started), minutes)
	baseline, known := 0.0, false
	d.Totals = status.Totals{OtherRecords: h.registry.droppedRecords, ErrorGroups: len(h.groups.byKey), OtherErrors: h.groups.droppedErrors}
	d.Errors.Elevated = false
	for _, s := range h.registry.services {
		d.Errors.Elevated = d.Errors.Elevated || s.errors.alarmSince > 0 || s.hasStorm(at)
		d.Totals.Workers += s.active + s.reported
		d.Totals.Quiet += s.reported
		baseline += s.errors.base.highest(at)
		known = known || s.errors.base.minutes > 0
	}
	if known {
		baseline = round(baseline)
		d.Errors.Baseline = &baseline
	}
	for _, g := range h.groups.byKey {
		d.Errors.Elevated = d.Errors.Elevated || g.rate.alarmSince > 0
		if g.isNew(at) {
			d.Totals.NewErrorGroups++
		}
	}
	d.Health = h.summary(d, at)
	return at
}

// stateName returns the state of a worker in the status document.
func (w *worker) stateName(now float64, h *Health) string {
	switch w.state {
	case quiet:
		return status.Quiet
	case replaced:
		return status.Replaced
	case ended:
		return status.Ended
	}
	if !w.activity.hasEnoughData() && h.youngLimit(now, w) == 0 {
		return status.Learning
	}
	return status.Active
}

func (w *worker) document(now float64, h *Health) status.Worker {
	slot := slotOf(now)
	w.volume.counts.advance(slot)
	tallyOf := func(minutes int64) status.Tally {
		n := min(minutes*60/slotSeconds+1, ringSlots)
		t := status.Tally{Warnings: w.warnings.sum(slot, n), Errors: w.errors.sum(slot, n)}
		if n == ringSlots {
			t.Records = w.volume.counts.hour + t.Errors
		} else {
			t.Records = w.volume.counts.sum(slot, n) + t.Errors
		}
		return t
	}
	last, last5, last60 := tallyOf(1), tallyOf(5), tallyOf(60)
	threshold := h.workerLimit(now, w).seconds
	if math.IsInf(threshold, 0) {
		threshold = 0
	}
	skew, _ := w.clock.median()
	return status.Worker{
		Name: w.name, Host: w.key.host, Service: w.key.service, Channel: w.key.channel, State: w.stateName(now, h),
		Failing:   failing(last, last5, last60, (now-w.activity.first)/60),
		FirstSeen: h.wallTime(w.activity.first), LastSeen: h.wallTime(w.activity.last),
		ExpectedInterval: round(w.activity.mean), Threshold: round(threshold),
		Records: w.records, Rate: round(float64(last.Records) / 60), Last1: last, Last5: last5, Last60: last60,
		Skew: round(skew),
	}
}

func (g *errorGroup) document(now float64, h *Health) status.ErrorGroup {
	d := status.ErrorGroup{
		Title: g.title, Logger: g.logger, Level: levelName(g.level), Count: g.count, FirstSeen: h.wallTime(g.first), LastSeen: h.wallTime(g.last),
		LastSeq: g.seq, New: g.isNew(now), Workers: g.countActive(&h.active), Minutes: make([]uint32, minutesKept),
	}
	// Full minutes, like Minutes of the document.
	newest := minuteOf(int64(now))
	for i := range int64(minutesKept) {
		last := (newest-minutesKept+1+i)*60/slotSeconds + 60/slotSeconds - 1
		d.Minutes[i] = g.rate.counts.sum(last, 60/slotSeconds)
	}
	return d
}

// failing reports whether a worker that was first seen so many minutes ago has more errors than expected. Its baseline is
// the last hour without the last five minutes; without a baseline only a storm is too many.
func failing(last, last5, last60 status.Tally, minutes float64) bool {
	n := float64(last.Errors)
	if minutes < minLearnedMinutes {
		return n >= stormPerMinute
	}
	minutes = min(minutes, minutesKept) - 5
	baseline := float64(last60.Errors-last5.Errors) / minutes
	return n >= minAlarmCount && n >= minAlarmRatio*baseline && deviations(n, max(baseline, 0.5/minutes)) >= alarmScore
}
