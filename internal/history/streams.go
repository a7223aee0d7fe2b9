package history

import (
	"encoding/json"
	"slices"
	"sort"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/record"
)

// Streams makes room for the places in n streams. It must be called before the first item comes.
func (h *History) Streams(n int) {
	h.main.read, h.reserve.read = make(position.Vector, n), make(position.Vector, n)
	h.untold, h.unknown = make([]position.Entry, n), make([]position.Entry, n)
}

// AppendEntry is Append for the entry of a stream, counted from 0, that stands at p in it.
func (h *History) AppendEntry(at time.Time, stream int, p position.Position, channel, payload string, r *record.Record) uint64 {
	return h.append(entry{stream: uint16(stream + 1)}, p, at, channel, payload, r)
}

// Begin notes that a stream is read from behind p on, from here: what stands before that was never here. It
// is an item without a text, for viewers that come from elsewhere and lack some of it. It is called once for each
// stream.
func (h *History) Begin(at time.Time, stream int, p position.Position) {
	seq := h.appendGap(entry{stream: uint16(stream + 1)}, p, at, nil)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.beginnings++
	if h.lastBeginning = max(h.lastBeginning, seq); h.beginnings == len(h.main.read) {
		h.begun.Store(h.lastBeginning)
	}
}

// Begun returns the number of the item with which the last stream began, 0 while one has not.
func (h *History) Begun() uint64 { return h.begun.Load() }

// BeginAnew is AppendGap for a stream that is another one from here on, behind p. Unless it goes onward, entries
// come whose IDs stand before those that came.
func (h *History) BeginAnew(at time.Time, stream int, p position.Position, onward bool, g gap.Gap) {
	h.appendGap(entry{stream: uint16(stream + 1), onward: onward}, p, at, &g)
}

// Anew reports whether the history holds an item that says that the stream begins anew.
func (h *History) Anew(stream int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range []*lane{&h.reserve, &h.main} {
		skip := l.skip
		for _, b := range l.blocks {
			for i := skip; b.gaps > 0 && i < len(b.entries); i++ {
				if e := b.entries[i]; e.gap && int(e.stream) == stream+1 && !e.loss && b.start(i) < e.end {
					return true
				}
			}
			skip = 0
		}
	}
	return false
}

// AppendLoss is AppendGap for entries of a stream that can't be read any more. p is the place behind them: the
// last entry that was read, and the index of the last one that is missing.
func (h *History) AppendLoss(at time.Time, stream int, p position.Position, g gap.Gap) {
	h.appendGap(entry{stream: uint16(stream + 1), loss: true, counted: g.Lost > 0 && p.Index >= g.Lost}, p, at, &g)
}

// At returns how far the streams were read at the item with that number, or at the last one before it that
// is held. It is nil without streams. Where items have left the history it says less than was read.
func (h *History) At(seq uint64) position.Vector {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at(seq)
}

func (h *History) at(seq uint64) position.Vector {
	n := len(h.main.read)
	if n == 0 {
		return nil
	}
	for _, l := range []*lane{&h.main, &h.reserve} {
		if b, i := l.before(seq); b != nil {
			return b.at(i)
		}
		if len(l.blocks) > 0 && l.blocks[0].entries[0].seq == seq+1 {
			return slices.Clone(l.blocks[0].before)
		}
	}
	return make(position.Vector, n)
}

// Missing is what a viewer that comes from elsewhere can't be shown any more.
type Missing struct {
	Entries uint64    // how many; 0 if that isn't known
	Until   time.Time // when the oldest item that is held arrived; zero if none were dropped
	Unread  bool      // these were never read by whoever served the viewer before, and nothing was dropped
}

// Resume returns a reader that shows all that lies behind w in the streams. It shows entries at w or before
// it too, to be left out. missing is nil when there is nothing behind w that
// the reader neither shows nor tells of. The reader
// does not tell what else was dropped.
func (h *History) Resume(w position.Vector) (r *Reader, missing *Missing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.resume(w)
}

