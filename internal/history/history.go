// Package history keeps the newest records in bounded memory. Any number of viewers can follow
// them, each with its own cursor.
//
// An item is a record or a gap. Items are numbered consecutively. Each record is encoded once into a
// segment, in which encodings lie end to end. A viewer reads a whole run of them as one slice,
// without a copy and without its own queue. Live records and replay use the same code: a cursor that
// has caught up waits for the next notification.
//
// The newest segments are kept as encoded. Older ones are packed in the background, that is, compressed
// to a tenth of their size, with an index that lets a search skip segments without unpacking them. Live
// viewers do not read packed segments.
//
// There are two queues. The log holds all items in order. Its oldest items are dropped, except for
// gaps and for warnings and worse. These are retained for a while in the other queue, which has its own
// share of the bounds, so that a flood of debug records can't push out the one traceback. All numbers in
// the retained queue are lower than those in the log.
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
	// The retained queue may take 1/retainedShare of both bounds. That leaves most of the memory for the log, which people
	// read most, and still keeps tens of thousands of warnings.
	retainedShare = 8
	// 1/rawShare of the bound in bytes is kept as encoded, for live viewers.
	rawShare = 8
	// If more than 1/lateShare of the bound in bytes is not packed, the keeper is late, and appends pack, too, which costs 1 µs
	// for each append. Otherwise a flood on a busy machine would leave only a tenth of the records, since unpacked ones take ten
	// times the memory.
	lateShare = 4
	// 1/slackShare of the bounds is kept free for items that arrive while the oldest segment is dropped in the background.
	slackShare = 32
	// 1/leastShare of the bound in bytes is for the history even if more wait to be appended.
	leastShare = 2
	// 1/codecShare of the bound in bytes is for the memory of the compressor and of decompressors.
	codecShare = 16
	// segments is the least number of segments in a full history, so that dropping one of them changes little.
	segments = 32
	// minBlock and maxBlock bound the encodings of a segment, in bytes. Larger segments hardly compress better.
	minBlock, maxBlock = 1 << 10, 256 << 10
	// maxItems bounds the items of a segment.
	maxItems = 4096
)

// MaxPayload is the number of bytes that are kept of a payload as it was published. A traceback of a thousand
// frames is smaller. A larger payload is data and not a log record.
const MaxPayload = 256 << 10

// maxScratch is the largest encoding buffer that is kept for the next record, so that one huge record does not take memory forever.
const maxScratch = 64 << 10

// History holds the newest items in bounded memory. Its methods are safe for concurrent use. A reader
// holds the lock only while it looks up the ends of a run, and never while it unpacks or sends.
type History struct {
	waiting atomic.Pointer[func() (int, bool)] // nil until SetWaiting

	maxRecords int
	maxBytes   int
	cache      *cache
	packing    sync.Mutex // guards packer, and is locked before mu
	packer     packer

	// Readers lock readers before mu. So at most one reader competes for mu, and an append waits for one reader at
	// most. Without that, beside 50 readers, one append in a hundred took 14 µs to 11 ms and not 1.3 µs.
	readers  sync.Mutex
	mu       sync.Mutex
	seq      uint64 // the newest item's number; the first is 1, or follows the reserved ones
	older    older
	log      queue
	retained queue
	encoder  encoder
	scratch  []byte
	notifier notifier
	views    map[string]*View

	work    chan struct{} // signals work to the keeper
	closed  chan struct{}
	running sync.WaitGroup // the keeper and the goroutines of views
}

// Source is the source of an item.
type Source struct {
	Channel string // or the key of the stream
	// Stream is the number of the stream, counted from 1, and Entry is the entry in it. The history only stores them, and does
	// not interpret them. Stream is 0 if the item is not from a stream.
	Stream int
	Entry  entry.Entry
}

// New returns an empty history that holds at most records items and at most bytes bytes of memory
// (encodings, payloads, indexes and unpacked segments). After a pause, waiting readers are notified at once. In a flow they are
// notified once every interval, or sooner if many items have arrived. Close ends the goroutine of the history.
//
// The bounds may be smaller than one item of the largest size. Even then the newest item is kept.
func New(records, bytes int, interval time.Duration) *History {
	h := &History{maxRecords: records, cache: newCache(), work: make(chan struct{}, 1), closed: make(chan struct{})}
	size := min(max(bytes/segments/4, minBlock), maxBlock)
	most := min(max(records/segments, 1), maxItems)
	h.maxBytes = max(bytes-bytes/codecShare-(len(h.cache.slots)+2*maxSpares)*size, bytes/2) // without the unpacked segments and spare blocks
	h.log = queue{blockSize: size, most: most}
	h.retained = queue{blockSize: max(size/4, minBlock), most: most, holes: true}
	// Items that wait for a notification must not be evicted before it.
	h.notifier = newNotifier(&h.mu, interval, min(notifyAfter, records/4), min(notifyBytes, size))
	h.running.Go(h.keep) // until Close
	return h
}

