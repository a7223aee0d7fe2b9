package ingest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/redisutil"
)

// observeAfter is how long the health waits for older records at most. Reading a million of them takes some seconds.
const observeAfter = 10 * time.Second

const (
	// observeMost is how many of the older records the health observes at most, the newest ones. That takes a second of CPU or two.
	observeMost = 200_000
	// observeWithin bounds how long that may take: in a flood, it would never catch up.
	observeWithin = time.Minute
)

// backlog has the state of reading older records, those that were in Redis before Elva started. They come newest first, while the health
// needs records in the order of time. So from BeginOlder until they are read, the health observes nothing. Then another one observes what
// the history holds, as if it had observed it when it happened, and the health continues with what that one has learned.
type backlog struct {
	begun, read chan struct{} // closed when the first source has begun, and when all have ended
	begin       sync.Once
	waiting     atomic.Bool // whether the health observes nothing; changes while mu is held

	mu      sync.Mutex
	sources int    // how many have not ended
	first   uint64 // the number before those that arrived before BeginOlder
}

// ExpectOlder reserves n numbers for older records from that many sources. It must be called before anything else.
func (in *Ingest) ExpectOlder(n, sources int) {
	in.older.begun, in.older.read, in.older.sources = make(chan struct{}), make(chan struct{}), sources
	in.History.Reserve(n)
}

// BeginOlder notes that a source begins to read older records. It is called before the source's first record.
func (in *Ingest) BeginOlder() {
	o := &in.older
	o.begin.Do(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		stats := in.History.Stats()
		if o.first = stats.Last; stats.First > 0 {
			o.first = stats.First - 1
		}
		o.waiting.Store(true)
		close(o.begun)
	})
}

// Older adds records that are older than all others, the oldest first. before has the last entries before them. Older reports whether there is
// room for more.
func (in *Ingest) Older(records []Record, before map[int]entry.Entry) bool {
	list := make([]history.Older, 0, len(records))
	for i := range records {
		p := &records[i]
		if in.Redact != nil {
			if p.Payload = in.redact(p.Payload); p.Payload == "" {
				in.dropped.Add(1)
				continue
			}
		}
		payloads := []string{p.Payload}
		if objects := record.Split(p.Payload); objects != nil && p.Stream == 0 {
			payloads = objects
		}
		from := history.Source{Channel: redisutil.ShowName(p.Channel), Stream: p.Stream, Entry: p.Entry}
		for _, payload := range payloads {
			r, at := record.Decode(payload), p.At
			if p.Recovered {
				at = r.ArrivalBetween(p.Since, at)
			}
			list = append(list, history.Older{At: at, From: from, Payload: payload, Record: r})
		}
	}
	return in.History.Prepend(list, before)
}

// EndOlder notes that a source has no more older records.
func (in *Ingest) EndOlder() {
	o := &in.older
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sources--; o.sources == 0 {
		in.History.EndOlder()
		close(o.read)
	}
}

// ObserveOlder waits until the older records are read, and then lets the health observe them and what has arrived meanwhile. It returns when
// that is done, or when ctx ends.
func (in *Ingest) ObserveOlder(ctx context.Context) {
	o := &in.older
	select {
	case <-ctx.Done():
		return
	case <-o.begun:
	}
	select {
	case <-ctx.Done():
		return
	case <-o.read:
	case <-time.After(observeAfter):
	}
	end := time.Now().Add(observeWithin)
	var past *health.Health
	seq := o.first - min(o.first, observeMost)
	for ctx.Err() == nil && time.Now().Before(end) && in.observe(&past, &seq) {
	}
	o.mu.Lock() // nothing is appended until the health observes it again
	defer o.mu.Unlock()
	for ctx.Err() == nil && time.Now().Before(end) && in.observe(&past, &seq) {
	}
	if past != nil {
		in.Health.Learn(past, time.Now())
	}
	o.waiting.Store(false)
}

// observe lets past observe some records with numbers above seq, and advances seq. It returns false if there are none.
func (in *Ingest) observe(past **health.Health, seq *uint64) bool {
	next := in.History.EachPayload(*seq, func(p history.Payload) {
		if *past == nil {
			*past = health.New(p.At)
		}
		r := record.Decode(string(p.Text))
		(*past).ObservePast(p.At, p.Channel, &r, p.Seq)
	})
	more := next > *seq
	*seq = next
	return more
}

// appendWaiting adds a record to the history alone, if the health is waiting. It reports whether it did.
func (in *Ingest) appendWaiting(at time.Time, from history.Source, payload string, r *record.Record) bool {
	o := &in.older
	if !o.waiting.Load() {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.waiting.Load() {
		return false
	}
	in.History.Append(at, from, payload, r)
	return true
}