// Return is Resume for a viewer that has everything up to the number seq, of a history with nothing but streams.
// It differs from Reader in the count of what was dropped: a loss is one item, and may be many entries.
func (h *History) Return(seq uint64, w position.Vector) (r *Reader, missing *Missing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.main.count > 0 && seq+1 < h.main.oldest().seq {
		return h.resume(w)
	}
	return &Reader{history: h, pos: min(seq, h.last)}, nil
}

// resume is Resume for a caller that holds the lock.
func (h *History) resume(w position.Vector) (r *Reader, missing *Missing) {
	r = &Reader{history: h}
	if h.main.count == 0 {
		return r, nil
	}
	first := h.main.oldest().seq
	from := h.at(first - 1)
	held := true // an entry that is here is surer than its place among others, when streams began anew
	for i, p := range w {
		reaches := p.Compare(from[i].Entry) >= 0 && (p.Index == 0 || p.Index >= from[i].Index) && // a loss has left the main lane, else
			(h.untold[i] == position.Entry{} || h.untold[i] != p.Entry)
		held = held && (reaches || has(h.main.blocks, h.main.skip, uint16(i+1), p))
	}
	if held {
		r.pos = h.upTo(w)
		if n := h.uncounted(w); n > 0 {
			missing = &Missing{Entries: n, Unread: true}
		}
		return r, missing
	}
	r.told, r.dropped = first-1-uint64(h.reserve.count), h.dropped.total
	missing = &Missing{Until: r.nextArrival()}
	for i, p := range from {
		n, ok := h.reserve.missing(i, w[i], p)
		if !ok || h.unknown[i] != (position.Entry{}) && h.unknown[i].Compare(w[i].Entry) >= 0 {
			missing.Entries = 0
			return r, missing
		}
		missing.Entries += n
	}
	if missing.Entries == 0 {
		return r, nil // the reserve has it all
	}
	return r, missing
}

// missing returns how many entries of a stream between had and upTo, where the lane ends, a reader of the lane
// is neither shown nor told of. ok is false when that isn't known.
func (l *lane) missing(stream int, had, upTo position.Position) (n uint64, ok bool) {
	shown, anew := uint64(0), false
	skip := l.skip
	for _, b := range l.blocks {
		for i := skip; i < len(b.entries); i++ {
			e, p := b.entries[i], b.positions[i]
			switch {
			case int(e.stream) != stream+1:
			case !e.gap:
				if p.Compare(had.Entry) > 0 {
					shown++
				}
			case e.loss:
				if e.counted {
					shown += lacks(had, p, b.lost(i))
				}
			case b.start(i) < e.end:
				anew = true
			case p.Compare(had.Entry) > 0: // what is missing before a beginning is told there
				had, shown = p, 0
			}
		}
		skip = 0
	}
	switch {
	case anew: // what went of the old stream was not counted
		return 0, false
	case had.Index > 0 && upTo.Index > had.Index:
	case upTo.Compare(had.Entry) <= 0:
		return 0, true
	case !counts(had, upTo):
		return 0, false
	}
	return upTo.Index - had.Index - min(upTo.Index-had.Index, shown), true
}

// counts reports whether the difference of two indexes of a stream says how many entries lie between.
func counts(from, to position.Position) bool {
	return to.Index > 0 && to.Index >= from.Index && (from.Index > 0 || from.Entry == position.Entry{})
}

// lacks returns how many of the entries that are missing before p, so many, a viewer at w lacks.
func lacks(w, p position.Position, lost uint64) uint64 {
	if w.Index == 0 && w.Entry != (position.Entry{}) {
		return lost
	}
	return p.Index - min(p.Index, max(w.Index, p.Index-min(p.Index, lost)))
}

// Lacks returns how many of the entries that a loss says to be missing a viewer at w lacks: all if that isn't
// known.
func (i *Item) Lacks(w position.Position, lost uint64) uint64 { return lacks(w, i.Position, lost) }