// Append adds a record that arrived at the time at and returns its number. It also stores
// payload as it was published, cut at [MaxPayload].
func (h *History) Append(at time.Time, from Source, payload string, r *record.Record) uint64 {
	seq, late := h.append(at, from, payload, r)
	if late {
		h.packNext()
	}
	return seq
}

// append is Append without packing. late says that the keeper is late, so that the caller should pack.
func (h *History) append(at time.Time, from Source, payload string, r *record.Record) (seq uint64, late bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	h.scratch = h.encoder.append(h.scratch[:0], h.seq, at, &from, r)
	if len(payload) > MaxPayload {
		payload = payload[:MaxPayload]
	}
	sealed := h.add(at, item{level: r.Level, stream: uint16(from.Stream)}, from.Entry, payload)
	if at = at.UTC(); !r.Time.IsZero() {
		at = r.Time
	}
	h.log.newest().see(at)
	return h.seq, sealed && h.log.raw > h.maxBytes/lateShare && !h.rushed()
}

// SetWaiting sets a function that returns the bytes of the records that wait to be appended, and whether more arrive than can be appended.
//
// The bytes count against the bound, since these records soon replace the oldest ones anyway. While more arrive than can be
// appended, nothing is packed: packing takes as much CPU as everything else, and a record that is not appended is lost.
func (h *History) SetWaiting(waiting func() (bytes int, rushed bool)) { h.waiting.Store(&waiting) }

func (h *History) waits() (bytes int, rushed bool) {
	if waiting := h.waiting.Load(); waiting != nil {
		return (*waiting)()
	}
	return 0, false
}

func (h *History) rushed() bool {
	_, rushed := h.waits()
	return rushed
}

// AppendGap adds a gap and returns its number. Gaps are numbered like records.
func (h *History) AppendGap(at time.Time, from Source, g gap.Gap) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	g.Seq = h.seq
	h.scratch = append(h.scratch[:0], g.JSON()...)
	h.add(at, item{gap: true, stream: uint16(from.Stream)}, from.Entry, "")
	return h.seq
}

// Begin notes where the reading of a stream begins. stream is counted from 1, and last is the entry before the first one that
// will be appended. Begin returns the number of the newest item.
func (h *History) Begin(stream int, last entry.Entry) (seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log.last = setEntry(h.log.last, uint16(stream), last)
	h.log.sealed = true // the last entries are stored once per segment
	return h.seq
}

// add adds h.scratch to the log and makes room. It reports whether a segment has become full. The caller holds the lock.
func (h *History) add(at time.Time, it item, e entry.Entry, payload string) (sealed bool) {
	before := len(h.log.segments)
	push(&h.log, h.seq, at.UnixMicro(), it, e, h.scratch, payload)
	h.notifier.add(h.seq, len(h.scratch))
	if cap(h.scratch) > maxScratch {
		h.scratch = nil
	}
	waiting := 0
	if sealed = len(h.log.segments) > before; sealed {
		waiting, _ = h.waits() // only now, since it is not free
		select {
		case h.work <- struct{}{}:
		default:
		}
	}
	for h.exceeds(0, waiting) && h.makeRoom(nil) {
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

// findPayload returns the payload of a record or, if it is packed, the segment that has its number. There the caller must check whether the
// number is a gap's. A segment that is not packed is noted as in use by a reader.
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
	Records int // the number of items in memory, gaps included
	Bytes   int
	// First and Last are the numbers of the oldest and of the newest item in memory. First is 0 if there is
	// none.
	First, Last uint64
	Oldest      time.Time // the arrival of the oldest item in memory, or zero if there is none
	Complete    bool      // whether no item was dropped, and there are no older records that found no room or are still to come
}

// Stats returns the current figures.
func (h *History) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Stats{Records: h.log.count + h.retained.count, Bytes: h.log.bytes + h.retained.bytes, Last: h.seq}
	first := h.seq + 1
	if h.log.count > 0 {
		first = h.log.segments[0].first
	}
	s.Complete = first == h.older.floor+1 && !h.older.full && h.older.more == nil
	for _, q := range []*queue{&h.retained, &h.log} {
		if q.count > 0 {
			s.First, s.Oldest = q.segments[0].first, time.UnixMicro(q.segments[0].at)
			break
		}
	}
	return s
}

// Wait waits for the goroutines of the history. Before it, Close must be called and every view released.
func (h *History) Wait() { h.running.Wait() }

// Close stops the keeper and the timer of delayed notifications, and wakes every reader a last time.
func (h *History) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.notifier.stopped {
		close(h.closed)
	}
	h.notifier.stop()
}
