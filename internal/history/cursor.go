package history

import (
	"bytes"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/record"
)

// maxRunRecords bounds the records in a run, so that the page can parse each array without dropping a
// frame (arrays of 200 to 500 were best when measured).
const maxRunRecords = 500

// maxRunBytes bounds the bytes of a run, unless a single record is larger. Larger writes to a connection are not cheaper, and
// a viewer that is behind copies each run.
const maxRunBytes = 64 << 10

// Cursor is the position of one viewer in a history. It is not safe for concurrent use, but any number of
// cursors may read concurrently.
type Cursor struct {
	history *History
	view    *View            // where the cursor reads once it has caught up; nil to read everything
	filter  *filter.Filter   // segments in which it selects nothing are skipped; nil to skip nothing
	paced   bool             // read only up to the last notification
	pos     uint64           // the last number that was read or reported as lost
	lost    uint64           // how many numbers above pos have been reported as lost
	at      [len(stamp)]byte // the arrival of the last record that was read
	last    []entry.Entry    // see Last
	partly  bool             // last only covers items that were selected or retained
	copied  block            // the last run, if it was packed
}

// Run is the result of one Read: records, or one gap, or a number of lost items, or nothing.
type Run struct {
	// Wake is closed when there may be more to read after this run.
	Wake <-chan struct{}
	// Lost is the number of items that can no longer be read. If it is not 0, the run has no items; they follow in the next
	// run. From and To are the arrival times around the lost items, or zero if unknown.
	Lost     uint64
	From, To time.Time
	// Skipped says that the run is empty because the cursor's filter selects none of its items. There may be more to read.
	Skipped bool

	Gap bool // the run's only item is a gap
	// Selected says that the items were selected by the cursor's view. There may be other items between two of them.
	Selected bool
	// Retained says that these items were retained when the log dropped the items around them.
	Retained bool

	text    []byte // the encodings of the items, separated by commas
	base    uint32 // the index of text in its block
	first   uint64 // the number of the first item
	offsets []uint32
	items   []item
	entries []entry.Entry // by item; shorter than items if the last items have none
	last    []entry.Entry // by stream: the last entry before the run
}

// Item is one record or gap.
type Item struct {
	Seq    uint64
	Level  record.Level
	Gap    bool
	JSON   []byte // the encoding, which must not be changed
	Stream int    // see Source
	Entry  entry.Entry
}

// Cursor returns a cursor that starts after the item with the number after. With 0 it starts at the oldest item.
// A number that is not assigned yet counts as the newest.
func (h *History) Cursor(after uint64) *Cursor {
	h.mu.Lock()
	c := h.cursor(after)
	h.mu.Unlock()
	c.findLast()
	return c
}

// Since is like Cursor, but the cursor does not report the items as lost that are already missing.
func (h *History) Since(after uint64) *Cursor {
	c := h.Cursor(after)
	h.mu.Lock()
	defer h.mu.Unlock()
	c.lost = h.missing(c.pos)
	return c
}

// missing returns how many of the numbers between pos and the log's first were dropped and are not retained. The caller holds the lock.
func (h *History) missing(pos uint64) uint64 {
	pos = max(pos, h.older.floor) // no item ever had a number up to that
	if h.log.count == 0 || pos+1 >= h.log.segments[0].first {
		return 0
	}
	return h.log.segments[0].first - 1 - pos - uint64(h.retained.countAfter(pos))
}

// Tail returns a cursor that starts with the newest n items. It does not report earlier items as lost.
func (h *History) Tail(n int) *Cursor {
	h.mu.Lock()
	after := h.seq - uint64(min(n, h.log.count))
	h.mu.Unlock()
	return h.Since(after)
}

// Find returns a cursor at the start of the newest segment for which ok returns true, or at the oldest item if there is
// none. ok gets the last entries of the streams before the segment, as [Cursor.Last] returns them. The cursor does not
// report earlier items as lost.
func (h *History) Find(ok func(last []entry.Entry) bool) *Cursor {
	h.mu.Lock()
	var first uint64
	for _, s := range slices.Backward(h.log.segments) {
		if first = s.first; ok(slices.Clone(s.before)) {
			defer h.mu.Unlock()
			c := h.cursor(first - 1)
			c.last, c.partly = slices.Clone(s.before), false
			return c
		}
	}
	h.mu.Unlock()
	return h.Since(0)
}

