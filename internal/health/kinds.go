package health

import (
	"cmp"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxKinds bounds the list of error kinds; an error text that is made anew each time gets there.
	maxKinds = 500
	// newFor is how long a kind counts as new.
	newFor = 10 * time.Minute
	// learning is how long after the start no kind counts as new: what Elva has not seen before is then
	// everything.
	learning = 10 * time.Minute
	// hour is the sparkline's length in minutes.
	hour = 60
)

// kind is one sort of error: what is of the same group.
type kind struct {
	title, logger string
	level         record.Level // the worst
	count         uint64
	first, last   time.Time
	seq           uint64 // the newest record's number in the history
	minutes       [hour]uint32
	minute        int64                     // the newest of minutes, since 1970
	workers       [maxWorkers/64 + 1]uint64 // bit set of the ids of the workers that had it
}

// catalogue is all kinds.
type catalogue struct {
	groups *group.Groups
	kinds  map[uint64]*kind
	others uint64    // errors of kinds that found no place
	full   time.Time // until when there is no room, so that a flood of new texts costs no search each
}

// observe counts an error.
func (c *catalogue) observe(at time.Time, r *record.Record, w *worker, seq uint64) {
	if c.kinds == nil {
		c.groups, c.kinds = group.New(), make(map[uint64]*kind)
	}
	id, merges := c.groups.Of(r)
	for _, m := range merges {
		c.merge(m.From, m.Into)
	}
	k := c.kinds[id]
	if k == nil {
		if len(c.kinds) >= maxKinds && !c.makeRoom(at) {
			c.others++
			return
		}
		k = &kind{title: c.groups.Title(r), logger: clip(r.Logger), first: at, minute: at.Unix() / 60}
		c.kinds[id] = k
	}
	k.count++
	if !at.Before(k.last) {
		k.last = at
	}
	k.seq = seq
	k.level = max(k.level, r.Level)
	k.advance(at)
	if m := at.Unix() / 60; k.minute-m < hour {
		k.minutes[m%hour]++
	}
	if w != nil {
		k.workers[w.id/64] |= 1 << (w.id % 64)
	}
}

// merge adds what was counted for a group that has become part of another one.
func (c *catalogue) merge(from, into uint64) {
	old, k := c.kinds[from], c.kinds[into]
	delete(c.kinds, from)
	switch {
	case old == nil:
		return
	case k == nil:
		c.kinds[into] = old
		return
	}
	now := time.Unix(max(k.minute, old.minute)*60, 0)
	k.advance(now)
	old.advance(now)
	for m := range k.minutes {
		k.minutes[m] += old.minutes[m]
	}
	for i := range k.workers {
		k.workers[i] |= old.workers[i]
	}
	if old.first.Before(k.first) {
		k.first = old.first
	}
	if old.last.After(k.last) {
		k.last, k.seq = old.last, old.seq
	}
	k.count += old.count
	k.level = max(k.level, old.level)
}

// makeRoom drops the kind that was seen last the longest ago, if that is more than an hour: a flood of
// new texts must not push out what is happening.
func (c *catalogue) makeRoom(now time.Time) bool {
	var oldest uint64
	when := now.Add(-time.Hour)
	if now.Before(c.full) {
		return false
	}
	for sum, k := range c.kinds {
		if k.last.Before(when) {
			oldest, when = sum, k.last
		}
	}
	if when.Equal(now.Add(-time.Hour)) {
		c.full = now.Add(time.Minute)
		return false
	}
	delete(c.kinds, oldest)
	return true
}

func (k *kind) advance(now time.Time) {
	minute := now.Unix() / 60
	if minute-k.minute >= hour {
		k.minutes, k.minute = [hour]uint32{}, minute
	}
	for k.minute < minute {
		k.minute++
		k.minutes[k.minute%hour] = 0
	}
}

// fresh reports whether the kind counts as new at the time now.
func (k *kind) fresh(now, started time.Time) bool {
	return now.Sub(k.first) < newFor && k.first.Sub(started) >= learning
}

// byLast returns the kinds, the ones seen last first.
func (c *catalogue) byLast() []*kind {
	list := make([]*kind, 0, len(c.kinds))
	for _, k := range c.kinds {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b *kind) int {
		return cmp.Or(b.last.Compare(a.last), cmp.Compare(a.title, b.title))
	})
	return list
}
