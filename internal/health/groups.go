package health

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxGroups bounds the registry of error groups, since error texts may differ each time.
	maxGroups = 500
	// topWorkers is the number of workers for which a group counts errors separately: those with the most errors.
	topWorkers = 4

	// recurringRecords is the number of errors from which on a group has a mean interval that can be used.
	recurringRecords = 5
	// A group with fewer errors counts as new until minNew seconds after the last one, unless Elva had observed for less than earlyTime seconds
	// before it: at first every group is unknown.
	minNew    = 5 * 60
	earlyTime = 30 * 60
	// A group with more errors counts as new if Elva had observed for at least absenceIntervals of its mean intervals
	// before it, and at least minAbsence seconds.
	absenceIntervals = 10
	minAbsence       = 90
	// It then counts as new while its last error is at most recurrenceIntervals mean intervals old, bounded by
	// minRecurrence and maxRecurrence seconds. After four times as long without an error, or maxNew seconds, it is known.
	recurrenceIntervals = 4
	minRecurrence       = 45
	maxRecurrence       = 10 * 60
	maxNew              = day
	// New groups of a service are not reported if it already has expectedGroups groups and expectedShare of its errors
	// are the only ones of their group. That share estimates the probability that the next error has a new group, too
	// (Good-Turing).
	expectedGroups = 5
	expectedShare  = 0.05
)

// errorGroup is the errors of one group.
type errorGroup struct {
	key            uint64
	title, logger  string
	service        *service
	level          record.Level // the highest
	count          uint64
	first, last    float64
	seq            uint64 // the newest record's number in the history
	rate           rate
	workers        bitset // IDs of the workers with these errors
	top            [topWorkers]topWorker
	mainID         int     // ID of the worker with the most errors, kept until another has clearly more; -1 if none
	observedBefore float64 // seconds that Elva had observed before the first error
	known          bool    // whether the group is no longer new, or never was
}

// topWorker counts the errors of one worker.
type topWorker struct {
	id int
	n  float32 // halved every ten minutes
}

// groups is the registry of error groups.
type groups struct {
	grouping      *group.Groups
	byKey         map[uint64]*errorGroup
	droppedErrors uint64 // errors of groups that were dropped
}

// observeError counts an error and returns its group.
func (h *Health) observeError(now float64, r *record.Record, w *worker, seq uint64) *errorGroup {
	key, merges := h.groups.grouping.ID(r)
	for _, m := range merges {
		h.groups.merge(m.From, m.Into)
	}
	g := h.groups.byKey[key]
	s := w.service
	if g == nil {
		if len(h.groups.byKey) >= maxGroups {
			h.groups.evict(now)
		}
		g = &errorGroup{key: key, title: h.groups.grouping.Title(r), logger: clip(r.Logger), service: s, first: now, mainID: -1}
		for i := range g.top {
			g.top[i].id = -1
		}
		g.observedBefore = now - h.channelFrom(s.key.channel) - h.watch.unobserved
		g.known = now < h.observedFrom || s.groupCount >= expectedGroups && float64(s.seenOnce) >= expectedShare*float64(s.errorCount)
		s.groupCount++
		s.seenOnce++
		h.groups.byKey[key] = g
	}
	if g.count++; g.count == 2 {
		g.service.seenOnce--
	}
	g.last = max(g.last, now)
	g.seq = seq
	g.level = max(g.level, r.Level)
	g.rate.counts.add(slotOf(now))
	g.workers.add(w.id)
	g.countWorker(w.id)
	return g
}

// channelFrom returns the time from which on the records of a channel were observed. One that has no past records, unlike a
// stream, has been observed only since its first record.
func (h *Health) channelFrom(channel string) float64 {
	first := math.Inf(1)
	for _, s := range h.registry.services {
		if s.key.channel == channel {
			first = min(first, s.activity.first)
		}
	}
	return max(h.observedFrom, first)
}

// merge moves the counts of a group into another one and deletes it.
func (c *groups) merge(from, into uint64) {
	old, g := c.byKey[from], c.byKey[into]
	if old == nil {
		return
	}
	delete(c.byKey, from)
	if g == nil {
		old.key = into
		c.byKey[into] = old
		return
	}
	if old.last > g.last {
		g.last, g.seq = old.last, old.seq
	}
	g.first, g.count = min(g.first, old.first), g.count+old.count
	g.level = max(g.level, old.level)
	g.observedBefore, g.known = min(g.observedBefore, old.observedBefore), g.known || old.known
	for i, word := range old.workers {
		g.workers[i] |= word
	}
	if old.service.critical.group == old {
		old.service.critical.group = g
	}
}

