// Package outbox keeps records that wait to be published: bounded, in memory that is used again.
package outbox

import "sync"

const (
	// maxBytes and maxRecords bound what waits: some seconds of a flood, minutes of a calm program.
	maxBytes   = 4 << 20
	maxRecords = 20_000
	// Memory above largeBytes is a flood's. It is given up when calmBatches batches in a row were small:
	// floods come in bursts, with single records between them.
	largeBytes  = maxBytes / 16
	calmBatches = 100
)

// Box takes records from any number of goroutines and hands them to one. The zero value is empty and open.
type Box struct {
	mu      sync.Mutex
	waiting Batch // taken by Take
	spare   Batch // empty, for the next exchange
	calm    int   // small batches in a row, in a flood's memory
	records int   // not published yet: waiting and taken
	bytes   int   // of those records
	dropped uint64
	closed  bool
}

// Batch is records end to end in one piece of memory.
type Batch struct {
	text []byte
	ends []int
}

// Len returns how many records there are.
func (b *Batch) Len() int { return len(b.ends) }

// Record returns one record. It is valid until the batch is given back.
func (b *Batch) Record(i int) []byte {
	if i == 0 {
		return b.text[:b.ends[0]]
	}
	return b.text[b.ends[i-1]:b.ends[i]]
}

// Add copies a record into the box, or counts it as dropped when there is no room. It reports false
// after Close.
func (b *Box) Add(record []byte) (open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return false
	case b.records >= maxRecords || b.bytes+len(record) > maxBytes:
		b.dropped++
		return true
	}
	b.records++
	b.bytes += len(record)
	b.waiting.text = append(b.waiting.text, record...)
	b.waiting.ends = append(b.waiting.ends, len(b.waiting.text))
	return true
}

// Close makes Add take no more. It reports whether it was open.
func (b *Box) Close() (open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	open, b.closed = !b.closed, true
	return open
}

// Take returns all records that wait, which may be none, and how many were dropped and are not told.
func (b *Box) Take() (Batch, uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting.Len() == 0 {
		return Batch{}, b.dropped
	}
	taken := b.waiting
	b.waiting, b.spare = b.spare, Batch{}
	return taken, b.dropped
}

// GiveBack returns the memory of a batch that was taken and is published.
func (b *Box) GiveBack(batch Batch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if cap(batch.text) < largeBytes || len(batch.text) > cap(batch.text)/8 {
		b.calm = 0
	} else if b.calm++; b.calm > calmBatches {
		batch = Batch{}
	}
	b.spare = Batch{batch.text[:0], batch.ends[:0]}
}

// Published makes room for as many records as were published, of that size together.
func (b *Box) Published(records, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.records -= records
	b.bytes -= bytes
}

// Told takes from the count of dropped records what was told.
func (b *Box) Told(dropped uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropped -= dropped
}

// Left returns how many records are not published, and how many were dropped and are not told.
func (b *Box) Left() (records int, dropped uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.records, b.dropped
}
