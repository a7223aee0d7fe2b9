// Package history keeps the newest records in bounded memory and lets any number of viewers follow
// them, each with a cursor of its own.
//
// Every item, record or gap, has a number, one more than the item before it. A record is encoded
// once, into segments in which encodings lie end to end, so that a viewer takes a whole run of
// them as one slice without copying and without a queue of its own. Live and replay are the same
// code: a cursor that has caught up waits for the next notification.
//
// The newest segments stay as they were encoded. Older ones are packed in the background: compressed to a tenth,
// with an index by which a search knows which of them it need not unpack. Live viewers read no packed segment.
//
// There are two queues. The log holds everything in order. What leaves it at the old end is dropped,
// except warnings and worse and gaps: these are retained for a while in a queue with a share of the
// bounds of its own, so that a flood of debug can't push out the one traceback. Every number in the
// retained queue is older than the log's first.
package history

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// retainedShare is the part of both bounds that the retained queue may take: an eighth leaves the log,
	// which is what people read most, nearly whole, and still keeps tens of thousands of warnings.
	retainedShare = 8
	// rawShare is the part of the bound in bytes that stays as it was encoded, for live viewers.
	rawShare = 8
	// lateShare is the part of it that may stay so when the keeper is late: an append packs then itself, which makes it 1 µs dearer. Without, a
	// flood on a busy machine leaves a tenth of the records, since what is not packed takes ten times the room.
	lateShare = 4
	// slackShare is the part of the bounds that is kept free for what comes while the oldest segment is dropped in the background.
	slackShare = 32
	// segments is at least how many segments a full history has, so that dropping one changes little.
	segments = 32
	// minBlock and maxBlock bound what a segment takes of encodings. Larger ones hardly compress better.
	minBlock, maxBlock = 1 << 10, 256 << 10
	// maxItems bounds the items of a segment.
	maxItems = 4096
)

// MaxPayload is how many bytes of a payload are kept as it was published. A traceback of a thousand
// frames is smaller; what is larger is data, not a log record.
const MaxPayload = 256 << 10

// maxScratch is the largest encoding buffer that is kept for the next record: one huge record must not pin its size.
const maxScratch = 64 << 10

// History is the bounded memory of all items. All its methods are safe for concurrent use; a reader
// holds the lock only while it looks up where a run begins and ends, never while it unpacks or sends.
type History struct {
	isRushed atomic.Pointer[func() bool] // nil until SetRushed

	maxRecords int
	maxBytes   int
	cache      *cache
	packing    sync.Mutex // guards packer, and is locked before mu
	packer     packer

	// readers is locked before mu by whoever reads. A mutex serves those that wait for it in turn, so an append waits for
	// one reader at most, not for all of them.
	readers  sync.Mutex
	mu       sync.Mutex
	seq      uint64 // the newest item's number; the first is 1
	log      queue
	retained queue
	encoder  encoder
	scratch  []byte
	notifier notifier
	views    map[string]*View

	work    chan struct{} // for the keeper
	closed  chan struct{}
	running sync.WaitGroup // the keeper and the goroutines of views
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
// (encodings, payloads, indexes and what is unpacked). Waiting readers are notified at once after a pause and
// then at most every interval, sooner when much has come in. Close ends its goroutine.
//
// Bounds smaller than one item of the largest size are allowed, and the
// newest item is kept even then.
func New(records, bytes int, interval time.Duration) *History {
	h := &History{maxRecords: records, cache: newCache(), work: make(chan struct{}, 1), closed: make(chan struct{})}
	size := min(max(bytes/segments/4, minBlock), maxBlock)
	most := min(max(records/segments, 1), maxItems)
	h.maxBytes = max(bytes-(len(h.cache.slots)+2)*size, bytes/2) // less what is unpacked, and a spare block
	h.log = queue{blockSize: size, most: most}
	h.retained = queue{blockSize: max(size/4, minBlock), most: most, holes: true}
	// What waits for a notification must not be evicted before it.
	h.notifier = newNotifier(&h.mu, interval, min(notifyAfter, records/4), min(notifyBytes, size))
	h.running.Go(h.keep) // until Close
	return h
}

// Append adds a record that arrived at the time at and returns its number. payload is
// kept beside it as it was published, cut at [MaxPayload].
func (h *History) Append(at time.Time, from Source, payload string, r *record.Record) uint64 {
	seq, late := h.append(at, from, payload, r)
	if late {
		h.packNext()
	}
	return seq
}

// append is Append, and reports whether the keeper is late.
func (h *History) append(at time.Time, from Source, payload string, r *record.Record) (seq uint64, late bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	h.scratch = h.encoder.append(h.scratch[:0], h.seq, at, &from, r)
	if len(payload) > MaxPayload {
		payload = payload[:MaxPayload]
	}
	sealed := h.add(at, item{level: r.Level, stream: uint16(from.Stream)}, from.Entry, payload)
	return h.seq, sealed && h.log.raw > h.maxBytes/lateShare && !h.rushed()
}

// SetRushed sets a function that reports whether more records arrive than can be appended. While it does, nothing is packed:
// packing takes as much CPU as everything else, and a record that is not appended is lost.
func (h *History) SetRushed(isRushed func() bool) { h.isRushed.Store(&isRushed) }

func (h *History) rushed() bool {
	isRushed := h.isRushed.Load()
	return isRushed != nil && (*isRushed)()
}

// AppendGap adds a gap, which gets a number as a record does, and returns that.
func (h *History) AppendGap(at time.Time, from Source, g gap.Gap) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	g.Seq = h.seq
	h.scratch = append(h.scratch[:0], g.JSON()...)
	h.add(at, item{gap: true, stream: uint16(from.Stream)}, from.Entry, "")
	return h.seq
}

