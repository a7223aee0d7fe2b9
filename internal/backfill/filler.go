// Package backfill fills gaps of a Pub/Sub subscription, and the history at the start, from a list to which the producers push the same payloads (with
// RPUSH and LTRIM, as python-redis-log's RedisListHandler does). It only reads the list.
//
// A recovered record is shown twice if its producer waits longer than twice settleTime between pushing and publishing it.
package backfill

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/ingest"
)

const (
	// settleTime is the delay between the completion of the subscription and reading the list, and again until the
	// payloads in the list are expected to have arrived by the channel. A producer pushes before it publishes.
	settleTime = 300 * time.Millisecond
	// firstRead is how many payloads are read first, since most gaps are short.
	firstRead = 256
	// newestFirst is how many are read at the start, before the page is live. The older ones follow in the background.
	newestFirst = 1024
	// maxBuffered and maxBufferedBytes bound the records that are buffered while the list is read. When they are reached,
	// the gap is not filled.
	maxBuffered      = 20_000
	maxBufferedBytes = 16 << 20
)

// Options configure a Filler.
type Options struct {
	Key     string // the list
	Channel string // the channel of recovered records
	// Records and Bytes bound how much of the list is read to fill a gap, and how much is remembered for that.
	Records, Bytes int
	// Read returns up to n payloads of the list, oldest first: those before the newest skip.
	Read func(ctx context.Context, skip, n int) ([]string, error)
	// Past receives what was in the list at the start, except for its newest payloads. BeginOlder is called before the first of those.
	Past ingest.Past
	// OnRead is called after reading the list, with its error.
	OnRead func(err error)
	// OnRecovered is called for each recovered record.
	OnRecovered func()
}

// Filler is the sink of a subscription in front of another sink. When the subscription starts or was interrupted, the Filler
// buffers its records until the list was read, so that the recovered records come first.
type Filler struct {
	Options
	sink ingest.Sink
	seed maphash.Seed
	wake chan struct{} // signals a gap to fill; has one slot

	mu            sync.Mutex
	subscribed    bool      // whether Settled was called
	newGaps       []gap.Gap // gaps since the last call of Settled
	gaps          []gap.Gap // gaps being filled
	bufferedAtGap int       // length of buffered at the newest gap
	buffering     bool
	buffered      []bufferedRecord
	bufferedBytes int
	interruptions int       // interruptions while buffering
	round         int       // number of the current fill; a new interruption starts another
	completeAt    time.Time // when Settled was last called

	delivered []uint64 // ring of the sums of the last delivered payloads
	next      int      // index of the oldest in a full ring
	full      bool

	// What is read at the start. Only Run uses it.
	older        *older
	begun        time.Time // when the first fill was read
	pastEnded    bool
	partial      bool // whether the list goes farther back than delivered
	unremembered bool // whether there was no room in delivered for older payloads
}

// bufferedRecord is a record of the subscription that is not delivered yet.
type bufferedRecord struct {
	at               time.Time
	channel, payload string
}

// New returns a Filler in front of sink.
func New(sink ingest.Sink, o Options) *Filler {
	return &Filler{Options: o, sink: sink, seed: maphash.MakeSeed(), wake: make(chan struct{}, 1)}
}

// Record delivers a record of the subscription, or buffers it.
func (f *Filler) Record(r ingest.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.buffering {
		f.deliver(r.At, r.Channel, r.Payload)
		return
	}
	f.buffered = append(f.buffered, bufferedRecord{r.At, r.Channel, r.Payload})
	if f.bufferedBytes += len(r.Payload); len(f.buffered) > maxBuffered || f.bufferedBytes > maxBufferedBytes {
		f.flush(r.At, "was not read in time")
	}
}

// Gap notes a gap of the subscription, which ends with the next call of Settled.
func (f *Filler) Gap(open ingest.Gap) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newGaps = append(f.newGaps, open.Gap)
}

