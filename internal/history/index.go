package history

import (
	"time"
	"unsafe"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/record"
)

// SlotSeconds is the length of a slot of an [Index]: the finest bucket of a histogram.
const SlotSeconds = 10

// maxSlots bounds the slots of an index. A segment with more of them has records of times that are far apart, or few records.
const maxSlots = 256

// Levels are the numbers of records by level; those without one are at record.Unknown.
type Levels [record.Critical + 1]uint32

// Slot counts the records of a slot of time.
type Slot struct {
	Start  int64 // Unix seconds
	Counts Levels
}

// Index is what is known of the records of a segment without unpacking it.
type Index struct {
	filter.Segment
	Records int
	Gaps    int
	// Slots counts the records by their times as a filter's range understands them. Nil if that is not known.
	Slots []Slot
}

// size is the memory that an index takes.
func (x *Index) size() int {
	const indexSize, slotSize, stringSize = int(unsafe.Sizeof(Index{})), int(unsafe.Sizeof(Slot{})), int(unsafe.Sizeof(""))
	size := indexSize + cap(x.Slots)*slotSize
	for _, names := range [...][]string{x.Loggers, x.Channels, x.Hosts, x.Workers} {
		for _, name := range names {
			size += stringSize + len(name)
		}
	}
	return size
}

// indexer makes indexes. The zero indexer is ready.
type indexer struct {
	records filter.Indexer
	slots   map[int64]*Levels
}

// index returns the index of a block.
func (x *indexer) index(b *block) *Index {
	result := &Index{}
	x.records.Reset()
	x.slots = make(map[int64]*Levels)
	known := true
	for i, it := range b.items {
		if it.gap {
			result.Gaps++
			continue
		}
		result.Records++
		at, ok := x.records.Add(it.level, b.json(i))
		start := SlotOf(at)
		if known = known && ok && (len(x.slots) < maxSlots || x.slots[start] != nil); !known {
			continue
		}
		counts := x.slots[start]
		if counts == nil {
			counts = new(Levels)
			x.slots[start] = counts
		}
		counts[it.level]++
	}
	result.Segment = x.records.Segment()
	if known {
		result.Slots = make([]Slot, 0, len(x.slots))
		for start, counts := range x.slots {
			result.Slots = append(result.Slots, Slot{start, *counts})
		}
	}
	return result
}

// SlotOf returns the beginning of the slot that a time is in, in Unix seconds.
func SlotOf(at time.Time) int64 { return Align(at.Unix(), SlotSeconds) }

// Align returns the largest multiple of step that is not above n. step is positive.
func Align(n, step int64) int64 {
	rest := n % step
	if rest < 0 {
		rest += step
	}
	return n - rest
}
