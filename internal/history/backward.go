package history

import (
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
)

// Backward reads a history from a number back to another, segment by segment. It is not safe for concurrent use.
type Backward struct {
	history       *History
	filter        *filter.Filter
	after, before uint64
	gaps          bool // also where the filter selects no record
}

// Backward returns a reader of the items with numbers above after and below before, which leaves out what f can't select.
func (h *History) Backward(f *filter.Filter, after, before uint64) *Backward {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &Backward{history: h, filter: f, after: after, before: min(before, h.seq+1)}
}

// WithGaps makes Next read every gap, also in segments that have no record that the filter can select, and returns b.
func (b *Backward) WithGaps() *Backward {
	b.gaps = true
	return b
}

// Pos returns the number down to which everything was read.
func (b *Backward) Pos() uint64 { return b.before }

// Latest returns the latest time of a record, as a filter's range understands it, of what is still to be read; ok is false if that
// is not known.
func (b *Backward) Latest() (latest time.Time, ok bool) {
	h := b.history
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, q := range []*queue{&h.retained, &h.log} {
		for _, s := range q.segments {
			if s.first >= b.before || s.last <= b.after {
				continue
			}
			if s.packed == nil || s.packed.index.To.IsZero() {
				return latest, false
			}
			if to := s.packed.index.To; to.After(latest) {
				latest = to
			}
		}
	}
	return latest, true
}

// Next reads the next older segment, and reports whether there may be another. If count accepts the segment's index, that is all.
// Otherwise read gets its items, which it must not keep, and returns how many of them it has read, from the last one on, at least one: so
// a search gives others a turn. count may be nil.
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
		h.mu.Unlock()
		h.readers.Unlock()
		b.before = b.after + 1
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
	case lo == hi: // these numbers were dropped
	case packed == nil:
		h.BeginTurn()
		search()
		h.EndTurn()
	case !gaps && !b.filter.CanMatch(&packed.index.Segment):
	case count != nil && n == s.count && count(packed.index):
	default:
		_ = h.cache.read(s, func(unpacked *block) { // the items of a damaged one are lost
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