// Begin notes the last entry of a stream, counted from 1, before those that are appended from here on, behind the
// number that it returns.
func (h *History) Begin(stream int, last entry.Entry) (seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log.last = setEntry(h.log.last, uint16(stream), last)
	h.log.sealed = true // only a segment says what came before it
	return h.seq
}

// add puts h.scratch into the log and makes room. It reports whether a segment has become full. The caller holds the lock.
func (h *History) add(at time.Time, it item, e entry.Entry, payload string) (sealed bool) {
	before := len(h.log.segments)
	push(&h.log, h.seq, at.UnixMicro(), it, e, h.scratch, payload)
	h.notifier.add(h.seq, len(h.scratch))
	if cap(h.scratch) > maxScratch {
		h.scratch = nil
	}
	if sealed = len(h.log.segments) > before; sealed {
		select {
		case h.work <- struct{}{}:
		default:
		}
	}
	for h.exceeds(0) && h.makeRoom(nil) {
	}
	return sealed
}

// Payload returns the payload of the record with that number as it was published (cut at
// [MaxPayload]), and whether the history still has it. The bytes must not be changed.
func (h *History) Payload(seq uint64) ([]byte, bool) {
	s, payload, ok := h.findPayload(seq)
	if s == nil || !ok {
		return payload, ok
	}
	var from, to uint32
	if h.cache.read(s, func(b *block) {
		i := s.find(seq - 1)
		from, to = b.payload(i)
		ok = !b.items[i].gap
	}) != nil || !ok {
		return nil, false
	}
	all, err := h.cache.decoder().DecodeAll(s.packed.payloads, nil)
	if err != nil || int(to) > len(all) {
		return nil, false
	}
	return bytes.Clone(all[from:to]), true
}

// findPayload returns the payload of a record, or the segment that it is in if that is packed.
func (h *History) findPayload(seq uint64) (s *segment, payload []byte, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, q := range []*queue{&h.log, &h.retained} {
		n := q.after(seq - 1)
		if n < 0 || seq == 0 {
			continue
		}
		s := q.segments[n]
		i := s.find(seq - 1)
		if s.offsets == nil && s.first > seq || s.offsets != nil && s.first+uint64(s.offsets[i]) != seq {
			continue
		}
		if s.block == nil {
			return s, nil, true
		}
		s.shown = true
		from, to := s.payload(i)
		return nil, s.payloads[from:to], !s.items[i].gap
	}
	return nil, nil, false
}

// Stats are the figures of a history.
type Stats struct {
	Records int // items that are held, gaps included
	Bytes   int
	// First and Last are the numbers of the oldest item that is held and of the newest; First is 0 when there is
	// none.
	First, Last uint64
	Oldest      time.Time // arrival of the oldest item that is held, zero when there is none
}

// Stats returns the figures of now.
func (h *History) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Stats{Records: h.log.count + h.retained.count, Bytes: h.log.bytes + h.retained.bytes, Last: h.seq}
	for _, q := range []*queue{&h.retained, &h.log} {
		if q.count > 0 {
			s.First, s.Oldest = q.segments[0].first, time.UnixMicro(q.segments[0].at)
			break
		}
	}
	return s
}

// Wait waits for the history's goroutines. Close must have been called, and every view be released.
func (h *History) Wait() { h.running.Wait() }

// Close ends the keeper and the timer behind delayed notifications, and wakes every reader a last time.
func (h *History) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.notifier.stopped {
		close(h.closed)
	}
	h.notifier.stop()
}
