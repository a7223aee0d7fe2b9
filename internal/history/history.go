// Package history keeps the newest records in bounded memory and lets any number of viewers follow
// them, each with a cursor of its own.
//
// Every item, record or gap, has a number, one more than the item before it. A record is encoded
// once, into fixed blocks in which encodings lie end to end, so that a viewer takes a whole run of
// them as one slice without copying and without a queue of its own. Live and replay are the same
// code: a cursor that has caught up waits for the next notification.
//
// There are two queues. The log holds everything in order. What leaves it at the old end is dropped,
// except warnings and worse and gaps: these are retained for a while in a queue with a share of the
// bounds of its own, so that a flood of debug can't push out the one traceback. Every number in the
// retained queue is older than the log's first.
package history

import (
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/record"
)

// retainedShare is the part of both bounds that the retained queue may take: a quarter leaves the log,
// which is what people read most, nearly whole, and still keeps thousands of warnings.
const retainedShare = 4

// MaxPayload is how many bytes of a payload are kept as it was published. A traceback of a thousand
// frames is smaller; what is larger is data, not a log record.
const MaxPayload = 256 << 10

// maxScratch is the largest encoding buffer that is kept for the next record: one huge record must not pin its size.
const maxScratch = 64 << 10

// History is the bounded memory of all items. All its methods are safe for concurrent use; a reader
// holds the lock only while it looks up where a run begins and ends, never while it sends.
type History struct {
	maxRecords int
	maxBytes   int

	// readers is locked before mu by whoever reads. A mutex serves those that wait for it in turn, so an append waits for
	// one reader at most, not for all of them.
	readers   sync.Mutex
	mu        sync.Mutex
	seq       uint64 // the newest item's number; the first is 1
	log       queue
	retained  queue
	encoder   encoder
	scratch   []byte
	notifier  notifier
	following sync.WaitGroup // the goroutines of views
	views     map[string]*View
}

// Source is where an item comes from.
type Source struct {
	Channel string // or the key of the stream
	// Stream is the number of the stream, counted from 1, and Entry the entry there. The history stores and returns them,
	// and neither compares nor interprets them. Stream is 0 for an item of no stream.
	Stream int
	Entry  entry.Entry
}

// New returns an empty history that holds at most records items and at most bytes bytes of memory
// (encodings, payloads and index). Waiting readers are notified at once after a pause and
// then at most every interval, sooner when much has come in.
//
// Bounds smaller than one item of the largest size are allowed, and the
// newest item is kept even then.
func New(records, bytes int, interval time.Duration) *History {
	h := &History{maxRecords: records, maxBytes: bytes}
	// A block may take a 32nd of the bound, so that dropping one changes little; 64 KiB is
	// where larger writes to a connection stop being cheaper.
	size := min(max(bytes/32/2, 1<<10), 64<<10)
	h.log.blockSize, h.retained.blockSize = size, min(size, 16<<10)
	// What waits for a notification must not be evicted before it.
	h.notifier = newNotifier(&h.mu, interval, min(notifyAfter, records/4))
	return h
}

// Append adds a record that arrived at the time at and returns its number. payload is
// kept beside it as it was published, cut at [MaxPayload].
func (h *History) Append(at time.Time, from Source, payload string, r *record.Record) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	h.scratch = h.encoder.append(h.scratch[:0], h.seq, at, &from, r)
	if len(payload) > MaxPayload {
		payload = payload[:MaxPayload]
	}
	h.add(item{at: at.UnixMicro(), level: r.Level, stream: uint16(from.Stream)}, from.Entry, payload)
	return h.seq
}

// AppendGap adds a gap, which gets a number as a record does, and returns that.
func (h *History) AppendGap(at time.Time, from Source, g gap.Gap) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	g.Seq = h.seq
	h.scratch = append(h.scratch[:0], g.JSON()...)
	h.add(item{at: at.UnixMicro(), gap: true, stream: uint16(from.Stream)}, from.Entry, "")
	return h.seq
}

// Begin notes the last entry of a stream, counted from 1, before those that are appended from here on, behind the
// number that it returns.
func (h *History) Begin(stream int, last entry.Entry) (seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log.last = setEntry(h.log.last, uint16(stream), last)
	h.log.sealed = true // only a block says what came before it
	return h.seq
}

// add puts h.scratch into the log and makes room. The caller holds the lock.
func (h *History) add(it item, e entry.Entry, payload string) {
	it.seq = h.seq
	if !h.log.fits(len(h.scratch)+1, len(payload)) {
		h.notifier.blockFull()
	}
	push(&h.log, it, e, h.scratch, payload)
	if cap(h.scratch) > maxScratch {
		h.scratch = nil
	}
	for h.log.count > 1 && (h.log.count+h.retained.count > h.maxRecords || h.log.bytes+h.retained.bytes > h.maxBytes) {
		if h.retained.count > h.maxRecords/retainedShare || h.retained.bytes > h.maxBytes/retainedShare {
			h.retained.dropOldest()
			continue
		}
		if old := h.log.oldest(); old.gap || old.level >= record.Warning {
			b, i := h.log.blocks[0], h.log.skip
			push(&h.retained, *old, b.entry(i), b.json(i), b.payload(i))
		}
		h.log.dropOldest()
	}
	h.notifier.add(it.seq)
}

// Payload returns the payload of the record with that number as it was published (cut at
// [MaxPayload]), and whether the history still has it. The bytes must not be changed.
func (h *History) Payload(seq uint64) ([]byte, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, q := range []*queue{&h.log, &h.retained} {
		if b, i := q.after(seq - 1); b != nil && b.items[i].seq == seq && !b.items[i].gap {
			b.shown = true
			return b.payload(i), true
		}
	}
	return nil, false
}

// Stats says what a history holds.
type Stats struct {
	Records int       // items held, gaps included
	Bytes   int       // memory they take
	First   uint64    // the oldest number held; 0 when empty
	Last    uint64    // the newest number
	Oldest  time.Time // when the oldest one arrived
}

// Stats returns what the history holds now.
func (h *History) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Stats{Records: h.log.count + h.retained.count, Bytes: h.log.bytes + h.retained.bytes, Last: h.seq}
	if oldest := h.oldest(); oldest != nil {
		s.First, s.Oldest = oldest.seq, time.UnixMicro(oldest.at)
	}
	return s
}

// oldest returns the oldest item that is held, nil when there is none. The caller holds the lock.
func (h *History) oldest() *item {
	for _, q := range []*queue{&h.retained, &h.log} {
		if q.count > 0 {
			return q.oldest()
		}
	}
	return nil
}

// Wait waits for the goroutines of views. Close must have been called, and every view be released.
func (h *History) Wait() { h.following.Wait() }

// Close ends the timer behind delayed notifications and wakes every reader a last time.
func (h *History) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notifier.stop()
}
