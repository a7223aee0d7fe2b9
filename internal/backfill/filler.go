// Package backfill fills gaps of a Pub/Sub subscription from a list to which the producers push the same payloads (with
// RPUSH and LTRIM, as python-redis-log's RedisListHandler does). It only reads the list.
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
	// settleTime is the delay between the completion of the subscription and reading the list, and again until the
	// payloads in the list are expected to have arrived by the channel. A producer pushes before it publishes.
	settleTime = 300 * time.Millisecond
	// lateTime is how long a recovered payload is recognized if the channel delivers it even later, since its producer was
	// delayed between pushing and publishing.
	lateTime = 10 * time.Second
	// firstRead is how many payloads are read first, since most gaps are short.
	firstRead = 256
	// maxChecks is how often the list is compared with the delivered payloads when a payload repeats. The list may be ahead
	// of the channel, but hardly each time.
	maxChecks = 3
	// maxBuffered and maxBufferedBytes bound the records that are buffered while the list is read. When they are reached,
	// the gap is not filled.
	maxBuffered      = 20_000
	maxBufferedBytes = 16 << 20
)

// Options configure a Filler.
type Options struct {
	Key     string // the list
	Channel string // the channel of recovered records
	// Records and Bytes bound how much of the list is read.
	Records, Bytes int
	// Read returns the newest n payloads of the list, oldest first.
	Read func(ctx context.Context, n int) ([]string, error)
	// OnRead is called after each read of the list to fill gaps, with its error.
	OnRead func(err error)
	// OnRecovered is called for each recovered record.
	OnRecovered func()
}

// Filler is the sink of a subscription in front of another sink. When the subscription starts or was interrupted, the Filler
// buffers its records until the list was read, so that the recovered records come first.
type Filler struct {
	Options
	sink  ingest.Sink
	seed  maphash.Seed
	wake  chan struct{} // signals a gap to fill; has one slot
	check chan struct{} // signals suspects to check; has one slot

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

	lateUntil map[uint64]time.Time // sums of recovered payloads that the channel may still deliver, and until when
	suspects  []bufferedRecord     // records with such a sum, which may also be new ones with the same payload

	delivered []uint64 // ring of the sums of the last delivered payloads
	next      int      // index of the oldest in a full ring
	full      bool
}

// bufferedRecord is a record of the subscription that is not delivered yet.
type bufferedRecord struct {
	at               time.Time
	channel, payload string
}

// New returns a Filler in front of sink.
func New(sink ingest.Sink, o Options) *Filler {
	return &Filler{Options: o, sink: sink, seed: maphash.MakeSeed(), wake: make(chan struct{}, 1), check: make(chan struct{}, 1), lateUntil: make(map[uint64]time.Time)}
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

// Run fills gaps until ctx ends.
func (f *Filler) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.check:
			f.checkSuspects(ctx)
			continue
		case <-f.wake:
		}
		f.mu.Lock()
		round := f.round
		f.mu.Unlock()
		if !sleep(ctx, settleTime) {
			return
		}
		f.checkSuspects(ctx)
		list, err := f.read(ctx, f.reachesGap)
		f.OnRead(err)
		if err == nil && !sleep(ctx, settleTime) {
			return
		}
		f.fill(round, list, err)
	}
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

// read reads the newest payloads of the list, increasingly many until enough returns true or the limits are reached.
func (f *Filler) read(ctx context.Context, enough func(list []string) bool) ([]string, error) {
	for n := min(firstRead, f.Records); ; {
		list, err := f.Read(ctx, n)
		if err != nil {
			return nil, err
		}
		bytes := 0
		for _, payload := range list {
			bytes += len(payload)
		}
		if len(list) < n || n >= f.Records || bytes >= f.Bytes {
			return list, nil
		}
		if enough(list) {
			return list, nil
		}
		n = min(8*n, f.Records, max(n+1, f.Bytes/max(bytes/n, 1)))
	}
}

// reachesGap reports whether a list reaches back to before the gap.
func (f *Filler) reachesGap(list []string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.compareList(f.sums(list)).reaches
}

