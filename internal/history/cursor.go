package history

import (
	"slices"
	"sort"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/record"
)

// maxRunRecords bounds a run, so that the page never parses more in one go than it can without
// dropping a frame (measured best: arrays of 200 to 500).
const maxRunRecords = 500

// Cursor is how far one viewer has read a history. It is not safe for concurrent use; any number of
// cursors may read at once.
type Cursor struct {
	history *History
	view    *View         // where it reads when it has caught up; nil for everything
	paced   bool          // read no further than the last notification
	pos     uint64        // the last number that was read or reported as lost
	lost    uint64        // how many numbers above pos were reported as lost already
	at      int64         // arrival of the last item read, Unix microseconds
	last    []entry.Entry // see Last
	partly  bool          // last is only of what was selected, or retained
}

// Run is what one Read found: records, or one gap, or the news that something was lost, or nothing.
type Run struct {
	// Wake is closed when there may be more to read than this run showed.
	Wake <-chan struct{}
	// Lost is how many items can't be read any more; those that can follow in the next run. From and To are the
	// arrival times around them, zero when not known.
	Lost     uint64
	From, To time.Time

	Gap bool // the run's only item is a gap
	// Selected says that the cursor's view has made the selection: between two items there may be others.
	Selected bool
	// Retained says that these items were retained when the log dropped those around them.
	Retained bool

	text    []byte // the items' encodings, a comma between each two
	base    uint32 // where text begins in its block
	items   []item
	entries []entry.Entry // by item; shorter than items when the last ones have none
	last    []entry.Entry // by stream: the last entry before the run
}

// Item is one record or gap.
type Item struct {
	Seq    uint64
	Level  record.Level
	JSON   []byte // the encoding, which must not be changed
	Stream int    // see Source
	Entry  entry.Entry
}

// Cursor returns a cursor behind the item with the number after; 0 begins at the oldest.
// A number that was not given yet counts as the newest.
func (h *History) Cursor(after uint64) *Cursor {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cursor(after)
}

// Since returns the cursor of Cursor, which does not report as lost what is missing already.
func (h *History) Since(after uint64) *Cursor {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.cursor(after)
	if h.log.count > 0 && c.pos+1 < h.log.oldest().seq {
		c.lost = h.missing(c.pos)
	}
	return c
}

// missing returns how many of the numbers between pos and the log's first are not retained. The caller holds the lock.
func (h *History) missing(pos uint64) uint64 {
	return h.log.oldest().seq - 1 - pos - uint64(h.retained.countAfter(pos))
}

// Tail returns a cursor n items before the newest. It reports nothing before that as lost.
func (h *History) Tail(n int) *Cursor {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cursor(h.seq - uint64(min(n, h.log.count)))
}

// Find returns a cursor at the newest point of the log of which ok accepts the last entries of the streams, as
// [Cursor.Last] returns them, or at the oldest item that is held. It does not report what was dropped before.
func (h *History) Find(ok func(last []entry.Entry) bool) *Cursor {
	h.mu.Lock()
	defer h.mu.Unlock()
	var first uint64
	for i, b := range slices.Backward(h.log.blocks) {
		skip := 0
		if i == 0 {
			skip = h.log.skip
		}
		first = b.items[skip].seq
		if ok(lastEntries(b.before, b.items[:skip], b.entries)) {
			return h.cursor(first - 1)
		}
	}
	c := h.cursor(0)
	if first > 0 {
		c.lost = first - 1 - uint64(h.retained.count)
	}
	return c
}

// cursor is Cursor for a caller that holds the lock.
func (h *History) cursor(after uint64) *Cursor {
	c := &Cursor{history: h, pos: min(after, h.seq), last: slices.Clone(h.log.last)}
	for _, q := range []*queue{&h.retained, &h.log} {
		if b, i := q.after(c.pos); b != nil {
			c.last = lastEntries(b.before, b.items[:i], b.entries)
			break
		}
	}
	return c
}

// Follow makes the cursor keep the history's pace, and returns it: it reads up to the last notification and no
// further, so that a flood is read in few large runs, the same ones by all viewers. With a view, what it
// reads is selected by that, as each run says.
func (c *Cursor) Follow(v *View) *Cursor {
	c.paced, c.view = true, v
	return c
}

// Pos returns the number of the last item that was read, or reported as lost behind it.
func (c *Cursor) Pos() uint64 { return c.pos }

