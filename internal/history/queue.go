package history

import (
	"math"
	"slices"
	"sort"

	"github.com/SupermanScott/Elva/internal/entry"
)

// queue holds items in segments, the oldest first.
type queue struct {
	blockSize int  // the most bytes of encodings, and of payloads, in a segment
	most      int  // the most items in a segment
	bare      bool // items have no payloads
	holes     bool // the numbers of the items need not be consecutive

	segments []*segment
	count    int           // the number of items
	bytes    int           // the memory of all segments
	raw      int           // the memory of the segments that are not packed
	packed   int           // the number of segments before the first one that is not packed
	last     []entry.Entry // by stream: the last entry
	sealed   bool          // the next item starts a new segment
	spares   []*block      // unused blocks, for the next segments
}

// push adds an item with the number seq at the new end of q.
func push[T string | []byte](q *queue, seq uint64, at int64, it item, e entry.Entry, text []byte, payload T) {
	s := q.room(seq, at, len(text)+1, len(payload))
	s.text = append(append(s.text, text...), ',')
	s.payloads = append(s.payloads, payload...)
	it.end, it.payloadEnd = uint32(len(s.text)-1), uint32(len(s.payloads))
	before := cap(s.items)*itemSize + cap(s.entries)*entrySize + cap(s.offsets)*4
	s.items = append(s.items, it)
	if it.stream > 0 {
		for len(s.entries) < len(s.items)-1 {
			s.entries = append(s.entries, entry.Entry{})
		}
		s.entries = append(s.entries, e)
		q.last = setEntry(q.last, it.stream, e)
	}
	if q.holes {
		s.offsets = append(s.offsets, uint32(seq-s.first))
	}
	if grown := cap(s.items)*itemSize + cap(s.entries)*entrySize + cap(s.offsets)*4 - before; grown > 0 {
		q.bytes += grown
		q.raw += grown
	}
	s.last = seq
	s.count++
	q.count++
}

// newest returns the segment at the new end of a queue that is not empty.
func (q *queue) newest() *segment { return q.segments[len(q.segments)-1] }

// fits reports whether the newest segment can take an item of that size.
func (q *queue) fits(seq uint64, text, payload int) bool {
	if len(q.segments) == 0 || q.sealed || q.newest().packed != nil {
		return false
	}
	s := q.newest()
	return s.count < q.most && seq-s.first <= math.MaxUint32 &&
		len(s.text)+text <= cap(s.text) && len(s.payloads)+payload <= cap(s.payloads)
}

// room returns a segment that can take an item of that size, the newest one or a new one.
func (q *queue) room(seq uint64, at int64, text, payload int) *segment {
	if q.fits(seq, text, payload) {
		return q.newest()
	}
	var b *block
	if n := len(q.spares); n > 0 {
		b, q.spares = q.spares[n-1], q.spares[:n-1]
	}
	if b == nil || cap(b.text) < text || cap(b.payloads) < payload {
		b = q.newBlock(text, payload)
	}
	// before is a copy, since q.last changes while readers use it.
	s := &segment{first: seq, at: at, before: slices.Clone(q.last), block: b}
	q.segments, q.sealed = append(q.segments, s), false
	q.bytes += s.size()
	q.raw += s.size()
	return s
}

// newBlock returns a block for a segment whose first item has that size.
func (q *queue) newBlock(text, payload int) *block {
	items, textSize, payloadSize := 0, q.most<<10, q.most<<10 // most records are smaller than 1 KiB
	if len(q.segments) > 0 && q.newest().block != nil {       // about the size of the previous segment
		s := q.newest()
		items = min(s.count*9/8, q.most)
		textSize, payloadSize = len(s.text)*q.most/s.count*9/8, len(s.payloads)*q.most/s.count*9/8
	}
	b := &block{text: make([]byte, 0, max(min(textSize, q.blockSize), text)), items: make([]item, 0, items)}
	if !q.bare {
		b.payloads = make([]byte, 0, max(min(payloadSize, q.blockSize), payload))
	}
	return b
}

// pack replaces the contents of a segment, unless it was dropped meanwhile.
func (q *queue) pack(s *segment, p *packed) {
	b := s.block
	b.packing = false
	if s.dropped {
		q.reuse(b)
		return
	}
	before := s.size()
	s.block, s.packed = nil, p
	q.bytes += s.size() - before
	q.raw -= before
	q.countPacked()
	q.reuse(b)
}

// maxSpares is how many blocks are kept for the next segments. In a flood, the keeper drops or packs about two at once.
const maxSpares = 2

// reuse keeps a block for the next segment, unless a reader may still use it. So without viewers, a history needs no new memory.
func (q *queue) reuse(b *block) {
	if !b.shown && !b.packing && len(q.spares) < maxSpares && cap(b.text) <= q.blockSize && cap(b.payloads) <= q.blockSize {
		b.reset()
		q.spares = append(q.spares, b)
	}
}

func (q *queue) countPacked() {
	for q.packed < len(q.segments) && q.segments[q.packed].packed != nil {
		q.packed++
	}
}

// move moves the oldest segment of another queue to the new end of q. The segment must be packed, and must not be the only one.
func (q *queue) move(from *queue) {
	s := from.segments[0]
	from.dropOldest()
	s.dropped = false
	q.segments = append(q.segments, s)
	q.count += s.count
	q.bytes += s.size()
	q.last = slices.Clone(from.segments[0].before)
	q.countPacked()
}

// dropOldest drops the oldest segment. The queue must not be empty.
func (q *queue) dropOldest() {
	s := q.segments[0]
	s.dropped = true
	q.count -= s.count
	q.bytes -= s.size()
	if s.packed != nil {
		q.packed--
	} else {
		q.raw -= s.size()
		q.reuse(s.block)
	}
	q.segments[0] = nil
	q.segments = q.segments[1:]
	q.countPacked()
}

// after returns the index of the segment that has the first item with a number above seq, or -1 if there is no such item.
func (q *queue) after(seq uint64) int {
	n := sort.Search(len(q.segments), func(i int) bool { return q.segments[i].last > seq })
	if n == len(q.segments) {
		return -1
	}
	return n
}

// before returns the index of the segment that has the last item with a number below seq, or -1 if there is no such item.
func (q *queue) before(seq uint64) int {
	return sort.Search(len(q.segments), func(i int) bool { return q.segments[i].first >= seq }) - 1
}

// countAfter returns the number of items with a number above seq.
func (q *queue) countAfter(seq uint64) int {
	count := 0
	for _, s := range slices.Backward(q.segments) {
		if s.first <= seq {
			return count + s.count - s.find(seq)
		}
		count += s.count
	}
	return count
}
