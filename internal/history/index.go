package history

import (
	"time"
	"unsafe"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/record"
)

// SlotSeconds is the length of a slot of an [Index]: the finest bucket of a histogram.
const SlotSeconds = 10

// maxSlots bounds the slots of an index. A segment that would need more has times that are far apart, or few records.
const maxSlots = 256

// Levels are numbers of records by level. Records without a level are at record.Unknown.
type Levels [record.Critical + 1]uint32

// Slot counts the records in a slot of time.
type Slot struct {
	Start  int64 // Unix seconds
	Counts Levels
}

// Index describes the records of a segment, so that a search need not unpack it.
type Index struct {
	filter.Segment
	Records int
	Gaps    int
	// Slots counts the records by time, as defined for the range of a filter. It is nil if the times are not known.
	Slots []Slot
}

// size returns the memory that an index takes.
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

// indexer builds indexes. The zero indexer is ready to use.
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

// SlotOf returns the start of the slot that contains a time, in Unix seconds.
func SlotOf(at time.Time) int64 { return Align(at.Unix(), SlotSeconds) }

// Align returns the largest multiple of step that is at most n. step must be positive.
func Align(n, step int64) int64 {
	rest := n % step
	if rest < 0 {
		rest += step
	}
	return n - rest
}
