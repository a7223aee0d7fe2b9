// Package ingest takes what Redis brings, whichever way it comes: each payload is decoded once, and goes into the
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

// Sink takes what a source reads, in the source's order. Its methods may be called concurrently by different sources.
// They return soon and wait for no viewer.
type Sink interface {
	Record(Record)
	Gap(Gap)
}

// Record is a payload that a source has read.
type Record struct {
	At      time.Time // arrival, by Elva's clock
	Channel string    // or the key of the stream
	Payload string
	Decoded *Decoded // what Decode has made of the payload; nil if that is still to be done
	// Recovered says that the payload was published between Since, which may be zero, and At, and was found later: its
	// arrival is the time at which it says that it was logged, as far as that lies between them.
	Recovered bool
	Since     time.Time
	// Stream is the number of the stream, counted from 1, and Entry the entry there. Stream is 0 for none.
	Stream int
	Entry  entry.Entry
}

// Decoded is what a payload of a channel was decoded to, ahead of its turn: no record if it was dropped.
type Decoded struct{ records []decoded }

type decoded struct {
	payload string
	record  record.Record
}

// Gap is a stretch in which records of a source are missing, or may be.
type Gap struct {
	gap.Gap
	At time.Time // when it was noticed, by Elva's clock
	// Stream is the number of the stream, counted from 1; 0 for none. All its entries up to Entry were read, or belong to
	// the gap. The ID is zero when the stream was created again and its IDs have begun again.
	Stream int
	Entry  entry.Entry
}

// Ingest is the Sink of a handler. Its methods are safe for concurrent use.
type Ingest struct {
	History *history.History
	Health  *health.Health
	// Recreated, which may be nil, takes the number of each gap behind which the IDs of a stream begin again.
	Recreated func(stream int, seq uint64)
	// Redact, which may be nil, changes each payload before anything else sees it; "" drops the payload.
	Redact func(payload string) string
	// Log takes what Redact's panics say.
	Log *slog.Logger

	dropped     atomic.Uint64
	panicked    atomic.Int64 // when a panic was logged, Unix
	gaps        atomic.Uint64
	connections atomic.Uint64

	mu     sync.Mutex
	list   []gap.Gap   // the newest gaps, the newest one last
	newest Gap         // the newest gap; Seq is the number with which it was last appended
	shown  time.Time   // its To at that time
	grown  atomic.Bool // whether it has grown since
}

var _ Sink = (*Ingest)(nil)

// Gaps returns the number of gaps so far. Gaps that were joined count once.
func (in *Ingest) Gaps() uint64 { return in.gaps.Load() }

// gapsKept bounds GapList: a timeline has no room for more.
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

// Record decodes the payload and adds the record to the history and to the health. A payload that is several JSON objects is several
// records; not so the entry of a stream, which viewers resume behind.
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

// Decode decodes the payload of a record that Record will get, of a channel.
func (in *Ingest) Decode(payload string) *Decoded {
	if in.Redact != nil {
		if payload = in.redact(payload); payload == "" {
			return &Decoded{}
		}
	}
	objects := record.Split(payload)
	if objects == nil {
		return &Decoded{[]decoded{{payload, record.Decode(payload)}}}
	}
	d := &Decoded{}
	for _, object := range objects {
		d.records = append(d.records, decoded{object, record.Decode(object)})
	}
	return d
}

// panicsLogged is how often panics of Redact are logged, in seconds: a payload that causes one rarely comes alone.
const panicsLogged = 60

// redact returns what Redact makes of a payload, or "" if it panics: it is the host's, and has not said what may be shown. A value that was
// panicked with may quote the payload, so that only an error of the runtime is logged; the stack has no values.
func (in *Ingest) redact(payload string) (redacted string) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		redacted = ""
		now, last := time.Now().Unix(), in.panicked.Load()
		if now-last < panicsLogged || !in.panicked.CompareAndSwap(last, now) {
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

// put puts a record into the history and shows it to the health.
func (in *Ingest) put(p Record, r *record.Record) {
	channel := redisutil.ShowName(p.Channel)
	seq := in.History.Append(p.At, history.Source{Channel: channel, Stream: p.Stream, Entry: p.Entry}, p.Payload, r)
	in.Health.Observe(p.At, channel, r, seq)
}

// growth is the share of its length by which a joined gap must have grown before it is appended again while no record
// comes: a Redis that closes every connection causes a gap a second, and a day of it takes a hundred items of the history.
const growth = 8

// Gap adds the gap to the history and notes in the health that records may be missing. A gap that continues the newest
// one, with no record in between, is joined with it.
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
		in.append()
		return
	}
	in.list[len(in.list)-1] = last.Gap
	last.At, last.Replaces = g.At, last.Seq
	if last.To.Sub(in.shown) < in.shown.Sub(last.From)/growth {
		in.grown.Store(true)
		return
	}
	in.append()
}

// append appends the newest gap as it is by now. The caller holds the lock.
func (in *Ingest) append() {
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

// showGrown appends the newest gap as it ended, before a record comes behind it.
func (in *Ingest) showGrown() {
	if !in.grown.Load() {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.grown.Load() {
		in.append()
	}
}
