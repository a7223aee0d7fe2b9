package history

import (
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
)

// Backward reads a range of a history backwards, segment by segment. It is not safe for concurrent use.
type Backward struct {
	history       *History
	filter        *filter.Filter
	after, before uint64
	gaps          bool // read gaps in segments, too, in which the filter selects no record
}

// Backward returns a reader of the items with numbers above after and below before. It skips segments in which f selects nothing.
func (h *History) Backward(f *filter.Filter, after, before uint64) *Backward {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &Backward{history: h, filter: f, after: after, before: min(before, h.seq+1)}
}

// WithGaps makes Next read every gap, even in segments in which the filter selects no record. It returns b.
func (b *Backward) WithGaps() *Backward {
	b.gaps = true
	return b
}

// Pos returns the lowest number that was read. Everything above it was read, too.
func (b *Backward) Pos() uint64 { return b.before }

// Latest returns a time such that no record that is still to be read has a later one, as defined for the range of a filter. ok is false if
// no record is left that has a time.
func (b *Backward) Latest() (latest time.Time, ok bool) {
	h := b.history
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, q := range []*queue{&h.retained, &h.log} {
		for _, s := range q.segments {
			if s.first >= b.before || s.last <= b.after {
				continue
			}
			if s.latest.After(latest) {
				latest, ok = s.latest, true
			}
		}
	}
	return latest, ok
}

// Next reads the next older segment and reports whether there may be another one. It first calls count with the index of the segment. If
// count returns true, the segment is done. Otherwise Next calls read with the items, which read must not retain. read processes them from
// the last one backwards, and returns how many it has processed, at least one. It may stop early to let other searches have a turn; the
// next call of Next continues there. count may be nil.
func (b *Backward) Next(count func(*Index) bool, read func(*Run) int) bool {
	if b.before <= b.after+1 {
		return false
	}
	h := b.history
	h.readers.Lock()
	h.mu.Lock()
	q, n := &h.log, h.log.before(b.before)
	if n < 0 {
		q, n = &h.retained, h.retained.before(b.before)
	}
	if n < 0 || q.segments[n].last <= b.after {
		b.before = max(b.after, min(h.older.floor, b.before-1)) + 1 // older items may follow
		h.mu.Unlock()
		h.readers.Unlock()
		return false
	}
	s := q.segments[n]
	lo := s.find(b.after)
	hi := max(s.find(b.before-1), lo)
	var run Run
	if s.block != nil && lo < hi {
		s.shown = true
		run.slice(s, s.block, lo, hi)
	}
	packed := s.packed
	h.mu.Unlock()
	h.readers.Unlock()
	n = hi - lo
	gaps := b.gaps && (packed == nil || packed.index.Gaps > 0)
	search := func() {
		if gaps || b.filter.MayMatch(run.text) {
			n = read(&run)
		}
	}
	switch {
	case lo == hi: // the items with these numbers were dropped
	case packed == nil:
		h.BeginTurn()
		search()
		h.EndTurn()
	case !gaps && !b.filter.CanMatch(&packed.index.Segment):
	case count != nil && n == s.count && count(packed.index):
	default:
		_ = h.cache.read(s, func(unpacked *block) { // the items of a damaged segment are lost
			run.slice(s, unpacked, lo, hi)
			search()
		})
	}
	if n == hi-lo {
		b.before = max(s.first, b.after+1)
	} else {
		b.before = run.seq(hi - lo - n)
	}
	return true
}
