// Package ingest takes in what Redis brings, whichever way it comes: each payload is decoded once, and goes
// into the history and to the health.
package ingest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/redisutil"
)

// Intake takes in what comes. Its methods are safe for concurrent use.
type Intake struct {
	History *history.History
	Health  *health.Health
	Streams []string // the keys, by number

	gaps        atomic.Uint64
	connections atomic.Uint64

	mu    sync.Mutex
	gap   history.Gap // the newest; Seq is the number that it was last shown with
	shown time.Time   // its To then
	grown atomic.Bool // it has grown since
}

// Gaps returns how many holes there were.
func (in *Intake) Gaps() uint64 { return in.gaps.Load() }

// Connections returns how many connections to Redis served and were lost.
func (in *Intake) Connections() uint64 { return in.connections.Load() }

// Record takes what was published on a channel.
func (in *Intake) Record(at time.Time, channel, payload string) {
	r := record.Decode(payload)
	in.add(at, channel, payload, &r)
}

func (in *Intake) add(at time.Time, channel, payload string, r *record.Record) {
	in.settle(at)
	channel = redisutil.ShowName(channel)
	in.Health.Observe(at, channel, r, in.History.Append(at, channel, payload, r))
}

// Recovered takes what was published between two times, of which the first may be zero, and is known only
// now: its arrival is when it says itself that it was logged, if that can be.
func (in *Intake) Recovered(from, to time.Time, channel, payload string) {
	r := record.Decode(payload)
	in.add(r.ArrivalBetween(from, to), channel, payload, &r)
}

// growth is the part of its length by which a gap must have grown to be shown again before a record comes. A Redis that
// closes every connection makes a gap a second; so a day of it is a hundred items of the history.
const growth = 8

// Gap takes a stretch of which records may be missing. One that continues the last one, with no record in between,
// takes its place.
func (in *Intake) Gap(at time.Time, g history.Gap) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.Health.Interrupted(at)
	in.connections.Add(uint64(g.Connections))
	if in.gap.Seq == 0 || in.History.Stats().Last != in.gap.Seq || !in.gap.Join(g) {
		in.gaps.Add(1)
		in.gap = g
		in.show(at)
		return
	}
	in.gap.Replaces = in.gap.Seq
	if in.gap.To.Sub(in.shown) < in.shown.Sub(in.gap.From)/growth {
		in.grown.Store(true)
		return
	}
	in.show(at)
}

// show appends the newest gap as it is by now. The caller holds the lock.
func (in *Intake) show(at time.Time) {
	in.grown.Store(false)
	in.gap.Seq = in.History.AppendGap(at, in.gap)
	in.shown = in.gap.To
}

// settle shows a gap as it ended, before a record comes behind it.
func (in *Intake) settle(at time.Time) {
	if !in.grown.Load() {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.grown.Load() {
		in.show(at)
	}
}

// Entry takes an entry of a stream.
func (in *Intake) Entry(at time.Time, stream int, p position.Position, payload string) {
	r := record.Decode(payload)
	in.settle(at)
	key := redisutil.ShowName(in.Streams[stream])
	in.Health.Observe(at, key, &r, in.History.AppendEntry(at, stream, p, key, payload, &r))
}

// Begin notes where a stream is read from on.
func (in *Intake) Begin(at time.Time, stream int, p position.Position) {
	in.History.Begin(at, stream, p)
}

// Missing takes a stretch of which entries of a stream are missing, or may be.
func (in *Intake) Missing(at time.Time, stream int, p position.Position, g history.Gap) {
	in.settle(at)
	in.gaps.Add(1)
	in.History.AppendLoss(at, stream, p, g)
	in.Health.Interrupted(at)
}

// BeginAnew takes a stream that goes on as another one.
func (in *Intake) BeginAnew(at time.Time, stream int, p position.Position, onward bool, g history.Gap) {
	in.settle(at)
	in.gaps.Add(1)
	in.History.BeginAnew(at, stream, p, onward, g)
	in.Health.Interrupted(at)
}
