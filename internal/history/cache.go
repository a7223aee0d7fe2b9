package history

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// cacheSpare is how many unpacked segments stay for the next reader: viewers that catch up from about the same place, and the
// pages of one who scrolls, read the same ones.
const cacheSpare = 3

// cache unpacks segments for all readers. Nobody holds what is unpacked while it writes to a client, so the memory is that of
// a few segments, however many readers there are.
type cache struct {
	// turns bounds how many goroutines unpack and search at once, so that a thousand searches leave processors to those who
	// receive and to live viewers. Waiting goroutines get their turns in order.
	turns   chan struct{}
	waiting atomic.Int32         // for a turn
	decoder func() *zstd.Decoder // made when it is needed

	mu    sync.Mutex
	clock uint64
	slots []slot
}

// slot is the memory for one unpacked segment.
type slot struct {
	segment *segment
	users   int
	used    uint64 // when it was last used, on the cache's clock

	mu    sync.Mutex // held while it is unpacked
	ready bool
	err   error
	block block
}

func newCache() *cache {
	turns := max(2, runtime.GOMAXPROCS(0)/2)
	c := &cache{turns: make(chan struct{}, turns), slots: make([]slot, turns+cacheSpare)}
	c.decoder = sync.OnceValue(func() *zstd.Decoder { return newDecoder(turns + 2) }) // the keeper's, and an append's
	return c
}

// read calls use with the items and encodings of a packed segment, which use must not keep.
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

// MaxWaiting is how many readers may wait for a turn before new searches are refused: each turn takes some milliseconds.
const MaxWaiting = 100

// Busy reports whether more than MaxWaiting readers wait for a turn, so that a new search should be refused.
func (h *History) Busy() bool { return h.cache.waiting.Load() > MaxWaiting }

// BeginTurn waits for a turn to search, and EndTurn gives it back. Whoever matches records holds one, at most for some
// milliseconds, and never while it writes.
func (h *History) BeginTurn() { h.cache.beginTurn() }

// EndTurn is described at BeginTurn.
func (h *History) EndTurn() { h.cache.endTurn() }

func (c *cache) beginTurn() {
	c.waiting.Add(1)
	c.turns <- struct{}{}
	c.waiting.Add(-1)
}

func (c *cache) endTurn() { <-c.turns }

// take returns the slot of a segment. There is always a free one, since there are more slots than turns.
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
	if t.users--; t.users == 0 && cap(t.block.text) > 2*maxBlock { // one huge record must not pin its size
		t.segment, t.block = nil, block{}
	}
}
