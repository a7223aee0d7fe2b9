// Package ingest takes in what Redis brings, whichever way it comes: each payload is decoded once, and goes
// into the history and to the health.
package ingest

import (
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/record"
)

// Intake takes in what comes. Its methods are safe for concurrent use.
type Intake struct {
	History *history.History
	Health  *health.Health
	Streams []string // the keys, by number

	gaps atomic.Uint64
}

// Gaps returns how many holes there were.
func (in *Intake) Gaps() uint64 { return in.gaps.Load() }

// Record takes what was published on a channel.
func (in *Intake) Record(at time.Time, channel, payload string) {
	r := record.Decode(payload)
	in.Health.Observe(at, channel, &r, in.History.Append(at, channel, payload, &r))
}

// Recovered takes what was published between two times, of which the first may be zero, and is known only
// now: its arrival is when it says itself that it was logged, if that can be.
func (in *Intake) Recovered(from, to time.Time, channel, payload string) {
	r := record.Decode(payload)
	at := to
	if !r.Time.IsZero() && r.Time.Before(to) {
		at = r.Time
	}
	if at.Before(from) {
		at = from
	}
	in.Health.Observe(at, channel, &r, in.History.Append(at, channel, payload, &r))
}

// Gap takes a stretch of which records may be missing.
func (in *Intake) Gap(at time.Time, g gap.Gap) {
	in.gaps.Add(1)
	in.History.AppendGap(at, g)
	in.Health.Interrupted(at)
}

// Entry takes an entry of a stream.
func (in *Intake) Entry(at time.Time, stream int, p position.Position, payload string) {
	r := record.Decode(payload)
	key := in.Streams[stream]
	in.Health.Observe(at, key, &r, in.History.AppendEntry(at, stream, p, key, payload, &r))
}

// Begin notes where a stream is read from on.
func (in *Intake) Begin(at time.Time, stream int, p position.Position) {
	in.History.Begin(at, stream, p)
}

// Missing takes a stretch of which entries of a stream are missing, or may be.
func (in *Intake) Missing(at time.Time, stream int, p position.Position, g gap.Gap) {
	in.gaps.Add(1)
	in.History.AppendLoss(at, stream, p, g)
	in.Health.Interrupted(at)
}

// BeginAnew takes a stream that goes on as another one.
func (in *Intake) BeginAnew(at time.Time, stream int, p position.Position, onward bool, g gap.Gap) {
	in.gaps.Add(1)
	in.History.BeginAnew(at, stream, p, onward, g)
	in.Health.Interrupted(at)
}