// cursor is like Cursor, but leaves it to findLast to set the result of Last. The caller holds the lock.
func (h *History) cursor(after uint64) *Cursor {
	c := &Cursor{history: h, pos: min(after, h.seq), partly: true}
	if c.pos == h.seq {
		c.last, c.partly = slices.Clone(h.log.last), false
	}
	return c
}

// findLast sets the result of Last.
func (c *Cursor) findLast() {
	if !c.partly {
		return
	}
	h := c.history
	h.mu.Lock()
	q, n := h.after(c.pos)
	if n < 0 {
		c.last, c.partly = slices.Clone(h.log.last), false
		h.mu.Unlock()
		return
	}
	s := q.segments[n]
	i, p := s.find(c.pos), s.packed
	c.last = slices.Clone(s.before)
	if i > 0 && p == nil {
		c.last = lastEntries(s.before, s.items[:i], s.entries)
	}
	h.mu.Unlock()
	if i > 0 && p != nil {
		// If the segment is damaged, the last entries before it are used.
		_ = h.cache.read(s, func(b *block) { c.last = lastEntries(s.before, b.items[:i], b.entries) })
	}
	c.partly = q == &h.retained
}

// after returns the queue and the index of the segment that has the first item with a number above seq. The index is -1 if there is no
// such item. The caller holds the lock.
func (h *History) after(seq uint64) (*queue, int) {
	if n := h.retained.after(seq); n >= 0 {
		return &h.retained, n
	}
	return &h.log, h.log.after(seq)
}

// Follow makes the cursor read only up to the last notification, so that it reads a flood in a few large runs. With a view,
// the cursor reads the items that the view selects; see [Run.Selected]. Follow returns the cursor.
func (c *Cursor) Follow(v *View) *Cursor {
	c.paced, c.view = true, v
	return c
}

// SkipUnselected lets the cursor skip segments in which f selects nothing. The cursor never skips gaps. SkipUnselected returns the cursor.
func (c *Cursor) SkipUnselected(f *filter.Filter) *Cursor {
	c.filter = f
	return c
}

// Pos returns the number of the last item that was read or reported as lost.
func (c *Cursor) Pos() uint64 { return c.pos }

// Last returns the last entry of each stream before the cursor. The index of a stream is its number less one, and the list is
// shorter if the last streams have no entries. Last may miss entries that the view did not select or that were not
// retained. The caller must not change the result.
func (c *Cursor) Last() []entry.Entry { return c.last }

// Read returns the next run and advances the cursor. The run is valid until the next Read. Read waits only for the lock and, if
// the cursor is behind, for a turn to unpack a segment.
func (c *Cursor) Read() Run {
	if c.view != nil {
		if run, ok := c.view.read(c); ok {
			return run
		}
	}
	run, s, newest := c.readRaw()
	if s == nil {
		return run
	}
	pos, lo, read := c.pos, s.find(c.pos), 0
	if x := s.packed.index; x.Gaps == 0 && s.last <= newest && !c.filter.CanMatch(&x.Segment) {
		run.Skipped, read = true, s.count-lo
		c.pos, c.partly = s.last, true
	} else if c.history.cache.read(s, func(b *block) { read = c.readPacked(&run, s, b, lo, newest) }) != nil { // the rest of the segment is lost
		read = s.count - lo
		run.Lost, run.From, run.To = uint64(read), c.arrived(), toTime(s.at)
		c.pos, c.partly = s.last, true
	}
	c.lost -= c.pos - pos - uint64(read)
	return run
}

// readRaw returns the next run if it is not packed. Otherwise it returns an empty run and the packed segment, which may be read up to the
// number newest.
func (c *Cursor) readRaw() (run Run, s *segment, newest uint64) {
	h := c.history
	h.readers.Lock()
	defer h.readers.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	run.Wake = h.notifier.wake
	newest = h.seq
	if c.paced {
		newest = h.notifier.released
	}
	if missing := h.missing(c.pos); missing > c.lost {
		run.Lost, run.From, run.To = missing-c.lost, c.arrived(), toTime(h.log.segments[0].at)
		c.lost, c.partly = missing, true
		return run, nil, 0
	}
	q, n := h.after(c.pos)
	if n < 0 {
		return run, nil, 0
	}
	s = q.segments[n]
	if run.Retained = q == &h.retained; run.Retained {
		newest = s.last // all retained items are older than the last notification
	} else if c.pos+1 < s.first { // the items in between were reported as lost
		c.pos, c.lost = s.first-1, 0
	}
	if c.pos >= newest {
		return run, nil, 0
	}
	if s.block == nil {
		return run, s, newest
	}
	s.shown = true
	c.copied = block{}
	pos, lo := c.pos, s.find(c.pos)
	c.take(&run, s, s.block, lo, newest)
	c.lost -= c.pos - pos - uint64(run.Len())
	return run, nil, 0
}

