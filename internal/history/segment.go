package history

import (
	"slices"
	"sort"
	"time"
	"unsafe"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/record"
)

// item describes one item of a block.
type item struct {
	end        uint32 // the end of the encoding in block.text, before the comma
	payloadEnd uint32
	level      record.Level
	gap        bool
	stream     uint16 // the number of its stream, counted from 1; 0 for none
}

const (
	// itemSize, entrySize and segmentSize are the memory that an item, its entry and a segment take.
	itemSize    = int(unsafe.Sizeof(item{}))
	entrySize   = int(unsafe.Sizeof(entry.Entry{}))
	segmentSize = int(unsafe.Sizeof(segment{}))
)

// block has the contents of a segment, end to end. Its slices only grow, and text and payloads stay within their first
// capacity. So a reader may use a slice that it got under the lock after it has released the lock.
type block struct {
	text     []byte // encodings, a comma after each
	payloads []byte
	items    []item
	entries  []entry.Entry // by item; shorter than items if the last items have none
	shown    bool          // whether a reader may still use it
	packing  bool          // whether it is being packed
	scratch  []byte        // for unpacking
}

// start returns the index in text at which the encoding of item i begins.
func (b *block) start(i int) uint32 {
	if i == 0 {
		return 0
	}
	return b.items[i-1].end + 1
}

func (b *block) json(i int) []byte { return b.text[b.start(i):b.items[i].end] }

// payload returns the range of item i's payload in payloads.
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

// reset empties the block, so that it can be reused.
func (b *block) reset() {
	b.text, b.payloads, b.items, b.entries = b.text[:0], b.payloads[:0], b.items[:0], b.entries[:0]
}

// segment holds consecutive items of a queue. The newest segment of a queue grows. The others never change, except that
// they are packed.
type segment struct {
	first, last uint64 // the numbers of its first and last item
	count       int
	offsets     []uint32      // by item: its number less first; nil if the numbers are consecutive
	at          int64         // the arrival of its first item, in Unix microseconds
	latest      time.Time     // no record has a later time, as defined for the range of a filter; zero if none has a time
	before      []entry.Entry // by stream: the last entry before the segment
	dropped     bool

	*block         // nil if the segment is packed
	packed *packed // nil if it is not
}

// see notes the time of a record that was added.
func (s *segment) see(at time.Time) {
	if at.After(s.latest) {
		s.latest = at
	}
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

// size returns the memory that a segment has allocated, whether it is used or not.
func (s *segment) size() int {
	size := segmentSize + cap(s.offsets)*4 + cap(s.before)*entrySize
	if s.block != nil {
		return size + s.block.size()
	}
	return size + s.packed.size()
}

// lastEntries returns the last entry of each stream after some items. before has the last entries before the items, and
// entries has the entries of the items. The result is nil if there are no entries.
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
