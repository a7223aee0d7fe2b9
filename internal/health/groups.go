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
	// maxGroups bounds the registry of error groups; error texts that differ each time get there.
	maxGroups = 500
	// topWorkers is of how many workers a group counts the errors: those that have most.
	topWorkers = 4
	// newLeast is for how many seconds a group counts as new; then while it recurs within newIntervals of its own mean
	// intervals, at least newWaitLeast and at most newWaitMost seconds, and for newMost seconds at most. After four
	// times as long without it, it is known.
	newLeast     = 5 * 60
	newIntervals = 5
	newWaitLeast = 60
	newWaitMost  = 10 * 60
	newMost      = day
	// Its absence before must mean something: newAbsence of its own mean intervals, once it has come newRecords times.
	// In the first newEarly seconds, when every group is seen for the first time, that is required at
	// once, and newAbsenceLeast seconds.
	newAbsence      = 10
	newAbsenceLeast = 90
	newRecords      = 5
	newEarly        = 30 * 60
	// A service in which at least expectedGroups groups were seen, and expectedShare of the errors were the only ones
	// of their group, will have another group soon: that share is the chance that the next error is of a new group
	// (Good-Turing). Then a new group is no news.
	expectedGroups = 5
	expectedShare  = 0.05
)

// errorGroup is a kind of failure: the errors of one group.
type errorGroup struct {
	key           uint64
	title, logger string
	service       *service
	level         record.Level // the worst
	count         uint64
	first, last   float64
	seq           uint64 // the newest record's number in the history
	rate          rate
	workers       bitset // that had it
	top           [topWorkers]topWorker
	loudest       int     // the id of the worker that has most, so that it changes only for a reason; -1 for none
	absent        float64 // for how many seconds Elva observed before it
	known         bool    // it is not new any more, or never was
}

type topWorker struct {
	id int
	n  float32 // halved every ten minutes
}

// groups is all error groups. A full registry drops those of least worth.
type groups struct {
	of     *group.Groups
	byKey  map[uint64]*errorGroup
	others uint64 // errors of groups that were dropped
}

// observe counts an error.
func (h *Health) observeError(now float64, r *record.Record, w *worker, seq uint64) *errorGroup {
	key, merges := h.groups.of.Of(r)
	for _, m := range merges {
		h.groups.merge(m.From, m.Into)
	}
	g := h.groups.byKey[key]
	s := w.service
	if g == nil {
		if len(h.groups.byKey) >= maxGroups {
			h.groups.evict(now)
		}
		g = &errorGroup{key: key, title: h.groups.of.Title(r), logger: clip(r.Logger), service: s, first: now, loudest: -1}
		for i := range g.top {
			g.top[i].id = -1
		}
		g.absent = now - h.started - h.watch.lost
		g.known = now < h.started || s.groups >= expectedGroups && float64(s.once) >= expectedShare*float64(s.failing)
		s.groups++
		s.once++
		h.groups.byKey[key] = g
	}
	if g.count++; g.count == 2 {
		g.service.once--
	}
	g.last = max(g.last, now)
	g.seq = seq
	g.level = max(g.level, r.Level)
	g.rate.counts.add(slotOf(now))
	g.workers.add(w.id)
	g.raise(w.id)
	return g
}

// merge makes one group part of another, and counts there what was counted for it.
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
	g.absent, g.known = min(g.absent, old.absent), g.known || old.known
	for i, word := range old.workers {
		g.workers[i] |= word
	}
	if old.service.critical.group == old {
		old.service.critical.group = g
	}
}

// raise counts an error of a worker among those that have most. A worker that is none of them has to come more often
// than the least.
func (g *errorGroup) raise(id int) {
	least := 0
	for i := range g.top {
		t := &g.top[i]
		if t.id == id {
			t.n++
			return
		}
		if t.n < g.top[least].n {
			least = i
		}
	}
	if t := &g.top[least]; t.id < 0 || t.n < 1 {
		*t = topWorker{id: id, n: 1}
	} else {
		t.n--
	}
}

// isNew reports whether the group counts as new.
func (g *errorGroup) isNew(now float64) bool {
	if g.count < newRecords {
		return !g.known && g.absent >= newEarly
	}
	return !g.known && now-g.last <= g.recurs()
}

// recurs returns within how many seconds the group recurs if it goes on.
func (g *errorGroup) recurs() float64 {
	return min(max(newIntervals*g.interval(), newWaitLeast), newWaitMost)
}

// interval returns how many seconds there are between two errors of the group, in the mean.
func (g *errorGroup) interval() float64 { return (g.last - g.first) / math.Max(float64(g.count-1), 1) }

// age makes a group known that is not new any more.
func (g *errorGroup) age(now float64) {
	switch {
	case now-g.first > newMost:
		g.known = true
	case g.count >= newRecords:
		absent := g.absent >= newAbsence*g.interval() && (g.absent >= newEarly || g.absent >= newAbsenceLeast)
		g.known = g.known || !absent || now-g.last > 4*g.recurs()
	case now-g.first > newLeast:
		g.known = true
	}
}

// normal returns how many errors of the group a minute are normal over the last minutes. When all other errors of the
// service rise, the group may rise with them: traffic lifts all errors, a fault one group.
func (g *errorGroup) normal(now float64, minutes int64) float64 {
	b := g.rate.base.highest(now)
	s := &g.service.errors
	length := windowMinutes(now, minutes)
	slots := minutes*60/slotSeconds + 1
	others := float64(s.counts.sum(slotOf(now), slots)) - float64(g.rate.counts.sum(slotOf(now), slots))
	if expected := (s.base.highest(now) - b) * length; expected > 1 && others > expected {
		b *= others / expected
	}
	return b
}

// fade halves the counts of the workers that have most.
func (g *errorGroup) fade() {
	for i := range g.top {
		g.top[i].n /= 2
	}
}

// where returns the worker that most of the group's errors come from lately, nil if there is none, and whether it is the
// only one.
func (g *errorGroup) where() (w *worker, only bool) {
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
	if g.loudest != t.id {
		for _, other := range g.top {
			if other.id == g.loudest && other.n > 0.7*t.n { // no name changes for little
				t = other
			}
		}
		g.loudest = t.id
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

func (b *bitset) count() (n int) {
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// activeWorkers returns how many active workers had it.
func (g *errorGroup) activeWorkers(active *bitset) (n int) {
	for i, word := range g.workers {
		n += bits.OnesCount64(word & active[i])
	}
	return n
}

// evict drops the groups that tell least: seen seldom and long ago.
func (c *groups) evict(now float64) {
	list := make([]*errorGroup, 0, len(c.byKey))
	for _, g := range c.byKey {
		list = append(list, g)
	}
	worth := func(g *errorGroup) float64 { return math.Log2(float64(g.count)) - (now-g.last)/3600 }
	slices.SortFunc(list, func(a, b *errorGroup) int { return cmp.Or(cmp.Compare(worth(a), worth(b)), cmp.Compare(a.key, b.key)) })
	for _, g := range list[:int(evicted*maxGroups)] {
		c.drop(g)
	}
}

func (c *groups) drop(g *errorGroup) {
	delete(c.byKey, g.key)
	c.others += g.count
	if g.service.critical.group == g {
		g.service.critical.group = nil
	}
}

func (c *groups) dropService(s *service) {
	for _, g := range c.byKey {
		if g.service == s {
			c.drop(g)
		}
	}
}

// dropWorker takes a worker's id out of all groups: another worker will have it.
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
