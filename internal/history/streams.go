package history

import (
	"slices"
	"sort"
	"time"

	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/record"
)

// Streams makes room for the places in n streams. It must be called before the first item comes.
func (h *History) Streams(n int) {
	h.main.read, h.reserve.read = make(position.Vector, n), make(position.Vector, n)
}

// AppendEntry is Append for the entry of a stream, counted from 0, that stands at p in it.
func (h *History) AppendEntry(at time.Time, stream int, p position.Position, channel, payload string, r *record.Record) uint64 {
	return h.append(entry{stream: uint16(stream + 1)}, p, at, channel, payload, r)
}

// Begin notes that a stream is read from behind p on, from here: what stands before that was never here. It
// is an item without a text, for viewers that come from elsewhere and lack some of it.
func (h *History) Begin(at time.Time, stream int, p position.Position) {
	h.appendGap(entry{stream: uint16(stream + 1)}, p, at, nil)
}

// BeginAnew is AppendGap for a stream that is another one from here on: entries may come whose IDs stand
// before those that came.
func (h *History) BeginAnew(at time.Time, stream int, p position.Position, g Gap) {
	h.appendGap(entry{stream: uint16(stream + 1)}, p, at, &g)
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
	Until   time.Time // when the oldest item that is held arrived
}

// Resume returns a reader that shows all that lies behind w in the streams. It shows entries at w or before
// it too, to be left out. missing is nil when the history has not dropped anything behind w. The reader
// does not tell what else was dropped.
func (h *History) Resume(w position.Vector) (r *Reader, missing *Missing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r = &Reader{history: h}
	if h.main.count == 0 {
		return r, nil
	}
	first := h.main.oldest().seq
	from := h.at(first - 1)
	held := true // an entry that is here is surer than its place among others, when streams began anew
	for i, p := range w {
		held = held && (p.Compare(from[i].Entry) >= 0 || has(h.main.blocks, h.main.skip, uint16(i+1), p))
	}
	if held {
		r.pos = h.upTo(w)
		return r, nil
	}
	r.told = first - 1 - uint64(h.reserve.count)
	missing = &Missing{Until: r.nextArrival()}
	for i, p := range from {
		had := w[i]
		if begin, ok := h.reserve.begin(i); ok && begin.Compare(had.Entry) > 0 {
			had = begin // what is missing before that is told there
		}
		switch {
		case p.Compare(had.Entry) <= 0:
		case p.Index < had.Index || had.Index == 0 && had.Entry != position.Entry{}:
			missing.Entries = 0 // not counted, or the stream is not the one that it was
			return r, missing
		default:
			missing.Entries += p.Index - had.Index
		}
	}
	missing.Entries -= min(uint64(h.reserve.behind(w)), missing.Entries)
	if missing.Entries == 0 {
		return r, nil // the reserve has it all
	}
	return r, missing
}

// upTo returns the number of the last item before which a viewer at w lacks nothing. Everything before the
// main lane is such. The caller holds the lock.
func (h *History) upTo(w position.Vector) uint64 {
	blocks := h.main.blocks
	begin, end := h.main.oldest().seq-1, h.last
	for n, b := range blocks {
		for i := 0; b.gaps > 0 && i < len(b.entries); i++ {
			e := b.entries[i]
			if e.seq <= begin || !e.gap || e.stream == 0 || b.start(i) == b.entries[i].end {
				continue
			}
			// The stream began anew. Only who has seen something of the new one has no need of the old.
			if !has(blocks[n:], i, e.stream, w[e.stream-1]) {
				end = e.seq - 1
				break
			}
			begin = e.seq
		}
		if end < h.last {
			break
		}
	}
	for _, b := range blocks[sort.Search(len(blocks), func(n int) bool { return blocks[n].last() > begin }):] {
		if b.entries[0].seq > begin && b.last() <= end && w.Reaches(b.at(len(b.entries)-1)) {
			begin = b.last()
			continue
		}
		v := b.before
		for i, e := range b.entries {
			v = advance(v, b.entries[i:i+1], b.positions[i:i+1])
			if e.seq > end || e.seq > begin && !w.Reaches(v) {
				return e.seq - 1
			}
		}
		begin = b.last()
	}
	return end
}

// has reports whether the blocks, the first from item i on, hold the stream's entry at p.
func has(blocks []*block, i int, stream uint16, p position.Position) bool {
	for _, b := range blocks {
		for ; i < len(b.entries); i++ {
			if b.entries[i].stream == stream && b.positions[i] == p {
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

// begin returns where the lane has the beginning of a stream.
func (l *lane) begin(stream int) (position.Position, bool) {
	skip := l.skip
	for _, b := range l.blocks {
		for i := skip; i < len(b.entries) && b.gaps > 0; i++ {
			if e := b.entries[i]; e.gap && int(e.stream) == stream+1 {
				return b.positions[i], true
			}
		}
		skip = 0
	}
	return position.Position{}, false
}

// behind returns how many entries of streams the lane holds that stand behind w.
func (l *lane) behind(w position.Vector) (count int) {
	skip := l.skip
	for _, b := range l.blocks {
		for i := skip; i < len(b.entries); i++ {
			if e := b.entries[i]; e.stream > 0 && !e.gap && b.positions[i].Compare(w[e.stream-1].Entry) > 0 {
				count++
			}
		}
		skip = 0
	}
	return count
}
