package history

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// cacheSpare is the number of unpacked segments that are kept for the next reader. Viewers that catch up from about the same position
// read the same segments, and so do the consecutive pages of a viewer that scrolls. Without sharing, 50 viewers
// that catch up together took four times the CPU.
const cacheSpare = 3

// cache unpacks segments for all readers. No reader holds an unpacked segment while it writes to a client, so a few unpacked
// segments suffice for any number of readers.
type cache struct {
	// turns bounds the goroutines that unpack and search at the same time, so that even a thousand searches leave processors for
	// the sources and for live viewers. Waiting goroutines get their turns in order.
	turns   chan struct{}
	waiting atomic.Int32         // the number of goroutines that wait for a turn
	decoder func() *zstd.Decoder // created when first needed

	mu    sync.Mutex
	clock uint64
	slots []slot
}

// slot is the memory for one unpacked segment.
type slot struct {
	segment *segment
	users   int
	used    uint64 // when it was last used, by the cache's clock

	mu    sync.Mutex // held during unpacking
	ready bool
	err   error
	block block
}

func newCache() *cache {
	turns := max(2, runtime.GOMAXPROCS(0)/2)
	c := &cache{turns: make(chan struct{}, turns), slots: make([]slot, turns+cacheSpare)}
	c.decoder = sync.OnceValue(func() *zstd.Decoder { return newDecoder(turns + 2) }) // two more: for the keeper and for an append
	return c
}

// read calls use with the items and encodings of a packed segment. use must not retain them.
func (c *cache) read(s *segment, use func(*block)) error {
	c.beginTurn()
	defer c.endTurn()
	t := c.take(s)
	defer c.release(t)
	if err := t.fill(c.decoder(), s); err != nil {
		return err
	}
	use(&t.block)
	return nil
}

// MaxWaiting is the number of waiting readers above which new searches are refused. A turn takes some milliseconds, so a reader waits for
// less than a second.
const MaxWaiting = 100

// Busy reports whether more than MaxWaiting readers wait for a turn, so that a new search should be refused.
func (h *History) Busy() bool { return h.cache.waiting.Load() > MaxWaiting }

// BeginTurn waits for a turn to search. A goroutine must hold a turn while it matches records, for at most some
// milliseconds, and never while it writes to a client.
func (h *History) BeginTurn() { h.cache.beginTurn() }

// EndTurn ends the turn of BeginTurn.
func (h *History) EndTurn() { h.cache.endTurn() }

func (c *cache) beginTurn() {
	c.waiting.Add(1)
	c.turns <- struct{}{}
	c.waiting.Add(-1)
}

func (c *cache) endTurn() { <-c.turns }

// take returns the slot of a segment. There is always a free slot, since there are more slots than turns.
func (c *cache) take(s *segment) *slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clock++
	var oldest *slot
	for i := range c.slots {
		t := &c.slots[i]
		if t.segment == s {
			t.users++
			t.used = c.clock
			return t
		}
		if t.users == 0 && (oldest == nil || t.used < oldest.used) {
			oldest = t
		}
	}
	oldest.segment, oldest.users, oldest.used, oldest.ready = s, 1, c.clock, false
	return oldest
}

func (t *slot) fill(decoder *zstd.Decoder, s *segment) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ready {
		t.ready, t.err = true, s.packed.unpack(decoder, &t.block, s.count, false)
	}
	return t.err
}

func (c *cache) release(t *slot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.users--; t.users == 0 && cap(t.block.text) > 2*maxBlock { // don't keep the memory for one huge record
		t.segment, t.block = nil, block{}
	}
}
