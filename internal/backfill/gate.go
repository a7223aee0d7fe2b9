// Package backfill fills holes in what Pub/Sub brought from a list to which the producers push the same
// payloads (RPUSH and LTRIM, as python-redis-log's RedisListHandler does). It only reads the list.
package backfill

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/ingest"
)

const (
	// settleFor is how long after the subscription is complete the list is read, and after that how long what is
	// in the list may take to arrive by the channel. A producer writes to the one and then to the other.
	settleFor = 300 * time.Millisecond
	// lateFor is how long the newest entries of the list are recognized if the channel brings them even
	// later, from a producer that was delayed between the two.
	lateFor = 10 * time.Second
	// firstRead is how many payloads are read first. Most gaps are short.
	firstRead = 256
	// looks is how often the list is compared with what came when a text repeats. The list may be ahead of the channel
	// by what is under way, but not each time.
	looks = 3
	// maxHeld and maxHeldBytes bound what waits while the list is read; a list that is not there by then
	// has to do without.
	maxHeld      = 20_000
	maxHeldBytes = 16 << 20
)

// Options are what New needs.
type Options struct {
	Key     string // of the list
	Channel string // that what is recovered is said to come from
	// Records and Bytes bound how much of the list is read.
	Records, Bytes int
	// Read returns the newest n payloads of the list, oldest first.
	Read func(ctx context.Context, n int) ([]string, error)
	// Changed is called after each read of the list, with its error.
	Changed func(err error)
	// Recovered is called for each record that is recovered.
	Recovered func()
}

// Gate stands between a subscription and what takes its records. When the subscription has had a hole, or
// begins, it holds what comes until the list was read, so that everything is in order.
type Gate struct {
	Options
	out   ingest.Sink
	seed  maphash.Seed
	wake  chan struct{} // there is something to fill; one slot
	doubt chan struct{} // there is something to look up; one slot

	mu     sync.Mutex
	begun  bool      // the subscription was complete once
	opened []gap.Gap // of the interruption that ends with the next Settled
	gaps   []gap.Gap // being filled
	newest int       // how many records are held that came before the newest gap
	hold   bool
	holes  int // how often the subscription was interrupted since it holds
	turn   int // which filling this is
	since  time.Time
	late   map[uint64]time.Time // until when these, recovered, may still come
	doubts []held               // what came so, and may be another one with the same text
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
func New(out ingest.Sink, o Options) *Gate {
	return &Gate{Options: o, out: out, seed: maphash.MakeSeed(), wake: make(chan struct{}, 1), doubt: make(chan struct{}, 1), late: make(map[uint64]time.Time)}
}

// Record takes a record of the subscription.
func (g *Gate) Record(r ingest.Record) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.hold {
		g.pass(r.At, r.Channel, r.Payload)
		return
	}
	g.held = append(g.held, held{r.At, r.Channel, r.Payload})
	if g.bytes += len(r.Payload); len(g.held) > maxHeld || g.bytes > maxHeldBytes {
		g.release(r.At, "was not read in time")
	}
}

// Gap takes a gap of the subscription.
func (g *Gate) Gap(open ingest.Gap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = append(g.opened, open.Gap)
}

// Settled says that the subscription is complete, after the gaps since the last call.
func (g *Gate) Settled(at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	gaps := g.opened
	g.opened = nil
	if g.begun && len(gaps) == 0 {
		return
	}
	if !g.hold {
		g.holes = 0
	}
	g.begun, g.hold, g.since = true, true, at
	for _, gap := range gaps {
		if n := len(g.gaps); n == 0 || g.newest < len(g.held) || !g.gaps[n-1].Join(gap) {
			g.gaps = append(g.gaps, gap)
		}
		g.newest = len(g.held)
	}
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
		case <-g.doubt:
			g.resolve(ctx)
			continue
		case <-g.wake:
		}
		g.mu.Lock()
		turn := g.turn
		g.mu.Unlock()
		if !sleep(ctx, settleFor) {
			return
		}
		g.resolve(ctx)
		list, err := g.read(ctx, g.reaches)
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

// read reads the list, more of it until it is enough.
func (g *Gate) read(ctx context.Context, enough func(list []string) bool) ([]string, error) {
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
		if enough(list) {
			return list, nil
		}
		n = min(8*n, g.Records, max(n+1, g.Bytes/max(bytes/n, 1)))
	}
}

// reaches reports whether a list reaches back to what came before the gap.
func (g *Gate) reaches(list []string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.compare(g.sums(list)).reaches
}

