// Package outbox is the bounded queue of a Writer: it splits writes into records and sends them to Redis.
package outbox

import (
	"sync"
	"time"
)

const (
	// maxBytes and maxRecords bound the records that are not published yet: some seconds of a flood, or minutes of normal
	// logging.
	maxBytes   = 4 << 20
	maxRecords = 20_000
	// A batch with more than largeBytes of memory grew in a flood. It is released after smallBatches small batches in a
	// row, since floods have pauses.
	largeBytes   = maxBytes / 16
	smallBatches = 100
)

// Box is a queue from any number of goroutines to one. The zero value is empty and open.
type Box struct {
	mu         sync.Mutex
	waiting    Batch  // records that were not taken yet
	spare      Batch  // empty batch whose memory is reused
	smallInRow int    // small batches in a row that used a large batch's memory
	records    int    // unpublished records, waiting and taken
	bytes      int    // their size
	dropped    uint64 // dropped records that are unreported
	closed     bool

	published, reported uint64        // records since the start that were published; that were dropped and reported
	changed             chan struct{} // if not nil, closed when these counts change

	splitter splitter
}

// Batch is a list of records in one piece of memory.
type Batch struct {
	text []byte
	ends []int
}

// Len returns the number of records.
func (b *Batch) Len() int { return len(b.ends) }

// Record returns a record, which is valid until the batch is recycled.
func (b *Batch) Record(i int) []byte {
	if i == 0 {
		return b.text[:b.ends[0]]
	}
	return b.text[b.ends[i-1]:b.ends[i]]
}

// Write copies the records in p into the box, or counts them as dropped if the box is full. It returns false after Close.
func (b *Box) Write(p []byte) (open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	if b.splitter.isRecord(p) {
		b.add(trimNewline(p))
	} else {
		b.splitter.write(p, b.add)
	}
	return true
}

// FlushIncomplete adds the incomplete record that waits for the next Write, if there is one, as it is.
func (b *Box) FlushIncomplete() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.splitter.flush(b.add)
}

// IncompleteSince returns when the incomplete record that waits for the next Write began, or the zero time if there is none.
func (b *Box) IncompleteSince() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.splitter.since
}

// add copies a record into the box, or counts it as dropped if the box is full.
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

// Close makes later Writes return false. It reports whether the box was open.
func (b *Box) Close() (open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.splitter.flush(b.add)
	open, b.closed = !b.closed, true
	return open
}

// Take removes and returns all waiting records. It also returns the number of dropped records that are unreported.
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

// Recycle lets the box reuse the memory of a batch from Take that was published.
func (b *Box) Recycle(batch Batch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if cap(batch.text) < largeBytes || len(batch.text) > cap(batch.text)/8 {
		b.smallInRow = 0
	} else if b.smallInRow++; b.smallInRow > smallBatches {
		batch = Batch{}
	}
	b.spare = Batch{batch.text[:0], batch.ends[:0]}
}

// Published notes that so many records with a total of so many bytes were published.
func (b *Box) Published(records, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.records -= records
	b.bytes -= bytes
	b.published += uint64(records)
	b.notifyChanged()
}

// Reported notes that so many dropped records were reported.
func (b *Box) Reported(dropped uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropped -= dropped
	b.reported += dropped
	b.notifyChanged()
}

func (b *Box) notifyChanged() {
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
}

// Snapshot identifies the records that were written before a moment, by the counts when all of them are done.
type Snapshot struct{ published, reported uint64 }

// Snapshot returns a snapshot of the records written so far.
func (b *Box) Snapshot() Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Snapshot{b.published + uint64(b.records), b.reported + b.dropped}
}

// Pending returns how many records of a snapshot are not published, and how many were dropped and are unreported. If there
// are any, changed is closed when these numbers may have changed; else it is nil.
func (b *Box) Pending(m Snapshot) (records, dropped uint64, changed <-chan struct{}) {
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
