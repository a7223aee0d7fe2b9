package history

import (
	"sort"
	"time"

	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/record"
)

// maxRunRecords bounds a run, so that the page never parses more in one go than it can without
// dropping a frame (measured best: arrays of 200 to 500).
const maxRunRecords = 500

// Reader is one reader's place in a history. It is not safe for concurrent use; any number of
// readers may read at once.
type Reader struct {
	history *History
	view    *View  // where it reads when it has caught up; nil for everything
	paced   bool   // read no further than the last wake-up
	pos     uint64 // the last number that was read or told as lost
	told    uint64 // how many numbers above pos were told as lost already
	dropped uint64 // how many gaps had been forgotten when something was told as lost
	at      int64  // arrival of the last item read, Unix microseconds
}

// Run is what one Read found: records, or one gap, or the news that something was lost, or nothing.
type Run struct {
	// Wake is closed when there may be more to read than this run showed.
	Wake <-chan struct{}
	// Lost is how many records can't be read any more; the items follow in the next run. Those count that a
	// forgotten gap told as lost; Uncounted says that one did not know how many. From and To are the arrival
	// times around them, zero when not known.
	Lost      uint64
	Uncounted bool
	From, To  time.Time

	Gap bool // the run's only item is a gap
	// Selected says that the reader's view has made the selection.
	Selected bool
	// Reserve says that it was read in the reserve, where less is known of how far streams were read: for who
	// was overtaken in the main lane, Read would go back.
	Reserve bool

	made    *made
	text    []byte // the items' encodings, a comma between each two
	base    uint32 // where text begins in its block
	entries []entry

	before    position.Vector     // how far the streams were read before the block
	passed    []entry             // of the block, before entries
	positions []position.Position // of passed and entries
}

// Item is one record or gap.
type Item struct {
	Seq   uint64
	Level record.Level
	JSON  []byte // the encoding, which must not be changed
	// Stream is the stream that it comes from, counted from 1, and Position its place in that. A gap with
	// one says that the stream begins, or begins anew, with Onward behind all IDs that came; or, with Loss, that
	// entries before it are missing.
	Stream   int
	Position position.Position
	Loss     bool
	Onward   bool
}

// Reader returns a reader that goes on after the item with the number after; 0 begins at the oldest.
// A number that was not given yet counts as the newest.
func (h *History) Reader(after uint64) *Reader {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &Reader{history: h, pos: min(after, h.last)}
}

// Since is like Reader, but does not report as lost what is missing already.
func (h *History) Since(after uint64) *Reader {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := &Reader{history: h, pos: min(after, h.last)}
	if h.main.count > 0 && r.pos+1 < h.main.oldest().seq {
		r.told, r.dropped = h.missing(r.pos), h.dropped.total
	}
	return r
}

// missing returns how many numbers between pos and the main lane's first are not in the reserve. The caller holds the lock.
func (h *History) missing(pos uint64) uint64 {
	return h.main.oldest().seq - 1 - pos - uint64(h.reserve.countAfter(pos))
}

// Tail returns a reader that begins n items before the newest, without telling what lies before as
// lost.
func (h *History) Tail(n int) *Reader {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &Reader{history: h, pos: h.last - uint64(min(n, h.main.count))}
}

// Follow makes the reader keep the history's pace, and returns it: it reads up to the last wake-up and no
// further, so that a flood is read in few large runs, the same ones by all readers. With a view, what it
// reads is selected by that, as each run says.
func (r *Reader) Follow(v *View) *Reader {
	r.paced, r.view = true, v
	return r
}

// Pos returns the number of the last item that was read, or told as lost behind it.
func (r *Reader) Pos() uint64 { return r.pos }