// resolve checks that what was taken for a recovered record was one: a producer pushes before it
// publishes, so the list has more of the same text than were handed on if it was not.
func (g *Gate) resolve(ctx context.Context) {
	g.mu.Lock()
	doubts := g.doubts
	g.doubts = nil
	g.mu.Unlock()
	if len(doubts) == 0 {
		return
	}
	missing := make(map[uint64]int)
	for look := range looks {
		if look > 0 && !sleep(ctx, settleFor) {
			break
		}
		more, err := g.more(ctx, doubts)
		if err != nil { // what can't be known is rather shown twice than not at all
			break
		}
		for sum, n := range more {
			if look > 0 {
				n = min(n, missing[sum])
			}
			missing[sum] = n
		}
		if !slices.ContainsFunc(doubts, func(h held) bool { return missing[g.sum(h.payload)] > 0 }) {
			return
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, h := range doubts {
		sum := g.sum(h.payload)
		if n, known := missing[sum]; known && n == 0 {
			continue
		}
		missing[sum]--
		g.remember(sum)
		g.out.Record(ingest.Record{At: h.at, Channel: h.channel, Payload: h.payload})
	}
}

// more returns of each of these texts how many more the list has than were handed on.
func (g *Gate) more(ctx context.Context, of []held) (map[uint64]int, error) {
	g.mu.Lock()
	before := g.before() // what comes while the list is read may be in it or not
	g.mu.Unlock()
	list, err := g.read(ctx, func(list []string) bool {
		i, _ := align(g.sums(list), before)
		return i >= 0 && !slices.ContainsFunc(of, func(h held) bool { return !slices.Contains(list[i:], h.payload) })
	})
	if err != nil {
		return nil, err
	}
	sums := g.sums(list)
	i, n := align(sums, before)
	inList, came := count(sums[max(i, 0):]), count(before[max(n, 0):])
	more := make(map[uint64]int)
	for _, h := range of {
		sum := g.sum(h.payload)
		more[sum] = max(inList[sum]-came[sum], 0)
	}
	return more, nil
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
		g.report(now, why)
	}
	recover := func(i int) {
		g.out.Record(ingest.Record{At: g.since, Channel: g.Channel, Payload: list[i], Recovered: true, Since: from})
		g.remember(sums[i])
		g.Recovered()
	}
	inList, known := count(sums), count(g.before())
	next := 0
	for n, h := range g.held {
		for ; next < len(c.missing) && c.missing[next] < c.at[n]; next++ {
			recover(c.missing[next])
		}
		g.pass(h.at, h.channel, h.payload)
	}
	maps.DeleteFunc(g.late, func(_ uint64, until time.Time) bool { return now.After(until) })
	for _, i := range c.missing[next:] {
		recover(i)
		// What comes with a text that repeats is rather the next one.
		if inList[sums[i]] == 1 && known[sums[i]] == 0 {
			g.late[sums[i]] = now.Add(lateFor)
		}
	}
	g.held, g.gaps = nil, nil
	g.release(now, "")
}

// compare compares the sums of a list with what came.
func (g *Gate) compare(list []uint64) comparison {
	after := make([]uint64, len(g.held))
	for i, h := range g.held {
		after[i] = g.sum(h.payload)
	}
	return compare(list, g.before(), after, g.full, g.holes == 1)
}

func (g *Gate) sum(payload string) uint64 { return maphash.String(g.seed, payload) }

func (g *Gate) sums(list []string) []uint64 {
	sums := make([]uint64, len(list))
	for i, payload := range list {
		sums[i] = g.sum(payload)
	}
	return sums
}

// release hands on what was held, after the gaps that stay.
func (g *Gate) release(at time.Time, why string) {
	g.report(at, why)
	for _, h := range g.held {
		g.pass(h.at, h.channel, h.payload)
	}
	g.hold, g.gaps, g.held, g.bytes = false, nil, nil, 0
}

// report reports the gaps that are not filled, and why.
func (g *Gate) report(at time.Time, why string) {
	for _, open := range g.gaps {
		open.Reason += fmt.Sprintf(" ; the list %q %s", g.Key, why)
		g.out.Gap(ingest.Gap{Gap: open, At: at})
	}
}

func (g *Gate) pass(at time.Time, channel, payload string) {
	sum := g.sum(payload)
	if len(g.late) > 0 {
		until, known := g.late[sum]
		if delete(g.late, sum); known && at.Before(until) {
			g.doubts = append(g.doubts, held{at, channel, payload})
			select {
			case g.doubt <- struct{}{}:
			default:
			}
			return
		}
	}
	g.remember(sum)
	g.out.Record(ingest.Record{At: at, Channel: channel, Payload: payload})
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
