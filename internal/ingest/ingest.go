// Package ingest takes what Redis brings, whichever way it comes: each payload is decoded once, and goes into the
// history and to the health.
package ingest

import (
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
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
	// Recovered says that the payload was published between Since, which may be zero, and At, and was found later: its
	// arrival is the time at which it says that it was logged, as far as that lies between them.
	Recovered bool
	Since     time.Time
	// Stream is the number of the stream, counted from 1, and Entry the entry there. Stream is 0 for none.
	Stream int
	Entry  entry.Entry
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

	gaps atomic.Uint64
}

var _ Sink = (*Ingest)(nil)

// Gaps returns how many gaps there were.
func (in *Ingest) Gaps() uint64 { return in.gaps.Load() }

// Record decodes the payload and adds the record to the history and to the health.
func (in *Ingest) Record(p Record) {
	r := record.Decode(p.Payload)
	if p.Recovered {
		if !r.Time.IsZero() && r.Time.Before(p.At) {
			p.At = r.Time
		}
		if p.At.Before(p.Since) {
			p.At = p.Since
		}
	}
	seq := in.History.Append(p.At, history.Source{Channel: p.Channel, Stream: p.Stream, Entry: p.Entry}, p.Payload, &r)
	in.Health.Observe(p.At, p.Channel, &r, seq)
}

// Gap adds the gap to the history and notes in the health that records may be missing.
func (in *Ingest) Gap(g Gap) {
	in.gaps.Add(1)
	seq := in.History.AppendGap(g.At, history.Source{Stream: g.Stream, Entry: g.Entry}, g.Gap)
	if in.Recreated != nil && g.Stream > 0 && g.Entry.ID == (entry.ID{}) {
		in.Recreated(g.Stream, seq)
	}
	in.Health.Interrupted(g.At)
}