// Read returns the next run and moves behind it. It never blocks but for the lock.
func (r *Reader) Read() Run {
	if r.view != nil {
		if run, ok := r.view.read(r); ok {
			return run
		}
	}
	h := r.history
	h.mu.Lock()
	defer h.mu.Unlock()
	run := Run{Wake: h.pulse.wake, made: &h.made}
	newest := h.last
	if r.paced {
		newest = h.pulse.released
	}
	if h.main.count == 0 {
		return run
	}
	// Everything before the main lane's first is in the reserve, or lost.
	if first := h.main.oldest().seq; r.pos+1 < first {
		missing := h.missing(r.pos)
		if missing > r.told {
			run.Lost, run.Uncounted = h.dropped.count(missing-r.told, r.pos, r.dropped)
			run.From, run.To = micros(r.at), r.nextArrival()
			r.told, r.dropped = missing, h.dropped.total
			if run.Lost > 0 {
				return run
			}
		}
		if b, lo := h.reserve.after(r.pos); b != nil {
			run.Reserve = true
			r.take(&run, b, lo, first-1) // whatever is in the reserve is older than the last wake-up
			return run
		}
		r.pos, r.told = first-1, 0
	}
	if b, lo := h.main.after(r.pos); b != nil && b.entries[lo].seq <= newest {
		r.take(&run, b, lo, newest)
	}
	return run
}

// take puts the items of b from lo on into the run and moves behind them.
func (r *Reader) take(run *Run, b *block, lo int, newest uint64) {
	last := run.take(b, lo, newest)
	// The numbers passed over here were told as lost before.
	r.told -= last.seq - r.pos - uint64(len(run.entries))
	r.pos, r.at = last.seq, last.at
}

// take puts the items of b from lo on into the run, up to a gap, the newest that may be read, or the
// bound, and returns the last one.
func (run *Run) take(b *block, lo int, newest uint64) entry {
	hi := min(len(b.entries), lo+maxRunRecords)
	if b.entries[lo].gap {
		run.Gap, hi = true, lo+1
	} else if b.gaps > 0 {
		for i := lo; i < hi; i++ {
			if b.entries[i].gap {
				hi = i
			}
		}
	}
	if b.entries[hi-1].seq > newest {
		hi = lo + sort.Search(hi-lo, func(i int) bool { return b.entries[lo+i].seq > newest })
	}
	last := b.entries[hi-1]
	// Slices of what is there now: the writer goes on behind them, in the block or a new one.
	b.shown = true
	run.base = b.start(lo)
	run.text, run.entries = b.text[run.base:last.end], b.entries[lo:hi]
	if len(b.positions) > 0 {
		run.before, run.passed, run.positions = b.before, b.entries[:lo], b.positions[:hi]
	}
	return last
}

// nextArrival returns when the first item that can still be read arrived.
func (r *Reader) nextArrival() time.Time {
	for _, l := range []*lane{&r.history.reserve, &r.history.main} {
		if b, i := l.after(r.pos); b != nil {
			return micros(b.entries[i].at)
		}
	}
	return time.Time{}
}

// Len returns the number of items.
func (r *Run) Len() int { return len(r.entries) }

// Item returns the i-th item.
func (r *Run) Item(i int) Item {
	e, start := r.entries[i], r.base
	if i > 0 {
		start = r.entries[i-1].end + 1
	}
	item := Item{Seq: e.seq, Level: e.level, JSON: r.text[start-r.base : e.end-r.base], Stream: int(e.stream), Loss: e.loss, Onward: e.onward}
	if e.stream > 0 {
		item.Position = r.positions[len(r.passed)+i]
	}
	return item
}

// Read returns how far the streams are read behind the first n items, nil without streams. What a filter
// has left out may be further.
func (r *Run) Read(n int) position.Vector {
	if len(r.positions) == 0 {
		return nil
	}
	lo := len(r.passed)
	return advance(advance(r.before, r.passed, r.positions[:lo]), r.entries[:n], r.positions[lo:lo+n])
}

// Place is how far streams are read behind a run. It takes no memory of its own until it is asked for.
type Place struct {
	before          position.Vector
	passed, entries []entry
	positions       []position.Position
}

// Place returns how far the streams are read behind the run.
func (r *Run) Place() Place { return Place{r.before, r.passed, r.entries, r.positions} }

// Vector returns the place in each stream, nil without any.
func (p *Place) Vector() position.Vector {
	lo := len(p.passed)
	return advance(advance(p.before, p.passed, p.positions[:lo]), p.entries, p.positions[lo:])
}

// Joined returns the encodings of all items with a comma between each two. The bytes must not be
// changed.
func (r *Run) Joined() []byte { return r.text }

func micros(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}
