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
	// settleFor is how long after the subscription stands the list is read, and after that how long what is
	// in the list may take to come by the channel. A producer writes to the one and then to the other.
	settleFor = 300 * time.Millisecond
	// lateFor is how long the newest entries of the list are known again if the channel brings them even
	// later, from a producer that was held up between the two.
	lateFor = 10 * time.Second
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
	holes  int // how often the subscription was interrupted since it holds
	turn   int // which filling this is
	since  time.Time
	late   map[uint64]time.Time // until when these, recovered, may still come
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
		g.release(at, "was not read in time")
	}
}

// Settled says that the subscription stands, after those gaps.
func (g *Gate) Settled(at time.Time, gaps []history.Gap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.begun && len(gaps) == 0 {
		return
	}
	if !g.hold {
		g.holes = 0
	}
	g.begun, g.hold, g.since = true, true, at
	g.gaps = append(g.gaps, gaps...)
	g.holes++
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
		g.mu.Lock()
		turn := g.turn
		g.mu.Unlock()
		if !sleep(ctx, settleFor) {
			return
		}
		list, err := g.read(ctx)
		g.Changed(err)
		if err == nil && !sleep(ctx, settleFor) {
			return
		}
		g.fill(turn, list, err)
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// read reads the list, more of it until it reaches back to what came before the gap.
func (g *Gate) read(ctx context.Context) ([]string, error) {
	for n := min(firstRead, g.Records); ; {
		list, err := g.Read(ctx, n)
		if err != nil {
			return nil, err
		}
		bytes := 0
		for _, payload := range list {
			bytes += len(payload)
		}
		if len(list) < n || n >= g.Records || bytes >= g.Bytes {
			return list, nil
		}
		g.mu.Lock()
		enough := g.compare(g.sums(list)).reaches
		g.mu.Unlock()
		if enough {
			return list, nil
		}
		n = min(8*n, g.Records, max(n+1, g.Bytes*n/max(bytes, 1)))
	}
}

// fill hands on what the list recovers and what was held, in the list's order. What is about another filling
// than the one under way is dropped.
func (g *Gate) fill(turn int, list []string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	switch {
	case !g.hold || g.turn != turn:
		return
	case err != nil:
		g.release(now, "can't be read: "+err.Error())
		return
	}
	sums := g.sums(list)
	c := g.compare(sums)
	why := ""
	switch {
	case !c.reaches:
		why = "does not reach back to before it"
	case !c.sure:
		why = "has texts that are the same, and can't be told apart"
	}
	var from time.Time
	if len(g.gaps) > 0 {
		from = g.gaps[0].From
	}
	if why != "" {
		if n := len(c.missing); n > 0 {
			why += fmt.Sprintf("; it filled in %d records", n)
		}
		g.tell(now, why)
	}
	recover := func(i int) {
		g.out.Recovered(from, g.since, g.Channel, list[i])
		g.remember(sums[i])
		g.Recovered()
	}
	next := 0
	for n, h := range g.held {
		for ; next < len(c.missing) && c.missing[next] < c.at[n]; next++ {
			recover(c.missing[next])
		}
		g.pass(h.at, h.channel, h.payload)
	}
	g.late = make(map[uint64]time.Time)
	for _, i := range c.missing[next:] {
		recover(i)
		g.late[sums[i]] = now.Add(lateFor)
	}
	g.held, g.gaps = nil, nil
	g.release(now, "")
}

// compare compares the sums of a list with what came.
func (g *Gate) compare(list []uint64) comparison {
	after := make([]uint64, len(g.held))
	for i, h := range g.held {
		after[i] = maphash.String(g.seed, h.payload)
	}
	return compare(list, g.before(), after, g.full, g.holes == 1)
}

func (g *Gate) sums(list []string) []uint64 {
	sums := make([]uint64, len(list))
	for i, payload := range list {
		sums[i] = maphash.String(g.seed, payload)
	}
	return sums
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
		gap.Reason += fmt.Sprintf(" ; the list %q %s", g.Key, why)
		g.out.Gap(at, gap)
	}
}

func (g *Gate) pass(at time.Time, channel, payload string) {
	sum := maphash.String(g.seed, payload)
	if len(g.late) > 0 {
		until, known := g.late[sum]
		if delete(g.late, sum); known && at.Before(until) {
			return
		}
	}
	g.remember(sum)
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