// readPacked copies the next run from the contents of a packed segment, unless the filter selects none of its items. It returns by how
// many items it has advanced.
func (c *Cursor) readPacked(run *Run, s *segment, b *block, lo int, newest uint64) int {
	c.take(run, s, b, lo, newest)
	read := run.Len()
	if !run.Gap && !c.filter.MayMatch(run.text) {
		*run = Run{Wake: run.Wake, Skipped: true}
		return read
	}
	to := &c.copied
	to.text, to.items, to.entries = append(to.text[:0], run.text...), append(to.items[:0], run.items...), append(to.entries[:0], run.entries...)
	run.text, run.items, run.entries = to.text, to.items, to.entries
	return read
}

// take sets the run to the items of a segment from index lo on, and advances the cursor. The run ends at a gap, at the number
// newest, or at a bound.
func (c *Cursor) take(run *Run, s *segment, b *block, lo int, newest uint64) {
	if run.Retained {
		c.partly = true
	} else if !run.Selected && (c.partly || lo == 0) { // the reading of a stream may have begun just before the segment
		c.last, c.partly = lastEntries(s.before, b.items[:lo], b.entries), false
	}
	run.take(s, b, lo, newest)
	run.last = c.last
	c.pos, c.last = run.seq(run.Len()-1), run.Last(run.Len())
	c.partly = run.Retained || run.Selected
	copy(c.at[:], arrivalOf(run.Item(run.Len()-1).JSON))
}

// take is the part of [Cursor.take] that does not concern the cursor.
func (r *Run) take(s *segment, b *block, lo int, newest uint64) {
	hi := min(lo+maxRunRecords, s.find(newest))
	r.base = b.start(lo)
	if r.Gap = b.items[lo].gap; r.Gap {
		hi = lo + 1
	}
	for i := lo + 1; i < hi; i++ {
		if b.items[i].gap || b.items[i].end-r.base > maxRunBytes {
			hi = i
		}
	}
	r.slice(s, b, lo, hi)
}

// slice sets the run to the items of a segment from index lo to hi. The run remains valid while the writer appends to the block after
// them.
func (r *Run) slice(s *segment, b *block, lo, hi int) {
	r.base = b.start(lo)
	r.text, r.items = b.text[r.base:b.items[hi-1].end], b.items[lo:hi]
	if lo < len(b.entries) {
		r.entries = b.entries[lo:min(hi, len(b.entries))]
	}
	if r.first = s.first; s.offsets != nil {
		r.offsets = s.offsets[lo:hi]
	} else {
		r.first += uint64(lo)
	}
}

// arrived returns the approximate arrival of the last item that was read, or zero if there is none.
func (c *Cursor) arrived() time.Time {
	at, _ := time.Parse(time.RFC3339Nano, string(c.at[:])) // zero if there is none
	return at
}

// arrivalOf returns the text of the arrival in the encoding of a record, or nil for a gap.
func arrivalOf(encoded []byte) []byte {
	const member = `,"at":"`
	comma := bytes.IndexByte(encoded, ',')
	if comma < 0 || !bytes.HasPrefix(encoded[comma:], []byte(member)) || len(encoded) < comma+len(member)+len(stamp) {
		return nil
	}
	return encoded[comma+len(member):][:len(stamp)]
}

// Len returns the number of items.
func (r *Run) Len() int { return len(r.items) }

// Item returns the i-th item.
func (r *Run) Item(i int) Item {
	it, start := r.items[i], r.base
	if i > 0 {
		start = r.items[i-1].end + 1
	}
	item := Item{Seq: r.seq(i), Level: it.level, Gap: it.gap, JSON: r.text[start-r.base : it.end-r.base], Stream: int(it.stream)}
	if i < len(r.entries) {
		item.Entry = r.entries[i]
	}
	return item
}

func (r *Run) seq(i int) uint64 {
	if r.offsets != nil {
		return r.first + uint64(r.offsets[i])
	}
	return r.first + uint64(i)
}

// Last returns the result of [Cursor.Last] after the first n items of the run.
func (r *Run) Last(n int) []entry.Entry { return lastEntries(r.last, r.items[:n], r.entries) }

// Joined returns the encodings of all items, separated by commas. The bytes must not be
// changed.
func (r *Run) Joined() []byte { return r.text }

func toTime(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}