// checkSuspects delivers those suspects that are not late deliveries of recovered records. As a producer pushes before it
// publishes, the list then has more of the same payload than were delivered.
func (f *Filler) checkSuspects(ctx context.Context) {
	f.mu.Lock()
	suspects := f.suspects
	f.suspects = nil
	f.mu.Unlock()
	if len(suspects) == 0 {
		return
	}
	missing := make(map[uint64]int)
	for check := range maxChecks {
		if check > 0 && !sleep(ctx, settleTime) {
			break
		}
		undelivered, err := f.undelivered(ctx, suspects)
		if err != nil { // deliver all suspects: showing a record twice is better than losing one
			break
		}
		for sum, n := range undelivered {
			if check > 0 {
				n = min(n, missing[sum])
			}
			missing[sum] = n
		}
		if !slices.ContainsFunc(suspects, func(record bufferedRecord) bool { return missing[f.sum(record.payload)] > 0 }) {
			return
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, record := range suspects {
		sum := f.sum(record.payload)
		if n, known := missing[sum]; known && n == 0 {
			continue
		}
		missing[sum]--
		f.remember(sum)
		f.sink.Record(ingest.Record{At: record.at, Channel: record.channel, Payload: record.payload})
	}
}

// countUndelivered returns, for the payload of each suspect, how many more of it the list has than were delivered.
func (f *Filler) undelivered(ctx context.Context, suspects []bufferedRecord) (map[uint64]int, error) {
	f.mu.Lock()
	before := f.deliveredSums() // before reading, since a record that arrives meanwhile may not be in the list
	f.mu.Unlock()
	list, err := f.read(ctx, func(list []string) bool {
		i, _ := align(f.sums(list), before)
		return i >= 0 && !slices.ContainsFunc(suspects, func(record bufferedRecord) bool { return !slices.Contains(list[i:], record.payload) })
	})
	if err != nil {
		return nil, err
	}
	sums := f.sums(list)
	i, n := align(sums, before)
	inList, delivered := count(sums[max(i, 0):]), count(before[max(n, 0):])
	undelivered := make(map[uint64]int)
	for _, record := range suspects {
		sum := f.sum(record.payload)
		undelivered[sum] = max(inList[sum]-delivered[sum], 0)
	}
	return undelivered, nil
}

// fill delivers the missing payloads of the list and the buffered records, in the list's order. It ignores a list of an
// earlier round.
func (f *Filler) fill(round int, list []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	switch {
	case !f.buffering || f.round != round:
		return
	case err != nil:
		f.flush(now, "can't be read: "+err.Error())
		return
	}
	sums := f.sums(list)
	c := f.compareList(sums)
	reason := ""
	switch {
	case !c.reaches:
		reason = "does not reach back to before it"
	case !c.sure:
		reason = "has equal payloads that can't be distinguished"
	}
	var from time.Time
	if len(f.gaps) > 0 {
		from = f.gaps[0].From
	}
	if reason != "" {
		if n := len(c.missing); n > 0 {
			reason += fmt.Sprintf("; it filled in %d records", n)
		}
		f.reportGaps(now, reason)
	}
	deliverRecovered := func(i int) {
		f.sink.Record(ingest.Record{At: f.completeAt, Channel: f.Channel, Payload: list[i], Recovered: true, Since: from})
		f.remember(sums[i])
		f.OnRecovered()
	}
	listCounts, deliveredCounts := count(sums), count(f.deliveredSums())
	nextMissing := 0
	for n, record := range f.buffered {
		for ; nextMissing < len(c.missing) && c.missing[nextMissing] < c.at[n]; nextMissing++ {
			deliverRecovered(c.missing[nextMissing])
		}
		f.deliver(record.at, record.channel, record.payload)
	}
	maps.DeleteFunc(f.lateUntil, func(_ uint64, until time.Time) bool { return now.After(until) })
	for _, i := range c.missing[nextMissing:] {
		deliverRecovered(i)
		// If the payload repeats, a further one is more likely a new record.
		if listCounts[sums[i]] == 1 && deliveredCounts[sums[i]] == 0 {
			f.lateUntil[sums[i]] = now.Add(lateTime)
		}
	}
	f.buffered, f.gaps = nil, nil
	f.flush(now, "")
}

// compareList compares the sums of a list with the payloads that were received.
func (f *Filler) compareList(list []uint64) comparison {
	after := make([]uint64, len(f.buffered))
	for i, record := range f.buffered {
		after[i] = f.sum(record.payload)
	}
	return compare(list, f.deliveredSums(), after, f.full, f.interruptions == 1)
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

// deliver passes a record to the sink, unless it may be a recovered one.
func (f *Filler) deliver(at time.Time, channel, payload string) {
	sum := f.sum(payload)
	if len(f.lateUntil) > 0 {
		until, known := f.lateUntil[sum]
		if delete(f.lateUntil, sum); known && at.Before(until) {
			f.suspects = append(f.suspects, bufferedRecord{at, channel, payload})
			select {
			case f.check <- struct{}{}:
			default:
			}
			return
		}
	}
	f.remember(sum)
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
