// Package ingest receives the payloads from all sources in Redis. It decodes each payload once and adds the records to the
// history and to the health.
package ingest

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/redisutil"
)

// Sink receives the records and gaps of a source, in order. Different sources may call its methods concurrently.
// The methods return soon and do not wait for viewers.
type Sink interface {
	Record(Record)
	Gap(Gap)
}

// Record is a payload that a source has read.
type Record struct {
	At      time.Time // arrival, by Elva's clock
	Channel string    // or the key of the stream
	Payload string
	Decoded *Decoded // the result of Decode for the payload, which is not retained; nil if it has not been decoded
	// Recovered says that the payload was published between Since and At, but read later. Since may be zero. The record's own
	// time becomes its arrival, if it is in that interval.
	Recovered bool
	Since     time.Time
	// Stream is the number of the stream, counted from 1, and Entry is the entry in it. Stream is 0 if the record is from a channel.
	Stream int
	Entry  entry.Entry
}

// Past receives what was in Redis before a source began to read, except for its newest records. A source calls BeginOlder before its first
// record, then Older with older and older records as long as that returns true, and EndOlder once at the end.
type Past interface {
	BeginOlder()
	// Older gets records, the oldest first, and by stream the last entry before them. It reports whether there is room for more.
	Older(records []Record, before map[int]entry.Entry) bool
	EndOlder()
}

// Decoded holds the records of a channel's payload that was decoded ahead of time. It is empty if Redact dropped the payload.
type Decoded struct{ records []decoded }

type decoded struct {
	payload string
	record  record.Record
}

// maxKept is the number of records whose memory an empty Decoded keeps. Hardly any payload has more.
const maxKept = 4

// Reset empties d, so that it can be used again.
func (d *Decoded) Reset() {
	clear(d.records)
	if d.records = d.records[:0]; cap(d.records) > maxKept {
		d.records = nil
	}
}

// Gap is an interval in which records of a source are missing, or may be missing.
type Gap struct {
	gap.Gap
	At time.Time // when it was noticed, by Elva's clock
	// Stream is the number of the stream, counted from 1, or 0 for channels. All entries up to Entry were read or belong to
	// the gap. The ID of Entry is zero if the stream was created again, so that its IDs start again from the beginning.
	Stream int
	Entry  entry.Entry
}

// Ingest is the Sink of a handler. Its methods are safe for concurrent use.
type Ingest struct {
	History *history.History
	Health  *health.Health
	// Recreated is called with the number of each gap after which the IDs of a stream start again from the beginning. It may be nil.
	Recreated func(stream int, seq uint64)
	// Redact changes each payload before anything else sees it. If it returns "", the payload is dropped. It may be nil.
	Redact func(payload string) string
	// Log receives the panics of Redact.
	Log *slog.Logger

	dropped     atomic.Uint64
	panicked    atomic.Int64 // when a panic was last logged, in Unix seconds
	gaps        atomic.Uint64
	connections atomic.Uint64
	older       backlog

	mu     sync.Mutex
	list   []gap.Gap   // the newest gaps, the newest one last
	newest Gap         // the newest gap; its Seq is the number with which it was last appended
	shown  time.Time   // the To with which it was last appended
	grown  atomic.Bool // whether it has grown since
}

var _ Sink = (*Ingest)(nil)

// Gaps returns the number of gaps so far. Gaps that were joined count once.
func (in *Ingest) Gaps() uint64 { return in.gaps.Load() }

// gapsKept bounds the gaps in GapList: a timeline has no room for more.
const gapsKept = 100

// GapList returns the newest gaps, the oldest first.
func (in *Ingest) GapList() []gap.Gap {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.list)
}

// Connections returns the number of connections to Redis that were lost so far.
func (in *Ingest) Connections() uint64 { return in.connections.Load() }

// Dropped returns the number of payloads that Redact dropped so far.
func (in *Ingest) Dropped() uint64 { return in.dropped.Load() }

// Record decodes the payload and adds the record to the history and to the health. If the payload of a channel consists of several JSON
// objects, each is a record. An entry of a stream is always one record, since viewers resume after an entry.
func (in *Ingest) Record(p Record) {
	in.showGrown()
	if p.Decoded != nil {
		if len(p.Decoded.records) == 0 {
			in.dropped.Add(1)
		}
		for i := range p.Decoded.records {
			r := &p.Decoded.records[i]
			p.Payload = r.payload
			in.put(p, &r.record)
		}
		return
	}
	if in.Redact != nil {
		if p.Payload = in.redact(p.Payload); p.Payload == "" {
			in.dropped.Add(1)
			return
		}
	}
	if p.Stream == 0 {
		if objects := record.Split(p.Payload); objects != nil {
			for _, object := range objects {
				p.Payload = object
				in.add(p)
			}
			return
		}
	}
	in.add(p)
}

