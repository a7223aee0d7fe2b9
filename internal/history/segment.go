package history

import (
	"slices"
	"sort"
	"unsafe"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/record"
)

// item describes one item of a block.
type item struct {
	end        uint32 // where the encoding ends in block.text, without the comma after it
	payloadEnd uint32
	level      record.Level
	gap        bool
	stream     uint16 // the stream that it comes from, counted from 1; 0 for none
}

const (
	// itemSize, entrySize and segmentSize are what an item, its entry and a segment add to the bytes of a queue.
	itemSize    = int(unsafe.Sizeof(item{}))
	entrySize   = int(unsafe.Sizeof(entry.Entry{}))
	segmentSize = int(unsafe.Sizeof(segment{}))
)

// block has the contents of a segment, end to end. Its slices only grow, within the capacity that text and payloads were
// made with, so a reader may use what it was shown under the lock after giving the lock back.
type block struct {
	text     []byte // encodings, a comma after each
	payloads []byte
	items    []item
	entries  []entry.Entry // by item; shorter than items when the last ones have none
	shown    bool          // to a reader, who may still look at it
}

// start returns where the encoding of item i begins in text.
func (b *block) start(i int) uint32 {
	if i == 0 {
		return 0
	}
	return b.items[i-1].end + 1
}

func (b *block) json(i int) []byte { return b.text[b.start(i):b.items[i].end] }

// payload returns where the payload of item i is in payloads.
func (b *block) payload(i int) (from, to uint32) {
	if i > 0 {
		from = b.items[i-1].payloadEnd
	}
	return from, b.items[i].payloadEnd
}

func (b *block) entry(i int) (e entry.Entry) {
	if i < len(b.entries) {
		e = b.entries[i]
	}
	return e
}

func (b *block) size() int {
	return cap(b.text) + cap(b.payloads) + cap(b.items)*itemSize + cap(b.entries)*entrySize
}

// reset empties the block for other contents.
func (b *block) reset() {
	b.text, b.payloads, b.items, b.entries = b.text[:0], b.payloads[:0], b.items[:0], b.entries[:0]
}

// segment is a stretch of a queue: items that follow each other. The newest segment of a queue grows; the others never
// change but for being packed.
type segment struct {
	first, last uint64 // the numbers of its first and last item
	count       int
	offsets     []uint32      // by item, its number less first; nil when there are no holes between the numbers
	at          int64         // when its first item arrived, Unix microseconds
	before      []entry.Entry // by stream: the last entry before it
	dropped     bool

	*block         // nil when it is packed
	packed *packed // nil when it is not
}

// find returns the index of the first item with a number above seq.
func (s *segment) find(seq uint64) int {
	switch {
	case seq < s.first:
		return 0
	case seq >= s.last:
		return s.count
	case s.offsets == nil:
		return int(seq-s.first) + 1
	}
	return sort.Search(s.count, func(i int) bool { return uint64(s.offsets[i]) > seq-s.first })
}

// size is the memory that a segment has reserved, used or not: that is what the process pays.
func (s *segment) size() int {
	size := segmentSize + cap(s.offsets)*4 + cap(s.before)*entrySize
	if s.block != nil {
		return size + s.block.size()
	}
	return size + s.packed.size()
}

// lastEntries returns the last entry of each stream, by its number from 0, at the end of items that follow before.
// It is nil when there was none.
func lastEntries(before []entry.Entry, items []item, entries []entry.Entry) []entry.Entry {
	last := slices.Clone(before)
	for i := range min(len(items), len(entries)) {
		last = setEntry(last, items[i].stream, entries[i])
	}
	return last
}

func setEntry(last []entry.Entry, stream uint16, e entry.Entry) []entry.Entry {
	if stream == 0 {
		return last
	}
	for len(last) < int(stream) {
		last = append(last, entry.Entry{})
	}
	last[stream-1] = e
	return last
}
