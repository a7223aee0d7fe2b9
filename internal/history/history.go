// Package history keeps the newest records in bounded memory and lets any number of readers follow
// them, each with a cursor of its own.
//
// Every item, record or gap, has a number, one more than the item before it. A record is encoded
// once, into fixed blocks in which encodings lie end to end, so that a reader takes a whole run of
// them as one slice without copying and without a queue of its own. Live and replay are the same
// code: a reader that has caught up waits for the next wake-up.
//
// There are two lanes. The main lane holds everything in order. What leaves it at the old end is
// forgotten, except warnings and worse and gaps: these move to the reserve, a lane with a share of
// the bounds of its own, so that a flood of debug can't push out the one traceback. Every number in
// the reserve is older than the main lane's first.
package history

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/printable"
	"github.com/SupermanScott/Elva/internal/record"
)

// reserveShare is the part of both bounds that the reserve may take: a quarter leaves the main lane,
// which is what people read most, nearly whole, and still keeps thousands of warnings.
const reserveShare = 4

// MaxPayload is how many bytes of a payload are kept as it was published. A traceback of a thousand
// frames is smaller; what is larger is data, not a log record.
const MaxPayload = 256 << 10

// History is the bounded memory of all items. All its methods are safe for concurrent use; a reader
// holds the lock only while it looks up where a run begins and ends, never while it sends.
type History struct {
	maxRecords int
	maxBytes   int

	mu      sync.Mutex
	last    uint64 // the newest item's number; the first is 1
	shown   uint64 // the newest one's that has something to show
	main    lane
	reserve lane
	encoder encoder
	scratch []byte
	pulse   pulse
	views   map[string]*View

	made made // has a lock of its own

	dropped dropped          // the gaps that are forgotten
	untold  []position.Entry // by stream: where the newest loss without a number stood that has left the main lane
	unknown []position.Entry // the same of those that have left the reserve too

	beginnings    int // how many streams have begun
	lastBeginning uint64
	begun         atomic.Uint64 // see Begun
}

// New returns an empty history that holds at most records items and at most bytes bytes of memory
// (encodings, payloads and index). A broadcast to waiting readers happens at once after a pause and
// then at most every interval, sooner when much has come in.
//
// Bounds smaller than one item of the largest size are allowed, and the
// newest item is kept even then.
func New(records, bytes int, interval time.Duration) *History {
	h := &History{maxRecords: records, maxBytes: bytes}
	// A block may take a 32nd of the bound, so that dropping one changes little; 64 KiB is
	// where larger writes to a connection stop being cheaper.
	size := min(max(bytes/32/2, 1<<10), 64<<10)
	h.main.blockSize, h.reserve.blockSize = size, min(size, 16<<10)
	// What waits for a wake-up must not be pushed out before it.
	h.pulse = newPulse(&h.mu, interval, min(pulseRecords, records/4))
	return h
}

// Gap is a stretch in which records were lost or may have been.
type Gap struct {
	Seq uint64 `json:"seq,omitempty"`
	// Kind is redis, evicted, slow, restart or stream.
	Kind string `json:"kind"`
	// Lost is how many records, absent when that can't be known.
	Lost uint64 `json:"lost,omitempty"`
	// From and To are when the stretch began and ended, by Elva's clock.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// LastRecord is when the last record before it arrived: a publisher or a failover can have been
	// silent long before contact was lost.
	LastRecord time.Time `json:"lastRecord,omitzero"`
	// Connections is how many connections to Redis were lost in it, absent when none was that served.
	Connections int    `json:"connections,omitempty"`
	Reason      string `json:"reason,omitempty"`
	// Replaces is the number of a gap that is part of this one: it went on, and no record came between. A reader who
	// shows that one shows this one in its place.
	Replaces uint64 `json:"replaces,omitempty"`
}

// joinWithin is how long after a gap another one is its continuation: a connection that lasts longer has served.
const joinWithin = 10 * time.Second

// Join extends g by next and reports whether next continues it: a connection was lost in both, and the one between them
// did not last. That no record came between is the caller's to know. The reason is the newest.
func (g *Gap) Join(next Gap) bool {
	if g.Connections == 0 || next.Connections == 0 || next.From.Sub(g.To) > joinWithin {
		return false
	}
	g.To, g.Reason = next.To, next.Reason
	g.Connections += next.Connections
	return true
}

