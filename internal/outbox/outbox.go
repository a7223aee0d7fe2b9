// Package outbox keeps records that wait to be published: bounded, in memory that is used again.
package outbox

import (
	"sync"
	"time"
)

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

	published, reported uint64        // records since the start: published, and dropped and reported
	changed             chan struct{} // closed at the next change of these, if somebody waits for it

	splitter splitter // of what is written
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

// Write copies the records in p into the box, or counts them as dropped when there is no room. It reports false after Close.
func (b *Box) Write(p []byte) (open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	if b.splitter.isRecord(p) {
		b.add(trim(p))
	} else {
		b.splitter.write(p, b.add)
	}
	return true
}

// EndPart makes a record of the incomplete one that waits for the next Write, if there is one.
func (b *Box) EndPart() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.splitter.endPart(b.add)
}

// PartSince returns since when an incomplete record has waited, or the zero time if there is none.
func (b *Box) PartSince() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.splitter.since
}

// add copies a record into the box, or counts it as dropped when there is no room.
func (b *Box) add(record []byte) {
	if b.records >= maxRecords || b.bytes+len(record) > maxBytes {
		b.dropped++
		return
	}
	b.records++
	b.bytes += len(record)
	b.waiting.text = append(b.waiting.text, record...)
	b.waiting.ends = append(b.waiting.ends, len(b.waiting.text))
}

// Close makes Write take no more. It reports whether it was open.
func (b *Box) Close() (open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.splitter.endPart(b.add)
	open, b.closed = !b.closed, true
	return open
}

// Take returns all records that wait, which may be none, and how many were dropped and are not reported.
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
	b.published += uint64(records)
	b.notify()
}

// Reported takes from the count of dropped records what was reported.
func (b *Box) Reported(dropped uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropped -= dropped
	b.reported += dropped
	b.notify()
}

func (b *Box) notify() {
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
}

// A Moment is what had come by then.
type Moment struct{ published, reported uint64 }

// Now returns the present moment.
func (b *Box) Now() Moment {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Moment{b.published + uint64(b.records), b.reported + b.dropped}
}

// Left returns how many records that had come by m are not published, and how many were dropped and are not reported.
// If there are any, changed is closed when that may have changed.
func (b *Box) Left(m Moment) (records, dropped uint64, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	records, dropped = m.published-min(m.published, b.published), m.reported-min(m.reported, b.reported)
	if records == 0 && dropped == 0 {
		return 0, 0, nil
	}
	if b.changed == nil {
		b.changed = make(chan struct{})
	}
	return records, dropped, b.changed
}
