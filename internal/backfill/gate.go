// Package backfill fills holes in what Pub/Sub brought from a list to which the producers push the same
// payloads (RPUSH and LTRIM, as python-redis-log's RedisListHandler does). It only reads the list.
package backfill

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/history"
)

const (
	// settleFor is how long after the subscription stands the list is read. A producer writes to channel
	// and list one after the other, so what was published at the last moment of a gap may be in the list
	// a little later.
	settleFor = 300 * time.Millisecond
	// firstRead is how many payloads are read first. Most gaps are short.
	firstRead = 256
	// maxHeld and maxHeldBytes bound what waits while the list is read; a list that is not there by then
	// has to do without.
	maxHeld      = 20_000
	maxHeldBytes = 16 << 20
)

// Out takes records and gaps in their order.
type Out interface {
	// Record takes what was published.
	Record(at time.Time, channel, payload string)
	// Recovered takes what was published between two times, of which the first may be zero.
	Recovered(from, to time.Time, channel, payload string)
	Gap(at time.Time, g history.Gap)
}

// Options are what New needs.
type Options struct {
	Key     string // of the list
	Channel string // that what is recovered is said to come from
	// Records and Bytes bound how much of the list is read.
	Records, Bytes int
	// Read returns the newest n payloads of the list, oldest first.
	Read func(ctx context.Context, n int) ([]string, error)
	// Changed is told how reading the list went.
	Changed func(err error)
	// Recovered is told of each record that is recovered.
	Recovered func()
}

// Gate stands between a subscription and what takes its records. When the subscription has had a hole, or
// begins, it holds what comes until the list was read, so that everything is in order.
type Gate struct {
	Options
	out  Out
	seed maphash.Seed
	wake chan struct{} // there is something to fill; one slot

	mu     sync.Mutex
	begun  bool          // the subscription has stood once
	gaps   []history.Gap // being filled
	hold   bool
	turn   int // which filling this is
	since  time.Time
	held   []held
	bytes  int
	passed []uint64 // sums of the last payloads that were handed on, a ring of Records
	next   int
	full   bool
}

// held is a record that waits.
type held struct {
	at               time.Time
	channel, payload string
}

// New returns a gate before out.
func New(out Out, o Options) *Gate {
	return &Gate{Options: o, out: out, seed: maphash.MakeSeed(), wake: make(chan struct{}, 1)}
}

// Record takes a record of the subscription.
func (g *Gate) Record(at time.Time, channel, payload string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.hold {
		g.pass(at, channel, payload)
		return
	}
	g.held = append(g.held, held{at, channel, payload})
	if g.bytes += len(payload); len(g.held) > maxHeld || g.bytes > maxHeldBytes {
		g.release(at, "the list was not read in time")
	}
}

// Settled says that the subscription stands, after those gaps.
func (g *Gate) Settled(at time.Time, gaps []history.Gap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.begun && len(gaps) == 0 {
		return
	}
	if g.hold {
		g.release(at, "Redis was away again before the list was read")
	}
	g.begun, g.hold, g.gaps, g.since = true, true, gaps, at
	g.turn++
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// Run fills what there is to fill, until ctx ends.
func (g *Gate) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.wake:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(settleFor):
		}
		g.fill(ctx)
	}
}

// fill reads the list, more of it as long as that may bring more, and hands on what it recovers.
func (g *Gate) fill(ctx context.Context) {
	g.mu.Lock()
	turn := g.turn
	g.mu.Unlock()
	for n, all := min(firstRead, g.Records), false; ; {
		list, err := g.Read(ctx, n)
		g.Changed(err)
		bytes := 0
		for _, payload := range list {
			bytes += len(payload)
		}
		all = len(list) < n || n >= g.Records || bytes >= g.Bytes
		if g.apply(turn, list, all, err) {
			return
		}
		n = min(8*n, g.Records, max(n+1, g.Bytes*n/max(bytes, 1)))
	}
}

// apply hands on what a list recovers. It reports false when more of the list is wanted and all of it was not
// read. What is about another filling than the one under way is dropped.
func (g *Gate) apply(turn int, list []string, all bool, err error) (done bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	switch {
	case !g.hold || g.turn != turn:
		return true
	case err != nil:
		g.release(now, "the list can't be read: "+err.Error())
		return true
	}
	sums := make([]uint64, len(list))
	for i, payload := range list {
		sums[i] = maphash.String(g.seed, payload)
	}
	after := make([]uint64, len(g.held))
	for i, h := range g.held {
		after[i] = maphash.String(g.seed, h.payload)
	}
	places, reaches, sure := missing(sums, g.before(), after, g.full)
	if !reaches && !all {
		return false
	}
	from, to := time.Time{}, g.since
	why := ""
	if len(g.gaps) > 0 {
		from = g.gaps[0].From
		switch {
		case !reaches:
			why = "the list does not reach back to before it"
		case !sure:
			why = "some texts are the same, and can't be told apart"
		}
	}
	if why != "" {
		if len(places) > 0 {
			why = fmt.Sprintf("%d records were filled in from it, but %s", len(places), why)
		}
		g.tell(now, why)
	}
	g.gaps = nil
	for _, i := range places {
		g.out.Recovered(from, to, g.Channel, list[i])
		g.remember(sums[i])
		g.Recovered()
	}
	g.release(now, "")
	return true
}

// release hands on what was held, after the gaps that stay.
func (g *Gate) release(at time.Time, why string) {
	g.tell(at, why)
	for _, h := range g.held {
		g.pass(h.at, h.channel, h.payload)
	}
	g.hold, g.gaps, g.held, g.bytes = false, nil, nil, 0
}

// tell tells of the gaps that are not filled, and why.
func (g *Gate) tell(at time.Time, why string) {
	for _, gap := range g.gaps {
		gap.Reason += fmt.Sprintf(" (list %q: %s)", g.Key, why)
		g.out.Gap(at, gap)
	}
}

func (g *Gate) pass(at time.Time, channel, payload string) {
	g.remember(maphash.String(g.seed, payload))
	g.out.Record(at, channel, payload)
}

func (g *Gate) remember(sum uint64) {
	if len(g.passed) < g.Records {
		g.passed = append(g.passed, sum)
		return
	}
	g.passed[g.next] = sum
	g.next = (g.next + 1) % len(g.passed)
	g.full = true
}

// before returns the sums of what was handed on, oldest first.
func (g *Gate) before() []uint64 {
	return append(append([]uint64{}, g.passed[g.next:]...), g.passed[:g.next]...)
}