// JSON returns the gap as the stream sends it, on one line.
func (g *Gap) JSON() []byte {
	text, err := json.Marshal(g)
	if err != nil { // strings, a number and times between the years 0 and 9999: there is no such error
		panic(err)
	}
	return printable.JSON(text)
}

// Append adds a record that arrived at the time at on channel and returns its number. payload is
// kept beside it as it was published, cut at [MaxPayload].
func (h *History) Append(at time.Time, channel, payload string, r *record.Record) uint64 {
	return h.append(entry{}, position.Position{}, at, channel, payload, r)
}

func (h *History) append(e entry, p position.Position, at time.Time, channel, payload string, r *record.Record) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.scratch = h.encoder.append(h.scratch[:0], h.last, at, channel, r)
	if len(payload) > MaxPayload {
		payload = payload[:MaxPayload]
	}
	e.seq, e.at, e.level = h.last, at.UnixMicro(), r.Level
	h.add(e, p, payload)
	return h.last
}

// AppendGap adds a gap, which gets a number as a record does, and returns that.
func (h *History) AppendGap(at time.Time, g Gap) uint64 {
	return h.appendGap(entry{}, position.Position{}, at, &g)
}

// appendGap adds a gap, or an item with nothing to show if g is nil.
func (h *History) appendGap(e entry, p position.Position, at time.Time, g *Gap) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.scratch = h.scratch[:0]
	if g != nil {
		g.Seq = h.last
		h.scratch = append(h.scratch, g.JSON()...)
	}
	e.seq, e.at, e.gap = h.last, at.UnixMicro(), true
	h.add(e, p, "")
	return h.last
}

// add puts h.scratch into the main lane and makes room. The caller holds the lock.
func (h *History) add(e entry, p position.Position, payload string) {
	if !h.main.fits(len(h.scratch)+1, len(payload)) {
		h.pulse.full()
	}
	push(&h.main, e, p, h.scratch, payload)
	if len(h.scratch) > 0 {
		h.shown = e.seq
	}
	if cap(h.scratch) > 64<<10 { // one huge record must not pin its size for ever
		h.scratch = nil
	}
	for h.main.count > 1 && (h.main.count+h.reserve.count > h.maxRecords || h.main.bytes+h.reserve.bytes > h.maxBytes) {
		if h.reserve.count > h.maxRecords/reserveShare || h.reserve.bytes > h.maxBytes/reserveShare {
			h.forget(h.reserve.oldest(), h.reserve.blocks[0], h.reserve.skip)
			h.reserve.dropOldest()
			continue
		}
		old := h.main.oldest()
		if old.gap || old.level >= record.Warning {
			b, i := h.main.blocks[0], h.main.skip
			var p position.Position
			if len(b.positions) > 0 {
				p = b.positions[i]
			}
			if old.loss && !old.counted {
				h.untold[old.stream-1] = p.Entry
			}
			push(&h.reserve, *old, p, b.json(i), b.payload(i))
		}
		h.main.dropOldest()
	}
	h.pulse.note(e.seq)
}

// Payload returns the payload of the record with that number as it was published (cut at
// [MaxPayload]), and whether the history still has it. The bytes must not be changed.
func (h *History) Payload(seq uint64) ([]byte, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range []*lane{&h.main, &h.reserve} {
		if b, i := l.after(seq - 1); b != nil && b.entries[i].seq == seq && !b.entries[i].gap {
			b.shown = true
			return b.payload(i), true
		}
	}
	return nil, false
}

// Stats says what a history holds.
type Stats struct {
	Records int       // items held in both lanes, gaps included
	Bytes   int       // memory they take
	First   uint64    // the oldest number held; 0 when empty
	Last    uint64    // the newest number of what has anything to show
	Oldest  time.Time // when the oldest one arrived
}

// Stats returns what the history holds now.
func (h *History) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Stats{Records: h.main.count + h.reserve.count, Bytes: h.main.bytes + h.reserve.bytes, Last: h.shown}
	if h.shown == 0 {
		s.Records = 0
	}
	for _, l := range []*lane{&h.reserve, &h.main} {
		if l.count > 0 {
			s.First, s.Oldest = l.oldest().seq, time.UnixMicro(l.oldest().at)
			break
		}
	}
	return s
}

// Close ends the timer behind delayed wake-ups and wakes every reader a last time.
func (h *History) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pulse.stop()
}