// Last returns the last entry of each stream, by its number from 0, at the cursor: shorter when the last streams have
// none. Of what a view did not select, or was not retained, it may know nothing. The caller must not change it.
func (c *Cursor) Last() []entry.Entry { return c.last }

// Read returns the next run and moves behind it. It never blocks but for the lock.
func (c *Cursor) Read() Run {
	if c.view != nil {
		if run, ok := c.view.read(c); ok {
			return run
		}
	}
	h := c.history
	h.readers.Lock()
	defer h.readers.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	run := Run{Wake: h.notifier.wake}
	newest := h.seq
	if c.paced {
		newest = h.notifier.released
	}
	if h.log.count == 0 {
		return run
	}
	// Everything before the log's first is retained, or lost.
	if first := h.log.oldest().seq; c.pos+1 < first {
		c.partly = true
		missing := h.missing(c.pos)
		if missing > c.lost {
			run.Lost, run.From, run.To = missing-c.lost, toTime(c.at), c.nextArrival()
			c.lost = missing
			return run
		}
		if b, lo := h.retained.after(c.pos); b != nil {
			run.Retained = true
			c.take(&run, b, lo, first-1) // whatever is retained is older than the last notification
			return run
		}
		c.pos, c.lost = first-1, 0
	}
	if b, lo := h.log.after(c.pos); b != nil && b.items[lo].seq <= newest {
		if c.partly || lo == 0 { // a stream may have been begun before the block
			c.last, c.partly = lastEntries(b.before, b.items[:lo], b.entries), false
		}
		c.take(&run, b, lo, newest)
	}
	return run
}

// take puts the items of b from lo on into the run and moves behind them.
func (c *Cursor) take(run *Run, b *block, lo int, newest uint64) {
	last := run.take(b, lo, newest)
	// The numbers skipped here were reported as lost before.
	c.lost -= last.seq - c.pos - uint64(run.Len())
	c.behind(run, last)
}

// behind moves behind a run.
func (c *Cursor) behind(run *Run, last item) {
	run.last = c.last
	c.pos, c.at, c.last = last.seq, last.at, run.Last(run.Len())
	c.partly = run.Retained || run.Selected
}

// take puts the items of b from lo on into the run, up to a gap, the newest that may be read, or the
// bound, and returns the last one.
func (r *Run) take(b *block, lo int, newest uint64) item {
	hi := min(len(b.items), lo+maxRunRecords)
	if b.items[lo].gap {
		r.Gap, hi = true, lo+1
	} else if b.gaps > 0 {
		for i := lo; i < hi; i++ {
			if b.items[i].gap {
				hi = i
			}
		}
	}
	if b.items[hi-1].seq > newest {
		hi = lo + sort.Search(hi-lo, func(i int) bool { return b.items[lo+i].seq > newest })
	}
	last := b.items[hi-1]
	// Slices of what is there now: the writer continues behind them, in the block or a new one.
	b.shown = true
	r.base = b.start(lo)
	r.text, r.items = b.text[r.base:last.end], b.items[lo:hi]
	if lo < len(b.entries) {
		r.entries = b.entries[lo:min(hi, len(b.entries))]
	}
	return last
}

// nextArrival returns when the first item that can still be read arrived.
func (c *Cursor) nextArrival() time.Time {
	for _, q := range []*queue{&c.history.retained, &c.history.log} {
		if b, i := q.after(c.pos); b != nil {
			return toTime(b.items[i].at)
		}
	}
	return time.Time{}
}

// Len returns the number of items.
func (r *Run) Len() int { return len(r.items) }

// Item returns the i-th item.
func (r *Run) Item(i int) Item {
	it, start := r.items[i], r.base
	if i > 0 {
		start = r.items[i-1].end + 1
	}
	item := Item{Seq: it.seq, Level: it.level, JSON: r.text[start-r.base : it.end-r.base], Stream: int(it.stream)}
	if i < len(r.entries) {
		item.Entry = r.entries[i]
	}
	return item
}

// Last returns what [Cursor.Last] returns behind the first n items of the run.
func (r *Run) Last(n int) []entry.Entry { return lastEntries(r.last, r.items[:n], r.entries) }

// Joined returns the encodings of all items with a comma between each two. The bytes must not be
// changed.
func (r *Run) Joined() []byte { return r.text }

func toTime(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}
