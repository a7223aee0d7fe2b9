package history

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/record"
)

// Older is a record that is older than everything in a history.
type Older struct {
	At      time.Time
	From    Source
	Payload string
	Record  record.Record
}

// older has what is needed to add older records at the old end.
type older struct {
	floor uint64        // the lowest number of an item, less 1; numbers up to it are reserved
	more  chan struct{} // closed when older records were added, or when there are no more; nil if there are no more
	full  bool          // whether there was no room for some

	adding  sync.Mutex // held by Prepend, and locked before packing; guards the fields below
	encoder encoder
	scratch []byte
}

// Reserve reserves n numbers for older records, which [History.Prepend] adds until [History.EndOlder]. It must be called before the first
// item is added.
func (h *History) Reserve(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq = uint64(n)
	h.notifier.newest, h.notifier.released = h.seq, h.seq
	h.older.floor, h.older.more = h.seq, make(chan struct{})
}

// EndOlder notes that there are no more older records.
func (h *History) EndOlder() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.older.more != nil {
		close(h.older.more)
		h.older.more = nil
	}
}

// Older returns a channel that is closed when older records have been added, or when it is known that there are none. It returns nil if no
// more older records will be added.
func (h *History) Older() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.older.more
}

// olderWait bounds a wait for older records. At 5,000 records/s, those of the last minute take about a second.
const olderWait = 5 * time.Second

// WaitForOlder waits until enough returns true, but not when no more older records will be added, nor after gone is closed, nor for more than
// olderWait.
func (h *History) WaitForOlder(enough func() bool, gone <-chan struct{}) {
	timeout := time.After(olderWait)
	for more := h.Older(); more != nil && !enough(); more = h.Older() {
		select {
		case <-more:
		case <-timeout:
			return
		case <-gone:
			return
		}
	}
}

// Prepend adds records, the oldest first, before everything else, packed at once. before has the last entry before them of each stream
// that they are from. Prepend drops nothing to make room: it reports whether all of them found room, and after that, it adds no more.
func (h *History) Prepend(records []Older, before map[int]entry.Entry) bool {
	older := &h.older
	older.adding.Lock()
	defer older.adding.Unlock()
	h.mu.Lock()
	last, floor := slices.Clone(h.log.last), older.floor
	if len(h.log.segments) > 0 {
		last = slices.Clone(h.log.segments[0].before)
	}
	h.mu.Unlock()
	for stream, e := range before {
		last = setEntry(last, uint16(stream), e)
	}
	skipped := max(len(records)-int(floor), 0) // there are no numbers for them
	q := queue{blockSize: h.log.blockSize, most: h.log.most, last: last}
	for i := range records[skipped:] {
		r, seq := &records[skipped+i], floor-uint64(len(records)-skipped-1-i)
		older.scratch = older.encoder.append(older.scratch[:0], seq, r.At, &r.From, &r.Record)
		payload := r.Payload[:min(len(r.Payload), MaxPayload)]
		push(&q, seq, r.At.UnixMicro(), item{level: r.Record.Level, stream: uint16(r.From.Stream)}, r.From.Entry, older.scratch, payload)
	}
	full := skipped > 0
	for _, s := range slices.Backward(q.segments) {
		h.packing.Lock()
		p := h.packer.pack(s.block)
		h.packing.Unlock()
		if full = full || !h.prepend(s, p); full {
			break
		}
	}
	if full {
		h.mu.Lock()
		older.full = true
		h.mu.Unlock()
		h.EndOlder()
	}
	return !full
}

// prepend adds a segment before the others, unless there is no room or older items were dropped already.
func (h *History) prepend(s *segment, p *packed) bool {
	s.block, s.packed = nil, p
	h.mu.Lock()
	defer h.mu.Unlock()
	q := &h.log
	dropped := h.retained.count > 0 || q.count == 0 && h.seq > h.older.floor || q.count > 0 && q.segments[0].first != h.older.floor+1
	q.segments = slices.Insert(q.segments, 0, s)
	q.count += s.count
	q.bytes += s.size()
	if h.older.more == nil || dropped || h.exceeds(slackShare, 0) {
		q.segments = slices.Delete(q.segments, 0, 1)
		q.count -= s.count
		q.bytes -= s.size()
		return false
	}
	q.packed++
	h.older.floor = s.first - 1
	close(h.older.more)
	h.older.more = make(chan struct{})
	return true
}

// Payload is a record as it was published.
type Payload struct {
	Seq     uint64
	At      time.Time
	Channel string
	Text    []byte // must not be retained
}

// EachPayload calls each with the records of the log's first segment that has a number above after, and returns the highest number in it. It
// returns after if there is no such segment.
func (h *History) EachPayload(after uint64, each func(Payload)) uint64 {
	h.mu.Lock()
	n := h.log.after(after)
	if n < 0 {
		h.mu.Unlock()
		return after
	}
	s := h.log.segments[n]
	var b block
	if s.block != nil {
		s.shown, b = true, *s.block
	}
	first, last, packed := s.first, s.last, s.packed
	h.mu.Unlock()
	if packed != nil && packed.unpack(h.cache.decoder(), &b, s.count, true) != nil {
		return last // the segment is damaged
	}
	for i, it := range b.items {
		if seq := first + uint64(i); seq > after && !it.gap {
			from, to := b.payload(i)
			p := Payload{Seq: seq, Text: b.payloads[from:to]}
			p.At, p.Channel = arrivalAndChannel(b.json(i))
			each(p)
		}
	}
	return last
}

// arrivalAndChannel reads the arrival and the channel in the encoding of a record.
func arrivalAndChannel(encoded []byte) (at time.Time, channel string) {
	text := arrivalOf(encoded)
	at, _ = time.Parse(time.RFC3339Nano, string(text)) // it is the encoder's
	_, rest, _ := bytes.Cut(encoded, []byte(`,"channel":`))
	name, _, _ := bytes.Cut(rest, []byte(`,"worker":`))
	_ = json.Unmarshal(name, &channel)
	return at, channel
}