// lost returns how many entries a loss says to be missing.
func (b *block) lost(i int) uint64 {
	var g gap.Gap
	if err := json.Unmarshal(b.json(i), &g); err != nil { // the encoding is Elva's own
		panic(err)
	}
	return g.Lost
}

// uncounted returns how many entries more than a viewer knows of lie before those that it came to last: it was
// shown what is behind a hole before the hole was noticed. The caller holds the lock.
func (h *History) uncounted(w position.Vector) (n uint64) {
	for _, b := range h.main.blocks {
		for i, e := range b.entries {
			if e.stream > 0 && !e.gap {
				if p, had := b.positions[i], w[e.stream-1]; p.Entry == had.Entry && had.Index > 0 && p.Index > had.Index {
					n += p.Index - had.Index
				}
			}
		}
	}
	return n
}

// upTo returns the number of the last item before which a viewer at w lacks nothing. Everything before the
// main lane is such. The caller holds the lock.
func (h *History) upTo(w position.Vector) uint64 {
	blocks := h.main.blocks
	begin, end := h.main.oldest().seq-1, h.last
	for n, b := range blocks {
		for i := 0; b.gaps > 0 && i < len(b.entries); i++ {
			e := b.entries[i]
			if e.seq <= begin || !e.gap || e.stream == 0 || e.loss || b.start(i) == b.entries[i].end {
				continue
			}
			// The stream began anew. Only who has seen something of the new one needs not be told.
			if !has(blocks[n:], i+1, e.stream, w[e.stream-1]) {
				end = e.seq - 1
				break
			}
			begin = e.seq
		}
		if end < h.last {
			break
		}
	}
	rest := blocks[sort.Search(len(blocks), func(n int) bool { return blocks[n].last() > begin }):]
	for n, b := range rest {
		if b.gaps == 0 && b.entries[0].seq > begin && b.last() <= end && w.Reaches(b.at(len(b.entries)-1)) {
			begin = b.last()
			continue
		}
		v := b.before
		for i, e := range b.entries {
			v = advance(v, b.entries[i:i+1], b.positions[i:i+1])
			if e.seq > end || e.seq > begin && (!w.Reaches(v) || e.loss && !covers(w[e.stream-1], rest[n:], i)) {
				return e.seq - 1
			}
		}
		begin = b.last()
	}
	return end
}

// covers reports whether a viewer at w lacks nothing of what item i of the first block says to be missing: it
// has what comes next in the stream, or as many as there were.
func covers(w position.Position, blocks []*block, i int) bool {
	loss, p := blocks[0].entries[i], blocks[0].positions[i]
	if loss.counted && w.Index >= p.Index && w.Compare(p.Entry) >= 0 {
		return true
	}
	for i++; len(blocks) > 0; blocks, i = blocks[1:], 0 {
		for b := blocks[0]; i < len(b.entries); i++ {
			if e := b.entries[i]; e.stream == loss.stream && !e.loss {
				return !e.gap && w.Compare(b.positions[i].Entry) >= 0
			}
		}
	}
	return false
}

// has reports whether the blocks, the first from item i on, hold the stream's entry at p.
func has(blocks []*block, i int, stream uint16, p position.Position) bool {
	for _, b := range blocks {
		for ; i < len(b.entries); i++ {
			if q := b.positions[i]; b.entries[i].stream == stream && q.Entry == p.Entry && (q.Index == p.Index || q.Index == 0 || p.Index == 0) {
				return true
			}
		}
		i = 0
	}
	return false
}

func (b *block) last() uint64 { return b.entries[len(b.entries)-1].seq }

// before returns the last item with a number up to seq, and its block, or nil. Items that were dropped from
// a block that is still there count.
func (l *lane) before(seq uint64) (*block, int) {
	n := sort.Search(len(l.blocks), func(i int) bool { return l.blocks[i].entries[0].seq > seq })
	if n == 0 {
		return nil, 0
	}
	b := l.blocks[n-1]
	return b, sort.Search(len(b.entries), func(i int) bool { return b.entries[i].seq > seq }) - 1
}