// Decode decodes a payload of a channel ahead of time into d, which must be empty. The result is for the Record with that payload.
func (in *Ingest) Decode(payload string, d *Decoded) {
	if in.Redact != nil {
		if payload = in.redact(payload); payload == "" {
			return
		}
	}
	objects := record.Split(payload)
	if objects == nil {
		d.records = append(d.records, decoded{payload, record.Decode(payload)})
	}
	for _, object := range objects {
		d.records = append(d.records, decoded{object, record.Decode(object)})
	}
}

// panicInterval is the least number of seconds between two logged panics of Redact: a payload that causes one is rarely the only one.
const panicInterval = 60

// redact returns the result of Redact for a payload. If Redact panics, it returns "", since any part may be a secret. The
// value of the panic may quote the payload, so it is logged only if it is an error of the runtime. The stack contains no values.
func (in *Ingest) redact(payload string) (redacted string) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		redacted = ""
		now, last := time.Now().Unix(), in.panicked.Load()
		if now-last < panicInterval || !in.panicked.CompareAndSwap(last, now) {
			return
		}
		what := fmt.Sprintf("a value of type %T", v)
		if err, ok := v.(runtime.Error); ok {
			what = err.Error()
		}
		in.Log.Error("elva: Config.Redact panicked, and the payload was dropped", "panic", what, "stack", string(debug.Stack()))
	}()
	return in.Redact(payload)
}

// add adds one record.
func (in *Ingest) add(p Record) {
	r := record.Decode(p.Payload)
	if p.Recovered {
		p.At = r.ArrivalBetween(p.Since, p.At)
	}
	in.put(p, &r)
}

// put adds a record to the history and to the health.
func (in *Ingest) put(p Record, r *record.Record) {
	channel := redisutil.ShowName(p.Channel)
	from := history.Source{Channel: channel, Stream: p.Stream, Entry: p.Entry}
	if in.appendWaiting(p.At, from, p.Payload, r) {
		return
	}
	seq := in.History.Append(p.At, from, p.Payload, r)
	in.Health.Observe(p.At, channel, r, seq)
}

// growth limits how often a growing gap is appended again while no record arrives: only once it has grown by one eighth of its length. If
// Redis closes every connection, there is a gap every second, but a day of that takes only a hundred items of the history.
const growth = 8

// Gap adds the gap to the history and notes in the health that records may be missing. If the gap continues the newest
// one, with no record in between, it is joined with that one.
func (in *Ingest) Gap(g Gap) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.Health.Interrupted(g.At)
	in.connections.Add(uint64(g.Connections))
	last := &in.newest
	if g.Stream > 0 || last.Seq == 0 || in.History.Stats().Last != last.Seq || !last.Join(g.Gap) {
		in.gaps.Add(1)
		in.newest = g
		if in.list = append(in.list, g.Gap); len(in.list) > gapsKept {
			in.list = slices.Delete(in.list, 0, 1)
		}
		in.appendGap()
		return
	}
	in.list[len(in.list)-1] = last.Gap
	last.At, last.Replaces = g.At, last.Seq
	if last.To.Sub(in.shown) < in.shown.Sub(last.From)/growth {
		in.grown.Store(true)
		return
	}
	in.appendGap()
}

// appendGap appends the newest gap in its current state. The caller holds the lock.
func (in *Ingest) appendGap() {
	in.grown.Store(false)
	g := &in.newest
	shown := g.Gap
	if g.Connections > 1 {
		shown.Reason = fmt.Sprintf("%d connections lost, the last: %s", g.Connections, g.Reason)
	}
	g.Seq = in.History.AppendGap(g.At, history.Source{Stream: g.Stream, Entry: g.Entry}, shown)
	in.shown = g.To
	if in.Recreated != nil && g.Stream > 0 && g.Entry.ID == (entry.ID{}) {
		in.Recreated(g.Stream, g.Seq)
	}
}

// showGrown appends the newest gap if it has grown, before a record follows it.
func (in *Ingest) showGrown() {
	if !in.grown.Load() {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.grown.Load() {
		in.appendGap()
	}
}