// Settled notes that the subscription is complete. It starts to fill the gaps since the last call.
func (f *Filler) Settled(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	gaps := f.newGaps
	f.newGaps = nil
	if f.subscribed && len(gaps) == 0 {
		return
	}
	if !f.buffering {
		f.interruptions = 0
	}
	f.subscribed, f.buffering, f.completeAt = true, true, at
	for _, gap := range gaps {
		if n := len(f.gaps); n == 0 || f.bufferedAtGap < len(f.buffered) || !f.gaps[n-1].Join(gap) {
			f.gaps = append(f.gaps, gap)
		}
		f.bufferedAtGap = len(f.buffered)
	}
	f.interruptions++
	f.round++
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run fills gaps, and between them reads what was in the list at the start, until ctx ends.
func (f *Filler) Run(ctx context.Context) {
	for {
		var next <-chan time.Time
		if f.older != nil {
			next = time.After(f.older.pause)
		}
		select {
		case <-ctx.Done():
			return
		case <-next:
			f.readOlder(ctx)
		case <-f.wake:
			f.fillNext(ctx)
		}
	}
}

// fillNext reads the list and fills the gaps.
func (f *Filler) fillNext(ctx context.Context) {
	f.mu.Lock()
	round := f.round
	f.mu.Unlock()
	if !sleep(ctx, settleTime) {
		return
	}
	list, whole, err := f.read(ctx)
	f.OnRead(err)
	if err == nil && !sleep(ctx, settleTime) {
		return
	}
	f.fill(round, list, whole, err)
}

// sleep waits for d and returns true, or returns false when ctx ends.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// starting reports whether the list was not read yet.
func (f *Filler) starting() bool { return f.older == nil && !f.pastEnded }

// read reads the newest payloads of the list, increasingly many until they reach back to before the gap or the limits are reached. whole says
// that there are no others.
func (f *Filler) read(ctx context.Context) (list []string, whole bool, err error) {
	n := firstRead
	if f.starting() {
		n = newestFirst
	}
	for n = min(n, f.Records); ; {
		list, err = f.Read(ctx, 0, n)
		if err != nil {
			return nil, false, err
		}
		bytes := 0
		for _, payload := range list {
			bytes += len(payload)
		}
		if whole = len(list) < n; whole || n >= f.Records || bytes >= f.Bytes || f.reachesGap(list) {
			return list, whole, nil
		}
		n = min(8*n, f.Records, max(n+1, f.Bytes/max(bytes/n, 1)))
	}
}

// reachesGap reports whether a list reaches back to before the gap.
func (f *Filler) reachesGap(list []string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	sums := f.sums(list)
	if f.starting() {
		return f.precedesReceived(sums)
	}
	return f.compareList(sums).reaches
}

// precedesReceived reports whether the list, which is read for the first time, begins before everything that was received: nothing of its
// first half was.
func (f *Filler) precedesReceived(list []uint64) bool {
	received := count(f.deliveredSums())
	for _, record := range f.buffered {
		received[f.sum(record.payload)]++
	}
	return !slices.ContainsFunc(list[:len(list)/2], func(sum uint64) bool { return received[sum] > 0 })
}

// fill delivers the missing payloads of the list and the buffered records, in the list's order. It ignores a list of an
// earlier round.
func (f *Filler) fill(round int, list []string, whole bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	switch {
	case f.buffering && f.round != round:
		return
	case !f.buffering || err != nil:
		f.endOlder(false)
		if f.buffering {
			f.flush(now, "can't be read: "+err.Error())
		}
		return
	}
	sums := f.sums(list)
	c := f.compareList(sums)
	var from time.Time
	if len(f.gaps) > 0 {
		from = f.gaps[0].From
	}
	if reason := c.doubt(); reason != "" {
		f.reportGaps(now, reason)
	}
	deliverRecovered := func(i int) {
		f.sink.Record(ingest.Record{At: f.completeAt, Channel: f.Channel, Payload: list[i], Recovered: true, Since: from})
		f.remember(sums[i])
		f.OnRecovered()
	}
	first, precedes := f.starting(), false
	if first {
		precedes = f.precedesReceived(sums)
		f.begun = f.completeAt
		f.Past.BeginOlder()
	}
	nextMissing := 0
	for n, record := range f.buffered {
		for ; nextMissing < len(c.missing) && c.missing[nextMissing] < c.at[n]; nextMissing++ {
			deliverRecovered(c.missing[nextMissing])
		}
		f.deliver(record.at, record.channel, record.payload)
	}
	for _, i := range c.missing[nextMissing:] {
		deliverRecovered(i)
	}
	f.buffered, f.gaps = nil, nil
	f.flush(now, "")
	switch {
	case first && precedes && !whole:
		f.beginOlder(list, sums)
	case first:
		f.endOlder(whole)
	}
}

// doubt returns why the list does not prove that nothing else is missing, or "" if it does.
func (c *comparison) doubt() string {
	reason := ""
	switch {
	case !c.reaches:
		reason = "does not reach back to before it"
	case !c.sure:
		reason = "has equal payloads that can't be distinguished"
	default:
		return ""
	}
	if n := len(c.missing); n > 0 {
		reason += fmt.Sprintf("; it filled in %d records", n)
	}
	return reason
}

// compareList compares the sums of a list with the payloads that were received.
func (f *Filler) compareList(list []uint64) comparison {
	after := make([]uint64, len(f.buffered))
	for i, record := range f.buffered {
		after[i] = f.sum(record.payload)
	}
	return compare(list, f.deliveredSums(), after, f.full || f.partial, f.interruptions == 1)
}

func (f *Filler) sum(payload string) uint64 { return maphash.String(f.seed, payload) }

func (f *Filler) sums(list []string) []uint64 {
	sums := make([]uint64, len(list))
	for i, payload := range list {
		sums[i] = f.sum(payload)
	}
	return sums
}

// flush delivers the buffered records and ends buffering. Gaps that are left are reported as not filled, with the reason.
func (f *Filler) flush(at time.Time, reason string) {
	f.reportGaps(at, reason)
	for _, record := range f.buffered {
		f.deliver(record.at, record.channel, record.payload)
	}
	f.buffering, f.gaps, f.buffered, f.bufferedBytes = false, nil, nil, 0
}

// reportGaps reports the gaps that are not filled, with the reason.
func (f *Filler) reportGaps(at time.Time, reason string) {
	for _, open := range f.gaps {
		open.Reason += fmt.Sprintf(" ; the list %q %s", f.Key, reason)
		f.sink.Gap(ingest.Gap{Gap: open, At: at})
	}
}

// deliver passes a record to the sink.
func (f *Filler) deliver(at time.Time, channel, payload string) {
	f.remember(f.sum(payload))
	f.sink.Record(ingest.Record{At: at, Channel: channel, Payload: payload})
}

// remember adds a sum to the delivered ones.
func (f *Filler) remember(sum uint64) {
	if len(f.delivered) < f.Records {
		f.delivered = append(f.delivered, sum)
		return
	}
	f.delivered[f.next] = sum
	f.next = (f.next + 1) % len(f.delivered)
	f.full = true
}

// deliveredSums returns the sums of the last delivered payloads, oldest first.
func (f *Filler) deliveredSums() []uint64 {
	return append(append([]uint64{}, f.delivered[f.next:]...), f.delivered[:f.next]...)
}