// countWorker counts an error for the worker with an ID. A worker that is not among the top ones replaces the rarest of
// them once it has more errors (Misra-Gries).
func (g *errorGroup) countWorker(id int) {
	rarest := 0
	for i := range g.top {
		t := &g.top[i]
		if t.id == id {
			t.n++
			return
		}
		if t.n < g.top[rarest].n {
			rarest = i
		}
	}
	if t := &g.top[rarest]; t.id < 0 || t.n < 1 {
		*t = topWorker{id: id, n: 1}
	} else {
		t.n--
	}
}

// isNew reports whether the group counts as new at the time now.
func (g *errorGroup) isNew(now float64) bool {
	if g.count < recurringRecords {
		return !g.known && g.observedBefore >= earlyTime
	}
	return !g.known && now-g.last <= g.recurrenceLimit()
}

// recurrenceLimit returns the number of seconds without an error after which the group no longer recurs.
func (g *errorGroup) recurrenceLimit() float64 {
	return min(max(recurrenceIntervals*g.meanInterval(), minRecurrence), maxRecurrence)
}

// meanInterval returns the mean time between two errors of the group, in seconds.
func (g *errorGroup) meanInterval() float64 {
	return (g.last - g.first) / math.Max(float64(g.count-1), 1)
}

// updateKnown marks the group as known once it can't count as new any more.
func (g *errorGroup) updateKnown(now float64) {
	switch {
	case now-g.first > maxNew:
		g.known = true
	case g.count >= recurringRecords:
		absent := g.observedBefore >= absenceIntervals*g.meanInterval() && (g.observedBefore >= earlyTime || g.observedBefore >= minAbsence)
		g.known = g.known || !absent || now-g.last > 4*g.recurrenceLimit()
	case now-g.last > minNew:
		g.known = true
	}
}

// normalRate returns how many errors of the group a minute are normal over the last minutes. It rises with the traffic.
func (g *errorGroup) normalRate(now float64, minutes int64) float64 {
	return g.rate.base.highest(now) * g.service.volume.rise(now, minutes)
}

// halveWorkerCounts halves the counts of the top workers, so that recent errors dominate.
func (g *errorGroup) halveWorkerCounts() {
	for i := range g.top {
		g.top[i].n /= 2
	}
}

// mainWorker returns the worker with more than half of the group's recent errors, nil if there is none, and whether it is
// the only one with such errors.
func (g *errorGroup) mainWorker() (w *worker, only bool) {
	total, best := float32(0), -1
	for i, t := range g.top {
		if t.id >= 0 {
			total += t.n
			if best < 0 || t.n > g.top[best].n {
				best = i
			}
		}
	}
	if best < 0 {
		return nil, false
	}
	t := g.top[best]
	if g.mainID != t.id {
		for _, other := range g.top {
			if other.id == g.mainID && other.n > 0.7*t.n { // so that the name in the text doesn't alternate
				t = other
			}
		}
		g.mainID = t.id
	}
	if t.n < total/2 {
		return nil, false
	}
	for _, w := range g.service.workers {
		if w.id == t.id {
			return w, g.workers.count() == 1
		}
	}
	return nil, false
}

// countActive returns how many active workers have errors of the group.
func (g *errorGroup) countActive(active *bitset) (n int) {
	for i, word := range g.workers {
		n += bits.OnesCount64(word & active[i])
	}
	return n
}

// evict drops the groups that were seen least often and longest ago.
func (c *groups) evict(now float64) {
	list := make([]*errorGroup, 0, len(c.byKey))
	for _, g := range c.byKey {
		list = append(list, g)
	}
	worth := func(g *errorGroup) float64 { return math.Log2(float64(g.count)) - (now-g.last)/3600 }
	slices.SortFunc(list, func(a, b *errorGroup) int { return cmp.Or(cmp.Compare(worth(a), worth(b)), cmp.Compare(a.key, b.key)) })
	for _, g := range list[:int(evictedShare*maxGroups)] {
		c.drop(g)
	}
}

// drop removes a group and everything that refers to it.
func (c *groups) drop(g *errorGroup) {
	delete(c.byKey, g.key)
	c.droppedErrors += g.count
	if g.service.critical.group == g {
		g.service.critical.group = nil
	}
}

// dropService removes the groups of a service.
func (c *groups) dropService(s *service) {
	for _, g := range c.byKey {
		if g.service == s {
			c.drop(g)
		}
	}
}

// dropWorker removes a worker's ID from all groups, since another worker will reuse it.
func (c *groups) dropWorker(id int) {
	for _, g := range c.byKey {
		g.workers.remove(id)
		for i := range g.top {
			if g.top[i].id == id {
				g.top[i] = topWorker{id: -1}
			}
		}
	}
}
